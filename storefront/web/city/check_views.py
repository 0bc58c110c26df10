"""The runs of the check, read only: what does not agree is the city's to search for."""

from flask.typing import ResponseReturnValue

from storefront.web import check_desk
from storefront.web.check_desk import CheckDesk
from storefront.web.city.office import city

DESK = CheckDesk("city")


@city.get("/reconciliation")
def reconciliation() -> ResponseReturnValue:
    return check_desk.show_list(DESK)


@city.get("/reconciliation/<int:number>")
def check_run(number: int) -> ResponseReturnValue:
    return check_desk.show_run(DESK, number)
