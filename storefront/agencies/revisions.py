"""Versions of an agency's budget: proposed by one person, true once a second confirmed them.

A revision that takes effect on a later day is applied by the worker's daily step (`apply_due`).
What is committed above a ceiling that was cut stays committed; pages show it in red.
"""

from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import exists, func, insert, select, update
from sqlalchemy.orm import Session

from storefront.agencies.budget_plans import NewRevision, check_plan
from storefront.agencies.budgets import open_year
from storefront.agencies.grants import NotTheSecondPerson, is_second_person
from storefront.agencies.models import (
    Agency,
    AgencyId,
    BudgetLine,
    BudgetRevision,
    BudgetRevisionLine,
    BudgetYear,
    RevisionState,
    kind_by_number,
)
from storefront.agencies.reach import agency_in_reach
from storefront.core import audit, outbox
from storefront.core.calendar import city_day
from storefront.core.deciding import decide
from storefront.core.errors import N_, Conflict, NotFound
from storefront.core.permissions import (
    SYSTEM,
    Action,
    Actor,
    PersonId,
    Role,
    agency_scope,
    allows,
)
from storefront.core.text import clean


class RevisionNotNext(Conflict):
    code = "revision_not_next"
    message = N_("Perubahan berikutnya untuk tahun %(fiscal_year)d adalah nomor %(revision)d.")
    field = "revision"


class NewerRevisionStands(Conflict):
    code = "newer_revision_stands"
    message = N_("Perubahan pagu yang lebih baru sudah berlaku.")


def propose_revision(
    session: Session, actor: Actor, plan: NewRevision, *, now: datetime
) -> BudgetRevision:
    """Propose the next version of an agency's budget; it changes nothing until it is confirmed.

    Raises `NotFound`, `RevisionNotNext`, or what `check_plan` raises.
    """
    agency = agency_in_reach(session, actor, Action.PROPOSE_BUDGET, plan.agency_id)
    plan = replace(plan, document_number=clean(plan.document_number))
    check_plan(session, plan)
    session.execute(select(Agency.id).filter_by(id=agency.id).with_for_update())  # one at a time
    following = next_revision(session, plan.agency_id, plan.fiscal_year)
    if plan.revision != following:
        raise RevisionNotNext(fiscal_year=plan.fiscal_year, revision=following)
    proposed = BudgetRevision(
        agency_id=plan.agency_id,
        fiscal_year=plan.fiscal_year,
        revision=plan.revision,
        effective_on=plan.effective_on,
        document_number=plan.document_number,
        kind=plan.kind or kind_by_number(plan.revision),
        total_amount=plan.total_amount,
        state=RevisionState.PROPOSED,
        proposed_by=actor.person_id,
        proposed_at=now,
        lines=[BudgetRevisionLine(**vars(line)) for line in plan.lines],
    )
    session.add(proposed)
    session.flush()
    outbox.put(session, "budget_proposed", {"revision": proposed.id}, now=now)
    details = _details(proposed, agency)
    audit.record(session, actor, "budget.proposed", agency.code, details, now=now)
    return proposed


def next_revision(session: Session, agency_id: AgencyId, fiscal_year: int) -> int:
    """The number that the next revision of an agency and year has: 1, 2, 3 ..."""
    last = session.scalar(
        select(func.max(BudgetRevision.revision)).where(
            BudgetRevision.agency_id == agency_id, BudgetRevision.fiscal_year == fiscal_year
        )
    )
    return (last or 0) + 1


def confirm_revision(
    session: Session, actor: Actor, revision_id: int, *, now: datetime
) -> BudgetRevision:
    """Be the second person of a revision; if its day has come, its ceilings hold at once.

    A city admin is it, or another agency admin of that agency; never the proposer or the command
    line. Raises `NotFound`, `NotTheSecondPerson`, `AlreadyDecided` or `NewerRevisionStands`.
    """
    proposed, agency = _proposal(session, actor, revision_id)
    if not is_second_person(actor, {proposed.proposed_by}, Role.AGENCY_ADMIN, agency.code):
        raise NotTheSecondPerson
    newer = select(BudgetRevision.id).where(
        BudgetRevision.agency_id == proposed.agency_id,
        BudgetRevision.fiscal_year == proposed.fiscal_year,
        BudgetRevision.revision > proposed.revision,
        BudgetRevision.state == RevisionState.CONFIRMED,
    )
    if session.scalar(newer.limit(1)) is not None:
        raise NewerRevisionStands
    decided = _decide(session, revision_id, RevisionState.CONFIRMED, actor.person_id, now)
    details = _details(decided, agency)
    audit.record(session, actor, "budget.confirmed", agency.code, details, now=now)
    if decided.effective_on <= city_day(now):
        _apply(session, decided)
    return decided


def refuse_revision(
    session: Session, actor: Actor, revision_id: int, *, now: datetime
) -> BudgetRevision:
    """Refuse a revision: by who could confirm it, or by its proposer, who takes it back.

    Raises `NotFound`, `NotTheSecondPerson` or `AlreadyDecided`.
    """
    proposed, agency = _proposal(session, actor, revision_id)
    takes_back = actor.person_id == proposed.proposed_by
    if not takes_back and not is_second_person(actor, set(), Role.AGENCY_ADMIN, agency.code):
        raise NotTheSecondPerson
    decided = _decide(session, revision_id, RevisionState.REFUSED, None, None)
    details = _details(decided, agency)
    audit.record(session, actor, "budget.refused", agency.code, details, now=now)
    return decided


def apply_due(session: Session, *, today: date, now: datetime, limit: int = 500) -> int:
    """Apply confirmed revisions whose day has come; how many. Called again it does nothing."""
    standing = exists().where(
        BudgetYear.agency_id == BudgetRevision.agency_id,
        BudgetYear.fiscal_year == BudgetRevision.fiscal_year,
        BudgetYear.revision >= BudgetRevision.revision,
    )
    due = session.scalars(
        select(BudgetRevision)
        .where(
            BudgetRevision.state == RevisionState.CONFIRMED,
            BudgetRevision.effective_on <= today,
            ~standing,
        )
        .order_by(BudgetRevision.agency_id, BudgetRevision.fiscal_year, BudgetRevision.revision)
        .limit(limit)
    ).all()
    for revision in due:
        _apply(session, revision)
        agency = session.get_one(Agency, revision.agency_id)
        details = _details(revision, agency)
        audit.record(session, SYSTEM, "budget.applied", agency.code, details, now=now)
    return len(due)


def _apply(session: Session, revision: BudgetRevision) -> None:
    """Make a revision's amounts the ceilings: the year's row first, which is the lock."""
    year_id = open_year(session, revision.agency_id, revision.fiscal_year)
    taken = session.scalar(
        update(BudgetYear)
        .where(BudgetYear.id == year_id, BudgetYear.revision < revision.revision)
        .values(ceiling_amount=revision.total_amount, revision=revision.revision)
        .returning(BudgetYear.id),
        execution_options={"synchronize_session": False},
    )
    if taken is None:
        return  # a newer one holds, or another process was quicker
    planned = {
        (line.activity_code, line.expense_account): line
        for line in session.scalars(
            select(BudgetRevisionLine)
            .filter_by(revision_id=revision.id)
            .order_by(BudgetRevisionLine.id)
        )
    }
    standing = session.execute(
        select(BudgetLine.id, BudgetLine.activity_code, BudgetLine.expense_account)
        .filter_by(budget_year_id=year_id)
        .order_by(BudgetLine.id)
    ).all()
    for line_id, activity, account in standing:
        line = planned.pop((activity, account), None)
        ceiling = {"ceiling_amount": line.amount if line else 0}
        named = {"activity_name": line.activity_name} if line else {}
        session.execute(
            update(BudgetLine).where(BudgetLine.id == line_id).values(**ceiling, **named),
            execution_options={"synchronize_session": False},
        )
    if planned:
        session.execute(
            insert(BudgetLine),
            [
                {
                    "budget_year_id": year_id,
                    "activity_code": line.activity_code,
                    "activity_name": line.activity_name,
                    "expense_account": line.expense_account,
                    "ceiling_amount": line.amount,
                    "committed_amount": 0,
                    "spent_amount": 0,
                }
                for line in planned.values()
            ],
        )


def _proposal(session: Session, actor: Actor, revision_id: int) -> tuple[BudgetRevision, Agency]:
    """A revision, for those who see proposals of its agency; else `NotFound`."""
    proposed = session.get(BudgetRevision, revision_id)
    if proposed is None:
        raise NotFound
    agency = session.get_one(Agency, proposed.agency_id)
    may_see = allows(actor, Action.CONFIRM, agency_scope(agency.code))
    if not may_see and actor.person_id != proposed.proposed_by:
        raise NotFound
    return proposed, agency


def _decide(
    session: Session,
    revision_id: int,
    state: RevisionState,
    by: PersonId | None,
    at: datetime | None,
) -> BudgetRevision:
    return decide(
        session,
        BudgetRevision,
        BudgetRevision.id == revision_id,
        BudgetRevision.state == RevisionState.PROPOSED,
        state=state,
        confirmed_by=by,
        confirmed_at=at,
    )


def _details(revision: BudgetRevision, agency: Agency) -> audit.Details:
    return {
        "agency": agency.code,
        "year": revision.fiscal_year,
        "revision": revision.revision,
        "document": revision.document_number,
        "kind": revision.kind,
        "total": revision.total_amount,
        "effective_on": revision.effective_on.isoformat(),
    }
