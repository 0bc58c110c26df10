"""The quota ledger as the auditor reads it: official entries one by one, personal accounts closed.

Of what people buy with their own money, the auditor sees that an account is there and the seal of
its last entry (product.md, "Privacy"): enough to compare two states, and nothing of the goods.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from storefront.accounts.models import PersonDetails
from storefront.core.permissions import CITY, Action, Actor, require
from storefront.quota.models import EntryKind, Fund, LedgerEntry, LogLine, QuotaAccount
from storefront.sellers.models import SellerClass

PAGE = 50
LONGEST_LIST = 500
LONGEST_REFERENCE = 40


@dataclass(frozen=True, kw_only=True)
class BookFilter:
    """Which entries: empty is all. `before` is the position that the last page ended at."""

    agency_code: str = ""
    year: int | None = None
    reference: str = ""
    """An order's or a document's whole number."""
    before: int | None = None


@dataclass(frozen=True, kw_only=True)
class BookRow:
    """An official entry with its place in the log and in its account. Amounts are rupiah."""

    position: int
    agency_code: str
    fiscal_year: int
    seller_class: SellerClass
    account_seq: int
    kind: EntryKind
    committed_change: int
    realised_change: int
    committed_after: int
    realised_after: int
    reference: str
    cause: str
    occurred_on: date
    period: str
    recorded_at: datetime
    recorded_by: str
    """A name; where there is none (the worker, somebody erased), the opaque id."""
    reason: str
    rule_version: int
    seal: str


@dataclass(frozen=True)
class BookPage:
    """Entries, the latest first. `next_before` leads to the earlier ones; None at the end."""

    rows: tuple[BookRow, ...]
    next_before: int | None


@dataclass(frozen=True)
class ClosedAccount:
    """A personal account: whose it is, and the seal of its last entry."""

    agency_code: str
    fiscal_year: int
    last_seal: str


def read_book(session: Session, actor: Actor, wanted: BookFilter) -> BookPage:
    """A page of official entries that have a position. One query. Raises `NotAllowed`."""
    require(actor, Action.AUDIT, CITY)
    query = (
        select(LogLine.position, LedgerEntry, QuotaAccount, PersonDetails.name)
        .join(LedgerEntry, LedgerEntry.id == LogLine.entry_id)
        .join(QuotaAccount, QuotaAccount.id == LedgerEntry.account_id)
        .outerjoin(PersonDetails, PersonDetails.person_id == LedgerEntry.recorded_by)
        .where(*_conditions(wanted))
        .order_by(LogLine.position.desc())
        .limit(PAGE + 1)
    )
    rows = [_row(*found) for found in session.execute(query)]
    more = len(rows) > PAGE
    return BookPage(tuple(rows[:PAGE]), rows[PAGE - 1].position if more else None)


def closed_accounts(session: Session, actor: Actor, year: int) -> list[ClosedAccount]:
    """Personal accounts of a year by agency: no amount, no count. Raises `NotAllowed`."""
    require(actor, Action.AUDIT, CITY)
    query = (
        select(QuotaAccount.agency_code, QuotaAccount.fiscal_year, QuotaAccount.last_seal)
        .where(QuotaAccount.fund == Fund.PERSONAL, QuotaAccount.fiscal_year == year)
        .order_by(QuotaAccount.agency_code, QuotaAccount.id)
        .limit(LONGEST_LIST)
    )
    return [ClosedAccount(*row) for row in session.execute(query)]


def _conditions(wanted: BookFilter) -> list[ColumnElement[bool]]:
    conditions = [QuotaAccount.fund == Fund.OFFICIAL]
    if wanted.agency_code:
        conditions.append(QuotaAccount.agency_code == wanted.agency_code)
    if wanted.year is not None:
        conditions.append(QuotaAccount.fiscal_year == wanted.year)
    if wanted.reference:
        conditions.append(LedgerEntry.reference == wanted.reference[:LONGEST_REFERENCE])
    if wanted.before is not None:
        conditions.append(LogLine.position < wanted.before)
    return conditions


def _row(position: int, entry: LedgerEntry, account: QuotaAccount, name: str | None) -> BookRow:
    return BookRow(
        position=position,
        agency_code=account.agency_code,
        fiscal_year=account.fiscal_year,
        seller_class=account.seller_class,
        account_seq=entry.account_seq,
        kind=entry.kind,
        committed_change=entry.committed_change,
        realised_change=entry.realised_change,
        committed_after=entry.committed_after,
        realised_after=entry.realised_after,
        reference=entry.reference,
        cause=entry.cause,
        occurred_on=entry.occurred_on,
        period=entry.period,
        recorded_at=entry.recorded_at,
        recorded_by=name or entry.recorded_by,
        reason=entry.reason,
        rule_version=entry.rule_version,
        seal=entry.seal,
    )
