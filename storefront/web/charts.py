"""Where the parts of a chart lie. Widths are per cent, so that text keeps its size on a phone."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

Number = int | float | Decimal | Fraction

COLUMN_TOP, COLUMN_FOOT = 35.4, 218.0
CITY_TOP, CITY_FOOT = 10.0, 294.0
SPARK_TOP, SPARK_FOOT = 4.0, 26.0
MARKS = 4
FEWEST = 2
THINNEST_STRIPE = 0.6
GAP, TEXT_HEIGHT = 7.0, 14.0
NICE_STEPS = (1, 2, 5, 10)
MANY_COLUMNS = 8
"""From here every second column's figure is left out on a phone."""


@dataclass(frozen=True)
class Column:
    """One month: what stood before it and after it, in one unit, and the same in words."""

    label: str
    before: Number
    after: Number
    text: str
    is_guess: bool = False


@dataclass(frozen=True)
class Bar:
    """One agency against its target, in per cent of its budget."""

    name: str
    realised: Number
    committed: Number
    is_over: bool = False


@dataclass(frozen=True)
class Part:
    """One part of a whole: its figure in words, and its bar in per cent of the longest."""

    name: str
    text: str
    width: float


@dataclass(frozen=True)
class BarParts:
    """The parts of a quota bar, in per cent of its width: they never leave it."""

    realised: float
    committed: float
    added: float
    target: float

    @property
    def committed_from(self) -> float:
        return self.realised

    @property
    def added_from(self) -> float:
        return self.realised + self.committed


@dataclass(frozen=True)
class Mark:
    """A line across at a round value."""

    value: int
    y: float


@dataclass(frozen=True)
class PlacedColumn:
    column: Column
    x: float
    width: float
    middle: float
    old_y: float
    old_height: float
    new_y: float
    new_height: float
    text_y: float
    is_always_labelled: bool


@dataclass(frozen=True)
class ColumnPlot:
    columns: tuple[PlacedColumn, ...]
    marks: tuple[Mark, ...]
    target_y: float | None
    foot: float = COLUMN_FOOT


@dataclass(frozen=True)
class PlacedBar:
    bar: Bar
    x: float
    width: float
    realised_y: float
    realised_height: float
    committed_y: float
    committed_height: float


@dataclass(frozen=True)
class CityPlot:
    bars: tuple[PlacedBar, ...]
    marks: tuple[Mark, ...]
    target_y: float
    foot: float = CITY_FOOT


def bar_parts(realised: Number, committed: Number, target: Number, added: Number = 0) -> BarParts:
    """What a quota bar shows. An order of a few rupiah still gets a stripe that can be seen."""
    first = _within(realised, 100)
    second = _within(committed, 100 - first)
    third = _within(max(float(added), THINNEST_STRIPE) if added else 0, 100 - first - second)
    return BarParts(first, second, third, _within(target, 100))


def parts_of(named: Sequence[tuple[str, str, Number]]) -> tuple[Part, ...]:
    """Bars over one scale, of (name, figure in words, amount). Below nought there is no bar."""
    most = _most([amount for _name, _text, amount in named])
    return tuple(
        Part(name, text, _within(100 * float(amount) / most, 100)) for name, text, amount in named
    )


def column_plot(columns: Sequence[Column], target: Number | None = None) -> ColumnPlot:
    """Months as columns over one scale that the target is part of."""
    most = _most([*(column.after for column in columns), target or 0])
    slot = 100 / max(len(columns), 1)

    def height(value: Number) -> float:
        return round(float(value) / most * (COLUMN_FOOT - COLUMN_TOP), 1)

    target_y = None if target is None else round(COLUMN_FOOT - height(target), 1)
    placed = tuple(
        PlacedColumn(
            column=column,
            x=round(slot * (place + 0.2), 2),
            width=round(slot * 0.6, 2),
            middle=round(slot * (place + 0.5), 2),
            old_y=round(COLUMN_FOOT - height(column.before), 1),
            old_height=height(column.before),
            new_y=round(COLUMN_FOOT - height(column.after), 1),
            new_height=round(max(height(column.after) - height(column.before), 0), 1),
            text_y=_clear_of(target_y, COLUMN_FOOT - height(column.after) - GAP),
            is_always_labelled=len(columns) < MANY_COLUMNS or place % 2 == 0,
        )
        for place, column in enumerate(columns)
    )
    marks = (
        Mark(value, round(COLUMN_FOOT - height(value), 1))
        for value in _marks(most, below=float(target) if target else None)
    )
    return ColumnPlot(placed, tuple(marks), target_y)


def city_plot(bars: Sequence[Bar], target: Number) -> CityPlot:
    """Every agency one bar, in the order given, and the target's line across all."""
    most = _most([*(float(bar.realised) + float(bar.committed) for bar in bars), target])
    slot = 100 / max(len(bars), 1)

    def height(value: Number) -> float:
        return round(max(float(value), 0) / most * (CITY_FOOT - CITY_TOP), 1)

    placed = tuple(
        PlacedBar(
            bar=bar,
            x=round(slot * (place + 0.12), 2),
            width=round(slot * 0.76, 2),
            realised_y=round(CITY_FOOT - height(bar.realised), 1),
            realised_height=height(bar.realised),
            committed_y=round(CITY_FOOT - height(bar.realised) - height(bar.committed), 1),
            committed_height=height(bar.committed),
        )
        for place, bar in enumerate(bars)
    )
    marks = (
        Mark(value, round(CITY_FOOT - height(value), 1))
        for value in _marks(most)
        if value != target
    )
    return CityPlot(placed, tuple(marks), round(CITY_FOOT - height(target), 1))


def spark_points(values: Sequence[Number]) -> str:
    """The points of a sparkline in a box of 100 by 30; nothing for fewer than two values."""
    if len(values) < FEWEST:
        return ""
    numbers = [float(value) for value in values]
    low, high = min(numbers), max(numbers)
    span = (high - low) or 1
    step = 100 / (len(numbers) - 1)
    return " ".join(
        f"{place * step:.1f},{SPARK_FOOT - (value - low) / span * (SPARK_FOOT - SPARK_TOP):.1f}"
        for place, value in enumerate(numbers)
    )


def _clear_of(line_y: float | None, text_y: float) -> float:
    """Where a label stands: above a line that would run through it."""
    if line_y is not None and line_y - GAP < text_y < line_y + TEXT_HEIGHT:
        text_y = line_y - GAP
    return round(text_y, 1)


def _within(value: Number, most: float) -> float:
    return round(min(max(float(value), 0), most), 2)


def _most(values: Sequence[Number]) -> float:
    return max((float(value) for value in values), default=0) or 1


def _marks(most: float, below: float | None = None) -> list[int]:
    """Some three round values within the scale; none so near the target that their labels meet."""
    step = _nice(most / MARKS)
    limit = most if below is None else below * 0.9
    return [step * place for place in range(1, 2 * MARKS) if step * place <= limit]


def _nice(rough: float) -> int:
    """The nearest step of 1, 2 or 5 times a power of ten, at least 1."""
    power = 1
    while power * 10 <= rough:
        power *= 10
    steps = [nice * power for nice in NICE_STEPS]
    return next((low for low, high in pairwise(steps) if rough * rough <= low * high), steps[-1])
