"""Wishes that a demo shows something by: for the people the README names, and for the auditor."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from storefront.core.calendar import is_working_day, working_days_after
from storefront.demo import content
from storefront.demo.chance import Chance
from storefront.demo.content import DemoAgency
from storefront.demo.people import Employee
from storefront.demo.shops import Good
from storefront.demo.wish import Wish, for_the_house
from storefront.demo.wishes import LAST_DAY_TO_ASK, Wishes
from storefront.orders.words import Event
from storefront.quota.models import Fund

ODD = "KB-D19"
"""Whose orders raise the signals that an auditor is shown."""
NOW, NEXT_DAY = timedelta(), timedelta(days=1)
OFFICIAL, PERSONAL = Fund.OFFICIAL, Fund.PERSONAL
HEALTH_BUYER, COBLONG_BUYER = "198703122010012003", "199001012015022007"
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


def fresh(city: Wishes, today: date) -> list[Wish]:
    """What waits for the people whose accounts the README names, whatever the day.

    Something for each to do: requests to decide, orders to accept, ship, receive and pay.
    """
    wishes = []
    for number, (login, shop_key, fund, until, days) in enumerate(FRESH):
        chance = Chance(f"fresh {number}")
        agency_code, buyer = city.people.employee(login)
        day = city.office_day_before(today, days)
        wish = _fresh_wish(city, agency_code, buyer, shop_key, fund, day, chance)
        if wish is not None:
            wishes.append(replace(wish, until=until))
    return wishes


def odd(city: Wishes, today: date) -> list[Wish]:
    """What the auditor is shown (docs/signals.md): requests split, and goods that went back."""
    chance = Chance("odd")
    demo = next(one for one in content.agencies() if one.code == ODD)
    day = city.office_day_before(today, 30)
    if day.year < today.year:  # later its year might be closed before it was paid
        day = min(day, date(day.year, *LAST_DAY_TO_ASK))
    while not all(is_working_day(day + after, city.days_off) for after in (NOW, NEXT_DAY)):
        day -= NEXT_DAY
    first = _one_between(city, demo, day, (3_500_000, 6_500_000), chance)
    split = [
        replace(first, at=first.at + timedelta(hours=hours), basket=city.next_basket())
        for hours in (0, 3, 25)
    ]
    march = working_days_after(date(today.year - 1, 3, 9), 1, city.days_off)
    back = _one_between(city, demo, march, (1_000_000, 4_000_000), chance)
    paid = [replace(one, until=Event.PAY) for one in split]
    return [*paid, replace(back, comes_back=True)]


def first_orders(city: Wishes, wishes: Sequence[Wish], today: date) -> list[Wish]:
    """A small order for each shop that chance left out: one alone is to have none."""
    asked = {wish.shop for wish in wishes}
    agency_code, buyer = city.people.employee(COBLONG_BUYER)
    found = []
    for number, shop in enumerate(shop for shop in city.shops if shop not in asked):
        chance = Chance(f"first order {shop.demo.key}")
        basket = city.next_basket()
        good = min(shop.goods, key=lambda good: good.variant.price_amount)
        found.append(
            Wish(
                buyer=buyer,
                agency=city.agencies[agency_code],
                shop=shop,
                goods=((good, 1),),
                fund=Fund.PERSONAL,
                at=chance.office_hour(city.office_day_before(today, 12 + number)),
                basket=basket,
                until=Event.RECEIVE,
            )
        )
    return found


def _fresh_wish(
    city: Wishes, agency_code: str, buyer: Employee, shop_key: str, fund: Fund, day: date,
    chance: Chance,
) -> Wish | None:  # fmt: skip
    shop = next(shop for shop in city.shops if shop.demo.key == shop_key)
    basket = city.next_basket()
    if fund is Fund.PERSONAL:
        goods = chance.some_of(for_the_house(shop.goods), 2)
        return Wish(
            buyer=buyer, agency=city.agencies[agency_code], shop=shop,
            goods=tuple((good, 1) for good in goods), fund=fund,
            at=chance.office_hour(day) - timedelta(hours=1), basket=basket,
        )  # fmt: skip
    purse = city.budgets.purse(agency_code, day.year)
    demo = next(one for one in content.agencies() if one.code == agency_code)
    for purpose in content.purposes_of(demo):
        goods = [good for good in shop.goods if good.category.slug in purpose.category_slugs]
        lines = [one for one in purse.lines if one.expense_account == purpose.expense_account]
        if goods and lines:
            chosen = chance.some_of(goods, 2)
            return Wish(
                buyer=buyer, agency=city.agencies[agency_code], shop=shop,
                goods=tuple((good, _few(good, chance)) for good in chosen), fund=fund,
                at=chance.office_hour(day) - timedelta(hours=1), basket=basket,
                purpose=purpose.text, purse=purse, line=chance.one_of(lines),
            )  # fmt: skip
    return None


def _one_between(
    city: Wishes, demo: DemoAgency, day: date, amounts: tuple[int, int], chance: Chance
) -> Wish:
    """A wish of a day that costs about so much, on a line and in a month with room for more."""
    purse = city.budgets.purse(demo.code, day.year)
    least, most = amounts
    while True:
        wish = city.official_wish(demo, purse, day, chance)
        if wish is None:
            continue
        if least <= wish.goods_amount <= most and city.has_room(wish, 2):
            return wish
        city.give_back(wish)


def _few(good: Good, chance: Chance) -> int:
    """A few hundred thousand rupiah of something."""
    return max(1, chance.between(200_000, 600_000) // good.variant.price_amount)
