"""An attempt to be paid, from its writing to its end."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from storefront.core.database import transaction
from storefront.payments.attempts import (
    AlreadyPaid,
    PaymentUndecided,
    open_payment,
    record_expired,
    record_failed,
    record_session,
    record_settled,
)
from storefront.payments.models import GatewayPayment, GatewayPaymentStatus
from storefront.payments.queries import (
    attempts_of,
    current_payment,
    payment_of,
    payments_to_look_at,
    payments_with_a_note,
)
from tests.payments.conftest import NOON
from tests.payments.made import PURCHASE, answer_to, attempt_at, open_attempt, paid, settled
from tests.threads import in_threads

LATER = NOON + timedelta(minutes=32)


def status_of(session: Session, payment: GatewayPayment) -> GatewayPaymentStatus:
    with Session(session.get_bind()) as another:
        return another.get_one(GatewayPayment, payment.id).status


def test_an_attempt_is_written_before_the_gateway_is_asked(session: Session) -> None:
    payment = attempt_at(session, amount=15_000)
    assert (payment.status, payment.provider_session_id) == (GatewayPaymentStatus.PENDING, None)
    assert payment.expires_at == NOON + timedelta(minutes=31)
    assert payment.idempotency_key.startswith(f"pay-{PURCHASE}-1-")


def test_an_attempt_that_lives_is_the_same_attempt(session: Session) -> None:
    assert attempt_at(session).id == open_attempt(session).id == attempt_at(session).id


def test_after_an_attempt_that_ended_there_is_a_second_with_a_key_of_its_own(
    session: Session,
) -> None:
    first = open_attempt(session)
    with transaction(session):
        record_expired(session, payment=first, now=LATER)
    second = attempt_at(session, now=LATER)
    assert (second.attempt, second.status) == (2, GatewayPaymentStatus.PENDING)
    assert second.idempotency_key != first.idempotency_key


def test_what_is_paid_is_not_paid_again(session: Session) -> None:
    settled(session)
    with pytest.raises(AlreadyPaid):
        attempt_at(session)


def test_an_attempt_over_by_the_clock_must_be_closed_at_the_gateway_before_another(
    session: Session,
) -> None:
    open_attempt(session)
    with pytest.raises(PaymentUndecided):
        attempt_at(session, now=LATER)


def test_another_amount_waits_until_the_first_attempt_is_closed(session: Session) -> None:
    open_attempt(session, amount=15_000)
    with pytest.raises(PaymentUndecided):
        attempt_at(session, amount=16_000)


def test_a_payment_settles_once_however_often_it_is_told(session: Session) -> None:
    payment = open_attempt(session)
    with transaction(session):
        told = [
            record_settled(session, payment=payment, state=paid(payment), now=NOON)
            for _ in range(3)
        ]
    assert told == [True, False, False]
    assert payment.settled_at == NOON


def test_money_that_comes_before_the_opening_was_answered_settles(session: Session) -> None:
    payment = attempt_at(session)
    with transaction(session):
        state = paid(payment)
        assert payment_of(session, state) is payment
        assert record_settled(session, payment=payment, state=state, now=NOON)
        assert not record_session(session, payment=payment, opened=answer_to(payment))
    assert status_of(session, payment) is GatewayPaymentStatus.SETTLED


def test_money_that_comes_after_the_end_settles_all_the_same(session: Session) -> None:
    payment = open_attempt(session)
    with transaction(session):
        record_expired(session, payment=payment, now=LATER)
        assert record_settled(session, payment=payment, state=paid(payment), now=LATER)


def test_an_end_that_is_told_after_the_money_changes_nothing(session: Session) -> None:
    payment = settled(session)
    with transaction(session):
        assert not record_expired(session, payment=payment, now=LATER)
        assert not record_failed(session, payment=payment, reason="late")
    assert status_of(session, payment) is GatewayPaymentStatus.SETTLED


@pytest.mark.parametrize(
    "differing", [{"amount": 15_001}, {"currency": "usd"}, {"reference": "P-0000000000"}]
)
def test_an_amount_currency_or_reference_that_differs_is_noted_and_never_settled(
    session: Session, differing: dict[str, str]
) -> None:
    payment = open_attempt(session, amount=15_000)
    with transaction(session):
        state = paid(payment, **differing)  # type: ignore[arg-type]
        assert not record_settled(session, payment=payment, state=state, now=NOON)
    assert status_of(session, payment) is GatewayPaymentStatus.OPEN
    assert [p.id for p in payments_with_a_note(session)] == [payment.id]


def test_an_attempt_closed_before_its_time_is_superseded(session: Session) -> None:
    payment = open_attempt(session)
    with transaction(session):
        record_expired(session, payment=payment, now=NOON)
    assert status_of(session, payment) is GatewayPaymentStatus.SUPERSEDED


def test_the_sweep_looks_at_what_is_over_and_at_what_was_never_answered(session: Session) -> None:
    over = open_attempt(session, reference="P-OVER000000")
    unanswered = attempt_at(session, reference="P-LOST000000")
    settled(session, reference="P-PAID000000")
    open_attempt(session, reference="P-FRESH00000", now=LATER)
    attempt_at(session, reference="P-JUSTNOW000", now=LATER)
    found = payments_to_look_at(session, now=LATER)
    assert [p.id for p in found] == [over.id, unanswered.id]


def test_the_attempt_that_counts_is_the_settled_one(session: Session) -> None:
    first = open_attempt(session)
    with transaction(session):
        record_expired(session, payment=first, now=LATER)
    second = attempt_at(session, now=LATER)
    assert current_payment(session, PURCHASE) is second
    with transaction(session):
        record_settled(session, payment=first, state=paid(first), now=LATER)
    assert current_payment(session, PURCHASE) is first
    assert [p.attempt for p in attempts_of(session, PURCHASE)] == [2, 1]


def test_eight_tellers_at_once_settle_once(session: Session, engine: Engine) -> None:
    payment = open_attempt(session)
    state = paid(payment)

    def tell(_: int) -> bool:
        with Session(engine) as own, transaction(own):
            known = own.get_one(GatewayPayment, payment.id)
            return record_settled(own, payment=known, state=state, now=NOON)

    assert sum(in_threads(8, tell)) == 1


def test_an_attempt_needs_an_amount(session: Session) -> None:
    with pytest.raises(Exception, match="amount_positive"), transaction(session):
        open_payment(session, reference=PURCHASE, amount=0, now=NOON)
