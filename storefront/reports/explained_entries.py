"""The entries behind a figure: which they are, what they come to, and the lines of their orders."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from storefront.orders.models import Order, OrderLine
from storefront.quota.models import (
    Amounts,
    EntryKind,
    Fund,
    LedgerEntry,
    LogLine,
    QuotaAccount,
)
from storefront.reports.explained_figures import (
    MONTH,
    OF_BOTH,
    OF_CATEGORIES,
    OF_COMMITTED,
    OF_DISTRICTS,
    Figure,
    Question,
    read_district,
)
from storefront.reports.models import UNKNOWN_SELLER
from storefront.reports.moments import Moment, counts_by
from storefront.reports.sums import corrected_orders, official
from storefront.sellers.models import SellerClass

PAGE = 50


@dataclass(frozen=True, kw_only=True)
class ExplainedEntry:
    """An entry that makes a figure. Amounts are signed rupiah."""

    position: int
    agency_code: str
    seller_class: SellerClass
    kind: EntryKind
    committed_change: int
    realised_change: int
    reference: str
    occurred_on: date
    period: str
    recorded_at: datetime
    rule_version: int

    @property
    def is_of_an_order(self) -> bool:
        """Else it stands under a document's number."""
        return self.kind is not EntryKind.ADJUST


@dataclass(frozen=True, kw_only=True)
class ExplainedLine:
    """What an order was for, as it was called and priced when it was placed. Whole rupiah."""

    product_name: str
    variant_name: str
    quantity: int
    unit: str
    line_amount: int
    category: str
    """The slug of its root category."""


@dataclass(frozen=True, kw_only=True)
class ExplainedOrder:
    """An order behind an entry: whose it is, its seller then, and its lines."""

    agency_code: str
    """The agency that placed it; its entries may have been moved to another's account."""
    seller_name: str
    lines: tuple[ExplainedLine, ...]


def entries_of(
    question: Question,
    *,
    year: int,
    codes: Collection[str],
    at: Moment,
    classes: Collection[SellerClass],
) -> list[ColumnElement[bool]]:
    """Of an entry joined with its account and its line of the log, that it makes the figure."""
    accounts = (*official(year, codes), QuotaAccount.seller_class.in_(classes))
    conditions = [*accounts, *counts_by(at)]
    figure, part = question.figure, question.part
    if figure in OF_COMMITTED and figure not in OF_CATEGORIES:
        conditions.append(LedgerEntry.committed_change != 0)
    elif figure not in OF_BOTH | OF_CATEGORIES:
        conditions.append(LedgerEntry.realised_change != 0)
    if figure in OF_DISTRICTS:
        conditions.append(_of_sellers(read_district(part)[1]))
    match figure:
        case Figure.OF_MONTH:
            conditions.append(LedgerEntry.period == part)
        case Figure.UP_TO_MONTH:
            conditions.append(LedgerEntry.period <= part)
        case Figure.LAST_YEAR_UNTIL if part < f"{year}-12":
            conditions.append(LedgerEntry.period <= part)
        case Figure.OFF_PLATFORM:
            conditions.append(LedgerEntry.kind == EntryKind.ADJUST)
            if MONTH.fullmatch(part):
                conditions.append(LedgerEntry.period == part)
        case Figure.CORRECTION:
            taking = corrected_orders(at, *accounts)
            of_it = select(taking.c.reference).where(
                taking.c.account_id == LedgerEntry.account_id,
                taking.c.reference == LedgerEntry.reference,
            )
            conditions.append(of_it.exists())
    return conditions


def page_of(
    session: Session, conditions: Collection[ColumnElement[bool]], after: int
) -> tuple[tuple[ExplainedEntry, ...], int | None]:
    """Entries behind a position, oldest first, and where the next page begins. One query."""
    query = (
        joined(
            LogLine.position,
            QuotaAccount.agency_code,
            QuotaAccount.seller_class,
            LedgerEntry.kind,
            LedgerEntry.committed_change,
            LedgerEntry.realised_change,
            LedgerEntry.reference,
            LedgerEntry.occurred_on,
            LedgerEntry.period,
            LedgerEntry.recorded_at,
            LedgerEntry.rule_version,
        )
        .where(*conditions, LogLine.position > after)
        .order_by(LogLine.position)
        .limit(PAGE + 1)
    )
    rows = [ExplainedEntry(**row._asdict()) for row in session.execute(query)]
    more = len(rows) > PAGE
    return tuple(rows[:PAGE]), rows[PAGE - 1].position if more else None


def summed(session: Session, conditions: Collection[ColumnElement[bool]]) -> tuple[int, Amounts]:
    """How many entries there are, and what they all come to. One query."""
    query = joined(
        func.count(),
        func.coalesce(func.sum(LedgerEntry.committed_change), 0),
        func.coalesce(func.sum(LedgerEntry.realised_change), 0),
    ).where(*conditions)
    entries, committed, realised = session.execute(query).one()
    return int(entries), Amounts(int(committed), int(realised))


def orders_behind(session: Session, rows: Collection[ExplainedEntry]) -> dict[str, ExplainedOrder]:
    """The orders of a page of entries with their lines, by number. One query for all of them."""
    numbers = {row.reference for row in rows if row.is_of_an_order}
    if not numbers:
        return {}
    query = (
        select(
            Order.number,
            Order.agency_code,
            Order.seller_name,
            OrderLine.product_name,
            OrderLine.variant_name,
            OrderLine.quantity,
            OrderLine.unit,
            OrderLine.line_amount,
            OrderLine.category_path,
        )
        .join(OrderLine, OrderLine.order_id == Order.id)
        .where(Order.number.in_(numbers), Order.fund == Fund.OFFICIAL)
        .order_by(Order.number, OrderLine.position)
    )
    lines: defaultdict[str, list[ExplainedLine]] = defaultdict(list)
    heads: dict[str, tuple[str, str]] = {}
    for row in session.execute(query):
        heads[row.number] = row.agency_code, row.seller_name
        lines[row.number].append(
            ExplainedLine(
                product_name=row.product_name,
                variant_name=row.variant_name,
                quantity=row.quantity,
                unit=row.unit,
                line_amount=row.line_amount,
                category=row.category_path.split("/", 1)[0],
            )
        )
    return {
        number: ExplainedOrder(agency_code=code, seller_name=name, lines=tuple(lines[number]))
        for number, (code, name) in heads.items()
    }


def joined(*columns: Any) -> Select[*tuple[Any, ...]]:
    """Columns of entries, their accounts and their lines of the log."""
    return (
        select(*columns)
        .select_from(QuotaAccount)
        .join(LedgerEntry, LedgerEntry.account_id == QuotaAccount.id)
        .join(LogLine, LogLine.entry_id == LedgerEntry.id)
    )


def _of_sellers(seller_ids: Collection[int]) -> ColumnElement[bool]:
    """That an entry is of an order of these sellers; or of no order, for the unknown one."""
    own = aliased(Order)  # the query around it may be of orders too
    its_order = select(own.id).where(own.number == LedgerEntry.reference)
    theirs = its_order.where(own.seller_id.in_(seller_ids)).exists()
    return or_(theirs, ~its_order.exists()) if UNKNOWN_SELLER in seller_ids else theirs
