"""What treasurers record."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storefront.core.database import transaction
from storefront.core.errors import NotAllowed
from storefront.core.permissions import Role, agency_scope
from storefront.orders import fulfilment
from storefront.orders.agency_payments import (
    MoreThanAccepted,
    PaidBeforeApproval,
    ProofNumberMissing,
    pay,
    payable_amount,
)
from storefront.orders.models import OrderStatus, PaymentMethod, PaymentStatus
from storefront.orders.transitions import IllegalTransition
from storefront.payments.invoices import PaidInTheFuture, ProofDiffers
from storefront.payments.models import AgencyPayment
from tests.factories import NOON, agency, signed_up
from tests.factories_orders import (
    TODAY,
    Around,
    approved_order,
    around,
    found,
    paid_order,
    proof,
    received_order,
)


@pytest.fixture
def of(session: Session) -> Around:
    return around(session)


@pytest.fixture
def received(session: Session, of: Around) -> str:
    """An official order of 100.000 rupiah that its buyer has."""
    return received_order(session, of, approved_order(session, of))


def test_taxes_withheld_count_as_paid(session: Session, of: Around, received: str) -> None:
    with transaction(session):
        pay(session, of.treasurer, received, proof=proof(100_000, withheld=1_500), now=NOON)
    order = found(session, received)
    assert (order.payment_status, order.paid_amount, order.withheld_amount) == (
        PaymentStatus.PAID,
        100_000,
        1_500,
    )
    assert order.payment_method is PaymentMethod.LS
    assert session.scalars(select(AgencyPayment)).one().net_amount == 98_500


def test_paid_in_parts_it_is_partially_paid_until_all_is(
    session: Session, of: Around, received: str
) -> None:
    with transaction(session):
        pay(session, of.treasurer, received, proof=proof(30_000), now=NOON)
    order = found(session, received)
    assert (order.status, order.payment_status, payable_amount(order)) == (
        OrderStatus.APPROVED,
        PaymentStatus.PARTIALLY_PAID,
        70_000,
    )
    with transaction(session):
        pay(session, of.treasurer, received, proof=proof(70_000), now=NOON)
    assert found(session, received).status is OrderStatus.COMPLETED


def test_no_more_is_paid_than_was_accepted(session: Session, of: Around, received: str) -> None:
    with transaction(session):
        fulfilment.take_back(session, of.seller, received, pieces={1: 4}, now=NOON)
    with pytest.raises(MoreThanAccepted) as refusal, transaction(session):
        pay(session, of.treasurer, received, proof=proof(60_001), now=NOON)
    assert refusal.value.details["left_amount"] == 60_000


def test_what_is_not_received_is_not_paid(session: Session, of: Around) -> None:
    number = approved_order(session, of)
    with pytest.raises(IllegalTransition), transaction(session):
        pay(session, of.treasurer, number, proof=proof(1), now=NOON)


def test_the_same_proof_again_is_the_payment_that_is_known(
    session: Session, of: Around, received: str
) -> None:
    same = proof(100_000)
    for _ in range(2):
        with transaction(session):
            pay(session, of.treasurer, received, proof=same, now=NOON)
    order = found(session, received)
    assert (order.paid_amount, order.event_count) == (100_000, 7)
    assert session.scalars(select(func.count()).select_from(AgencyPayment)).one() == 1


def test_a_proof_number_does_not_stand_for_two_payments(
    session: Session, of: Around, received: str
) -> None:
    with transaction(session):
        pay(session, of.treasurer, received, proof=proof(30_000, number="SP2D/1"), now=NOON)
    with pytest.raises(ProofDiffers), transaction(session):
        pay(session, of.treasurer, received, proof=proof(40_000, number="SP2D/1"), now=NOON)


def test_a_proof_is_not_of_tomorrow(session: Session, of: Around, received: str) -> None:
    tomorrow = TODAY + timedelta(days=1)
    with pytest.raises(PaidInTheFuture), transaction(session):
        pay(session, of.treasurer, received, proof=proof(100_000, on=tomorrow), now=NOON)


def test_a_proof_is_not_older_than_the_approval(
    session: Session, of: Around, received: str
) -> None:
    with pytest.raises(PaidBeforeApproval), transaction(session):
        pay(
            session,
            of.treasurer,
            received,
            proof=proof(100_000, on=TODAY - timedelta(days=1)),
            now=NOON,
        )


@pytest.mark.parametrize("number", [" ", "", "9" * 81])
def test_a_proof_has_a_number(session: Session, of: Around, received: str, number: str) -> None:
    written = proof(100_000)
    with pytest.raises(ProofNumberMissing), transaction(session):
        pay(
            session,
            of.treasurer,
            received,
            proof=type(written)(written.method, TODAY, number, 100_000),
            now=NOON,
        )


def test_it_was_paid_on_the_day_of_the_proof(session: Session, of: Around) -> None:
    number = received_order(session, of, approved_order(session, of))
    later = NOON + timedelta(days=5)
    with transaction(session):
        pay(session, of.treasurer, number, proof=proof(100_000), now=later)
    paid_at = found(session, number).paid_at
    assert paid_at is not None
    assert paid_at.date() == date(2026, 11, 12)


def test_only_the_orders_own_agency_pays(session: Session, of: Around, received: str) -> None:
    agency(session, "1.01.01")
    buyer_there = signed_up(session, Role.PROCUREMENT, agency_scope(of.agency.code))
    with pytest.raises(NotAllowed), transaction(session):
        pay(session, buyer_there, received, proof=proof(100_000), now=NOON)


def test_nobody_pays_a_personal_order_for_its_buyer(session: Session, of: Around) -> None:
    number = received_order(session, of, paid_order(session, of))
    with pytest.raises(NotAllowed), transaction(session):
        pay(session, of.buyer, number, proof=proof(100_000), now=NOON)
