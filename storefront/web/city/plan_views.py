"""Agencies behind plan, and the reminder that the city sends to those it ticks."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from storefront.extensions import snapshot, transaction
from storefront.reports.reminders import behind_plan, remind
from storefront.web.books import bring_up_to_date
from storefront.web.city.office import city
from storefront.web.clock import now, today
from storefront.web.identity import current_actor
from storefront.web.messages import tell, warn

SEE_OTHER = 303


@city.get("/plan")
def plan() -> ResponseReturnValue:
    """Who is behind an even plan today, by how much, and what it would take each month."""
    bring_up_to_date()
    with snapshot() as session:
        rows = behind_plan(session, current_actor(), today=today())
    waiting = [row for row in rows if row.reminded_at is None]
    return render_template("city/plan.html", rows=rows, waiting=waiting, today=today())


@city.post("/plan")
def send_reminders() -> ResponseReturnValue:
    """Remind those ticked (`agency`, repeated) that are still behind; each once a month."""
    with transaction() as session:
        told = remind(
            session, current_actor(), set(request.form.getlist("agency")), today=today(), now=now()
        )
    if told:
        tell(
            ngettext(
                "Pengingat dikirim ke %(num)s instansi.",
                "Pengingat dikirim ke %(num)s instansi.",
                len(told),
            )
        )
    else:
        warn(_("Tidak ada pengingat yang dikirim: pilih instansi yang belum diingatkan bulan ini."))
    return redirect(url_for("city.plan"), code=SEE_OTHER)
