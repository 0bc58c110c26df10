"""Money that goes back: never more than came, once for each cause, and each rupiah somebody's."""

import secrets
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from storefront.core.errors import N_, Conflict, DomainError, NotFound
from storefront.core.permissions import CITY, SYSTEM, Action, Actor, PersonId, require
from storefront.payments.gateway import RefundState
from storefront.payments.models import (
    GatewayPayment,
    GatewayPaymentStatus,
    GatewayRefund,
    PaymentId,
    RefundAllocation,
    RefundId,
    RefundOrigin,
    RefundStatus,
)

ENTERED_FROM: Mapping[RefundStatus, frozenset[RefundStatus]] = {
    RefundStatus.PENDING: frozenset(),
    RefundStatus.SUCCEEDED: frozenset({RefundStatus.PENDING}),
    RefundStatus.FAILED: frozenset({RefundStatus.PENDING, RefundStatus.SUCCEEDED}),
}
"""The life of a refund: from which statuses each is entered."""


class RefundExceedsPayment(DomainError):
    code = "refund_exceeds_payment"
    message = N_("Pengembalian dana melebihi sisa pembayaran, yaitu %(left_amount)s.")
    field = "amount"


class AlreadyAllocated(Conflict):
    code = "already_allocated"
    message = N_("Pengembalian dana ini sudah dibagi ke pesanannya.")


class SharesDiffer(DomainError):
    code = "shares_differ"
    message = N_("Bagian pesanan berjumlah %(given_amount)s, harus %(whole_amount)s.")
    field = "amount"


def request_refund(
    session: Session,
    *,
    payment: GatewayPayment,
    reference: str,
    cause: str,
    amount: int,
    now: datetime,
) -> GatewayRefund:
    """A refund of `amount` rupiah to be asked of the gateway for an order; once for each cause.

    It is `pending`, and what may still be refunded is less at once. Asked again for the same
    order and cause it is the same refund. Raises `RefundExceedsPayment`.
    """
    known = session.scalar(select(GatewayRefund).filter_by(reference=reference, cause=cause))
    if known:
        return known
    if not _reserve(session, payment.id, amount):
        raise RefundExceedsPayment(left_amount=_refundable(session, payment.id))
    refund = GatewayRefund(
        payment_id=payment.id,
        origin=RefundOrigin.STORE,
        reference=reference,
        cause=cause,
        amount=amount,
        status=RefundStatus.PENDING,
        idempotency_key=f"refund-{reference}-{secrets.token_hex(8)}",
        created_at=now,
    )
    session.add(refund)
    session.flush()
    _allocate(session, refund, {reference: amount}, by=SYSTEM.person_id, now=now)
    return refund


def record_refund_done(
    session: Session, *, refund: GatewayRefund, state: RefundState, now: datetime
) -> bool:
    """Keep the gateway's word on a refund; True where it changed what is known.

    A refund that failed, also one that had succeeded first, gives its amount back to what may be
    refunded. It stays failed whatever comes later: its money may have gone to another by then.
    """
    if refund.provider_refund_id not in {None, state.refund_id}:
        raise ValueError(f"refund {refund.id} is {refund.provider_refund_id}")
    moved = session.scalar(
        update(GatewayRefund)
        .where(GatewayRefund.id == refund.id, GatewayRefund.status.in_(ENTERED_FROM[state.status]))
        .values(status=state.status, provider_refund_id=state.refund_id, settled_at=now)
        .returning(GatewayRefund),
        execution_options={"synchronize_session": False, "populate_existing": True},
    )
    if moved is None:
        return _note_id(session, refund, state.refund_id)
    if moved.status is RefundStatus.FAILED:
        _release(session, moved.payment_id, moved.amount)
    return True


def record_refund_refused(session: Session, *, refund: GatewayRefund, now: datetime) -> bool:
    """Note that the gateway refused a refund: nothing went back. False if it was decided before."""
    moved = session.scalar(
        update(GatewayRefund)
        .where(GatewayRefund.id == refund.id, GatewayRefund.status == RefundStatus.PENDING)
        .values(status=RefundStatus.FAILED, settled_at=now)
        .returning(GatewayRefund),
        execution_options={"synchronize_session": False, "populate_existing": True},
    )
    if moved is not None:
        _release(session, moved.payment_id, moved.amount)
    return moved is not None


def record_refund_seen(
    session: Session,
    *,
    payment: GatewayPayment,
    state: RefundState,
    whole_of: str | None = None,
    now: datetime,
) -> GatewayRefund | None:
    """Keep what was seen at the gateway: news of a refund of ours, or one that others made there.

    One made there is a hold until somebody says whose money it is (faults.md, "Payments");
    `whole_of` is the order's number where the purchase has only one. Returns the refund if this
    told something new, else None. Raises `RefundExceedsPayment` while refunds that the store
    asked for leave no room: one of the two must fail at the gateway, and then there is.
    """
    known = session.scalar(
        select(GatewayRefund).where(
            (GatewayRefund.provider_refund_id == state.refund_id)
            | (GatewayRefund.idempotency_key == state.idempotency_key)
        )
    )
    if known:
        changed = record_refund_done(session, refund=known, state=state, now=now)
        return known if changed else None
    if state.status is RefundStatus.FAILED or state.amount is None:
        return None
    if not _reserve(session, payment.id, state.amount):
        raise RefundExceedsPayment(left_amount=_refundable(session, payment.id))
    refund = GatewayRefund(
        payment_id=payment.id,
        origin=state.origin,
        reference=payment.reference,
        cause=state.refund_id,
        amount=state.amount,
        status=state.status,
        idempotency_key=f"seen-{state.refund_id}",
        provider_refund_id=state.refund_id,
        created_at=now,
        settled_at=None if state.status is RefundStatus.PENDING else now,
    )
    session.add(refund)
    session.flush()
    if whole_of is not None:
        _allocate(session, refund, {whole_of: refund.amount}, by=SYSTEM.person_id, now=now)
    return refund


def allocate_refund(
    session: Session,
    actor: Actor,
    *,
    refund_id: RefundId,
    shares: Mapping[str, int],
    now: datetime,
) -> GatewayRefund:
    """Say whose money a held refund is: rupiah by order number, which add up to its amount.

    Which orders the purchase has, the caller checks. City admins only. Raises `NotAllowed`,
    `NotFound`, `AlreadyAllocated` or `SharesDiffer`.
    """
    require(actor, Action.ALLOCATE_REFUND, CITY)
    refund = session.get(GatewayRefund, refund_id)
    if refund is None:
        raise NotFound
    if sum(shares.values()) != refund.amount or min(shares.values()) < 1:
        raise SharesDiffer(given_amount=sum(shares.values()), whole_amount=refund.amount)
    _allocate(session, refund, shares, by=actor.person_id, now=now)
    return refund


def _allocate(
    session: Session,
    refund: GatewayRefund,
    shares: Mapping[str, int],
    *,
    by: PersonId,
    now: datetime,
) -> None:
    taken = session.scalar(
        update(GatewayRefund)
        .where(GatewayRefund.id == refund.id, GatewayRefund.allocated_at.is_(None))
        .values(allocated_at=now, allocated_by=by)
        .returning(GatewayRefund),
        execution_options={"synchronize_session": False, "populate_existing": True},
    )
    if taken is None:
        raise AlreadyAllocated
    parts = [
        {"refund_id": refund.id, "reference": reference, "amount": amount}
        for reference, amount in sorted(shares.items())
    ]
    session.execute(insert(RefundAllocation), parts)


def _reserve(session: Session, payment_id: PaymentId, amount: int) -> bool:
    """Take from what may be refunded, if there is as much: compared and written at once."""
    if amount < 1:
        raise ValueError(f"a refund of {amount}")
    reserved = session.scalar(
        update(GatewayPayment)
        .where(
            GatewayPayment.id == payment_id,
            GatewayPayment.status == GatewayPaymentStatus.SETTLED,
            GatewayPayment.refunded_amount + amount <= GatewayPayment.amount,
        )
        .values(refunded_amount=GatewayPayment.refunded_amount + amount)
        .returning(GatewayPayment),
        execution_options={"synchronize_session": False, "populate_existing": True},
    )
    return reserved is not None


def _release(session: Session, payment_id: PaymentId, amount: int) -> None:
    session.scalar(
        update(GatewayPayment)
        .where(GatewayPayment.id == payment_id)
        .values(refunded_amount=GatewayPayment.refunded_amount - amount)
        .returning(GatewayPayment),
        execution_options={"synchronize_session": False, "populate_existing": True},
    )


def _refundable(session: Session, payment_id: PaymentId) -> int:
    payment = session.get_one(GatewayPayment, payment_id, populate_existing=True)
    if payment.status is not GatewayPaymentStatus.SETTLED:
        return 0
    return payment.amount - payment.refunded_amount


def _note_id(session: Session, refund: GatewayRefund, provider_refund_id: str) -> bool:
    """Keep the gateway's id of a refund that is known otherwise. Never news."""
    session.execute(
        update(GatewayRefund)
        .where(GatewayRefund.id == refund.id, GatewayRefund.provider_refund_id.is_(None))
        .values(provider_refund_id=provider_refund_id)
        .execution_options(synchronize_session="fetch")
    )
    return False
