"""Why a figure of an agency, or of the whole city, is what it is."""

from flask import url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storefront.agencies.queries import find_agency
from storefront.extensions import db
from storefront.web import explain_desk
from storefront.web.city.office import city
from storefront.web.explain_desk import Desk


@city.get("/explain")
def explain() -> ResponseReturnValue:
    """A figure of the whole city."""
    desk = Desk(
        "city.explain",
        {},
        back=url_for("city.agencies"),
        back_label=_("Instansi"),
        rule="city.rule",
    )
    return explain_desk.show_city(desk)


@city.get("/agencies/<code>/explain")
def explain_agency(code: str) -> ResponseReturnValue:
    """A figure of one agency. The city does not open orders."""
    found = find_agency(db.session(), code)
    desk = Desk(
        "city.explain_agency",
        {"code": code},
        back=url_for("city.agency", code=code),
        back_label=found.name,
        revision="city.revision",
        rule="city.rule",
    )
    return explain_desk.show_agency(desk, code)
