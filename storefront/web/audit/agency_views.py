"""Every agency against its target, and one of them: the auditor reads what its people see.

Beside it stands what an auditor asks next: by which documents its budget and its name came to be.
"""

from flask import render_template
from flask.typing import ResponseReturnValue

from storefront.agencies.queries import budget_page, find_agency
from storefront.agencies.tree_history import changes_of, names_of, parents_of
from storefront.extensions import db
from storefront.web import city_desk, quota_desk
from storefront.web.audit.office import audit
from storefront.web.city_desk import CityDesk
from storefront.web.clock import today
from storefront.web.errors import UNPROCESSABLE
from storefront.web.identity import current_actor
from storefront.web.moments import read_choice
from storefront.web.papers import letterhead
from storefront.web.quota_desk import QuotaDesk

DESK = CityDesk("audit")


@audit.get("/agencies")
def agencies() -> ResponseReturnValue:
    """The list, sorted and narrowed by the address."""
    return city_desk.show_agencies(DESK)


@audit.get("/agencies/<code>")
def agency(code: str) -> ResponseReturnValue:
    """One agency as its own people see it, and the documents behind its budget and its place."""
    session = db.session()
    found = find_agency(session, code)
    choice = read_choice()
    year, years = quota_desk.asked_year(choice)
    desk = QuotaDesk(
        here="audit.agency",
        explain="audit.explain_agency",
        of={"code": code},
        paper="audit.agency_paper",
        exports="audit.exports",
    )
    shown = render_template(
        "audit/agency.html",
        **quota_desk.figures_of(desk, code, year, choice),
        budget=budget_page(session, current_actor(), code, year),
        names=names_of(session, found.agency_id),
        parents=parents_of(session, found.agency_id),
        changes=changes_of(session, code),
        today=today(),
        years=years,
    )
    return shown if choice.is_valid else (shown, UNPROCESSABLE)


@audit.get("/agencies/<code>/quota.pdf")
def agency_paper(code: str) -> ResponseReturnValue:
    """The same figures as a report with the agency's letterhead."""
    found = find_agency(db.session(), code)
    year, _years = quota_desk.asked_year()
    return quota_desk.paper_of(code, year, letterhead(found.name, found.address))


@audit.get("/years")
def years() -> ResponseReturnValue:
    """Every agency's share of its budget in each year."""
    return city_desk.show_years(DESK)


@audit.get("/bulletins")
def bulletins() -> ResponseReturnValue:
    """Every closed month with its bulletin."""
    return city_desk.show_bulletins(DESK)


@audit.get("/bulletins/<month>.pdf")
def bulletin(month: str) -> ResponseReturnValue:
    """The bulletin of a closed month: figures as known at its close, the same each time."""
    return city_desk.bulletin_of(month)
