"""Why a figure of an agency, or of the whole city, is what it is; with the way to each order."""

from flask import url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storefront.agencies.queries import find_agency
from storefront.extensions import db
from storefront.web import explain_desk
from storefront.web.audit.office import audit
from storefront.web.explain_desk import Desk


@audit.get("/explain")
def explain() -> ResponseReturnValue:
    """A figure of the whole city."""
    desk = Desk(
        "audit.explain",
        {},
        back=url_for("audit.agencies"),
        back_label=_("Instansi"),
        order="audit.order",
        rule="audit.rule",
    )
    return explain_desk.show_city(desk)


@audit.get("/agencies/<code>/explain")
def explain_agency(code: str) -> ResponseReturnValue:
    """A figure of one agency."""
    found = find_agency(db.session(), code)
    desk = Desk(
        "audit.explain_agency",
        {"code": code},
        back=url_for("audit.agency", code=code),
        back_label=found.name,
        order="audit.order",
        rule="audit.rule",
    )
    return explain_desk.show_agency(desk, code)
