"""Keeping the sums by category and seller: each line of the log once, in its order.

A page must not add up orders, so the sums are kept beside the accounts: `fold` takes the next
lines of the log and adds what they change. An order's sum on an account is divided among the root
categories of its lines in proportion to their amounts, by largest remainder; a change is what its
new sum divides into less what the old one did, so that the parts always make the whole.
Personal money is not folded: product.md, "Privacy".
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, func, insert, select, update
from sqlalchemy.orm import Session

from storefront.core.money import share
from storefront.orders.models import Order, OrderLine
from storefront.quota.models import (
    Amounts,
    Fund,
    LedgerEntry,
    LogLine,
    Mark,
    MarkName,
    QuotaAccount,
)
from storefront.reports.breaches import Breach, unlike
from storefront.reports.models import NO_ORDER, UNKNOWN_SELLER, CategorySum, SellerSum, SpreadMark
from storefront.sellers.models import SellerClass

BATCH = 1_000
"""Log lines of one `fold`: some tens of milliseconds, so that no writer waits long."""

Sum = type[CategorySum] | type[SellerSum]


class _Place(NamedTuple):
    """A row of one of the two tables: its class, and its key."""

    table: Sum
    agency_code: str
    fiscal_year: int
    seller_class: SellerClass
    part: str | int


@dataclass(frozen=True)
class Goods:
    """What an order is made of: its seller, and what its root categories weigh."""

    seller_id: int
    weights: Mapping[str, int]


NOTHING_KNOWN = Goods(UNKNOWN_SELLER, {NO_ORDER: 1})


def fold(session: Session) -> int:
    """Add what the next lines of the log change; return how many lines were taken, 0 at the end.

    Call it in a unit of work, until it returns 0. Who is later waits, and finds it done.
    """
    mark = session.get_one(SpreadMark, 1, with_for_update=True, populate_existing=True)
    lines = session.execute(_next_lines(mark.position)).all()
    if not lines:
        return 0
    official = [line for line in lines if line.fund is Fund.OFFICIAL]
    references = {line.reference for line in official}
    goods = goods_of(session, references)
    sums = _sums_up_to(session, references, mark.position)
    changes: defaultdict[_Place, Amounts] = defaultdict(Amounts)
    for line in official:
        before = sums[line.account_id, line.reference]
        after = before + Amounts(line.committed_change, line.realised_change)
        sums[line.account_id, line.reference] = after
        for place, change in _divided(line, goods, before, after):
            changes[place] += change
    for place in sorted(filter(changes.get, changes), key=_order):
        _add(session, place, changes[place])
    mark.position += len(lines)
    session.flush()
    return len(lines)


def is_behind(session: Session) -> bool:
    """Whether the log holds lines that were not folded yet.

    By the two marks: asked for a line beyond, PostgreSQL read the whole log to find that none is.
    """
    beyond = select(Mark.value).join(SpreadMark, Mark.value > SpreadMark.position)
    return session.scalar(beyond.where(Mark.name == MarkName.LOG_SIZE)) is not None


def fold_breaches(session: Session) -> Iterator[Breach]:
    """Accounts whose sums by category or seller are not what was folded of their entries."""
    mark = session.scalars(select(SpreadMark.position)).one()
    key = (QuotaAccount.agency_code, QuotaAccount.fiscal_year, QuotaAccount.seller_class)
    entries = (
        select(
            *key,
            func.sum(LedgerEntry.committed_change),
            func.sum(LedgerEntry.realised_change),
        )
        .join(LedgerEntry, LedgerEntry.account_id == QuotaAccount.id)
        .join(LogLine, LogLine.entry_id == LedgerEntry.id)
        .where(QuotaAccount.fund == Fund.OFFICIAL, LogLine.position <= mark)
        .group_by(*key)
    )
    due = _by_account(session, entries)
    for table in (CategorySum, SellerSum):
        kept = _by_account(
            session,
            select(
                table.agency_code,
                table.fiscal_year,
                table.seller_class,
                func.sum(table.committed_amount),
                func.sum(table.realised_amount),
            ).group_by(table.agency_code, table.fiscal_year, table.seller_class),
        )
        for account in sorted(due.keys() | kept.keys()):
            code, year, seller_class = account
            where = f"{table.__tablename__}, {code} {year} {seller_class.value}"
            yield from unlike(where, kept.get(account, Amounts()), due.get(account, Amounts()))


def _by_account(
    session: Session, query: Select[*tuple[Any, ...]]
) -> dict[tuple[str, int, SellerClass], Amounts]:
    return {
        (code, year, seller_class): Amounts(int(committed), int(realised))
        for code, year, seller_class, committed, realised in session.execute(query)
    }


def _next_lines(position: int) -> Select[*tuple[Any, ...]]:
    return (
        select(
            LedgerEntry.account_id,
            LedgerEntry.reference,
            LedgerEntry.committed_change,
            LedgerEntry.realised_change,
            QuotaAccount.agency_code,
            QuotaAccount.fiscal_year,
            QuotaAccount.fund,
            QuotaAccount.seller_class,
        )
        .join(LogLine, LogLine.entry_id == LedgerEntry.id)
        .join(QuotaAccount, QuotaAccount.id == LedgerEntry.account_id)
        .where(LogLine.position > position)
        .order_by(LogLine.position)
        .limit(BATCH)
    )


def goods_of(
    session: Session, references: Collection[str] | Select[tuple[str]]
) -> dict[str, Goods]:
    """What these orders are made of, by number: named one by one, or by a select of numbers."""
    query = (
        select(Order.number, Order.seller_id, OrderLine.category_path, OrderLine.line_amount)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .where(Order.number.in_(references))
        .order_by(Order.number, OrderLine.position)
    )
    sellers: dict[str, int] = {}
    weights: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for number, seller_id, path, amount in session.execute(query):
        sellers[number] = seller_id
        weights[number][path.split("/", 1)[0]] += amount
    return {number: Goods(sellers[number], weights[number]) for number in sellers}


def _sums_up_to(
    session: Session, references: Collection[str], position: int
) -> defaultdict[tuple[int, str], Amounts]:
    """What each order's entries up to a position sum to on each account."""
    query = (
        select(
            LedgerEntry.account_id,
            LedgerEntry.reference,
            func.sum(LedgerEntry.committed_change),
            func.sum(LedgerEntry.realised_change),
        )
        .join(LogLine, LogLine.entry_id == LedgerEntry.id)
        .where(LedgerEntry.reference.in_(references), LogLine.position <= position)
        .group_by(LedgerEntry.account_id, LedgerEntry.reference)
    )
    sums: defaultdict[tuple[int, str], Amounts] = defaultdict(Amounts)
    for account_id, reference, committed, realised in session.execute(query):
        sums[account_id, reference] = Amounts(int(committed), int(realised))
    return sums


def _divided(
    line: Row[Any], goods: Mapping[str, Goods], before: Amounts, after: Amounts
) -> Iterator[tuple[_Place, Amounts]]:
    made_of = goods.get(line.reference, NOTHING_KNOWN)
    account = (line.agency_code, line.fiscal_year, line.seller_class)
    yield _Place(SellerSum, *account, made_of.seller_id), after - before
    old, new = shares_of(before, made_of.weights), shares_of(after, made_of.weights)
    for category in made_of.weights:
        yield _Place(CategorySum, *account, category), new[category] - old[category]


def shares_of(amounts: Amounts, weights: Mapping[str, int]) -> dict[str, Amounts]:
    """What of an order's sums belongs to each root category: the parts make the whole."""
    committed = parts_of(amounts.committed, list(weights.values()))
    realised = parts_of(amounts.realised, list(weights.values()))
    return {
        category: Amounts(*both)
        for category, *both in zip(weights, committed, realised, strict=True)
    }


def parts_of(amount: int, weights: list[int]) -> list[int]:
    parts = share(abs(amount), weights)
    return parts if amount >= 0 else [-part for part in parts]


def _order(place: _Place) -> tuple[str, str, int, str, str]:
    table, code, year, seller_class, part = place
    return table.__tablename__, code, year, seller_class.value, str(part)


def _add(session: Session, place: _Place, change: Amounts) -> None:
    table, code, year, seller_class, part = place
    key = {
        "agency_code": code,
        "fiscal_year": year,
        "seller_class": seller_class,
        "category" if table is CategorySum else "seller_id": part,
    }
    changed = session.scalar(
        update(table)
        .filter_by(**key)
        .values(
            committed_amount=table.committed_amount + change.committed,
            realised_amount=table.realised_amount + change.realised,
        )
        .returning(table.fiscal_year)
        .execution_options(synchronize_session=False)
    )
    if changed is None:
        amounts = {"committed_amount": change.committed, "realised_amount": change.realised}
        session.execute(insert(table).values(**key, **amounts))
