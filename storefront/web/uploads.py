"""Tables that somebody uploads: tried or kept, what is wrong in words; and tables to fill in."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from flask import Response
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from sqlalchemy.orm import Session

from storefront.core.errors import DomainError
from storefront.core.tabular import RowError, RowsRefused, Table, read_table, write_table
from storefront.extensions import transaction
from storefront.web.errors import said, show_beside_field


class ImportForm(FlaskForm):
    """A file of rows."""

    file = FileField(_("Berkas"), validators=[FileRequired(_("Pilih berkas CSV atau XLSX."))])


@dataclass(frozen=True)
class RowMessage:
    """What is wrong in one cell of a file."""

    row: int
    column: str
    message: str


def take_file(
    form: ImportForm, columns: Sequence[str], take: Callable[[Session, Table], object]
) -> list[RowMessage] | None:
    """Hand the file's table to `take` in a unit of work; None when all of it was right.

    Else the rows' errors, or none of them where the file itself is at fault: then the form says so.
    """
    try:
        table = read_table(form.file.data.read(), columns=columns)
        with transaction() as session:
            take(session, table)
    except RowsRefused as refusal:
        show_beside_field(form, refusal)
        return [in_row(error) for error in refusal.errors]
    except DomainError as refusal:
        show_beside_field(form, refusal)
        return []
    return None


def table_file(
    name: str, columns: Sequence[str], rows: Iterable[Sequence[str | int]] = ()
) -> Response:
    """A table to download, change, and upload again."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(write_table(columns, rows), mimetype="text/csv", headers=headers)


def in_row(error: RowError) -> RowMessage:
    """A row's error in the reader's language."""
    return RowMessage(error.row, error.column, said(error.message, error.details))
