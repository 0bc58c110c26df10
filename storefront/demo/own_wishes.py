"""What the demo's people buy for themselves."""

from datetime import date, timedelta

from storefront.core.permissions import Role
from storefront.demo import content
from storefront.demo.chance import Chance
from storefront.demo.content import DemoAgency
from storefront.demo.people import CROWDED, Employee
from storefront.demo.wish import Wish, for_the_house
from storefront.demo.wishes import Wishes
from storefront.quota.models import Fund

LARGE = 30
"""People in an agency, from which on a smaller part of them is enough to be shown."""


def personal(city: Wishes, first: date, until: date) -> list[Wish]:
    """What people buy for themselves, most of it on Serlok days."""
    wishes: list[Wish] = []
    month = first
    while month <= until:
        for demo in content.agencies():
            chance = Chance(f"personal {demo.code} {month:%Y-%m}")
            part = _part_of(demo.code)
            for buyer in city.people.of_agency[demo.code]:
                if Role.BUYER in buyer.roles and chance.part() < part:
                    wishes += _personal_wish(city, demo, buyer, month, until, chance)
        month = (month.replace(day=28) + timedelta(days=4)).replace(day=1)
    return wishes


def _personal_wish(
    city: Wishes, demo: DemoAgency, buyer: Employee, month: date, until: date, chance: Chance
) -> list[Wish]:
    on_serlok = not chance.is_one_in(2.5)
    day = city.serlok_day(month) if on_serlok else month + timedelta(days=chance.between(0, 27))
    shops = chance.some_of(city.shops, 1 if chance.is_one_in(1.3) else 2)
    if day > until:
        return []
    basket = city.next_basket()
    at = chance.waking_hour(day)
    return [
        Wish(
            buyer=buyer,
            agency=city.agencies[demo.code],
            shop=shop,
            goods=tuple(
                (good, chance.between(1, 3))
                for good in chance.some_of(for_the_house(shop.goods), chance.between(1, 2))
            ),
            fund=Fund.PERSONAL,
            at=at,
            basket=basket,
        )
        for shop in shops
        if for_the_house(shop.goods)
    ]


def _part_of(agency_code: str) -> float:
    """Which part of an agency's people buys for itself in a month."""
    if agency_code not in CROWDED:
        return 0.1
    return 0.34 if CROWDED[agency_code] >= LARGE else 0.5
