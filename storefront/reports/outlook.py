"""What is still ahead of a year that runs: where it will end, and what it asks for each month."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from sqlalchemy.orm import Session

from storefront.core.calendar import fiscal_year, month_of
from storefront.quota.rule_models import RuleBase
from storefront.reports.figures import permille_of
from storefront.reports.forecast import MONTHS, Forecast, Pace, foresee
from storefront.reports.quota import AgencyQuota
from storefront.reports.sums import read_by_class_and_month


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """Of a running year; either part may be missing: too little to go by, or nothing to reach."""

    forecast: Forecast | None
    pace: Pace | None
    """What is missing once every commitment is realised, over the months left."""
    ceiling_amount: int | None
    finished: tuple[int, ...]
    """Realised up to the end of each month of this year that is over."""
    last_year: tuple[int, ...]
    """The same of the twelve months of the year before; or nothing."""

    @property
    def permille(self) -> int | None:
        """The forecast, of the ceiling."""
        return self._of_ceiling(self.forecast.amount) if self.forecast else None

    @property
    def low_permille(self) -> int | None:
        return self._of_ceiling(self.forecast.low_amount) if self.forecast else None

    @property
    def high_permille(self) -> int | None:
        return self._of_ceiling(self.forecast.high_amount) if self.forecast else None

    def _of_ceiling(self, amount: int) -> int | None:
        return permille_of(amount, self.ceiling_amount)


def read_outlook(session: Session, figures: AgencyQuota, *, today: date) -> Outlook | None:
    """The same with last year's months read besides, by that year's rule. One query."""
    if figures.fiscal_year != fiscal_year(today):
        return None
    year, rule = figures.fiscal_year - 1, figures.last_year.rule
    codes = [figures.agency_code, *(node.code for node in figures.included)]
    sums = read_by_class_and_month(session, year, figures.at, codes)
    by_month: Counter[str] = Counter()
    for (seller_class, period), amounts in sums.items():
        if rule.counts(seller_class):
            by_month[min(period, f"{year}-{MONTHS}")] += amounts.realised
    months = [f"{year}-{month:02}" for month in range(1, MONTHS + 1)]
    return outlook(figures, list(accumulate(by_month[month] for month in months)), today=today)


def outlook(figures: AgencyQuota, last_year: Sequence[int], *, today: date) -> Outlook | None:
    """What is ahead of a year's figures; None for a year that is over or has not begun.

    `last_year`: counted rupiah realised up to the end of each of its twelve months, or nothing.
    """
    if figures.fiscal_year != fiscal_year(today) or figures.as_of != today:
        return None
    finished = [
        month.realised_so_far for month in figures.by_month if month.month < month_of(today)
    ]
    missing = figures.missing_if_all_amount
    return Outlook(
        forecast=foresee(
            finished,
            now=figures.realised,
            open_commitments=figures.counted.committed,
            last_year=last_year,
        ),
        pace=Pace(missing_amount=missing, months_left=MONTHS + 1 - today.month)
        if missing
        else None,
        ceiling_amount=figures.ceiling_amount if figures.base is RuleBase.BUDGET else None,
        finished=tuple(finished),
        last_year=tuple(last_year),
    )
