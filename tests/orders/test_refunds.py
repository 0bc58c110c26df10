"""Money that goes back to the buyer of a personal order."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.core.database import transaction
from storefront.orders import fulfilment
from storefront.orders.models import OrderStatus, PaymentStatus
from storefront.orders.refunds import (
    RefundExceedsPaid,
    Share,
    due_amount,
    record_refund,
    record_refund_failed,
    record_refund_of,
)
from storefront.orders.transitions import IllegalTransition
from storefront.payments.models import GatewayPayment, GatewayPaymentStatus
from storefront.payments.refunds import record_refund_refused, request_refund
from storefront.quota.models import Amounts, EntryKind, LedgerEntry, QuotaAccount
from storefront.sellers.models import SellerClass
from tests.factories import NOON
from tests.factories_orders import (
    Around,
    approved_order,
    around,
    found,
    paid_order,
    received_order,
)


@pytest.fixture
def of(session: Session) -> Around:
    return around(session)


@pytest.fixture
def declined(session: Session, of: Around) -> str:
    """A paid personal order of 100.000 rupiah that its seller declined."""
    number = paid_order(session, of)
    with transaction(session):
        fulfilment.decline(session, of.seller, number, reason="Bahan habis", now=NOON)
    return number


def settled(session: Session, number: str) -> GatewayPayment:
    """The gateway's side of the money."""
    payment = GatewayPayment(
        reference=number.rsplit("-", 1)[0],
        attempt=1,
        amount=100_000,
        status=GatewayPaymentStatus.SETTLED,
        idempotency_key=f"pay-{number}",
        created_at=NOON,
        expires_at=NOON + timedelta(minutes=31),
        settled_at=NOON,
    )
    with transaction(session):
        session.add(payment)
    return payment


def test_a_declined_order_is_refunded_whole(session: Session, declined: str) -> None:
    with transaction(session):
        order = found(session, declined)
        assert due_amount(session, order) == 100_000
        record_refund(session, order, amount=100_000, now=NOON)
    order = found(session, declined)
    assert (order.status, order.payment_status) == (OrderStatus.DECLINED, PaymentStatus.REFUNDED)
    assert (order.paid_amount, order.refunded_amount) == (0, 100_000)
    assert due_amount(session, order) == 0


def test_nothing_is_due_of_an_order_that_goes_well(session: Session, of: Around) -> None:
    number = received_order(session, of, paid_order(session, of))
    assert due_amount(session, found(session, number)) == 0


def test_what_was_asked_for_already_is_not_due_again(session: Session, declined: str) -> None:
    payment = settled(session, declined)
    with transaction(session):
        request_refund(
            session, payment=payment, reference=declined, cause="decline", amount=30_000, now=NOON
        )
    assert due_amount(session, found(session, declined)) == 70_000


def test_a_refund_that_the_gateway_refused_is_due_again(session: Session, declined: str) -> None:
    payment = settled(session, declined)
    with transaction(session):
        refund = request_refund(
            session, payment=payment, reference=declined, cause="decline", amount=100_000, now=NOON
        )
        record_refund_refused(session, refund=refund, now=NOON)
    assert due_amount(session, found(session, declined)) == 100_000


def test_a_part_that_came_back_is_refunded_and_reversed_once(session: Session, of: Around) -> None:
    number = received_order(session, of, paid_order(session, of))
    with transaction(session):
        fulfilment.take_back(session, of.seller, number, pieces={1: 3}, now=NOON)
    with transaction(session):
        order = found(session, number)
        assert due_amount(session, order) == 30_000
        record_refund(session, order, amount=30_000, now=NOON)
    order = found(session, number)
    assert (order.status, order.payment_status) == (
        OrderStatus.COMPLETED,
        PaymentStatus.PARTIALLY_REFUNDED,
    )
    assert session.scalars(select(QuotaAccount)).one().balances == Amounts(0, 70_000)
    kinds = session.scalars(select(LedgerEntry.kind).order_by(LedgerEntry.id)).all()
    assert [kind.value for kind in kinds] == ["realise", "reverse"]


def test_a_refund_after_receipt_reverses_what_was_realised(session: Session, of: Around) -> None:
    number = received_order(session, of, paid_order(session, of))
    with transaction(session):
        record_refund(session, found(session, number), amount=100_000, now=NOON)
    assert session.scalars(select(QuotaAccount)).one().balances == Amounts()


def test_one_refund_of_several_orders_locks_their_accounts_in_the_order_of_the_keys(
    session: Session, of: Around
) -> None:
    numbers = [
        received_order(session, of, paid_order(session, of, seller_class=seller_class))
        for seller_class in sorted(SellerClass, reverse=True)
    ]
    with transaction(session):
        shares = [Share(found(session, number), 100_000) for number in numbers]
        record_refund_of(session, shares, now=NOON)
    reversed_in = session.scalars(
        select(QuotaAccount.seller_class)
        .join(LedgerEntry, LedgerEntry.account_id == QuotaAccount.id)
        .where(LedgerEntry.kind == EntryKind.REVERSE)
        .order_by(LedgerEntry.id)
    )
    assert list(reversed_in) == sorted(SellerClass)


def test_never_more_goes_back_than_was_paid(session: Session, declined: str) -> None:
    with transaction(session):
        record_refund(session, found(session, declined), amount=60_000, now=NOON)
    with pytest.raises(RefundExceedsPaid) as refusal, transaction(session):
        record_refund(session, found(session, declined), amount=40_001, now=NOON)
    assert refusal.value.details["paid_amount"] == 40_000


def test_a_refund_that_failed_afterwards_is_owed_again(session: Session, declined: str) -> None:
    with transaction(session):
        record_refund(session, found(session, declined), amount=100_000, now=NOON)
        record_refund_failed(session, [Share(found(session, declined), 100_000)], now=NOON)
    order = found(session, declined)
    assert (order.payment_status, order.paid_amount) == (PaymentStatus.PAID, 100_000)
    assert due_amount(session, order) == 100_000


def test_an_agencys_order_has_no_buyers_money_to_give_back(session: Session, of: Around) -> None:
    number = approved_order(session, of)
    assert due_amount(session, found(session, number)) == 0
    with pytest.raises(RefundExceedsPaid), transaction(session):
        record_refund(session, found(session, number), amount=1, now=NOON)


def test_a_refunded_order_is_not_shipped(session: Session, of: Around) -> None:
    """Somebody gave the money back at the gateway."""
    number = paid_order(session, of)
    with transaction(session):
        fulfilment.accept(session, of.seller, number, now=NOON)
        record_refund(session, found(session, number), amount=100_000, now=NOON)
    with pytest.raises(IllegalTransition, match="dikembalikan dananya"), transaction(session):
        fulfilment.ship(session, of.seller, number, now=NOON)
