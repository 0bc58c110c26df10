"""What of each entry belongs to one kind of goods, and which sellers a figure is made of.

The pages read sums that were folded (`folding.py`); here the same division is made again from the
entries themselves up to a position, so that an address shows the same for ever. That reads all
entries of the agencies and the year once, in one query.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from storefront.catalog.models import Category
from storefront.orders.models import Order
from storefront.quota.models import Amounts, LedgerEntry, LogLine, QuotaAccount
from storefront.reports.explained_entries import joined
from storefront.reports.folding import NOTHING_KNOWN, goods_of, shares_of
from storefront.reports.models import CategorySum, SellerSum, SpreadMark
from storefront.sellers.models import SellerClass

MOST_SELLERS = 500


@dataclass(frozen=True)
class Divided:
    """Entries divided among root categories."""

    shares: Mapping[int, Amounts]
    """What of each entry belongs to the category asked for, by position; nothing: left out."""
    by_category: Mapping[str, Amounts]
    """What each category got of all of them."""


@dataclass(frozen=True, kw_only=True)
class SellerPart:
    """What a figure holds of one seller, by the name on its orders. Whole rupiah."""

    seller_class: SellerClass
    seller_id: int
    name: str
    orders: int
    amounts: Amounts


def divide(session: Session, conditions: Collection[ColumnElement[bool]], category: str) -> Divided:
    """Divide the entries among their orders' categories, as `folding.fold` did. Two queries.

    Per account and order the sum so far is divided by largest remainder; an entry's share is what
    its new sum divides into less what the old one did. So the shares make the whole to the rupiah.
    """
    references = joined(LedgerEntry.reference).where(*conditions)
    goods = goods_of(session, references)
    query = (
        joined(
            LogLine.position,
            LedgerEntry.account_id,
            LedgerEntry.reference,
            LedgerEntry.committed_change,
            LedgerEntry.realised_change,
        )
        .where(*conditions)
        .order_by(LogLine.position)
    )
    sums: defaultdict[tuple[int, str], Amounts] = defaultdict(Amounts)
    shares: dict[int, Amounts] = {}
    for row in session.execute(query):
        key = row.account_id, row.reference
        weights = goods.get(row.reference, NOTHING_KNOWN).weights
        before = sums[key]
        sums[key] = before + Amounts(row.committed_change, row.realised_change)
        if category in weights:
            old, new = (shares_of(amounts, weights)[category] for amounts in (before, sums[key]))
            if new - old:
                shares[row.position] = new - old
    by_category: defaultdict[str, Amounts] = defaultdict(Amounts)
    for (_, reference), amounts in sums.items():
        weights = goods.get(reference, NOTHING_KNOWN).weights
        for slug, part in shares_of(amounts, weights).items():
            by_category[slug] += part
    return Divided(shares, dict(by_category))


def kept_sum(
    session: Session,
    table: type[CategorySum] | type[SellerSum],
    part: ColumnElement[bool],
    *,
    year: int,
    codes: Collection[str],
    classes: Collection[SellerClass],
    position: int,
) -> Amounts | None:
    """What the quota page shows of a kind of goods, or of some sellers: a part of a table's rows.

    None where they were not folded to just that position.
    """
    if session.scalar(select(SpreadMark.position)) != position:
        return None
    query = select(
        func.coalesce(func.sum(table.committed_amount), 0),
        func.coalesce(func.sum(table.realised_amount), 0),
    ).where(
        table.agency_code.in_(codes),
        table.fiscal_year == year,
        table.seller_class.in_(classes),
        part,
    )
    committed, realised = session.execute(query).one()
    return Amounts(int(committed), int(realised))


def sellers_behind(
    session: Session, conditions: Collection[ColumnElement[bool]]
) -> tuple[SellerPart, ...]:
    """The sellers with something committed or realised by the entries, most first. One query."""
    committed = func.sum(LedgerEntry.committed_change)
    realised = func.sum(LedgerEntry.realised_change)
    query = (
        joined(
            QuotaAccount.seller_class,
            Order.seller_id,
            func.max(Order.seller_name).label("name"),
            func.count(LedgerEntry.reference.distinct()).label("orders"),
            committed.label("committed"),
            realised.label("realised"),
        )
        .join(Order, Order.number == LedgerEntry.reference)
        .where(*conditions)
        .group_by(QuotaAccount.seller_class, Order.seller_id)
        .having(or_(committed != 0, realised != 0))
        .order_by(realised.desc(), committed.desc(), Order.seller_id, QuotaAccount.seller_class)
        .limit(MOST_SELLERS)
    )
    return tuple(
        SellerPart(
            seller_class=row.seller_class,
            seller_id=row.seller_id,
            name=row.name,
            orders=row.orders,
            amounts=Amounts(int(row.committed), int(row.realised)),
        )
        for row in session.execute(query)
    )


def category_names(session: Session, slugs: Collection[str]) -> dict[str, str]:
    """What root categories are called, by their slugs."""
    query = select(Category.slug, Category.name).where(Category.slug.in_(slugs))
    return dict(session.execute(query).all())
