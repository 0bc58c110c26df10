"""Listing: a shop puts a product up, changes it, takes it down. Another's is not found.

Locks, in this order: the shop, stock, the product. So a SKU is unique without a race, and a
product listed while its shop is being suspended is hidden with the others.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storefront.catalog import stock
from storefront.catalog.indexing import index_products
from storefront.catalog.models import (
    Category,
    CategoryId,
    Product,
    ProductId,
    ProductState,
    StockPolicy,
    Variant,
    VariantId,
)
from storefront.catalog.skus import with_skus
from storefront.catalog.upkeep import TRUTHS, keep_columns, lock_products
from storefront.catalog.wishes import (
    MOST_VARIANTS,
    ProductWish,
    VariantCountOutOfBounds,
    VariantWish,
    checked,
)
from storefront.core import audit
from storefront.core.errors import N_, Conflict, DomainError, NotFound
from storefront.core.permissions import Action, Actor, allows, require, shop_scope
from storefront.core.slugs import insert_with_slug
from storefront.core.text import slug
from storefront.sellers.models import Seller, SellerId

TRANSITIONS: Mapping[tuple[ProductState, str], ProductState] = {
    (ProductState.DRAFT, "put_up"): ProductState.LIVE,
    (ProductState.TAKEN_DOWN, "put_up"): ProductState.LIVE,
    (ProductState.LIVE, "take_down"): ProductState.TAKEN_DOWN,
}


class UnknownCategory(DomainError):
    code = "unknown_category"
    message = N_("Pilih kategori barang dari daftar.")
    field = "category_slug"


class NothingOnSale(DomainError):
    code = "nothing_on_sale"
    message = N_("Nyalakan paling sedikit satu varian, atau turunkan barangnya dari toko.")
    field = "variants"


class ProductStateChanged(Conflict):
    code = "product_state_changed"
    message = N_("Barang ini sudah ditampilkan atau diturunkan. Muat ulang halamannya.")


def create(
    session: Session,
    actor: Actor,
    seller_id: SellerId,
    wish: ProductWish,
    *,
    live: bool = True,
    now: datetime,
) -> Product:
    """List a product of the actor's shop, at once in the shop or as a draft; return it.

    It is visible when live while the shop is active. Raises `NotAllowed`, what the wish's fields
    call for (`wishes.py`), `UnknownCategory`, `NothingOnSale` or `SkuTaken`.
    """
    require(actor, Action.MANAGE_SHOP, shop_scope(seller_id))
    wish = checked(wish)
    _lock_shop(session, seller_id)
    product = Product(
        seller_id=seller_id,
        category_id=_category_id(session, wish.category_slug),
        name=wish.name,
        description=wish.description,
        unit=wish.unit,
        is_halal=wish.is_halal,
        state=ProductState.LIVE if live else ProductState.DRAFT,
        is_visible=False,
        from_amount=0,
        to_amount=0,
        has_stock=False,
        search_name="",
        search_text="",
        listed_at=now,
        changed_at=now,
    )
    insert_with_slug(session, product, Product.slug, slug(wish.name))
    _save_variants(session, actor, product, wish.variants, now)
    _bring_up_to_date(session, product)
    audit.record(session, actor, "product.created", product.slug, {"live": live}, now=now)
    return product


def change(
    session: Session, actor: Actor, product_id: ProductId, wish: ProductWish, *, now: datetime
) -> Product:
    """Let a product of the actor's shop be as wished; return it. Its address stays.

    A variant that is not named stays as it is; one that is no longer sold is sent inactive, never
    deleted, for orders point to it. Raises `NotFound` (also for another's product or variant),
    what `create` raises, or `StockChanged`.
    """
    product = _own(session, actor, product_id)
    wish = checked(wish)
    _lock_shop(session, product.seller_id)
    _count_stock(session, actor, product_id, wish.variants, now)
    lock_products(session, [product_id])
    session.refresh(product)
    before = (product.from_amount, product.to_amount)
    product.name = wish.name
    product.category_id = _category_id(session, wish.category_slug)
    product.description = wish.description
    product.unit = wish.unit
    product.is_halal = wish.is_halal
    product.changed_at = now
    _save_variants(session, actor, product, wish.variants, now)
    _bring_up_to_date(session, product)
    details = {
        "from_amount": product.from_amount,
        "from_amount_before": before[0],
        "to_amount": product.to_amount,
        "to_amount_before": before[1],
    }
    audit.record(session, actor, "product.changed", product.slug, details, now=now)
    return product


def put_up(session: Session, actor: Actor, product_id: ProductId, *, now: datetime) -> Product:
    """Show a draft, or what was taken down, in the shop.

    Raises `NotFound` or `ProductStateChanged`.
    """
    return _turn(session, actor, product_id, "put_up", now)


def take_down(session: Session, actor: Actor, product_id: ProductId, *, now: datetime) -> Product:
    """Take a product out of the shop. Orders made before go their way.

    Raises `NotFound` or `ProductStateChanged`.
    """
    return _turn(session, actor, product_id, "take_down", now)


def refresh_visibility(session: Session, seller_id: SellerId) -> None:
    """Show or hide all products of a shop by its state of now.

    Whoever lets a shop become active, suspended or active again (`sellers/verification.py`, which
    knows no products) calls this in the same transaction. A page of products, an offer and a
    checkout look at the shop's state themselves as well.
    """
    of_the_shop = session.scalars(select(Product.id).where(Product.seller_id == seller_id)).all()
    if ids := lock_products(session, of_the_shop):
        showing = update(Product).where(Product.id.in_(ids))
        session.execute(showing.values(is_visible=TRUTHS["is_visible"]))


def _turn(
    session: Session, actor: Actor, product_id: ProductId, event: str, now: datetime
) -> Product:
    product = _own(session, actor, product_id)
    _lock_shop(session, product.seller_id)
    lock_products(session, [product_id])
    session.refresh(product)
    after = TRANSITIONS.get((product.state, event))
    if after is None:
        raise ProductStateChanged
    if product.state is ProductState.DRAFT:
        product.listed_at = now  # it is new to the visitors now, not when it was begun
    product.state = after
    product.changed_at = now
    session.flush()
    _bring_up_to_date(session, product)
    audit.record(session, actor, f"product.{event}", product.slug, now=now)
    return product


def _own(session: Session, actor: Actor, product_id: ProductId) -> Product:
    product = session.get(Product, product_id)
    if product is None or not allows(actor, Action.MANAGE_SHOP, shop_scope(product.seller_id)):
        raise NotFound
    return product


def _lock_shop(session: Session, seller_id: SellerId) -> None:
    locking = select(Seller.id).where(Seller.id == seller_id).with_for_update(key_share=True)
    if session.scalar(locking) is None:
        raise NotFound


def _category_id(session: Session, category_slug: str) -> CategoryId:
    found = session.scalar(select(Category.id).where(Category.slug == category_slug))
    if found is None:
        raise UnknownCategory
    return found


def _count_stock(
    session: Session,
    actor: Actor,
    product_id: ProductId,
    wishes: Sequence[VariantWish],
    now: datetime,
) -> None:
    """Stock first, in the order of variants, before the product is locked (`stock.py`)."""
    counted = {
        wish.variant_id: wish
        for wish in wishes
        if wish.variant_id is not None
        and wish.stock is not None
        and wish.stock_policy is StockPolicy.COUNTED
    }
    own = session.scalars(select(Variant.id).where(Variant.product_id == product_id)).all()
    for variant_id in sorted(counted):
        wish = counted[variant_id]
        if variant_id not in own or wish.stock is None:
            raise NotFound
        stock.count(session, actor, variant_id, wish.stock, seen=wish.seen_stock, now=now)


def _save_variants(
    session: Session,
    actor: Actor,
    product: Product,
    wishes: Sequence[VariantWish],
    now: datetime,
) -> None:
    of_the_product = select(Variant).where(Variant.product_id == product.id)
    fresh = of_the_product.execution_options(populate_existing=True)
    known = {variant.id: variant for variant in session.scalars(fresh)}
    new: list[tuple[Variant, int]] = []
    for position, wish in enumerate(with_skus(session, product, wishes, known), start=1):
        variant = _variant_of(product, wish, known)
        variant.name, variant.sku = wish.name, wish.sku
        variant.price_amount, variant.was_amount = wish.price_amount, wish.was_amount
        variant.stock_policy, variant.is_active = wish.stock_policy, wish.is_active
        variant.lead_days, variant.daily_capacity = wish.lead_days, wish.daily_capacity
        variant.position = position
        if wish.variant_id is None:
            new.append((variant, wish.stock or 0))
    if len(known) + len(new) > MOST_VARIANTS:
        raise VariantCountOutOfBounds(most=MOST_VARIANTS)
    if not any(variant.is_active for variant in [*known.values(), *(one for one, _ in new)]):
        raise NothingOnSale
    session.add_all(variant for variant, _pieces in new)
    session.flush()
    stock.begin(session, actor, {variant.id: pieces for variant, pieces in new}, now=now)


def _variant_of(product: Product, wish: VariantWish, known: Mapping[VariantId, Variant]) -> Variant:
    if wish.variant_id is None:
        return Variant(product_id=product.id, seller_id=product.seller_id)
    if wish.variant_id not in known:
        raise NotFound
    return known[wish.variant_id]


def _bring_up_to_date(session: Session, product: Product) -> None:
    session.flush()
    keep_columns(session, [product.id])
    index_products(session, [product.id])
    session.refresh(product)
