"""An agency's records to keep."""

from flask.typing import ResponseReturnValue

from storefront.core.permissions import Action
from storefront.web import export_desk
from storefront.web.agency.office import agency, current_office
from storefront.web.export_desk import Desk


@agency.get("/exports")
def exports() -> ResponseReturnValue:
    return export_desk.show(_desk())


@agency.post("/exports")
def write_export_file() -> ResponseReturnValue:
    return export_desk.write(_desk())


@agency.get("/exports/<key>/<name>")
def export_file(key: str, name: str) -> ResponseReturnValue:
    return export_desk.fetch(_desk(), key, name)


def _desk() -> Desk:
    """For those who may export for the agency now."""
    office = current_office()
    office.require(Action.EXPORT)
    return Desk(office.code, page="agency.exports", file="agency.export_file")
