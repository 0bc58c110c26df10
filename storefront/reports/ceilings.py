"""What agencies could spend as of a day: by the budget revisions effective by then.

Today's counters (`BudgetYear`) follow the revisions by a daily step; a figure asked for a day must
not. Only where a ceiling was entered without a revision (number 0) does the counter say it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.agencies.models import AgencyId, BudgetRevision, BudgetYear, RevisionState
from storefront.reports.moments import Moment


@dataclass(frozen=True, kw_only=True)
class Revision:
    """The version of the budget that a ceiling is from."""

    revision_id: int
    number: int
    effective_on: date
    document_number: str


@dataclass(frozen=True)
class Ceiling:
    """Whole rupiah, and the revision that says so."""

    amount: int
    revision: Revision | None


def last_day_of(year: int, at: Moment) -> date:
    """The day by which a year's budget and rule are read: the moment's, at most 31 December."""
    return min(at.as_of, date(year, 12, 31))


def read_ceilings(session: Session, year: int, at: Moment) -> dict[AgencyId, Ceiling]:
    """The year's own ceiling of every agency that had one as of a moment. Two queries.

    Of the revisions effective by the day, the highest number holds (agencies/revisions.py).
    """
    unversioned = select(BudgetYear.agency_id, BudgetYear.ceiling_amount).where(
        BudgetYear.fiscal_year == year,
        BudgetYear.revision == 0,
        BudgetYear.ceiling_amount.is_not(None),
    )
    ceilings = {
        agency_id: Ceiling(amount, None)
        for agency_id, amount in session.execute(unversioned)
        if amount is not None
    }
    query = (
        select(
            BudgetRevision.id,
            BudgetRevision.agency_id,
            BudgetRevision.revision,
            BudgetRevision.effective_on,
            BudgetRevision.document_number,
            BudgetRevision.total_amount,
        )
        .where(
            BudgetRevision.fiscal_year == year,
            BudgetRevision.state == RevisionState.CONFIRMED,
            BudgetRevision.effective_on <= last_day_of(year, at),
        )
        .order_by(BudgetRevision.agency_id, BudgetRevision.revision)
    )
    if at.known_at is not None:
        query = query.where(BudgetRevision.confirmed_at <= at.known_at)
    for row in session.execute(query):
        said = Revision(
            revision_id=row.id,
            number=row.revision,
            effective_on=row.effective_on,
            document_number=row.document_number,
        )
        ceilings[row.agency_id] = Ceiling(row.total_amount, said)
    return ceilings


def amounts_of(ceilings: Mapping[AgencyId, Ceiling]) -> dict[AgencyId, int]:
    """Rupiah alone, as `figures.read_tree` takes them."""
    return {agency_id: ceiling.amount for agency_id, ceiling in ceilings.items()}
