"""Is a written export still what was written? Against its manifest, and against the audit log."""

import csv
import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import openpyxl
from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.core.audit import AuditEntry
from storefront.exports import ledger, manifest, orders, quota
from storefront.exports.asked import ExportFormat, ExportKind
from storefront.exports.manifest import Manifest
from storefront.exports.rows import Row, Sums
from storefront.exports.writing import WRITTEN

SUMMED = {
    ExportKind.ORDERS: (orders.SUMMED, orders.ONCE_PER),
    ExportKind.LEDGER: (ledger.SUMMED, None),
    ExportKind.QUOTA: (quota.SUMMED, None),
}


@dataclass(frozen=True)
class Difference:
    """Something that is not as the manifest says."""

    what: str
    stated: object
    found: object


def differences(file: Path) -> list[Difference]:
    """What of a file differs from its manifest: SHA-256, columns, rows, totals.

    Raises `ManifestUnreadable`.
    """
    stated = manifest.read(manifest.path_beside(file))
    found: list[tuple[str, object, object]] = [("sha256", stated.sha256, manifest.digest_of(file))]
    try:
        kind = ExportKind(str(stated.filter["export"]))
        form = ExportFormat(str(stated.filter["format"]))
        rows = _rows(file, form)
        nothing = stated.columns if form is ExportFormat.JSON else ()  # its names come with rows
        columns = [str(name) for name in next(rows, nothing)]
        found_sums = Sums(columns, *SUMMED[kind])
        for row in rows:
            found_sums.add(row)
    except Exception as error:  # noqa: BLE001 - a file can be broken in any way; all are one answer
        return [*_unlike(found), Difference("content", "readable", str(error))]
    return _unlike(
        [
            *found,
            ("columns", list(stated.columns), columns),
            ("rows", stated.rows, found_sums.rows),
            ("totals", dict(stated.totals), found_sums.totals),
        ]
    )


def is_recorded(session: Session, file: Path) -> bool:
    """Whether the audit log knows the file, and with it this very manifest."""
    beside = manifest.path_beside(file)
    stated: Manifest = manifest.read(beside)
    told = select(AuditEntry.details).filter_by(act=WRITTEN, subject=stated.sha256)
    of_manifest = manifest.digest_of(beside)
    return any(
        json.loads(details)["manifest_sha256"] == of_manifest for details in session.scalars(told)
    )


def _unlike(pairs: list[tuple[str, object, object]]) -> list[Difference]:
    return [Difference(*pair) for pair in pairs if pair[1] != pair[2]]


def _rows(file: Path, form: ExportFormat) -> Iterator[Row]:
    """The heading, then the rows, as they stand."""
    if form is ExportFormat.XLSX:
        with (
            file.open("rb") as opened,  # by its content: the name may end in anything
            closing(openpyxl.load_workbook(opened, read_only=True)) as workbook,
        ):
            for cells in workbook.worksheets[0].iter_rows(values_only=True):
                yield [cell if isinstance(cell, str | int) else None for cell in cells]
    elif form is ExportFormat.JSON:
        with file.open(encoding="utf-8") as lines:
            for at, line in enumerate(lines):
                content = json.loads(line)
                if at == 0:
                    yield list(content)
                yield list(content.values())
    else:
        delimiter = ";" if form is ExportFormat.CSV_ID else ","
        with file.open(encoding="utf-8-sig", newline="") as text:
            for row in csv.reader(text, delimiter=delimiter):
                yield [value or None for value in row]
