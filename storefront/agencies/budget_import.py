"""Budgets from a file: each agency, year and revision in it becomes one proposal."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.agencies.budget_plans import CODE_LENGTH, NAME_LENGTH, NewRevision, ProposedLine
from storefront.agencies.imports import kept_if
from storefront.agencies.models import Agency, AgencyId
from storefront.agencies.reach import reaches
from storefront.agencies.revisions import propose_revision
from storefront.core import audit
from storefront.core.errors import N_, DomainError
from storefront.core.permissions import Action, Actor, require_anywhere
from storefront.core.tabular import Row, RowError, RowsRefused, Table, read_day, read_whole

COLUMNS = (
    "agency_code",
    "fiscal_year",
    "revision",
    "effective_on",
    "document_number",
    "activity_code",
    "activity_name",
    "expense_account",
    "amount",
)
LENGTHS = {
    "activity_code": CODE_LENGTH,
    "activity_name": NAME_LENGTH,
    "expense_account": CODE_LENGTH,
}
FIRST_YEAR, LAST_YEAR = 2000, 2100
MOST_REVISIONS = 999


@dataclass(frozen=True)
class BudgetsImported:
    """How many revisions a file proposed, with how many lines in all."""

    revisions: int
    lines: int


class _Key(NamedTuple):
    agency_code: str
    fiscal_year: int
    revision: int


@dataclass(frozen=True)
class _Cells:
    """A row that can be read."""

    row: Row
    key: _Key
    effective_on: date
    amount: int


def import_budgets(
    session: Session, actor: Actor, table: Table, *, now: datetime, dry_run: bool = False
) -> BudgetsImported:
    """Propose the budgets of a file, or none of them.

    A row without an activity is the agency's total; without such a row its lines make the total.
    Raises `NotAllowed`, or `RowsRefused` with every wrong row.
    """
    require_anywhere(actor, Action.PROPOSE_BUDGET)
    with kept_if(session, not dry_run):
        agencies = _agencies(session, actor, table.rows)
        errors = list(table.errors)
        by_revision: defaultdict[_Key, list[_Cells]] = defaultdict(list)
        for row in table.rows:
            cells = _read(row, agencies)
            if isinstance(cells, _Cells):
                by_revision[cells.key].append(cells)
            else:
                errors += cells
        for key in sorted(by_revision):
            errors += _propose(session, actor, agencies[key.agency_code], by_revision[key], now)
        if errors:
            raise RowsRefused(errors)
        lines = sum(bool(row["activity_code"]) for row in table.rows)
        counts: audit.Details = {
            "revisions": len(by_revision),
            "lines": lines,
            "file": table.sha256,
        }
        audit.record(session, actor, "budgets.imported", "budgets", counts, now=now)
    return BudgetsImported(len(by_revision), lines)


def _propose(
    session: Session, actor: Actor, agency_id: AgencyId, rows: Sequence[_Cells], now: datetime
) -> list[RowError]:
    """Propose the revision that these rows make; what is wrong with it stands at its first row."""
    first = rows[0]
    errors = _disagreeing(rows)
    totals = [cells for cells in rows if not cells.row["activity_code"]]
    if len(totals) > 1:
        message = N_("Total instansi ini sudah ada di baris %(row)d.")
        told = {"row": totals[0].row.number}
        errors.append(RowError(totals[1].row.number, "activity_code", message, told))
    lines = [
        ProposedLine(
            activity_code=cells.row["activity_code"],
            activity_name=cells.row["activity_name"],
            expense_account=cells.row["expense_account"],
            amount=cells.amount,
        )
        for cells in rows
        if cells.row["activity_code"]
    ]
    if errors:
        return errors
    plan = NewRevision(
        agency_id=agency_id,
        fiscal_year=first.key.fiscal_year,
        revision=first.key.revision,
        effective_on=first.effective_on,
        document_number=first.row["document_number"],
        total_amount=totals[0].amount if totals else sum(line.amount for line in lines),
        lines=tuple(lines),
    )
    try:
        propose_revision(session, actor, plan, now=now)
    except DomainError as error:
        at = _row_at_fault(error, rows)
        column = {"total_amount": "amount"}.get(error.field or "", error.field or "")
        return [RowError(at, column, error.message, error.details)]
    return []


def _row_at_fault(error: DomainError, rows: Sequence[_Cells]) -> int:
    """The last row that has what the refusal names; else the first of all."""
    named = {value for value in error.details.values() if isinstance(value, str)}
    having = [
        cells.row.number
        for cells in rows
        if error.field and error.field in cells.row.cells and {cells.row[error.field]} & named
    ]
    return having[-1] if having else rows[0].row.number


def _disagreeing(rows: Sequence[_Cells]) -> list[RowError]:
    """Rows that say another day or document than the first of their revision."""
    first = rows[0].row
    message = N_("Berbeda dari baris %(row)d untuk perubahan yang sama.")
    return [
        RowError(cells.row.number, column, message, {"row": first.number})
        for cells in rows[1:]
        for column in ("effective_on", "document_number")
        if cells.row[column] != first[column]
    ]


def _read(row: Row, agencies: Mapping[str, AgencyId]) -> _Cells | list[RowError]:
    year, revision = read_whole(row["fiscal_year"]), read_whole(row["revision"])
    day, amount = read_day(row["effective_on"]), read_whole(row["amount"])
    errors = _wrong_line(row)

    def wrong(column: str, message: str, **details: object) -> None:
        errors.append(RowError(row.number, column, message, details))

    if row["agency_code"] not in agencies:
        message = N_("Instansi %(code)s tidak ada, atau di luar wewenang Anda.")
        wrong("agency_code", message, code=row["agency_code"])
    if year is None or not FIRST_YEAR <= year <= LAST_YEAR:
        wrong("fiscal_year", N_("Isi tahun anggaran dengan empat angka."))
    if not revision or revision > MOST_REVISIONS:
        wrong("revision", N_("Isi nomor perubahan: 1, 2, 3 ..."))
    if day is None:
        wrong("effective_on", N_("Tulis tanggal sebagai TTTT-BB-HH, misalnya 2026-01-02."))
    if amount is None:
        wrong("amount", N_("Tulis rupiah bulat dengan angka saja, misalnya 1500000."))
    if errors or year is None or revision is None or day is None or amount is None:
        return errors
    return _Cells(row, _Key(row["agency_code"], year, revision), day, amount)


def _wrong_line(row: Row) -> list[RowError]:
    """What is wrong with the cells that name an activity, or with there being none."""
    if not row["activity_code"]:
        message = N_("Rekening belanja perlu kode kegiatan.")
        return [RowError(row.number, "activity_code", message)] if row["expense_account"] else []
    message = N_("Isi, paling banyak %(longest)d karakter.")
    return [
        RowError(row.number, column, message, {"longest": longest})
        for column, longest in LENGTHS.items()
        if not 0 < len(row[column]) <= longest
    ]


def _agencies(session: Session, actor: Actor, rows: Sequence[Row]) -> dict[str, AgencyId]:
    """Agencies of the file for which the actor may propose, by code."""
    wanted = {row["agency_code"] for row in rows}
    found = session.execute(select(Agency.code, Agency.id)).all()
    return {
        code: agency_id
        for code, agency_id in found
        if code in wanted and reaches(session, actor, Action.PROPOSE_BUDGET, agency_id)
    }
