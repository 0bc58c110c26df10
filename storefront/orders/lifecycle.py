"""Moving an order: who acts is asked, the tables say whereto, and all that follows happens.

Nothing else assigns an order's statuses (`transitions.py` holds the tables).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.orm.attributes import instance_state, set_committed_value

from storefront.core.calendar import city_day
from storefront.core.errors import N_, DomainError, NotFound
from storefront.core.permissions import SYSTEM, Actor
from storefront.orders import effects, parties
from storefront.orders.accounting import settle_order
from storefront.orders.models import (
    FulfilmentStatus,
    Order,
    OrderEvent,
    OrderLine,
    OrderStatus,
    PaymentStatus,
)
from storefront.orders.parties import Party
from storefront.orders.transitions import WHO, Statuses, after, may_happen
from storefront.orders.words import Event
from storefront.quota.models import Fund
from storefront.sellers.models import SellerClass

MOST_REASON = 500


class ReasonNeeded(DomainError):
    code = "reason_needed"
    message = N_("Tuliskan alasannya, supaya yang menerima kabar ini tahu harus berbuat apa.")
    field = "reason"


class ReasonTooLong(DomainError):
    code = "reason_too_long"
    message = N_("Alasan paling panjang %(most)s huruf.")
    field = "reason"


FIRST: Mapping[Fund, Statuses] = {
    Fund.OFFICIAL: Statuses(OrderStatus.SUBMITTED, PaymentStatus.UNPAID, FulfilmentStatus.WAITING),
    Fund.PERSONAL: Statuses(OrderStatus.PLACED, PaymentStatus.PENDING, FulfilmentStatus.WAITING),
}
"""As what an order is added."""

REASON_NEEDED = frozenset({Event.REJECT, Event.SEND_BACK, Event.DECLINE})


def begin(session: Session, actor: Actor, order: Order, *, now: datetime) -> OrderEvent:
    """Write the first event of an order that was just added in the statuses of `FIRST`.

    Its stock is taken by then. Tells the approvers of an official one. Raises `ShopOfOnesOwn`.
    """
    event = Event.SUBMIT if order.fund is Fund.OFFICIAL else Event.PLACE
    session.flush()  # the order's id
    party = parties.acting_as(session, actor, order, WHO[event])
    row = _note(session, actor, party, order, event, now, reason="")
    effects.tell(session, order, [event], now=now)
    return row


def apply(
    session: Session,
    actor: Actor,
    order: Order,
    event: Event,
    *,
    now: datetime,
    reason: str = "",
    occurred_on: date | None = None,
) -> OrderEvent:
    """Let an event happen to an order, with all that follows from it; return its row.

    The caller holds the order's lock (`locked`), and has changed what the event is about: pieces,
    amounts, names. Stock goes back, counters and ledger follow, others are told, and an order that
    is received and paid is completed. `occurred_on` is the day of the fact, by default today's.
    Raises `IllegalTransition`, `NotAllowed`, `SamePersonTwice`, `ShopOfOnesOwn`, `ReasonNeeded`,
    `ReasonTooLong`, and what `settle_order` raises.
    """
    (row,) = apply_to_all(
        session, actor, [order], event, now=now, reason=reason, occurred_on=occurred_on
    )
    return row


def apply_to_all(
    session: Session,
    actor: Actor,
    orders: Sequence[Order],
    event: Event,
    *,
    now: datetime,
    reason: str = "",
    occurred_on: date | None = None,
) -> list[OrderEvent]:
    """The same event for orders that are locked together; return its rows.

    Kind by kind, so that the locks of several orders are taken in the house's order, too.
    """
    reason = _checked(event, reason)
    on_the_way = [order for order in orders if order.received_at is None]
    rows = [_happen(session, actor, order, event, now, reason) for order in orders]
    effects.return_stock(session, actor, orders, event, now=now)
    effects.greet_shops(session, orders, event, now=now)
    effects.count_sales(session, [order for order in on_the_way if order.received_at is not None])
    for order, happened in sorted(zip(orders, rows, strict=True), key=_by_account):
        settle_order(
            session,
            actor,
            order,
            cause=f"{event} {happened[0].seq}",
            occurred_on=occurred_on or city_day(now),
            now=now,
        )
    for order, happened in zip(orders, rows, strict=True):
        effects.tell(session, order, [Event(row.event) for row in happened], now=now)
    return [happened[0] for happened in rows]


def locked(session: Session, actor: Actor, number: str) -> Order:
    """An order with its lines, as it is now that nobody else can move it.

    Raises `NotFound`, also for one that the actor may not see.
    """
    query = (
        select(Order)
        .where(Order.number == number)
        .options(selectinload(Order.lines))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    order = session.scalar(query)
    if order is None or not parties.may_see(session, actor, order):
        raise NotFound
    return order


def _happen(
    session: Session, actor: Actor, order: Order, event: Event, now: datetime, reason: str
) -> list[OrderEvent]:
    """Move one order, and complete it where that was the last that was missing."""
    party = parties.acting_as(session, actor, order, WHO[event])
    _load_lines(session, order)
    rows = [_step(session, actor, party, order, event, now, reason)]
    effects.note_time(order, event, now=now)
    if may_happen(order, Event.COMPLETE):
        rows.append(_step(session, SYSTEM, Party.SYSTEM, order, Event.COMPLETE, now, reason=""))
    return rows


def _by_account(pair: tuple[Order, list[OrderEvent]]) -> tuple[str, int, Fund, SellerClass]:
    order = pair[0]
    return order.agency_code, order.budget_year, order.fund, order.seller_class


def _step(
    session: Session,
    actor: Actor,
    party: Party,
    order: Order,
    event: Event,
    now: datetime,
    reason: str,
) -> OrderEvent:
    order.status, order.payment_status, order.fulfilment_status = after(order, event)
    return _note(session, actor, party, order, event, now, reason)


def _note(
    session: Session,
    actor: Actor,
    party: Party,
    order: Order,
    event: Event,
    now: datetime,
    reason: str,
) -> OrderEvent:
    order.event_count = (order.event_count or 0) + 1
    row = OrderEvent(
        order_id=order.id,
        seq=order.event_count,
        event=event,
        person_id=actor.person_id,
        role=party,
        at=now,
        reason=reason,
        status=order.status,
        payment_status=order.payment_status,
        fulfilment_status=order.fulfilment_status,
    )
    session.add(row)
    session.flush()
    return row


def _checked(event: Event, reason: str) -> str:
    reason = " ".join(reason.split())
    if event in REASON_NEEDED and not reason:
        raise ReasonNeeded
    if len(reason) > MOST_REASON:
        raise ReasonTooLong(most=MOST_REASON)
    return reason


def _load_lines(session: Session, order: Order) -> None:
    """The lines, for callers that locked the order without them."""
    if "lines" in instance_state(order).unloaded:
        lines = select(OrderLine).filter_by(order_id=order.id).order_by(OrderLine.position)
        set_committed_value(order, "lines", list(session.scalars(lines)))
