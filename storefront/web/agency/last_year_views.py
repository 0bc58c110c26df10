"""The orders behind "koreksi tahun lalu", which a quota page shows apart."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from storefront.core.calendar import fiscal_year
from storefront.core.permissions import Action
from storefront.extensions import db
from storefront.reports.last_year import corrections_of
from storefront.web.agency.office import agency, current_office
from storefront.web.clock import today
from storefront.web.quota_desk import read_quota


@agency.get("/quota/last-year")
def last_year() -> ResponseReturnValue:
    """What orders of closed years took from this one, or from last year; of all classes.

    The amount above them is that of the quota page: of the classes that count.
    """
    office = current_office()
    office.require(Action.SEE_QUOTA)
    this_year = fiscal_year(today())
    years = (this_year, this_year - 1)
    asked = request.args.get("year", type=int)
    year = asked if asked in years else this_year
    figures = read_quota(office.code, year)
    codes = [office.code, *(node.code for node in figures.included)]
    page = request.args.get("page", type=int)
    return render_template(
        "agency/last_year.html",
        page=corrections_of(db.session(), codes, year, page=page),
        amount=figures.correction_amount,
        counts=figures.rule.counts,
        year=year,
        years=years,
    )
