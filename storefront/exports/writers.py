"""The forms of a file: CSV in two dialects, XLSX, JSON lines. A row at a time, the same each time.

Text of users never becomes a formula: in CSV what begins like one is guarded by an apostrophe, and
so is what begins with an apostrophe, so that taking one off always gives the text back.
"""

import csv
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import xlsxwriter

from storefront.core.errors import N_, DomainError
from storefront.exports.asked import ExportFormat
from storefront.exports.rows import Row

GUARDED = frozenset("=+-@\t\r'")
MOST_XLSX_ROWS = 1_048_575
"""Beside the heading."""
EMPTY_LEDGER = datetime(2000, 1, 1, tzinfo=UTC)
"""When an XLSX of a ledger without entries says that it was made."""


class TooManyRowsForXlsx(DomainError):
    code = "too_many_rows_for_xlsx"
    message = N_("XLSX memuat paling banyak 1.048.575 baris. Pilih CSV, atau persempit tanggalnya.")
    field = "format"


class Writer(Protocol):
    """Takes rows, one after the other."""

    def write(self, row: Row) -> None: ...


@contextmanager
def opened(
    form: ExportFormat, path: Path, columns: Sequence[str], made_at: datetime | None
) -> Iterator[Writer]:
    """A new file of a form, closed at the end. `made_at` is the time of the ledger's position."""
    if form is ExportFormat.XLSX:
        workbook = xlsxwriter.Workbook(
            path,
            {
                "constant_memory": True,
                "tmpdir": str(path.parent),
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        made_at = (made_at or EMPTY_LEDGER).astimezone(UTC).replace(tzinfo=None)
        workbook.set_properties({"created": made_at})
        try:
            yield _Xlsx(workbook, columns)
        finally:
            workbook.close()
    else:
        encoding = "utf-8-sig" if form is ExportFormat.CSV_ID else "utf-8"
        with path.open("w", encoding=encoding, newline="") as file:
            if form is ExportFormat.JSON:
                yield _JsonLines(file, columns)
            else:
                delimiter = ";" if form is ExportFormat.CSV_ID else ","
                yield _Csv(csv.writer(file, delimiter=delimiter), columns)


def guarded(text: str) -> str:
    """A text as it stands in CSV."""
    return f"'{text}" if text[:1] in GUARDED else text


class _Csv:
    def __init__(self, file: "_CsvWriter", columns: Sequence[str]) -> None:
        self._write = file.writerow
        self._write(columns)

    def write(self, row: Row) -> None:
        self._write([guarded(v) if isinstance(v, str) else v for v in row])


class _JsonLines:
    def __init__(self, file: "_TextFile", columns: Sequence[str]) -> None:
        self._write = file.write
        self._columns = columns

    def write(self, row: Row) -> None:
        line = dict(zip(self._columns, row, strict=True))
        self._write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")


class _Xlsx:
    def __init__(self, workbook: xlsxwriter.Workbook, columns: Sequence[str]) -> None:
        self._sheet = workbook.add_worksheet()
        self._next = 0
        self.write(columns)

    def write(self, row: Row) -> None:
        if self._next > MOST_XLSX_ROWS:
            raise TooManyRowsForXlsx
        for at, value in enumerate(row):
            if isinstance(value, str):
                self._sheet.write_string(self._next, at, value)
            elif value is not None:
                self._sheet.write_number(self._next, at, value)
        self._next += 1


class _CsvWriter(Protocol):
    def writerow(self, row: Sequence[object], /) -> object: ...


class _TextFile(Protocol):
    def write(self, text: str, /) -> object: ...
