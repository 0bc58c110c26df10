"""The columns of a product that repeat what other rows say: how they are kept, and looked after.

They make a list one indexed read (`models.py: Product`). Every one is computed by the database
from the rows it repeats, after the product was locked.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, func, or_, select, update
from sqlalchemy.orm import Session

from storefront.catalog.models import (
    SHOP_PLACE,
    Picture,
    Product,
    ProductId,
    ProductState,
    Stock,
    StockMovement,
    StockPolicy,
    Variant,
)
from storefront.sellers.models import Seller, SellerState


def keep_has_stock(session: Session, product_ids: Iterable[ProductId]) -> None:
    """Make `has_stock` of products true again after their stock changed.

    The product is locked first and the stock read after it: of two buyers who empty two variants
    of one product at once, the second then sees what the first left.
    """
    ids = lock_products(session, product_ids)
    if ids:
        session.execute(update(Product).where(Product.id.in_(ids)).values(has_stock=_sellable))


def keep_columns(session: Session, product_ids: Iterable[ProductId]) -> None:
    """Make all of them true again. A product whose last active variant went keeps its prices."""
    ids = lock_products(session, product_ids)
    if ids:
        session.execute(
            update(Product)
            .where(Product.id.in_(ids))
            .values({getattr(Product, name): truth for name, truth in TRUTHS.items()})
        )


def lock_products(session: Session, product_ids: Iterable[ProductId]) -> list[ProductId]:
    """Lock products, after any stock, in the order of their ids; return those ids."""
    ids = sorted(set(product_ids))
    if ids:
        session.execute(
            select(Product.id)
            .where(Product.id.in_(ids))
            .order_by(Product.id)
            .with_for_update(key_share=True)
        ).all()
    return ids


def differences(session: Session, *, limit: int = 100) -> list[tuple[str, str]]:
    """Kept columns that went astray, as slug and column. None is what it should be."""
    found: list[tuple[str, str]] = []
    for name, truth in TRUTHS.items():
        column = getattr(Product, name)
        query = select(Product.slug).where(column.is_distinct_from(truth)).order_by(Product.id)
        found += [(slug, name) for slug in session.scalars(query.limit(limit))]
    return found[:limit]


def stock_differences(session: Session, *, limit: int = 100) -> list[tuple[str, str, int, int]]:
    """Stock that is not the sum of its movements: SKU, place, stock, sum."""
    moved = (
        select(func.coalesce(func.sum(StockMovement.change), 0))
        .where(StockMovement.variant_id == Stock.variant_id, StockMovement.place == Stock.place)
        .scalar_subquery()
    )
    query = (
        select(Variant.sku, Stock.place, Stock.quantity, moved)
        .join(Variant, Variant.id == Stock.variant_id)
        .where(Stock.quantity != moved)
        .order_by(Stock.variant_id, Stock.place)
        .limit(limit)
    )
    return [(sku, place, there, due) for sku, place, there, due in session.execute(query)]


def _of_variants(answer: Select[int]) -> Select[int]:
    return answer.where(Variant.product_id == Product.id, Variant.is_active).correlate(Product)


_sellable = (
    _of_variants(select(Variant.id))
    .outerjoin(Stock, (Stock.variant_id == Variant.id) & (Stock.place == SHOP_PLACE))
    .where(or_(Variant.stock_policy == StockPolicy.ON_ORDER, Stock.quantity > 0))
    .exists()
)
_is_visible = (Product.state == ProductState.LIVE) & (
    select(Seller.id)
    .where(Seller.id == Product.seller_id, Seller.state == SellerState.ACTIVE)
    .correlate(Product)
    .exists()
)
_was_amount: ScalarSelect[int | None] = (
    _of_variants(select(Variant.was_amount))
    .order_by(Variant.price_amount, Variant.position, Variant.id)
    .limit(1)
    .scalar_subquery()
)
_picture_key = (
    select(Picture.key)
    .where(Picture.product_id == Product.id)
    .correlate(Product)
    .order_by(Picture.position, Picture.id)
    .limit(1)
    .scalar_subquery()
)

TRUTHS: dict[str, ColumnElement[Any]] = {
    "is_visible": _is_visible,
    "has_stock": _sellable,
    "from_amount": func.coalesce(
        _of_variants(select(func.min(Variant.price_amount))).scalar_subquery(),
        Product.from_amount,
    ),
    "to_amount": func.coalesce(
        _of_variants(select(func.max(Variant.price_amount))).scalar_subquery(), Product.to_amount
    ),
    "was_amount": _was_amount,
    "is_scheduled": _of_variants(select(Variant.id))
    .where(Variant.stock_policy == StockPolicy.ON_ORDER)
    .exists(),
    "picture_key": _picture_key,
}
"""What each kept column must be."""
