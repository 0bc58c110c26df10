"""A shop's class on a day."""

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from storefront.core.database import transaction
from storefront.sellers.classes import UNVERIFIED, classes_on
from storefront.sellers.models import ClassVerification, Seller, SellerClass, SellerId
from storefront.sellers.queries import SellerFilter, list_sellers
from tests.conftest import CountSelects
from tests.factories import CONFIRMER, NOON, shop

DAY = date(2026, 11, 12)


@pytest.fixture
def seller(session: Session) -> Seller:
    return shop(session, seller_class=None)


def said(
    session: Session,
    seller: Seller,
    seller_class: SellerClass,
    *,
    of: date = date(2026, 1, 1),
    to: date = date(2026, 12, 31),
    revoked: bool = False,
    later_by: int = 0,
) -> None:
    with transaction(session):
        session.add(
            ClassVerification(
                seller_id=seller.id,
                seller_class=seller_class,
                evidence=f"OSS {seller_class}",
                valid_from=of,
                valid_to=to,
                verified_by=CONFIRMER,
                verified_at=NOON + timedelta(days=later_by),
                revoked_at=NOON if revoked else None,
            )
        )


def class_on(session: Session, seller: Seller, day: date) -> SellerClass:
    found = classes_on(session, [seller.id], day)[seller.id].seller_class
    listed = list_sellers(session, SellerFilter(seller_class=found), today=day)
    assert [row.seller_id for row in listed.rows] == [seller.id]  # a list says the same
    return found


def test_what_the_city_has_not_verified_is_other(session: Session, seller: Seller) -> None:
    assert classes_on(session, [seller.id], DAY) == {seller.id: UNVERIFIED}
    assert class_on(session, seller, DAY) is SellerClass.OTHER


@pytest.mark.parametrize(
    ("day", "seller_class"),
    [
        (date(2025, 12, 31), SellerClass.OTHER),
        (date(2026, 1, 1), SellerClass.MICRO),
        (date(2026, 12, 31), SellerClass.MICRO),
        (date(2027, 1, 1), SellerClass.OTHER),
    ],
)
def test_a_class_holds_from_its_first_day_to_its_last(
    session: Session, seller: Seller, day: date, seller_class: SellerClass
) -> None:
    said(session, seller, SellerClass.MICRO)
    assert class_on(session, seller, day) is seller_class


def test_of_two_words_the_later_counts(session: Session, seller: Seller) -> None:
    said(session, seller, SellerClass.SMALL, later_by=1)
    said(session, seller, SellerClass.MICRO)
    assert class_on(session, seller, DAY) is SellerClass.SMALL


def test_a_word_taken_back_counts_no_more_from_that_day_on(
    session: Session, seller: Seller
) -> None:
    said(session, seller, SellerClass.MICRO, revoked=True)
    assert class_on(session, seller, NOON.date() - timedelta(days=1)) is SellerClass.MICRO
    assert class_on(session, seller, NOON.date()) is SellerClass.OTHER


def test_the_evidence_comes_along(session: Session, seller: Seller) -> None:
    said(session, seller, SellerClass.COOPERATIVE)
    assert classes_on(session, [seller.id], DAY)[seller.id].evidence == "OSS cooperative"


def test_any_number_of_shops_takes_one_read(session: Session, count_selects: CountSelects) -> None:
    sellers = [shop(session).id for _ in range(5)]
    with count_selects() as selects:
        found = classes_on(session, [*sellers, SellerId(404)], DAY)
    assert (len(selects), len(found)) == (1, 6)
