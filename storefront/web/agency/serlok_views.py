"""How many of the agency's people took part, month by month: what was published, or not."""

from flask import render_template
from flask.typing import ResponseReturnValue

from storefront.core.permissions import Action
from storefront.extensions import db
from storefront.programme.calendar import next_serlok_day
from storefront.programme.queries import SMALLEST_SHOWN, months_of
from storefront.web.agency.office import agency, current_office
from storefront.web.clock import today

MONTHS_SHOWN = 12


@agency.get("/serlok")
def serlok() -> ResponseReturnValue:
    """Closed months only, the same for every role here: never who, and no rupiah by day."""
    office = current_office()
    office.require(Action.SEE_QUOTA)
    session = db.session()
    return render_template(
        "agency/serlok.html",
        agency_name=office.name,
        months=months_of(session, office.code, limit=MONTHS_SHOWN),
        next_day=next_serlok_day(session, today()),
        smallest_shown=SMALLEST_SHOWN,
        today=today(),
    )
