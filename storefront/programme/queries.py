"""What was published of who took part, as pages show it: per agency and closed month.

Only published figures leave here, and no sum over agencies (docs/programme.md).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from storefront.agencies.models import Agency
from storefront.programme.models import ParticipationMonth
from storefront.programme.participation import FEWEST

SMALLEST_SHOWN = 2 * FEWEST
"""An agency of fewer can never be shown: five would have bought and five would not."""
MONTHS_SHOWN = 24


class ParticipationSort(StrEnum):
    SHARE = "share"
    SERLOK = "serlok"
    SIZE = "size"
    NAME = "name"


@dataclass(frozen=True, kw_only=True)
class MonthFigure:
    """An agency's closed month as it was published; what is None was withheld, or never kept."""

    agency_code: str
    agency_name: str
    month: str
    is_withheld: bool
    buyers: int | None
    realised_amount: int | None
    staff: int | None
    serlok_day: date | None
    serlok_buyers: int | None

    @property
    def share(self) -> Fraction | None:
        """Of its people who bought: from 0 to 1."""
        return _part(self.buyers, self.staff)

    @property
    def serlok_share(self) -> Fraction | None:
        return _part(self.serlok_buyers, self.staff)

    @property
    def is_too_small(self) -> bool:
        """So small that no month of it can ever be shown, whoever buys."""
        return self.staff is not None and self.staff < SMALLEST_SHOWN

    @property
    def withholds_serlok(self) -> bool:
        """A month that is shown, and its Serlok day, which was held and counted, is not."""
        return not self.is_withheld and self.serlok_day is not None and self.serlok_buyers is None


@dataclass(frozen=True)
class CityParticipation:
    """All agencies in a closed month. There is no sum of them: it would tell what was withheld."""

    month: str | None
    """None while no month was ever published."""
    months: tuple[str, ...]
    """The published months that can be chosen, the last one first."""
    rows: tuple[MonthFigure, ...]

    @property
    def shown(self) -> int:
        return sum(not row.is_withheld for row in self.rows)


def months_of(
    session: Session, agency_code: str, *, limit: int = MONTHS_SHOWN
) -> list[MonthFigure]:
    """An agency's published months, the last one first. One read."""
    query = (
        _figures()
        .where(ParticipationMonth.agency_code == agency_code)
        .order_by(ParticipationMonth.month.desc())
        .limit(limit)
    )
    return _read(session, query)


def published_months(session: Session, *, limit: int = MONTHS_SHOWN) -> list[str]:
    """Which months were published, the last one first. One read."""
    query = (
        select(ParticipationMonth.month)
        .distinct()
        .order_by(ParticipationMonth.month.desc())
        .limit(limit)
    )
    return list(session.scalars(query))


def figures_of(session: Session, months: Iterable[str]) -> list[MonthFigure]:
    """Every agency's row of these months, by month and code. One read."""
    query = (
        _figures()
        .where(ParticipationMonth.month.in_(list(months)))
        .order_by(ParticipationMonth.month, ParticipationMonth.agency_code)
    )
    return _read(session, query)


def city_participation(
    session: Session, *, sort: ParticipationSort, month: str | None = None
) -> CityParticipation:
    """The month that was published last, or another one. Two reads."""
    months = published_months(session)
    if not months:
        return CityParticipation(None, (), ())
    chosen = month if month in months else months[0]
    rows = sorted(figures_of(session, [chosen]), key=lambda row: row.agency_name)
    return CityParticipation(chosen, tuple(months), tuple(_sorted(rows, sort)))


def _sorted(rows: list[MonthFigure], sort: ParticipationSort) -> list[MonthFigure]:
    """What was withheld comes last, by name: nobody is said to be the worst."""
    match sort:
        case ParticipationSort.NAME:
            return rows
        case ParticipationSort.SIZE:
            return sorted(rows, key=lambda row: -(row.staff or 0))
        case ParticipationSort.SERLOK:
            return sorted(rows, key=lambda row: _last(row.serlok_share))
        case ParticipationSort.SHARE:
            return sorted(rows, key=lambda row: _last(row.share))


def _last(share: Fraction | None) -> tuple[bool, Fraction]:
    return share is None, -(share or Fraction(0))


def _figures() -> Select[ParticipationMonth, str | None]:
    name = func.coalesce(Agency.name, ParticipationMonth.agency_code)
    return select(ParticipationMonth, name).outerjoin(
        Agency, Agency.code == ParticipationMonth.agency_code
    )


def _read(session: Session, query: Select[ParticipationMonth, str | None]) -> list[MonthFigure]:
    return [
        MonthFigure(
            agency_code=row.agency_code,
            agency_name=name or row.agency_code,
            month=row.month,
            is_withheld=row.is_withheld,
            buyers=row.buyers,
            realised_amount=row.realised_amount,
            staff=row.staff,
            serlok_day=row.serlok_day,
            serlok_buyers=row.serlok_buyers,
        )
        for row, name in session.execute(query)
    ]


def _part(some: int | None, of: int | None) -> Fraction | None:
    return Fraction(some, of) if some is not None and of else None
