"""Money that goes back to the buyer of a personal order, on the order's side.

The gateway's side is `payments/refunds.py`; `processes.py` stands between them.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storefront.core.errors import N_, DomainError
from storefront.core.permissions import SYSTEM
from storefront.orders.accounting import owed_back
from storefront.orders.lifecycle import apply_to_all
from storefront.orders.models import Order, OrderEvent
from storefront.orders.words import Event
from storefront.payments.models import GatewayRefund, RefundAllocation, RefundStatus


class RefundExceedsPaid(DomainError):
    """`paid_amount` is all that the order still has of its buyer's money."""

    code = "refund_exceeds_paid"
    message = N_("Dana yang dapat dikembalikan untuk pesanan ini tinggal %(paid_amount)s.")
    field = "amount"


class Share(NamedTuple):
    """Rupiah of a refund, and the order that they move."""

    order: Order
    amount: int


def due_amount(session: Session, order: Order) -> int:
    """Rupiah to ask back of the gateway now: what is owed less what was asked for already.

    The caller holds the order's lock and has its lines loaded, so two that ask cannot both ask.
    """
    asked = (
        select(func.coalesce(func.sum(RefundAllocation.amount), 0))
        .join(GatewayRefund, GatewayRefund.id == RefundAllocation.refund_id)
        .where(
            RefundAllocation.reference == order.number,
            GatewayRefund.status != RefundStatus.FAILED,
        )
    )
    under_way = session.scalars(asked).one() - order.refunded_amount
    return max(owed_back(order) - max(under_way, 0), 0)


def record_refund(session: Session, order: Order, *, amount: int, now: datetime) -> OrderEvent:
    """Move an order by rupiah that went back, once the gateway said so; return the event.

    P falls, and the ledger reverses what it realised. That one refund is told once is the
    gateway side's rule. The caller holds the order's lock. Raises `RefundExceedsPaid`, or
    `IllegalTransition` for an order that nothing was paid for.
    """
    (event,) = record_refund_of(session, [Share(order, amount)], now=now)
    return event


def record_refund_of(
    session: Session, shares: Sequence[Share], *, now: datetime
) -> list[OrderEvent]:
    """The same of one refund to several orders, which are locked together."""
    for order, amount in shares:
        if not 0 < amount <= order.paid_amount:
            raise RefundExceedsPaid(paid_amount=order.paid_amount)
        order.paid_amount -= amount
        order.refunded_amount += amount
    return apply_to_all(session, SYSTEM, [share.order for share in shares], Event.REFUND, now=now)


def record_refund_failed(
    session: Session, shares: Sequence[Share], *, now: datetime
) -> list[OrderEvent]:
    """Take a refund back that the gateway first called done and then failed: it is due again."""
    for order, amount in shares:
        if not 0 < amount <= order.refunded_amount:
            raise ValueError(f"{order.number}: {amount} of {order.refunded_amount} refunded")
        order.refunded_amount -= amount
        order.paid_amount += amount
    orders = [share.order for share in shares]
    return apply_to_all(session, SYSTEM, orders, Event.REFUND_FAILED, now=now)
