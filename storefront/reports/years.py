"""Several fiscal years beside each other: the whole city, and every agency."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storefront.agencies.models import BudgetYear
from storefront.core.calendar import fiscal_year
from storefront.quota.models import Fund, QuotaAccount
from storefront.reports.city import CityQuota, CityRow, CitySort, city_quota

MOST_YEARS = 5


@dataclass(frozen=True, kw_only=True)
class YearsRow:
    """An agency by its latest name; a year in which it was not is None."""

    code: str
    name: str
    shares: tuple[CityRow | None, ...]


@dataclass(frozen=True, kw_only=True)
class CityYears:
    """The years, the oldest first, and what they came to. This year's is what it is so far."""

    years: tuple[int, ...]
    whole: tuple[CityQuota, ...]
    rows: tuple[YearsRow, ...]


def city_years(session: Session, *, today: date) -> CityYears:
    """The years that the books know, at most the last five; each judged by its own rule.

    Bounded by years and agencies, whatever the orders: ten queries a year, and two. Years share
    none, for each has a rule, a tree and exemptions of its own last day. Call it inside a snapshot.
    """
    years = _years(session, fiscal_year(today))
    whole = tuple(city_quota(session, year, today=today, sort=CitySort.NAME) for year in years)
    by_code: list[dict[str, CityRow]] = [{row.code: row for row in each.rows} for each in whole]
    names = {row.code: row.name for each in whole for row in each.rows}
    rows = (
        YearsRow(code=code, name=name, shares=tuple(each.get(code) for each in by_code))
        for code, name in names.items()
    )
    return CityYears(
        years=years, whole=whole, rows=tuple(sorted(rows, key=lambda row: (row.name, row.code)))
    )


def _years(session: Session, this_year: int) -> tuple[int, ...]:
    begun = [
        session.scalar(select(func.min(BudgetYear.fiscal_year))),
        session.scalar(
            select(func.min(QuotaAccount.fiscal_year)).where(QuotaAccount.fund == Fund.OFFICIAL)
        ),
    ]
    first = min([year for year in begun if year is not None], default=this_year)
    first = min(max(first, this_year - MOST_YEARS + 1), this_year)
    return tuple(range(first, this_year + 1))
