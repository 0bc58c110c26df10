"""What a shop sells: by month, and by product. Goods only, in rupiah, less what came back.

A sale belongs to the month in which the seller heard of it: approved by the agency, or paid.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from storefront.catalog.models import Product, ProductId, ProductState, Variant
from storefront.core.permissions import Action, Actor, require, shop_scope
from storefront.orders.models import Order, OrderLine, OrderStatus
from storefront.orders.month_buckets import month_of_instant, within
from storefront.quota.models import Fund
from storefront.sellers.models import SellerId

STANDS = (OrderStatus.APPROVED, OrderStatus.PLACED, OrderStatus.COMPLETED)
MOST_PRODUCTS = 50

reached_seller = func.coalesce(Order.approved_at, Order.paid_at)
pieces_sold = OrderLine.quantity - OrderLine.cancelled_quantity - OrderLine.returned_quantity
amount_sold = pieces_sold * OrderLine.unit_price_amount


@dataclass(frozen=True)
class SalesMonth:
    """A month (YYYY-MM) of a shop. `official_amount` is the part that agencies' money paid for."""

    month: str
    orders: int
    pieces: int
    amount: int
    official_amount: int


@dataclass(frozen=True)
class ProductSales:
    """What was sold of one product, under its name of now."""

    product_id: ProductId
    name: str
    unit: str
    picture_key: str | None
    state: ProductState
    orders: int
    pieces: int
    amount: int


def sales_by_month(
    session: Session, actor: Actor, seller_id: SellerId, *, months: Sequence[str]
) -> list[SalesMonth]:
    """Every one of the consecutive months, also those without a sale. One query.

    Raises `NotAllowed`.
    """
    require(actor, Action.MANAGE_SHOP, shop_scope(seller_id))
    month = month_of_instant(reached_seller, months).label("month")
    of_official = case((Order.fund == Fund.OFFICIAL, amount_sold), else_=0)
    query = (
        select(
            month,
            func.count(Order.id.distinct()),
            func.sum(pieces_sold),
            func.sum(amount_sold),
            func.sum(of_official),
        )
        .join(Order, Order.id == OrderLine.order_id)
        .where(*_sold_by(seller_id, months))
        .group_by(month)
    )
    found = {
        name: SalesMonth(name, orders, int(pieces), int(amount), int(official))
        for name, orders, pieces, amount, official in session.execute(query)
    }
    return [found.get(name, SalesMonth(name, 0, 0, 0, 0)) for name in months]


def sales_by_product(
    session: Session, actor: Actor, seller_id: SellerId, *, months: Sequence[str]
) -> list[ProductSales]:
    """The products that brought most in the months, `MOST_PRODUCTS` at the most. One query.

    Raises `NotAllowed`.
    """
    require(actor, Action.MANAGE_SHOP, shop_scope(seller_id))
    amount = func.sum(amount_sold).label("amount")
    query = (
        select(
            Product.id.label("product_id"),
            Product.name,
            Product.unit,
            Product.picture_key,
            Product.state,
            func.count(Order.id.distinct()).label("orders"),
            func.sum(pieces_sold).label("pieces"),
            amount,
        )
        .select_from(OrderLine)
        .join(Order, Order.id == OrderLine.order_id)
        .join(Variant, Variant.id == OrderLine.variant_id)
        .join(Product, Product.id == Variant.product_id)
        .where(*_sold_by(seller_id, months))
        .group_by(Product.id, Product.name, Product.unit, Product.picture_key, Product.state)
        .order_by(amount.desc(), Product.id)
        .limit(MOST_PRODUCTS)
    )
    return [
        ProductSales(**row | {"pieces": int(row["pieces"]), "amount": int(row["amount"])})
        for row in (dict(found) for found in session.execute(query).mappings())
    ]


def count_unsold(
    session: Session, actor: Actor, seller_id: SellerId, *, months: Sequence[str]
) -> int:
    """How many products that stand in the shop were not sold in the months. One query.

    Raises `NotAllowed`.
    """
    require(actor, Action.MANAGE_SHOP, shop_scope(seller_id))
    sold = (
        select(Variant.product_id)
        .join(OrderLine, OrderLine.variant_id == Variant.id)
        .join(Order, Order.id == OrderLine.order_id)
        .where(*_sold_by(seller_id, months))
    )
    query = select(func.count()).where(
        Product.seller_id == seller_id,
        Product.state == ProductState.LIVE,
        Product.id.not_in(sold),
    )
    return session.scalars(query).one()


def _sold_by(seller_id: SellerId, months: Sequence[str]) -> tuple[ColumnElement[bool], ...]:
    return (
        Order.seller_id == seller_id,
        Order.status.in_(STANDS),
        within(reached_seller, months),
        pieces_sold > 0,
    )
