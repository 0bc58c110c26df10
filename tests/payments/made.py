"""Makers of payments for tests of what follows them."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from storefront.core.database import transaction
from storefront.payments.attempts import open_payment, record_session, record_settled
from storefront.payments.gateway import OpenedSession, RefundState, SessionState, SessionStatus
from storefront.payments.models import (
    ChargeMethod,
    GatewayPayment,
    RefundOrigin,
    RefundStatus,
)
from tests.payments.conftest import NOON

PURCHASE = "P-7K3M9Q2T4V"


def attempt_at(
    session: Session, *, reference: str = PURCHASE, amount: int = 15_000, now: datetime = NOON
) -> GatewayPayment:
    with transaction(session):
        return open_payment(session, reference=reference, amount=amount, now=now)


def open_attempt(
    session: Session, *, reference: str = PURCHASE, amount: int = 15_000, now: datetime = NOON
) -> GatewayPayment:
    payment = attempt_at(session, reference=reference, amount=amount, now=now)
    with transaction(session):
        record_session(session, payment=payment, opened=answer_to(payment))
    return payment


def settled(
    session: Session, *, reference: str = PURCHASE, amount: int = 15_000, now: datetime = NOON
) -> GatewayPayment:
    payment = open_attempt(session, reference=reference, amount=amount, now=now)
    with transaction(session):
        record_settled(session, payment=payment, state=paid(payment), now=now)
    return payment


def answer_to(payment: GatewayPayment) -> OpenedSession:
    name = f"{payment.reference}_{payment.attempt}"
    return OpenedSession(
        session_id=f"cs_{name}",
        url=f"http://localhost/sandbox/pay/cs_{name}",
        expires_at=payment.created_at + timedelta(minutes=31),
        payment_intent=f"pi_{name}",
    )


def paid(
    payment: GatewayPayment,
    *,
    amount: int | None = None,
    currency: str = "idr",
    reference: str | None = None,
) -> SessionState:
    name = f"{payment.reference}_{payment.attempt}"
    return SessionState(
        session_id=f"cs_{name}",
        status=SessionStatus.PAID,
        amount=payment.amount if amount is None else amount,
        currency=currency,
        reference=reference or payment.reference,
        idempotency_key=payment.idempotency_key,
        payment_intent=f"pi_{name}",
        method=ChargeMethod.CARD,
        refunded_amount=0,
    )


def seen(
    *,
    refund_id: str = "re_1",
    amount: int = 4_000,
    status: RefundStatus = RefundStatus.SUCCEEDED,
    origin: RefundOrigin = RefundOrigin.GATEWAY,
    key: str | None = None,
) -> RefundState:
    return RefundState(refund_id, status, amount, origin, key)
