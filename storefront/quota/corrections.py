"""Corrections in two hands: one person proposes a numbered document, another decides it.

What a document is about stands beside it (`off_platform.py`; orders' moves in `orders/moving.py`);
here is what all have in common: the number, the second person, and that each is decided once.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy.orm import Session

from storefront.agencies.models import Agency
from storefront.core import audit, outbox
from storefront.core.calendar import city_day, fiscal_year
from storefront.core.deciding import decide
from storefront.core.errors import N_, DomainError, NotAllowed
from storefront.core.numbering import next_number
from storefront.core.permissions import OPERATOR, Actor
from storefront.core.text import one_line
from storefront.quota.correction_models import (
    Correction,
    CorrectionEvidence,
    CorrectionKind,
    CorrectionState,
)
from storefront.quota.evidence import Evidence
from storefront.quota.models import Fund

LONGEST_REASON = 300
SERIES = "correction"
CITY_ISSUER = "KOTA"
"""Who numbers what belongs to no agency alone."""


class SecondPersonNeeded(NotAllowed):
    code = "second_person_needed"
    message = N_("Perlu orang kedua: yang mengusulkan tidak dapat menyetujui. Ia dapat menariknya.")


class CorrectionReasonMissing(DomainError):
    code = "correction_reason_missing"
    message = N_("Tulis alasannya dalam satu atau dua kalimat, paling banyak %(most)d karakter.")
    field = "reason"


@dataclass(frozen=True, kw_only=True)
class NewCorrection:
    """What a document is. `agency`: whose; None only for own money of people."""

    kind: CorrectionKind
    agency: Agency | None
    reason: str
    fund: Fund = Fund.OFFICIAL
    other_agency_code: str | None = None
    reverses_id: int | None = None


def open_correction(
    session: Session, actor: Actor, wanted: NewCorrection, *, now: datetime
) -> Correction:
    """A new document with the next number of its series; who could be its second person hears.

    The caller has asked whether the actor may. Raises `CorrectionReasonMissing`.
    """
    reason = read_reason(wanted.reason)
    year = fiscal_year(city_day(now))
    agency = wanted.agency
    issuer = agency.code if agency else CITY_ISSUER
    number = next_number(session, issuer=issuer, kind=SERIES, year=year)
    correction = Correction(
        number=f"KOR/{number:04}/{issuer}/{year}",
        kind=wanted.kind,
        fund=wanted.fund,
        state=CorrectionState.PROPOSED,
        agency_id=agency.id if agency else None,
        agency_code=agency.code if agency else None,
        other_agency_code=wanted.other_agency_code,
        reason=reason,
        reverses_id=wanted.reverses_id,
        proposed_by=actor.person_id,
        proposed_at=now,
    )
    session.add(correction)
    session.flush()
    outbox.put(session, "correction_proposed", {"correction": correction.id}, now=now)
    return correction


def attach(session: Session, correction: Correction, evidence: Evidence | None) -> None:
    """Keep the file beside a document, if there is one."""
    if evidence is None:
        return
    session.add(
        CorrectionEvidence(
            correction_id=correction.id,
            file_name=evidence.file_name,
            media_type=evidence.media_type,
            sha256=evidence.sha256,
            size=len(evidence.content),
            content=evidence.content,
        )
    )


def approve(session: Session, actor: Actor, correction: Correction, *, now: datetime) -> None:
    """Be the second person. Whoever calls this posts what follows, in the same unit of work.

    Of two who decide at once one does; the row stays locked until the unit of work ends.
    Raises `SecondPersonNeeded` or `AlreadyDecided`.
    """
    if actor.person_id in {correction.proposed_by, OPERATOR.person_id}:
        raise SecondPersonNeeded
    _decide(session, actor, correction, CorrectionState.APPROVED, "", now)


def refuse(
    session: Session, actor: Actor, correction: Correction, *, reason: str, now: datetime
) -> None:
    """Refuse a document, or as its proposer take it back. Nothing is posted; its number stays.

    The caller has asked whether the actor may. Raises `CorrectionReasonMissing` (who takes the own
    one back needs none) or `AlreadyDecided`.
    """
    takes_back = actor.person_id == correction.proposed_by
    reason = "" if takes_back and not reason.strip() else read_reason(reason)
    _decide(session, actor, correction, CorrectionState.REFUSED, reason, now)


def read_reason(typed: str) -> str:
    """A reason as it is kept. Raises `CorrectionReasonMissing`."""
    reason = one_line(typed)
    if not reason or len(reason) > LONGEST_REASON:
        raise CorrectionReasonMissing(most=LONGEST_REASON)
    return reason


def digest_of(document: Mapping[str, str | int | None]) -> str:
    """The SHA-256 over a document's JSON: sorted keys, no spaces, UTF-8, as an order's snapshot."""
    text = json.dumps(dict(document), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(text.encode()).hexdigest()


def _decide(
    session: Session,
    actor: Actor,
    correction: Correction,
    state: CorrectionState,
    refusal: str,
    now: datetime,
) -> None:
    decide(
        session,
        Correction,
        Correction.id == correction.id,
        Correction.state == CorrectionState.PROPOSED,
        state=state,
        decided_by=actor.person_id,
        decided_at=now,
        refusal=refusal,
    )
    act = f"correction.{state.value}"
    details = {"kind": correction.kind.value, "refusal": refusal or None}
    audit.record(session, actor, act, correction.number, details, now=now)
