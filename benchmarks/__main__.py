"""`python -m benchmarks [NAME ...]`: all of them, or those that are named."""

import sys
from collections.abc import Callable, Sequence

from benchmarks import checkout, checkpoints, export, pages, postings, quota
from benchmarks.databases import ENGINES
from benchmarks.table import Row, keep, show

BENCHMARKS: dict[str, tuple[str, Callable[[str], list[Row]]]] = {
    "pages": (f"pages of {pages.PRODUCTS:,} products", pages.run),
    "checkout": (f"{checkout.CHECKOUTS:,} checkouts over HTTP", checkout.run),
    "export": (f"export of {export.LINES:,} order lines", export.run),
    "checkpoints": (
        f"checkpoints of {checkpoints.ENTRIES:,} ledger entries; verify",
        checkpoints.run,
    ),
    "postings": (f"ledger postings by {postings.WRITERS} writers", postings.run),
    "quota": (quota.TITLE, quota.run),
}


def main(names: Sequence[str]) -> int:
    """Measure on both engines, print, and keep the figures; 1 where one is below its floor."""
    unknown = set(names) - BENCHMARKS.keys()
    if unknown:
        print(f"there is no benchmark {', '.join(sorted(unknown))}: {', '.join(BENCHMARKS)}")
        return 2
    is_below = False
    for name in names or BENCHMARKS:
        title, run = BENCHMARKS[name]
        for engine in ENGINES:
            rows = run(engine)
            show(f"{title}, {engine}", rows)
            keep(f"{name}-{engine}", rows)
            is_below |= any(row.is_below for row in rows)
    return int(is_below)


raise SystemExit(main(sys.argv[1:]))
