"""Integrity signals: the list, one of them with its orders, and what the auditor says of it."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import RadioField, TextAreaField
from wtforms.validators import AnyOf

from storefront.agencies.queries import agency_tree
from storefront.core.errors import DomainError
from storefront.extensions import db, transaction
from storefront.reports.signal_desk import (
    SignalFilter,
    count_signals,
    find_signal,
    list_signals,
    note_signal,
)
from storefront.reports.signal_models import SignalKind, SignalStatus
from storefront.reports.signal_thresholds import USES, list_thresholds, thresholds_on
from storefront.web.audit.office import audit
from storefront.web.audit.signal_words import MEANINGS, STATUSES, reason
from storefront.web.clock import now, today
from storefront.web.errors import UNPROCESSABLE, show_beside_field
from storefront.web.fields import choice
from storefront.web.identity import current_actor
from storefront.web.messages import tell
from storefront.web.words import SIGNALS

SEE_OTHER = 303


class NoteForm(FlaskForm):
    """Where a signal stands, and what was found."""

    status = RadioField(
        lazy_gettext("Keadaan"),
        choices=[choice(each.value, lazy_gettext(word[0])) for each, word in STATUSES.items()],
        validate_choice=False,
        validators=[AnyOf(list(SignalStatus), lazy_gettext("Pilih keadaannya."))],
    )
    text = TextAreaField(lazy_gettext("Catatan Anda"))


@audit.get("/signals")
def signals() -> ResponseReturnValue:
    """By kind, agency and status; those that no longer hold only where they are asked for."""
    wanted = SignalFilter(
        kind=request.args.get("kind", None, type=SignalKind),
        agency_code=request.args.get("agency", "").strip()[:20],
        status=request.args.get("status", None, type=SignalStatus),
        with_past="past" in request.args,
        before=request.args.get("before", type=int),
    )
    session, actor = db.session(), current_actor()
    return render_template(
        "audit/signals.html",
        page=list_signals(session, actor, wanted),
        wanted=wanted,
        counts=count_signals(session, actor),
        agencies=agency_tree(session),
        in_force=thresholds_on(session, today()),
        versions=list_thresholds(session, actor),
        uses=USES,
        **_words(),
    )


@audit.get("/signals/<int:signal_id>")
def signal(signal_id: int) -> ResponseReturnValue:
    return _page(signal_id, None)


@audit.post("/signals/<int:signal_id>")
def add_note(signal_id: int) -> ResponseReturnValue:
    """The auditor's own words; no record changes by them."""
    form = NoteForm()
    if not form.validate():
        return _page(signal_id, form), UNPROCESSABLE
    try:
        with transaction() as session:
            note_signal(
                session,
                current_actor(),
                signal_id,
                status=SignalStatus(form.status.data),
                text=form.text.data or "",
                now=now(),
            )
    except DomainError as refusal:
        show_beside_field(form, refusal)
        return _page(signal_id, form), UNPROCESSABLE
    tell(_("Catatan Anda tersimpan."))
    return redirect(url_for("audit.signal", signal_id=signal_id), code=SEE_OTHER)


def _page(signal_id: int, sent: NoteForm | None) -> str:
    file = find_signal(db.session(), current_actor(), signal_id)
    form = sent or NoteForm(formdata=None, status=SignalStatus.LOOKED_AT.value)
    return render_template("audit/signal.html", file=file, form=form, **_words())


def _words() -> dict[str, object]:
    return {"titles": SIGNALS, "meanings": MEANINGS, "statuses": STATUSES, "reason": reason}
