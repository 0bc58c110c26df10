"""The figures that a quota page shows, each by a name that stands in its address for ever."""

import re
from dataclasses import dataclass
from enum import StrEnum

from storefront.core.errors import NotFound
from storefront.quota.rules import NATIONAL_CLASSES, Rule
from storefront.reports.figures import Share
from storefront.reports.quota import AgencyQuota
from storefront.sellers.models import SellerClass

DISTRICT = re.compile(r"[^~]{0,80}~[0-9]{1,18}(\.[0-9]{1,18}){0,499}")
MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")


class Figure(StrEnum):
    """A figure of the quota page. Some are of one part: a class, a month."""

    REALISED = "realised"
    COMMITTED = "committed"
    IF_ALL = "if_all"
    """Realised once every commitment is."""
    CEILING = "ceiling"
    TARGET = "target"
    MISSING = "missing"
    BEYOND = "beyond"
    WHOLE = "whole"
    """All classes, whether they count or not."""
    NATIONAL = "national"
    OF_CLASS = "class"
    OF_MONTH = "month"
    UP_TO_MONTH = "until"
    LAST_YEAR = "last_year"
    CORRECTION = "correction"
    BASE = "base"
    """All that was realised, where the rule takes its share of that."""
    MISSING_IF_ALL = "missing_if_all"
    COMMITTED_OF_CLASS = "class_committed"
    COMMITTED_WHOLE = "whole_committed"
    OFF_PLATFORM = "off_platform"
    """Of the classes that count; of one class, or of one month."""
    SELLERS = "sellers"
    """How many; of one class, or of all."""
    CATEGORY = "category"
    COMMITTED_OF_CATEGORY = "category_committed"
    DISTRICT = "district"
    COMMITTED_OF_DISTRICT = "district_committed"
    FORECAST = "forecast"
    FORECAST_LOW = "forecast_low"
    FORECAST_HIGH = "forecast_high"
    MONTHLY = "monthly"
    """Needed every month until the year ends."""
    LAST_YEAR_UNTIL = "last_year_until"
    """What the forecast compares with: last year's up to a month, of this year's agencies."""


FORESEEN = frozenset({Figure.FORECAST, Figure.FORECAST_LOW, Figure.FORECAST_HIGH})
OF_THE_OUTLOOK = FORESEEN | {Figure.MONTHLY, Figure.LAST_YEAR_UNTIL}
"""What is ahead of a running year, and what it is reckoned from."""
OF_CATEGORIES = frozenset({Figure.CATEGORY, Figure.COMMITTED_OF_CATEGORY})
OF_DISTRICTS = frozenset({Figure.DISTRICT, Figure.COMMITTED_OF_DISTRICT})
OF_BOTH = frozenset({Figure.IF_ALL, Figure.MISSING_IF_ALL, Figure.SELLERS})
"""What its entries changed of committed and of realised alike."""
OF_COMMITTED = frozenset(
    {
        Figure.COMMITTED,
        Figure.COMMITTED_OF_CLASS,
        Figure.COMMITTED_WHOLE,
        Figure.COMMITTED_OF_CATEGORY,
        Figure.COMMITTED_OF_DISTRICT,
    }
)
"""What its entries changed of committed; the others of realised."""
WITHOUT_ENTRIES = FORESEEN | {Figure.CEILING, Figure.TARGET, Figure.MONTHLY}
"""These follow from other figures: each of those is a link, and has its own entries."""
WITH_PERSONAL = frozenset(
    {
        Figure.REALISED,
        Figure.IF_ALL,
        Figure.MISSING,
        Figure.MISSING_IF_ALL,
        Figure.BEYOND,
        Figure.BASE,
        Figure.LAST_YEAR,
    }
)
"""Which a rule that counts personal money adds the published sums to."""
HAS_CLASSES = frozenset(
    {Figure.OF_CLASS, Figure.COMMITTED_OF_CLASS, Figure.OFF_PLATFORM, Figure.SELLERS}
)
OF_EVERY_CLASS = frozenset({Figure.WHOLE, Figure.COMMITTED_WHOLE, Figure.BASE, Figure.SELLERS})
OF_THE_CITY = frozenset(
    {
        Figure.REALISED,
        Figure.COMMITTED,
        Figure.IF_ALL,
        Figure.CEILING,
        Figure.TARGET,
        Figure.MISSING,
        Figure.BEYOND,
        Figure.NATIONAL,
        Figure.BASE,
        Figure.MISSING_IF_ALL,
        Figure.OFF_PLATFORM,
    }
)
"""What the city's page shows; the others are of an agency alone."""


@dataclass(frozen=True)
class Question:
    """Which figure; of which part, where it has parts.

    A part is a class, a month (YYYY-MM), a root category's slug, or a district with the sellers
    that are counted to it (`spread.PartFigure.place`).
    """

    figure: Figure
    part: str = ""


def read_district(part: str) -> tuple[str, tuple[int, ...]]:
    """A district and its sellers, of what `spread.PartFigure.place` says. Raises `NotFound`."""
    if DISTRICT.fullmatch(part) is None:
        raise NotFound
    district, ids = part.split("~")
    return district, tuple(map(int, ids.split(".")))


def amount_of(figures: AgencyQuota, question: Question) -> int | None:
    """What the agency's page shows, where its share alone does not say it."""
    sellers = {row.seller_class.value: row.sellers for row in figures.by_class}
    outside = {row.month: row.off_platform_amount for row in figures.by_month}
    outside |= {row.seller_class.value: row.off_platform_amount for row in figures.by_class}
    of_parts = {
        Figure.OF_CLASS: {row.seller_class.value: row.amounts.realised for row in figures.by_class},
        Figure.COMMITTED_OF_CLASS: {
            row.seller_class.value: row.amounts.committed for row in figures.by_class
        },
        Figure.OF_MONTH: {row.month: row.change.realised for row in figures.by_month},
        Figure.UP_TO_MONTH: {row.month: row.realised_so_far for row in figures.by_month},
        Figure.OFF_PLATFORM: outside | {"": figures.off_platform_amount},
        Figure.SELLERS: sellers | {"": sum(sellers.values())},
    }
    if question.figure in of_parts:
        return of_parts[question.figure].get(question.part, 0)
    whole = {
        Figure.WHOLE: figures.whole.realised,
        Figure.COMMITTED_WHOLE: figures.whole.committed,
        Figure.NATIONAL: figures.national.realised,
        Figure.CORRECTION: figures.correction_amount,
    }
    return whole.get(question.figure)


def amount_of_share(share: Share, figure: Figure) -> int | None:
    """What a share says by itself; what it has no word for is what it realised."""
    amounts = {
        Figure.COMMITTED: share.counted.committed,
        Figure.IF_ALL: share.counted.committed + share.realised,
        Figure.CEILING: share.ceiling_amount,
        Figure.BASE: share.base_amount,
        Figure.TARGET: share.target_amount,
        Figure.MISSING: share.missing_amount,
        Figure.MISSING_IF_ALL: share.missing_if_all_amount,
        Figure.BEYOND: share.beyond_amount,
    }
    return amounts.get(figure, share.realised)


def classes_of(question: Question, rule: Rule) -> tuple[SellerClass, ...]:
    """Whose entries a figure sums. Raises `NotFound` for a part that it cannot have."""
    figure, part = question.figure, question.part
    is_class = part in set(SellerClass)
    match figure:
        case Figure.OF_CLASS | Figure.COMMITTED_OF_CLASS if not is_class:
            raise NotFound
        case Figure.OF_MONTH | Figure.UP_TO_MONTH | Figure.LAST_YEAR_UNTIL if not _is_month(part):
            raise NotFound
        case Figure.OFF_PLATFORM if part and not is_class and not _is_month(part):
            raise NotFound
        case Figure.SELLERS if part and not is_class:
            raise NotFound
        case Figure.DISTRICT | Figure.COMMITTED_OF_DISTRICT:
            read_district(part)
    if figure in HAS_CLASSES and is_class:
        return (SellerClass(part),)
    if figure in OF_EVERY_CLASS:
        return tuple(SellerClass)
    if figure is Figure.NATIONAL:
        return tuple(sorted(NATIONAL_CLASSES))
    return tuple(sorted(rule.seller_classes))


def _is_month(part: str) -> bool:
    return MONTH.fullmatch(part) is not None
