"""Money that goes back through the gateway: written, asked for, kept.

Written first and asked for by the refund's own key, so that a lost answer is found again and no
rupiah goes back twice (faults.md, "Payments").
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storefront.core import audit
from storefront.core.database import UnitOfWork
from storefront.core.errors import NotFound
from storefront.core.permissions import Actor
from storefront.orders import refunds
from storefront.orders.models import Order, Purchase
from storefront.orders.paying import locked_purchase
from storefront.payments.gateway import GatewayRefused, PaymentGateway, RefundState
from storefront.payments.models import (
    GatewayPayment,
    GatewayRefund,
    RefundAllocation,
    RefundId,
    RefundStatus,
)
from storefront.payments.queries import current_payment, payment_of_intent, refunds_to_ask_for
from storefront.payments.refunds import (
    SharesDiffer,
    allocate_refund,
    record_refund_done,
    record_refund_refused,
    record_refund_seen,
    request_refund,
)


@dataclass(frozen=True)
class Asked:
    """What must be known of a refund outside its transaction."""

    refund_id: RefundId
    payment_intent: str
    reference: str
    amount: int
    idempotency_key: str


def write_refund(session: Session, order_number: str, *, now: datetime) -> Asked | None:
    """Write the refund that an order owes; one that is on its way is that one; None if none is due.

    Raises `NotFound`.
    """
    order = session.scalar(select(Order).filter_by(number=order_number))
    if order is None:
        raise NotFound
    purchase_number = session.scalars(
        select(Purchase.number).where(Purchase.id == order.purchase_id)
    ).one()
    locked_purchase(session, purchase_number)
    payment = current_payment(session, purchase_number)
    if payment is None or payment.payment_intent_id is None:
        return None
    under_way = session.scalar(
        select(GatewayRefund)
        .filter_by(reference=order_number, status=RefundStatus.PENDING)
        .order_by(GatewayRefund.id)
        .limit(1)
    )
    if under_way is not None:
        return _copied(under_way, payment)
    amount = refunds.due_amount(session, order)
    if amount == 0:
        return None
    cause = f"refund {_refund_count(session, order_number) + 1}"
    written = request_refund(
        session, payment=payment, reference=order_number, cause=cause, amount=amount, now=now
    )
    return _copied(written, payment)


def ask(transaction: UnitOfWork, gateway: PaymentGateway, asked: Asked, *, now: datetime) -> int:
    """Ask the gateway for a refund that is written, and keep its answer; the rupiah that went back.

    Raises `GatewayUnavailable`.
    """
    try:
        state = gateway.refund(
            payment_intent=asked.payment_intent,
            amount=asked.amount,
            reference=asked.reference,
            idempotency_key=asked.idempotency_key,
        )
    except GatewayRefused:
        with transaction() as session:
            refused = session.get_one(GatewayRefund, asked.refund_id)
            record_refund_refused(session, refund=refused, now=now)
        return 0
    with transaction() as session:
        _lock_of(session, asked.refund_id)
        kept = session.get_one(GatewayRefund, asked.refund_id, populate_existing=True)
        before = kept.status
        is_news = record_refund_done(session, refund=kept, state=state, now=now)
        return _apply(session, kept, before, now) if is_news else 0


def ask_again(transaction: UnitOfWork, gateway: PaymentGateway, *, now: datetime) -> int:
    """Ask for every refund of which the gateway has not said the last word; how many were asked.

    Raises `GatewayUnavailable`.
    """
    with transaction() as session:
        waiting = [
            _copied(refund, session.get_one(GatewayPayment, refund.payment_id))
            for refund in refunds_to_ask_for(session)
        ]
    for asked in waiting:
        ask(transaction, gateway, asked, now=now)
    return len(waiting)


def keep(
    session: Session, payment_intent: str, states: Iterable[RefundState], *, now: datetime
) -> int:
    """Keep what the gateway says of a payment's refunds; how many told something new.

    Raises `NotFound` for a payment that is not ours.
    """
    payment = payment_of_intent(session, payment_intent)
    if payment is None:
        raise NotFound
    _purchase, orders = locked_purchase(session, payment.reference)
    whole_of = orders[0].number if len(orders) == 1 else None
    known = select(GatewayRefund.id, GatewayRefund.status).filter_by(payment_id=payment.id)
    before = {row.id: row.status for row in session.execute(known)}
    news = 0
    for state in states:
        seen = record_refund_seen(session, payment=payment, state=state, whole_of=whole_of, now=now)
        if seen is not None:
            news += 1
            _apply(session, seen, before.get(seen.id), now)
    return news


def allocate(
    session: Session,
    actor: Actor,
    refund_id: RefundId,
    shares: Mapping[str, int],
    *,
    now: datetime,
) -> None:
    """Say whose money a held refund is, by order number, and move those orders by it.

    Only orders of the refund's own purchase may be named. Raises `NotFound`, `RefundExceedsPaid`,
    and what `payments.refunds.allocate_refund` raises.
    """
    held = session.get(GatewayRefund, refund_id)
    if held is None:
        raise NotFound
    _purchase, orders = _lock_of(session, refund_id)
    given = {number: amount for number, amount in shares.items() if amount}
    if not given:
        raise SharesDiffer(given_amount=0, whole_amount=held.amount)
    if not set(given) <= {order.number for order in orders}:
        raise NotFound
    refund = allocate_refund(session, actor, refund_id=refund_id, shares=given, now=now)
    audit.record(session, actor, "refund.allocated", str(refund_id), now=now)
    _apply(session, refund, None, now)


def _apply(
    session: Session, refund: GatewayRefund, before: RefundStatus | None, now: datetime
) -> int:
    """Move the orders by money that went back, by their shares of it; the rupiah that moved.

    One that the gateway called done and then failed moves them the other way.
    """
    has_gone = refund.status is RefundStatus.SUCCEEDED
    has_come_back = refund.status is RefundStatus.FAILED and before is RefundStatus.SUCCEEDED
    if not (has_gone or has_come_back):
        return 0
    allocated = session.execute(
        select(Order, RefundAllocation.amount)
        .join(RefundAllocation, RefundAllocation.reference == Order.number)
        .where(RefundAllocation.refund_id == refund.id)
        .order_by(Order.id)
    )
    shares = [refunds.Share(order, amount) for order, amount in allocated]
    move = refunds.record_refund_of if has_gone else refunds.record_refund_failed
    move(session, shares, now=now)
    return sum(share.amount for share in shares) if has_gone else 0


def _lock_of(session: Session, refund_id: RefundId) -> tuple[Purchase, list[Order]]:
    """The purchase and orders that a refund belongs to: locked before anything of it moves."""
    reference = session.scalars(
        select(GatewayPayment.reference)
        .join(GatewayRefund, GatewayRefund.payment_id == GatewayPayment.id)
        .where(GatewayRefund.id == refund_id)
    ).one()
    return locked_purchase(session, reference)


def _refund_count(session: Session, order_number: str) -> int:
    query = select(func.count(GatewayRefund.id)).filter_by(reference=order_number)
    return session.scalars(query).one()


def _copied(refund: GatewayRefund, payment: GatewayPayment) -> Asked:
    return Asked(
        refund_id=refund.id,
        payment_intent=payment.payment_intent_id or "",
        reference=refund.reference,
        amount=refund.amount,
        idempotency_key=refund.idempotency_key,
    )
