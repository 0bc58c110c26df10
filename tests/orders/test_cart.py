"""Filling a cart, as a guest and as a person, and what it shows."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.catalog.models import Product, ProductState, Variant, VariantId
from storefront.catalog.stock import OutOfStock
from storefront.core.database import transaction
from storefront.core.errors import NotFound
from storefront.core.permissions import PersonId
from storefront.orders import cart
from storefront.orders.cart import CartOwner
from storefront.orders.cart_view import CartView, LineProblem, count_items, show_cart
from storefront.orders.models import Cart, CartItem
from storefront.sellers.models import SellerClass
from tests.conftest import CountSelects
from tests.factories import NOON, listed_variant, person, shop

GUEST = CartOwner(guest_digest="9e" * 32)


def add(session: Session, owner: CartOwner, variant_id: VariantId, quantity: int = 1) -> CartItem:
    with transaction(session):
        return cart.add(session, owner, variant_id, quantity, now=NOON)


def shown(session: Session, owner: CartOwner) -> CartView:
    return show_cart(session, owner, today=NOON.date())


@pytest.fixture
def rina(session: Session) -> CartOwner:
    return CartOwner(person_id=person(session))


def quantities(session: Session, owner: CartOwner) -> dict[VariantId, int]:
    return {line.offer.variant_id: line.quantity for line in shown(session, owner).lines}


def revision(session: Session, owner: CartOwner) -> int:
    session.rollback()
    return session.scalars(select(Cart.revision).filter_by(person_id=owner.person_id)).one()


def test_the_same_thing_put_in_twice_is_one_item_of_both(session: Session, rina: CartOwner) -> None:
    coffee = listed_variant(session)
    add(session, rina, coffee, 2)
    add(session, rina, coffee, 3)
    assert quantities(session, rina) == {coffee: 5}


def test_every_change_raises_the_revision(session: Session, rina: CartOwner) -> None:
    item = add(session, rina, listed_variant(session))
    seen = [revision(session, rina)]
    with transaction(session):
        cart.set_quantity(session, rina, item.id, 4, now=NOON)
    seen.append(revision(session, rina))
    with transaction(session):
        cart.remove(session, rina, item.id, now=NOON)
    seen.append(revision(session, rina))
    assert seen == sorted(set(seen))


def test_a_removed_item_is_gone(session: Session, rina: CartOwner) -> None:
    item = add(session, rina, listed_variant(session))
    with transaction(session):
        cart.remove(session, rina, item.id, now=NOON)
    assert shown(session, rina).lines == []


def test_more_than_there_is_cannot_be_put_in(session: Session, rina: CartOwner) -> None:
    coffee = listed_variant(session, stock=3)
    add(session, rina, coffee, 2)
    with pytest.raises(OutOfStock) as refusal:
        add(session, rina, coffee, 2)
    assert refusal.value.details["left"] == 3
    assert quantities(session, rina) == {coffee: 2}


@pytest.mark.parametrize("quantity", [0, -1, 10_000, 10**9])
def test_a_quantity_out_of_bounds_is_refused(
    session: Session, rina: CartOwner, quantity: int
) -> None:
    with pytest.raises(cart.QuantityOutOfBounds):
        add(session, rina, listed_variant(session, daily_capacity=100_000), quantity)


def test_what_is_made_to_order_needs_no_stock(session: Session, rina: CartOwner) -> None:
    boxes = listed_variant(session, stock=0, daily_capacity=50)
    add(session, rina, boxes, 40)
    assert shown(session, rina).can_be_bought


def test_a_variant_that_does_not_exist_is_not_found(session: Session, rina: CartOwner) -> None:
    with pytest.raises(NotFound):
        add(session, rina, VariantId(404))


def test_what_is_taken_down_cannot_be_put_in(session: Session, rina: CartOwner) -> None:
    coffee = listed_variant(session)
    take_down(session, coffee)
    with pytest.raises(cart.NoLongerSold):
        add(session, rina, coffee)


@pytest.mark.parametrize("act", ["change", "remove"])
def test_anothers_item_is_not_found(session: Session, rina: CartOwner, act: str) -> None:
    item = add(session, rina, listed_variant(session))
    other = CartOwner(person_id=person(session, "Deni Anggara"))
    add(session, other, listed_variant(session))
    with pytest.raises(NotFound), transaction(session):
        if act == "change":
            cart.set_quantity(session, other, item.id, 2, now=NOON)
        else:
            cart.remove(session, other, item.id, now=NOON)


def test_a_cart_holds_a_bounded_number_of_things(
    session: Session, rina: CartOwner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cart, "MOST_ITEMS", 1)
    add(session, rina, listed_variant(session))
    with pytest.raises(cart.CartFull):
        add(session, rina, listed_variant(session))


def test_a_guests_cart_survives_signing_in(session: Session, rina: CartOwner) -> None:
    coffee, tea = listed_variant(session), listed_variant(session)
    add(session, rina, coffee, 1)
    add(session, GUEST, coffee, 2)
    add(session, GUEST, tea, 3)
    merge(session, rina)
    assert quantities(session, rina) == {coffee: 3, tea: 3}


def test_signing_in_twice_adds_nothing_twice(session: Session, rina: CartOwner) -> None:
    coffee = listed_variant(session)
    add(session, GUEST, coffee, 2)
    merge(session, rina)
    merge(session, rina)
    assert quantities(session, rina) == {coffee: 2}
    assert quantities(session, GUEST) == {}


def test_sums_of_a_merge_stay_in_bounds(session: Session, rina: CartOwner) -> None:
    coffee = listed_variant(session, stock=9_999)
    add(session, rina, coffee, 9_000)
    add(session, GUEST, coffee, 9_000)
    merge(session, rina)
    assert quantities(session, rina) == {coffee: 9_999}


def test_the_cart_is_shown_by_seller_with_the_class_of_the_day(
    session: Session, rina: CartOwner
) -> None:
    euis = shop(session, "Dapur Bu Euis", seller_class=SellerClass.MICRO)
    mekar = shop(session, "Koperasi Mekar Wargi", seller_class=SellerClass.COOPERATIVE)
    add(session, rina, listed_variant(session, seller=euis, price=27_500), 2)
    add(session, rina, listed_variant(session, seller=mekar, price=38_000), 1)
    groups = [(g.seller_name, g.seller_class, g.goods_amount) for g in shown(session, rina).groups]
    assert groups == [
        ("Dapur Bu Euis", SellerClass.MICRO, 55_000),
        ("Koperasi Mekar Wargi", SellerClass.COOPERATIVE, 38_000),
    ]


def test_a_changed_price_is_told_and_is_the_one_that_counts(
    session: Session, rina: CartOwner
) -> None:
    coffee = listed_variant(session, price=15_000)
    add(session, rina, coffee, 2)
    with transaction(session):
        session.get_one(Variant, coffee).price_amount = 18_000
    [line] = shown(session, rina).lines
    assert (line.has_new_price, line.seen_amount, line.amount) == (True, 15_000, 36_000)


def test_a_thing_taken_down_is_told_and_does_not_count(session: Session, rina: CartOwner) -> None:
    coffee = listed_variant(session)
    add(session, rina, coffee)
    take_down(session, coffee)
    view = shown(session, rina)
    assert [line.problem for line in view.lines] == [LineProblem.NOT_SOLD]
    assert view.goods_amount == 0


def test_a_cart_is_shown_in_as_many_reads_for_many_things_as_for_one(
    session: Session, rina: CartOwner, count_selects: CountSelects
) -> None:
    add(session, rina, listed_variant(session))
    with count_selects() as few:
        shown(session, rina)
    for _ in range(5):
        add(session, rina, listed_variant(session))
    with count_selects() as many:
        shown(session, rina)
    assert len(many) == len(few) <= 4


def test_the_head_counts_things_in_one_read(
    session: Session, rina: CartOwner, count_selects: CountSelects
) -> None:
    for _ in range(3):
        add(session, rina, listed_variant(session))
    with count_selects() as selects:
        assert count_items(session, rina) == 3
    assert len(selects) == 1


def take_down(session: Session, variant_id: VariantId) -> None:
    with transaction(session):
        product = session.get_one(Product, session.get_one(Variant, variant_id).product_id)
        product.state, product.is_visible = ProductState.TAKEN_DOWN, False


def merge(session: Session, owner: CartOwner) -> None:
    with transaction(session):
        cart.merge(
            session,
            person_id=PersonId(str(owner.person_id)),
            guest_digest=str(GUEST.guest_digest),
            now=NOON,
        )
