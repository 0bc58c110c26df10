"""Who looked at what: pages of others' affairs are noted once they were shown.

The note is one short transaction after the page was made. Where it cannot be had (the database is
busy or away) the reader still gets the page, and the note goes to the server's log as an error.
"""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, Response, g, request
from sqlalchemy.exc import SQLAlchemyError

from storefront.access.views import record_view
from storefront.core.errors import DomainError
from storefront.extensions import transaction
from storefront.web.clock import now
from storefront.web.identity import current_actor
from storefront.web.logs import log

Subject = Callable[[Mapping[str, Any]], str]
OK = 200
UNKNOWN = ""
WHOLE_CITY = "city"
CITY_ROLES = "city roles"
"""Who holds a role over the city, as the log of views calls them."""


def _argument(name: str, before: str = "") -> Subject:
    return lambda arguments: f"{before}{arguments.get(name, UNKNOWN)}"


def _asked(name: str) -> Subject:
    return lambda _arguments: request.args.get(name, UNKNOWN)


def _own_agency(_arguments: Mapping[str, Any]) -> str:
    office = g.get("office")
    return office.code if office is not None else UNKNOWN


def _whole_city(_arguments: Mapping[str, Any]) -> str:
    return WHOLE_CITY


def _if_opened(subject: str) -> Subject:
    """A page that shows private data only to who said why."""
    return lambda _arguments: subject if g.get("view_reason") else UNKNOWN


WATCHED: Mapping[str, tuple[str, Subject]] = {
    "audit.order": ("order", _argument("number")),
    "audit.ledger": ("ledger", _asked("number")),
    "audit.signal": ("signal", _argument("signal_id", "signal ")),
    "audit.correction_evidence": ("evidence", _argument("correction_id", "correction ")),
    "city.correction_evidence": ("evidence", _argument("correction_id", "correction ")),
    "audit.export_file": ("export", _argument("name")),
    "city.export_file": ("export", _argument("name")),
    "audit.explain": ("explain", _whole_city),
    "city.explain": ("explain", _whole_city),
    "audit.explain_agency": ("explain", _argument("code")),
    "city.explain_agency": ("explain", _argument("code")),
    "city.seller": ("seller", _argument("seller_id", "seller ")),
    "city.slips": ("roster", _asked("agency")),
    "city.people": ("contacts", _if_opened(CITY_ROLES)),
    "agency.order": ("order", _argument("number")),
    "agency.approval": ("order", _argument("number")),
    "agency.payment": ("order", _argument("number")),
    "agency.export_file": ("export", _argument("name")),
    "agency.roster": ("roster", _own_agency),
    "agency.placement": ("roster", _argument("placement_id", "placement ")),
    "agency.purchase_evidence": ("evidence", _argument("correction_id", "correction ")),
}
"""Pages by their endpoint: what sort it is, and whose affairs it shows. A page asked for without a
subject (the ledger without an order's number) shows nobody's in particular and is not noted."""


def because(reason: str) -> None:
    """Say why the page that is being made was asked for."""
    g.view_reason = reason


def init_app(app: Flask) -> None:
    app.after_request(_note)


def _note(response: Response) -> Response:
    watched = WATCHED.get(request.endpoint or "")
    if watched is None or request.method != "GET" or response.status_code != OK:
        return response
    kind, subject_of = watched
    subject = subject_of(request.view_args or {})
    if not subject:
        return response
    try:
        with transaction() as session:
            record_view(
                session, current_actor(), kind, subject, reason=g.get("view_reason", ""), now=now()
            )
    except (DomainError, SQLAlchemyError):
        person = current_actor().person_id
        log.exception("view_not_noted", person=person, kind=kind, subject=subject)
    return response
