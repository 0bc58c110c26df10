"""Closing months: what is next, propose, be the second person, and what was closed."""

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storefront.core.errors import DomainError, NotAllowed, NotFound
from storefront.extensions import ledger_signer, transaction
from storefront.programme.closing import close_and_publish
from storefront.quota.closes import propose_close, refuse_close
from storefront.web import close_desk
from storefront.web.city.office import city
from storefront.web.clock import now
from storefront.web.close_desk import CloseDesk
from storefront.web.components import month as month_name
from storefront.web.errors import in_words, status_of
from storefront.web.identity import current_actor
from storefront.web.messages import tell, warn

SEE_OTHER = 303
DESK = CloseDesk("city", may_close=True)


@city.get("/closes")
def closes() -> ResponseReturnValue:
    return close_desk.show_list(DESK)


@city.post("/closes")
def propose_month() -> ResponseReturnValue:
    """Propose to close the first open month."""
    try:
        with transaction() as session:
            proposed = propose_close(session, current_actor(), now=now())
    except DomainError as refusal:
        return _refused(refusal)
    tell(
        _(
            "Penutupan %(month)s diusulkan. Admin kota lain mengonfirmasi.",
            month=month_name(proposed.month),
        )
    )
    return redirect(url_for("city.closes"), code=SEE_OTHER)


@city.post("/closes/<month>")
def decide_month(month: str) -> ResponseReturnValue:
    """Close the month as its second person (`decision` = `confirm`), or refuse (`refuse`)."""
    decision = request.form.get("decision", "")
    try:
        with transaction() as session:
            if decision == "confirm":
                close_and_publish(
                    session, current_actor(), month, signer=ledger_signer(), now=now()
                )
            elif decision == "refuse":
                refuse_close(session, current_actor(), month, now=now())
            else:
                raise NotFound
    except DomainError as refusal:
        return _refused(refusal)
    if decision == "refuse":
        tell(_("Usulan ditolak; bulannya tetap terbuka."))
        return redirect(url_for("city.closes"), code=SEE_OTHER)
    tell(
        _("%(month)s ditutup. Angkanya tersimpan dan tidak berubah lagi.", month=month_name(month))
    )
    return redirect(url_for("city.close", month=month), code=SEE_OTHER)


@city.get("/closes/compare")
def compare_closes() -> ResponseReturnValue:
    return close_desk.compare(DESK)


@city.get("/closes/<month>")
def close(month: str) -> ResponseReturnValue:
    return close_desk.show_close(DESK, month)


@city.get("/closes/<first>/<second>")
def close_difference(first: str, second: str) -> ResponseReturnValue:
    return close_desk.show_difference(DESK, first, second)


@city.get("/closes/<first>/<second>.json")
def close_difference_file(first: str, second: str) -> Response:
    return close_desk.difference_file(first, second)


def _refused(refusal: DomainError) -> ResponseReturnValue:
    """Said above the months as they are now; who may not, or asks for nothing, is told so."""
    if isinstance(refusal, (NotAllowed, NotFound)):
        raise refusal
    warn(in_words(refusal))
    return close_desk.show_list(DESK), status_of(refusal)
