"""What may happen to an order, and what it then is: three machines, each one table.

`status` says where it stands with those who decide, `payment_status` and `fulfilment_status` with
money and goods (contract.md, "Statuses"). Nothing else assigns them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, NamedTuple, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.orm.attributes import instance_state, set_committed_value

from storefront.core.calendar import city_day
from storefront.core.errors import N_, Conflict, DomainError, NotFound
from storefront.core.permissions import SYSTEM, Actor
from storefront.orders import effects, parties
from storefront.orders.accounting import figures_of, in_total, settle_order
from storefront.orders.models import (
    FulfilmentStatus,
    Order,
    OrderEvent,
    OrderLine,
    OrderStatus,
    PaymentStatus,
)
from storefront.orders.parties import Party
from storefront.orders.words import DONE, Event, state_word
from storefront.quota.models import Fund

S = OrderStatus
P = PaymentStatus
F = FulfilmentStatus
Status = TypeVar("Status", OrderStatus, PaymentStatus, FulfilmentStatus)
Guard = Callable[[Order], bool]

MOST_REASON = 500


class IllegalTransition(Conflict):
    """The order has moved on, or is not there yet."""

    code = "illegal_transition"
    message = N_("Pesanan %(number)s %(state_word)s, jadi tidak dapat %(act_word)s.")


class ReasonNeeded(DomainError):
    code = "reason_needed"
    message = N_("Tuliskan alasannya, supaya yang menerima kabar ini tahu harus berbuat apa.")
    field = "reason"


class ReasonTooLong(DomainError):
    code = "reason_too_long"
    message = N_("Alasan paling panjang %(most)s huruf.")
    field = "reason"


class Statuses(NamedTuple):
    """An order's three statuses."""

    status: OrderStatus
    payment_status: PaymentStatus
    fulfilment_status: FulfilmentStatus


FIRST: Mapping[Fund, Statuses] = {
    Fund.OFFICIAL: Statuses(S.SUBMITTED, P.UNPAID, F.WAITING),
    Fund.PERSONAL: Statuses(S.PLACED, P.PENDING, F.WAITING),
}
"""As what an order is added."""

WHO: Mapping[Event, tuple[Party, ...]] = {
    Event.SUBMIT: (Party.BUYER,),
    Event.PLACE: (Party.BUYER,),
    Event.APPROVE: (Party.APPROVER,),
    Event.REJECT: (Party.APPROVER,),
    Event.SEND_BACK: (Party.APPROVER,),
    Event.SETTLE_PAYMENT: (Party.SYSTEM,),
    Event.EXPIRE: (Party.SYSTEM,),
    Event.ACCEPT: (Party.SELLER,),
    Event.DECLINE: (Party.SELLER,),
    Event.SHIP: (Party.SELLER,),
    Event.RECEIVE: (Party.BUYER, Party.SYSTEM),
    Event.CANCEL: (Party.BUYER,),
    Event.CLOSE_REST: (Party.BUYER, Party.SELLER),
    Event.TAKE_BACK: (Party.SELLER,),
    Event.PAY: (Party.TREASURER,),
    Event.REFUND: (Party.SYSTEM,),
    Event.COMPLETE: (Party.SYSTEM,),
}
REASON_NEEDED = frozenset({Event.REJECT, Event.SEND_BACK, Event.DECLINE})


def _always(_order: Order) -> bool:
    return True


def _official(order: Order) -> bool:
    return order.fund is Fund.OFFICIAL


def _personal(order: Order) -> bool:
    return order.fund is Fund.PERSONAL


def _all_shipped(order: Order) -> bool:
    return all(line.shipped_quantity == _due(line) for line in order.lines)


def _all_received(order: Order) -> bool:
    return all(line.received_quantity == _due(line) for line in order.lines)


def _none_received(order: Order) -> bool:
    return all(line.received_quantity == 0 for line in order.lines)


def _all_taken_back(order: Order) -> bool:
    return all(line.returned_quantity == _due(line) for line in order.lines)


def _due(line: OrderLine) -> int:
    return line.quantity - line.cancelled_quantity


def _paid_in_full(order: Order) -> bool:
    return 0 < in_total(order, figures_of(order).agreed) <= order.paid_amount


def _nothing_paid(order: Order) -> bool:
    return order.paid_amount == 0


@dataclass(frozen=True)
class Move(Generic[Status]):
    """By an event from one of several statuses into one (None: it stays), if the guard says so."""

    event: Event
    before: frozenset[Status]
    after: Status | None = None
    when: Guard = _always


def _by(
    event: Event, before: set[Status], after: Status | None = None, when: Guard = _always
) -> Move[Status]:
    return Move(event, frozenset(before), after, when)


UNDER_WAY = {S.APPROVED, S.PLACED}

STATUS: tuple[Move[OrderStatus], ...] = (
    _by(Event.SUBMIT, {S.DRAFT}, S.SUBMITTED),
    _by(Event.APPROVE, {S.SUBMITTED}, S.APPROVED),
    _by(Event.REJECT, {S.SUBMITTED}, S.REJECTED),
    _by(Event.SEND_BACK, {S.SUBMITTED}, S.DRAFT),
    # Money that came is a fact, also for an order that is over: it then goes back.
    _by(Event.SETTLE_PAYMENT, {S.PLACED, S.CANCELLED, S.EXPIRED}),
    _by(Event.EXPIRE, {S.SUBMITTED, S.PLACED}, S.EXPIRED),
    _by(Event.EXPIRE, {S.CANCELLED}, when=_personal),
    _by(Event.ACCEPT, UNDER_WAY),
    _by(Event.DECLINE, UNDER_WAY, S.DECLINED),
    _by(Event.SHIP, UNDER_WAY),
    _by(Event.RECEIVE, UNDER_WAY),
    _by(Event.CANCEL, {S.DRAFT, S.SUBMITTED} | UNDER_WAY, S.CANCELLED),
    _by(Event.CLOSE_REST, UNDER_WAY),
    _by(Event.TAKE_BACK, {S.COMPLETED}),
    _by(Event.TAKE_BACK, UNDER_WAY, S.CANCELLED, when=_all_taken_back),
    _by(Event.TAKE_BACK, UNDER_WAY),
    _by(Event.PAY, {S.APPROVED}),
    _by(Event.REFUND, set(S)),
    _by(Event.COMPLETE, UNDER_WAY, S.COMPLETED),
)

PAYMENT: tuple[Move[PaymentStatus], ...] = (
    _by(Event.SETTLE_PAYMENT, {P.PENDING, P.UNPAID}, P.PAID, when=_personal),
    _by(Event.EXPIRE, {P.PENDING}, P.UNPAID, when=_personal),
    _by(Event.EXPIRE, {P.UNPAID}, when=_official),
    _by(Event.ACCEPT, {P.UNPAID}, when=_official),
    _by(Event.ACCEPT, {P.PAID, P.PARTIALLY_REFUNDED}, when=_personal),
    _by(Event.DECLINE, {P.UNPAID}, when=_official),
    _by(Event.DECLINE, {P.PAID, P.PARTIALLY_REFUNDED, P.REFUNDED}, when=_personal),
    _by(Event.SHIP, {P.UNPAID, P.PARTIALLY_PAID}, when=_official),
    _by(Event.SHIP, {P.PAID, P.PARTIALLY_REFUNDED}, when=_personal),
    _by(Event.CLOSE_REST, {P.PARTIALLY_PAID}, P.PAID, when=_paid_in_full),
    _by(Event.CLOSE_REST, set(P)),
    _by(Event.TAKE_BACK, {P.PARTIALLY_PAID}, P.PAID, when=_paid_in_full),
    _by(Event.TAKE_BACK, set(P)),
    _by(Event.PAY, {P.UNPAID, P.PARTIALLY_PAID}, P.PAID, when=_paid_in_full),
    _by(Event.PAY, {P.UNPAID, P.PARTIALLY_PAID}, P.PARTIALLY_PAID),
    _by(Event.REFUND, {P.PAID, P.PARTIALLY_REFUNDED}, P.REFUNDED, when=_nothing_paid),
    _by(Event.REFUND, {P.PAID, P.PARTIALLY_REFUNDED}, P.PARTIALLY_REFUNDED),
    _by(Event.COMPLETE, {P.PAID, P.PARTIALLY_REFUNDED}, when=_paid_in_full),
)

BEFORE_SHIPPING = {F.WAITING, F.ACCEPTED}
PARTLY_HERE = {F.PARTIALLY_SHIPPED, F.PARTIALLY_RECEIVED}

FULFILMENT: tuple[Move[FulfilmentStatus], ...] = (
    _by(Event.ACCEPT, {F.WAITING}, F.ACCEPTED),
    _by(Event.DECLINE, BEFORE_SHIPPING),
    _by(Event.CANCEL, BEFORE_SHIPPING),
    _by(Event.SHIP, {F.PARTIALLY_RECEIVED}),
    _by(Event.SHIP, {F.ACCEPTED, F.PARTIALLY_SHIPPED}, F.SHIPPED, when=_all_shipped),
    _by(Event.SHIP, {F.ACCEPTED, F.PARTIALLY_SHIPPED}, F.PARTIALLY_SHIPPED),
    _by(Event.RECEIVE, PARTLY_HERE | {F.SHIPPED}, F.RECEIVED, when=_all_received),
    _by(Event.RECEIVE, PARTLY_HERE | {F.SHIPPED}, F.PARTIALLY_RECEIVED),
    _by(Event.CLOSE_REST, PARTLY_HERE, F.RECEIVED, when=_all_received),
    _by(Event.CLOSE_REST, PARTLY_HERE, F.SHIPPED, when=_none_received),
    _by(Event.CLOSE_REST, PARTLY_HERE),
    _by(Event.TAKE_BACK, {F.RECEIVED, F.PARTIALLY_RECEIVED}, F.RETURNED, when=_all_taken_back),
    _by(Event.TAKE_BACK, {F.RECEIVED, F.PARTIALLY_RECEIVED}),
    _by(Event.PAY, PARTLY_HERE | {F.RECEIVED}),
    _by(Event.COMPLETE, {F.RECEIVED}),
)


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
    party = parties.acting_as(session, actor, order, WHO[event])
    _load_lines(session, order)
    reason = _checked(event, reason)
    row = _step(session, actor, party, order, event, now, reason)
    effects.note_time(order, event, now=now)
    events = [event]
    if _may(order, Event.COMPLETE):
        _step(session, SYSTEM, Party.SYSTEM, order, Event.COMPLETE, now, reason="")
        events.append(Event.COMPLETE)
    effects.return_stock(session, actor, order, event, now=now)
    settle_order(
        session,
        actor,
        order,
        cause=f"{event} {row.seq}",
        occurred_on=occurred_on or city_day(now),
        now=now,
    )
    effects.tell(session, order, events, now=now)
    return row


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


def allowed_events(order: Order, party: Party) -> list[Event]:
    """What a party could do to an order as it stands. Its lines are loaded."""
    return [event for event in Event if party in WHO[event] and _may(order, event)]


def _may(order: Order, event: Event) -> bool:
    try:
        _after(order, event)
    except IllegalTransition:
        return False
    return True


def _after(order: Order, event: Event) -> Statuses:
    """What the order is after an event, or `IllegalTransition`."""
    return Statuses(
        _next(STATUS, order.status, order, event),
        _next(PAYMENT, order.payment_status, order, event),
        _next(FULFILMENT, order.fulfilment_status, order, event),
    )


def _next(table: tuple[Move[Status], ...], now: Status, order: Order, event: Event) -> Status:
    """By the first move that fits. An event of which a table says nothing leaves its status."""
    moves = [move for move in table if move.event is event]
    for move in moves:
        if now in move.before and move.when(order):
            return now if move.after is None else move.after
    if moves:
        raise IllegalTransition(
            number=order.number, state_word=state_word(order), act_word=DONE[event]
        )
    return now


def _step(
    session: Session,
    actor: Actor,
    party: Party,
    order: Order,
    event: Event,
    now: datetime,
    reason: str,
) -> OrderEvent:
    order.status, order.payment_status, order.fulfilment_status = _after(order, event)
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
