"""Closed months, read only."""

from flask import Response
from flask.typing import ResponseReturnValue

from storefront.web import close_desk
from storefront.web.audit.office import audit
from storefront.web.close_desk import CloseDesk

DESK = CloseDesk("audit")


@audit.get("/closes")
def closes() -> ResponseReturnValue:
    return close_desk.show_list(DESK)


@audit.get("/closes/compare")
def compare_closes() -> ResponseReturnValue:
    return close_desk.compare(DESK)


@audit.get("/closes/<month>")
def close(month: str) -> ResponseReturnValue:
    return close_desk.show_close(DESK, month)


@audit.get("/closes/<first>/<second>")
def close_difference(first: str, second: str) -> ResponseReturnValue:
    return close_desk.show_difference(DESK, first, second)


@audit.get("/closes/<first>/<second>.json")
def close_difference_file(first: str, second: str) -> Response:
    return close_desk.difference_file(first, second)
