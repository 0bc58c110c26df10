"""Where an order is, for who looks at a list: one stage for each, by its three statuses."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, and_

from storefront.orders.models import FulfilmentStatus, Order, OrderStatus, PaymentStatus

S, P, F = OrderStatus, PaymentStatus, FulfilmentStatus
EVERY_PAYMENT = frozenset(PaymentStatus)
EVERY_FULFILMENT = frozenset(FulfilmentStatus)


class Stage(StrEnum):
    DRAFT = "draft"
    """Sent back to its buyer."""
    TO_APPROVE = "to_approve"
    TO_PAY_NOW = "to_pay_now"
    """Its buyer has not paid at the gateway yet."""
    TO_ANSWER = "to_answer"
    """Its seller has not taken it on yet."""
    TO_SHIP = "to_ship"
    ON_THE_WAY = "on_the_way"
    TO_BE_PAID = "to_be_paid"
    """Received, and waits for the treasurer."""
    DONE = "done"
    OVER = "over"
    """Rejected, declined, cancelled, expired, or come back."""


@dataclass(frozen=True)
class Where:
    """The statuses of one stage."""

    status: frozenset[OrderStatus]
    payment: frozenset[PaymentStatus] = EVERY_PAYMENT
    fulfilment: frozenset[FulfilmentStatus] = EVERY_FULFILMENT


_UNDER_WAY = frozenset({S.APPROVED, S.PLACED})
_NOT_PENDING = EVERY_PAYMENT - {P.PENDING}

STAGES: Mapping[Stage, Where] = {
    Stage.DRAFT: Where(frozenset({S.DRAFT})),
    Stage.TO_APPROVE: Where(frozenset({S.SUBMITTED})),
    Stage.TO_PAY_NOW: Where(frozenset({S.PLACED}), frozenset({P.PENDING})),
    Stage.TO_ANSWER: Where(_UNDER_WAY, _NOT_PENDING, frozenset({F.WAITING})),
    Stage.TO_SHIP: Where(_UNDER_WAY, _NOT_PENDING, frozenset({F.ACCEPTED, F.PARTIALLY_SHIPPED})),
    Stage.ON_THE_WAY: Where(_UNDER_WAY, _NOT_PENDING, frozenset({F.SHIPPED, F.PARTIALLY_RECEIVED})),
    Stage.TO_BE_PAID: Where(_UNDER_WAY, _NOT_PENDING, frozenset({F.RECEIVED})),
    Stage.DONE: Where(frozenset({S.COMPLETED})),
    Stage.OVER: Where(frozenset({S.REJECTED, S.DECLINED, S.CANCELLED, S.EXPIRED})),
}


def stage_of(status: OrderStatus, payment: PaymentStatus, fulfilment: FulfilmentStatus) -> Stage:
    """The stage of an order with these statuses; what fits none has come back."""
    return next(
        (
            stage
            for stage, where in STAGES.items()
            if status in where.status
            and payment in where.payment
            and fulfilment in where.fulfilment
        ),
        Stage.OVER,
    )


def is_at(stage: Stage) -> ColumnElement[bool]:
    """The same as a condition."""
    where = STAGES[stage]
    conditions = [Order.status.in_(sorted(where.status))]
    if where.payment != EVERY_PAYMENT:
        conditions.append(Order.payment_status.in_(sorted(where.payment)))
    if where.fulfilment != EVERY_FULFILMENT:
        conditions.append(Order.fulfilment_status.in_(sorted(where.fulfilment)))
    return and_(*conditions)
