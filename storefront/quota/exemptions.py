"""Agencies without a target, for a time and a reason: proposed by one, confirmed by another.

An exempt agency keeps its figures; what it lacks is the target (`reports/figures.py`). As with a
rule, a figure as of a day asks whether the exemption held on that day, and closed months stay.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, aliased

from storefront.accounts.models import PersonDetails
from storefront.agencies.models import Agency, AgencyId
from storefront.core import audit, outbox
from storefront.core.calendar import city_day
from storefront.core.deciding import decide, require_second_hand
from storefront.core.errors import N_, DomainError, NotFound
from storefront.core.permissions import (
    CITY,
    Action,
    Actor,
    PersonId,
    allows,
    require,
)
from storefront.core.text import clean
from storefront.quota.periods import open_books
from storefront.quota.rule_models import ProposalState, QuotaExemption

LONGEST_REASON = 400
LONGEST_DOCUMENT = 80
LONGEST_LIST = 200


class ExemptionReasonMissing(DomainError):
    code = "exemption_reason_missing"
    message = N_("Tulis alasannya; instansi dan pemeriksa membacanya apa adanya.")
    field = "reason"


class ExemptionDocumentMissing(DomainError):
    code = "exemption_document_missing"
    message = N_("Isi nomor dokumennya, paling panjang %(longest)s huruf.")
    field = "document_number"


class ExemptionEndsFirst(DomainError):
    code = "exemption_ends_first"
    message = N_("Hari terakhirnya tidak boleh sebelum hari pertamanya.")
    field = "valid_to"


class ExemptionInClosedMonth(DomainError):
    code = "exemption_in_closed_month"
    message = N_("Bulan %(month)s sudah ditutup; angkanya tidak berubah lagi.")
    field = "valid_from"


class ExemptAlready(DomainError):
    code = "exempt_already"
    message = N_("Instansi ini sudah dikecualikan, atau diusulkan, untuk sebagian masa itu.")
    field = "valid_from"


@dataclass(frozen=True, kw_only=True)
class Exemption:
    """An exemption that holds: why, by which document, until when."""

    agency_id: AgencyId
    valid_from: date
    last_day: date
    reason: str
    document_number: str
    decided_by_name: str | None
    """Who confirmed it."""


@dataclass(frozen=True, kw_only=True)
class ExemptionRow(Exemption):
    """One in the city's list, whatever became of it."""

    exemption_id: int
    agency_code: str
    agency_name: str
    state: ProposalState
    is_ended: bool
    """Before its last day, by a city admin."""
    proposed_by: PersonId
    proposed_by_name: str | None
    proposed_at: datetime

    def holds_on(self, day: date) -> bool:
        return (
            self.state is ProposalState.CONFIRMED
            and self.valid_from <= day
            and (day < self.last_day if self.is_ended else day <= self.last_day)
        )


def propose_exemption(
    session: Session,
    actor: Actor,
    agency_code: str,
    *,
    valid_from: date,
    valid_to: date,
    reason: str,
    document_number: str,
    now: datetime,
) -> QuotaExemption:
    """Propose that an agency has no target from a day to a day, both included.

    Raises `NotAllowed`, `NotFound`, or what is wrong with a field.
    """
    require(actor, Action.CHANGE_RULES, CITY)
    agency = session.scalar(select(Agency).filter_by(code=agency_code).with_for_update())
    if agency is None:
        raise NotFound
    reason, document_number = clean(reason), clean(document_number)
    if not 0 < len(reason) <= LONGEST_REASON:
        raise ExemptionReasonMissing
    if not 0 < len(document_number) <= LONGEST_DOCUMENT:
        raise ExemptionDocumentMissing(longest=LONGEST_DOCUMENT)
    if valid_to < valid_from:
        raise ExemptionEndsFirst
    _check_open(session, valid_from)
    over = QuotaExemption.ended_on
    standing = select(QuotaExemption.id).where(
        QuotaExemption.agency_id == agency.id,
        QuotaExemption.state != ProposalState.REFUSED,
        QuotaExemption.valid_from <= valid_to,
        or_(over > valid_from, over.is_(None) & (QuotaExemption.valid_to >= valid_from)),
    )
    if session.scalar(standing.limit(1)) is not None:
        raise ExemptAlready
    row = QuotaExemption(
        agency_id=agency.id,
        valid_from=valid_from,
        valid_to=valid_to,
        reason=reason,
        document_number=document_number,
        proposed_by=actor.person_id,
        proposed_at=now,
    )
    session.add(row)
    session.flush()
    outbox.put(session, "exemption_proposed", {"exemption": row.id}, now=now)
    _note(session, actor, "exemption.proposed", row, now)
    return row


def confirm_exemption(
    session: Session, actor: Actor, exemption_id: int, *, now: datetime
) -> QuotaExemption:
    """Be the second person of an exemption: from its first day on its agency has no target.

    Raises `NotFound`, `SecondCityAdminNeeded`, `AlreadyDecided` or `ExemptionInClosedMonth`.
    """
    require(actor, Action.CHANGE_RULES, CITY)
    proposed = _found(session, exemption_id)
    require_second_hand(actor, proposed.proposed_by)
    _check_open(session, proposed.valid_from)
    decided = _decided(session, actor, exemption_id, ProposalState.CONFIRMED, now)
    _note(session, actor, "exemption.confirmed", decided, now)
    return decided


def refuse_exemption(session: Session, actor: Actor, exemption_id: int, *, now: datetime) -> None:
    """Refuse a proposal, or take one's own back. Raises `NotFound` or `AlreadyDecided`."""
    require(actor, Action.CHANGE_RULES, CITY)
    _found(session, exemption_id)
    decided = _decided(session, actor, exemption_id, ProposalState.REFUSED, now)
    _note(session, actor, "exemption.refused", decided, now)


def end_exemption(session: Session, actor: Actor, exemption_id: int, *, now: datetime) -> None:
    """End one before its time: from today on the agency has a target again.

    One hand is enough to bring somebody back under the rule, as it is to take a role away; where it
    begins later it never comes to hold. Raises `NotFound` or `AlreadyDecided`.
    """
    require(actor, Action.CHANGE_RULES, CITY)
    standing = _found(session, exemption_id)
    from_day = max(city_day(now), standing.valid_from)
    ended = decide(
        session,
        QuotaExemption,
        QuotaExemption.id == exemption_id,
        QuotaExemption.state == ProposalState.CONFIRMED,
        QuotaExemption.ended_on.is_(None),
        QuotaExemption.valid_to >= from_day,
        ended_on=from_day,
        ended_by=actor.person_id,
        ended_at=now,
    )
    _note(session, actor, "exemption.ended", ended, now)


def exemptions_on(
    session: Session, day: date, *, known_at: datetime | None = None
) -> Mapping[AgencyId, Exemption]:
    """The exemptions that hold on a day, by agency; as known at an instant, or now. One query."""
    ended = QuotaExemption.ended_on <= day
    if known_at is not None:
        ended &= QuotaExemption.ended_at <= known_at
    query = (
        select(QuotaExemption, PersonDetails.name)
        .outerjoin(PersonDetails, PersonDetails.person_id == QuotaExemption.decided_by)
        .where(
            QuotaExemption.state == ProposalState.CONFIRMED,
            QuotaExemption.valid_from <= day,
            QuotaExemption.valid_to >= day,
            or_(QuotaExemption.ended_on.is_(None), ~ended),
        )
    )
    if known_at is not None:
        query = query.where(QuotaExemption.decided_at <= known_at)
    return {
        row.agency_id: Exemption(
            agency_id=row.agency_id,
            valid_from=row.valid_from,
            last_day=row.valid_to,
            reason=row.reason,
            document_number=row.document_number,
            decided_by_name=name,
        )
        for row, name in session.execute(query)
    }


def list_exemptions(session: Session, actor: Actor) -> Sequence[ExemptionRow]:
    """All that were ever proposed, the latest first, for the city and the auditor. One query."""
    if not allows(actor, Action.SEE_CITY, CITY):
        return []
    proposer, decider = aliased(PersonDetails), aliased(PersonDetails)
    query = (
        select(QuotaExemption, Agency.code, Agency.name, proposer.name, decider.name)
        .join(Agency, Agency.id == QuotaExemption.agency_id)
        .outerjoin(proposer, proposer.person_id == QuotaExemption.proposed_by)
        .outerjoin(decider, decider.person_id == QuotaExemption.decided_by)
        .order_by(QuotaExemption.id.desc())
        .limit(LONGEST_LIST)
    )
    return [
        ExemptionRow(
            exemption_id=row.id,
            agency_id=row.agency_id,
            agency_code=code,
            agency_name=name,
            valid_from=row.valid_from,
            last_day=row.ended_on or row.valid_to,
            reason=row.reason,
            document_number=row.document_number,
            state=row.state,
            is_ended=row.ended_on is not None,
            proposed_by=row.proposed_by,
            proposed_by_name=proposed_by,
            proposed_at=row.proposed_at,
            decided_by_name=decided_by,
        )
        for row, code, name, proposed_by, decided_by in session.execute(query)
    ]


def pending_exemptions(session: Session, actor: Actor) -> Sequence[ExemptionRow]:
    """Those that this actor could confirm, by the rule of `confirm_exemption`."""
    if not allows(actor, Action.CHANGE_RULES, CITY):
        return []
    return [
        row
        for row in list_exemptions(session, actor)
        if row.state is ProposalState.PROPOSED and row.proposed_by != actor.person_id
    ]


def _check_open(session: Session, day: date) -> None:
    if day < open_books(session).first_day:
        raise ExemptionInClosedMonth(month=f"{day:%Y-%m}")


def _found(session: Session, exemption_id: int) -> QuotaExemption:
    found = session.get(QuotaExemption, exemption_id)
    if found is None:
        raise NotFound
    return found


def _decided(
    session: Session, actor: Actor, exemption_id: int, state: ProposalState, now: datetime
) -> QuotaExemption:
    return decide(
        session,
        QuotaExemption,
        QuotaExemption.id == exemption_id,
        QuotaExemption.state == ProposalState.PROPOSED,
        state=state,
        decided_by=actor.person_id,
        decided_at=now,
    )


def _note(session: Session, actor: Actor, act: str, row: QuotaExemption, now: datetime) -> None:
    code = session.scalars(select(Agency.code).filter_by(id=row.agency_id)).one()
    details: dict[str, str | int | bool | None] = {
        "exemption": row.id,
        "valid_from": row.valid_from.isoformat(),
        "valid_to": row.valid_to.isoformat(),
        "document_number": row.document_number,
    }
    audit.record(session, actor, act, code, details, now=now)
