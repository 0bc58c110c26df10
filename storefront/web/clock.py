"""The one place where the roof asks what time it is. Below it, the instant is handed in."""

from datetime import UTC, date, datetime

from storefront.core.calendar import city_day


def now() -> datetime:
    """This instant, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The day it is in the city."""
    return city_day(now())
