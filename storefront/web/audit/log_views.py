"""The log of acts."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from wtforms import Form, StringField
from wtforms.validators import Optional

from storefront.extensions import db
from storefront.reports.acts import ActFilter, read_acts
from storefront.web.audit.act_words import ACTS
from storefront.web.audit.office import audit
from storefront.web.errors import UNPROCESSABLE
from storefront.web.identity import current_actor
from storefront.web.typed_fields import DayField


class ActSearch(Form):
    """What to look for in the log. Sent by GET: no token."""

    act = StringField(_("Tindakan"))
    subject = StringField(_("Tentang"))
    person = StringField(_("Oleh"))
    first_day = DayField(_("Dari tanggal"), name="from", validators=[Optional()])
    last_day = DayField(_("Sampai tanggal"), name="to", validators=[Optional()])


@audit.get("/log")
def log() -> ResponseReturnValue:
    """Acts, the latest first; by act, subject, person and days."""
    form = ActSearch(request.args)
    is_valid = form.validate()
    wanted = ActFilter(
        act=(form.act.data or "").strip(),
        subject=(form.subject.data or "").strip(),
        person=(form.person.data or "").strip(),
        first_day=form.first_day.data,
        last_day=form.last_day.data,
        before=request.args.get("before", type=int),
    )
    shown = render_template(
        "audit/log.html",
        form=form,
        acts=ACTS,
        page=read_acts(db.session(), current_actor(), wanted) if is_valid else None,
        kept={name: value for name, value in request.args.items() if name != "before" and value},
    )
    return shown if is_valid else (shown, UNPROCESSABLE)
