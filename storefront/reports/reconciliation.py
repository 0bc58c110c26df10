"""What is kept in two places, compared: the five identities of product.md, "The quota ledger".

Each is looked for in the database, which answers with what does not agree: normally nothing, so the
memory stays flat whatever the ledger holds. Call it inside a snapshot.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from storefront.catalog.models import MovementKind, Stock, StockMovement
from storefront.core.errors import N_
from storefront.orders.accounting import OPEN
from storefront.orders.models import Order, OrderLine, Purchase
from storefront.payments.models import GatewayPayment, GatewayPaymentStatus
from storefront.payments.queries import balances, refunds_on_hold
from storefront.quota.models import (
    Amounts,
    EntryKind,
    Fund,
    LedgerEntry,
    QuotaAccount,
)
from storefront.reports.agency_money import agency_money_breaches
from storefront.reports.breaches import Breach, targets_of, unlike
from storefront.reports.budget_counters import budget_breaches
from storefront.reports.correction_checks import adjust_breaches
from storefront.reports.folding import fold_breaches
from storefront.reports.month_sums import month_breaches

PAGE = 1_000
MOST_HOLDS = 10_000


class IdentityKey(StrEnum):
    ORDERS = "orders"
    ACCOUNTS = "accounts"
    BUDGETS = "budgets"
    PAYMENTS = "payments"
    STOCK = "stock"


TITLES = {
    IdentityKey.ORDERS: N_("Catatan tiap pesanan = komitmen dan realisasinya"),
    IdentityKey.ACCOUNTS: N_("Jumlah catatan = saldo tiap akun kuota"),
    IdentityKey.BUDGETS: N_("Tiap pagu dan rincian = jumlah pesanan di dalamnya"),
    IdentityKey.PAYMENTS: N_("Uang di gerbang pembayaran = yang dibayar tiap pembelian"),
    IdentityKey.STOCK: N_("Gerak stok = stok, dan yang diambil = isi pesanan"),
}


@dataclass(frozen=True)
class Identity:
    """One of the five, with every breach of it. A note is no breach: it waits for somebody."""

    key: IdentityKey
    breaches: tuple[Breach, ...]
    notes: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        return TITLES[self.key]

    @property
    def holds(self) -> bool:
        return not self.breaches


def reconcile(session: Session, *, now: datetime) -> list[Identity]:
    """The five identities, each with all of its breaches; a hold is overdue by `now`."""
    return [
        Identity(IdentityKey.ORDERS, tuple(_orders(session))),
        Identity(
            IdentityKey.ACCOUNTS,
            (*_accounts(session), *month_breaches(session), *fold_breaches(session)),
        ),
        Identity(IdentityKey.BUDGETS, tuple(budget_breaches(session))),
        _payments(session, now),
        Identity(IdentityKey.STOCK, tuple(_stock(session))),
    ]


def _orders(session: Session) -> Iterator[Breach]:
    """Each order's sums are its C and R, as its amounts give them and as its row keeps them."""
    held = _entries_by_order().subquery()
    in_ledger = (func.coalesce(held.c.committed, 0), func.coalesce(held.c.realised, 0))
    committed, realised = _targets()
    query = (
        select(Order, *in_ledger)
        .outerjoin(held, held.c.reference == Order.number)
        .where(
            or_(
                Order.total_amount != Order.quota_amount,  # then SQL cannot say what P is
                committed != in_ledger[0],
                realised != in_ledger[1],
                Order.committed_amount != in_ledger[0],
                Order.realised_amount != in_ledger[1],
            )
        )
        .order_by(Order.id)
    )
    for order, *sums in session.execute(query):
        due = targets_of(order)
        kept = (Amounts(*map(int, sums)), Amounts(order.committed_amount, order.realised_amount))
        for amounts, where in zip(kept, ("the ledger", "its row"), strict=True):
            yield from unlike(
                f"{order.number} in {where}",
                amounts,
                due,
                is_private=order.fund is Fund.PERSONAL,
            )
    strangers = (
        _entries_by_order()
        .outerjoin(Order, Order.number == LedgerEntry.reference)
        .where(Order.id.is_(None))
        .order_by(LedgerEntry.reference)
    )
    for reference, committed_sum, realised_sum in session.execute(strangers):
        kept_sums = Amounts(int(committed_sum), int(realised_sum))
        yield from unlike(f"{reference}, which is no order", kept_sums, Amounts())
    yield from adjust_breaches(session)


def _entries_by_order() -> Select[str, int, int]:
    return (
        select(
            LedgerEntry.reference,
            func.sum(LedgerEntry.committed_change).label("committed"),
            func.sum(LedgerEntry.realised_change).label("realised"),
        )
        .where(LedgerEntry.kind != EntryKind.ADJUST)  # those stand under a document's number
        .group_by(LedgerEntry.reference)
    )


def _targets() -> tuple[ColumnElement[int], ColumnElement[int]]:
    """C and R of an order whose quota amount is all that is paid."""
    accepted, paid, agreed = Order.accepted_amount, Order.paid_amount, Order.agreed_amount
    realised = case((accepted < paid, accepted), else_=paid)
    is_open = and_(Order.status.in_(OPEN), Order.fund == Fund.OFFICIAL)
    committed = case((and_(is_open, agreed > realised), agreed - realised), else_=0)
    return committed, realised


def _accounts(session: Session) -> Iterator[Breach]:
    """Per account, its entries add up to its balances."""
    sums = (
        select(
            LedgerEntry.account_id,
            func.sum(LedgerEntry.committed_change).label("committed"),
            func.sum(LedgerEntry.realised_change).label("realised"),
        )
        .group_by(LedgerEntry.account_id)
        .subquery()
    )
    due = (func.coalesce(sums.c.committed, 0), func.coalesce(sums.c.realised, 0))
    query = (
        select(QuotaAccount, *due)
        .outerjoin(sums, sums.c.account_id == QuotaAccount.id)
        .where(or_(QuotaAccount.committed_amount != due[0], QuotaAccount.realised_amount != due[1]))
        .order_by(QuotaAccount.id)
    )
    for account, committed, realised in session.execute(query):
        yield from unlike(
            str(account.key),
            account.balances,
            Amounts(int(committed), int(realised)),
            is_private=account.fund is Fund.PERSONAL,
        )


def _payments(session: Session, now: datetime) -> Identity:
    """Settled gateway amounts less refunds are what is paid of purchases.

    A refund made at the gateway waits for its allocation; after 7 days that is a breach. Of
    official orders, what is paid is what their treasurers recorded.
    """
    holds = refunds_on_hold(session, limit=MOST_HOLDS)
    overdue = {hold.payment.reference for hold in holds if hold.is_overdue(now)}
    breaches: list[Breach] = []
    notes: list[str] = []
    after = ""
    while page := balances(session, after=after, limit=PAGE):
        after = page[-1].reference
        paid = _paid_of(session, [balance.reference for balance in page])
        for balance in page:
            is_waiting = balance.unallocated_amount and balance.reference not in overdue
            waiting = balance.unallocated_amount if is_waiting else 0
            if waiting:
                notes.append(f"{balance.reference}: a refund is not allocated yet")
            kept, due = paid.get(balance.reference, 0), balance.paid_amount + waiting
            if kept != due:
                breaches.append(Breach(balance.reference, "paid", kept, due, is_private=True))
    breaches += _paid_without_gateway(session)
    breaches += agency_money_breaches(session)
    return Identity(IdentityKey.PAYMENTS, tuple(breaches), tuple(notes))


def _paid_of(session: Session, purchases: Iterable[str]) -> dict[str, int]:
    query = (
        select(Purchase.number, func.sum(Order.paid_amount))
        .join(Order, Order.purchase_id == Purchase.id)
        .where(Purchase.number.in_(purchases))
        .group_by(Purchase.number)
    )
    return {number: int(paid) for number, paid in session.execute(query)}


def _paid_without_gateway(session: Session) -> list[Breach]:
    settled = select(GatewayPayment.id).where(
        GatewayPayment.reference == Purchase.number,
        GatewayPayment.status == GatewayPaymentStatus.SETTLED,
    )
    query = (
        select(Purchase.number, func.sum(Order.paid_amount))
        .join(Order, Order.purchase_id == Purchase.id)
        .where(Purchase.fund == Fund.PERSONAL, Order.paid_amount > 0, ~settled.exists())
        .group_by(Purchase.number)
        .order_by(Purchase.number)
    )
    return [
        Breach(number, "paid", int(paid), 0, is_private=True)
        for number, paid in session.execute(query)
    ]


def _stock(session: Session) -> Iterator[Breach]:
    """Per variant and place: movements are the stock, and what was taken is what orders hold."""
    moved = select(
        StockMovement.variant_id.label("variant_id"),
        StockMovement.place.label("place"),
        literal(0).label("kept"),
        StockMovement.change.label("due"),
    )
    stands = select(Stock.variant_id, Stock.place, Stock.quantity, literal(0))
    yield from _uneven(session, "stock", stands, moved)
    taken = select(
        StockMovement.variant_id, StockMovement.place, -StockMovement.change, literal(0)
    ).where(StockMovement.kind.in_([MovementKind.TAKEN, MovementKind.RETURNED]))
    in_orders = (
        select(
            OrderLine.variant_id.label("variant_id"),
            OrderLine.place.label("place"),
            literal(0).label("kept"),
            (OrderLine.quantity - OrderLine.cancelled_quantity).label("due"),
        )
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.holds_stock, OrderLine.is_counted)
    )
    yield from _uneven(session, "taken", taken, in_orders)


def _uneven(session: Session, what: str, kept: Any, due: Any) -> Iterator[Breach]:
    """Where two sums per variant and place differ, a side without rows being nought."""
    both = union_all(due, kept).subquery()
    sums = (func.sum(both.c.kept), func.sum(both.c.due))
    query = (
        select(both.c.variant_id, both.c.place, *sums)
        .group_by(both.c.variant_id, both.c.place)
        .having(sums[0] != sums[1])
        .order_by(both.c.variant_id, both.c.place)
    )
    for variant_id, place, kept_sum, due_sum in session.execute(query):
        yield Breach(f"variant {variant_id} at {place}", what, int(kept_sum), int(due_sum))
