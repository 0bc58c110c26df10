"""A rule tried before it is adopted: every agency's figure by it and by the one in force.

Nothing is written. The same year is read once and measured twice.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from storefront.core.paging import Page, page_number
from storefront.quota.exemptions import exemptions_on
from storefront.quota.rules import Rule, RuleTerms, rule_as_known
from storefront.reports.ceilings import last_day_of
from storefront.reports.city import AgencyState, CityRow, city_rows
from storefront.reports.figures import Share
from storefront.reports.measures import read_year
from storefront.reports.moments import NOW, moment

ON_A_PAGE = 50


class Side(StrEnum):
    """What a trial makes of an agency."""

    REACHES = "reaches"
    """It has not reached its target by the rule in force, and would."""
    FALLS = "falls"
    """It has, and would not."""
    SAME = "same"


class TrialSort(StrEnum):
    CHANGE = "change"
    """Those that change sides first, then by how much their share differs."""
    NAME = "name"
    NOW = "now"
    THEN = "then"


@dataclass(frozen=True)
class TrialRow:
    """An agency by the rule in force and by the one tried."""

    now: CityRow
    then: CityRow

    @property
    def side(self) -> Side:
        was, would_be = (row.state is AgencyState.ABOVE for row in (self.now, self.then))
        if was == would_be:
            return Side.SAME
        return Side.REACHES if would_be else Side.FALLS

    @property
    def change_permille(self) -> int | None:
        """How the share differs, in thousandths; None where one of them has none."""
        if self.now.permille is None or self.then.permille is None:
            return None
        return self.then.permille - self.now.permille


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What the terms would make of a year up to a day. Shares are of whole rupiah."""

    fiscal_year: int
    as_of: date
    rule: Rule
    """That in force on `as_of`, which judges the year."""
    terms: RuleTerms
    city_now: Share
    city_then: Share
    sides: Mapping[Side, int]
    """How many agencies, of all pages."""
    reached_now: int
    reached_then: int
    page: Page[TrialRow]


def try_rule(
    session: Session,
    terms: RuleTerms,
    year: int,
    *,
    today: date,
    sort: TrialSort = TrialSort.CHANGE,
    page: int | None = 1,
) -> Trial:
    """What the year's figures would be by other terms; call this inside a snapshot.

    So many queries for any number of agencies, and as many again where a term of either rule looks
    back to the year before.
    """
    at = moment(session, NOW, today=today)
    as_of = last_day_of(year, at)
    rule = rule_as_known(session, as_of, None)
    both = (rule, terms)
    exempt = exemptions_on(session, as_of)
    read = read_year(session, year, at, *both)
    before = None
    if any(each.keeps_last_year for each in both):
        before = read_year(session, year - 1, at, *both)
    now, then = (city_rows(read, before, each, year=year, exempt=exempt) for each in both)
    rows = [TrialRow(*pair) for pair in zip(now, then, strict=True)]
    sides = Counter(row.side for row in rows)
    whole = read.of_all()
    return Trial(
        fiscal_year=year,
        as_of=as_of,
        rule=rule,
        terms=terms,
        city_now=whole.under(rule),
        city_then=whole.under(terms),
        sides={side: sides[side] for side in Side},
        reached_now=sum(row.state is AgencyState.ABOVE for row in now),
        reached_then=sum(row.state is AgencyState.ABOVE for row in then),
        page=_page(sorted(rows, key=_KEYS[sort]), page),
    )


def _page(rows: list[TrialRow], asked: int | None) -> Page[TrialRow]:
    at = min(page_number(asked), max(-(-len(rows) // ON_A_PAGE), 1))
    first = (at - 1) * ON_A_PAGE
    return Page(
        rows[first : first + ON_A_PAGE],
        at,
        has_next=first + ON_A_PAGE < len(rows),
        total=len(rows),
        size=ON_A_PAGE,
    )


def _by_change(row: TrialRow) -> tuple[bool, int, str]:
    return row.side is Side.SAME, -abs(row.change_permille or 0), row.now.code


_KEYS: Mapping[TrialSort, Callable[[TrialRow], Any]] = {
    TrialSort.CHANGE: _by_change,
    TrialSort.NAME: lambda row: (row.now.name, row.now.code),
    TrialSort.NOW: lambda row: (-(row.now.permille or -1), row.now.code),
    TrialSort.THEN: lambda row: (-(row.then.permille or -1), row.now.code),
}
"""Each ends in the code, so that one question has one answer."""
