"""Goods of a shop that run out, so that it can make or buy more in time."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storefront.catalog.models import (
    SHOP_PLACE,
    Product,
    ProductId,
    ProductState,
    Stock,
    StockPolicy,
    Variant,
)
from storefront.sellers.models import SellerId

LOW = 5
MOST_SHOWN = 8


@dataclass(frozen=True)
class LowRow:
    """A variant on sale of which few pieces are left, or none."""

    product_id: ProductId
    name: str
    variant_name: str
    unit: str
    picture_key: str | None
    stock: int


def list_low(session: Session, seller_id: SellerId) -> list[LowRow]:
    """The first of the shop's counted variants with `LOW` pieces or fewer. One query."""
    left = func.coalesce(Stock.quantity, 0)
    query = (
        select(
            Product.id.label("product_id"),
            Product.name,
            Variant.name.label("variant_name"),
            Product.unit,
            Product.picture_key,
            left.label("stock"),
        )
        .join(Product, Product.id == Variant.product_id)
        .outerjoin(Stock, (Stock.variant_id == Variant.id) & (Stock.place == SHOP_PLACE))
        .where(
            Product.seller_id == seller_id,
            Product.state == ProductState.LIVE,
            Variant.is_active,
            Variant.stock_policy == StockPolicy.COUNTED,
            left <= LOW,
        )
        .order_by(left, Variant.id)
        .limit(MOST_SHOWN)
    )
    return [LowRow(**row) for row in session.execute(query).mappings()]
