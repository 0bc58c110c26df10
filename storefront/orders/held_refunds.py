"""Refunds that were made at the gateway for a purchase of several orders: whose money is it?"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.core.permissions import CITY, Action, Actor, require
from storefront.orders.models import Order, Purchase
from storefront.payments.models import RefundId
from storefront.payments.queries import refunds_on_hold
from storefront.sellers.models import Seller


@dataclass(frozen=True)
class OrderInHold:
    """An order of the purchase: whose, and how many rupiah of its buyer it still has.

    Nothing of what was bought: the city needs no more than this to divide the sum.
    """

    number: str
    shop_name: str
    paid_amount: int


@dataclass(frozen=True)
class HeldRefund:
    """A refund that waits, and the orders that it may belong to."""

    refund_id: RefundId
    purchase_number: str
    amount: int
    made_at: datetime
    is_overdue: bool
    """Waits longer than seven days: from then on reconciliation calls it a breach."""
    orders: tuple[OrderInHold, ...]


def held_refunds(session: Session, actor: Actor, *, now: datetime) -> list[HeldRefund]:
    """What waits, the oldest first. Two queries. Raises `NotAllowed`."""
    require(actor, Action.ALLOCATE_REFUND, CITY)
    holds = refunds_on_hold(session)
    orders: dict[str, list[OrderInHold]] = defaultdict(list)
    query = (
        select(Purchase.number, Order.number, Seller.name, Order.paid_amount)
        .join(Order, Order.purchase_id == Purchase.id)
        .join(Seller, Seller.id == Order.seller_id)
        .where(Purchase.number.in_({hold.payment.reference for hold in holds}))
        .order_by(Order.id)
    )
    for purchase, number, name, paid_amount in session.execute(query):
        orders[purchase].append(OrderInHold(number, name, paid_amount))
    return [
        HeldRefund(
            refund_id=hold.refund.id,
            purchase_number=hold.payment.reference,
            amount=hold.refund.amount,
            made_at=hold.refund.created_at,
            is_overdue=hold.is_overdue(now),
            orders=tuple(orders[hold.payment.reference]),
        )
        for hold in holds
    ]
