"""Activation codes on paper, for placed people who have no address to be written to."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storefront.accounts import codes
from storefront.agencies.queries import agency_tree
from storefront.agencies.roster_queries import RosterFilter, RosterRow, list_roster
from storefront.agencies.slips import print_slip
from storefront.core.errors import DomainError
from storefront.core.paging import Page, page_number
from storefront.extensions import db, transaction
from storefront.web.city.office import city
from storefront.web.clock import now, today
from storefront.web.codes import app_key
from storefront.web.errors import in_words
from storefront.web.identity import current_actor
from storefront.web.messages import warn

SEE_OTHER = 303


@city.get("/slips")
def slips() -> ResponseReturnValue:
    """Placed people of an agency who never came in, to choose from."""
    agencies = agency_tree(db.session())
    agency = request.args.get("agency", "") or (agencies[0].code if agencies else "")
    return render_template(
        "city/slips.html",
        agencies=agencies,
        agency=agency,
        page=_waiting(agency) if agencies else None,
    )


@city.post("/slips/<code>")
def print_slips(code: str) -> ResponseReturnValue:
    """Codes for the chosen, once: shown on this page to be printed, and nowhere kept."""
    number = page_number(request.args.get("page", type=int))
    asked = set(request.form.getlist("person"))
    chosen = [row for row in _waiting(code).rows if row.person_id in asked]
    if not chosen:
        warn(_("Pilih sedikitnya satu orang."))
        return redirect(url_for("city.slips", agency=code, page=number), code=SEE_OTHER)
    try:
        made = _codes_for(chosen)
    except DomainError as refusal:
        warn(in_words(refusal))
        return redirect(url_for("city.slips", agency=code, page=number), code=SEE_OTHER)
    return render_template("city/slips_print.html", made=made, agency=code, day=today())


def _codes_for(chosen: list[RosterRow]) -> list[tuple[RosterRow, str]]:
    """All of the chosen, or none."""
    with transaction() as session:
        issued = [
            (row, print_slip(session, current_actor(), row.person_id, now=now()).id)
            for row in chosen
        ]
    return [(row, codes.token_of(code_id, key=app_key())) for row, code_id in issued]


def _waiting(agency_code: str) -> Page[RosterRow]:
    wanted = RosterFilter(
        agency_code=agency_code,
        not_activated=True,
        page=page_number(request.args.get("page", type=int)),
    )
    return list_roster(db.session(), current_actor(), wanted, today=today())
