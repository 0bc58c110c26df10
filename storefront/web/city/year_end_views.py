"""The end of a budget year for the city: which agencies keep December from closing, and why."""

from flask import render_template
from flask.typing import ResponseReturnValue

from storefront.core.calendar import fiscal_year
from storefront.extensions import db, snapshot, transaction
from storefront.orders.year_end import ending_year
from storefront.quota import log
from storefront.reports.year_end import city_year_end
from storefront.web.city.office import city
from storefront.web.clock import today
from storefront.web.identity import current_actor


@city.get("/year-end", endpoint="year_end")
def show_year_end() -> ResponseReturnValue:
    """Commitments of the year that ends, orders that wait for a budget, corrections of this year.

    In December that is this year; after that, last year.
    """
    if log.has_unnumbered(db.session()):
        with transaction() as session:
            log.number(session)
    this_year = fiscal_year(today())
    with snapshot() as session:
        ending = ending_year(session, today=today())
        figures = city_year_end(
            session, current_actor(), ending or this_year - 1, corrected_year=this_year
        )
    return render_template("city/year_end.html", figures=figures, is_closed=ending is None)
