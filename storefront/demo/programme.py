"""The demo's holidays, and the Serlok days that its city moved because of them."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from storefront.agencies.holiday_estimates import estimates
from storefront.agencies.holidays import fill_year
from storefront.core.calendar import instant_of, is_working_day, month_of, serlok_day
from storefront.core.permissions import OPERATOR, PersonId
from storefront.demo.timeline import Act
from storefront.programme.calendar import suggest
from storefront.programme.models import SerlokDay

ENTERED_ON = 11, 15
KNOWN_BEFORE = timedelta(days=20)
"""So long before a day the city said that it is held on another."""
IN_EVERY_DEMO = 12
"""Last year's December, whose day was moved whatever the calendar: every demo shows a moved day."""


def days_off_of(first_year: int, last_year: int) -> dict[date, str]:
    """Holidays and joint leave of these years, as the city has them (see `holidays_filled`)."""
    years = range(first_year, last_year + 1)
    return {day: name for year in years for day, name in estimates(year).items()}


def holidays_filled(session: Session, *, today: date) -> Iterator[Act]:
    """Each year's days off are entered in the autumn before; those of the first when all begins."""
    for year in (today.year - 1, today.year, today.year + 1):
        entered = max(date(year - 1, *ENTERED_ON), date(today.year - 1, 1, 1))
        at = min(instant_of(entered), instant_of(today))
        yield Act(at, partial(_fill, session, year))


def _fill(session: Session, year: int, now: datetime) -> None:
    fill_year(session, OPERATOR, year, now=now)


def move_serlok_days(
    session: Session, days_off: Mapping[date, str], *, decided_by: PersonId, today: date
) -> dict[str, date]:
    """Move the days of this year and the last that fell on a day off, and one in December.

    Returns the moved days by month (YYYY-MM). What lies ahead is left to whoever plays the city.
    """
    last_year = today.year - 1
    moved: dict[str, date] = {}
    for year in (last_year, today.year):
        for number in range(1, 13):
            day = serlok_day(year, number)
            other, reason = _instead(day, days_off, last_year)
            if other is None or max(day, other) >= today:
                continue
            moved[month_of(day)] = other
            session.add(
                SerlokDay(
                    month=month_of(day),
                    version=1,
                    day_number=other.day,
                    reason=reason,
                    decided_by=decided_by,
                    decided_at=instant_of(day - KNOWN_BEFORE),
                )
            )
    session.flush()
    return moved


def _instead(day: date, days_off: Mapping[date, str], last_year: int) -> tuple[date | None, str]:
    if not is_working_day(day, days_off):
        return suggest(day, days_off), f"Bertepatan dengan {days_off[day]}."
    if (day.year, day.month) == (last_year, IN_EVERY_DEMO):
        later = day + timedelta(days=7)
        if is_working_day(later, days_off):
            return later, "Digeser sepekan karena apel dan bazar akhir tahun di Balai Kota."
    return None, ""
