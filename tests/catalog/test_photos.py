"""The pictures of a product."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.catalog.models import Picture, Product, ProductId, Variant
from storefront.catalog.photos import (
    MOST_PICTURES,
    AltTooLong,
    PicturesChanged,
    TooManyPictures,
    add_picture,
    order_pictures,
    remove_picture,
)
from storefront.core.database import transaction
from storefront.core.errors import NotFound
from storefront.core.permissions import Actor
from tests.factories import NOON, listed_variant, shop, shop_actor

A, B, C = (letter * 64 for letter in "abc")


@pytest.fixture
def coffee_and_keeper(session: Session) -> tuple[ProductId, Actor]:
    seller = shop(session)
    variant_id = listed_variant(session, seller=seller)
    product_id = session.scalars(select(Variant.product_id).filter_by(id=variant_id)).one()
    return product_id, shop_actor(session, seller)


@pytest.fixture
def coffee(coffee_and_keeper: tuple[ProductId, Actor]) -> ProductId:
    return coffee_and_keeper[0]


@pytest.fixture
def keeper(coffee_and_keeper: tuple[ProductId, Actor]) -> Actor:
    return coffee_and_keeper[1]


def added(session: Session, keeper: Actor, coffee: ProductId, *keys: str) -> list[int]:
    with transaction(session):
        return [add_picture(session, keeper, coffee, key=key, now=NOON).id for key in keys]


def keys(session: Session, coffee: ProductId) -> list[str]:
    query = select(Picture.key).filter_by(product_id=coffee).order_by(Picture.position)
    return list(session.scalars(query))


def main_picture(session: Session, coffee: ProductId) -> str | None:
    return session.scalars(select(Product.picture_key).filter_by(id=coffee)).one()


def test_pictures_stand_in_the_order_in_which_they_came(
    session: Session, keeper: Actor, coffee: ProductId
) -> None:
    added(session, keeper, coffee, A, B)
    assert (keys(session, coffee), main_picture(session, coffee)) == ([A, B], A)


def test_the_same_picture_again_is_the_one_that_is_there(
    session: Session, keeper: Actor, coffee: ProductId
) -> None:
    first, again = added(session, keeper, coffee, A, A)
    assert (first, keys(session, coffee)) == (again, [A])


def test_without_its_first_picture_a_product_shows_the_next(
    session: Session, keeper: Actor, coffee: ProductId
) -> None:
    first, second = added(session, keeper, coffee, A, B)
    with transaction(session):
        remove_picture(session, keeper, coffee, first, now=NOON)
    assert main_picture(session, coffee) == B
    with transaction(session):
        remove_picture(session, keeper, coffee, second, now=NOON)
    assert main_picture(session, coffee) is None


def test_pictures_can_be_put_in_another_order(
    session: Session, keeper: Actor, coffee: ProductId
) -> None:
    first, second, third = added(session, keeper, coffee, A, B, C)
    with transaction(session):
        order_pictures(session, keeper, coffee, [third, first, second], now=NOON)
    assert (keys(session, coffee), main_picture(session, coffee)) == ([C, A, B], C)


def test_an_order_of_other_pictures_is_refused(
    session: Session, keeper: Actor, coffee: ProductId
) -> None:
    first, _second = added(session, keeper, coffee, A, B)
    with pytest.raises(PicturesChanged), transaction(session):
        order_pictures(session, keeper, coffee, [first, first], now=NOON)


def test_there_is_a_most_of_pictures(session: Session, keeper: Actor, coffee: ProductId) -> None:
    added(session, keeper, coffee, *(f"{n:064}" for n in range(MOST_PICTURES)))
    with pytest.raises(TooManyPictures):
        added(session, keeper, coffee, A)


def test_a_description_has_a_limit(session: Session, keeper: Actor, coffee: ProductId) -> None:
    with pytest.raises(AltTooLong), transaction(session):
        add_picture(session, keeper, coffee, key=A, alt="a" * 161, now=NOON)


def test_another_shops_pictures_are_not_found(
    session: Session, keeper: Actor, coffee: ProductId
) -> None:
    (picture,) = added(session, keeper, coffee, A)
    stranger = shop_actor(session, shop(session))
    with pytest.raises(NotFound), transaction(session):
        add_picture(session, stranger, coffee, key=B, now=NOON)
    with pytest.raises(NotFound), transaction(session):
        remove_picture(session, stranger, coffee, picture, now=NOON)
    with pytest.raises(NotFound), transaction(session):
        order_pictures(session, stranger, coffee, [picture], now=NOON)
