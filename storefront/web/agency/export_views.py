"""Records to keep: the same bytes as `flask export` writes, each with its manifest."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storefront.core.calendar import fiscal_year
from storefront.core.errors import Busy, DomainError, NotAllowed, NotFound
from storefront.core.permissions import Action
from storefront.exports.asked import ExportFormat, ExportKind, ExportRequest
from storefront.exports.history import last_exports
from storefront.extensions import db
from storefront.web.agency.forms import ExportForm
from storefront.web.agency.office import agency, current_office
from storefront.web.clock import today
from storefront.web.errors import UNPROCESSABLE, in_words
from storefront.web.export_files import find_export, send_export, write_export
from storefront.web.fields import choice
from storefront.web.identity import current_actor

SEE_OTHER = 303
YEARS = 4
AT_FIELD = {"from": "first_day", "to": "last_day", "format": "format"}
"""The form's field for each that a refusal names."""


@agency.get("/exports")
def exports() -> ResponseReturnValue:
    """The form, what was just written, and what was written before."""
    current_office().require(Action.EXPORT)
    asked = request.args.get("export", ExportKind.ORDERS.value)
    form = _form(
        formdata=None,
        kind=asked if asked in set(ExportKind) else ExportKind.ORDERS.value,
        year=request.args.get("year", str(fiscal_year(today()))),
        format=ExportFormat.XLSX.value,
    )
    return _page(form)


@agency.post("/exports")
def write_export_file() -> ResponseReturnValue:
    """Write one. A refusal stands beside its field, with all that was typed."""
    current_office().require(Action.EXPORT)
    form = _form()
    if not form.validate() or not _year_is_offered(form):
        return _page(form), UNPROCESSABLE
    try:
        kept = write_export(_request(form))
    except (NotAllowed, NotFound, Busy):
        raise
    except DomainError as refusal:
        at = AT_FIELD.get(refusal.field or "")
        if at is None:
            raise
        form[at].errors = [*form[at].errors, in_words(refusal)]
        return _page(form), UNPROCESSABLE
    return redirect(url_for("agency.exports", made=kept.key), code=SEE_OTHER)


@agency.get("/exports/<key>/<name>")
def export_file(key: str, name: str) -> ResponseReturnValue:
    """A written file or its manifest, for those who may export for its agency now."""
    office = current_office()
    office.require(Action.EXPORT)
    return send_export(key, name, lambda asked: asked["agency"] == office.code)


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
    form.year.errors = [*form.year.errors, _("Pilih tahun anggaran dari daftar.")]
    return False


def _request(form: ExportForm) -> ExportRequest:
    """Raises `DaysInDisorder` or `WholeMonthsOnly`."""
    return ExportRequest(
        kind=ExportKind(form.kind.data),
        agency_code=current_office().code,
        year=int(form.year.data),
        first_day=form.first_day.data,
        last_day=form.last_day.data,
        format=ExportFormat(form.format.data),
    )


def _page(form: ExportForm) -> str:
    office = current_office()
    made = find_export(request.args.get("made", ""))
    if made is not None and made.manifest.filter["agency"] != office.code:
        made = None
    written = last_exports(db.session(), current_actor(), office.code)
    return render_template(
        "agency/exports.html",
        form=form,
        made=made,
        written=written,
        kept={each.manifest_sha256: find_export(each.manifest_sha256) for each in written},
    )
