"""What a paper says, before it is drawn: plain values, each told as what it is.

A figure travels as a number and is written by the template (house.md, rule 6), so that the JSON in
the PDF holds rupiah and thousandths, not text.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Literal

Cell = Mapping[Literal["text", "rupiah", "permille", "number"], str | int] | None
"""One of the four, or None for a dash."""


def words(text: str) -> Cell:
    return {"text": text}


def rupiah(amount: int | None) -> Cell:
    """Whole rupiah; a dash where there is no such amount."""
    return None if amount is None else {"rupiah": amount}


def permille(share: int | None) -> Cell:
    """Thousandths, shown as per cent with one decimal; a dash where there is no whole."""
    return None if share is None else {"permille": share}


def number(count: int | None) -> Cell:
    return None if count is None else {"number": count}


@dataclass(frozen=True)
class Letterhead:
    """Who issues a paper."""

    government: str
    """`Pemerintah Kota Bandung`."""
    issuer: str
    address: str
    store: str


@dataclass(frozen=True)
class TableColumn:
    label: str
    figure: bool = True
    """Right-aligned; words are left-aligned and take what room is left."""


@dataclass(frozen=True)
class Table:
    columns: Sequence[TableColumn]
    rows: Sequence[Sequence[Cell]]
    total: Sequence[Cell] | None = None


@dataclass(frozen=True)
class ChartColumn:
    """A month: what stood before it and after it, in the chart's one unit; or one agency's share.

    Columns without words stand side by side; a table beside them says what they are.
    """

    label: str
    before: int
    after: int
    text: str
    guess: bool = False
    over: bool = False
    """By itself beyond the target."""


@dataclass(frozen=True)
class Chart:
    """Columns over one scale, and the line of a target (0: none)."""

    columns: Sequence[ChartColumn]
    target: int = 0
    target_label: str = ""


@dataclass(frozen=True)
class Fact:
    label: str
    figure: Cell
    about: str = ""


@dataclass(frozen=True)
class Section:
    heading: str = ""
    text: Sequence[str] = ()
    facts: Sequence[Fact] = ()
    chart: Chart | None = None
    table: Table | None = None


@dataclass(frozen=True)
class Lead:
    """The figure that a report is about, and the sentence that says it."""

    figure: Cell
    says: str


@dataclass(frozen=True)
class Sign:
    """Room for a signature; without a number no NIP is written."""

    role: str
    name: str = ""
    number: str = ""


@dataclass(frozen=True, kw_only=True)
class Report:
    """A paper of sections. `foot` names the state of the ledger that it was read from."""

    letterhead: Letterhead
    title: str
    subtitle: str
    day: date
    lead: Lead | None = None
    sections: Sequence[Section] = ()
    signs: Sequence[Sign] = field(default=())
    foot: str

    def as_data(self) -> dict[str, object]:
        """What the template is given, and what is attached to the PDF."""
        data = asdict(self)
        day = data.pop("day")
        data["dated"] = {"year": day.year, "month": day.month, "day": day.day}
        return data
