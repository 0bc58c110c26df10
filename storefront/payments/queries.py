"""What is known of money from outside: found, due, and added up for reconciliation."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from storefront.payments.gateway import SessionState
from storefront.payments.models import (
    AgencyPayment,
    GatewayEvent,
    GatewayPayment,
    GatewayPaymentStatus,
    GatewayRefund,
    RefundAllocation,
    RefundOrigin,
    RefundStatus,
)

ANSWER_LOST = timedelta(minutes=2)
"""So long after its writing, an attempt without a session has lost the gateway's answer."""


@dataclass(frozen=True)
class Balance:
    """The gateway's money of one purchase, in whole rupiah."""

    reference: str
    settled_amount: int
    refunded_amount: int
    """Gone back for good, holds included."""
    unallocated_amount: int
    """The part of it of which nobody said yet whose it is."""

    @property
    def paid_amount(self) -> int:
        return self.settled_amount - self.refunded_amount


@dataclass(frozen=True)
class Hold:
    """A refund made at the gateway, waiting for its allocation."""

    refund: GatewayRefund
    payment: GatewayPayment

    def is_overdue(self, now: datetime, within: timedelta = timedelta(days=7)) -> bool:
        """Whether it waits longer than faults.md lets it before it is a breach."""
        return now - self.refund.created_at > within


def payment_of(session: Session, state: SessionState) -> GatewayPayment | None:
    """The attempt that a gateway's session belongs to: by its id, or by the key it was opened with.

    By the key where the answer to the opening was lost and an event came first.
    """
    known = session.scalar(select(GatewayPayment).filter_by(provider_session_id=state.session_id))
    if known or state.idempotency_key is None:
        return known
    return session.scalar(select(GatewayPayment).filter_by(idempotency_key=state.idempotency_key))


def payment_of_intent(session: Session, payment_intent: str) -> GatewayPayment | None:
    """The attempt that was charged by a payment intent."""
    return session.scalar(select(GatewayPayment).filter_by(payment_intent_id=payment_intent))


def payment_of_session(session: Session, session_id: str) -> GatewayPayment | None:
    return session.scalar(select(GatewayPayment).filter_by(provider_session_id=session_id))


def attempts_of(session: Session, reference: str) -> list[GatewayPayment]:
    """A purchase's attempts, the latest first."""
    query = select(GatewayPayment).filter_by(reference=reference)
    return list(session.scalars(query.order_by(GatewayPayment.attempt.desc())))


def current_payment(session: Session, reference: str) -> GatewayPayment | None:
    """The attempt that counts for a purchase: the settled one, else the latest."""
    attempts = attempts_of(session, reference)
    settled = (a for a in reversed(attempts) if a.status is GatewayPaymentStatus.SETTLED)
    return next(settled, attempts[0] if attempts else None)


def paid_total(session: Session, reference: str) -> int:
    """Rupiah settled for a purchase less what went back for good."""
    found = balances(session, references=[reference])
    return found[0].paid_amount if found else 0


def refunded_total(session: Session, reference: str) -> int:
    """Rupiah that went back for good to the buyer of an order, as allocated."""
    query = (
        select(func.coalesce(func.sum(RefundAllocation.amount), 0))
        .join(GatewayRefund, GatewayRefund.id == RefundAllocation.refund_id)
        .where(
            RefundAllocation.reference == reference,
            GatewayRefund.status == RefundStatus.SUCCEEDED,
        )
    )
    return int(session.scalars(query).one())


def balances(
    session: Session,
    *,
    references: Collection[str] | None = None,
    after: str = "",
    limit: int = 1_000,
) -> list[Balance]:
    """Purchases with gateway money by number: those named, or the next ones after a number.

    Reconcile's fourth identity: settled gateway amounts less refunds = paid of purchases.
    """
    gone = case((GatewayRefund.status == RefundStatus.SUCCEEDED, GatewayRefund.amount), else_=0)
    held = case((GatewayRefund.allocated_at.is_(None), gone), else_=0)
    refunds = (
        select(
            GatewayRefund.payment_id,
            func.sum(gone).label("gone"),
            func.sum(held).label("held"),
        )
        .group_by(GatewayRefund.payment_id)
        .subquery()
    )
    query = (
        select(
            GatewayPayment.reference,
            func.sum(GatewayPayment.amount),
            func.coalesce(func.sum(refunds.c.gone), 0),
            func.coalesce(func.sum(refunds.c.held), 0),
        )
        .outerjoin(refunds, refunds.c.payment_id == GatewayPayment.id)
        .where(GatewayPayment.status == GatewayPaymentStatus.SETTLED)
        .where(GatewayPayment.reference > after)
        .group_by(GatewayPayment.reference)
        .order_by(GatewayPayment.reference)
        .limit(limit)
    )
    if references is not None:
        query = query.where(GatewayPayment.reference.in_(references))
    return [
        Balance(reference, int(settled), int(gone_back), int(unallocated))
        for reference, settled, gone_back, unallocated in session.execute(query)
    ]


def payments_to_look_at(
    session: Session, *, now: datetime, limit: int = 100
) -> list[GatewayPayment]:
    """What the sweep asks the gateway about: attempts past their time or without an answer.

    No webhook need ever come (faults.md, "Payments").
    """
    unanswered = (GatewayPayment.status == GatewayPaymentStatus.PENDING) & (
        GatewayPayment.created_at <= now - ANSWER_LOST
    )
    over = (GatewayPayment.status == GatewayPaymentStatus.OPEN) & (GatewayPayment.expires_at <= now)
    query = select(GatewayPayment).where(unanswered | over).order_by(GatewayPayment.id)
    return list(session.scalars(query.limit(limit)))


def refunds_to_ask_for(session: Session, *, limit: int = 100) -> list[GatewayRefund]:
    """The store's refunds of which the gateway has not said the last word, the oldest first."""
    query = select(GatewayRefund).filter_by(status=RefundStatus.PENDING, origin=RefundOrigin.STORE)
    return list(session.scalars(query.order_by(GatewayRefund.id).limit(limit)))


def refunds_on_hold(session: Session, *, limit: int = 100) -> list[Hold]:
    """Refunds and disputes of the gateway's side that a city admin must allocate, oldest first."""
    query = (
        select(GatewayRefund, GatewayPayment)
        .join(GatewayPayment, GatewayPayment.id == GatewayRefund.payment_id)
        .where(GatewayRefund.allocated_at.is_(None), GatewayRefund.status != RefundStatus.FAILED)
        .order_by(GatewayRefund.id)
        .limit(limit)
    )
    return [Hold(refund, payment) for refund, payment in session.execute(query)]


def payments_with_a_note(session: Session, *, limit: int = 100) -> list[GatewayPayment]:
    """Attempts that a person should look at, the latest first."""
    query = select(GatewayPayment).where(GatewayPayment.noted.is_not(None))
    return list(session.scalars(query.order_by(GatewayPayment.id.desc()).limit(limit)))


def events_unhandled(session: Session, *, limit: int = 100) -> list[GatewayEvent]:
    """Events that were noted and not handled to the end, the oldest first."""
    query = select(GatewayEvent).where(GatewayEvent.handled_at.is_(None))
    return list(session.scalars(query.order_by(GatewayEvent.id).limit(limit)))


def agency_payments(
    session: Session, references: Collection[str]
) -> dict[str, list[AgencyPayment]]:
    """What agencies paid, by order number, in the order of recording. One query."""
    found: dict[str, list[AgencyPayment]] = {reference: [] for reference in references}
    query = select(AgencyPayment).where(AgencyPayment.reference.in_(found))
    for payment in session.scalars(query.order_by(AgencyPayment.id)):
        found[payment.reference].append(payment)
    return found


def agency_paid_total(session: Session, reference: str) -> int:
    """Rupiah that the agency paid for an order, gross of taxes withheld."""
    query = select(func.coalesce(func.sum(AgencyPayment.gross_amount), 0))
    return int(session.scalars(query.where(AgencyPayment.reference == reference)).one())
