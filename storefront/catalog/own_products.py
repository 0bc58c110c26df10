"""A shop's own products: its list, and one with all that its form shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from storefront.catalog.models import (
    SHOP_PLACE,
    Category,
    Product,
    ProductId,
    ProductState,
    Stock,
    StockPolicy,
    Variant,
    VariantId,
)
from storefront.catalog.product_page import PictureView, pictures_of
from storefront.core.errors import NotFound
from storefront.core.paging import PAGE_SIZE, Page, page_number
from storefront.sellers.models import SellerId


@dataclass(frozen=True)
class OwnRow:
    """A product in the shop's list."""

    product_id: ProductId
    slug: str
    name: str
    unit: str
    state: ProductState
    is_visible: bool
    from_amount: int
    to_amount: int
    has_stock: bool
    is_scheduled: bool
    picture_key: str | None
    sold_count: int
    variant_count: int
    stock: int
    """Pieces in the shop, over the active variants that are counted."""


@dataclass(frozen=True)
class OwnVariant:
    """A variant as the form shows it."""

    variant_id: VariantId
    sku: str
    name: str
    price_amount: int
    was_amount: int | None
    stock_policy: StockPolicy
    stock: int
    lead_days: int
    daily_capacity: int | None
    is_active: bool


@dataclass(frozen=True)
class OwnProduct:
    """A product as its shop's form shows it, also what nobody else sees."""

    product_id: ProductId
    seller_id: SellerId
    slug: str
    name: str
    description: str
    unit: str
    is_halal: bool
    category_slug: str
    category_name: str
    state: ProductState
    is_visible: bool
    sold_count: int
    changed_at: datetime
    variants: tuple[OwnVariant, ...]
    pictures: tuple[PictureView, ...]


variant_count = (
    select(func.count())
    .select_from(Variant)
    .where(Variant.product_id == Product.id, Variant.is_active)
    .correlate(Product)
    .scalar_subquery()
)
pieces = (
    select(func.coalesce(func.sum(Stock.quantity), 0))
    .select_from(Stock)
    .join(Variant, Variant.id == Stock.variant_id)
    .where(
        Variant.product_id == Product.id,
        Variant.is_active,
        Variant.stock_policy == StockPolicy.COUNTED,
        Stock.place == SHOP_PLACE,
    )
    .correlate(Product)
    .scalar_subquery()
)


def list_own_products(
    session: Session,
    seller_id: SellerId,
    *,
    state: ProductState | None = None,
    q: str = "",
    page: int = 1,
) -> Page[OwnRow]:
    """A page of a shop's products, the last changed first; `q` is part of a name or a SKU."""
    number = page_number(page)
    own = [Product.seller_id == seller_id]
    if state is not None:
        own.append(Product.state == state)
    if q.strip():
        part = q.strip()
        of_sku = select(Variant.product_id).where(
            Variant.seller_id == seller_id, Variant.sku.icontains(part, autoescape=True)
        )
        own.append(or_(Product.name.icontains(part, autoescape=True), Product.id.in_(of_sku)))
    query = (
        select(
            Product.id.label("product_id"),
            Product.slug,
            Product.name,
            Product.unit,
            Product.state,
            Product.is_visible,
            Product.from_amount,
            Product.to_amount,
            Product.has_stock,
            Product.is_scheduled,
            Product.picture_key,
            Product.sold_count,
            variant_count.label("variant_count"),
            pieces.label("stock"),
        )
        .where(*own)
        .order_by(Product.changed_at.desc(), Product.id.desc())
        .limit(PAGE_SIZE + 1)
        .offset((number - 1) * PAGE_SIZE)
    )
    rows = [OwnRow(**row) for row in session.execute(query).mappings()]
    total = session.scalars(select(func.count()).select_from(Product).where(*own)).one()
    return Page(rows[:PAGE_SIZE], number, has_next=len(rows) > PAGE_SIZE, total=total)


def count_own_products(session: Session, seller_id: SellerId) -> Mapping[ProductState, int]:
    """How many products a shop has in each state, for the tabs over its list."""
    query = (
        select(Product.state, func.count())
        .where(Product.seller_id == seller_id)
        .group_by(Product.state)
    )
    found = {state: count for state, count in session.execute(query)}  # noqa: C416 - typed
    return {state: found.get(state, 0) for state in ProductState}


def find_own_product(session: Session, seller_id: SellerId, product_id: ProductId) -> OwnProduct:
    """A product of the shop with its variants and pictures: three reads.

    Raises `NotFound`, also for another shop's.
    """
    row = session.execute(
        select(Product, Category.slug, Category.name)
        .join(Category, Category.id == Product.category_id)
        .where(Product.id == product_id, Product.seller_id == seller_id)
    ).one_or_none()
    if row is None:
        raise NotFound
    product, category_slug, category_name = row
    return OwnProduct(
        product_id=product.id,
        seller_id=product.seller_id,
        slug=product.slug,
        name=product.name,
        description=product.description,
        unit=product.unit,
        is_halal=product.is_halal,
        category_slug=category_slug,
        category_name=category_name,
        state=product.state,
        is_visible=product.is_visible,
        sold_count=product.sold_count,
        changed_at=product.changed_at,
        variants=_variants(session, product_id),
        pictures=pictures_of(session, product_id),
    )


def _variants(session: Session, product_id: ProductId) -> tuple[OwnVariant, ...]:
    query = (
        select(
            Variant.id.label("variant_id"),
            Variant.sku,
            Variant.name,
            Variant.price_amount,
            Variant.was_amount,
            Variant.stock_policy,
            func.coalesce(Stock.quantity, 0).label("stock"),
            Variant.lead_days,
            Variant.daily_capacity,
            Variant.is_active,
        )
        .outerjoin(Stock, (Stock.variant_id == Variant.id) & (Stock.place == SHOP_PLACE))
        .where(Variant.product_id == product_id)
        .order_by(Variant.position, Variant.id)
    )
    return tuple(OwnVariant(**row) for row in session.execute(query).mappings())
