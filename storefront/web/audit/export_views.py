"""Every agency's official records, written and fetched. Writing is noted; nothing changes."""

from flask.typing import ResponseReturnValue

from storefront.web import export_desk
from storefront.web.audit.office import audit
from storefront.web.export_desk import Desk

DESK = Desk(None, page="audit.exports", file="audit.export_file")


@audit.get("/exports")
def exports() -> ResponseReturnValue:
    return export_desk.show(DESK)


@audit.post("/exports")
def write_export_file() -> ResponseReturnValue:
    return export_desk.write(DESK)


@audit.get("/exports/<key>/<name>")
def export_file(key: str, name: str) -> ResponseReturnValue:
    return export_desk.fetch(DESK, key, name)
