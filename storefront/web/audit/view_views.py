"""Who looked at what."""

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _
from wtforms import Form, SelectField, StringField
from wtforms.validators import Optional

from storefront.access.views import ViewFilter, read_views
from storefront.core.errors import N_
from storefront.extensions import db
from storefront.web.audit.office import audit
from storefront.web.errors import UNPROCESSABLE
from storefront.web.fields import choice
from storefront.web.identity import current_actor
from storefront.web.typed_fields import DayField

KINDS = {
    "order": N_("Pesanan"),
    "ledger": N_("Catatan buku kuota"),
    "signal": N_("Isyarat"),
    "explain": N_("Rincian angka"),
    "seller": N_("Data penjual"),
    "roster": N_("Daftar pegawai"),
    "contacts": N_("Kontak pemegang peran"),
    "export": N_("Berkas ekspor"),
    "evidence": N_("Berkas bukti"),
}


class ViewSearch(Form):
    """What to look for. Sent by GET: no token."""

    person = StringField(_("Siapa"))
    subject = StringField(_("Melihat apa"))
    kind = SelectField(
        _("Jenis"),
        choices=[
            choice("", _("Semua jenis")),
            *(choice(kind, _(word)) for kind, word in KINDS.items()),
        ],
        validate_choice=False,
    )
    first_day = DayField(_("Dari tanggal"), name="from", validators=[Optional()])
    last_day = DayField(_("Sampai tanggal"), name="to", validators=[Optional()])


@audit.get("/views")
def views() -> ResponseReturnValue:
    """The latest first; by person, subject, kind and days."""
    form = ViewSearch(request.args)
    is_valid = form.validate()
    wanted = ViewFilter(
        person=(form.person.data or "").strip(),
        subject=(form.subject.data or "").strip(),
        kind=form.kind.data if form.kind.data in KINDS else "",
        first_day=form.first_day.data,
        last_day=form.last_day.data,
        before=request.args.get("before", type=int),
    )
    shown = render_template(
        "audit/views.html",
        form=form,
        kinds=KINDS,
        page=read_views(db.session(), current_actor(), wanted) if is_valid else None,
        kept={name: value for name, value in request.args.items() if name != "before" and value},
    )
    return shown if is_valid else (shown, UNPROCESSABLE)
