"""The city's years beside each other."""

from flask.typing import ResponseReturnValue

from storefront.web import city_desk
from storefront.web.city.agency_views import DESK
from storefront.web.city.office import city


@city.get("/years")
def years() -> ResponseReturnValue:
    """Every agency's share of its budget in each year."""
    return city_desk.show_years(DESK)
