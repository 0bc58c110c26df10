"""What waits in an agency, for its front page: counts and sums of its open official orders."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from storefront.agencies.models import Agency
from storefront.core.errors import NotFound
from storefront.orders.models import FulfilmentStatus, Order, OrderStatus, PaymentStatus
from storefront.quota.models import Fund


@dataclass(frozen=True)
class Waiting:
    """So many orders, worth so many rupiah."""

    orders: int
    amount: int


@dataclass(frozen=True, kw_only=True)
class AgencyOrders:
    """The open official orders of an agency, by whose turn it is."""

    to_decide: Waiting
    """Requests that an approver of this agency decides on, also of agencies below."""
    to_accept: Waiting
    """Approved; the seller has not answered."""
    on_the_way: Waiting
    """Accepted or sent, and not all received."""
    to_pay: Waiting
    """Something was received, and not all of it is paid."""


def agency_orders(session: Session, agency_code: str) -> AgencyOrders:
    """What waits, in whole rupiah. Raises `NotFound`."""
    agency_id = session.scalar(select(Agency.id).filter_by(code=agency_code))
    if agency_id is None:
        raise NotFound
    fulfilment = Order.fulfilment_status
    received = Order.accepted_amount > Order.paid_amount
    unpaid = Order.payment_status.in_([PaymentStatus.UNPAID, PaymentStatus.PARTIALLY_PAID])
    under_way = fulfilment.not_in(
        [FulfilmentStatus.WAITING, FulfilmentStatus.RECEIVED, FulfilmentStatus.RETURNED]
    )
    approved = session.execute(
        select(
            *_waiting(fulfilment == FulfilmentStatus.WAITING, Order.agreed_amount),
            *_waiting(under_way, Order.agreed_amount - Order.accepted_amount),
            *_waiting(received & unpaid, Order.accepted_amount - Order.paid_amount),
        ).where(
            Order.agency_id == agency_id,
            Order.fund == Fund.OFFICIAL,
            Order.status == OrderStatus.APPROVED,
        )
    ).one()
    to_decide = session.execute(
        select(func.count(), func.coalesce(func.sum(Order.total_amount), 0)).where(
            Order.approval_agency_id == agency_id, Order.status == OrderStatus.SUBMITTED
        )
    ).one()
    pairs = [Waiting(int(approved[at]), int(approved[at + 1])) for at in (0, 2, 4)]
    return AgencyOrders(
        to_decide=Waiting(to_decide[0], int(to_decide[1])),
        to_accept=pairs[0],
        on_the_way=pairs[1],
        to_pay=pairs[2],
    )


def _waiting(
    where: ColumnElement[bool], amount: ColumnElement[int] | object
) -> tuple[ColumnElement[int], ColumnElement[int]]:
    return (
        func.coalesce(func.sum(case((where, 1), else_=0)), 0),
        func.coalesce(func.sum(case((where, amount), else_=0)), 0),
    )
