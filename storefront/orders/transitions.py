"""The three machines: from where an event leads an order where, by whom, and if what is so.

`status` says where it stands with those who decide, `payment_status` and `fulfilment_status` with
money and goods (contract.md, "Statuses"). One table each; `lifecycle.py` moves orders by them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from storefront.core.errors import N_, Conflict
from storefront.orders.accounting import figures_of, in_total
from storefront.orders.models import (
    FulfilmentStatus,
    Order,
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


class IllegalTransition(Conflict):
    """The order has moved on, or is not there yet."""

    code = "illegal_transition"
    message = N_("Pesanan %(number)s %(state_word)s, jadi tidak dapat %(act_word)s.")


class Statuses(NamedTuple):
    """An order's three statuses."""

    status: OrderStatus
    payment_status: PaymentStatus
    fulfilment_status: FulfilmentStatus


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
    Event.CANCEL: (Party.BUYER, Party.SYSTEM),
    Event.CLOSE_REST: (Party.BUYER, Party.SELLER, Party.SYSTEM),
    Event.TAKE_BACK: (Party.SELLER,),
    Event.PAY: (Party.TREASURER,),
    Event.REFUND: (Party.SYSTEM,),
    Event.REFUND_FAILED: (Party.SYSTEM,),
    Event.CARRY: (Party.SYSTEM,),
    Event.TAKE_LINE: (Party.SYSTEM,),
    Event.COMPLETE: (Party.SYSTEM,),
}
"""Whose word it is. The system cancels and closes only at the end of a year (`year_end.py`)."""


def _always(_order: Order) -> bool:
    return True


def _official(order: Order) -> bool:
    return order.fund is Fund.OFFICIAL


def _personal(order: Order) -> bool:
    return order.fund is Fund.PERSONAL


def _waits(order: Order) -> bool:
    return order.waits_for is not None


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


def _some_to_ship(order: Order) -> bool:
    return any(line.shipped_quantity < _due(line) for line in order.lines)


def _some_to_receive(order: Order) -> bool:
    return any(line.received_quantity < line.shipped_quantity for line in order.lines)


def _some_to_take_back(order: Order) -> bool:
    return any(line.returned_quantity < line.received_quantity for line in order.lines)


def _some_to_pay(order: Order) -> bool:
    return order.paid_amount < in_total(order, figures_of(order).accepted)


def _nothing_paid(order: Order) -> bool:
    return order.paid_amount == 0


def _nothing_refunded(order: Order) -> bool:
    return order.refunded_amount == 0


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
    _by(Event.CLOSE_REST, UNDER_WAY, S.CANCELLED, when=_all_taken_back),
    _by(Event.CLOSE_REST, UNDER_WAY),
    _by(Event.TAKE_BACK, {S.COMPLETED}),
    _by(Event.TAKE_BACK, UNDER_WAY, S.CANCELLED, when=_all_taken_back),
    _by(Event.TAKE_BACK, UNDER_WAY),
    _by(Event.PAY, {S.APPROVED}),
    _by(Event.REFUND, set(S)),
    _by(Event.REFUND_FAILED, set(S)),
    _by(Event.CARRY, {S.APPROVED}, when=_official),
    _by(Event.TAKE_LINE, {S.APPROVED}, when=_waits),
    _by(Event.COMPLETE, UNDER_WAY, S.COMPLETED),
)

AFTER_REFUND = {P.PARTIALLY_REFUNDED, P.REFUNDED}

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
    _by(Event.REFUND_FAILED, AFTER_REFUND, P.PAID, when=_nothing_refunded),
    _by(Event.REFUND_FAILED, AFTER_REFUND, P.PARTIALLY_REFUNDED),
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
    _by(Event.CLOSE_REST, PARTLY_HERE, F.RETURNED, when=_all_taken_back),
    _by(Event.CLOSE_REST, PARTLY_HERE, F.RECEIVED, when=_all_received),
    _by(Event.CLOSE_REST, PARTLY_HERE, F.SHIPPED, when=_none_received),
    _by(Event.CLOSE_REST, PARTLY_HERE),
    _by(Event.TAKE_BACK, {F.RECEIVED, F.PARTIALLY_RECEIVED}, F.RETURNED, when=_all_taken_back),
    _by(Event.TAKE_BACK, {F.RECEIVED, F.PARTIALLY_RECEIVED}),
    _by(Event.PAY, {F.PARTIALLY_RECEIVED, F.RECEIVED}),
    _by(Event.COMPLETE, {F.RECEIVED}),
)


HAS_OBJECT: Mapping[Event, Guard] = {
    Event.SHIP: _some_to_ship,
    Event.RECEIVE: _some_to_receive,
    Event.CLOSE_REST: _some_to_ship,
    Event.TAKE_BACK: _some_to_take_back,
    Event.PAY: _some_to_pay,
}
"""What there must still be something of; the verbs say how much."""


def allowed_events(order: Order, party: Party) -> list[Event]:
    """What a party could do to an order as it stands. Its lines are loaded."""
    return [
        event
        for event in Event
        if party in WHO[event]
        and may_happen(order, event)
        and HAS_OBJECT.get(event, _always)(order)
    ]


def check(order: Order, event: Event) -> None:
    """Raise `IllegalTransition` unless an event could happen to an order now."""
    after(order, event)


def may_happen(order: Order, event: Event) -> bool:
    try:
        check(order, event)
    except IllegalTransition:
        return False
    return True


def after(order: Order, event: Event) -> Statuses:
    """What the order is after an event, or `IllegalTransition`."""
    return Statuses(
        _next(STATUS, order.status, order, event),
        _next(PAYMENT, order.payment_status, order, event),
        _next(FULFILMENT, order.fulfilment_status, order, event),
    )


def _next(table: tuple[Move[Status], ...], present: Status, order: Order, event: Event) -> Status:
    """By the first move that fits. Of money and goods an event need not say anything."""
    moves = [move for move in table if move.event is event]
    for move in moves:
        if present in move.before and move.when(order):
            return present if move.after is None else move.after
    if moves or isinstance(present, OrderStatus):
        raise IllegalTransition(
            number=order.number, state_word=state_word(order), act_word=DONE[event]
        )
    return present
