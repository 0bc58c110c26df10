"""The demo's ledger and counters, kept in memory while its history is told.

The rules are those of the store (`quota/standing.py`, `orders/accounting.py: figures_of`): only
the locks and the round trips are left out, because nobody else is there yet. What is posted waits
until the end, and is then written in the order of time, with what people decided in between: so
each month closes at the position that it would have had.
"""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import count

from sqlalchemy import insert
from sqlalchemy.orm import Session

from storefront.agencies.models import BudgetLine
from storefront.core.permissions import PersonId
from storefront.demo.budgets import Purse
from storefront.demo.chance import Chance
from storefront.demo.timeline import Act, Calendar
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
from storefront.quota.seals import seal_of
from storefront.quota.standing import Standing, differences
from storefront.sellers.models import SellerId, SellerMonth


@dataclass(frozen=True, kw_only=True)
class Posting:
    """An entry to be: what is known of it before the account's balances and seal are."""

    event: Event
    key: QuotaKey
    kind: EntryKind
    change: Amounts
    by: PersonId
    at: datetime


class DemoBooks:
    """Accounts, entries, budget counters and sellers' months of the history so far."""

    def __init__(self, session: Session, calendar: Calendar, *, cap_amount: int) -> None:
        self._session = session
        self._chance = Chance("ledger")
        self._calendar = calendar
        self._cap_amount = cap_amount
        self._accounts: dict[QuotaKey, QuotaAccount] = {}
        self._months: dict[tuple[SellerId, str], SellerMonth] = {}
        self._waiting: list[tuple[datetime, int, Posting]] = []
        self._tie = count()

    def room_in_month(self, seller_id: SellerId, month: str) -> int:
        """Official rupiah that a shop may still be committed in a month."""
        held = self._months.get((seller_id, month))
        return self._cap_amount - (held.committed_amount if held else 0)

    def settle(
        self, order: Order, purse: Purse | None, line: BudgetLine | None, *, cause: str,
        by: PersonId, occurred_on: date, now: datetime,
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
        if order.fund is Fund.OFFICIAL and purse and line:
            self._count(order, purse, line, change)
        _, changes = differences(
            standing,
            {standing.home: held} if held else {},
            occurred_on,
            self._calendar.books_at(now),
        )
        event = Event(
            reference=order.number,
            cause=cause,
            occurred_on=occurred_on,
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

    def write_down(self, acts: Iterable[Act]) -> int:
        """Entries and acts, one after the other as they happened; how many entries.

        What an act posts is written before whatever comes after it.
        """
        written = 0
        for act in sorted(acts, key=lambda act: act.at):
            written += self._write(until=act.at)
            act.do(act.at)
        return written + self._write()

    def _write(self, *, until: datetime | None = None) -> int:
        """What was posted up to an instant, or all of it."""
        due: list[Posting] = []
        while self._waiting and (until is None or self._waiting[0][0] <= until):
            due.append(heapq.heappop(self._waiting)[2])
        if not due:
            return 0
        for posting in due:
            self._account(posting.key)
        self._session.flush()
        entries = [self._entry(posting) for posting in due]
        self._session.add_all(entries)
        self._session.flush()
        waiting = [{"entry_id": entry.id} for entry in entries]
        self._session.execute(insert(UnnumberedEntry), waiting)
        return len(entries)

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
        posting = Posting(event=event, key=key, kind=kind, change=change, by=by, at=now)
        heapq.heappush(self._waiting, (now, next(self._tie), posting))

    def _entry(self, posting: Posting) -> LedgerEntry:
        account, change, event = self._account(posting.key), posting.change, posting.event
        after = account.balances + change
        account.entry_count += 1
        account.committed_amount, account.realised_amount = after.committed, after.realised
        books = self._calendar.books_at(posting.at)
        entry = LedgerEntry(
            **vars(event),
            account_id=account.id,
            account_seq=account.entry_count,
            kind=posting.kind,
            committed_change=change.committed,
            realised_change=change.realised,
            committed_after=after.committed,
            realised_after=after.realised,
            period=books.period_for(event.occurred_on, posting.key.fiscal_year),
            recorded_at=posting.at,
            recorded_by=posting.by,
            salt=self._chance.salt(),
        )
        entry.seal = account.last_seal = seal_of(entry, posting.key, account.last_seal)
        return entry

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
            self._session.add(account)
        return account


def _kind(change: Amounts) -> EntryKind:
    if change.realised:
        return EntryKind.REALISE if change.realised > 0 else EntryKind.REVERSE
    return EntryKind.COMMIT if change.committed > 0 else EntryKind.RELEASE
