"""Every agency against its target, and one of them."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storefront.agencies import exceptions
from storefront.agencies.models import OverCeiling
from storefront.agencies.queries import budget_page, find_agency
from storefront.agencies.roster_queries import RosterFilter, list_roster
from storefront.agencies.tree_history import changes_of, names_of, parents_of
from storefront.core.errors import NotFound
from storefront.extensions import db, snapshot, transaction
from storefront.reports.quota import agency_quota
from storefront.web import city_desk
from storefront.web.arrangement import asked_arrangement
from storefront.web.books import bring_up_to_date
from storefront.web.city.office import city
from storefront.web.city_desk import CityDesk, asked_year, shares_of
from storefront.web.clock import now, today
from storefront.web.errors import UNPROCESSABLE
from storefront.web.identity import current_actor
from storefront.web.messages import tell
from storefront.web.moments import permanent, read_choice

SEE_OTHER = 303
DESK = CityDesk("city", may_manage=True)


@city.get("/agencies")
def agencies() -> ResponseReturnValue:
    """The list, sorted and narrowed by the address."""
    return city_desk.show_agencies(DESK)


@city.get("/agencies/<code>")
def agency(code: str) -> ResponseReturnValue:
    """One agency as its own people see it: figures, lines and the versions of its budget."""
    year, years = asked_year()
    found = find_agency(db.session(), code)
    bring_up_to_date()
    choice = read_choice()
    with snapshot() as session:
        figures = agency_quota(
            session,
            code,
            year,
            today=today(),
            asked=choice.asked,
            arranged_on=asked_arrangement(),
        )
    shown = render_template(
        "city/agency.html",
        agency=found,
        figures=figures,
        shares=shares_of(figures),
        budget=budget_page(db.session(), current_actor(), code, year),
        choice=choice,
        explain={"code": code, "year": year} | permanent(figures),
        placed=_count_placed(code),
        waiting=_count_placed(code, not_activated=True),
        names=names_of(db.session(), found.agency_id),
        parents=parents_of(db.session(), found.agency_id),
        changes=changes_of(db.session(), code),
        today=today(),
        year=year,
        years=years,
    )
    return shown if choice.is_valid else (shown, UNPROCESSABLE)


@city.post("/agencies/<code>/over-ceiling")
def choose_over_ceiling(code: str) -> ResponseReturnValue:
    """Choose what becomes of requests above the agency's budget (`over_ceiling`)."""
    asked = request.form.get("over_ceiling", "")
    if asked not in set(OverCeiling):
        raise NotFound
    with transaction() as session:
        exceptions.choose_over_ceiling(
            session, current_actor(), code, OverCeiling(asked), now=now()
        )
    tell(_("Tersimpan. Berlaku untuk permintaan yang diajukan dan diputuskan mulai sekarang."))
    return redirect(url_for("city.agency", code=code, _anchor="pagu"), code=SEE_OTHER)


def _count_placed(code: str, *, not_activated: bool = False) -> int:
    """People placed today in an agency and those below it; or only those who never came in."""
    wanted = RosterFilter(agency_code=code, not_activated=not_activated)
    return list_roster(db.session(), current_actor(), wanted, today=today()).total or 0
