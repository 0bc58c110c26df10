"""What changed between two closes: per account, before and after, and the entries that make it.

A close never changes and the log only grows, so two closes have one difference for ever.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from storefront.core.errors import NotFound
from storefront.core.permissions import CITY, Action, Actor, require
from storefront.quota.closing_models import PeriodClose, PeriodCloseTotal
from storefront.quota.models import Amounts, Fund, LedgerEntry, LogLine, QuotaAccount, total
from storefront.sellers.models import SellerClass

AccountKey = tuple[str, int, SellerClass]


@dataclass(frozen=True, kw_only=True)
class AccountDifference:
    """An official account that changed, with how many entries between which positions."""

    agency_code: str
    fiscal_year: int
    seller_class: SellerClass
    before: Amounts
    change: Amounts
    entries: int
    first_position: int
    last_position: int
    is_kept: bool
    """Whether the later close wrote down just what this comes to. Else it was tampered with."""

    @property
    def after(self) -> Amounts:
        return self.before + self.change

    @property
    def key(self) -> AccountKey:
        return self.agency_code, self.fiscal_year, self.seller_class


@dataclass(frozen=True)
class CloseDifference:
    """Two closes, the earlier first, and every account that changed between them, by its key."""

    first: PeriodClose
    second: PeriodClose
    accounts: tuple[AccountDifference, ...]

    @property
    def change(self) -> Amounts:
        return total(account.change for account in self.accounts)

    @property
    def entries(self) -> int:
        return sum(account.entries for account in self.accounts)


def close_difference(
    session: Session, actor: Actor, first_month: str, second_month: str
) -> CloseDifference:
    """What changed from the close of a month to that of a later one. Four queries.

    Raises `NotAllowed`; or `NotFound` where either month was not closed, or they stand the wrong
    way round.
    """
    require(actor, Action.SEE_CITY, CITY)
    first, second = session.get(PeriodClose, first_month), session.get(PeriodClose, second_month)
    if first is None or second is None or first_month >= second_month:
        raise NotFound
    before, after = _kept(session, first_month), _kept(session, second_month)
    query = (
        select(
            QuotaAccount.agency_code,
            QuotaAccount.fiscal_year,
            QuotaAccount.seller_class,
            func.sum(LedgerEntry.committed_change),
            func.sum(LedgerEntry.realised_change),
            func.count(),
            func.min(LogLine.position),
            func.max(LogLine.position),
        )
        .join(LedgerEntry, LedgerEntry.account_id == QuotaAccount.id)
        .join(LogLine, LogLine.entry_id == LedgerEntry.id)
        .where(*_between(first, second))
        .group_by(QuotaAccount.id)
    )
    found = [
        _account((code, year, kind), Amounts(int(committed), int(realised)), rest, before, after)
        for code, year, kind, committed, realised, *rest in session.execute(query)
    ]
    return CloseDifference(first, second, tuple(sorted(found, key=lambda one: one.key)))


def entries_between(session: Session, difference: CloseDifference) -> dict[AccountKey, list[int]]:
    """The positions of every entry behind a difference, by account."""
    query = (
        select(
            QuotaAccount.agency_code,
            QuotaAccount.fiscal_year,
            QuotaAccount.seller_class,
            LogLine.position,
        )
        .join(LedgerEntry, LedgerEntry.account_id == QuotaAccount.id)
        .join(LogLine, LogLine.entry_id == LedgerEntry.id)
        .where(*_between(difference.first, difference.second))
        .order_by(LogLine.position)
    )
    positions: defaultdict[AccountKey, list[int]] = defaultdict(list)
    for code, year, kind, position in session.execute(query):
        positions[code, year, kind].append(position)
    return dict(positions)


def _between(first: PeriodClose, second: PeriodClose) -> tuple[ColumnElement[bool], ...]:
    return (
        LogLine.position > first.position,
        LogLine.position <= second.position,
        QuotaAccount.fund == Fund.OFFICIAL,
    )


def _kept(session: Session, month: str) -> dict[AccountKey, Amounts]:
    rows = session.scalars(select(PeriodCloseTotal).filter_by(month=month))
    return {(row.agency_code, row.fiscal_year, row.seller_class): row.known for row in rows}


def _account(
    key: AccountKey,
    change: Amounts,
    rest: Sequence[int],
    before: dict[AccountKey, Amounts],
    after: dict[AccountKey, Amounts],
) -> AccountDifference:
    entries, first_position, last_position = rest
    stood = before.get(key, Amounts())
    return AccountDifference(
        agency_code=key[0],
        fiscal_year=key[1],
        seller_class=key[2],
        before=stood,
        change=change,
        entries=entries,
        first_position=first_position,
        last_position=last_position,
        is_kept=key not in after or after[key] == stood + change,
    )
