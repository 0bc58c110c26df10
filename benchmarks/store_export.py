"""The store's own export, as the page and the command write it, with manifest and audit record."""

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.databases import filling
from benchmarks.process import peak_mb, tell
from storefront.core.permissions import OPERATOR
from storefront.exports.asked import ExportKind, ExportRequest
from storefront.exports.writing import write
from storefront.extensions import snapshot, transaction
from tests.factories import NOON


def main(url: str, folder: str) -> None:
    request = ExportRequest(kind=ExportKind.ORDERS, agency_code=None, year=NOON.year)
    with filling(url, Path(folder)):
        idle, began = peak_mb(), time.perf_counter()
        made = write(
            transaction,
            snapshot,
            OPERATOR,
            request,
            Path(folder) / "store.csv",
            now=datetime.now(UTC),
        )
        seconds = time.perf_counter() - began
    tell(made.rows, seconds, idle)


if __name__ == "__main__":
    main(*sys.argv[1:])
