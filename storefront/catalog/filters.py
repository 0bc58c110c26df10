"""What a visitor asked to see of the catalogue, and what of it means anything."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Self

from sqlalchemy import ColumnElement, FromClause, false, join, select, true
from sqlalchemy.orm import Session

from storefront.catalog.models import Category, CategoryId, Product
from storefront.catalog.search import Terms, found_by, terms_of
from storefront.core.paging import page_number
from storefront.core.text import clean
from storefront.sellers.models import Seller, SellerId, SellerState

LONGEST_QUESTION = 100
MOST_AMOUNT = 10**12


class Sort(StrEnum):
    RELEVANCE = "relevance"
    NEWEST = "newest"
    PRICE = "price"
    PRICE_DESC = "price_desc"
    POPULAR = "popular"

    @classmethod
    def read(cls, typed: str | None) -> Self:
        """The order of that name; an unknown one is the default."""
        return cls(typed) if typed in set(cls) else cls("relevance")


@dataclass(frozen=True, kw_only=True)
class CatalogFilter:
    """The question as the address carries it. What is out of bounds is the nearest that is not."""

    q: str = ""
    category: str = ""
    """A slug; what lies below it is included."""
    seller: str = ""
    district: str = ""
    min_price: int | None = None
    max_price: int | None = None
    in_stock: bool = False
    sort: Sort = Sort.RELEVANCE
    page: int = 1

    def __post_init__(self) -> None:
        low, high = _amount(self.min_price), _amount(self.max_price)
        if low is not None and high is not None and low > high:
            low, high = high, low
        kept = {
            "q": clean(self.q)[:LONGEST_QUESTION].strip(),
            "category": clean(self.category),
            "seller": clean(self.seller),
            "district": clean(self.district),
            "min_price": low,
            "max_price": high,
            "page": page_number(self.page),
        }
        for name, value in kept.items():
            object.__setattr__(self, name, value)


@dataclass(frozen=True)
class NamedSlug:
    """Something with a page of its own, as a filter's chip or a breadcrumb shows it."""

    slug: str
    name: str


@dataclass(frozen=True)
class Understood:
    """A filter's parts that mean something here; the others are as if they were not there."""

    terms: Terms | None = None
    """None: nothing was searched for."""
    category: NamedSlug | None = None
    category_ids: tuple[CategoryId, ...] = ()
    seller: NamedSlug | None = None
    seller_id: SellerId | None = None
    district: str = ""
    min_price: int | None = None
    max_price: int | None = None
    in_stock: bool = False


class Among(NamedTuple):
    """A FROM, and where it is a search's the rank to order by, the smaller the better."""

    rows: FromClause
    rank: ColumnElement[float] | None


def understand(session: Session, wanted: CatalogFilter) -> Understood:
    """Look up what the filter names: one read for each of category, seller and district asked."""
    category, category_ids = _category(session, wanted.category)
    seller, seller_id = _seller(session, wanted.seller)
    return Understood(
        terms=terms_of(wanted.q) if wanted.q else None,
        category=category,
        category_ids=category_ids,
        seller=seller,
        seller_id=seller_id,
        district=_district(session, wanted.district),
        min_price=wanted.min_price,
        max_price=wanted.max_price,
        in_stock=wanted.in_stock,
    )


def conditions(
    asked: Understood, *, any_category: bool = False, any_district: bool = False
) -> Iterator[ColumnElement[bool]]:
    """What a product of `among` must be, but for the category or district that a page counts.

    A search for what holds no letter and no digit finds nothing.
    """
    yield Product.is_visible == true()
    if asked.terms == ():
        yield false()
    if asked.category and not any_category:
        yield Product.category_id.in_(asked.category_ids)
    if asked.seller_id is not None:
        yield Product.seller_id == asked.seller_id
    if asked.district and not any_district:
        yield Product.seller_id.in_(select(Seller.id).where(Seller.district == asked.district))
    if asked.min_price is not None:
        yield Product.from_amount >= asked.min_price
    if asked.max_price is not None:
        yield Product.from_amount <= asked.max_price
    if asked.in_stock:
        yield Product.has_stock == true()


def among(asked: Understood, *, ranked: bool = False) -> Among:
    """What to select from so that the conditions can be asked, and how well each row fits."""
    products = Product.__table__
    if not asked.terms:
        return Among(products, None)
    found = found_by(asked.terms, ranked=ranked)
    return Among(
        join(found, products, found.c.rowid == Product.id), found.c.rank if ranked else None
    )


def _category(session: Session, slug: str) -> tuple[NamedSlug | None, tuple[CategoryId, ...]]:
    """A category, and the ids of all that lie in it."""
    if not slug:
        return None, ()
    path = select(Category.path).where(Category.slug == slug).scalar_subquery()
    query = (
        select(Category.id, Category.slug, Category.name)
        .where(Category.path.startswith(path))  # paths are made of slugs: no wildcard in them
        .order_by(Category.path)
    )
    rows = session.execute(query).all()
    if not rows:
        return None, ()
    return NamedSlug(rows[0].slug, rows[0].name), tuple(row.id for row in rows)


def _seller(session: Session, slug: str) -> tuple[NamedSlug | None, SellerId | None]:
    if not slug:
        return None, None
    query = select(Seller.id, Seller.slug, Seller.name).where(
        Seller.slug == slug, Seller.state == SellerState.ACTIVE
    )
    found = session.execute(query).one_or_none()
    return (NamedSlug(found.slug, found.name), found.id) if found else (None, None)


def _district(session: Session, name: str) -> str:
    if not name:
        return ""
    query = select(Seller.district).where(Seller.district == name).limit(1)
    return session.scalar(query) or ""


def _amount(typed: int | None) -> int | None:
    return None if typed is None or typed < 0 else min(typed, MOST_AMOUNT)
