"""Goods that run out."""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storefront.catalog.low_stock import LOW, MOST_SHOWN, list_low
from storefront.catalog.models import Product, ProductState
from storefront.core.database import transaction
from tests.factories import listed_variant, shop


def test_the_emptiest_come_first_and_what_is_enough_is_left_out(session: Session) -> None:
    seller = shop(session)
    for pieces in (LOW, 0, LOW + 1, 2):
        listed_variant(session, seller=seller, stock=pieces)
    listed_variant(session, stock=0)
    assert [row.stock for row in list_low(session, seller.id)] == [0, 2, LOW]


def test_what_is_made_to_order_or_taken_down_does_not_run_out(session: Session) -> None:
    seller = shop(session)
    listed_variant(session, seller=seller, stock=0, daily_capacity=5)
    listed_variant(session, seller=seller, stock=0, name="Turun")
    with transaction(session):
        down = update(Product).where(Product.name == "Turun")
        session.execute(down.values(state=ProductState.TAKEN_DOWN))
    assert session.scalar(select(Product.id)) is not None
    assert list_low(session, seller.id) == []


def test_no_more_are_shown_than_one_reads(session: Session) -> None:
    seller = shop(session)
    for _each in range(MOST_SHOWN + 1):
        listed_variant(session, seller=seller, stock=0)
    assert len(list_low(session, seller.id)) == MOST_SHOWN
