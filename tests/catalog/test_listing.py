"""A shop lists its products."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storefront.catalog import listing
from storefront.catalog.listing import NothingOnSale, ProductStateChanged, UnknownCategory
from storefront.catalog.models import (
    Product,
    ProductId,
    ProductState,
    StockPolicy,
    Variant,
)
from storefront.catalog.own_products import find_own_product, list_own_products
from storefront.catalog.skus import SkuTaken
from storefront.catalog.stock import StockChanged, take
from storefront.catalog.upkeep import differences, stock_differences
from storefront.catalog.wishes import (
    CapacityOutOfBounds,
    DescriptionTooLong,
    InvalidSku,
    LeadDaysOutOfBounds,
    NameMissing,
    PriceOutOfBounds,
    ProductWish,
    UnitMissing,
    VariantCountOutOfBounds,
    VariantNameMissing,
    VariantRefused,
    VariantStockOutOfBounds,
    VariantWish,
    WasNotDearer,
)
from storefront.core.audit import AuditEntry
from storefront.core.database import transaction
from storefront.core.errors import DomainError, NotAllowed, NotFound
from storefront.core.permissions import SYSTEM, Actor
from storefront.sellers.models import Seller, SellerState
from tests.factories import NOON, category, shop, shop_actor

LATER = NOON + timedelta(hours=1)
WHOLE = VariantWish(name="Biji utuh", price_amount=68_000, stock=46)
GROUND = VariantWish(name="Giling halus", price_amount=70_000, was_amount=75_000, stock=0)
COFFEE = ProductWish(
    name="Kopi Arabika Puntang",
    category_slug="kopi-bubuk",
    description="Ceri merah dari lereng Gunung Puntang.",
    unit="bungkus",
    is_halal=True,
    variants=(WHOLE, GROUND),
)


@pytest.fixture
def kopi_wening(session: Session) -> Seller:
    category(session)
    return shop(session, "Kopi Wening")


@pytest.fixture
def keeper(session: Session, kopi_wening: Seller) -> Actor:
    return shop_actor(session, kopi_wening)


@pytest.fixture
def coffee(session: Session, kopi_wening: Seller, keeper: Actor) -> Product:
    with transaction(session):
        return listing.create(session, keeper, kopi_wening.id, COFFEE, now=NOON)


def as_it_is(session: Session, product: Product) -> ProductWish:
    """What the form of a product would send unchanged."""
    own = find_own_product(session, product.seller_id, product.id)
    return replace(
        COFFEE,
        variants=tuple(
            VariantWish(
                variant_id=one.variant_id,
                name=one.name,
                sku=one.sku,
                price_amount=one.price_amount,
                was_amount=one.was_amount,
                stock_policy=one.stock_policy,
                stock=one.stock,
                seen_stock=one.stock,
                is_active=one.is_active,
            )
            for one in own.variants
        ),
    )


def changed(session: Session, actor: Actor, product: Product, wish: ProductWish) -> Product:
    with transaction(session):
        return listing.change(session, actor, product.id, wish, now=LATER)


def test_a_listed_product_is_live_with_its_variants_and_stock(
    session: Session, coffee: Product
) -> None:
    own = find_own_product(session, coffee.seller_id, coffee.id)
    assert (own.slug, own.state, own.is_visible) == (
        "kopi-arabika-puntang",
        ProductState.LIVE,
        True,
    )
    assert [(one.name, one.price_amount, one.stock) for one in own.variants] == [
        ("Biji utuh", 68_000, 46),
        ("Giling halus", 70_000, 0),
    ]
    assert (coffee.from_amount, coffee.to_amount, coffee.was_amount) == (68_000, 70_000, None)
    assert coffee.has_stock


def test_kept_columns_and_movements_are_true_after_every_verb(
    session: Session, keeper: Actor, coffee: Product
) -> None:
    wish = as_it_is(session, coffee)
    new = VariantWish(name="Sesuai pesanan", price_amount=1_000, stock_policy=StockPolicy.ON_ORDER)
    gone = replace(wish.variants[0], is_active=False, stock=50)
    changed(session, keeper, coffee, replace(wish, variants=(gone, wish.variants[1], new)))
    with transaction(session):
        listing.take_down(session, keeper, coffee.id, now=LATER)
    assert differences(session) == []
    assert stock_differences(session) == []


def test_a_column_that_went_astray_is_found(session: Session, coffee: Product) -> None:
    with transaction(session):
        session.execute(update(Product).values(from_amount=1))
    assert differences(session) == [(coffee.slug, "from_amount")]


def test_a_draft_is_not_visible_until_it_is_put_up(
    session: Session, kopi_wening: Seller, keeper: Actor
) -> None:
    with transaction(session):
        draft = listing.create(session, keeper, kopi_wening.id, COFFEE, live=False, now=NOON)
    assert (draft.state, draft.is_visible) == (ProductState.DRAFT, False)
    with transaction(session):
        shown = listing.put_up(session, keeper, draft.id, now=LATER)
    assert (shown.state, shown.is_visible, shown.listed_at) == (ProductState.LIVE, True, LATER)


def test_what_is_taken_down_and_put_up_again_is_not_new(
    session: Session, keeper: Actor, coffee: Product
) -> None:
    with transaction(session):
        assert not listing.take_down(session, keeper, coffee.id, now=LATER).is_visible
    with transaction(session):
        again = listing.put_up(session, keeper, coffee.id, now=LATER)
    assert (again.is_visible, again.listed_at) == (True, NOON)


def test_what_is_live_cannot_be_put_up_again(
    session: Session, keeper: Actor, coffee: Product
) -> None:
    with pytest.raises(ProductStateChanged), transaction(session):
        listing.put_up(session, keeper, coffee.id, now=LATER)


@pytest.mark.parametrize("state", [SellerState.APPLIED, SellerState.SUSPENDED])
def test_products_show_only_while_their_shop_is_active(
    session: Session, kopi_wening: Seller, coffee: Product, state: SellerState
) -> None:
    for now_it_is in (state, SellerState.ACTIVE):
        with transaction(session):
            session.execute(update(Seller).values(state=now_it_is))
            listing.refresh_visibility(session, kopi_wening.id)
        visible = session.scalar(select(Product.is_visible).filter_by(id=coffee.id))
        assert visible is (now_it_is is SellerState.ACTIVE)


@pytest.mark.usefixtures("coffee")
def test_two_of_one_name_have_different_addresses(
    session: Session, kopi_wening: Seller, keeper: Actor
) -> None:
    with transaction(session):
        second = listing.create(session, keeper, kopi_wening.id, COFFEE, now=NOON)
    assert second.slug == "kopi-arabika-puntang-2"


def test_a_renamed_product_keeps_its_address(
    session: Session, keeper: Actor, coffee: Product
) -> None:
    renamed = replace(as_it_is(session, coffee), name="Kopi Puntang Natural")
    assert changed(session, keeper, coffee, renamed).slug == "kopi-arabika-puntang"


def test_a_new_price_and_what_it_was_are_shown(
    session: Session, keeper: Actor, coffee: Product
) -> None:
    wish = as_it_is(session, coffee)
    cheaper = replace(wish.variants[0], price_amount=60_000, was_amount=68_000)
    product = changed(session, keeper, coffee, replace(wish, variants=(cheaper,)))
    assert (product.from_amount, product.was_amount) == (60_000, 68_000)


def test_a_change_of_price_is_in_the_audit_log(
    session: Session, keeper: Actor, coffee: Product
) -> None:
    wish = as_it_is(session, coffee)
    dearer = replace(wish.variants[0], price_amount=69_000)
    changed(session, keeper, coffee, replace(wish, variants=(dearer,)))
    entry = session.scalars(select(AuditEntry).filter_by(act="product.changed")).one()
    assert '"from_amount": 69000, "from_amount_before": 68000' in entry.details


def test_a_variant_that_is_not_sent_stays(session: Session, keeper: Actor, coffee: Product) -> None:
    wish = as_it_is(session, coffee)
    changed(session, keeper, coffee, replace(wish, variants=wish.variants[:1]))
    own = find_own_product(session, coffee.seller_id, coffee.id)
    assert [one.name for one in own.variants] == ["Biji utuh", "Giling halus"]


def test_a_variant_switched_off_counts_no_more(
    session: Session, keeper: Actor, coffee: Product
) -> None:
    wish = as_it_is(session, coffee)
    off = replace(wish.variants[0], is_active=False)
    product = changed(session, keeper, coffee, replace(wish, variants=(off,)))
    assert (product.from_amount, product.has_stock) == (70_000, False)


def test_the_last_variant_cannot_be_switched_off(
    session: Session, keeper: Actor, coffee: Product
) -> None:
    wish = as_it_is(session, coffee)
    off = tuple(replace(one, is_active=False) for one in wish.variants)
    with pytest.raises(NothingOnSale):
        changed(session, keeper, coffee, replace(wish, variants=off))


def test_a_variant_made_to_order_makes_the_product_scheduled(
    session: Session, keeper: Actor, coffee: Product
) -> None:
    box = VariantWish(
        name="Kotak rapat",
        price_amount=90_000,
        stock_policy=StockPolicy.ON_ORDER,
        lead_days=2,
        daily_capacity=50,
    )
    wish = as_it_is(session, coffee)
    product = changed(session, keeper, coffee, replace(wish, variants=(*wish.variants, box)))
    assert (product.is_scheduled, product.to_amount) == (True, 90_000)


def test_a_form_sent_unchanged_takes_no_sale_back(
    session: Session, keeper: Actor, coffee: Product
) -> None:
    wish = as_it_is(session, coffee)
    sold = wish.variants[0].variant_id
    assert sold is not None
    with transaction(session):
        take(session, SYSTEM, {sold: 2}, reference="P-1-1", now=NOON)
    changed(session, keeper, coffee, wish)
    own = find_own_product(session, coffee.seller_id, coffee.id)
    assert own.variants[0].stock == 44


def test_a_stock_edited_while_it_was_sold_is_refused_and_nothing_changed(
    session: Session, keeper: Actor, coffee: Product
) -> None:
    wish = as_it_is(session, coffee)
    sold = wish.variants[0].variant_id
    assert sold is not None
    with transaction(session):
        take(session, SYSTEM, {sold: 2}, reference="P-1-1", now=NOON)
    edited = replace(wish, name="Lain", variants=(replace(wish.variants[0], stock=50),))
    with pytest.raises(StockChanged):
        changed(session, keeper, coffee, edited)
    assert find_own_product(session, coffee.seller_id, coffee.id).name == COFFEE.name


def test_a_code_is_made_for_who_sends_none(session: Session, coffee: Product) -> None:
    own = find_own_product(session, coffee.seller_id, coffee.id)
    assert [one.sku for one in own.variants] == [
        "KOPI-ARABIKA-PUNTANG-1",
        "KOPI-ARABIKA-PUNTANG-2",
    ]


@pytest.mark.usefixtures("coffee")
def test_a_code_is_used_once_in_a_shop(
    session: Session, kopi_wening: Seller, keeper: Actor
) -> None:
    taken = replace(WHOLE, sku="kopi-arabika-puntang-2")
    with pytest.raises(SkuTaken) as refusal, transaction(session):
        listing.create(
            session, keeper, kopi_wening.id, replace(COFFEE, variants=(taken,)), now=NOON
        )
    assert (refusal.value.row, refusal.value.input) == (0, "sku")


@pytest.mark.usefixtures("coffee")
def test_another_shop_may_use_the_same_code(session: Session) -> None:
    other = shop(session)
    keeper = shop_actor(session, other)
    with transaction(session):
        listing.create(session, keeper, other.id, COFFEE, now=NOON)
    codes = session.scalars(select(Variant.sku).filter_by(seller_id=other.id)).all()
    assert "KOPI-ARABIKA-PUNTANG-1" in codes


@pytest.mark.parametrize(
    ("wish", "refusal"),
    [
        (replace(COFFEE, name="  "), NameMissing),
        (replace(COFFEE, name="k" * 121), NameMissing),
        (replace(COFFEE, name="\u200b☕"), NameMissing),
        (replace(COFFEE, description="k" * 5_001), DescriptionTooLong),
        (replace(COFFEE, unit=""), UnitMissing),
        (replace(COFFEE, category_slug="tidak-ada"), UnknownCategory),
        (replace(COFFEE, variants=()), VariantCountOutOfBounds),
        (replace(COFFEE, variants=(WHOLE,) * 31), VariantCountOutOfBounds),
    ],
)
def test_a_product_out_of_bounds_is_refused_at_its_field(
    session: Session,
    kopi_wening: Seller,
    keeper: Actor,
    wish: ProductWish,
    refusal: type[DomainError],
) -> None:
    with pytest.raises(refusal), transaction(session):
        listing.create(session, keeper, kopi_wening.id, wish, now=NOON)
    assert list_own_products(session, kopi_wening.id).rows == []


@pytest.mark.parametrize(
    ("variant", "refusal"),
    [
        (replace(GROUND, name=""), VariantNameMissing),
        (replace(GROUND, name="biji UTUH"), VariantNameMissing),
        (replace(GROUND, price_amount=0), PriceOutOfBounds),
        (replace(GROUND, price_amount=10**12 + 1), PriceOutOfBounds),
        (replace(GROUND, was_amount=70_000), WasNotDearer),
        (replace(GROUND, sku="kopi halus"), InvalidSku),
        (replace(GROUND, stock=-1), VariantStockOutOfBounds),
        (replace(GROUND, lead_days=91), LeadDaysOutOfBounds),
        (replace(GROUND, daily_capacity=0), CapacityOutOfBounds),
    ],
)
def test_a_variant_out_of_bounds_is_refused_in_its_row(
    session: Session,
    kopi_wening: Seller,
    keeper: Actor,
    variant: VariantWish,
    refusal: type[VariantRefused],
) -> None:
    with pytest.raises(refusal) as refused, transaction(session):
        wish = replace(COFFEE, variants=(WHOLE, variant))
        listing.create(session, keeper, kopi_wening.id, wish, now=NOON)
    assert refused.value.row == 1


def test_markup_is_kept_as_text(session: Session, kopi_wening: Seller, keeper: Actor) -> None:
    wish = replace(COFFEE, name="<script>alert(1)</script>", description="a\0b")
    with transaction(session):
        product = listing.create(session, keeper, kopi_wening.id, wish, now=NOON)
    assert (product.name, product.description) == ("<script>alert(1)</script>", "ab")


def test_another_shops_product_is_not_found(session: Session, coffee: Product) -> None:
    stranger = shop_actor(session, shop(session))
    for verb in (listing.take_down, listing.put_up):
        with pytest.raises(NotFound), transaction(session):
            verb(session, stranger, coffee.id, now=NOON)
    with pytest.raises(NotFound), transaction(session):
        listing.change(session, stranger, coffee.id, COFFEE, now=NOON)
    with pytest.raises(NotFound), transaction(session):
        listing.take_down(session, stranger, ProductId(404), now=NOON)


def test_nobody_lists_in_another_shop(session: Session, kopi_wening: Seller) -> None:
    stranger = shop_actor(session, shop(session))
    with pytest.raises(NotAllowed), transaction(session):
        listing.create(session, stranger, kopi_wening.id, COFFEE, now=NOON)


def test_another_products_variant_is_not_found(
    session: Session, kopi_wening: Seller, keeper: Actor, coffee: Product
) -> None:
    with transaction(session):
        second = listing.create(session, keeper, kopi_wening.id, COFFEE, now=NOON)
    foreign = as_it_is(session, second)
    with pytest.raises(NotFound):
        changed(session, keeper, coffee, foreign)


@pytest.mark.usefixtures("coffee")
def test_the_shops_list_is_searched_by_name_and_code(session: Session, kopi_wening: Seller) -> None:
    for part in ("arabika", "puntang-2"):
        assert [row.name for row in list_own_products(session, kopi_wening.id, q=part).rows] == [
            COFFEE.name
        ]
    for part in ("%", "teh"):
        assert list_own_products(session, kopi_wening.id, q=part).rows == []


@pytest.mark.usefixtures("coffee")
def test_the_shops_list_shows_variants_and_pieces(session: Session, kopi_wening: Seller) -> None:
    row = list_own_products(session, kopi_wening.id, state=ProductState.LIVE).rows[0]
    assert (row.variant_count, row.stock) == (2, 46)
