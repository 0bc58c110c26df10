"""A new version of the rule: proposed by one city admin, in force once another confirmed it.

It changes official figures, so it takes two hands, as a budget does. Nothing posted is rewritten.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storefront.accounts.models import PersonDetails
from storefront.core import audit, outbox
from storefront.core.deciding import decide, require_second_hand
from storefront.core.errors import N_, Conflict, DomainError, NotFound
from storefront.core.permissions import (
    CITY,
    Action,
    Actor,
    PersonId,
    allows,
    require,
)
from storefront.core.text import clean
from storefront.quota.models import Fund, Mark, MarkName
from storefront.quota.periods import Books, books_as_seen
from storefront.quota.rule_models import ProposalState, QuotaRule, RuleProposal
from storefront.quota.rules import Rule, RuleTerms, as_said, rule_of, terms_of

LONGEST_BASIS = 200
LONGEST_LIST = 100


class RuleInClosedMonth(DomainError):
    code = "rule_in_closed_month"
    message = N_("Bulan %(month)s sudah ditutup; aturan baru berlaku paling cepat sesudahnya.")
    field = "effective_on"


class RuleOfThatDayExists(Conflict):
    code = "rule_of_that_day_exists"
    message = N_("Sudah ada aturan, atau usulannya, yang berlaku mulai %(day)s.")
    field = "effective_on"


class BasisMissing(DomainError):
    code = "basis_missing"
    message = N_("Tulis dasarnya, misalnya nomor peraturan, paling panjang %(longest)s huruf.")
    field = "basis"


class OfficialAlwaysCounts(DomainError):
    code = "official_always_counts"
    message = N_("Dana instansi selalu dihitung.")
    field = "funds"


@dataclass(frozen=True, kw_only=True)
class ProposalRow(RuleTerms):
    """A proposal that waits."""

    proposal_id: int
    effective_on: date
    basis: str
    proposed_by: PersonId
    proposed_by_name: str | None
    proposed_at: datetime


def propose_rule(
    session: Session,
    actor: Actor,
    terms: RuleTerms,
    *,
    effective_on: date,
    basis: str,
    now: datetime,
) -> RuleProposal:
    """Propose a version from a day on; it changes nothing until it is confirmed.

    Raises `NotAllowed`, `BasisMissing`, `OfficialAlwaysCounts`; `RuleInClosedMonth`, for a closed
    month keeps the version it closed with; `RuleOfThatDayExists`, also of one that waits.
    """
    require(actor, Action.CHANGE_RULES, CITY)
    basis = clean(basis)
    if not 0 < len(basis) <= LONGEST_BASIS:
        raise BasisMissing(longest=LONGEST_BASIS)
    if Fund.OFFICIAL not in terms.funds:
        raise OfficialAlwaysCounts
    _check_day(session, _locked_books(session), effective_on)
    waiting = select(RuleProposal.id).filter_by(
        effective_on=effective_on, state=ProposalState.PROPOSED
    )
    if session.scalar(waiting) is not None:
        raise RuleOfThatDayExists(day=effective_on.isoformat())
    row = RuleProposal(
        **as_said(terms),
        effective_on=effective_on,
        basis=basis,
        proposed_by=actor.person_id,
        proposed_at=now,
    )
    session.add(row)
    session.flush()
    outbox.put(session, "rule_proposed", {"proposal": row.id}, now=now)
    audit.record(session, actor, "rule.proposed", str(row.id), _details(row), now=now)
    return row


def confirm_rule(session: Session, actor: Actor, proposal_id: int, *, now: datetime) -> Rule:
    """Be the second person of a proposal, and return the version that it became.

    Raises `NotFound`, `SecondCityAdminNeeded` (also for the command line), `AlreadyDecided`, or
    what no longer fits its day: `RuleInClosedMonth`, `RuleOfThatDayExists`.
    """
    require(actor, Action.CHANGE_RULES, CITY)
    proposed = session.get(RuleProposal, proposal_id)
    if proposed is None:
        raise NotFound
    require_second_hand(actor, proposed.proposed_by)
    books = _locked_books(session)
    decided = _decided(session, actor, proposal_id, ProposalState.CONFIRMED, now)
    _check_day(session, books, decided.effective_on)
    row = QuotaRule(
        version=session.scalars(select(func.max(QuotaRule.version))).one() + 1,
        **as_said(terms_of(decided)),
        effective_on=decided.effective_on,
        basis=decided.basis,
        proposed_by=decided.proposed_by,
        proposed_at=decided.proposed_at,
        adopted_by=actor.person_id,
        adopted_at=now,
    )
    session.add(row)
    session.flush()
    details = {"version": row.version, "proposal": decided.id, **_details(decided)}
    audit.record(session, actor, "rule.adopted", str(row.version), details, now=now)
    return rule_of(session, row.version)


def refuse_rule(session: Session, actor: Actor, proposal_id: int, *, now: datetime) -> None:
    """Refuse a proposal, or take one's own back. Raises `NotFound` or `AlreadyDecided`."""
    require(actor, Action.CHANGE_RULES, CITY)
    if session.get(RuleProposal, proposal_id) is None:
        raise NotFound
    decided = _decided(session, actor, proposal_id, ProposalState.REFUSED, now)
    audit.record(session, actor, "rule.refused", str(decided.id), _details(decided), now=now)


def waiting_rules(session: Session, actor: Actor) -> Sequence[ProposalRow]:
    """All that waits, the first to start first, for the city and the auditor. One query."""
    if not allows(actor, Action.SEE_CITY, CITY):
        return []
    query = (
        select(RuleProposal, PersonDetails.name)
        .outerjoin(PersonDetails, PersonDetails.person_id == RuleProposal.proposed_by)
        .where(RuleProposal.state == ProposalState.PROPOSED)
        .order_by(RuleProposal.effective_on, RuleProposal.id)
        .limit(LONGEST_LIST)
    )
    return [
        ProposalRow(
            **vars(terms_of(row)),
            proposal_id=row.id,
            effective_on=row.effective_on,
            basis=row.basis,
            proposed_by=row.proposed_by,
            proposed_by_name=name,
            proposed_at=row.proposed_at,
        )
        for row, name in session.execute(query)
    ]


def pending_rules(session: Session, actor: Actor) -> Sequence[ProposalRow]:
    """Those that this actor could confirm, by the rule of `confirm_rule`."""
    if not allows(actor, Action.CHANGE_RULES, CITY):
        return []
    return [row for row in waiting_rules(session, actor) if row.proposed_by != actor.person_id]


def _locked_books(session: Session) -> Books:
    """The books while nobody closes a month or adopts a rule beside us: versions have no gaps."""
    session.get_one(Mark, MarkName.FIRST_OPEN_MONTH, with_for_update=True, populate_existing=True)
    return books_as_seen(session)


def _check_day(session: Session, books: Books, effective_on: date) -> None:
    if effective_on < books.first_day:
        raise RuleInClosedMonth(month=f"{effective_on:%Y-%m}")
    if session.scalar(select(QuotaRule.version).filter_by(effective_on=effective_on)) is not None:
        raise RuleOfThatDayExists(day=effective_on.isoformat())


def _decided(
    session: Session, actor: Actor, proposal_id: int, state: ProposalState, now: datetime
) -> RuleProposal:
    return decide(
        session,
        RuleProposal,
        RuleProposal.id == proposal_id,
        RuleProposal.state == ProposalState.PROPOSED,
        state=state,
        decided_by=actor.person_id,
        decided_at=now,
    )


def _details(row: RuleProposal) -> dict[str, str | int | bool | None]:
    return {
        **as_said(terms_of(row)),
        "effective_on": row.effective_on.isoformat(),
        "basis": row.basis,
    }
