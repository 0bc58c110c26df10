"""Sums of official accounts at a moment. Each is one query, or two in the middle of a past month.

Now, and at a month's end as known now, they are of running sums (`quota/months.py`), so that no
page adds up entries; of a past position only the months that were open then are added up again.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping

from sqlalchemy import ColumnElement, Subquery, func, or_, select
from sqlalchemy.orm import Session

from storefront.orders.models import Order
from storefront.quota.closing_models import QuotaCorrection
from storefront.quota.models import Amounts, EntryKind, Fund, LedgerEntry, LogLine, QuotaAccount
from storefront.reports.moments import Moment, counts_by, movements
from storefront.reports.spread import sellers_by_class
from storefront.sellers.models import SellerClass

ByClassAndMonth = Mapping[tuple[SellerClass, str], Amounts]


def official(year: int, codes: Collection[str] | None = None) -> tuple[ColumnElement[bool], ...]:
    """The conditions on an account: official money of a year; of all agencies, or of some."""
    conditions = (QuotaAccount.fiscal_year == year, QuotaAccount.fund == Fund.OFFICIAL)
    return conditions if codes is None else (*conditions, QuotaAccount.agency_code.in_(codes))


def read_by_agency(
    session: Session, year: int, at: Moment, codes: Collection[str] | None = None
) -> dict[str, dict[SellerClass, Amounts]]:
    """Balances by agency code and class; of all agencies, or of some."""
    balances: defaultdict[str, defaultdict[SellerClass, Amounts]] = defaultdict(
        lambda: defaultdict(Amounts)
    )
    for each in movements(at, *official(year, codes)):
        part = each.subquery()
        query = select(
            part.c.agency_code,
            part.c.seller_class,
            func.sum(part.c.committed),
            func.sum(part.c.realised),
        ).group_by(part.c.agency_code, part.c.seller_class)
        for code, seller_class, committed, realised in session.execute(query):
            balances[code][seller_class] += Amounts(int(committed), int(realised))
    return {code: dict(by_class) for code, by_class in balances.items()}


def read_by_class_and_month(
    session: Session, year: int, at: Moment, codes: Collection[str]
) -> ByClassAndMonth:
    """What agencies' accounts changed together, by class and period."""
    sums: defaultdict[tuple[SellerClass, str], Amounts] = defaultdict(Amounts)
    for each in movements(at, *official(year, codes)):
        part = each.subquery()
        query = select(
            part.c.seller_class,
            part.c.period,
            func.sum(part.c.committed),
            func.sum(part.c.realised),
        ).group_by(part.c.seller_class, part.c.period)
        for seller_class, period, committed, realised in session.execute(query):
            sums[seller_class, period] += Amounts(int(committed), int(realised))
    return dict(sums)


def read_off_platform(
    session: Session, year: int, at: Moment, codes: Collection[str] | None = None
) -> dict[tuple[str, SellerClass, str], int]:
    """The part of realised that was bought outside the store, by agency code, class and period.

    Only what is not nought. It is contained in every other figure, and shown apart beside it.
    """
    sums: defaultdict[tuple[str, SellerClass, str], int] = defaultdict(int)
    for each in movements(at, *official(year, codes)):
        part = each.subquery()
        key = (part.c.agency_code, part.c.seller_class, part.c.period)
        query = (
            select(*key, func.sum(part.c.off_platform))
            .where(part.c.off_platform != 0)
            .group_by(*key)
        )
        for code, seller_class, period, amount in session.execute(query):
            sums[code, seller_class, period] += int(amount)
    return {key: amount for key, amount in sums.items() if amount}


def read_correction(
    session: Session,
    year: int,
    at: Moment,
    codes: Collection[str],
    classes: Collection[SellerClass],
) -> int:
    """What orders of closed years took ("koreksi tahun lalu"): nought or below.

    Per account and order, the negative part of what its entries sum to there.
    """
    accounts = (*official(year, codes), QuotaAccount.seller_class.in_(classes))
    if at.position is None and at.is_current:
        query = (
            select(func.sum(QuotaCorrection.realised_amount))
            .join(QuotaAccount, QuotaAccount.id == QuotaCorrection.account_id)
            .where(*accounts)
        )
        return int(session.scalar(query) or 0)
    taking = corrected_orders(at, *accounts)
    return int(session.scalar(select(func.sum(taking.c.realised))) or 0)


def corrected_orders(at: Moment, *accounts: ColumnElement[bool]) -> Subquery:
    """Accounts and orders (`account_id`, `reference`) that took, and how much (`realised` < 0).

    Only an order that was reversed there can have taken, so only those are summed.
    """
    reversed_there = (
        select(LedgerEntry.account_id, LedgerEntry.reference)
        .join(QuotaAccount, QuotaAccount.id == LedgerEntry.account_id)
        .where(*accounts, LedgerEntry.realised_change < 0, LedgerEntry.kind != EntryKind.ADJUST)
        .distinct()
        .subquery()
    )
    realised = func.sum(LedgerEntry.realised_change)
    return (
        select(LedgerEntry.account_id, LedgerEntry.reference, realised.label("realised"))
        .join(LogLine, LogLine.entry_id == LedgerEntry.id)
        .join(
            reversed_there,
            (reversed_there.c.account_id == LedgerEntry.account_id)
            & (reversed_there.c.reference == LedgerEntry.reference),
        )
        .where(*counts_by(at))
        .group_by(LedgerEntry.account_id, LedgerEntry.reference)
        .having(realised < 0)
        .subquery()
    )


def count_sellers(
    session: Session, year: int, at: Moment, codes: Collection[str]
) -> dict[SellerClass, int]:
    """Sellers by class with money committed or realised, of these agencies.

    Now they are of the sums that `folding.fold` keeps, which who states a figure brings up first.
    """
    if at.position is None and at.is_current:
        return sellers_by_class(session, codes, year)
    standing = (
        select(QuotaAccount.seller_class, Order.seller_id)
        .join(LedgerEntry, LedgerEntry.account_id == QuotaAccount.id)
        .join(LogLine, LogLine.entry_id == LedgerEntry.id)
        .join(Order, Order.number == LedgerEntry.reference)
        .where(*official(year, codes), *counts_by(at))
        .group_by(QuotaAccount.seller_class, Order.seller_id)
        .having(
            or_(
                func.sum(LedgerEntry.committed_change) != 0,
                func.sum(LedgerEntry.realised_change) != 0,
            )
        )
        .subquery()
    )
    past = select(standing.c.seller_class, func.count()).group_by(standing.c.seller_class)
    return dict(session.execute(past).all())
