"""An order of the demo before any of it happens."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from storefront.agencies.models import Agency, BudgetLine
from storefront.demo.budgets import Purse
from storefront.demo.people import Employee
from storefront.demo.shops import Good, Shop
from storefront.orders.words import Event
from storefront.quota.models import Fund


@dataclass(frozen=True)
class Wish:
    """An order to be."""

    buyer: Employee
    agency: Agency
    shop: Shop
    goods: tuple[tuple[Good, int], ...]
    fund: Fund
    at: datetime
    basket: int
    """Wishes with the same number are one purchase."""
    purpose: str = ""
    purse: Purse | None = None
    line: BudgetLine | None = None
    until: Event | None = None
    """The last thing that has happened to it; None: whatever its fate is."""
    exception_reason: str = ""
    """Why it is asked for above the budget, where it is."""
    comes_back: bool = False
    """Whether some of it goes back to its shop weeks after it was paid."""

    @property
    def goods_amount(self) -> int:
        return sum(good.variant.price_amount * count for good, count in self.goods)


def for_the_house(goods: Sequence[Good]) -> list[Good]:
    """What somebody takes home: on a shelf, and not dear."""
    return [good for good in goods if good.is_counted and good.variant.price_amount < 450_000]  # noqa: PLR2004
