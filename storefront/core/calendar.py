"""Days, months and years as the city counts them, for a given instant."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

CITY_ZONE = ZoneInfo("Asia/Jakarta")

_THURSDAY = 3
_SATURDAY = 5


def city_day(instant: datetime) -> date:
    """The day it is in the city at an instant. Raises ValueError for a naive one."""
    return city_time(instant).date()


def city_time(instant: datetime) -> datetime:
    """An instant on the city's clock. Raises ValueError for a naive one."""
    if instant.tzinfo is None:
        raise ValueError(f"naive datetime {instant!r}")
    return instant.astimezone(CITY_ZONE)


def instant_of(day: date, at: time = time.min) -> datetime:
    """The instant (UTC) at which the city's clock shows a time of a day."""
    return datetime.combine(day, at, CITY_ZONE).astimezone(UTC)


def end_in_words(end: datetime) -> tuple[date, time | None]:
    """The day that an end belongs to, and its time; None: with the day itself.

    Midnight is the end of the day before: nobody reads "2 December 00:00" as the first's evening.
    """
    shown = city_time(end)
    if shown.time() == time.min:
        return shown.date() - timedelta(days=1), None
    return shown.date(), shown.time()


def month_of(day: date) -> str:
    """The month of a day, as YYYY-MM."""
    return f"{day:%Y-%m}"


def month_after(month: str) -> str:
    """The month that follows a YYYY-MM."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12}-{number % 12 + 1:02}"


def fiscal_year(day: date) -> int:
    """The fiscal year of a day: 1 January to 31 December (product.md, "Money, time")."""
    return day.year


def serlok_day(year: int, month: int) -> date:
    """The programme's day of a month by its rule: the second Thursday.

    The city may hold another: who wants to know asks `programme/calendar.py`.
    """
    eighth = date(year, month, 8)
    return eighth.replace(day=8 + (_THURSDAY - eighth.weekday()) % 7)


def is_working_day(day: date, holidays: Collection[date]) -> bool:
    return day.weekday() < _SATURDAY and day not in holidays


def working_days_after(day: date, count: int, holidays: Collection[date]) -> date:
    """The day that lies a number of working days after another."""
    while count:
        day += timedelta(days=1)
        count -= is_working_day(day, holidays)
    return day


def working_day_before(day: date, holidays: Collection[date]) -> date:
    """The last working day before a day."""
    day -= timedelta(days=1)
    while not is_working_day(day, holidays):
        day -= timedelta(days=1)
    return day
