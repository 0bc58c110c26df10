"""Reads about agencies, their people and their budgets."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.agencies.budgets import BudgetLineRow, lines_where
from storefront.agencies.models import AgencyId, BudgetLine, BudgetYear


def lines_of(session: Session, agency_id: AgencyId, fiscal_year: int) -> list[BudgetLineRow]:
    """The lines of an agency's own budget of a year, by activity and account. One query."""
    own = select(BudgetYear.id).filter_by(agency_id=agency_id, fiscal_year=fiscal_year)
    return lines_where(session, BudgetLine.budget_year_id.in_(own))
