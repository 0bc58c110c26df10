"""What stands between the demo's ledger entries: when months were closed, and who did what when."""

from bisect import bisect_left
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from storefront.core.calendar import instant_of, month_after, month_of, working_days_after
from storefront.quota.closes import last_day_of
from storefront.quota.periods import Books

SMALL_HOURS = time(0, 10)
"""So early that nothing of the demo lies ahead of whoever opens it on its day."""
PROPOSED, CONFIRMED = (3, time(14, 20)), (4, time(9, 40))
"""The working day after a month's end, and the hour, at which it was proposed and then closed."""


@dataclass(frozen=True)
class Act:
    """Something that people of the demo did through the store's own verbs."""

    at: datetime
    do: Callable[[datetime], object]
    """Is handed that instant."""


@dataclass(frozen=True)
class PlannedClose:
    """A month (YYYY-MM) that two people of the city closed."""

    month: str
    proposed_at: datetime
    confirmed_at: datetime


class Calendar:
    """The demo's closes, in order: all months but the last two (contract.md)."""

    def __init__(self, *, first_year: int, today: date, days_off: Collection[date]) -> None:
        first = f"{first_year}-01"
        closes, month = [], first
        while month_after(month_after(month)) <= month_of(today):
            closes.append(_planned(month, days_off))
            month = month_after(month)
        self.closes: Sequence[PlannedClose] = closes
        self._confirmed = [close.confirmed_at for close in closes]
        self._open = [Books(one) for one in (*(close.month for close in closes), month)]

    def books_at(self, now: datetime) -> Books:
        """The months that were open at an instant; that of a close is the last in which its was."""
        return self._open[bisect_left(self._confirmed, now)]


def _planned(month: str, days_off: Collection[date]) -> PlannedClose:
    proposed, confirmed = (
        instant_of(working_days_after(last_day_of(month), count, days_off), at)
        for count, at in (PROPOSED, CONFIRMED)
    )
    return PlannedClose(month, proposed, confirmed)
