"""Tables from outside: CSV as spreadsheets write it, and XLSX. Bounded; values only, as text.

A row's number is the one its spreadsheet shows: the heading is row 1.
"""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from hashlib import sha256
from typing import overload

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from storefront.core.errors import N_, DomainError
from storefront.core.text import clean

MOST_ROWS = 100_000
MOST_BYTES = 32_000_000
MOST_UNPACKED_BYTES = 120_000_000
MOST_PARTS = 1_000
MOST_COLUMNS = 60
LONGEST_CELL = 2_000
MOST_ERRORS = 200
"""Shown of one file. Who has more has one mistake in every row."""

_DELIMITERS = (",", ";", "\t")
_EXACT_BELOW = 10**15
"""A spreadsheet keeps 15 digits of a number: a NIP typed as one has lost its last three."""
_LAST_ROW = 2 * MOST_ROWS
"""Of a sheet, empty ones included: one that claims to go on is padded with them for ever."""
_BROKEN_FILE = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    SyntaxError,  # of the XML, whichever parser read it
    EOFError,
    OSError,
    KeyError,
    IndexError,
    ValueError,  # also what defusedxml raises
    TypeError,
    AttributeError,
    NotImplementedError,
)


class FileUnreadable(DomainError):
    code = "file_unreadable"
    message = N_("Berkas tidak terbaca sebagai CSV atau XLSX. Simpan ulang sebagai CSV atau .xlsx.")
    field = "file"


class FileTooLarge(DomainError):
    code = "file_too_large"
    message = N_("Berkas terlalu besar: paling banyak %(megabytes)d MB. Bagi menjadi beberapa.")
    field = "file"


class TooManyRows(DomainError):
    code = "too_many_rows"
    message = N_("Berkas memuat lebih dari %(most)d baris. Bagi menjadi beberapa berkas.")
    field = "file"


class QuoteUnclosed(DomainError):
    code = "quote_unclosed"
    message = N_("Tanda kutip ganda tidak berpasangan, mulai sekitar baris %(row)d.")
    field = "file"


class ColumnsMissing(DomainError):
    code = "columns_missing"
    message = N_("Baris pertama harus berisi nama kolom. Yang belum ada: %(columns)s")
    field = "file"


class ColumnRepeated(DomainError):
    code = "column_repeated"
    message = N_("Kolom %(column)s ada dua kali.")
    field = "file"


@dataclass(frozen=True)
class RowError:
    """What is wrong in one cell: `message` is a msgid, filled with `details`."""

    row: int
    column: str
    message: str
    details: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.message % self.details


class RowsRefused(DomainError):
    """Some rows are wrong, so none was taken: all or nothing."""

    code = "rows_refused"
    message = N_("%(count)d kesalahan pada berkas. Tidak ada yang disimpan.")
    field = "file"

    def __init__(self, errors: Iterable[RowError]) -> None:
        in_order = sorted(errors, key=lambda error: error.row)
        self.errors = in_order[:MOST_ERRORS]
        super().__init__(count=len(in_order))


@dataclass(frozen=True)
class Row:
    """A row by the names of its columns; each cell cleaned text, empty where there is nothing."""

    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return self.cells[column]


@dataclass(frozen=True)
class Table:
    """A file's rows, and the digest by which the audit log knows the file."""

    rows: tuple[Row, ...]
    sha256: str
    errors: tuple[RowError, ...] = ()
    """Cells that are no cells: too many in a row, or too long."""


def read_table(content: bytes, *, columns: Sequence[str], optional: Sequence[str] = ()) -> Table:
    """Read a file whose first row names its columns; unknown columns are passed over.

    Empty rows are left out, yet counted. Of formulas the value is taken, of merged cells the first
    has it. Raises `FileUnreadable`, `FileTooLarge`, `TooManyRows`, `QuoteUnclosed`,
    `ColumnsMissing` or `ColumnRepeated`.
    """
    if len(content) > MOST_BYTES:
        raise FileTooLarge(megabytes=MOST_BYTES // 1_000_000)
    wanted = [*columns, *optional]
    lines = _xlsx(content) if content.startswith(b"PK") else _csv(content, wanted)
    heading = [name.strip().casefold() for name in next(lines, [])]
    missing = [name for name in columns if name not in heading]
    if missing:
        raise ColumnsMissing(columns=", ".join(missing))
    for name in wanted:
        if heading.count(name) > 1:
            raise ColumnRepeated(column=name)
    rows: list[Row] = []
    errors: list[RowError] = []
    for number, line in enumerate(lines, start=2):
        if not any(line):
            continue
        if len(rows) >= MOST_ROWS:
            raise TooManyRows(most=MOST_ROWS)
        errors += _malformed(number, line, heading)
        cells = dict(zip(heading, line, strict=False))
        rows.append(Row(number, {name: cells.get(name, "") for name in wanted}))
    return Table(tuple(rows), sha256(content).hexdigest(), tuple(errors[:MOST_ERRORS]))


@overload
def guard(cell: str) -> str: ...
@overload
def guard(cell: int) -> int: ...
@overload
def guard(cell: None) -> None: ...
def guard(cell: str | int | None) -> str | int | None:
    """A cell for a CSV: text that a spreadsheet would run gets an apostrophe; numbers stay numbers.

    Text that begins with an apostrophe gets one more, so that `unguard` brings back every text.
    """
    if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r", "'")):
        return f"'{cell}"
    return cell


def unguard(text: str) -> str:
    """The text that was guarded."""
    return text.removeprefix("'")


def write_table(columns: Sequence[str], rows: Iterable[Sequence[str | int]]) -> bytes:
    """A small file that `read_table` reads, in the form that Indonesian Excel opens: `;`, BOM."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([guard(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def read_day(typed: str) -> date | None:
    """A day written YYYY-MM-DD, as spreadsheets also give it; None for anything else."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", typed):
        return None
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None


def read_whole(typed: str) -> int | None:
    """A whole number of at most 15 plain digits, not below nought; None for anything else."""
    return int(typed) if re.fullmatch(r"[0-9]{1,15}", typed) else None


def _malformed(number: int, line: list[str], heading: list[str]) -> list[RowError]:
    errors = [
        RowError(number, name, N_("Isian lebih dari %(most)d karakter."), {"most": LONGEST_CELL})
        for name, cell in zip(heading, line, strict=False)
        if len(cell) > LONGEST_CELL
    ]
    if any(line[len(heading) :]):
        errors.append(
            RowError(number, "", N_("Lebih banyak isian daripada kolom. Periksa tanda pemisah."))
        )
    return errors


def _csv(content: bytes, wanted: Sequence[str]) -> Iterator[list[str]]:
    text = _decoded(content)
    first, _, rest = text.partition("\n")
    if re.fullmatch(r"sep=[,;\t]\r?", first):  # Excel's own word on its delimiter
        text, first = rest, rest.partition("\n")[0]
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=_delimiter(first, wanted), strict=True
    )
    begun = 0
    try:
        for line in reader:
            begun += 1
            yield [clean(cell) for cell in line]
    except csv.Error:
        raise QuoteUnclosed(row=begun + 1) from None


def _decoded(content: bytes) -> str:
    """The text of a CSV: by its mark, else UTF-16 by its noughts, else UTF-8, else Latin-1."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif content[1:2] == b"\0":
        encoding = "utf-16-le"
    elif content[:1] == b"\0":
        encoding = "utf-16-be"
    else:
        encoding = "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        if encoding != "utf-8-sig" or b"\0" in content:
            raise FileUnreadable from None
    try:
        return content.decode("cp1252")  # what Windows writes and calls Latin-1
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _delimiter(heading: str, wanted: Sequence[str]) -> str:
    """The delimiter by which the heading names most of the columns."""

    def named(delimiter: str) -> int:
        names = {name.strip().strip('"').casefold() for name in heading.split(delimiter)}
        return len(names & set(wanted))

    return max(_DELIMITERS, key=named)


def _xlsx(content: bytes) -> Iterator[list[str]]:
    """The first sheet. What the file unpacks to is bounded before any of it is."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            unpacked = sum(part.file_size for part in parts.infolist())
            if unpacked > MOST_UNPACKED_BYTES or len(parts.infolist()) > MOST_PARTS:
                raise FileTooLarge(megabytes=MOST_UNPACKED_BYTES // 1_000_000)
        book = load_workbook(
            io.BytesIO(content), read_only=True, data_only=True, keep_links=False, keep_vba=False
        )
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()  # a file may lie about its size
            rows = sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS)
            for number, cells in enumerate(rows, start=1):
                if number > _LAST_ROW:
                    raise TooManyRows(most=MOST_ROWS)
                yield [_as_text(cell) for cell in cells]
        finally:
            book.close()
    except _BROKEN_FILE:
        raise FileUnreadable from None


def _as_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value.date() if value.time() == time.min else value}"
    if isinstance(value, float):
        if abs(value) >= _EXACT_BELOW:
            return f"{value:.5E}"  # as the sheet shows it: the reader is told why
        if value.is_integer():
            return str(int(value))
    return clean(str(value))
