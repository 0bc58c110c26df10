"""What every export is made of: rows under named columns, and the sums of some of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Value = str | int | None
Row = Sequence[Value]
"""Rupiah and counts are `int`, so that no form takes a negative number for text."""


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """Rows to write, one after the other: they are never all in memory."""

    columns: Sequence[str]
    rows: Iterator[Row]
    summed: Sequence[str]
    """The columns that the manifest totals."""
    once_per: tuple[str, str] | None = None
    """(column, key): this column repeats on each row of a key, and is totalled once for it.

    Rows of one key follow each other.
    """


class Sums:
    """The totals of a sheet, as its rows go by; the writer and the verifier count alike."""

    def __init__(
        self, columns: Sequence[str], summed: Sequence[str], once_per: tuple[str, str] | None
    ) -> None:
        self.rows = 0
        self._at = {name: columns.index(name) for name in summed}
        self._totals = dict.fromkeys(summed, 0)
        self._repeated, key = once_per or ("", "")
        self._key_at = columns.index(key) if once_per else None
        self._last_key: Value = None

    def add(self, row: Row) -> None:
        self.rows += 1
        repeats = self._key_at is not None and row[self._key_at] == self._last_key
        if self._key_at is not None:
            self._last_key = row[self._key_at]
        for name, at in self._at.items():
            value = row[at]
            if value is not None and not (repeats and name == self._repeated):
                self._totals[name] += int(value)

    @property
    def totals(self) -> dict[str, int]:
        return dict(self._totals)
