"""Lists from files: agencies, an agency's people, budgets. All of a file, or nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from storefront.agencies import agency_list, budget_import, roster
from storefront.agencies.queries import agency_tree
from storefront.core.errors import N_, NotFound
from storefront.core.tabular import Table
from storefront.extensions import db
from storefront.web.city.office import city
from storefront.web.clock import now
from storefront.web.errors import UNPROCESSABLE
from storefront.web.identity import current_actor
from storefront.web.messages import tell
from storefront.web.uploads import ImportForm, RowMessage, table_file, take_file

SEE_OTHER = 303


@dataclass(frozen=True)
class Kind:
    """A list that can be imported: what it is, and the columns of its first row."""

    title: str
    about: str
    columns: Sequence[str]
    take: Callable[[Session, Table, bool], object]


def _agencies(session: Session, table: Table, is_try: bool) -> object:
    return agency_list.import_agencies(session, current_actor(), table, now=now(), dry_run=is_try)


def _roster(session: Session, table: Table, is_try: bool) -> object:
    code = request.form.get("agency", "")
    return roster.import_roster(
        session, current_actor(), table, agency_code=code, now=now(), dry_run=is_try
    )


def _budgets(session: Session, table: Table, is_try: bool) -> object:
    return budget_import.import_budgets(session, current_actor(), table, now=now(), dry_run=is_try)


KINDS = {
    "agencies": Kind(
        N_("Daftar instansi"),
        N_("Instansi yang tidak ada di berkas tetap ada. Kode tidak pernah berubah."),
        agency_list.COLUMNS,
        _agencies,
    ),
    "roster": Kind(
        N_("Daftar pegawai"),
        N_("Kode aktivasi dikirim ke surel masing-masing. Peran menunggu orang kedua."),
        roster.COLUMNS,
        _roster,
    ),
    "budgets": Kind(
        N_("Pagu"),
        N_("Pagu menjadi usulan dan berlaku setelah orang kedua mengonfirmasi."),
        budget_import.COLUMNS,
        _budgets,
    ),
}


@city.get("/imports")
def imports() -> ResponseReturnValue:
    return _page(_kind(request.args.get("kind", "agencies")), ImportForm(formdata=None))


@city.post("/imports/<kind>")
def import_file(kind: str) -> ResponseReturnValue:
    """Try a file (`action` = `try`), or take it."""
    chosen = _kind(kind)
    form, is_try = ImportForm(), request.form.get("action") == "try"
    if not form.validate():
        return _page(chosen, form), UNPROCESSABLE
    told: list[object] = []

    def take(session: Session, table: Table) -> None:
        told.append(KINDS[chosen].take(session, table, is_try))

    wrong = take_file(form, KINDS[chosen].columns, take)
    if wrong is not None:
        return _page(chosen, form, wrong=wrong), UNPROCESSABLE
    if is_try:
        return _page(chosen, form, tried=vars(told[0]))
    tell(_("Berkas diterima seluruhnya."))
    return redirect(url_for("city.imports", kind=chosen), code=SEE_OTHER)


@city.get("/imports/<kind>.csv")
def template_file(kind: str) -> ResponseReturnValue:
    """An empty file with the right first row, in the form that Indonesian Excel opens."""
    chosen = _kind(kind)
    return table_file(f"{chosen}.csv", KINDS[chosen].columns)


def _kind(asked: str) -> str:
    if asked not in KINDS:
        raise NotFound
    return asked


def _page(
    kind: str,
    form: ImportForm,
    *,
    wrong: list[RowMessage] | None = None,
    tried: dict[str, object] | None = None,
) -> str:
    return render_template(
        "city/imports.html",
        kind=kind,
        kinds=KINDS,
        form=form,
        wrong=wrong,
        tried=tried,
        agencies=agency_tree(db.session()) if kind == "roster" else (),
        agency=request.form.get("agency", ""),
    )
