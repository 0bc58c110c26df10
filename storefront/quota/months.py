"""Running sums per account and month: the ledger at its position, without adding it up again.

`log.number` folds in what it numbers, under the same lock. So the months are exactly the log's
state: what was posted but has no position yet is in an account's balances, and not yet here.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, case, delete, func, insert, select, tuple_, update
from sqlalchemy.orm import Session

from storefront.quota.closing_models import QuotaCorrection, QuotaMonth
from storefront.quota.models import EntryKind, LedgerEntry, LogLine

CHUNK = 500
"""So many keys go into one statement."""
SUMS = ("committed_change", "realised_change", "reversed_change", "off_platform_change")


def realised_of(kind: EntryKind) -> ColumnElement[int]:
    """What an entry changed of realised, if it is of that kind."""
    return case((LedgerEntry.kind == kind, LedgerEntry.realised_change), else_=0)


def month_sums() -> tuple[ColumnElement[int], ...]:
    """What entries come to, in the order of `SUMS`."""
    return (
        func.sum(LedgerEntry.committed_change),
        func.sum(LedgerEntry.realised_change),
        func.sum(realised_of(EntryKind.REVERSE)),
        func.sum(realised_of(EntryKind.ADJUST)),
    )


def fold(session: Session, *, after: int) -> None:
    """Add the entries behind a position to their months. Called by `log.number`, under its lock."""
    # By their ids: SQLite would rather walk the whole index of accounts and months than sort a few.
    young = select(LogLine.entry_id).where(LogLine.position > after)
    groups = (
        select(LedgerEntry.account_id, LedgerEntry.period, *month_sums())
        .where(LedgerEntry.id.in_(young))
        .group_by(LedgerEntry.account_id, LedgerEntry.period)
        .order_by(LedgerEntry.account_id, LedgerEntry.period)
    )
    found = {
        (account_id, period): dict(zip(SUMS, map(int, sums), strict=True))
        for account_id, period, *sums in session.execute(groups)
    }
    standing = _standing(session, found)
    fresh = [_row(key, sums) for key, sums in found.items() if key not in standing]
    more = [_row(key, sums) for key, sums in found.items() if key in standing]
    if fresh:
        session.execute(insert(QuotaMonth), fresh)
    for row in more:
        added = {name: getattr(QuotaMonth, name) + row[name] for name in SUMS}
        session.execute(
            update(QuotaMonth)
            .where(QuotaMonth.account_id == row["account_id"], QuotaMonth.period == row["period"])
            .values(**added)
            .execution_options(synchronize_session=False)
        )
    _fold_corrections(session, after)


def _standing(session: Session, keys: Iterable[tuple[int, str]]) -> set[tuple[int, str]]:
    """Which of these months have a row."""
    accounts = sorted({account_id for account_id, _ in keys})
    standing: set[tuple[int, str]] = set()
    for at in range(0, len(accounts), CHUNK):
        query = select(QuotaMonth.account_id, QuotaMonth.period).where(
            QuotaMonth.account_id.in_(accounts[at : at + CHUNK])
        )
        standing.update((account_id, period) for account_id, period in session.execute(query))
    return standing


def _row(key: tuple[int, str], sums: dict[str, int]) -> dict[str, Any]:
    return {"account_id": key[0], "period": key[1], **sums}


def _fold_corrections(session: Session, after: int) -> None:
    """Only an order that loses something can fall below nought, and only one that is below rise."""
    numbered = (LogLine.entry_id == LedgerEntry.id) & (LogLine.position > after)
    key = (LedgerEntry.account_id, LedgerEntry.reference)
    losing = (
        select(*key)
        .join(LogLine, numbered)
        .where(LedgerEntry.realised_change < 0, LedgerEntry.kind != EntryKind.ADJUST)
    )
    below = (
        select(QuotaCorrection.account_id, QuotaCorrection.reference)
        .join(
            LedgerEntry,
            (LedgerEntry.reference == QuotaCorrection.reference)
            & (LedgerEntry.account_id == QuotaCorrection.account_id),
        )
        .join(LogLine, numbered)
    )
    queries = (losing, below)
    touched = sorted({(row[0], row[1]) for query in queries for row in session.execute(query)})
    for at in range(0, len(touched), CHUNK):
        keys = touched[at : at + CHUNK]
        session.execute(
            delete(QuotaCorrection)
            .where(tuple_(QuotaCorrection.account_id, QuotaCorrection.reference).in_(keys))
            .execution_options(synchronize_session=False)
        )
        taking = [
            {"account_id": account_id, "reference": reference, "realised_amount": int(amount)}
            for account_id, reference, amount in session.execute(
                corrections().where(tuple_(*key).in_(keys))
            )
        ]
        if taking:
            session.execute(insert(QuotaCorrection), taking)


def corrections() -> Select[int, str, int]:
    """Per account and order, of numbered entries: what the order took more than it gave there."""
    realised = func.sum(LedgerEntry.realised_change)
    return (
        select(LedgerEntry.account_id, LedgerEntry.reference, realised.label("realised"))
        .join(LogLine, LogLine.entry_id == LedgerEntry.id)
        .where(LedgerEntry.kind != EntryKind.ADJUST)  # a document that takes one back is no order
        .group_by(LedgerEntry.account_id, LedgerEntry.reference)
        .having(realised < 0)
    )
