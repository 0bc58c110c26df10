"""What raises a signal in the course of an agency's orders: split, at the year's end, taken back.

Each finder reads official orders alone, of years from a first one on, by an index, streamed; what
it raises is bounded by its reader. A signal is a question, never an accusation.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from storefront.core.calendar import city_day, fiscal_year, instant_of
from storefront.orders.models import Order, OrderStatus
from storefront.quota.models import EntryKind, Fund, LedgerEntry, QuotaAccount
from storefront.reports.signal_models import SignalKind
from storefront.reports.signal_thresholds import Threshold

MOST_ORDERS = 30
LIVE = (OrderStatus.SUBMITTED, OrderStatus.APPROVED, OrderStatus.COMPLETED)
"""What was asked for and not refused, declined or given up."""
FORTNIGHT_BEGINS = 18
MONTHS_BEFORE = 11
THOUSAND = 1_000


@dataclass(frozen=True)
class Raised:
    """A signal as it was found: what about, why, and which orders."""

    kind: SignalKind
    identity: str
    agency_code: str
    seller_id: int | None
    year: int
    facts: dict[str, Any]
    orders: tuple[str, ...] = field(default=())
    weight: int = 0
    """Rupiah it is about: the heaviest come first where there are too many."""


def split_orders(session: Session, threshold: Threshold, *, first_year: int) -> Iterator[Raised]:
    """Requests of one agency to one seller, each below the limit, together at it or above.

    A run begins with its first order and takes in what is submitted within so many days of it.
    """
    since = instant_of(date(first_year, 1, 1))
    asked = (
        Order.fund == Fund.OFFICIAL,
        Order.is_practice.is_(False),
        Order.placed_at >= since,
        Order.status.in_(LIVE),
        Order.total_amount < threshold.amount,
    )
    pairs = (
        select(Order.agency_id, Order.seller_id)
        .where(*asked)
        .group_by(Order.agency_id, Order.seller_id)
        .having(func.count() > 1, func.sum(Order.total_amount) >= threshold.amount)
        .subquery()
    )
    query = (
        select(
            Order.agency_code, Order.seller_id, Order.seller_name, Order.number,
            Order.total_amount, Order.placed_at,
        )
        .join(
            pairs,
            (pairs.c.agency_id == Order.agency_id) & (pairs.c.seller_id == Order.seller_id),
        )
        .where(*asked)
        .order_by(Order.agency_code, Order.seller_id, Order.placed_at, Order.id)
        .execution_options(yield_per=1_000)
    )  # fmt: skip
    with session.execute(query) as rows:
        for _, of_pair in groupby(rows, key=lambda row: (row.agency_code, row.seller_id)):
            for run in _runs(of_pair, timedelta(days=threshold.days)):
                together = sum(row.total_amount for row in run)
                if len(run) > 1 and together >= threshold.amount:
                    yield _split(run, together, threshold)


def _runs(rows: Any, within: timedelta) -> Iterator[list[Any]]:
    run: list[Any] = []
    for row in rows:
        if run and row.placed_at - run[0].placed_at > within:
            yield run
            run = []
        run.append(row)
    if run:
        yield run


def _split(run: list[Any], together: int, threshold: Threshold) -> Raised:
    first, last = run[0], run[-1]
    days = (city_day(last.placed_at) - city_day(first.placed_at)).days + 1
    return Raised(
        kind=SignalKind.SPLIT,
        identity=f"{first.agency_code}:{first.seller_id}:{first.number}",
        agency_code=first.agency_code,
        seller_id=first.seller_id,
        year=fiscal_year(city_day(first.placed_at)),
        facts={
            "seller": first.seller_name,
            "count": len(run),
            "days": days,
            "sum_amount": together,
            "limit_amount": threshold.amount,
        },
        orders=tuple(row.number for row in run[:MOST_ORDERS]),
        weight=together,
    )


def year_end_surges(
    session: Session, threshold: Threshold, *, first_year: int, now: datetime
) -> Iterator[Raised]:
    """Agencies whose December holds a share of the year's realisation far above a twelfth."""
    for year in range(first_year, fiscal_year(city_day(now)) + 1):
        fortnight = date(year, 12, FORTNIGHT_BEGINS)
        late = case((LedgerEntry.occurred_on >= fortnight, LedgerEntry.realised_change), else_=0)
        december = (
            select(
                QuotaAccount.agency_code,
                func.sum(LedgerEntry.realised_change).label("realised"),
                func.sum(late).label("late"),
            )
            .join(QuotaAccount, QuotaAccount.id == LedgerEntry.account_id)
            .where(
                LedgerEntry.period == f"{year}-12",
                QuotaAccount.fund == Fund.OFFICIAL,
                QuotaAccount.fiscal_year == year,
            )
            .group_by(QuotaAccount.agency_code)
            .order_by(QuotaAccount.agency_code)
        )
        whole = {code: int(total) for code, total in session.execute(_realised_of(year))}
        for code, realised, late_amount in session.execute(december).all():
            total = whole.get(code, 0)
            if total <= 0 or realised < max(threshold.amount, 1):
                continue
            permille = int(realised) * THOUSAND // total
            if permille >= threshold.permille:
                yield Raised(
                    kind=SignalKind.YEAR_END,
                    identity=f"{code}:{year}",
                    agency_code=code,
                    seller_id=None,
                    year=year,
                    facts={
                        "year": year,
                        "permille": permille,
                        "december_amount": int(realised),
                        "fortnight_amount": int(late_amount),
                        "usual_amount": max(total - int(realised), 0) // MONTHS_BEFORE,
                        "limit_permille": threshold.permille,
                    },
                    orders=_largest_of(session, code, year),
                    weight=int(realised),
                )


def _realised_of(year: int) -> Select[str, int]:
    """What each agency realised in a year, by its accounts' balances."""
    return (
        select(QuotaAccount.agency_code, func.sum(QuotaAccount.realised_amount))
        .where(QuotaAccount.fund == Fund.OFFICIAL, QuotaAccount.fiscal_year == year)
        .group_by(QuotaAccount.agency_code)
    )


def _largest_of(session: Session, code: str, year: int) -> tuple[str, ...]:
    """The orders with the most realised in December, of one agency."""
    realised = func.sum(LedgerEntry.realised_change)
    query = (
        select(LedgerEntry.reference)
        .join(QuotaAccount, QuotaAccount.id == LedgerEntry.account_id)
        .join(Order, Order.number == LedgerEntry.reference)
        .where(
            LedgerEntry.period == f"{year}-12",
            QuotaAccount.fund == Fund.OFFICIAL,
            QuotaAccount.fiscal_year == year,
            QuotaAccount.agency_code == code,
        )
        .group_by(LedgerEntry.reference)
        .having(realised > 0)
        .order_by(realised.desc(), LedgerEntry.reference)
        .limit(MOST_ORDERS)
    )
    return tuple(session.scalars(query))


def taken_back(session: Session, threshold: Threshold, *, first_year: int) -> Iterator[Raised]:
    """Orders that counted in one month and were taken back in a later one, or the next year."""
    back = (
        select(
            LedgerEntry.reference,
            QuotaAccount.agency_code,
            func.sum(-LedgerEntry.realised_change).label("amount"),
            func.max(LedgerEntry.period).label("period"),
        )
        .join(QuotaAccount, QuotaAccount.id == LedgerEntry.account_id)
        .where(
            LedgerEntry.kind == EntryKind.REVERSE,
            LedgerEntry.period >= f"{first_year}-01",
            QuotaAccount.fund == Fund.OFFICIAL,
        )
        .group_by(LedgerEntry.reference, QuotaAccount.agency_code)
        .having(func.sum(-LedgerEntry.realised_change) >= max(threshold.amount, 1))
        .subquery()
    )
    counted = (
        select(LedgerEntry.reference, func.min(LedgerEntry.period).label("period"))
        .where(
            LedgerEntry.kind == EntryKind.REALISE,
            LedgerEntry.reference.in_(select(back.c.reference)),
        )
        .group_by(LedgerEntry.reference)
        .subquery()
    )
    query = (
        select(back, counted.c.period.label("counted"), Order.seller_id, Order.seller_name)
        .join(counted, counted.c.reference == back.c.reference)
        .join(Order, Order.number == back.c.reference)
        .where(counted.c.period < back.c.period)
        .order_by(back.c.reference, back.c.agency_code)
    )
    for row in session.execute(query):
        yield Raised(
            kind=SignalKind.REVERSED,
            identity=f"{row.agency_code}:{row.reference}",
            agency_code=row.agency_code,
            seller_id=row.seller_id,
            year=int(row.period[:4]),
            facts={
                "seller": row.seller_name,
                "back_amount": int(row.amount),
                "counted": row.counted,
                "taken_back": row.period,
            },
            orders=(row.reference,),
            weight=int(row.amount),
        )
