"""What follows from an order's events by themselves: instants, stock, and who is told."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from storefront.catalog import capacity, stock
from storefront.catalog.exposure import record_sales
from storefront.catalog.models import VariantId
from storefront.catalog.stock import Taking
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
from storefront.sellers.profile import note_first_order

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
    Event.CARRY: "order_carried",
    Event.TAKE_LINE: "order_took_line",
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
    session: Session, actor: Actor, orders: Iterable[Order], event: Event, *, now: datetime
) -> None:
    """Give back what orders that are over hold, once.

    While its payment may still come, an order's pieces stay held: they are free when the gateway
    has closed the session unpaid (product.md, "Personal orders").
    """
    over = [order for order in orders if _gives_back(order, event)]
    for order in over:
        order.holds_stock = False
    pieces = [(order, line, line.quantity) for order in over for line in order.lines]
    put_back(session, actor, pieces, now=now)


def greet_shops(session: Session, orders: Iterable[Order], event: Event, *, now: datetime) -> None:
    """Remember the shops that took on their first order: the front page greets them."""
    if event is Event.ACCEPT:
        for seller_id in sorted({order.seller_id for order in orders}):
            note_first_order(session, seller_id, now=now)


def count_sales(session: Session, arrived: Iterable[Order]) -> None:
    """Count the pieces of orders that just came whole, for "most popular".

    What comes back later stays counted: it was wanted, and the figure ranks, no more.
    """
    sold: dict[VariantId, int] = {}
    for order in arrived:
        for line in order.lines:
            sold[line.variant_id] = sold.get(line.variant_id, 0) + line.received_quantity
    if sold:
        record_sales(session, sold)


def put_back(
    session: Session,
    actor: Actor,
    pieces: Iterable[tuple[Order, OrderLine, int]],
    *,
    besides: Collection[VariantId] = (),
    now: datetime,
) -> None:
    """Give pieces of lines back: to the stock of their place, or to the capacity of their day.

    Days, then pieces, by rising variant ids over all orders, as checkout takes them. `besides`:
    variants whose products what follows may change.
    """
    in_order = sorted(pieces, key=lambda piece: piece[1].variant_id)
    for order, line, quantity in in_order:
        if not line.is_counted and order.deliver_on is not None:
            capacity.put_back_day(session, {line.variant_id: quantity}, day=order.deliver_on)
    returned = [
        Taking(line.variant_id, quantity, order.number, line.place)
        for order, line, quantity in in_order
        if line.is_counted
    ]
    stock.put_back_all(session, actor, returned, besides=besides, now=now)


def tell(session: Session, order: Order, events: Iterable[Event], *, now: datetime) -> None:
    """Write to the outbox what others must hear of."""
    for event in events:
        for topic in _topics(order, event):
            outbox.put(session, topic, {"order": order.number}, now=now)


def _gives_back(order: Order, event: Event) -> bool:
    is_over = event in GIVES_STOCK_BACK and order.status in ENDED
    return is_over and order.holds_stock and order.payment_status is not PaymentStatus.PENDING


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
