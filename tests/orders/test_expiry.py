"""What the clock does."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.core.calendar import city_time, instant_of
from storefront.core.database import transaction
from storefront.core.outbox import OutboxMessage
from storefront.core.permissions import SYSTEM
from storefront.orders import fulfilment
from storefront.orders.approvals import Decision, decide
from storefront.orders.expiry import (
    count_as_received,
    decide_by,
    expire_request,
    parcels_to_receive,
    parcels_to_remind_of,
    remind,
    requests_to_expire,
)
from storefront.orders.models import FulfilmentStatus, OrderStatus
from tests.factories import NOON
from tests.factories_orders import (
    Around,
    approved_order,
    around,
    found,
    paid_order,
    placed_order,
)
from tests.orders.stocks import pieces_left

MONDAY = datetime(2026, 11, 9, 2, 0, tzinfo=UTC)
"""9.00 in Jakarta."""
DAY = timedelta(days=1)


@pytest.fixture
def of(session: Session) -> Around:
    return around(session)


@pytest.fixture
def on_its_way(session: Session, of: Around) -> str:
    number = paid_order(session, of)
    with transaction(session):
        fulfilment.accept(session, of.seller, number, now=NOON)
        fulfilment.ship(session, of.seller, number, now=NOON)
    return number


def test_a_request_waits_to_the_end_of_the_fifth_working_day() -> None:
    until = decide_by(MONDAY, None, 5, frozenset())
    assert until == instant_of(date(2026, 11, 17))


def test_holidays_are_no_working_days() -> None:
    until = decide_by(MONDAY, None, 2, {date(2026, 11, 10), date(2026, 11, 11)})
    assert until == instant_of(date(2026, 11, 14))


@pytest.mark.parametrize(
    ("deliver_on", "last_call"),
    [(date(2026, 11, 12), "2026-11-11 16:00"), (date(2026, 11, 16), "2026-11-13 16:00")],
)
def test_a_seller_must_know_by_four_on_the_working_day_before_delivery(
    deliver_on: date, last_call: str
) -> None:
    until = city_time(decide_by(MONDAY, deliver_on, 5, frozenset()))
    assert f"{until:%Y-%m-%d %H:%M}" == last_call


def test_a_request_does_not_outlive_its_year() -> None:
    until = decide_by(datetime(2026, 12, 30, 2, tzinfo=UTC), None, 5, frozenset())
    assert until == instant_of(date(2027, 1, 1))


def test_a_request_that_nobody_decided_expires_and_frees_its_stock(
    session: Session, of: Around
) -> None:
    number = placed_order(session, of, decide_by=NOON + DAY)
    approved_order(session, of, decide_by=NOON + DAY)
    assert requests_to_expire(session, now=NOON + DAY - timedelta(seconds=1)) == []
    assert requests_to_expire(session, now=NOON + DAY) == [number]
    with transaction(session):
        assert expire_request(session, number, now=NOON + DAY)
    assert found(session, number).status is OrderStatus.EXPIRED
    assert pieces_left(session, number) == [10]


def test_a_request_that_was_decided_meanwhile_does_not_expire(session: Session, of: Around) -> None:
    number = placed_order(session, of, decide_by=NOON + DAY)
    with transaction(session):
        decide(session, of.approver, number, Decision.APPROVE, "", now=NOON)
    with transaction(session):
        assert not expire_request(session, number, now=NOON + DAY)
    assert found(session, number).status is OrderStatus.APPROVED


def test_what_is_due_comes_bounded_and_in_the_order_of_ids(session: Session, of: Around) -> None:
    numbers = [placed_order(session, of, decide_by=NOON) for _ in range(3)]
    assert requests_to_expire(session, now=NOON, limit=2) == numbers[:2]


def test_a_parcel_counts_as_received_after_seven_days(session: Session, on_its_way: str) -> None:
    assert parcels_to_receive(session, now=NOON + 7 * DAY - timedelta(seconds=1)) == []
    assert parcels_to_receive(session, now=NOON + 7 * DAY) == [on_its_way]
    with transaction(session):
        assert count_as_received(session, on_its_way, now=NOON + 7 * DAY)
    order = found(session, on_its_way)
    assert (order.status, order.received_at) == (OrderStatus.COMPLETED, NOON + 7 * DAY)
    assert order.events[-2].person_id == SYSTEM.person_id


def test_its_buyer_is_reminded_once_on_the_fifth_day(session: Session, on_its_way: str) -> None:
    assert parcels_to_remind_of(session, now=NOON + 5 * DAY - timedelta(seconds=1)) == []
    assert parcels_to_remind_of(session, now=NOON + 5 * DAY) == [on_its_way]
    for expected in (True, False):
        with transaction(session):
            assert remind(session, on_its_way, now=NOON + 5 * DAY) is expected
    assert parcels_to_remind_of(session, now=NOON + 6 * DAY) == []
    reminders = select(OutboxMessage).filter_by(topic="receive_reminder")
    assert len(session.scalars(reminders).all()) == 1


def test_what_was_confirmed_needs_no_clock(session: Session, of: Around, on_its_way: str) -> None:
    with transaction(session):
        fulfilment.receive(session, of.buyer, on_its_way, now=NOON)
    with transaction(session):
        assert not count_as_received(session, on_its_way, now=NOON + 7 * DAY)
        assert not remind(session, on_its_way, now=NOON + 7 * DAY)


def test_an_agency_accepts_by_hand_only(session: Session, of: Around) -> None:
    number = approved_order(session, of)
    with transaction(session):
        fulfilment.accept(session, of.seller, number, now=NOON)
        fulfilment.ship(session, of.seller, number, now=NOON)
    later = NOON + 30 * DAY
    assert parcels_to_receive(session, now=later) == parcels_to_remind_of(session, now=later) == []
    with transaction(session):
        assert not count_as_received(session, number, now=later)


def test_of_a_delivery_in_parts_what_was_sent_counts_and_the_rest_has_its_own_time(
    session: Session, of: Around
) -> None:
    number = paid_order(session, of)
    with transaction(session):
        fulfilment.accept(session, of.seller, number, now=NOON)
        fulfilment.ship(session, of.seller, number, pieces={1: 4}, now=NOON)
    with transaction(session):
        assert count_as_received(session, number, now=NOON + 7 * DAY)
    assert found(session, number).fulfilment_status is FulfilmentStatus.PARTIALLY_RECEIVED
    with transaction(session):
        assert not count_as_received(session, number, now=NOON + 8 * DAY)
    assert parcels_to_receive(session, now=NOON + 8 * DAY) == []
    with transaction(session):
        fulfilment.ship(session, of.seller, number, now=NOON + 9 * DAY)
    assert parcels_to_receive(session, now=NOON + 15 * DAY) == []
    assert parcels_to_receive(session, now=NOON + 16 * DAY) == [number]
