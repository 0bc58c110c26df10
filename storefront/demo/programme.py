"""The demo's holidays, and the Serlok days that its city moved because of them."""

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from storefront.agencies.holidays import fill_year, holidays_between
from storefront.core.calendar import instant_of, is_working_day, month_of, serlok_day
from storefront.core.permissions import OPERATOR, PersonId
from storefront.programme.calendar import suggest
from storefront.programme.models import SerlokDay

KNOWN_BEFORE = timedelta(days=20)
"""So long before a day the city said that it is held on another."""
IN_EVERY_DEMO = 12
"""Last year's December, whose day was moved whatever the calendar: every demo shows a moved day."""


def add_programme(
    session: Session, *, decided_by: PersonId, today: date, now: datetime
) -> dict[str, date]:
    """Fill three years of holidays, move the days of this year and the last that fell on one.

    Returns the moved days by month (YYYY-MM). What lies ahead is left to whoever plays the city.
    """
    last_year = today.year - 1
    for year in (last_year, today.year, today.year + 1):
        fill_year(session, OPERATOR, year, now=now)
    session.flush()
    days_off = holidays_between(session, date(last_year, 1, 1), date(today.year, 12, 31))
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


def _instead(day: date, days_off: dict[date, str], last_year: int) -> tuple[date | None, str]:
    if not is_working_day(day, days_off):
        return suggest(day, days_off), f"Bertepatan dengan {days_off[day]}."
    if (day.year, day.month) == (last_year, IN_EVERY_DEMO):
        later = day + timedelta(days=7)
        if is_working_day(later, days_off):
            return later, "Digeser sepekan karena apel dan bazar akhir tahun di Balai Kota."
    return None, ""
