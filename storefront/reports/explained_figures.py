"""The figures that a quota page shows, each by a name that stands in its address for ever."""

import re
from dataclasses import dataclass
from enum import StrEnum

from storefront.core.errors import NotFound
from storefront.quota.rules import NATIONAL_CLASSES, Rule
from storefront.reports.figures import Share
from storefront.reports.quota import AgencyQuota
from storefront.sellers.models import SellerClass

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


WITHOUT_ENTRIES = frozenset({Figure.CEILING, Figure.TARGET})
WITH_PERSONAL = frozenset(
    {Figure.REALISED, Figure.IF_ALL, Figure.MISSING, Figure.BEYOND, Figure.LAST_YEAR}
)
"""Which a rule that counts personal money adds the published sums to."""
OF_AN_AGENCY_ALONE = frozenset(
    {
        Figure.WHOLE,
        Figure.OF_CLASS,
        Figure.OF_MONTH,
        Figure.UP_TO_MONTH,
        Figure.LAST_YEAR,
        Figure.CORRECTION,
    }
)
"""The city's page does not show these."""


@dataclass(frozen=True)
class Question:
    """Which figure; of which class or month (YYYY-MM), where it has parts."""

    figure: Figure
    part: str = ""


def amount_of(figures: AgencyQuota, question: Question) -> int | None:
    """What the agency's page shows, where its share alone does not say it."""
    whole = {
        Figure.WHOLE: figures.whole.realised,
        Figure.NATIONAL: figures.national.realised,
        Figure.CORRECTION: figures.correction_amount,
    }
    of_parts = {
        Figure.OF_CLASS: {row.seller_class.value: row.amounts.realised for row in figures.by_class},
        Figure.OF_MONTH: {row.month: row.change.realised for row in figures.by_month},
        Figure.UP_TO_MONTH: {row.month: row.realised_so_far for row in figures.by_month},
    }
    if question.figure in of_parts:
        return of_parts[question.figure].get(question.part, 0)
    return whole.get(question.figure)


def amount_of_share(share: Share, figure: Figure) -> int | None:
    """What a share says by itself; what it has no word for is what it realised."""
    amounts = {
        Figure.COMMITTED: share.counted.committed,
        Figure.IF_ALL: share.counted.committed + share.realised,
        Figure.CEILING: share.ceiling_amount,
        Figure.TARGET: share.target_amount,
        Figure.MISSING: share.missing_amount,
        Figure.BEYOND: share.beyond_amount,
    }
    return amounts.get(figure, share.realised)


def classes_of(question: Question, rule: Rule) -> tuple[SellerClass, ...]:
    """Whose entries a figure sums. Raises `NotFound` for a part that is no class or month."""
    match question.figure:
        case Figure.OF_CLASS:
            if question.part not in set(SellerClass):
                raise NotFound
            return (SellerClass(question.part),)
        case Figure.WHOLE:
            return tuple(SellerClass)
        case Figure.NATIONAL:
            return tuple(sorted(NATIONAL_CLASSES))
        case Figure.OF_MONTH | Figure.UP_TO_MONTH if MONTH.fullmatch(question.part) is None:
            raise NotFound
        case _:
            return tuple(sorted(rule.seller_classes))
