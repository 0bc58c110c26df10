"""Reads about agencies and their budgets."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, aliased

from storefront.accounts.models import PersonDetails
from storefront.agencies.budgets import BudgetLineRow, find_bearing_year, lines_where
from storefront.agencies.models import (
    Agency,
    AgencyId,
    AgencyKind,
    BudgetLine,
    BudgetRevision,
    BudgetRevisionLine,
    BudgetYear,
    ExpenseAccount,
    OverCeiling,
    RevisionKind,
    RevisionState,
)
from storefront.agencies.reach import DEEPEST, agency_by_code, agency_in_reach
from storefront.core.errors import NotFound
from storefront.core.permissions import (
    CITY,
    OPERATOR,
    Action,
    Actor,
    Grant,
    Role,
    agency_scope,
    allows,
)

LONGEST_LIST = 500


@dataclass(frozen=True)
class AgencyRow:
    """An agency, and how deep it stands in the tree."""

    agency_id: AgencyId
    code: str
    name: str
    kind: AgencyKind
    parent_code: str | None
    address: str
    is_practice: bool
    ended_on: date | None
    """From which day on it is no more; its successor acts for it."""
    depth: int = 0


@dataclass(frozen=True)
class RevisionRow:
    """A version of a budget. `proposed_by_name` is None for the command line."""

    revision_id: int
    agency_code: str
    agency_name: str
    fiscal_year: int
    revision: int
    effective_on: date
    document_number: str
    kind: RevisionKind
    total_amount: int
    state: RevisionState
    proposed_by_name: str | None
    proposed_at: datetime
    confirmed_by_name: str | None
    before_amount: int | None
    """What the confirmed version before it says; None: there is none."""

    @property
    def change_amount(self) -> int | None:
        """Signed rupiah between that version and this."""
        return None if self.before_amount is None else self.total_amount - self.before_amount


@dataclass(frozen=True)
class RevisionLineRow:
    """What a revision gives one activity for one expense account."""

    activity_code: str
    activity_name: str
    expense_account: str
    expense_account_name: str
    amount: int


@dataclass(frozen=True, kw_only=True)
class BudgetPage:
    """An agency's budget of a year; without a ceiling none was entered.

    `borne_by`: the agency above whose budget bears it, where it has none of its own.
    """

    agency: AgencyRow
    fiscal_year: int
    borne_by: AgencyRow | None
    ceiling_amount: int | None
    committed_amount: int
    spent_amount: int
    revision: int
    over_ceiling: OverCeiling
    """What becomes of a request above it; of the agency whose budget it is."""
    lines: tuple[BudgetLineRow, ...]
    revisions: tuple[RevisionRow, ...]

    @property
    def left_amount(self) -> int | None:
        """What is still free, below nought after a cut; None where there is no ceiling."""
        if self.ceiling_amount is None:
            return None
        return self.ceiling_amount - self.committed_amount - self.spent_amount

    @property
    def planned_amount(self) -> int:
        """What of the ceiling is broken down in lines."""
        return sum(line.ceiling_amount for line in self.lines)


def lines_of(session: Session, agency_id: AgencyId, fiscal_year: int) -> list[BudgetLineRow]:
    """The lines of an agency's own budget of a year, by activity and account. One query."""
    own = select(BudgetYear.id).filter_by(agency_id=agency_id, fiscal_year=fiscal_year)
    return lines_where(session, BudgetLine.budget_year_id.in_(own))


def find_agency(session: Session, code: str) -> AgencyRow:
    """The agency of a code. One query. Raises `NotFound`."""
    parent = aliased(Agency)
    row = session.execute(
        select(Agency, parent.code)
        .outerjoin(parent, parent.id == Agency.parent_id)
        .where(Agency.code == code)
    ).one_or_none()
    if row is None:
        raise NotFound
    return _as_row(*row)


def agencies_by_code(session: Session, codes: Collection[str]) -> list[AgencyRow]:
    """The agencies of some codes, by name. One query."""
    parent = aliased(Agency)
    rows = session.execute(
        select(Agency, parent.code)
        .outerjoin(parent, parent.id == Agency.parent_id)
        .where(Agency.code.in_(codes))
        .order_by(Agency.name, Agency.id)
    )
    return [_as_row(agency, parent_code) for agency, parent_code in rows]


def agency_tree(session: Session) -> list[AgencyRow]:
    """All agencies, each before those below it, by name among its own. One query."""
    parent = aliased(Agency)
    rows = session.execute(
        select(Agency, parent.code)
        .outerjoin(parent, parent.id == Agency.parent_id)
        .order_by(Agency.name, Agency.id)
    )
    below: defaultdict[str | None, list[AgencyRow]] = defaultdict(list)
    for agency, parent_code in rows:
        below[parent_code].append(_as_row(agency, parent_code))
    return _walk(below, None, 0)


def agencies_in_reach(session: Session, actor: Actor, action: Action) -> list[AgencyRow]:
    """The agencies on which the actor may act: of their roles, and below them. One query."""
    tree = agency_tree(session)
    if allows(actor, action, CITY):
        return tree
    reached: set[str] = set()
    for agency in tree:
        if agency.parent_code in reached or allows(actor, action, agency_scope(agency.code)):
            reached.add(agency.code)
    return [agency for agency in tree if agency.code in reached]


def budget_page(session: Session, actor: Actor, agency_code: str, fiscal_year: int) -> BudgetPage:
    """An agency's budget of a year, or that which bears it, with all its versions.

    Raises `NotFound` for an agency out of reach.
    """
    asked = agency_by_code(session, actor, Action.SEE_BUDGET, agency_code)
    bearing = find_bearing_year(session, asked.id, fiscal_year)
    bearer_id = bearing.agency_id if bearing else asked.id
    year = session.scalar(
        select(BudgetYear)
        .filter_by(agency_id=bearer_id, fiscal_year=fiscal_year)
        .execution_options(populate_existing=True)
    )
    borne_by = None
    if bearer_id != asked.id:
        borne_by = find_agency(session, session.get_one(Agency, bearer_id).code)
    return BudgetPage(
        agency=find_agency(session, agency_code),
        fiscal_year=fiscal_year,
        borne_by=borne_by,
        ceiling_amount=year.ceiling_amount if year else None,
        committed_amount=year.committed_amount if year else 0,
        spent_amount=year.spent_amount if year else 0,
        revision=year.revision if year else 0,
        over_ceiling=bearing.over_ceiling if bearing else asked.over_ceiling,
        lines=tuple(lines_of(session, bearer_id, fiscal_year)),
        revisions=tuple(
            _revisions(
                session,
                (BudgetRevision.agency_id == asked.id)
                & (BudgetRevision.fiscal_year == fiscal_year),
            )
        ),
    )


def pending_revisions(session: Session, actor: Actor) -> list[RevisionRow]:
    """The revisions that this actor could confirm, by the rule of `confirm_revision`. One query."""
    if actor.person_id == OPERATOR.person_id:
        return []
    confirmable = BudgetRevision.proposed_by != actor.person_id
    if Grant(Role.CITY_ADMIN, *CITY) not in actor.grants:
        confirmable &= Agency.code.in_(actor.scopes(Role.AGENCY_ADMIN))
    return _revisions(session, (BudgetRevision.state == RevisionState.PROPOSED) & confirmable)


def find_revision(session: Session, actor: Actor, revision_id: int) -> RevisionRow:
    """One version, for who may see the agency's budget. Raises `NotFound`."""
    revision = session.get(BudgetRevision, revision_id)
    if revision is None:
        raise NotFound
    agency_in_reach(session, actor, Action.SEE_BUDGET, revision.agency_id)
    return _revisions(session, BudgetRevision.id == revision_id)[0]


def lines_of_revision(session: Session, actor: Actor, revision_id: int) -> list[RevisionLineRow]:
    """What a revision gives each activity and account, for who may see the agency's budget."""
    revision = session.get(BudgetRevision, revision_id)
    if revision is None:
        raise NotFound
    agency_in_reach(session, actor, Action.SEE_BUDGET, revision.agency_id)
    rows = session.execute(
        select(
            BudgetRevisionLine.activity_code,
            BudgetRevisionLine.activity_name,
            BudgetRevisionLine.expense_account,
            ExpenseAccount.name,
            BudgetRevisionLine.amount,
        )
        .join(ExpenseAccount, ExpenseAccount.code == BudgetRevisionLine.expense_account)
        .where(BudgetRevisionLine.revision_id == revision_id)
        .order_by(BudgetRevisionLine.activity_code, BudgetRevisionLine.expense_account)
    )
    return [RevisionLineRow(*row) for row in rows]


def expense_accounts(session: Session) -> Mapping[str, str]:
    """Names of the chart's accounts by code. One query."""
    rows = session.execute(select(ExpenseAccount.code, ExpenseAccount.name).order_by("code"))
    return {row.code: row.name for row in rows}


def _revisions(session: Session, which: ColumnElement[bool]) -> list[RevisionRow]:
    proposer, confirmer = aliased(PersonDetails), aliased(PersonDetails)
    earlier = aliased(BudgetRevision)
    before = (
        select(earlier.total_amount)
        .where(
            earlier.agency_id == BudgetRevision.agency_id,
            earlier.fiscal_year == BudgetRevision.fiscal_year,
            earlier.revision < BudgetRevision.revision,
            earlier.state == RevisionState.CONFIRMED,
        )
        .order_by(earlier.revision.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = (
        select(BudgetRevision, Agency.code, Agency.name, proposer.name, confirmer.name, before)
        .join(Agency, Agency.id == BudgetRevision.agency_id)
        .outerjoin(proposer, proposer.person_id == BudgetRevision.proposed_by)
        .outerjoin(confirmer, confirmer.person_id == BudgetRevision.confirmed_by)
        .where(which)
        .order_by(BudgetRevision.fiscal_year.desc(), Agency.code, BudgetRevision.revision.desc())
        .limit(LONGEST_LIST)
    )
    return [
        RevisionRow(
            revision_id=row.id,
            agency_code=code,
            agency_name=name,
            fiscal_year=row.fiscal_year,
            revision=row.revision,
            effective_on=row.effective_on,
            document_number=row.document_number,
            kind=row.kind,
            total_amount=row.total_amount,
            state=row.state,
            proposed_by_name=by,
            proposed_at=row.proposed_at,
            confirmed_by_name=confirmed_by,
            before_amount=before_amount,
        )
        for row, code, name, by, confirmed_by, before_amount in session.execute(query)
    ]


def _walk(
    below: Mapping[str | None, list[AgencyRow]], code: str | None, depth: int
) -> list[AgencyRow]:
    rows: list[AgencyRow] = []
    for agency in below.get(code, []) if depth <= DEEPEST else []:
        rows.append(replace(agency, depth=depth))
        rows += _walk(below, agency.code, depth + 1)
    return rows


def _as_row(agency: Agency, parent_code: str | None) -> AgencyRow:
    return AgencyRow(
        agency_id=agency.id,
        code=agency.code,
        name=agency.name,
        kind=agency.kind,
        parent_code=parent_code,
        address=agency.address,
        is_practice=agency.is_practice,
        ended_on=agency.ended_on,
    )
