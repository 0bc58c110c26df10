"""Months of the city as columns of a query, the same on both engines."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, case

from storefront.core.calendar import instant_of, month_after


def last_months(day: date, count: int) -> list[str]:
    """The months (YYYY-MM) up to that of a day, the oldest first."""
    newest = day.year * 12 + day.month - 1
    return [f"{at // 12}-{at % 12 + 1:02}" for at in range(newest - count + 1, newest + 1)]


def months_of_year(year: int) -> list[str]:
    return [f"{year}-{number:02}" for number in range(1, 13)]


def first_day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def month_of_instant(column: Any, months: Sequence[str]) -> ColumnElement[str]:
    """The one of the months in which an instant lies, by the city's clock; else null."""
    return case(
        *(
            (
                and_(
                    column >= instant_of(first_day(month)),
                    column < instant_of(first_day(month_after(month))),
                ),
                month,
            )
            for month in months
        )
    )


def month_of_date(column: Any, months: Sequence[str]) -> ColumnElement[str]:
    """The one of the months in which a day lies; else null."""
    return case(
        *(
            (and_(column >= first_day(month), column < first_day(month_after(month))), month)
            for month in months
        )
    )


def within(column: Any, months: Sequence[str]) -> ColumnElement[bool]:
    """Whether an instant lies in the span of consecutive months."""
    return and_(
        column >= instant_of(first_day(months[0])),
        column < instant_of(first_day(month_after(months[-1]))),
    )


def within_days(column: Any, months: Sequence[str]) -> ColumnElement[bool]:
    """Whether a day lies in the span of consecutive months."""
    return and_(column >= first_day(months[0]), column < first_day(month_after(months[-1])))
