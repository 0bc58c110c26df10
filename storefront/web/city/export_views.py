"""The city's exports."""

from flask.typing import ResponseReturnValue

from storefront.web import export_desk
from storefront.web.city.office import city
from storefront.web.export_desk import Desk

DESK = Desk(None, page="city.exports", file="city.export_file")
"""Every agency's records."""


@city.get("/exports")
def exports() -> ResponseReturnValue:
    return export_desk.show(DESK)


@city.post("/exports")
def write_export_file() -> ResponseReturnValue:
    return export_desk.write(DESK)


@city.get("/exports/<key>/<name>")
def export_file(key: str, name: str) -> ResponseReturnValue:
    return export_desk.fetch(DESK, key, name)
