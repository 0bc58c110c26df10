"""Writing records and fetching them: the same desk for an agency, the city and the auditor.

The same bytes as `flask export` writes, each file with its manifest.
"""

from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField
from wtforms.validators import AnyOf, Optional

from storefront.core.calendar import fiscal_year
from storefront.core.errors import Busy, DomainError, NotAllowed, NotFound
from storefront.exports.asked import ExportFormat, ExportKind, ExportRequest
from storefront.exports.history import last_exports
from storefront.extensions import db
from storefront.web.clock import today
from storefront.web.errors import UNPROCESSABLE, in_words
from storefront.web.export_files import find_export, send_export, write_export
from storefront.web.fields import choice
from storefront.web.identity import current_actor
from storefront.web.typed_fields import DayField

SEE_OTHER = 303
YEARS = 4
AT_FIELD = {"from": "first_day", "to": "last_day", "format": "format"}
"""The form's field for each that a refusal names."""


@dataclass(frozen=True)
class Desk:
    """Whose records are written here (None: every agency's), and the addresses of the desk."""

    agency_code: str | None
    page: str
    file: str


class ExportForm(FlaskForm):
    """Which records, of when, in which form."""

    kind = RadioField(
        _("Isi"),
        name="export",
        choices=[
            choice(ExportKind.ORDERS.value, _("Pesanan")),
            choice(ExportKind.LEDGER.value, _("Buku kuota")),
            choice(ExportKind.QUOTA.value, _("Kuota per bulan")),
        ],
        validate_choice=False,
        validators=[AnyOf([k.value for k in ExportKind], _("Pilih isi ekspor."))],
    )
    year = SelectField(_("Tahun anggaran"), coerce=str, validate_choice=False, choices=[])
    first_day = DayField(_("Dari tanggal"), name="from", validators=[Optional()])
    last_day = DayField(_("Sampai tanggal"), name="to", validators=[Optional()])
    format = RadioField(
        _("Format"),
        choices=[
            choice(ExportFormat.XLSX.value, _("Excel (XLSX)")),
            choice(ExportFormat.CSV_ID.value, _("CSV untuk Excel Indonesia")),
            choice(ExportFormat.CSV.value, _("CSV standar")),
            choice(ExportFormat.JSON.value, _("JSON")),
        ],
        validate_choice=False,
        validators=[
            AnyOf([f.value for f in ExportFormat], _("Pilih csv, csv-id, xlsx, atau json."))
        ],
    )


def show(desk: Desk) -> str:
    """The form, what was just written, and what was written before."""
    asked = request.args.get("export", ExportKind.ORDERS.value)
    form = _form(
        formdata=None,
        kind=asked if asked in set(ExportKind) else ExportKind.ORDERS.value,
        year=request.args.get("year", str(fiscal_year(today()))),
        format=ExportFormat.XLSX.value,
    )
    return _page(desk, form)


def write(desk: Desk) -> ResponseReturnValue:
    """Write one. A refusal stands beside its field, with all that was typed."""
    form = _form()
    if not form.validate() or not _year_is_offered(form):
        return _page(desk, form), UNPROCESSABLE
    try:
        kept = write_export(_request(desk, form))
    except (NotAllowed, NotFound, Busy):
        raise
    except DomainError as refusal:
        at = AT_FIELD.get(refusal.field or "")
        if at is None:
            raise
        form[at].errors = [*form[at].errors, in_words(refusal)]
        return _page(desk, form), UNPROCESSABLE
    return redirect(url_for(desk.page, made=kept.key), code=SEE_OTHER)


def fetch(desk: Desk, key: str, name: str) -> ResponseReturnValue:
    """A written file or its manifest, for those who may export here now."""
    return send_export(key, name, lambda asked: asked["agency"] == desk.agency_code)


def _form(**arguments: object) -> ExportForm:
    form = ExportForm(**arguments)
    form.year.choices = [choice(str(year), str(year)) for year in _years()]
    return form


def _years() -> range:
    this_year = fiscal_year(today())
    return range(this_year, this_year - YEARS, -1)


def _year_is_offered(form: ExportForm) -> bool:
    if form.year.data in {str(year) for year in _years()}:
        return True
    form.year.errors = [*form.year.errors, gettext("Pilih tahun anggaran dari daftar.")]
    return False


def _request(desk: Desk, form: ExportForm) -> ExportRequest:
    """Raises `DaysInDisorder` or `WholeMonthsOnly`."""
    return ExportRequest(
        kind=ExportKind(form.kind.data),
        agency_code=desk.agency_code,
        year=int(form.year.data),
        first_day=form.first_day.data,
        last_day=form.last_day.data,
        format=ExportFormat(form.format.data),
    )


def _page(desk: Desk, form: ExportForm) -> str:
    made = find_export(request.args.get("made", ""))
    if made is not None and made.manifest.filter["agency"] != desk.agency_code:
        made = None
    written = last_exports(db.session(), current_actor(), desk.agency_code)
    return render_template(
        "exports/desk.html",
        desk=desk,
        form=form,
        made=made,
        written=written,
        kept={each.manifest_sha256: find_export(each.manifest_sha256) for each in written},
    )
