"""What the front page shows: goods that can leave at once, and one good of each of some shops."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date

from sqlalchemy import ColumnElement, FromClause, ScalarSelect, exists, false, func, select, true
from sqlalchemy.orm import Session

from storefront.catalog.cards import ProductCard, cards
from storefront.catalog.models import Product, ProductId, StockPolicy, Variant
from storefront.sellers.classes import class_of, class_on
from storefront.sellers.models import Seller, SellerClass, SellerId, SellerState

ASKED_FOR_EACH = 4
"""How many shops are looked at for each card: not all of them have something ready."""
SPREAD, CYCLE = 7_919, 10_007
"""Two primes: what they make of a shop's id and the day begins with another shop every day."""


def ready_products(
    session: Session, *, today: date, lead_days: int = 1, limit: int = 5
) -> list[ProductCard]:
    """Goods in stock that reach an office within so many working days, one of each shop.

    Shops take turns: every day others stand in front, so that being shown does not depend on having
    sold (product.md, "Fairness"). Of a shop it is what is bought most. Three reads.
    """
    turn = ((Seller.id + today.toordinal()) * SPREAD) % CYCLE
    in_front = (
        select(Seller.id, turn.label("turn"))
        .where(Seller.state == SellerState.ACTIVE, _has_ready(lead_days))
        .order_by(turn, Seller.id)
        .limit(limit * ASKED_FOR_EACH)
        .subquery()
    )
    best = _best_of(in_front, _is_ready(lead_days))
    query = select(best).select_from(in_front).order_by(in_front.c.turn, in_front.c.id)
    ids = [product_id for product_id in session.scalars(query) if product_id is not None]
    return cards(session, ids[:limit], today=today)


def quiet_shops(
    session: Session, classes: Collection[SellerClass], *, today: date, limit: int = 5
) -> list[SellerId]:
    """Shops to be shown for a Serlok day: those that count, and that were least bought from.

    Of all active shops of these classes with something in stock, the quietest by pieces sold (four
    for each that is shown) take turns by day, so that no shop has to have sold in order to be seen,
    and none stands in front two days running (product.md, "Fairness"). One read, which adds up what
    every product has sold: keep its answer.
    """
    sold = func.sum(Product.sold_count)
    quietest = (
        select(Seller.id)
        .join(Product, Product.seller_id == Seller.id)
        .where(
            Seller.state == SellerState.ACTIVE,
            Seller.is_practice.is_(False),
            Product.is_visible == true(),
            Product.has_stock == true(),
            class_of(Seller.id).in_(classes),
        )
        .group_by(Seller.id)
        .order_by(sold, Seller.id)
        .limit(limit * ASKED_FOR_EACH)
    )
    found = session.scalars(quietest, class_on(today)).all()
    day = today.toordinal()
    turns = sorted(found, key=lambda seller_id: ((seller_id + day) * SPREAD) % CYCLE)
    return turns[:limit]


def best_of_shops(
    session: Session, seller_ids: Sequence[SellerId], *, today: date
) -> list[ProductCard]:
    """What is bought most of each of these shops, in their order. Three reads."""
    if not seller_ids:
        return []
    query = select(Seller.id, _best_of(Seller.__table__, ())).where(Seller.id.in_(seller_ids))
    found = {seller_id: product_id for seller_id, product_id in session.execute(query)}  # noqa: C416
    ids = (found.get(seller_id) for seller_id in seller_ids)
    return cards(session, [each for each in ids if each is not None], today=today)


def _best_of(sellers: FromClause, also: Iterable[ColumnElement[bool]]) -> ScalarSelect[ProductId]:
    return (
        select(Product.id)
        .where(Product.seller_id == sellers.c.id, Product.is_visible == true(), *also)
        .order_by(Product.sold_count.desc(), Product.id.desc())
        .limit(1)
        .correlate(sellers)
        .scalar_subquery()
    )


def _has_ready(lead_days: int) -> ColumnElement[bool]:
    return exists().where(
        Product.seller_id == Seller.id, Product.is_visible == true(), *_is_ready(lead_days)
    )


def _is_ready(lead_days: int) -> tuple[ColumnElement[bool], ...]:
    soon = exists().where(
        Variant.product_id == Product.id,
        Variant.is_active,
        Variant.stock_policy == StockPolicy.COUNTED,
        Variant.lead_days <= lead_days,
    )
    return Product.has_stock == true(), Product.is_scheduled == false(), soon
