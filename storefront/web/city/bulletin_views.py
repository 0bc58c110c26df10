"""The city's monthly bulletins, each a paper of a closed month."""

from flask.typing import ResponseReturnValue

from storefront.web import city_desk
from storefront.web.city.agency_views import DESK
from storefront.web.city.office import city


@city.get("/bulletins")
def bulletins() -> ResponseReturnValue:
    """Every closed month with its bulletin."""
    return city_desk.show_bulletins(DESK)


@city.get("/bulletins/<month>.pdf")
def bulletin(month: str) -> ResponseReturnValue:
    """The bulletin of a closed month: figures as known at its close, the same each time."""
    return city_desk.bulletin_of(month)
