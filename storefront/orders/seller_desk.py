"""What waits for a shop, the nearest delivery day first, and where its orders go."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from storefront.core.permissions import Action, Actor, require, shop_scope
from storefront.orders.models import Order, OrderPeople, PickupPoint
from storefront.orders.queries import rows_of
from storefront.orders.rows import OrderRow
from storefront.orders.stages import Stage, is_at
from storefront.sellers.models import SellerId

MOST_SHOWN = 8


@dataclass(frozen=True)
class Handover:
    """Where an order's goods go, and since when its seller has had it."""

    address: str
    outlet_name: str | None
    since: datetime


def waiting_orders(session: Session, actor: Actor, seller_id: SellerId) -> Sequence[OrderRow]:
    """The first orders that the shop must answer or send, by their delivery day. Two queries.

    Raises `NotAllowed`.
    """
    require(actor, Action.MANAGE_SHOP, shop_scope(seller_id))
    query = (
        select(Order)
        .where(
            Order.seller_id == seller_id,
            Order.approved_at.is_not(None) | Order.paid_at.is_not(None),
            or_(is_at(Stage.TO_ANSWER), is_at(Stage.TO_SHIP)),
        )
        .options(joinedload(Order.people), joinedload(Order.purchase))
        .order_by(Order.deliver_on.is_(None), Order.deliver_on, Order.id)
        .limit(MOST_SHOWN)
    )
    return rows_of(session, session.scalars(query).all())


def handovers(session: Session, rows: Sequence[OrderRow]) -> dict[str, Handover]:
    """Of a shop's own orders, by number. One query; the rows are what the shop was shown."""
    query = (
        select(
            Order.number,
            OrderPeople.address,
            PickupPoint.name,
            Order.approved_at,
            Order.paid_at,
            Order.placed_at,
        )
        .join(OrderPeople, OrderPeople.order_id == Order.id)
        .outerjoin(PickupPoint, PickupPoint.code == Order.outlet_code)
        .where(Order.number.in_([row.number for row in rows]))
    )
    return {
        number: Handover(address, outlet, approved_at or paid_at or placed_at)
        for number, address, outlet, approved_at, paid_at, placed_at in session.execute(query)
    }
