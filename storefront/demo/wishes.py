"""What the demo's people want to buy, when and from whom: drawn, before any of it happens."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from storefront.agencies.models import Agency, BudgetLine
from storefront.core.calendar import (
    city_day,
    is_working_day,
    month_of,
    serlok_day,
    working_day_before,
    working_days_after,
)
from storefront.core.permissions import Role
from storefront.demo import content
from storefront.demo.budgets import Budgets, Purse
from storefront.demo.chance import Chance
from storefront.demo.content import DemoAgency, DemoPurpose
from storefront.demo.people import CROWDED, Employee, People
from storefront.demo.shops import Good, Shop
from storefront.orders.words import Event
from storefront.quota.models import Fund
from storefront.sellers.models import SellerClass

WITHOUT_ORDERS = {"KB-U04"}
ODD = "KB-D19"
"""Whose orders raise the signals that an auditor is shown."""
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
LARGE = 30
"""People in an agency, from which on a smaller part of them is enough to be shown."""
NOW, NEXT_DAY = timedelta(), timedelta(days=1)
TRIES = 400
"""Of drawing something that still fits: then the lines are full."""
PER_HEAD_BELOW = 60_000
HEALTH_BUYER, COBLONG_BUYER = "198703122010012003", "199001012015022007"
OFFICIAL, PERSONAL = Fund.OFFICIAL, Fund.PERSONAL
FRESH = (
    (HEALTH_BUYER, "kopi", OFFICIAL, Event.SUBMIT, 0),
    (HEALTH_BUYER, "batik", OFFICIAL, Event.SUBMIT, 0),
    (HEALTH_BUYER, "koperasi", OFFICIAL, Event.SUBMIT, 1),
    (COBLONG_BUYER, "koperasi", OFFICIAL, Event.SUBMIT, 0),
    (HEALTH_BUYER, "kopi", OFFICIAL, Event.APPROVE, 2),
    (COBLONG_BUYER, "kopi", OFFICIAL, Event.APPROVE, 1),
    (COBLONG_BUYER, "batik", OFFICIAL, Event.APPROVE, 2),
    (HEALTH_BUYER, "kopi", OFFICIAL, Event.ACCEPT, 3),
    (HEALTH_BUYER, "koperasi", OFFICIAL, Event.SHIP, 5),
    (HEALTH_BUYER, "batik", OFFICIAL, Event.RECEIVE, 8),
    (HEALTH_BUYER, "kopi", OFFICIAL, Event.RECEIVE, 9),
    (COBLONG_BUYER, "koperasi", OFFICIAL, Event.RECEIVE, 7),
    (HEALTH_BUYER, "kopi", PERSONAL, Event.SETTLE_PAYMENT, 0),
    (COBLONG_BUYER, "batik", PERSONAL, Event.SETTLE_PAYMENT, 1),
    (HEALTH_BUYER, "koperasi", PERSONAL, Event.SHIP, 3),
)
"""Who, from which shop, with which money, how far it came, and how many working days ago."""
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
    until: Event | None = None
    """The last thing that has happened to it; None: whatever its fate is."""
    exception_reason: str = ""
    """Why it is asked for above the budget, where it is."""
    comes_back: bool = False
    """Whether some of it goes back to its shop weeks after it was paid."""

    @property
    def goods_amount(self) -> int:
        return sum(good.variant.price_amount * count for good, count in self.goods)


class Wishes:
    """Draws wishes within what budgets and caps can bear."""

    def __init__(
        self, agencies: dict[str, Agency], people: People, budgets: Budgets,
        shops: Sequence[Shop], *, cap_amount: int, serlok_days: Mapping[str, date],
        days_off: Collection[date],
    ) -> None:  # fmt: skip
        self._agencies = agencies
        self._people = people
        self._budgets = budgets
        self._shops = [shop for shop in shops if not shop.demo.no_orders]
        self._cap = int(cap_amount * FULL)
        self._serlok_days = serlok_days
        self._days_off = days_off
        self._by_category: dict[str, list[Good]] = defaultdict(list)
        for shop in self._shops:
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
        purse = self._budgets.purse(demo.code, year)
        ceiling = purse.year.ceiling_amount or 0
        share_of_purse = 0.08 if self._budgets.bearer[demo.code].code != demo.code else 1.0
        due = ceiling * part * part_of_year * share_of_purse
        wishes: list[Wish] = []
        drawn, failures = 0.0, 0
        while drawn < due and failures < TRIES:
            wish = self._official_wish(demo, purse, chance.one_of(days), chance)
            if wish is None:
                failures += 1
                continue
            wishes.append(wish)
            if wish.shop.seller_class in COUNTING:
                drawn += wish.goods_amount * COMES_TRUE
        return wishes

    def odd(self, today: date) -> list[Wish]:
        """What the auditor is shown (docs/signals.md): requests split, and goods that went back."""
        chance = Chance("odd")
        demo = next(one for one in content.agencies() if one.code == ODD)
        day = self._office_day_before(today, 30)
        if day.year < today.year:  # later its year might be closed before it was paid
            day = min(day, date(day.year, *LAST_DAY_TO_ASK))
        while not all(is_working_day(day + after, self._days_off) for after in (NOW, NEXT_DAY)):
            day -= NEXT_DAY
        first = self._one_between(demo, day, (3_500_000, 6_500_000), chance)
        split = [
            replace(first, at=first.at + timedelta(hours=hours), basket=self._next_basket())
            for hours in (0, 3, 25)
        ]
        march = working_days_after(date(today.year - 1, 3, 9), 1, self._days_off)
        back = self._one_between(demo, march, (1_000_000, 4_000_000), chance)
        paid = [replace(one, until=Event.PAY) for one in split]
        return [*paid, replace(back, comes_back=True)]

    def _one_between(
        self, demo: DemoAgency, day: date, amounts: tuple[int, int], chance: Chance
    ) -> Wish:
        """A wish of a day that costs about so much, on a line and in a month with room for more."""
        purse = self._budgets.purse(demo.code, day.year)
        least, most = amounts
        while True:
            wish = self._official_wish(demo, purse, day, chance)
            if wish is None:
                continue
            if least <= wish.goods_amount <= most and self._has_room(wish, 2):
                return wish
            self._give_back(wish)

    def _has_room(self, wish: Wish, times: int) -> bool:
        more = times * wish.goods_amount
        line, month = wish.line, month_of(city_day(wish.at))
        return (
            line is not None
            and self._on_line[line.id] + more <= line.ceiling_amount * FULL
            and self._in_month[wish.shop.seller.id, month] + more <= self._cap
        )

    def _give_back(self, wish: Wish) -> None:
        if wish.line is not None:
            self._on_line[wish.line.id] -= wish.goods_amount
        self._in_month[wish.shop.seller.id, month_of(city_day(wish.at))] -= wish.goods_amount

    def _next_basket(self) -> int:
        self._baskets += 1
        return self._baskets

    def fresh(self, today: date) -> list[Wish]:
        """What waits for the people whose accounts the README names, whatever the day.

        Something for each to do: requests to decide, orders to accept, ship, receive and pay.
        """
        wishes = []
        for number, (login, shop_key, fund, until, days) in enumerate(FRESH):
            chance = Chance(f"fresh {number}")
            agency_code, buyer = self._people.employee(login)
            day = self._office_day_before(today, days)
            wish = self._fresh_wish(agency_code, buyer, shop_key, fund, day, chance)
            if wish is not None:
                wishes.append(replace(wish, until=until))
        return wishes

    def first_orders(self, wishes: Sequence[Wish], today: date) -> list[Wish]:
        """A small order for each shop that chance left out: one alone is to have none."""
        asked = {wish.shop for wish in wishes}
        agency_code, buyer = self._people.employee(COBLONG_BUYER)
        found = []
        for number, shop in enumerate(shop for shop in self._shops if shop not in asked):
            chance = Chance(f"first order {shop.demo.key}")
            self._baskets += 1
            good = min(shop.goods, key=lambda good: good.variant.price_amount)
            found.append(
                Wish(
                    buyer=buyer,
                    agency=self._agencies[agency_code],
                    shop=shop,
                    goods=((good, 1),),
                    fund=Fund.PERSONAL,
                    at=chance.office_hour(self._office_day_before(today, 12 + number)),
                    basket=self._baskets,
                    until=Event.RECEIVE,
                )
            )
        return found

    def _fresh_wish(
        self, agency_code: str, buyer: Employee, shop_key: str, fund: Fund, day: date,
        chance: Chance,
    ) -> Wish | None:  # fmt: skip
        shop = next(shop for shop in self._shops if shop.demo.key == shop_key)
        self._baskets += 1
        if fund is Fund.PERSONAL:
            goods = chance.some_of(_for_the_house(shop.goods), 2)
            return Wish(
                buyer=buyer, agency=self._agencies[agency_code], shop=shop,
                goods=tuple((good, 1) for good in goods), fund=fund,
                at=chance.office_hour(day) - timedelta(hours=1), basket=self._baskets,
            )  # fmt: skip
        purse = self._budgets.purse(agency_code, day.year)
        demo = next(one for one in content.agencies() if one.code == agency_code)
        for purpose in content.purposes_of(demo):
            goods = [good for good in shop.goods if good.category.slug in purpose.category_slugs]
            lines = [one for one in purse.lines if one.expense_account == purpose.expense_account]
            if goods and lines:
                chosen = chance.some_of(goods, 2)
                return Wish(
                    buyer=buyer, agency=self._agencies[agency_code], shop=shop,
                    goods=tuple((good, _few(good, chance)) for good in chosen), fund=fund,
                    at=chance.office_hour(day) - timedelta(hours=1), basket=self._baskets,
                    purpose=purpose.text, purse=purse, line=chance.one_of(lines),
                )  # fmt: skip
        return None

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
                part = _part_of(demo.code)
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
            self._serlok_day(month) if on_serlok else month + timedelta(days=chance.between(0, 27))
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

    def _office_days(self, year: int, until: date) -> list[date]:
        """Working days on which agencies ask, later months and Serlok weeks more often."""
        last = min(date(year, *LAST_DAY_TO_ASK), until)
        days: list[date] = []
        day = date(year, 1, 5)
        while day <= last:
            if is_working_day(day, self._days_off):
                often = 2 + day.month // 4 + (4 if day == self._serlok_day(day) else 0)
                days += [day] * often
            day += timedelta(days=1)
        return days

    def _office_day_before(self, today: date, days: int) -> date:
        """A working day some working days ago; 0: the last one that is over."""
        day = working_day_before(today, self._days_off)
        for _ in range(days):
            day = working_day_before(day, self._days_off)
        return day

    def _serlok_day(self, month: date) -> date:
        moved = self._serlok_days.get(month_of(month))
        return moved or serlok_day(month.year, month.month)


def _part_of(agency_code: str) -> float:
    """Which part of an agency's people buys for itself in a month."""
    if agency_code not in CROWDED:
        return 0.1
    return 0.34 if CROWDED[agency_code] >= LARGE else 0.5


def _few(good: Good, chance: Chance) -> int:
    """A few hundred thousand rupiah of something."""
    return max(1, chance.between(200_000, 600_000) // good.variant.price_amount)


def _pieces(good: Good, purpose: DemoPurpose, chance: Chance) -> int:
    price = good.variant.price_amount
    if purpose.people and price < PER_HEAD_BELOW:
        return min(purpose.people, MOST_PIECES)
    wanted = chance.between(700_000, 3_200_000)
    return max(1, min(wanted // price, MOST_PIECES))


def _for_the_house(goods: Sequence[Good]) -> list[Good]:
    return [good for good in goods if good.is_counted and good.variant.price_amount < 450_000]  # noqa: PLR2004
