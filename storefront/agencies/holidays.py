"""The days on which the city does not work: filled from an estimate, put right by the city.

Delivery days, deadlines of requests and Serlok days read them when they are decided; what was
decided keeps the day it got (`Order.decide_by` is frozen with the request).
"""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.agencies.holiday_estimates import LONGEST_NAME, estimates
from storefront.agencies.models import Holiday
from storefront.core import audit
from storefront.core.calendar import fiscal_year
from storefront.core.errors import N_, Conflict, DomainError, NotFound
from storefront.core.permissions import CITY, SYSTEM, Action, Actor, require
from storefront.core.text import one_line

NEXT_YEAR_FROM_MONTH = 9
"""From September on next year is asked about: goods are promised for January, days are planned."""


class HolidayKnown(Conflict):
    code = "holiday_known"
    message = N_("%(day)s sudah tercatat sebagai hari libur.")
    field = "day"


class HolidayNameless(DomainError):
    code = "holiday_nameless"
    message = N_("Tulis nama hari liburnya, paling panjang %(most)d huruf.")
    field = "name"


def holidays_between(session: Session, first: date, last: date) -> dict[date, str]:
    """Names by day, both ends included, the earliest first. One read."""
    query = (
        select(Holiday.day, Holiday.name)
        .where(Holiday.day.between(first, last))
        .order_by(Holiday.day)
    )
    return {day: name for day, name in session.execute(query)}  # noqa: C416 - rows are no tuples


def holidays_of(session: Session, year: int) -> dict[date, str]:
    return holidays_between(session, date(year, 1, 1), date(year, 12, 31))


def add_holiday(session: Session, actor: Actor, day: date, *, name: str, now: datetime) -> Holiday:
    """A day off more. Raises `NotAllowed`, `HolidayKnown`, `HolidayNameless`."""
    require(actor, Action.RUN_PROGRAMME, CITY)
    if session.get(Holiday, day) is not None:
        raise HolidayKnown(day=day)
    row = Holiday(day=day, name=_name(name))
    session.add(row)
    audit.record(session, actor, "holiday.added", day.isoformat(), {"name": row.name}, now=now)
    return row


def rename_holiday(
    session: Session, actor: Actor, day: date, *, name: str, now: datetime
) -> Holiday:
    """Call it by another name. Raises `NotAllowed`, `NotFound`, `HolidayNameless`."""
    require(actor, Action.RUN_PROGRAMME, CITY)
    row = _found(session, day)
    before, row.name = row.name, _name(name)
    details = {"name": row.name, "before": before}
    audit.record(session, actor, "holiday.renamed", day.isoformat(), details, now=now)
    return row


def remove_holiday(session: Session, actor: Actor, day: date, *, now: datetime) -> None:
    """The city works on that day after all. Raises `NotAllowed`, `NotFound`."""
    require(actor, Action.RUN_PROGRAMME, CITY)
    row = _found(session, day)
    session.delete(row)
    audit.record(session, actor, "holiday.removed", day.isoformat(), {"name": row.name}, now=now)


def fill_year(session: Session, actor: Actor, year: int, *, now: datetime) -> list[Holiday]:
    """Add what the estimate of a year has and the table has not, and return it.

    What the city removed comes back by it: it is for a year that is still empty. Raises
    `NotAllowed`.
    """
    require(actor, Action.RUN_PROGRAMME, CITY)
    return _fill(session, actor, year, now=now)


def years_to_fill(session: Session, *, today: date) -> list[int]:
    """This year, and from autumn on the next, where no single day is known yet. One read."""
    wanted = [fiscal_year(today)]
    if today.month >= NEXT_YEAR_FROM_MONTH:
        wanted.append(wanted[0] + 1)
    ends = date(wanted[0], 1, 1), date(wanted[-1], 12, 31)
    filled = select(Holiday.day).where(Holiday.day.between(*ends))
    known = {day.year for day in session.scalars(filled)}
    return [year for year in wanted if year not in known]


def fill_by_itself(session: Session, *, today: date, now: datetime) -> int:
    """The worker's step: years of which nobody entered anything; how many days were added."""
    years = years_to_fill(session, today=today)
    return sum(len(_fill(session, SYSTEM, year, now=now)) for year in years)


def _fill(session: Session, actor: Actor, year: int, *, now: datetime) -> list[Holiday]:
    known = holidays_of(session, year)
    rows = [
        Holiday(day=day, name=name) for day, name in estimates(year).items() if day not in known
    ]
    session.add_all(rows)
    audit.record(session, actor, "holiday.filled", str(year), {"days": len(rows)}, now=now)
    return rows


def _found(session: Session, day: date) -> Holiday:
    row = session.get(Holiday, day)
    if row is None:
        raise NotFound
    return row


def _name(typed: str) -> str:
    name = one_line(typed)
    if not 0 < len(name) <= LONGEST_NAME:
        raise HolidayNameless(most=LONGEST_NAME)
    return name
