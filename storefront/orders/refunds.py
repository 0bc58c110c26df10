"""Money that goes back to the buyer of a personal order, on the order's side.

The gateway's side is `payments/refunds.py`; `processes.py` stands between them.
"""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storefront.core.errors import N_, DomainError
from storefront.core.permissions import SYSTEM
from storefront.orders.accounting import owed_back
from storefront.orders.lifecycle import apply
from storefront.orders.models import Order, OrderEvent
from storefront.orders.words import Event
from storefront.payments.models import GatewayRefund, RefundAllocation, RefundStatus


class RefundExceedsPaid(DomainError):
    """`paid_amount` is all that the order still has of its buyer's money."""

    code = "refund_exceeds_paid"
    message = N_("Dana yang dapat dikembalikan untuk pesanan ini tinggal %(paid_amount)s.")
    field = "amount"


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
    if not 0 < amount <= order.paid_amount:
        raise RefundExceedsPaid(paid_amount=order.paid_amount)
    order.paid_amount -= amount
    order.refunded_amount += amount
    return apply(session, SYSTEM, order, Event.REFUND, now=now)


def record_refund_failed(
    session: Session, order: Order, *, amount: int, now: datetime
) -> OrderEvent:
    """Take a refund back that the gateway first called done and then failed: it is due again."""
    if not 0 < amount <= order.refunded_amount:
        raise ValueError(f"{order.number}: {amount} of {order.refunded_amount} refunded")
    order.refunded_amount -= amount
    order.paid_amount += amount
    return apply(session, SYSTEM, order, Event.REFUND_FAILED, now=now)
