"""Whose order it is to see and to move: its buyer, its seller, its approver, its treasurer.

One person stands on one side of an order only (product.md, "Official orders"): whoever acted on it
in one role cannot act on it in another, under whichever number, placement or grant.
"""

from collections.abc import Collection
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.agencies.models import Agency
from storefront.core.errors import N_, NotAllowed
from storefront.core.permissions import (
    SYSTEM,
    Action,
    Actor,
    agency_scope,
    allows,
    shop_scope,
)
from storefront.orders.models import Order, OrderEvent
from storefront.quota.models import Fund
from storefront.sellers.models import SellerId, ShopStaff


class Party(StrEnum):
    BUYER = "buyer"
    APPROVER = "approver"
    SELLER = "seller"
    TREASURER = "treasurer"
    SYSTEM = "system"
    """The clock, the gateway, or what follows from an event by itself."""


class SamePersonTwice(NotAllowed):
    """The actor has another role on this very order already."""

    code = "same_person_twice"
    message = N_(
        "Anda sudah bertindak pada pesanan ini dalam peran lain. Mintalah rekan yang berwenang."
    )


class ShopOfOnesOwn(NotAllowed):
    """The actor belongs to the shop that would get the money."""

    code = "shop_of_ones_own"
    message = N_(
        "Anda pengelola toko %(seller_name)s, jadi tidak boleh membeli darinya, "
        "menyetujui, atau membayar pesanannya."
    )


def acting_as(session: Session, actor: Actor, order: Order, parties: Collection[Party]) -> Party:
    """The first of the parties that the actor is on an order, as nobody else on it.

    The caller holds the order's lock: who acted before is then known for good.
    Raises `NotAllowed`, `SamePersonTwice` or `ShopOfOnesOwn`.
    """
    party = next((p for p in parties if _is(session, actor, order, p)), None)
    if party is None:
        raise NotAllowed
    if party is Party.SYSTEM:
        return party
    if party is not Party.BUYER and actor.person_id == order.buyer_id:
        raise SamePersonTwice
    if order.event_count and _acted_as_another(session, actor, order, party):
        raise SamePersonTwice
    if party is not Party.SELLER and runs_shop(session, actor, order.seller_id):
        raise ShopOfOnesOwn(seller_name=order.seller_name)
    return party


def _acted_as_another(session: Session, actor: Actor, order: Order, party: Party) -> bool:
    acted = select(OrderEvent.id).where(
        OrderEvent.order_id == order.id,
        OrderEvent.person_id == actor.person_id,
        OrderEvent.role != party,
    )
    return session.scalar(acted.limit(1)) is not None


def runs_shop(session: Session, actor: Actor, seller_id: SellerId) -> bool:
    """Whether the person belongs to a shop, by its own table: a token may carry fewer grants."""
    staff = select(ShopStaff.id).where(
        ShopStaff.seller_id == seller_id,
        ShopStaff.person_id == actor.person_id,
        ShopStaff.ended_at.is_(None),
    )
    return session.scalar(staff) is not None


def may_see(session: Session, actor: Actor, order: Order) -> bool:
    """Whether the order exists for an actor. A personal one does for no agency and no auditor."""
    if actor.person_id in {order.buyer_id, SYSTEM.person_id}:
        return True
    if allows(actor, Action.MANAGE_SHOP, shop_scope(order.seller_id)):
        return has_reached_seller(order)
    return may_weigh(session, actor, order)


def may_weigh(session: Session, actor: Actor, order: Order) -> bool:
    """Whether an actor may see what an order does to its agency's budget and quota.

    Its buyer and its seller see the order itself, and no more, unless they work there as well.
    """
    if order.fund is not Fund.OFFICIAL:
        return False
    return allows(actor, Action.SEE_AGENCY_ORDERS, agency_scope(order.agency_code)) or _is(
        session, actor, order, Party.APPROVER
    )


def has_reached_seller(order: Order) -> bool:
    """A seller hears of an order once it is approved or paid."""
    return order.approved_at is not None or order.paid_at is not None


def _is(session: Session, actor: Actor, order: Order, party: Party) -> bool:
    if party is Party.SYSTEM:
        return actor.person_id == SYSTEM.person_id
    if party is Party.BUYER:
        return actor.person_id == order.buyer_id
    if party is Party.SELLER:
        return allows(actor, Action.MANAGE_SHOP, shop_scope(order.seller_id))
    if order.fund is not Fund.OFFICIAL:
        return False
    if party is Party.TREASURER:
        return allows(actor, Action.PAY, agency_scope(order.agency_code))
    code = session.scalar(select(Agency.code).where(Agency.id == order.approval_agency_id))
    return code is not None and allows(actor, Action.APPROVE, agency_scope(code))
