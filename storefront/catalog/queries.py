"""Reads of the catalogue: bounded, the same number of statements however many rows, plain values.

A page's ids come first, from an index alone; its few rows are then looked up.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, func, literal, select
from sqlalchemy.orm import Session

from storefront.catalog.cards import ProductCard, cards
from storefront.catalog.facets import Facets, category_tree, find_facets
from storefront.catalog.filters import (
    CatalogFilter,
    NamedSlug,
    Sort,
    Understood,
    among,
    conditions,
    understand,
)
from storefront.catalog.models import (
    SHOP_PLACE,
    Category,
    Product,
    ProductId,
    Stock,
    StockPolicy,
    Variant,
    VariantId,
)
from storefront.catalog.product_page import ProductPage, find_product
from storefront.catalog.search import corrected, terms_of
from storefront.core.paging import LAST_PAGE, PAGE_SIZE, Page
from storefront.core.remember import Remember, asked_now
from storefront.sellers.models import Seller, SellerId, SellerState

__all__ = [  # the reads that other rooms call, wherever in this one they stand
    "CatalogFilter",
    "CatalogPage",
    "Facets",
    "NamedSlug",
    "Offer",
    "ProductCard",
    "ProductPage",
    "Sort",
    "cards",
    "category_tree",
    "find_facets",
    "find_offers",
    "find_product",
    "list_products",
]

MOST_STATEMENTS = 500
MOST_COUNTED = 10_000
"""Above it a list says "more than": nobody reads the difference, and everybody would wait."""


@dataclass(frozen=True)
class CatalogPage(Page[ProductCard]):
    """A page of cards, and how the question was understood."""

    asked: Understood = field(default_factory=Understood)
    corrected: str | None = None
    """The question as it was put right, when what was typed found nothing."""


@dataclass(frozen=True)
class Offer:
    """What a variant is sold for now, with all that a cart and a checkout ask."""

    variant_id: VariantId
    product_id: ProductId
    product_name: str
    product_slug: str
    variant_name: str
    sku: str
    unit: str
    price_amount: int
    stock: int
    stock_policy: StockPolicy
    lead_days: int
    daily_capacity: int | None
    seller_id: SellerId
    seller_slug: str
    seller_name: str
    district: str
    is_for_sale: bool
    """Variant active, product live, shop active: read now, not remembered."""
    picture_key: str | None
    category_path: str
    is_halal: bool


for_sale = Variant.is_active & Product.is_visible & (Seller.state == SellerState.ACTIVE)
_OFFERS = (
    select(
        Variant.id.label("variant_id"),
        Product.id.label("product_id"),
        Product.name.label("product_name"),
        Product.slug.label("product_slug"),
        Variant.name.label("variant_name"),
        Variant.sku,
        Product.unit,
        Variant.price_amount,
        func.coalesce(Stock.quantity, 0).label("stock"),
        Variant.stock_policy,
        Variant.lead_days,
        Variant.daily_capacity,
        Seller.id.label("seller_id"),
        Seller.slug.label("seller_slug"),
        Seller.name.label("seller_name"),
        Seller.district,
        for_sale.label("is_for_sale"),
        Product.picture_key,
        Category.path.label("category_path"),
        Product.is_halal,
    )
    .join(Product, Product.id == Variant.product_id)
    .join(Seller, Seller.id == Product.seller_id)
    .join(Category, Category.id == Product.category_id)
    .outerjoin(Stock, (Stock.variant_id == Variant.id) & (Stock.place == SHOP_PLACE))
    .where(Variant.id.in_(bindparam("ids", expanding=True)))
    .order_by(Variant.id)
)


def list_products(
    session: Session, wanted: CatalogFilter, *, today: date, remember: Remember = asked_now
) -> CatalogPage:
    """One page of products. Unknown names in the filter are as if they were not there.

    A search that finds nothing is tried once more with its unknown words put right. How many there
    are in all `remember` may know from a moment ago.
    """
    asked = understand(session, wanted)
    better = None
    ids, total = _page_ids(session, wanted, asked, remember)
    if not ids and asked.terms and wanted.page == 1:
        better = corrected(session, wanted.q)
        if better is not None:
            asked = replace(asked, terms=terms_of(better))
            ids, total = _page_ids(session, wanted, asked, remember)
    return CatalogPage(
        rows=cards(session, ids[:PAGE_SIZE], today=today),
        number=wanted.page,
        has_next=len(ids) > PAGE_SIZE and wanted.page < LAST_PAGE,
        total=total,
        asked=asked,
        corrected=better if ids else None,
    )


def find_offers(session: Session, variant_ids: Iterable[VariantId]) -> dict[VariantId, Offer]:
    """What each variant is sold for now; an unknown id is not in the answer. One read."""
    ids = sorted(set(variant_ids))
    if not ids:
        return {}
    rows = session.execute(_OFFERS, {"ids": ids}).mappings()
    return {row["variant_id"]: Offer(**row) for row in rows}


def _page_ids(
    session: Session, wanted: CatalogFilter, asked: Understood, remember: Remember
) -> tuple[list[ProductId], int | None]:
    """The ids of a page and the next one's first, and how many there are in all.

    A search has met them all to rank them, and counts them in the same statement; a plain list
    stops at the page's end, and is counted by an index.
    """
    query = _ids_of(asked, wanted.sort)
    found = session.execute(query, {"before": (wanted.page - 1) * PAGE_SIZE}).all()
    ids = [product_id for product_id, _met in found]
    if found and asked.terms:
        return ids, _bounded(found[0][1])
    if len(ids) <= PAGE_SIZE and (ids or wanted.page == 1):
        return ids, _bounded((wanted.page - 1) * PAGE_SIZE + len(ids))
    return ids, remember(("total", asked), lambda: _total(session, asked))


@lru_cache(MOST_STATEMENTS)
def _ids_of(asked: Understood, sort: Sort) -> Select[ProductId, int]:
    """The statement of a question's pages, made once: to make it takes longer than to ask it."""
    rows, by_rank = among(asked, ranked=sort is Sort.RELEVANCE)
    met = func.count().over() if asked.terms else literal(0)
    return (
        select(Product.id, met)
        .select_from(rows)
        .where(*conditions(asked))
        .order_by(*_order(sort, by_rank))
        .limit(PAGE_SIZE + 1)
        .offset(bindparam("before"))
    )


def _total(session: Session, asked: Understood) -> int | None:
    some = (
        select(literal(1))
        .select_from(among(asked).rows)
        .where(*conditions(asked))
        .limit(MOST_COUNTED + 1)
        .subquery()
    )
    return _bounded(session.scalars(select(func.count()).select_from(some)).one())


def _bounded(total: int) -> int | None:
    return None if total > MOST_COUNTED else total


def _order(sort: Sort, by_rank: ColumnElement[float] | None) -> tuple[ColumnElement[Any], ...]:
    """Ends with the id, in the direction of the index, so that no product is on two pages."""
    if sort is Sort.PRICE:
        return Product.from_amount.asc(), Product.id.asc()
    if sort is Sort.PRICE_DESC:
        return Product.from_amount.desc(), Product.id.desc()
    if sort is Sort.POPULAR:
        return Product.sold_count.desc(), Product.id.desc()
    if by_rank is not None:
        return by_rank.asc(), Product.id.desc()
    return Product.listed_at.desc(), Product.id.desc()
