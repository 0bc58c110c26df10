"""The order export beside a plain `csv` loop over the same rows: rows a second, peak memory."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.databases import databases_of, filling
from benchmarks.load import ROOT
from benchmarks.records import fill
from benchmarks.table import Row, Value, share

LINES = 100_000


@dataclass(frozen=True)
class Written:
    """What a process wrote, in how many seconds; the most memory it held before, and in all."""

    rows: int
    seconds: float
    idle_mb: float
    peak_mb: float

    @property
    def per_second(self) -> float:
        return self.rows / self.seconds


def run(engine: str) -> list[Row]:
    """Each writer in a process of its own, so that its memory is its own."""
    with databases_of(engine) as (fresh, folder):
        url = fresh()
        with filling(url, folder) as (_app, session):
            fill(session, LINES)
        plain = _in_a_process("benchmarks.plain_loop", url, folder)
        store = _in_a_process("benchmarks.store_export", url, folder)
    if plain.rows != store.rows:
        raise RuntimeError(f"the loop wrote {plain.rows} rows, the store {store.rows}")
    return [_row("plain csv loop", plain, plain), _row("export orders", store, plain)]


def _in_a_process(module: str, url: str, folder: Path) -> Written:
    command = [sys.executable, "-m", module, url, str(folder)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return Written(**json.loads(done.stdout))


def _row(name: str, written: Written, beside: Written) -> Row:
    columns: dict[str, Value] = {
        "rows/s": written.per_second,
        "idle MB": written.idle_mb,
        "peak MB": written.peak_mb,
        "rate of loop": share(written.per_second / beside.per_second),
        "memory of loop": share(written.peak_mb / beside.peak_mb),
    }
    return Row(name, columns)
