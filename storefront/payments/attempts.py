"""Attempts to be paid by the gateway: written before it is asked, moved by what it answers."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storefront.core.errors import N_, Conflict
from storefront.payments.gateway import CURRENCY, OpenedSession, SessionState, SessionStatus
from storefront.payments.models import (
    GatewayPayment,
    GatewayPaymentStatus,
    PaymentId,
)

SESSION_LIFE = timedelta(minutes=31)
"""The gateway wants 30 minutes at the least, by its own clock (stack.md, trap 14)."""

_Status = GatewayPaymentStatus

ENTERED_FROM: Mapping[GatewayPaymentStatus, frozenset[GatewayPaymentStatus]] = {
    _Status.OPEN: frozenset({_Status.PENDING}),
    # Money that came is a fact, however late it is heard of.
    _Status.SETTLED: frozenset(_Status) - {_Status.SETTLED},
    _Status.EXPIRED: frozenset({_Status.PENDING, _Status.OPEN}),
    _Status.SUPERSEDED: frozenset({_Status.PENDING, _Status.OPEN}),
    _Status.FAILED: frozenset({_Status.PENDING, _Status.OPEN}),
}
"""The life of an attempt: from which statuses each is entered."""


class AlreadyPaid(Conflict):
    code = "already_paid"
    message = N_("Pembelian %(reference)s sudah dibayar.")


class PaymentUndecided(Conflict):
    """An earlier attempt could still be paid: it must be closed at the gateway first."""

    code = "payment_undecided"
    message = N_("Pembayaran sebelumnya masih kami periksa. Coba lagi sebentar lagi.")


def open_payment(session: Session, *, reference: str, amount: int, now: datetime) -> GatewayPayment:
    """The attempt by which a purchase is to be paid: a new one, or the one that still lives.

    `amount` in whole rupiah. It is `pending` until `record_session` brings the gateway's answer;
    its key and `expires_at` are kept, so that asking the gateway again is asking the same.
    The caller holds the purchase's lock. Raises `AlreadyPaid`, or `PaymentUndecided` while an
    attempt that is over by the clock, or over another amount, was not closed at the gateway.
    """
    last = session.scalar(
        select(GatewayPayment)
        .where(GatewayPayment.reference == reference)
        .order_by(GatewayPayment.attempt.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )
    if last and last.status is _Status.SETTLED:
        raise AlreadyPaid(reference=reference)
    if last and last.status in ENTERED_FROM[_Status.EXPIRED]:
        if last.amount != amount or last.expires_at <= now:
            raise PaymentUndecided
        return last
    attempt = last.attempt + 1 if last else 1
    payment = GatewayPayment(
        reference=reference,
        attempt=attempt,
        amount=amount,
        status=_Status.PENDING,
        idempotency_key=f"pay-{reference}-{attempt}-{secrets.token_hex(8)}",
        created_at=now,
        expires_at=(now + SESSION_LIFE).replace(microsecond=0),
    )
    session.add(payment)
    session.flush()
    return payment


def record_session(session: Session, *, payment: GatewayPayment, opened: OpenedSession) -> bool:
    """Keep the gateway's answer to the opening; False if the attempt was past that already."""
    return _move(
        session,
        payment.id,
        _Status.OPEN,
        provider_session_id=opened.session_id,
        redirect_url=opened.url,
        payment_intent_id=opened.payment_intent,
        expires_at=opened.expires_at,
    )


def record_settled(
    session: Session, *, payment: GatewayPayment, state: SessionState, now: datetime
) -> bool:
    """Note that the money came; True the first time, False ever after.

    Also False where the gateway's amount, currency or reference is not the attempt's: that is
    kept in `noted` for a person, and nothing is settled (faults.md, "Payments").
    Raises ValueError when the gateway does not say paid.
    """
    if state.status is not SessionStatus.PAID:
        raise ValueError(f"session {state.session_id} is {state.status}, not paid")
    asked = (payment.amount, CURRENCY, payment.reference)
    if (state.amount, state.currency, state.reference) != asked:
        told = f"{state.currency} {state.amount} for {state.reference}"
        note(session, payment=payment, text=f"gateway session {state.session_id} says {told}")
        return False
    return _move(
        session,
        payment.id,
        _Status.SETTLED,
        provider_session_id=state.session_id,
        payment_intent_id=state.payment_intent,
        charge_method=state.method,
        settled_at=now,
    )


def record_expired(session: Session, *, payment: GatewayPayment, now: datetime) -> bool:
    """Note that the gateway closed the session unpaid: `expired`, or before its time `superseded`.

    Call it only with the gateway's word for it, read after the closing; then held stock is free.
    False if the attempt was over already.
    """
    early = now < payment.expires_at
    return _move(session, payment.id, _Status.SUPERSEDED if early else _Status.EXPIRED)


def record_failed(session: Session, *, payment: GatewayPayment, reason: str) -> bool:
    """Note that the gateway refused the opening, so that no session exists; False if it was over.

    A refusal proves that only for a key that was never answered: an answer is kept there for
    24 hours and would have come again.
    """
    return _move(session, payment.id, _Status.FAILED, noted=reason[:500])


def note(session: Session, *, payment: GatewayPayment, text: str) -> None:
    """Leave word for a person who looks at the attempt."""
    session.execute(
        update(GatewayPayment)
        .where(GatewayPayment.id == payment.id)
        .values(noted=text[:500])
        .execution_options(synchronize_session="fetch")
    )


def _move(
    session: Session, payment_id: PaymentId, to: GatewayPaymentStatus, **values: object
) -> bool:
    """Enter a status from one it may be entered from: the database compares and writes at once."""
    moved = session.scalar(
        update(GatewayPayment)
        .where(GatewayPayment.id == payment_id, GatewayPayment.status.in_(ENTERED_FROM[to]))
        .values(status=to, **values)
        .returning(GatewayPayment),
        execution_options={"synchronize_session": False, "populate_existing": True},
    )
    return moved is not None
