"""The city verifies a shop and its class, refuses an application, suspends and reinstates.

Whoever calls one of these also calls `catalog/listing.py: refresh_visibility`, which is to the
right of here, in the same transaction: a shop's products are visible while it is active.
"""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.core import audit, outbox
from storefront.core.calendar import city_day, instant_of
from storefront.core.errors import N_, Conflict, DomainError, NotFound
from storefront.core.permissions import CITY, Action, Actor, require
from storefront.core.text import one_line
from storefront.sellers.models import (
    ClassVerification,
    Seller,
    SellerClass,
    SellerId,
    SellerState,
)

CLASS_RECORDED_LATE = "class_recorded_late"
"""Told when a word on a class says something of days that are over: orders may stand elsewhere."""
LONGEST_EVIDENCE = 200
LONGEST_REASON = 400

TRANSITIONS: Mapping[tuple[SellerState, str], SellerState] = {
    (SellerState.APPLIED, "verify"): SellerState.ACTIVE,
    (SellerState.ACTIVE, "verify"): SellerState.ACTIVE,
    (SellerState.APPLIED, "refuse"): SellerState.REFUSED,
    (SellerState.ACTIVE, "suspend"): SellerState.SUSPENDED,
    (SellerState.SUSPENDED, "reinstate"): SellerState.ACTIVE,
}


class SellerStateChanged(Conflict):
    code = "seller_state_changed"
    message = N_("Keadaan penjual ini sudah berubah. Muat ulang halamannya sebelum memutuskan.")


class EvidenceMissing(DomainError):
    code = "evidence_missing"
    message = N_(
        "Tulis dasar verifikasinya, misalnya nomor dan tanggal NIB; paling banyak %(most)s."
    )
    field = "evidence"


class PeriodInvalid(DomainError):
    code = "verification_period_invalid"
    message = N_("Masa berlaku harus berakhir setelah mulai, dan belum lewat.")
    field = "valid_to"


class RevokedOutsideItsDays(DomainError):
    code = "revoked_outside_its_days"
    message = N_("Pilih hari sejak %(first)s sampai hari ini, %(today)s.")
    field = "since"


class ReasonMissing(DomainError):
    code = "reason_missing"
    message = N_(
        "Tulis alasannya dalam satu kalimat; penjual akan membacanya. Paling banyak %(most)s."
    )
    field = "reason"


def verify(
    session: Session,
    actor: Actor,
    seller_id: SellerId,
    *,
    seller_class: SellerClass,
    evidence: str,
    valid_from: date,
    valid_to: date,
    now: datetime,
) -> ClassVerification:
    """State what a shop's class is from a day to a day, both included, and return that word.

    The first makes an applicant's shop active; a later one says otherwise for its days, and
    changes no order that was submitted before: of past days it is told (`CLASS_RECORDED_LATE`), so
    that moves can be proposed. Raises `NotAllowed`, `NotFound`,
    `EvidenceMissing`, `PeriodInvalid` or `SellerStateChanged`.
    """
    evidence = one_line(evidence)
    if not evidence or len(evidence) > LONGEST_EVIDENCE:
        raise EvidenceMissing(most=LONGEST_EVIDENCE)
    if valid_to < max(valid_from, city_day(now)):
        raise PeriodInvalid
    seller = _locked(session, actor, seller_id)
    is_first = seller.state is SellerState.APPLIED
    _turn(seller, "verify")
    verification = ClassVerification(
        seller_id=seller_id,
        seller_class=seller_class,
        evidence=evidence,
        valid_from=valid_from,
        valid_to=valid_to,
        verified_by=actor.person_id,
        verified_at=now,
    )
    session.add(verification)
    session.flush()
    details = {
        "seller_class": seller_class.value,
        "evidence": evidence,
        "valid_from": valid_from.isoformat(),
        "valid_to": valid_to.isoformat(),
    }
    audit.record(session, actor, "seller.verified", f"seller {seller_id}", details, now=now)
    if is_first:
        outbox.put(session, "seller_verified", {"seller": seller_id}, now=now)
    else:  # before its first word a shop had no orders
        _tell_if_late(session, seller_id, valid_from, valid_to, now)
    return verification


def revoke(
    session: Session,
    actor: Actor,
    verification_id: int,
    *,
    reason: str,
    since: date | None = None,
    now: datetime,
) -> None:
    """Take a word on a class back: from a day on, else from today on, it does not count.

    Orders keep what they froze; of past days it is told (`CLASS_RECORDED_LATE`).
    Raises `NotAllowed`, `NotFound`, `ReasonMissing`, `RevokedOutsideItsDays`, or
    `SellerStateChanged` if it was already.
    """
    require(actor, Action.MANAGE_SELLERS, CITY)
    reason = _read_reason(reason)
    verification = session.get(ClassVerification, verification_id, with_for_update=True)
    if verification is None:
        raise NotFound
    if verification.revoked_at is not None:
        raise SellerStateChanged
    today = city_day(now)
    since = since or today
    if not verification.valid_from <= since <= today:
        raise RevokedOutsideItsDays(first=verification.valid_from, today=today)
    verification.revoked_at = now if since == today else instant_of(since)
    session.flush()
    _tell_if_late(session, verification.seller_id, since, verification.valid_to, now)
    subject = f"seller {verification.seller_id}"
    details: dict[str, str | int | bool | None]
    details = {"verification": verification_id, "reason": reason, "since": since.isoformat()}
    audit.record(session, actor, "seller.class_revoked", subject, details, now=now)


def _tell_if_late(
    session: Session, seller_id: SellerId, first: date, last: date, now: datetime
) -> None:
    today = city_day(now)
    if first < today:
        until = min(last, today)
        days: outbox.Payload
        days = {"seller": int(seller_id), "from": first.isoformat(), "to": until.isoformat()}
        outbox.put(session, CLASS_RECORDED_LATE, days, now=now)


def refuse(
    session: Session, actor: Actor, seller_id: SellerId, *, reason: str, now: datetime
) -> Seller:
    """Refuse an application, with a reason that the applicant is told; it may apply again.

    Raises `NotAllowed`, `NotFound`, `ReasonMissing` or `SellerStateChanged`.
    """
    seller = _decide(session, actor, seller_id, "refuse", reason, now)
    outbox.put(session, "seller_refused", {"seller": seller_id}, now=now)
    return seller


def suspend(
    session: Session, actor: Actor, seller_id: SellerId, *, reason: str, now: datetime
) -> Seller:
    """Close a shop for the time being: nothing of it can be bought. Open orders go their way.

    Raises `NotAllowed`, `NotFound`, `ReasonMissing` or `SellerStateChanged`.
    """
    return _decide(session, actor, seller_id, "suspend", reason, now)


def reinstate(
    session: Session, actor: Actor, seller_id: SellerId, *, reason: str = "", now: datetime
) -> Seller:
    """Open a suspended shop again. Raises `NotAllowed`, `NotFound` or `SellerStateChanged`."""
    return _decide(session, actor, seller_id, "reinstate", reason or "-", now)


def _decide(
    session: Session, actor: Actor, seller_id: SellerId, act: str, reason: str, now: datetime
) -> Seller:
    reason = _read_reason(reason)
    seller = _locked(session, actor, seller_id)
    _turn(seller, act)
    seller.state_reason = "" if seller.state is SellerState.ACTIVE else reason
    session.flush()
    details = {"reason": reason}
    audit.record(session, actor, f"seller.{act}", f"seller {seller_id}", details, now=now)
    return seller


def _read_reason(typed: str) -> str:
    reason = one_line(typed)
    if not reason or len(reason) > LONGEST_REASON:
        raise ReasonMissing(most=LONGEST_REASON)
    return reason


def _locked(session: Session, actor: Actor, seller_id: SellerId) -> Seller:
    require(actor, Action.MANAGE_SELLERS, CITY)
    query = select(Seller).where(Seller.id == seller_id).with_for_update()
    seller = session.scalar(query.execution_options(populate_existing=True))
    if seller is None:
        raise NotFound
    return seller


def _turn(seller: Seller, act: str) -> None:
    after = TRANSITIONS.get((seller.state, act))
    if after is None:
        raise SellerStateChanged
    seller.state = after
