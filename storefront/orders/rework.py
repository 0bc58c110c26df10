"""Once more: a request that was sent back is put right, and what is over is ordered again.

Its goods go back into the buyer's cart. The next order is a new one, with its own placement,
prices and approver; a request is never changed under the eyes of who decides on it.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from storefront.catalog.models import VariantId
from storefront.core.errors import N_, DomainError, NotFound
from storefront.core.permissions import Actor
from storefront.orders.cart import CartOwner, locked_cart, refill
from storefront.orders.checkout_request import CheckoutRequest, Wishes
from storefront.orders.lifecycle import apply, locked
from storefront.orders.models import Delivery, Order, OrderStatus
from storefront.orders.transitions import IllegalTransition
from storefront.orders.words import Event, state_word

OVER = frozenset(
    {
        OrderStatus.COMPLETED,
        OrderStatus.REJECTED,
        OrderStatus.DECLINED,
        OrderStatus.CANCELLED,
        OrderStatus.EXPIRED,
    }
)
ONCE_MORE = OVER | {OrderStatus.DRAFT}
"""What can be brought back into the cart."""

REASON = N_("diperbaiki dan diajukan lagi")
ACT = N_("dipesan lagi")


class NothingLeftOfIt(DomainError):
    """Not one piece can be had; a request that was sent back stays as it is."""

    code = "nothing_left_of_it"
    message = N_("Tidak satu pun barangnya dapat dibeli sekarang. Cari gantinya di katalog.")


@dataclass(frozen=True)
class Missing:
    """Of `wanted` pieces the cart holds only `held`."""

    name: str
    wanted: int
    held: int


def rework(session: Session, actor: Actor, number: str, *, now: datetime) -> tuple[Missing, ...]:
    """Put an order's goods back into its buyer's cart; return what is not there as it was ordered.

    A request that was sent back is cancelled by it; what is over stays what it is. Raises
    `NotFound` (also for another's order), `IllegalTransition` for one that is under way, or
    `NothingLeftOfIt`.
    """
    owner = CartOwner(person_id=actor.person_id)
    locked_cart(session, owner)  # before the order (docs/architecture.md, "Locks")
    order = locked(session, actor, number)
    if order.buyer_id != actor.person_id:
        raise NotFound
    if order.status not in ONCE_MORE:
        raise IllegalTransition(number=number, state_word=state_word(order), act_word=ACT)
    pieces: dict[VariantId, int] = {}
    for line in order.lines:
        pieces[line.variant_id] = pieces.get(line.variant_id, 0) + line.quantity
    held = refill(session, owner, pieces, now=now)
    if not any(held.values()):
        raise NothingLeftOfIt
    if order.status is OrderStatus.DRAFT:
        apply(session, actor, order, Event.CANCEL, reason=REASON, now=now)
    names = {
        line.variant_id: ", ".join(filter(None, (line.product_name, line.variant_name)))
        for line in order.lines
    }
    return tuple(
        Missing(names[variant_id], wanted, held[variant_id])
        for variant_id, wanted in pieces.items()
        if held[variant_id] < wanted
    )


def as_before(session: Session, actor: Actor, number: str) -> CheckoutRequest | None:
    """What an order of the actor's own was asked for with; None if there is no such order.

    Its day may be over, and its note was for that day: both are left out.
    """
    order = session.scalar(
        select(Order)
        .where(Order.number == number, Order.buyer_id == actor.person_id)
        .options(joinedload(Order.people))
    )
    if order is None:
        return None
    return CheckoutRequest(
        fund=order.fund,
        purpose=order.purpose,
        exception_reason=order.exception_reason,
        activity_code=order.activity_code,
        address=order.people.address if order.delivery is Delivery.HOME else "",
        for_all=Wishes(delivery=order.delivery, outlet_code=order.outlet_code),
        by_seller={order.seller_id: Wishes(expense_account=order.expense_account or None)},
    )
