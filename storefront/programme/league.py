"""The league: agencies beside others of their size, by what was published of them, and no more.

Ranked by share of their people who bought, in bands of size, so that a small agency can win; and by
how much that share rose since the month before. An agency whose month was withheld is neither
ranked nor named: it is not said who did nothing, nor who did everything. The league is public: all
that it shows was published already (docs/programme.md).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from sqlalchemy.orm import Session

from storefront.programme.queries import MonthFigure, figures_of, published_months

BANDS: tuple[tuple[int, int | None], ...] = ((10, 24), (25, 99), (100, None))
"""Sizes, both included. Below ten nothing can ever be shown (`queries.SMALLEST_SHOWN`)."""
IN_A_BAND = 10
RISEN = 5


@dataclass(frozen=True)
class LeagueRow:
    """An agency's place; those with the same share stand on the same one."""

    place: int
    agency_name: str
    staff: int
    share: Fraction
    """Of its people who bought: from 0 to 1."""
    serlok_share: Fraction | None
    risen_by: Fraction | None
    """Since the month before; None where that was not published."""


@dataclass(frozen=True)
class Band:
    smallest: int
    largest: int | None
    rows: tuple[LeagueRow, ...]


@dataclass(frozen=True)
class League:
    """Of the month that was published last."""

    month: str
    serlok_day: date | None
    bands: tuple[Band, ...]
    """Those with somebody in them, the smallest agencies first."""
    risen: tuple[LeagueRow, ...]
    """Who rose most since the month before, of whatever size."""


def league(session: Session) -> League | None:
    """The last published month's; None while there is none. Two reads, however many agencies."""
    months = published_months(session, limit=2)
    if not months:
        return None
    figures = figures_of(session, months)
    now = [each for each in figures if each.month == months[0]]
    before = {each.agency_code: each.share for each in figures if each.month != months[0]}
    rows = [_row(each, before.get(each.agency_code)) for each in now if each.share is not None]
    return League(
        month=months[0],
        serlok_day=next((each.serlok_day for each in now if each.serlok_day), None),
        bands=tuple(_bands(rows)),
        risen=tuple(_risen(rows)),
    )


def _row(figure: MonthFigure, before: Fraction | None) -> LeagueRow:
    share = figure.share or Fraction(0)
    return LeagueRow(
        place=0,
        agency_name=figure.agency_name,
        staff=figure.staff or 0,
        share=share,
        serlok_share=figure.serlok_share,
        risen_by=share - before if before is not None else None,
    )


def _bands(rows: Sequence[LeagueRow]) -> Iterator[Band]:
    for smallest, largest in BANDS:
        within = [
            row for row in rows if smallest <= row.staff and (not largest or row.staff <= largest)
        ]
        if within:
            placed = _placed(within, [row.share for row in within])
            yield Band(smallest, largest, placed[:IN_A_BAND])


def _risen(rows: Sequence[LeagueRow]) -> tuple[LeagueRow, ...]:
    up = [row for row in rows if row.risen_by is not None and row.risen_by > 0]
    return _placed(up, [row.risen_by or Fraction(0) for row in up])[:RISEN]


def _placed(rows: Iterable[LeagueRow], by: Sequence[Fraction]) -> tuple[LeagueRow, ...]:
    """The highest first, by name where they are equal, each with its place."""
    ordered = sorted(zip(by, rows, strict=True), key=lambda pair: (-pair[0], pair[1].agency_name))
    values = [value for value, _row in ordered]
    return tuple(
        LeagueRow(
            place=values.index(value) + 1,
            agency_name=row.agency_name,
            staff=row.staff,
            share=row.share,
            serlok_share=row.serlok_share,
            risen_by=row.risen_by,
        )
        for value, row in ordered
    )
