"""What stands in front: shops take turns, one good of each, and only what can leave at once."""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.catalog.models import Product
from storefront.catalog.showcase import best_of_shops, quiet_shops, ready_products
from storefront.core.database import transaction
from storefront.sellers.models import Seller, SellerClass, SellerState
from tests.conftest import CountSelects
from tests.factories import listed_variant, shop

TODAY = date(2026, 11, 12)


def names(session: Session, day: date = TODAY, *, limit: int = 5) -> list[str]:
    return [card.name for card in ready_products(session, today=day, limit=limit)]


def sell(session: Session, name: str, pieces: int) -> None:
    with transaction(session):
        session.scalars(select(Product).filter_by(name=name)).one().sold_count = pieces


def test_each_shop_shows_one_good_the_one_most_bought(session: Session) -> None:
    seller = shop(session)
    for name, sold in (("Kopi", 3), ("Teh", 9), ("Gula", 1)):
        listed_variant(session, seller=seller, name=name)
        sell(session, name, sold)
    assert names(session) == ["Teh"]


def test_the_most_bought_is_passed_over_while_it_cannot_leave_at_once(session: Session) -> None:
    seller = shop(session)
    listed_variant(session, seller=seller, name="Kopi")
    listed_variant(session, seller=seller, name="Teh", stock=0)
    sell(session, "Teh", 9)
    assert names(session) == ["Kopi"]


def test_what_needs_more_days_or_is_made_to_order_is_not_ready(session: Session) -> None:
    listed_variant(session, name="Lama", lead_days=2)
    listed_variant(session, name="Pesanan", daily_capacity=10)
    listed_variant(session, name="Besok", lead_days=1)
    assert names(session) == ["Besok"]


def test_every_shop_has_its_day_in_front(session: Session) -> None:
    for number in range(6):
        listed_variant(session, name=f"Kopi {number}")
    first = {
        name for day in range(60) for name in names(session, TODAY + timedelta(days=day), limit=1)
    }
    assert len(first) == 6


def test_one_day_shows_the_same_to_everybody(session: Session) -> None:
    for number in range(6):
        listed_variant(session, name=f"Kopi {number}")
    assert names(session) == names(session)


def test_a_suspended_shop_shows_nothing(session: Session) -> None:
    seller = shop(session)
    listed_variant(session, seller=seller)
    with transaction(session):
        session.get_one(Seller, seller.id).state = SellerState.SUSPENDED
    assert names(session) == []


def test_the_best_of_shops_stands_in_the_order_of_the_shops(session: Session) -> None:
    first, second, empty = shop(session), shop(session), shop(session)
    listed_variant(session, seller=first, name="Kopi", stock=0)
    listed_variant(session, seller=second, name="Teh")
    cards = best_of_shops(session, [second.id, empty.id, first.id], today=TODAY)
    assert [card.name for card in cards] == ["Teh", "Kopi"]


def test_it_is_read_in_two_statements(session: Session, count_selects: CountSelects) -> None:
    for _ in range(7):
        listed_variant(session)
    with count_selects() as sent:
        assert len(ready_products(session, today=TODAY)) == 5
    assert len(sent) == 2


def test_for_a_serlok_day_the_shops_that_sold_least_are_shown(session: Session) -> None:
    shops = [shop(session) for _ in range(6)]
    for sold, seller in enumerate(shops):
        listed_variant(session, seller=seller)
        with transaction(session):
            product = session.scalars(select(Product).filter_by(seller_id=seller.id)).one()
            product.sold_count = sold
    shown = quiet_shops(session, {SellerClass.MICRO}, today=TODAY, limit=1)
    assert {*shown} < {seller.id for seller in shops[:4]}


def test_they_take_turns_by_day(session: Session) -> None:
    for _ in range(4):
        listed_variant(session)
    week = [
        tuple(quiet_shops(session, {SellerClass.MICRO}, today=TODAY + timedelta(days=n), limit=1))
        for n in range(8)
    ]
    assert len(set(week)) > 1


def test_only_shops_whose_class_counts_and_who_have_something_are_highlighted(
    session: Session,
) -> None:
    micro, small, unverified = (
        shop(session, seller_class=each) for each in (SellerClass.MICRO, SellerClass.SMALL, None)
    )
    sold_out, practice = shop(session), shop(session, is_practice=True)
    for seller in (micro, small, unverified, practice):
        listed_variant(session, seller=seller)
    listed_variant(session, seller=sold_out, stock=0)
    counted = {SellerClass.MICRO, SellerClass.COOPERATIVE}
    assert quiet_shops(session, counted, today=TODAY) == [micro.id]
