"""What the export is measured beside: every column of the same lines, by a cursor, to `csv`."""

import csv
import sys
import time
from pathlib import Path

from sqlalchemy import create_engine, text

from benchmarks.process import peak_mb, tell

LINES = text(
    "SELECT o.*, p.*, l.* FROM order_lines l JOIN orders o ON o.id = l.order_id"
    " JOIN order_people p ON p.order_id = o.id WHERE o.fund = 'official'"
    " ORDER BY o.id, l.position"
)


def main(url: str, folder: str) -> None:
    rows = 0
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://", 1))
    idle, began = peak_mb(), time.perf_counter()
    with (
        engine.connect().execution_options(yield_per=1_000) as connection,
        (Path(folder) / "plain.csv").open("w", encoding="utf-8", newline="") as file,
    ):
        found = connection.execute(LINES)
        writer = csv.writer(file)
        writer.writerow(found.keys())
        for row in found:
            writer.writerow(row)
            rows += 1
    tell(rows, time.perf_counter() - began, idle)


if __name__ == "__main__":
    main(*sys.argv[1:])
