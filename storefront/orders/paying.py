"""One payment of a purchase through the gateway: asked for, looked at, kept.

What the store wants is written before the gateway is asked, the asking is outside any transaction,
and a second one keeps the answer. The browser's return, the webhook and the sweep all keep the
gateway's word by the same `keep_session`, so that it may come twice, late or in any order.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from storefront.core import outbox
from storefront.core.database import UnitOfWork
from storefront.core.errors import NotFound
from storefront.core.permissions import SYSTEM
from storefront.orders import lifecycle
from storefront.orders.models import Order, PaymentMethod, PaymentStatus, Purchase
from storefront.orders.words import Event
from storefront.payments.attempts import (
    AlreadyPaid,
    PaymentUndecided,
    open_payment,
    record_expired,
    record_failed,
    record_session,
    record_settled,
)
from storefront.payments.gateway import GatewayRefused, PaymentGateway, SessionState, SessionStatus
from storefront.payments.models import GatewayPayment, GatewayPaymentStatus, PaymentId
from storefront.payments.queries import attempts_of, payment_of
from storefront.payments.refunds import request_refund

ALIVE = frozenset({GatewayPaymentStatus.PENDING, GatewayPaymentStatus.OPEN})


@dataclass(frozen=True)
class ReturnAddresses:
    """Where the gateway sends the payer, by what came of it."""

    success: str
    cancel: str


AddressesOf = Callable[[str], ReturnAddresses]
"""By the purchase's number, and the same for it ever: a repeated opening must be equal."""


class Outcome(StrEnum):
    """What a word of the gateway led to."""

    SETTLED = "settled"
    ENDED = "ended"
    """The attempt is over unpaid, and stock is free again where nothing else holds it."""
    NOTHING_NEW = "nothing_new"
    STILL_OPEN = "still_open"
    UNKNOWN = "unknown"
    """A session that is not ours."""


@dataclass(frozen=True)
class Attempt:
    """What must be known of an attempt outside its transaction."""

    payment_id: PaymentId
    reference: str
    amount: int
    idempotency_key: str
    expires_at: datetime
    session_id: str | None
    redirect_url: str | None


def attempt_for(
    session: Session, found: tuple[Purchase, list[Order]], now: datetime
) -> Attempt | None:
    """The attempt by which a purchase that waits for money is to be paid; None if none is due."""
    purchase, orders = found
    if not any(order.payment_status is PaymentStatus.PENDING for order in orders):
        return None
    try:
        payment = open_payment(
            session, reference=purchase.number, amount=purchase.total_amount, now=now
        )
    except (AlreadyPaid, PaymentUndecided):
        return None
    return copied(payment)


def open_at_gateway(
    transaction: UnitOfWork, gateway: PaymentGateway, attempt: Attempt, addresses: AddressesOf
) -> Attempt | None:
    """Ask the gateway for the attempt's session, by the attempt's own key, and keep its answer.

    None where the gateway refused: then no session exists. Raises `GatewayUnavailable`.
    """
    to = addresses(attempt.reference)
    try:
        opened = gateway.open_session(
            reference=attempt.reference,
            amount=attempt.amount,
            description=f"Pembelian {attempt.reference}",
            success_url=to.success,
            cancel_url=to.cancel,
            idempotency_key=attempt.idempotency_key,
            expires_at=attempt.expires_at,
        )
    except GatewayRefused as refusal:
        with transaction() as session:
            payment = session.get_one(GatewayPayment, attempt.payment_id)
            record_failed(session, payment=payment, reason=refusal.code_given)
        return None
    with transaction() as session:
        payment = session.get_one(GatewayPayment, attempt.payment_id)
        record_session(session, payment=payment, opened=opened)
        session.refresh(payment)
        return copied(payment)


def look_at(
    transaction: UnitOfWork,
    gateway: PaymentGateway,
    attempt: Attempt,
    *,
    addresses: AddressesOf,
    now: datetime,
    close: bool = False,
) -> Outcome:
    """Find out what became of an attempt: a lost answer is asked for again, an old session closed.

    `close` closes it before its time. Raises `GatewayUnavailable`.
    """
    session_id = attempt.session_id
    if session_id is None:
        bought = open_at_gateway(transaction, gateway, attempt, addresses)
        session_id = bought.session_id if bought else None
    if session_id is None:
        return Outcome.ENDED
    if close or attempt.expires_at <= now:
        state = gateway.expire_session(session_id)
    else:
        state = gateway.fetch_session(session_id)
    return keep_session(transaction, state, now=now)


def keep_session(transaction: UnitOfWork, state: SessionState, *, now: datetime) -> Outcome:
    """Keep what the gateway says of a session; told again, or out of order, it changes nothing."""
    with transaction() as session:
        payment = payment_of(session, state)
        if payment is None:
            return Outcome.UNKNOWN
        if state.status is SessionStatus.UNPAID:
            return Outcome.STILL_OPEN
        purchase, orders = locked_purchase(session, payment.reference)
        if state.status is SessionStatus.EXPIRED:
            if not record_expired(session, payment=payment, now=now):
                return Outcome.NOTHING_NEW
            end_unpaid(session, purchase, orders, now=now)
            return Outcome.ENDED
        if not record_settled(session, payment=payment, state=state, now=now):
            return Outcome.NOTHING_NEW
        _settle(session, payment, purchase, orders, now)
        return Outcome.SETTLED


def locked_purchase(session: Session, number: str) -> tuple[Purchase, list[Order]]:
    """A purchase and its orders with their lines, as they are now that nobody else moves them.

    Raises `NotFound`.
    """
    fresh = {"populate_existing": True}
    purchase = session.scalar(
        select(Purchase).filter_by(number=number).with_for_update().execution_options(**fresh)
    )
    if purchase is None:
        raise NotFound
    orders = session.scalars(
        select(Order)
        .filter_by(purchase_id=purchase.id)
        .order_by(Order.id)
        .options(selectinload(Order.lines))
        .with_for_update()
        .execution_options(**fresh)
    )
    return purchase, list(orders)


def end_unpaid(session: Session, purchase: Purchase, orders: list[Order], *, now: datetime) -> bool:
    """End what waits for a payment that cannot come any more; stock goes back.

    False where nothing waits, or an attempt could still be paid. The purchase is locked.
    """
    waiting = [order for order in orders if order.payment_status is PaymentStatus.PENDING]
    attempts = attempts_of(session, purchase.number)
    if not waiting or any(attempt.status in ALIVE for attempt in attempts):
        return False
    lifecycle.apply_to_all(session, SYSTEM, waiting, Event.EXPIRE, now=now)
    outbox.put(session, "payment_expired", {"purchase": purchase.number}, now=now)
    return True


def copied(payment: GatewayPayment) -> Attempt:
    is_open = payment.status is GatewayPaymentStatus.OPEN
    return Attempt(
        payment_id=payment.id,
        reference=payment.reference,
        amount=payment.amount,
        idempotency_key=payment.idempotency_key,
        expires_at=payment.expires_at,
        session_id=payment.provider_session_id,
        redirect_url=payment.redirect_url if is_open else None,
    )


def _settle(
    session: Session,
    payment: GatewayPayment,
    purchase: Purchase,
    orders: list[Order],
    now: datetime,
) -> None:
    """Money came: each order is paid, also one that is over, whose money then goes back.

    A purchase that was paid already (by an attempt believed dead) keeps one payment; the whole of
    the other goes back.
    """
    unpaid = {PaymentStatus.PENDING, PaymentStatus.UNPAID}
    if all(order.payment_status in unpaid for order in orders):
        for order in orders:
            if payment.charge_method is not None:
                order.payment_method = PaymentMethod(payment.charge_method)
        lifecycle.apply_to_all(session, SYSTEM, orders, Event.SETTLE_PAYMENT, now=now)
        return
    request_refund(
        session,
        payment=payment,
        reference=purchase.number,
        cause=f"paid again {payment.attempt}",
        amount=payment.amount,
        now=now,
    )
