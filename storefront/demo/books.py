"""The demo's ledger and counters, kept in memory while its history is told.

The rules are those of the store (`quota/standing.py`, `orders/accounting.py: figures_of`): only
the locks and the round trips are left out, because nobody else is there yet.
"""

from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from storefront.agencies.models import BudgetLine
from storefront.core.calendar import city_day
from storefront.core.permissions import PersonId
from storefront.demo.budgets import Purse
from storefront.demo.chance import Chance
from storefront.orders.accounting import OPEN, figures_of
from storefront.orders.models import Order
from storefront.quota.ledger import Event
from storefront.quota.models import (
    NO_SEAL,
    Amounts,
    EntryKind,
    Fund,
    LedgerEntry,
    QuotaAccount,
    QuotaKey,
    UnnumberedEntry,
)
from storefront.quota.periods import Books
from storefront.quota.seals import seal_of
from storefront.quota.standing import Standing, differences
from storefront.sellers.models import SellerId, SellerMonth


class DemoBooks:
    """Accounts, entries, budget counters and sellers' months of the history so far."""

    def __init__(self, session: Session, *, first_year: int, cap_amount: int) -> None:
        self._session = session
        self._chance = Chance("ledger")
        self._books = Books(f"{first_year}-01")
        self._cap_amount = cap_amount
        self._accounts: dict[QuotaKey, QuotaAccount] = {}
        self._months: dict[tuple[SellerId, str], SellerMonth] = {}
        self._posted: list[tuple[LedgerEntry, QuotaAccount]] = []

    def room_in_month(self, seller_id: SellerId, month: str) -> int:
        """Official rupiah that a shop may still be committed in a month."""
        held = self._months.get((seller_id, month))
        return self._cap_amount - (held.committed_amount if held else 0)

    def has_room(self, purse: Purse, line: BudgetLine, amount: int) -> bool:
        year = purse.year
        taken = (year.committed_amount or 0) + (year.spent_amount or 0)
        on_line = (line.committed_amount or 0) + (line.spent_amount or 0)
        return (
            taken + amount <= (year.ceiling_amount or 0) and on_line + amount <= line.ceiling_amount
        )

    def settle(
        self, order: Order, purse: Purse | None, line: BudgetLine | None, *, cause: str,
        by: PersonId, now: datetime,
    ) -> None:  # fmt: skip
        """What `orders/accounting.py: settle_order` does, on rows that are still in memory."""
        figures = figures_of(order)
        order.agreed_amount, order.accepted_amount = figures.agreed, figures.accepted
        standing = Standing(
            reference=order.number,
            home=QuotaKey(order.agency_code, order.budget_year, order.fund, order.seller_class),
            agreed=figures.agreed,
            accepted=figures.accepted,
            paid=figures.paid,
            is_open=order.status in OPEN,
            snapshot_sha256=order.snapshot_sha256,
        )
        held = Amounts(order.committed_amount or 0, order.realised_amount or 0)
        change = standing.targets - held
        if not change:
            return
        day = city_day(now)
        if order.fund is Fund.OFFICIAL and purse and line:
            self._count(order, purse, line, change)
        _, changes = differences(standing, {standing.home: held} if held else {}, day, self._books)
        event = Event(
            reference=order.number,
            cause=cause,
            occurred_on=day,
            rule_version=order.rule_version,
            snapshot_sha256=order.snapshot_sha256,
        )
        for key, by_how_much in sorted(changes.items()):
            self._post(event, key, _kind(by_how_much), by_how_much, by, now)
        after = held + change
        order.committed_amount, order.realised_amount = after.committed, after.realised

    def adjust(
        self, event: Event, key: QuotaKey, amount: int, *, by: PersonId, now: datetime
    ) -> None:
        """What `quota/off_platform.py: approve_purchase` posts."""
        self._post(event, key, EntryKind.ADJUST, Amounts(realised=amount), by, now)

    def write_down(self) -> int:
        """Accounts, then entries in the order in which they were posted; how many."""
        self._session.add_all(self._accounts.values())
        self._session.flush()
        for entry, account in self._posted:
            entry.account_id = account.id
        self._session.add_all(entry for entry, _ in self._posted)
        self._session.flush()
        waiting = [{"entry_id": entry.id} for entry, _ in self._posted]
        self._session.execute(insert(UnnumberedEntry), waiting)
        return len(waiting)

    def _count(self, order: Order, purse: Purse, line: BudgetLine, change: Amounts) -> None:
        for counter in (purse.year, line):
            counter.committed_amount = (counter.committed_amount or 0) + change.committed
            counter.spent_amount = (counter.spent_amount or 0) + change.realised
        order.budget_committed_amount = (order.budget_committed_amount or 0) + change.committed
        order.budget_spent_amount = (order.budget_spent_amount or 0) + change.realised
        fresh = change.committed + min(change.realised, 0)
        gone = -change.committed - max(change.realised, 0)
        by = max(fresh, 0) - max(gone, 0)
        if by and order.cap_month:
            month = self._months.get((order.seller_id, order.cap_month))
            if month is None:
                month = SellerMonth(
                    seller_id=order.seller_id, month=order.cap_month, committed_amount=0
                )
                self._months[order.seller_id, order.cap_month] = month
                self._session.add(month)
            month.committed_amount += by
            order.cap_amount = (order.cap_amount or 0) + by

    def _post(
        self, event: Event, key: QuotaKey, kind: EntryKind, change: Amounts, by: PersonId,
        now: datetime,
    ) -> None:  # fmt: skip
        account = self._account(key)
        after = account.balances + change
        account.entry_count += 1
        account.committed_amount, account.realised_amount = after.committed, after.realised
        entry = LedgerEntry(
            **vars(event),
            account_seq=account.entry_count,
            kind=kind,
            committed_change=change.committed,
            realised_change=change.realised,
            committed_after=after.committed,
            realised_after=after.realised,
            period=self._books.period_for(event.occurred_on, key.fiscal_year),
            recorded_at=now,
            recorded_by=by,
            salt=self._chance.salt(),
        )
        entry.seal = account.last_seal = seal_of(entry, key, account.last_seal)
        self._posted.append((entry, account))

    def _account(self, key: QuotaKey) -> QuotaAccount:
        account = self._accounts.get(key)
        if account is None:
            account = QuotaAccount(
                agency_code=key.agency_code,
                fiscal_year=key.fiscal_year,
                fund=key.fund,
                seller_class=key.seller_class,
                committed_amount=0,
                realised_amount=0,
                entry_count=0,
                last_seal=NO_SEAL,
            )
            self._accounts[key] = account
        return account


def _kind(change: Amounts) -> EntryKind:
    if change.realised:
        return EntryKind.REALISE if change.realised > 0 else EntryKind.REVERSE
    return EntryKind.COMMIT if change.committed > 0 else EntryKind.RELEASE
