"""An agency's quota: where it stands, how it got there, where money is left to close the gap."""

from collections.abc import Sequence

from flask import render_template
from flask.typing import ResponseReturnValue

from storefront.agencies.budgets import BudgetLineRow, exceeded_by
from storefront.agencies.queries import find_agency, lines_of
from storefront.core.permissions import Action
from storefront.extensions import db
from storefront.web import quota_desk
from storefront.web.agency.office import agency, current_office
from storefront.web.errors import UNPROCESSABLE
from storefront.web.moments import read_choice
from storefront.web.papers import letterhead
from storefront.web.quota_desk import QuotaDesk

MOST_LINES = 5
DECEMBER = 12


@agency.get("/quota")
def quota() -> ResponseReturnValue:
    """This year's figures, or last year's, all of one state of the ledger, which is named."""
    office = current_office()
    office.require(Action.SEE_QUOTA)
    choice = read_choice()
    year, years = quota_desk.asked_year(choice)
    lines = lines_of(db.session(), office.agency_id, year)
    is_now = not choice.is_past and year == years[0]
    desk = QuotaDesk(
        here="agency.quota",
        explain="agency.explain",
        of={"agency": office.code},
        paper="agency.quota_paper",
        exports="agency.exports" if office.may(Action.EXPORT) else None,
        corrections="agency.last_year",
        budget="agency.budget",
        may_propose=office.may(Action.PROPOSE_BUDGET),
    )
    shown = render_template(
        "agency/quota.html",
        **quota_desk.figures_of(desk, office.code, year, choice),
        with_money=_with_money(lines) if is_now else [],  # its counters are of now
        over_amount=exceeded_by(db.session(), office.agency_id, year) if not choice.is_past else 0,
        over_lines=[line for line in lines if line.left_amount < 0 and not choice.is_past],
        years=years,
    )
    return shown if choice.is_valid else (shown, UNPROCESSABLE)


@agency.get("/quota.pdf")
def quota_paper() -> ResponseReturnValue:
    """The page as a report with the agency's letterhead; the same figures, to be filed."""
    office = current_office()
    office.require(Action.SEE_QUOTA)
    year, _years = quota_desk.asked_year()
    issuer = letterhead(office.name, find_agency(db.session(), office.code).address)
    return quota_desk.paper_of(office.code, year, issuer)


def _with_money(lines: Sequence[BudgetLineRow]) -> list[BudgetLineRow]:
    left = [line for line in lines if line.left_amount > 0]
    return sorted(left, key=lambda line: (-line.left_amount, line.line_id))[:MOST_LINES]
