"""What was measured, as a table and as a file."""

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from os import cpu_count
from pathlib import Path

RESULTS = Path(__file__).parent / "results"
WHOLE_FROM = 1_000
Value = float | int | str | None


@dataclass(frozen=True)
class Row:
    """One measurement. `value` is held against `floor` where there is one."""

    name: str
    columns: Mapping[str, Value]
    value: float | None = None
    floor: float | None = None

    @property
    def is_below(self) -> bool:
        return self.floor is not None and (self.value or 0) < self.floor


def show(title: str, rows: Sequence[Row]) -> None:
    """Print the rows, each number under its name; what is below its floor is said to be."""
    print(f"\n{title}")
    names = list(dict.fromkeys(name for row in rows for name in row.columns))
    print(f"{'':18}" + "".join(f"{name:>16}" for name in names))
    for row in rows:
        cells = "".join(f"{_written(row.columns.get(name)):>16}" for name in names)
        print(f"{row.name:18}{cells}{'  below its floor' if row.is_below else ''}")


def keep(name: str, rows: Sequence[Row]) -> None:
    """Write `results/NAME.json`, with when and where it was measured."""
    RESULTS.mkdir(exist_ok=True)
    kept = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "cores": cpu_count(),
        "versions": {each: version(each) for each in ("flask", "sqlalchemy", "gunicorn")},
        "rows": [asdict(row) | {"is_below": row.is_below} for row in rows],
    }
    (RESULTS / f"{name}.json").write_text(json.dumps(kept, indent=2) + "\n")


def share(part: float) -> str:
    return f"{part:.1%}"


def _written(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if value >= WHOLE_FROM else f"{value:,.1f}"
