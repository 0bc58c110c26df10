"""Every agency against its target, years beside each other, bulletins: for city and auditor alike.

The city works from these pages, the auditor reads them: what leads to an act is the city's alone.
"""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from flask import current_app, render_template, request
from flask.typing import ResponseReturnValue

from storefront.agencies.models import AgencyKind
from storefront.core.calendar import fiscal_year
from storefront.documents.bulletin import bulletin
from storefront.extensions import db, snapshot
from storefront.reports.bulletins import bulletin_figures, closed_months
from storefront.reports.city import AgencyState, CityQuota, CitySort, city_quota
from storefront.reports.figures import Share
from storefront.reports.moments import NOW, Asked
from storefront.reports.years import city_years
from storefront.web.agency_words import KINDS, STATES
from storefront.web.arrangement import arrangement_word, asked_arrangement
from storefront.web.books import bring_up_to_date
from storefront.web.charts import Bar
from storefront.web.clock import today
from storefront.web.errors import UNPROCESSABLE
from storefront.web.identity import current_actor
from storefront.web.moments import permanent, read_choice
from storefront.web.papers import checkpoint_named, letterhead, report_response


@dataclass(frozen=True)
class CityDesk:
    """The endpoints of one side's pages, and whether agencies are looked after there."""

    side: str
    may_manage: bool = False

    @property
    def agencies(self) -> str:
        return f"{self.side}.agencies"

    @property
    def agency(self) -> str:
        return f"{self.side}.agency"

    @property
    def years(self) -> str:
        return f"{self.side}.years"

    @property
    def bulletin(self) -> str:
        return f"{self.side}.bulletin"

    @property
    def exports(self) -> str:
        return f"{self.side}.exports"

    @property
    def explain(self) -> str:
        return f"{self.side}.explain"

    @property
    def explain_agency(self) -> str:
        return f"{self.side}.explain_agency"


def show_agencies(desk: CityDesk) -> ResponseReturnValue:
    """The list, sorted and narrowed by the address; figures of one state of the ledger."""
    year, years = asked_year()
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
        desk=desk,
        figures=figures,
        choice=choice,
        explain={"year": year} | permanent(figures),
        bars=bars_of(figures),
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


def show_years(desk: CityDesk) -> ResponseReturnValue:
    """Every agency's share of its budget in each year; figures of one state of the ledger."""
    bring_up_to_date()
    with snapshot() as session:
        found = city_years(session, today=today())
    return render_template("city/years.html", desk=desk, found=found, this_year=today().year)


def show_bulletins(desk: CityDesk) -> ResponseReturnValue:
    """Every closed month with its bulletin."""
    months = closed_months(db.session(), current_actor())
    return render_template("city/bulletins.html", desk=desk, months=months)


def bulletin_of(month: str) -> ResponseReturnValue:
    """The bulletin of a closed month: figures as known at its close, the same each time."""
    with snapshot() as session:
        figures = bulletin_figures(session, current_actor(), month)
    report = bulletin(
        figures,
        month,
        letterhead=letterhead(current_app.config["CITY_NAME"], ""),
        checkpoint=checkpoint_named(figures.position.number),
    )
    return report_response(report, file_name=f"buletin-{month}.pdf")


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


def asked_year() -> tuple[int, tuple[int, int]]:
    """The fiscal year that the address asks for, and those that it may."""
    this_year = fiscal_year(today())
    years = (this_year, this_year - 1)
    asked = request.args.get("year", type=int)
    return (asked if asked in years else this_year), years


def bars_of(figures: CityQuota) -> list[Bar]:
    """The agencies with a budget, the highest share first, whatever the table is sorted by."""
    bars = []
    for row in figures.rows:
        shares = shares_of(row)
        if shares:
            bars.append(Bar(row.name, *shares, is_over=row.is_reached))
    return sorted(bars, key=lambda bar: -bar.realised)
