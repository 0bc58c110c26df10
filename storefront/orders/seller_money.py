"""A shop's money: what came, what went back, what agencies still owe. Reads only, in rupiah."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, load_only

from storefront.core.calendar import city_day
from storefront.core.paging import PAGE_SIZE, Page, page_number
from storefront.core.permissions import Action, Actor, require, shop_scope
from storefront.orders.accounting import in_total
from storefront.orders.models import Order, OrderStatus, PaymentMethod
from storefront.orders.month_buckets import (
    month_of_date,
    month_of_instant,
    within,
    within_days,
)
from storefront.payments.models import (
    AgencyPayment,
    GatewayRefund,
    RefundAllocation,
    RefundStatus,
)
from storefront.quota.models import Fund
from storefront.sellers.models import SellerId

MOST_INVOICES = 500
"""What one shop can be owed at a time is bounded by its monthly cap; this bounds the read."""


@dataclass(frozen=True)
class MoneyMonth:
    """A month (YYYY-MM): by the day on an agency's proof, of payment or refund at the gateway."""

    month: str
    agency_amount: int
    """Gross of what was withheld."""
    withheld_amount: int
    personal_amount: int
    refunded_amount: int

    @property
    def net_amount(self) -> int:
        """What stayed with the shop."""
        gross = self.agency_amount + self.personal_amount
        return gross - self.withheld_amount - self.refunded_amount


@dataclass(frozen=True)
class Invoice:
    """What an agency accepted and has not paid. `since` is the last acceptance; None: in parts."""

    order_number: str
    agency_name: str
    bast_number: str | None
    since: date | None
    owed_amount: int

    def days_open(self, today: date) -> int | None:
        return None if self.since is None else (today - self.since).days


@dataclass(frozen=True)
class Invoices:
    """All that agencies owe, and one page of it, the longest open first."""

    page: Page[Invoice]
    total_amount: int


@dataclass(frozen=True)
class PaidRow:
    """A payment of an agency, as its treasurer's proof says."""

    order_number: str
    agency_name: str
    paid_on: date
    method: PaymentMethod
    proof_number: str
    gross_amount: int
    withheld_amount: int

    @property
    def net_amount(self) -> int:
        return self.gross_amount - self.withheld_amount


def money_by_month(
    session: Session, actor: Actor, seller_id: SellerId, *, months: Sequence[str]
) -> list[MoneyMonth]:
    """Every one of the consecutive months, also those without money. Three queries.

    Raises `NotAllowed`.
    """
    require(actor, Action.MANAGE_SHOP, shop_scope(seller_id))
    agencies = _paid_by_agencies(session, seller_id, months)
    personal = _paid_by_buyers(session, seller_id, months)
    refunds = _refunded(session, seller_id, months)
    return [
        MoneyMonth(
            month, *agencies.get(month, (0, 0)), personal.get(month, 0), refunds.get(month, 0)
        )
        for month in months
    ]


def open_invoices(
    session: Session, actor: Actor, seller_id: SellerId, *, page: int | None = 1
) -> Invoices:
    """What agencies owe the shop. One query. Raises `NotAllowed`."""
    require(actor, Action.MANAGE_SHOP, shop_scope(seller_id))
    query = (
        select(Order)
        .where(
            Order.seller_id == seller_id,
            Order.status == OrderStatus.APPROVED,
            Order.paid_amount < Order.accepted_amount,
        )
        .options(
            load_only(
                Order.number,
                Order.agency_name,
                Order.bast_number,
                Order.received_at,
                Order.accepted_amount,
                Order.quota_amount,
                Order.total_amount,
                Order.paid_amount,
            )
        )
        .order_by(Order.received_at.is_(None), Order.received_at, Order.id)
        .limit(MOST_INVOICES)
    )
    invoices = [_invoice(order) for order in session.scalars(query)]
    number = page_number(page)
    rows = invoices[(number - 1) * PAGE_SIZE : number * PAGE_SIZE]
    has_next = len(invoices) > number * PAGE_SIZE
    return Invoices(
        page=Page(rows, number, has_next, total=len(invoices)),
        total_amount=sum(invoice.owed_amount for invoice in invoices),
    )


def list_payments(
    session: Session,
    actor: Actor,
    seller_id: SellerId,
    *,
    months: Sequence[str],
    page: int | None = 1,
) -> Page[PaidRow]:
    """What agencies paid in the months, the latest first. One query. Raises `NotAllowed`."""
    require(actor, Action.MANAGE_SHOP, shop_scope(seller_id))
    number = page_number(page)
    query = (
        select(AgencyPayment, Order.agency_name)
        .join(Order, Order.number == AgencyPayment.reference)
        .where(Order.seller_id == seller_id, within_days(AgencyPayment.paid_on, months))
        .order_by(AgencyPayment.paid_on.desc(), AgencyPayment.id.desc())
        .offset((number - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE + 1)
    )
    rows = [
        PaidRow(
            order_number=paid.reference,
            agency_name=agency_name,
            paid_on=paid.paid_on,
            method=PaymentMethod(paid.method),
            proof_number=paid.proof_number,
            gross_amount=paid.gross_amount,
            withheld_amount=paid.withheld_amount,
        )
        for paid, agency_name in session.execute(query)
    ]
    return Page(rows[:PAGE_SIZE], number, has_next=len(rows) > PAGE_SIZE)


def _invoice(order: Order) -> Invoice:
    received: datetime | None = order.received_at
    return Invoice(
        order_number=order.number,
        agency_name=order.agency_name,
        bast_number=order.bast_number,
        since=None if received is None else city_day(received),
        owed_amount=in_total(order, order.accepted_amount) - order.paid_amount,
    )


def _paid_by_agencies(
    session: Session, seller_id: SellerId, months: Sequence[str]
) -> Mapping[str, tuple[int, int]]:
    month = month_of_date(AgencyPayment.paid_on, months).label("month")
    query = (
        select(month, func.sum(AgencyPayment.gross_amount), func.sum(AgencyPayment.withheld_amount))
        .join(Order, Order.number == AgencyPayment.reference)
        .where(Order.seller_id == seller_id, within_days(AgencyPayment.paid_on, months))
        .group_by(month)
    )
    return {name: (int(gross), int(withheld)) for name, gross, withheld in session.execute(query)}


def _paid_by_buyers(
    session: Session, seller_id: SellerId, months: Sequence[str]
) -> Mapping[str, int]:
    """Own money comes whole: what was given back since stands in its own month."""
    month = month_of_instant(Order.paid_at, months).label("month")
    query = (
        select(month, func.sum(Order.paid_amount + Order.refunded_amount))
        .where(
            Order.seller_id == seller_id,
            Order.fund == Fund.PERSONAL,
            within(Order.paid_at, months),
        )
        .group_by(month)
    )
    return {name: int(amount) for name, amount in session.execute(query)}


def _refunded(session: Session, seller_id: SellerId, months: Sequence[str]) -> Mapping[str, int]:
    month = month_of_instant(GatewayRefund.settled_at, months).label("month")
    query = (
        select(month, func.sum(RefundAllocation.amount))
        .join(GatewayRefund, GatewayRefund.id == RefundAllocation.refund_id)
        .join(Order, Order.number == RefundAllocation.reference)
        .where(
            Order.seller_id == seller_id,
            GatewayRefund.status == RefundStatus.SUCCEEDED,
            within(GatewayRefund.settled_at, months),
        )
        .group_by(month)
    )
    return {name: int(amount) for name, amount in session.execute(query)}
