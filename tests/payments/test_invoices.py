"""What agencies pay by invoice, as their treasurers record it."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy.orm import Session

from storefront.core.database import transaction
from storefront.core.errors import DomainError
from storefront.core.permissions import Actor, PersonId
from storefront.payments.invoices import (
    NothingPaid,
    PaidInTheFuture,
    Proof,
    ProofDiffers,
    WithheldExceedsGross,
    record_agency_payment,
)
from storefront.payments.models import AgencyMethod, AgencyPayment
from storefront.payments.queries import agency_paid_total, agency_payments
from tests.conftest import CountSelects
from tests.payments.conftest import NOON

ORDER = "P-7K3M9Q2T4V-1"
TREASURER = Actor(PersonId("treasurer"), frozenset())
PROOF = Proof(AgencyMethod.LS, date(2026, 11, 12), "SP2D-0417", 2_500_000, 37_500)


def record(
    session: Session, proof: Proof = PROOF, *, order: str = ORDER, now: datetime = NOON
) -> AgencyPayment:
    with transaction(session):
        return record_agency_payment(session, TREASURER, reference=order, proof=proof, now=now)


def test_gross_is_net_and_withheld(session: Session) -> None:
    payment = record(session)
    assert payment.net_amount == 2_462_500
    assert agency_paid_total(session, ORDER) == 2_500_000
    assert (payment.recorded_by, payment.recorded_at) == ("treasurer", NOON)


def test_the_same_proof_again_is_the_same_payment(session: Session) -> None:
    assert record(session).id == record(session).id


def test_a_proof_is_not_recorded_with_two_amounts(session: Session) -> None:
    record(session)
    with pytest.raises(ProofDiffers, match="SP2D-0417"):
        record(session, replace(PROOF, gross_amount=2_600_000))


@pytest.mark.parametrize(
    ("changed", "refusal", "field"),
    [
        ({"gross_amount": 0, "withheld_amount": 0}, NothingPaid, "gross_amount"),
        ({"withheld_amount": 2_500_001}, WithheldExceedsGross, "withheld_amount"),
        ({"withheld_amount": -1}, WithheldExceedsGross, "withheld_amount"),
        ({"paid_on": date(2026, 11, 13)}, PaidInTheFuture, "paid_on"),
    ],
)
def test_a_proof_that_cannot_be_true_is_refused_at_its_field(
    session: Session, changed: dict[str, object], refusal: type[DomainError], field: str
) -> None:
    with pytest.raises(refusal):
        record(session, replace(PROOF, **changed))  # type: ignore[arg-type]
    assert refusal.field == field


def test_the_day_of_a_proof_is_one_of_jakarta(session: Session) -> None:
    after_midnight_in_jakarta = datetime(2026, 12, 31, 17, 30, tzinfo=UTC)
    proof = replace(PROOF, paid_on=date(2027, 1, 1))
    assert record(session, proof, now=after_midnight_in_jakarta).paid_on == date(2027, 1, 1)


def test_payments_of_many_orders_take_one_query(
    session: Session, count_selects: CountSelects
) -> None:
    orders = [f"P-7K3M9Q2T4V-{number}" for number in range(1, 4)]
    for order in orders[:2]:
        record(session, order=order)
    record(session, replace(PROOF, number="SP2D-0418"), order=orders[0])
    with count_selects() as selects:
        found = agency_payments(session, orders)
    assert [len(found[order]) for order in orders] == [2, 1, 0]
    assert len(selects) == 1
