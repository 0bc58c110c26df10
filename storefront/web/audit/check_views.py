"""The check of everything that can be checked: its last run, earlier ones, and one more now."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storefront.extensions import db, snapshot, transaction
from storefront.reports.check_history import find_run, last_run, list_runs
from storefront.reports.checks import SEALS, check
from storefront.reports.reconciliation import TITLES
from storefront.web.audit.office import audit
from storefront.web.audit.words import DIFFERENCES
from storefront.web.clock import now
from storefront.web.identity import current_actor
from storefront.web.messages import tell, warn

SEE_OTHER = 303


@audit.get("/reconciliation")
def reconciliation() -> ResponseReturnValue:
    """The last kept run, at once, and those before it."""
    session, actor = db.session(), current_actor()
    last = last_run(session, actor)
    before = request.args.get("before", type=int)
    return render_template(
        "audit/reconciliation.html",
        last=find_run(session, actor, last.number) if last else None,
        is_stale=last is None or last.is_stale(now()),
        runs=list_runs(session, actor, before=before),
        **_words(),
    )


@audit.get("/reconciliation/<int:number>")
def check_run(number: int) -> ResponseReturnValue:
    """One run, with all that was kept of what it found."""
    run = find_run(db.session(), current_actor(), number)
    return render_template("audit/check_run.html", run=run, **_words())


@audit.post("/reconciliation")
def check_now() -> ResponseReturnValue:
    """Look at everything now; the result is kept like that of any night."""
    run = check(transaction, snapshot, current_actor(), clock=now)
    if run.breach_count:
        warn(_("Diperiksa. Ada yang tidak cocok: lihat di bawah."))
    else:
        tell(_("Diperiksa. Semua cocok dan semua segel utuh."))
    return redirect(url_for("audit.reconciliation"), code=SEE_OTHER)


def _words() -> dict[str, object]:
    return {"titles": TITLES, "seals": SEALS, "differences": DIFFERENCES}
