"""What the catalogue ranks by: counters that orders move."""

from collections.abc import Mapping

from sqlalchemy import case, select, update
from sqlalchemy.orm import Session

from storefront.catalog.models import Product, ProductId, Variant, VariantId
from storefront.catalog.upkeep import lock_products


def record_sales(session: Session, quantities: Mapping[VariantId, int]) -> None:
    """Add pieces sold to what their products have sold in all; less than nought: pieces returned.

    The counter says how popular a product is, no more: it never falls below nought, and no figure
    of money rests on it. Products are locked last, in the order of their ids (`stock.py`).
    """
    of_variants = select(Variant.id, Variant.product_id).where(Variant.id.in_(list(quantities)))
    sold: dict[ProductId, int] = {}
    for variant_id, product_id in session.execute(of_variants):
        sold[product_id] = sold.get(product_id, 0) + quantities[variant_id]
    for product_id in lock_products(session, sold):
        after = Product.sold_count + sold[product_id]
        session.execute(
            update(Product)
            .where(Product.id == product_id)
            .values(sold_count=case((after < 0, 0), else_=after))
        )
