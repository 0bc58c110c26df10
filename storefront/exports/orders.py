"""The order export: one row per order line, of official orders (contract.md, "Order export").

Personal orders never leave: they are their buyer's. Every amount of a row but `order_total` is the
line's share, so that each column adds up to the whole.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any, NamedTuple

from sqlalchemy import Row as ResultRow
from sqlalchemy import Select, String, case, func, select, type_coerce
from sqlalchemy.orm import Session

from storefront.agencies.models import Agency
from storefront.core.calendar import city_time, instant_of
from storefront.core.money import share
from storefront.exports.asked import ExportRequest
from storefront.exports.rows import Row, Sheet
from storefront.orders.models import Order, OrderLine, OrderPeople, Purchase
from storefront.quota.models import EntryKind, Fund, LedgerEntry, LogLine

COLUMNS = (
    "order_number",
    "purchase_number",
    "fund",
    "status",
    "placed_at",
    "fiscal_year",
    "agency_code",
    "agency_name",
    "parent_agency_code",
    "buyer_nip",
    "buyer_name",
    "seller_id",
    "seller_name",
    "seller_class",
    "seller_nib",
    "seller_npwp",
    "channel",
    "outlet_code",
    "sku",
    "product_name",
    "category",
    "unit",
    "quantity",
    "unit_price",
    "line_total",
    "tax_total",
    "delivery_total",
    "order_total",
    "quota_amount",
    "quota_status",
    "expense_account",
    "activity_code",
    "approved_by",
    "approved_at",
    "received_at",
    "bast_number",
    "payment_method",
    "payment_status",
    "fulfilment_status",
    "paid_at",
    "refunded_total",
    "withheld_tax",
    "ledger_position_first",
    "ledger_position_last",
)
SUMMED = (
    "line_total",
    "tax_total",
    "delivery_total",
    "order_total",
    "quota_amount",
    "refunded_total",
    "withheld_tax",
)
ONCE_PER = ("order_total", "order_number")
Found = ResultRow[*tuple[Any, ...]]
"""As the database gives it: read by the names of its columns."""

CHUNK = 1_000
"""Orders read at once: memory stays flat, however many there are."""


class InLedger(NamedTuple):
    """What an order's entries come to."""

    committed: int = 0
    realised: int = 0
    was_realised: bool = False
    first: int | None = None
    last: int | None = None

    @property
    def status(self) -> str:
        """Contract.md's `quota_status`."""
        if self.committed and self.realised:
            return "partial"
        if self.committed:
            return "committed"
        if self.realised:
            return "realised"
        return "reversed" if self.was_realised else "none"


def sheet(session: Session, request: ExportRequest) -> Sheet:
    """The order lines asked for, in the order of their orders' making."""
    return Sheet(columns=COLUMNS, rows=_rows(session, request), summed=SUMMED, once_per=ONCE_PER)


def _rows(session: Session, request: ExportRequest) -> Iterator[Row]:
    query = _orders(session, request)
    last_id = 0
    while orders := session.execute(query.where(Order.id > last_id)).all():
        last_id = orders[-1].id
        lines = _lines(session, [order.id for order in orders])
        in_ledger = _in_ledger(session, [order.number for order in orders])
        for order in orders:
            known = in_ledger.get(order.number, InLedger())
            yield from _rows_of(order, lines[order.id], known)


def _orders(session: Session, request: ExportRequest) -> Select[*tuple[Any, ...]]:
    query = (
        select(
            Order.id,
            Order.number,
            Purchase.number.label("purchase_number"),
            type_coerce(Order.fund, String).label("fund"),
            type_coerce(Order.status, String).label("status"),
            Order.placed_at,
            Order.budget_year,
            Order.agency_code,
            Order.agency_name,
            Order.parent_agency_code,
            OrderPeople.buyer_nip,
            OrderPeople.buyer_name,
            Order.seller_id,
            Order.seller_name,
            type_coerce(Order.seller_class, String).label("seller_class"),
            Order.seller_nib,
            Order.seller_npwp,
            type_coerce(Order.channel, String).label("channel"),
            Order.outlet_code,
            Order.delivery_amount,
            Order.total_amount,
            Order.quota_amount,
            Order.expense_account,
            Order.activity_code,
            Order.approved_by_name,
            Order.approved_at,
            Order.received_at,
            Order.bast_number,
            type_coerce(Order.payment_method, String).label("payment_method"),
            type_coerce(Order.payment_status, String).label("payment_status"),
            type_coerce(Order.fulfilment_status, String).label("fulfilment_status"),
            Order.paid_at,
            Order.refunded_amount,
            Order.withheld_amount,
        )
        .join(Purchase, Purchase.id == Order.purchase_id)
        .join(OrderPeople, OrderPeople.order_id == Order.id)
        .where(Order.fund == Fund.OFFICIAL, Order.budget_year == request.year)
        .order_by(Order.id)
        .limit(CHUNK)
    )
    if request.agency_code is not None:
        agency_id = session.scalars(select(Agency.id).filter_by(code=request.agency_code)).one()
        query = query.where(Order.agency_id == agency_id)
    if request.first_day:
        query = query.where(Order.placed_at >= instant_of(request.first_day))
    if request.last_day:
        query = query.where(Order.placed_at < instant_of(request.last_day + timedelta(days=1)))
    return query


def _lines(session: Session, order_ids: Sequence[int]) -> dict[int, list[Found]]:
    query = (
        select(
            OrderLine.order_id,
            OrderLine.sku,
            OrderLine.product_name,
            OrderLine.category_path,
            OrderLine.unit,
            OrderLine.quantity,
            OrderLine.unit_price_amount,
            OrderLine.line_amount,
            OrderLine.tax_amount,
        )
        .where(OrderLine.order_id.in_(order_ids))
        .order_by(OrderLine.order_id, OrderLine.position)
    )
    by_order = groupby(session.execute(query), key=attrgetter("order_id"))
    return {order_id: list(lines) for order_id, lines in by_order}


def _in_ledger(session: Session, numbers: Sequence[str]) -> dict[str, InLedger]:
    realised = case((LedgerEntry.kind == EntryKind.REALISE, 1), else_=0)
    query = (
        select(
            LedgerEntry.reference,
            func.sum(LedgerEntry.committed_change),
            func.sum(LedgerEntry.realised_change),
            func.max(realised),
            func.min(LogLine.position),
            func.max(LogLine.position),
        )
        .join(LogLine, LogLine.entry_id == LedgerEntry.id)
        .where(LedgerEntry.reference.in_(numbers))
        .group_by(LedgerEntry.reference)
    )
    return {
        number: InLedger(int(committed), int(realised), bool(was_realised), first, last)
        for number, committed, realised, was_realised, first, last in session.execute(query)
    }


def _rows_of(order: Found, lines: Sequence[Found], known: InLedger) -> Iterator[Row]:
    weights = [line.line_amount for line in lines]
    shares = zip(
        lines,
        _shared(order.delivery_amount, weights),
        _shared(order.quota_amount, weights),
        _shared(order.refunded_amount, weights),
        _shared(order.withheld_amount, weights),
        strict=True,
    )
    before = (
        order.number,
        order.purchase_number,
        order.fund,
        order.status,
        _time(order.placed_at),
        order.budget_year,
        order.agency_code,
        order.agency_name,
        order.parent_agency_code,
        order.buyer_nip,
        order.buyer_name,
        order.seller_id,
        order.seller_name,
        order.seller_class,
        order.seller_nib,
        order.seller_npwp,
        order.channel,
        order.outlet_code,
    )
    between = (
        known.status,
        order.expense_account,
        order.activity_code,
        order.approved_by_name or None,
        _time(order.approved_at),
        _time(order.received_at),
        order.bast_number,
        order.payment_method,
        order.payment_status,
        order.fulfilment_status,
        _time(order.paid_at),
    )
    for line, delivery, quota, refunded, withheld in shares:
        yield (
            *before,
            line.sku,
            line.product_name,
            line.category_path,
            line.unit,
            line.quantity,
            line.unit_price_amount,
            line.line_amount,
            line.tax_amount,
            delivery,
            order.total_amount,
            quota,
            *between,
            refunded,
            withheld,
            known.first,
            known.last,
        )


def _shared(amount: int, weights: Sequence[int]) -> Sequence[int]:
    """`share`, without its work where there is nothing to divide, as in most orders."""
    return share(amount, weights) if amount and len(weights) > 1 else [amount] * len(weights)


def _time(instant: datetime | None) -> str | None:
    """ISO 8601 on the city's clock, with its offset."""
    return None if instant is None else city_time(instant).isoformat(timespec="seconds")
