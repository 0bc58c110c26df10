"""Days of what is made to order."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.catalog.capacity import DayFull, earliest_day, left_on, put_back_day, take_day
from storefront.catalog.models import DayCapacity, VariantId
from storefront.core.database import transaction
from storefront.core.errors import NotFound
from tests.factories import listed_variant

DAY = date(2026, 11, 19)
FRIDAY = date(2026, 11, 13)
HOLIDAYS = {date(2026, 11, 16)}


def taken(session: Session, variant_id: VariantId) -> int | None:
    return session.scalar(select(DayCapacity.taken).filter_by(variant_id=variant_id, day=DAY))


@pytest.fixture
def lunch_box(session: Session) -> VariantId:
    return listed_variant(session, daily_capacity=100)


def test_pieces_are_promised_up_to_the_capacity_of_a_day(
    session: Session, lunch_box: VariantId
) -> None:
    with transaction(session):
        take_day(session, {lunch_box: 60}, day=DAY)
        take_day(session, {lunch_box: 40}, day=DAY)
    assert left_on(session, [lunch_box], DAY) == {lunch_box: 0}


def test_a_full_day_says_how_many_can_still_be_made(session: Session, lunch_box: VariantId) -> None:
    with transaction(session):
        take_day(session, {lunch_box: 60}, day=DAY)
    with pytest.raises(DayFull) as refusal, transaction(session):
        take_day(session, {lunch_box: 41}, day=DAY)
    assert (refusal.value.details["left"], refusal.value.details["day"]) == (40, DAY)
    assert taken(session, lunch_box) == 60


def test_an_order_larger_than_a_whole_day_is_refused(
    session: Session, lunch_box: VariantId
) -> None:
    with pytest.raises(DayFull), transaction(session):
        take_day(session, {lunch_box: 101}, day=DAY)


def test_if_one_of_two_is_full_neither_is_promised(session: Session, lunch_box: VariantId) -> None:
    cake = listed_variant(session, daily_capacity=1)
    with pytest.raises(DayFull), transaction(session):
        take_day(session, {lunch_box: 10, cake: 2}, day=DAY)
    assert taken(session, lunch_box) is None


def test_another_day_is_free(session: Session, lunch_box: VariantId) -> None:
    with transaction(session):
        take_day(session, {lunch_box: 100}, day=DAY)
        take_day(session, {lunch_box: 100}, day=date(2026, 11, 20))


def test_what_has_no_capacity_has_no_limit(session: Session) -> None:
    coffee = listed_variant(session)
    with transaction(session):
        take_day(session, {coffee: 9_999}, day=DAY)
    assert left_on(session, [coffee], DAY) == {coffee: None}


def test_a_promise_taken_back_is_free_again(session: Session, lunch_box: VariantId) -> None:
    with transaction(session):
        take_day(session, {lunch_box: 100}, day=DAY)
        put_back_day(session, {lunch_box: 30}, day=DAY)
    assert left_on(session, [lunch_box], DAY) == {lunch_box: 30}


def test_no_more_comes_back_than_was_promised(session: Session, lunch_box: VariantId) -> None:
    with transaction(session):
        take_day(session, {lunch_box: 10}, day=DAY)
    with pytest.raises(ValueError, match="not promised"), transaction(session):
        put_back_day(session, {lunch_box: 11}, day=DAY)


def test_a_variant_that_does_not_exist_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound), transaction(session):
        take_day(session, {VariantId(404): 1}, day=DAY)


@pytest.mark.parametrize(
    ("lead_days", "earliest"),
    [(0, FRIDAY), (1, date(2026, 11, 17)), (2, date(2026, 11, 18)), (5, date(2026, 11, 23))],
)
def test_lead_days_are_working_days(lead_days: int, earliest: date) -> None:
    """Over a weekend and a holiday on Monday."""
    assert earliest_day(lead_days, FRIDAY, HOLIDAYS) == earliest


def test_what_is_ready_on_a_saturday_comes_on_the_next_working_day() -> None:
    assert earliest_day(0, date(2026, 11, 14), HOLIDAYS) == date(2026, 11, 17)
