"""The city's years beside each other."""

from flask import render_template
from flask.typing import ResponseReturnValue

from storefront.extensions import snapshot
from storefront.reports.years import city_years
from storefront.web.books import bring_up_to_date
from storefront.web.city.office import city
from storefront.web.clock import today


@city.get("/years")
def years() -> ResponseReturnValue:
    """Every agency's share of its budget in each year; figures of one state of the ledger."""
    bring_up_to_date()
    with snapshot() as session:
        found = city_years(session, today=today())
    return render_template("city/years.html", found=found, this_year=today().year)
