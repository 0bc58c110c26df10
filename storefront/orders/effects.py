"""What follows from an order's events by themselves: instants, stock, and who is told."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from storefront.catalog import capacity, stock
from storefront.catalog.models import VariantId
from storefront.core import outbox
from storefront.core.permissions import Actor
from storefront.orders.accounting import owed_back
from storefront.orders.models import (
    FulfilmentStatus,
    Order,
    OrderLine,
    OrderStatus,
    PaymentStatus,
)
from storefront.orders.words import Event
from storefront.quota.models import Fund

RECEIVED_AFTER = timedelta(days=7)
"""A shipped personal order then counts as received (product.md, "Personal orders")."""

GIVES_STOCK_BACK = frozenset(
    {Event.REJECT, Event.SEND_BACK, Event.DECLINE, Event.CANCEL, Event.EXPIRE, Event.SETTLE_PAYMENT}
)
ENDED = frozenset(
    {
        OrderStatus.DRAFT,
        OrderStatus.REJECTED,
        OrderStatus.DECLINED,
        OrderStatus.CANCELLED,
        OrderStatus.EXPIRED,
    }
)
"""Statuses in which nothing will be shipped."""

TOPICS: Mapping[Event, str] = {
    Event.SUBMIT: "approval_requested",
    Event.APPROVE: "order_approved",
    Event.REJECT: "order_rejected",
    Event.SEND_BACK: "order_sent_back",
    Event.EXPIRE: "order_expired",
    Event.ACCEPT: "order_accepted",
    Event.DECLINE: "order_declined",
    Event.SHIP: "order_shipped",
    Event.RECEIVE: "order_received",
    Event.CANCEL: "order_cancelled",
    Event.PAY: "order_paid",
    Event.REFUND: "order_refunded",
    Event.COMPLETE: "order_completed",
}
REFUND_DUE = "refund_due"
OWES_REFUND = frozenset(
    {
        Event.SETTLE_PAYMENT,
        Event.DECLINE,
        Event.CANCEL,
        Event.CLOSE_REST,
        Event.TAKE_BACK,
        Event.REFUND_FAILED,
    }
)


def note_time(order: Order, event: Event, *, now: datetime) -> None:
    """Keep when the things happened that others read off the order."""
    if event is Event.SETTLE_PAYMENT:
        order.paid_amount, order.paid_at = order.total_amount, now
    elif event is Event.APPROVE:
        order.approved_at = now
    elif event is Event.ACCEPT:
        order.accepted_at = now
    elif event is Event.SHIP:
        order.shipped_at = now
        if order.fund is Fund.PERSONAL:
            order.receive_by, order.reminded_at = now + RECEIVED_AFTER, None
    if order.fulfilment_status is FulfilmentStatus.RECEIVED and order.received_at is None:
        order.received_at = now


def return_stock(
    session: Session, actor: Actor, order: Order, event: Event, *, now: datetime
) -> None:
    """Give back what an order that is over holds, once.

    While its payment may still come, the pieces stay held: they are free when the gateway has
    closed the session unpaid (product.md, "Personal orders").
    """
    if event not in GIVES_STOCK_BACK or order.status not in ENDED or not order.holds_stock:
        return
    if order.payment_status is PaymentStatus.PENDING:
        return
    order.holds_stock = False
    put_back(session, actor, order, {line: line.quantity for line in order.lines}, now=now)


def put_back(
    session: Session,
    actor: Actor,
    order: Order,
    pieces: Mapping[OrderLine, int],
    *,
    now: datetime,
) -> None:
    """Give pieces of lines back: to the stock of their place, or to the day's capacity."""
    by_place: defaultdict[str, Counter[VariantId]] = defaultdict(Counter)
    to_make: Counter[VariantId] = Counter()
    for line, quantity in pieces.items():
        (by_place[line.place] if line.is_counted else to_make)[line.variant_id] += quantity
    for place, quantities in sorted(by_place.items()):
        stock.put_back(session, actor, +quantities, place=place, reference=order.number, now=now)
    if to_make and order.deliver_on is not None:
        capacity.put_back_day(session, +to_make, day=order.deliver_on)


def tell(session: Session, order: Order, events: Iterable[Event], *, now: datetime) -> None:
    """Write to the outbox what others must hear of."""
    for event in events:
        for topic in _topics(order, event):
            outbox.put(session, topic, {"order": order.number}, now=now)


def _topics(order: Order, event: Event) -> list[str]:
    topics = [TOPICS[event]] if event in TOPICS else []
    if event is Event.EXPIRE and order.status is not OrderStatus.EXPIRED:
        topics = []  # it was cancelled, and its buyer knows
    if event is Event.SETTLE_PAYMENT and order.status is OrderStatus.PLACED:
        topics = ["order_paid", "order_placed"]
    if event is Event.APPROVE:
        topics.append("order_placed")
    if event in OWES_REFUND and order.fund is Fund.PERSONAL and owed_back(order):
        topics.append(REFUND_DUE)
    return topics
