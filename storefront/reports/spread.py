"""To whom an agency's official money went, and for which goods: read from sums that are kept."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storefront.catalog.models import Category
from storefront.quota.models import Amounts, total
from storefront.quota.rules import Rule
from storefront.reports.models import UNKNOWN_SELLER, CategorySum, SellerSum, SpreadMark
from storefront.sellers.models import Seller, SellerClass

ROWS_SHOWN = 100

Sum = type[CategorySum] | type[SellerSum]


@dataclass(frozen=True)
class PartFigure:
    """What went to one part: a category, a district. Its name is empty where nobody knows it."""

    key: str
    name: str
    amounts: Amounts
    """Of the classes that count."""
    seller_ids: tuple[int, ...] = ()
    """Who they are, where the part is of sellers; `UNKNOWN_SELLER` where no order stands behind."""

    @property
    def sellers(self) -> int:
        return len(self.seller_ids)

    @property
    def place(self) -> str:
        """A district with its sellers, as the address of its explanation says it."""
        return f"{self.key}~{'.'.join(map(str, sorted(self.seller_ids)))}"


@dataclass(frozen=True)
class Spread:
    """Where an agency's counted money went, and the ledger position that this was read up to."""

    by_category: tuple[PartFigure, ...]
    by_district: tuple[PartFigure, ...]
    position: int


def spread_of(session: Session, codes: Collection[str], year: int, rule: Rule) -> Spread:
    """Where the counted money of some agencies went in a fiscal year. Three queries."""
    return Spread(
        by_category=_by_category(session, codes, year, rule),
        by_district=_by_district(session, codes, year, rule),
        position=session.scalars(select(SpreadMark.position)).one(),
    )


def _by_category(
    session: Session, codes: Collection[str], year: int, rule: Rule
) -> tuple[PartFigure, ...]:
    query = (
        select(
            CategorySum.category,
            Category.name,
            func.sum(CategorySum.committed_amount),
            func.sum(CategorySum.realised_amount),
        )
        .outerjoin(Category, Category.slug == CategorySum.category)
        .where(*_of(CategorySum, codes, year), CategorySum.seller_class.in_(rule.seller_classes))
        .group_by(CategorySum.category, Category.name)
    )
    return _ranked(
        PartFigure(key, name or "", Amounts(int(committed), int(realised)))
        for key, name, committed, realised in session.execute(query)
    )


def _by_district(
    session: Session, codes: Collection[str], year: int, rule: Rule
) -> tuple[PartFigure, ...]:
    """By where the sellers are today: a shop that moves takes its past along."""
    query = (
        select(
            Seller.district,
            SellerSum.seller_id,
            func.sum(SellerSum.committed_amount),
            func.sum(SellerSum.realised_amount),
        )
        .outerjoin(Seller, Seller.id == SellerSum.seller_id)
        .where(*_of(SellerSum, codes, year), SellerSum.seller_class.in_(rule.seller_classes))
        .group_by(Seller.district, SellerSum.seller_id)
        .order_by(SellerSum.seller_id)
    )
    sellers: defaultdict[str, list[int]] = defaultdict(list)
    sums: defaultdict[str, Amounts] = defaultdict(Amounts)
    for district, seller_id, committed, realised in session.execute(query):
        sellers[district or ""].append(seller_id)
        sums[district or ""] += Amounts(int(committed), int(realised))
    return _ranked(
        PartFigure(district, district, sums[district], tuple(sellers[district]))
        for district in sellers
    )


def sellers_by_class(session: Session, codes: Collection[str], year: int) -> dict[SellerClass, int]:
    """How many sellers of each class have something committed or realised. One query."""
    something = (SellerSum.committed_amount != 0) | (SellerSum.realised_amount != 0)
    query = (
        select(SellerSum.seller_class, func.count(SellerSum.seller_id.distinct()))
        .where(*_of(SellerSum, codes, year), SellerSum.seller_id != UNKNOWN_SELLER, something)
        .group_by(SellerSum.seller_class)
    )
    return dict(session.execute(query).all())


def _of(table: Sum, codes: Collection[str], year: int) -> tuple[Any, ...]:
    return table.agency_code.in_(codes), table.fiscal_year == year


def _ranked(found: Iterable[PartFigure]) -> tuple[PartFigure, ...]:
    """The most realised first; what came to nothing is left out."""
    kept = [part for part in found if part.amounts]
    ranked = sorted(kept, key=lambda p: (-p.amounts.realised, -p.amounts.committed, p.key))
    return tuple(ranked[:ROWS_SHOWN])


def counted(parts: Iterable[PartFigure]) -> Amounts:
    """What the parts make together: the agency's counted figure."""
    return total(part.amounts for part in parts)
