"""The ledger export: every entry of official accounts, with all that its seal covers.

Personal accounts never leave by entry (contract.md). `docs/verify_ledger.py` recomputes each seal
from these columns.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Select, String, and_, select, type_coerce
from sqlalchemy.orm import Session, aliased

from storefront.exports.asked import ExportRequest
from storefront.exports.rows import Row, Sheet
from storefront.quota.models import NO_SEAL, Fund, LedgerEntry, LogLine, QuotaAccount
from storefront.quota.seals import in_utc

COLUMNS = (
    "position",
    "account_seq",
    "agency_code",
    "fiscal_year",
    "fund",
    "seller_class",
    "kind",
    "cause",
    "committed_change",
    "realised_change",
    "committed_after",
    "realised_after",
    "order_number",
    "occurred_on",
    "period",
    "recorded_at",
    "recorded_by",
    "reason",
    "rule_version",
    "snapshot_sha256",
    "salt",
    "prev_seal",
    "seal",
)
SUMMED = ("committed_change", "realised_change")
CHUNK = 2_000


def sheet(session: Session, request: ExportRequest) -> Sheet:
    """The entries asked for, in the order of their positions."""
    return Sheet(columns=COLUMNS, rows=_rows(session, request), summed=SUMMED)


def entries_of(session: Session, order_number: str) -> list[dict[str, str | int]]:
    """An official order's entries as the export writes them, by position; none of a personal one.

    For proofs: the columns are all that a seal covers.
    """
    query = _all_columns().where(LedgerEntry.reference == order_number)
    with session.execute(query) as entries:
        return [dict(zip(COLUMNS, _written(entry), strict=True)) for entry in entries]


def _rows(session: Session, request: ExportRequest) -> Iterator[Row]:
    query = _all_columns().where(QuotaAccount.fiscal_year == request.year)
    if request.agency_code is not None:
        query = query.where(QuotaAccount.agency_code == request.agency_code)
    if request.first_day:
        query = query.where(LedgerEntry.occurred_on >= request.first_day)
    if request.last_day:
        query = query.where(LedgerEntry.occurred_on <= request.last_day)
    with session.execute(query) as entries:  # closed also when the writing stops half-way
        yield from map(_written, entries)


def _all_columns() -> Select[*tuple[Any, ...]]:
    """Every column of official entries that have a position, in its order."""
    before = aliased(LedgerEntry)
    return (
        select(
            LogLine.position,
            LedgerEntry.account_seq,
            QuotaAccount.agency_code,
            QuotaAccount.fiscal_year,
            type_coerce(QuotaAccount.fund, String),
            type_coerce(QuotaAccount.seller_class, String),
            type_coerce(LedgerEntry.kind, String),
            LedgerEntry.cause,
            LedgerEntry.committed_change,
            LedgerEntry.realised_change,
            LedgerEntry.committed_after,
            LedgerEntry.realised_after,
            LedgerEntry.reference,
            LedgerEntry.occurred_on,
            LedgerEntry.period,
            LedgerEntry.recorded_at,
            LedgerEntry.recorded_by,
            LedgerEntry.reason,
            LedgerEntry.rule_version,
            LedgerEntry.snapshot_sha256,
            LedgerEntry.salt,
            before.seal,
            LedgerEntry.seal,
        )
        .join(LedgerEntry, LedgerEntry.id == LogLine.entry_id)
        .join(QuotaAccount, QuotaAccount.id == LedgerEntry.account_id)
        .outerjoin(
            before,
            and_(
                before.account_id == LedgerEntry.account_id,
                before.account_seq == LedgerEntry.account_seq - 1,
            ),
        )
        .where(QuotaAccount.fund == Fund.OFFICIAL)
        .order_by(LogLine.position)
        .execution_options(yield_per=CHUNK)
    )


def _written(entry: Any) -> tuple[str | int, ...]:
    """A row of `_all_columns` as it is exported and sealed."""
    *as_they_are, day, period, recorded_at, by, reason, rule, snapshot, salt, prev, seal = entry
    return (
        *as_they_are,
        day.isoformat(),
        period,
        in_utc(recorded_at),
        by,
        reason,
        rule,
        snapshot,
        salt.hex(),
        prev or NO_SEAL,
        seal,
    )
