"""What the demo's people want to buy, when and from whom: drawn, before any of it happens."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from storefront.agencies.models import Agency, BudgetLine
from storefront.core.calendar import month_of, serlok_day
from storefront.core.permissions import Role
from storefront.demo import content
from storefront.demo.budgets import Budgets, Purse
from storefront.demo.chance import Chance
from storefront.demo.content import DemoAgency, DemoPurpose
from storefront.demo.people import CROWDED, Employee, People
from storefront.demo.shops import Good, Shop
from storefront.quota.models import Fund

WITHOUT_ORDERS = {"KB-U04"}
ABOVE = {"KB-D16": 0.472, "KB-K19": 0.425}
"""Agencies past 40 %: last year, and this year by its part that is over."""
USUAL = (0.17, 0.385)
LAST_DAY_TO_ASK = (12, 8)
"""What is asked for until then is delivered and paid within its year."""
FULL = 0.92
"""Of a budget line or of a seller's month, so that what is drawn fits when it happens."""
PER_HEAD_BELOW = 60_000
MOST_PIECES = 60


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

    @property
    def goods_amount(self) -> int:
        return sum(good.variant.price_amount * count for good, count in self.goods)


class Wishes:
    """Draws wishes within what budgets and caps can bear."""

    def __init__(
        self, agencies: dict[str, Agency], people: People, budgets: Budgets,
        shops: Sequence[Shop], *, cap_amount: int,
    ) -> None:  # fmt: skip
        self._agencies = agencies
        self._people = people
        self._budgets = budgets
        self._shops = [shop for shop in shops if not shop.demo.no_orders]
        self._cap = int(cap_amount * FULL)
        self._by_category: dict[str, list[Good]] = defaultdict(list)
        for shop in self._shops:
            for good in shop.goods:
                self._by_category[good.category.slug].append(good)
        self._on_line: dict[int, int] = defaultdict(int)
        self._in_month: dict[tuple[int, str], int] = defaultdict(int)
        self._baskets = 0

    def official(self, year: int, until: date) -> list[Wish]:
        """What agencies ask for in a year up to a day, until each has come as far as it does."""
        days = _office_days(year, until)
        if not days:
            return []
        part_of_year = min((until - date(year, 1, 1)).days / 350, 1)
        wishes: list[Wish] = []
        for demo in content.agencies():
            if demo.code in WITHOUT_ORDERS:
                continue
            chance = Chance(f"official {demo.code} {year}")
            wishes += self._of_agency(demo, year, days, part_of_year, chance)
        return wishes

    def _of_agency(
        self, demo: DemoAgency, year: int, days: list[date], part_of_year: float, chance: Chance
    ) -> list[Wish]:
        least, most = USUAL
        part = ABOVE.get(demo.code) or least + chance.part() * (most - least)
        purse = self._budgets.purse(demo.code, year)
        ceiling = purse.year.ceiling_amount or 0
        share_of_purse = 0.08 if self._budgets.bearer[demo.code].code != demo.code else 1.0
        due = ceiling * part * part_of_year * share_of_purse
        wishes: list[Wish] = []
        drawn = failures = 0
        while drawn < due and failures < 60:  # noqa: PLR2004 - then the lines are full
            wish = self._official_wish(demo, purse, chance.one_of(days), chance)
            if wish is None:
                failures += 1
                continue
            wishes.append(wish)
            drawn += wish.goods_amount
        return wishes

    def _official_wish(
        self, demo: DemoAgency, purse: Purse, day: date, chance: Chance
    ) -> Wish | None:
        purpose = chance.one_of(content.purposes_of(demo))
        lines = [line for line in purse.lines if line.expense_account == purpose.expense_account]
        goods = [good for slug in purpose.category_slugs for good in self._by_category[slug]]
        if not lines or not goods:
            return None
        line = chance.one_of(lines)
        chosen = self._basket_of(goods, purpose, chance)
        shop = chosen[0][0].shop
        amount = sum(good.variant.price_amount * count for good, count in chosen)
        month = month_of(day)
        too_much = (
            self._on_line[line.id] + amount > line.ceiling_amount * FULL
            or self._in_month[shop.seller.id, month] + amount > self._cap
        )
        if too_much:
            return None
        self._on_line[line.id] += amount
        self._in_month[shop.seller.id, month] += amount
        self._baskets += 1
        return Wish(
            buyer=chance.one_of(self._askers(demo.code)),
            agency=self._agencies[demo.code],
            shop=shop,
            goods=tuple(chosen),
            fund=Fund.OFFICIAL,
            at=chance.office_hour(day),
            basket=self._baskets,
            purpose=purpose.text,
            purse=purse,
            line=line,
        )

    def _askers(self, agency_code: str) -> list[Employee]:
        """Who asks for the agency: not those who then decide or pay."""
        return [
            one
            for one in self._people.holders(agency_code, Role.BUYER)
            if not {Role.APPROVER, Role.TREASURER} & one.roles
        ]

    def _basket_of(
        self, goods: list[Good], purpose: DemoPurpose, chance: Chance
    ) -> list[tuple[Good, int]]:
        first = chance.weighted(goods, [good.popularity for good in goods])
        same_shop = [good for good in goods if good.shop is first.shop and good is not first]
        others = chance.some_of(same_shop, chance.between(0, 2))
        return [(good, _pieces(good, purpose, chance)) for good in (first, *others)]

    def personal(self, first: date, until: date) -> list[Wish]:
        """What people buy for themselves, most of it on Serlok days."""
        wishes: list[Wish] = []
        month = first
        while month <= until:
            for demo in content.agencies():
                chance = Chance(f"personal {demo.code} {month:%Y-%m}")
                part = 0.42 if demo.code in CROWDED else 0.16
                for buyer in self._people.of_agency[demo.code]:
                    if Role.BUYER in buyer.roles and chance.part() < part:
                        wishes += self._personal_wish(demo, buyer, month, until, chance)
            month = (month.replace(day=28) + timedelta(days=4)).replace(day=1)
        return wishes

    def _personal_wish(
        self, demo: DemoAgency, buyer: Employee, month: date, until: date, chance: Chance
    ) -> list[Wish]:
        on_serlok = not chance.is_one_in(2.5)
        day = (
            serlok_day(month.year, month.month)
            if on_serlok
            else month + timedelta(days=chance.between(0, 27))
        )
        shops = chance.some_of(self._shops, 1 if chance.is_one_in(1.3) else 2)
        if day > until:
            return []
        self._baskets += 1
        at = chance.waking_hour(day)
        return [
            Wish(
                buyer=buyer,
                agency=self._agencies[demo.code],
                shop=shop,
                goods=tuple(
                    (good, chance.between(1, 3))
                    for good in chance.some_of(_for_the_house(shop.goods), chance.between(1, 2))
                ),
                fund=Fund.PERSONAL,
                at=at,
                basket=self._baskets,
            )
            for shop in shops
            if _for_the_house(shop.goods)
        ]


def _pieces(good: Good, purpose: DemoPurpose, chance: Chance) -> int:
    price = good.variant.price_amount
    if purpose.people and price < PER_HEAD_BELOW:
        return min(purpose.people, MOST_PIECES)
    wanted = chance.between(700_000, 3_200_000)
    return max(1, min(wanted // price, MOST_PIECES))


def _for_the_house(goods: Sequence[Good]) -> list[Good]:
    return [good for good in goods if good.is_counted and good.variant.price_amount < 450_000]  # noqa: PLR2004


def _office_days(year: int, until: date) -> list[date]:
    """Working days on which agencies ask, later months and Serlok weeks more often."""
    last = min(date(year, *LAST_DAY_TO_ASK), until)
    days: list[date] = []
    day = date(year, 1, 5)
    while day <= last:
        if day.weekday() < 5:  # noqa: PLR2004 - Monday to Friday
            often = 2 + day.month // 4 + (4 if day == serlok_day(day.year, day.month) else 0)
            days += [day] * often
        day += timedelta(days=1)
    return days
