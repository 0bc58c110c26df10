"""The check of everything that can be checked: its last run, earlier ones, and asking for one."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storefront.extensions import transaction
from storefront.reports.check_requests import ask
from storefront.web import check_desk
from storefront.web.audit.office import audit
from storefront.web.check_desk import CheckDesk
from storefront.web.clock import now
from storefront.web.identity import current_actor
from storefront.web.messages import tell

SEE_OTHER = 303
DESK = CheckDesk("audit", may_ask=True)


@audit.get("/reconciliation")
def reconciliation() -> ResponseReturnValue:
    return check_desk.show_list(DESK)


@audit.get("/reconciliation/<int:number>")
def check_run(number: int) -> ResponseReturnValue:
    return check_desk.show_run(DESK, number)


@audit.post("/reconciliation")
def check_now() -> ResponseReturnValue:
    """Ask for a look at everything; the worker makes it, and keeps it like that of any night."""
    with transaction() as session:
        is_new = ask(session, current_actor(), now=now())
    tell(_("Pemeriksaan diminta.") if is_new else _("Pemeriksaan sudah diminta."))
    return redirect(url_for("audit.reconciliation"), code=SEE_OTHER)
