"""Money that goes back: never more than came, once for each cause, and each rupiah somebody's."""

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from storefront.core.database import transaction
from storefront.core.errors import NotAllowed, NotFound
from storefront.core.permissions import (
    CITY,
    NOBODY,
    Actor,
    Grant,
    PersonId,
    Role,
)
from storefront.payments.models import (
    GatewayPayment,
    GatewayRefund,
    RefundId,
    RefundOrigin,
    RefundStatus,
)
from storefront.payments.queries import (
    balances,
    paid_total,
    refunded_total,
    refunds_on_hold,
    refunds_to_ask_for,
)
from storefront.payments.refunds import (
    AlreadyAllocated,
    RefundExceedsPayment,
    SharesDiffer,
    allocate_refund,
    record_refund_done,
    record_refund_refused,
    record_refund_seen,
    request_refund,
)
from tests.payments.conftest import NOON
from tests.payments.made import PURCHASE, open_attempt, seen, settled
from tests.threads import in_threads

FIRST, SECOND = f"{PURCHASE}-1", f"{PURCHASE}-2"
CITY_ADMIN = Actor(PersonId("c1"), frozenset({Grant(Role.CITY_ADMIN, *CITY)}))


def asked(
    session: Session, payment: GatewayPayment, *, amount: int = 4_000, cause: str = "declined"
) -> GatewayRefund:
    with transaction(session):
        return request_refund(
            session, payment=payment, reference=FIRST, cause=cause, amount=amount, now=NOON
        )


def hold(session: Session, payment: GatewayPayment, *, amount: int = 4_000) -> GatewayRefund:
    with transaction(session):
        refund = record_refund_seen(session, payment=payment, state=seen(amount=amount), now=NOON)
    assert refund
    return refund


def test_a_refund_asked_for_takes_its_amount_from_what_is_left_at_once(session: Session) -> None:
    payment = settled(session, amount=15_000)
    refund = asked(session, payment, amount=4_000)
    assert (refund.status, payment.refunded_amount) == (RefundStatus.PENDING, 4_000)
    assert [r.id for r in refunds_to_ask_for(session)] == [refund.id]


def test_the_same_cause_again_is_the_same_refund(session: Session) -> None:
    payment = settled(session, amount=15_000)
    assert asked(session, payment).id == asked(session, payment).id
    assert payment.refunded_amount == 4_000


def test_never_more_than_was_paid(session: Session) -> None:
    payment = settled(session, amount=15_000)
    asked(session, payment, amount=12_000)
    with pytest.raises(RefundExceedsPayment, match="3000"):
        asked(session, payment, amount=3_001, cause="cancelled")
    asked(session, payment, amount=3_000, cause="cancelled")


def test_what_was_never_paid_is_never_refunded(session: Session) -> None:
    with pytest.raises(RefundExceedsPayment, match="yaitu 0"):
        asked(session, open_attempt(session))


def test_eight_refunds_at_once_stay_within_the_payment(session: Session, engine: Engine) -> None:
    payment = settled(session, amount=15_000)

    def ask(number: int) -> bool:
        with Session(engine) as own:
            known = own.get_one(GatewayPayment, payment.id)
            try:
                asked(own, known, cause=f"cause {number}")
            except RefundExceedsPayment:
                return False
            return True

    assert sum(in_threads(8, ask)) == 3
    session.refresh(payment)
    assert payment.refunded_amount == 12_000


def test_a_refund_counts_once_it_succeeded(session: Session) -> None:
    payment = settled(session, amount=15_000)
    refund = asked(session, payment)
    assert (paid_total(session, PURCHASE), refunded_total(session, FIRST)) == (15_000, 0)
    with transaction(session):
        done = [
            record_refund_done(session, refund=refund, state=seen(), now=NOON) for _ in range(2)
        ]
    assert done == [True, False]
    assert (paid_total(session, PURCHASE), refunded_total(session, FIRST)) == (11_000, 4_000)


def test_a_refund_that_comes_back_may_be_asked_for_again(session: Session) -> None:
    payment = settled(session, amount=15_000)
    refund = asked(session, payment, amount=15_000)
    failed = seen(amount=15_000, status=RefundStatus.FAILED)
    with transaction(session):
        record_refund_done(session, refund=refund, state=seen(amount=15_000), now=NOON)
        assert record_refund_done(session, refund=refund, state=failed, now=NOON)
        assert not record_refund_done(session, refund=refund, state=failed, now=NOON)
    assert payment.refunded_amount == 0
    asked(session, payment, amount=15_000, cause="declined, again")


def test_a_failed_refund_stays_failed(session: Session) -> None:
    payment = settled(session)
    refund = asked(session, payment)
    with transaction(session):
        record_refund_refused(session, refund=refund, now=NOON)
        assert not record_refund_done(session, refund=refund, state=seen(), now=NOON)
    assert (refund.status, payment.refunded_amount) == (RefundStatus.FAILED, 0)


def test_news_of_our_own_refund_finds_it_by_its_key(session: Session) -> None:
    payment = settled(session)
    refund = asked(session, payment)
    ours = seen(origin=RefundOrigin.STORE, key=refund.idempotency_key)
    with transaction(session):
        assert record_refund_seen(session, payment=payment, state=ours, now=NOON) is refund
        assert record_refund_seen(session, payment=payment, state=ours, now=NOON) is None
    assert payment.refunded_amount == 4_000


def test_a_refund_made_by_hand_is_a_hold_until_it_is_allocated(session: Session) -> None:
    payment = settled(session, amount=15_000)
    refund = hold(session, payment, amount=4_000)
    (waiting,) = refunds_on_hold(session)
    assert waiting.refund is refund
    (balance,) = balances(session)
    assert (balance.paid_amount, balance.unallocated_amount) == (11_000, 4_000)
    with transaction(session):
        shares = {FIRST: 1_500, SECOND: 2_500}
        allocate_refund(session, CITY_ADMIN, refund_id=refund.id, shares=shares, now=NOON)
    assert refunds_on_hold(session) == []
    assert [refunded_total(session, number) for number in (FIRST, SECOND)] == [1_500, 2_500]


def test_a_refund_made_by_hand_is_seen_once(session: Session) -> None:
    payment = settled(session, amount=15_000)
    hold(session, payment)
    with transaction(session):
        assert record_refund_seen(session, payment=payment, state=seen(), now=NOON) is None
    assert payment.refunded_amount == 4_000


def test_of_a_purchase_with_one_order_everything_is_that_orders(session: Session) -> None:
    payment = settled(session, amount=15_000)
    with transaction(session):
        record_refund_seen(session, payment=payment, state=seen(), whole_of=FIRST, now=NOON)
    assert refunds_on_hold(session) == []
    assert refunded_total(session, FIRST) == 4_000


def test_a_refund_by_hand_waits_while_the_stores_own_takes_all_the_room(session: Session) -> None:
    payment = settled(session, amount=15_000)
    ours = asked(session, payment, amount=15_000)
    with pytest.raises(RefundExceedsPayment):
        hold(session, payment, amount=15_000)
    with transaction(session):
        record_refund_refused(session, refund=ours, now=NOON)
    assert hold(session, payment, amount=15_000).amount == 15_000


def test_a_dispute_holds_its_money_and_frees_it_when_won(session: Session) -> None:
    payment = settled(session, amount=15_000)
    asking = seen(amount=15_000, status=RefundStatus.PENDING, origin=RefundOrigin.DISPUTE)
    won = seen(amount=15_000, status=RefundStatus.FAILED, origin=RefundOrigin.DISPUTE)
    with transaction(session):
        record_refund_seen(session, payment=payment, state=asking, now=NOON)
    assert (paid_total(session, PURCHASE), payment.refunded_amount) == (15_000, 15_000)
    with transaction(session):
        record_refund_seen(session, payment=payment, state=won, now=NOON)
    assert payment.refunded_amount == 0
    assert refunds_on_hold(session) == []


@pytest.mark.parametrize("shares", [{FIRST: 3_999}, {FIRST: 4_001}, {FIRST: 5_000, SECOND: -1_000}])
def test_shares_add_up_to_the_refund(session: Session, shares: dict[str, int]) -> None:
    refund = hold(session, settled(session), amount=4_000)
    with pytest.raises(SharesDiffer), transaction(session):
        allocate_refund(session, CITY_ADMIN, refund_id=refund.id, shares=shares, now=NOON)


def test_a_refund_is_allocated_once(session: Session) -> None:
    refund = hold(session, settled(session), amount=4_000)
    for expected in (None, AlreadyAllocated):
        with transaction(session):
            if expected is None:
                allocate(session, refund.id)
                continue
            with pytest.raises(expected):
                allocate(session, refund.id)


def test_only_a_city_admin_allocates(session: Session) -> None:
    refund = hold(session, settled(session), amount=4_000)
    with pytest.raises(NotAllowed), transaction(session):
        allocate(session, refund.id, NOBODY)


def test_a_refund_that_nobody_made_cannot_be_allocated(session: Session) -> None:
    with pytest.raises(NotFound), transaction(session):
        allocate(session, RefundId(4_711))


def allocate(session: Session, refund_id: RefundId, actor: Actor = CITY_ADMIN) -> None:
    allocate_refund(session, actor, refund_id=refund_id, shares={FIRST: 4_000}, now=NOON)
