"""Every agency against its target, and one of them."""

from datetime import date
from fractions import Fraction

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storefront.agencies import exceptions
from storefront.agencies.models import AgencyKind, OverCeiling
from storefront.agencies.queries import budget_page, find_agency
from storefront.agencies.roster_queries import RosterFilter, list_roster
from storefront.agencies.tree_history import changes_of, names_of, parents_of
from storefront.core.calendar import fiscal_year
from storefront.core.errors import NotFound
from storefront.extensions import db, snapshot, transaction
from storefront.reports.city import AgencyState, CityQuota, CitySort, city_quota
from storefront.reports.figures import Share
from storefront.reports.moments import NOW, Asked
from storefront.reports.quota import agency_quota
from storefront.web.arrangement import arrangement_word, asked_arrangement
from storefront.web.books import bring_up_to_date
from storefront.web.charts import Bar
from storefront.web.city.office import city
from storefront.web.city.words import KINDS, STATES
from storefront.web.clock import now, today
from storefront.web.errors import UNPROCESSABLE
from storefront.web.identity import current_actor
from storefront.web.messages import tell
from storefront.web.moments import permanent, read_choice

SEE_OTHER = 303


@city.get("/agencies")
def agencies() -> ResponseReturnValue:
    """The list, sorted and narrowed by the address; figures of one state of the ledger."""
    year, years = _year()
    sort = request.args.get("sort", CitySort.SHARE, type=CitySort)
    kind = request.args.get("kind", None, type=AgencyKind)
    state = request.args.get("state", None, type=AgencyState)
    arranged_on = asked_arrangement()
    choice = read_choice()
    figures = read_city(
        year, choice.asked, sort=sort, kind=kind, state=state, arranged_on=arranged_on
    )
    shown = render_template(
        "city/agencies.html",
        figures=figures,
        choice=choice,
        explain={"year": year} | permanent(figures),
        bars=_bars(figures),
        sort=sort,
        kind=kind,
        state=state,
        kinds=KINDS,
        states=STATES,
        tree=arrangement_word(arranged_on),
        year=year,
        years=years,
    )
    return shown if choice.is_valid else (shown, UNPROCESSABLE)


@city.get("/agencies/<code>")
def agency(code: str) -> ResponseReturnValue:
    """One agency as its own people see it: figures, lines and the versions of its budget."""
    year, years = _year()
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


def read_city(
    year: int,
    asked: Asked = NOW,
    *,
    sort: CitySort = CitySort.SHARE,
    kind: AgencyKind | None = None,
    state: AgencyState | None = None,
    arranged_on: date | None = None,
) -> CityQuota:
    """The city's figures; the log is numbered first, so that the position named covers them."""
    bring_up_to_date()
    with snapshot() as session:
        return city_quota(
            session,
            year,
            today=today(),
            asked=asked,
            sort=sort,
            kind=kind,
            state=state,
            arranged_on=arranged_on,
        )


def shares_of(share: Share) -> tuple[Fraction, Fraction] | None:
    """Realised (never rounded up to a target) and committed in per cent of the base, if any."""
    if not share.base_amount or share.permille is None:
        return None
    committed = Fraction(100 * share.counted.committed, share.base_amount)
    return Fraction(share.permille, 10), committed


def _count_placed(code: str, *, not_activated: bool = False) -> int:
    """People placed today in an agency and those below it; or only those who never came in."""
    wanted = RosterFilter(agency_code=code, not_activated=not_activated)
    return list_roster(db.session(), current_actor(), wanted, today=today()).total or 0


def _year() -> tuple[int, tuple[int, int]]:
    this_year = fiscal_year(today())
    years = (this_year, this_year - 1)
    asked = request.args.get("year", type=int)
    return (asked if asked in years else this_year), years


def _bars(figures: CityQuota) -> list[Bar]:
    """The agencies with a budget, the highest share first, whatever the table is sorted by."""
    bars = []
    for row in figures.rows:
        shares = shares_of(row)
        if shares:
            bars.append(Bar(row.name, *shares, is_over=row.is_reached))
    return sorted(bars, key=lambda bar: -bar.realised)
