"""What the demo's people want to buy, when and from whom: drawn, before any of it happens."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta

from storefront.agencies.models import Agency
from storefront.core.calendar import (
    city_day,
    is_working_day,
    month_of,
    serlok_day,
    working_day_before,
)
from storefront.core.permissions import Role
from storefront.demo import content
from storefront.demo.budgets import Budgets, Purse
from storefront.demo.chance import Chance
from storefront.demo.content import DemoAgency, DemoPurpose
from storefront.demo.people import Employee, People
from storefront.demo.shops import Good, Shop
from storefront.demo.wish import Wish
from storefront.quota.models import Fund
from storefront.sellers.models import SellerClass

WITHOUT_ORDERS = {"KB-U04"}
ABOVE = {"KB-D16": 0.48, "KB-K19": 0.46}
"""Agencies past 40 %: last year, and this year by its part that is over."""
USUAL = (0.14, 0.31)
LAST_DAY_TO_ASK = (12, 8)
"""What is asked for until then is delivered and paid within its year."""
COMES_TRUE = 0.9
"""Of what is asked for: the rest is refused, declined, cancelled or expires."""
COUNTING = {SellerClass.MICRO, SellerClass.COOPERATIVE}
FULL = 0.92
"""Of a budget line or of a seller's month, so that what is drawn fits when it happens."""
TRIES = 400
"""Of drawing something that still fits: then the lines are full."""
PER_HEAD_BELOW = 60_000
MOST_PIECES = 60


class Wishes:
    """Draws wishes within what budgets and caps can bear."""

    def __init__(
        self, agencies: dict[str, Agency], people: People, budgets: Budgets,
        shops: Sequence[Shop], *, cap_amount: int, serlok_days: Mapping[str, date],
        days_off: Collection[date],
    ) -> None:  # fmt: skip
        self.agencies = agencies
        self.people = people
        self.budgets = budgets
        self.shops = [shop for shop in shops if not shop.demo.no_orders]
        self._cap = int(cap_amount * FULL)
        self._serlok_days = serlok_days
        self.days_off = days_off
        self._by_category: dict[str, list[Good]] = defaultdict(list)
        for shop in self.shops:
            for good in shop.goods:
                self._by_category[good.category.slug].append(good)
        self._on_line: dict[int, int] = defaultdict(int)
        self._in_month: dict[tuple[int, str], int] = defaultdict(int)
        self._baskets = 0

    def official(self, year: int, until: date) -> list[Wish]:
        """What agencies ask for in a year up to a day, until each has come as far as it does."""
        days = self._office_days(year, until)
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
        purse = self.budgets.purse(demo.code, year)
        ceiling = purse.year.ceiling_amount or 0
        share_of_purse = 0.08 if self.budgets.bearer[demo.code].code != demo.code else 1.0
        due = ceiling * part * part_of_year * share_of_purse
        wishes: list[Wish] = []
        drawn, failures = 0.0, 0
        while drawn < due and failures < TRIES:
            wish = self.official_wish(demo, purse, chance.one_of(days), chance)
            if wish is None:
                failures += 1
                continue
            wishes.append(wish)
            if wish.shop.seller_class in COUNTING:
                drawn += wish.goods_amount * COMES_TRUE
        return wishes

    def has_room(self, wish: Wish, times: int) -> bool:
        more = times * wish.goods_amount
        line, month = wish.line, month_of(city_day(wish.at))
        return (
            line is not None
            and self._on_line[line.id] + more <= line.ceiling_amount * FULL
            and self._in_month[wish.shop.seller.id, month] + more <= self._cap
        )

    def give_back(self, wish: Wish) -> None:
        if wish.line is not None:
            self._on_line[wish.line.id] -= wish.goods_amount
        self._in_month[wish.shop.seller.id, month_of(city_day(wish.at))] -= wish.goods_amount

    def next_basket(self) -> int:
        self._baskets += 1
        return self._baskets

    def official_wish(
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
        return Wish(
            buyer=chance.one_of(self._askers(demo.code)),
            agency=self.agencies[demo.code],
            shop=shop,
            goods=tuple(chosen),
            fund=Fund.OFFICIAL,
            at=chance.office_hour(day),
            basket=self.next_basket(),
            purpose=purpose.text,
            purse=purse,
            line=line,
        )

    def _askers(self, agency_code: str) -> list[Employee]:
        """Who asks for the agency: not those who then decide or pay."""
        return [
            one
            for one in self.people.holders(agency_code, Role.BUYER)
            if not {Role.APPROVER, Role.TREASURER} & one.roles
        ]

    def _basket_of(
        self, goods: list[Good], purpose: DemoPurpose, chance: Chance
    ) -> list[tuple[Good, int]]:
        first = chance.weighted(goods, [good.popularity for good in goods])
        same_shop = [good for good in goods if good.shop is first.shop and good is not first]
        others = chance.some_of(same_shop, chance.between(0, 2))
        return [(good, _pieces(good, purpose, chance)) for good in (first, *others)]

    def _office_days(self, year: int, until: date) -> list[date]:
        """Working days on which agencies ask, later months and Serlok weeks more often."""
        last = min(date(year, *LAST_DAY_TO_ASK), until)
        days: list[date] = []
        day = date(year, 1, 5)
        while day <= last:
            if is_working_day(day, self.days_off):
                often = 2 + day.month // 4 + (4 if day == self.serlok_day(day) else 0)
                days += [day] * often
            day += timedelta(days=1)
        return days

    def office_day_before(self, today: date, days: int) -> date:
        """A working day some working days ago; 0: the last one that is over."""
        day = working_day_before(today, self.days_off)
        for _ in range(days):
            day = working_day_before(day, self.days_off)
        return day

    def serlok_day(self, month: date) -> date:
        moved = self._serlok_days.get(month_of(month))
        return moved or serlok_day(month.year, month.month)


def _pieces(good: Good, purpose: DemoPurpose, chance: Chance) -> int:
    price = good.variant.price_amount
    if purpose.people and price < PER_HEAD_BELOW:
        return min(purpose.people, MOST_PIECES)
    wanted = chance.between(700_000, 3_200_000)
    return max(1, min(wanted // price, MOST_PIECES))
