"""Why a figure of the agency's quota page is what it is."""

from flask import url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storefront.core.permissions import Action
from storefront.web import explain_desk
from storefront.web.agency.office import CHOSEN, agency, current_office
from storefront.web.explain_desk import Desk


@agency.get("/quota/explain")
def explain() -> ResponseReturnValue:
    """A figure, its rule, its budget and its entries; the address names the agency too."""
    office = current_office()
    office.require(Action.SEE_QUOTA)
    desk = Desk(
        endpoint="agency.explain",
        arguments={CHOSEN: office.code},
        back=url_for("agency.quota"),
        back_label=_("Kuota"),
        order="agency.order" if office.may(Action.SEE_AGENCY_ORDERS) else None,
        own_code=office.code,
        revision="agency.revision" if office.may(Action.SEE_BUDGET) else None,
    )
    return explain_desk.show_agency(desk, office.code)
