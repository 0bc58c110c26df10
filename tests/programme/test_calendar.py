"""Serlok days: the second Thursday, or what the city decided; and what it decided is kept."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.agencies.models import Holiday
from storefront.core.audit import AuditEntry
from storefront.core.database import transaction
from storefront.core.errors import DomainError, NotAllowed, NotFound
from storefront.core.permissions import CITY, Actor, Role
from storefront.programme.calendar import (
    WEEKEND,
    SerlokDayBegun,
    SerlokDayChanged,
    SerlokDayNotAhead,
    SerlokDayOff,
    SerlokDayOfOtherMonth,
    SerlokDayUnchanged,
    SerlokReasonNeeded,
    cancel_day,
    history,
    move_day,
    next_serlok_day,
    plan,
    serlok_day_of,
)
from storefront.programme.models import SerlokDay
from tests.conftest import CountSelects
from tests.factories import NOON, signed_up

DAY = timedelta(days=1)
TODAY = date(2026, 11, 12)  # a Serlok day
DECEMBER, RULED, MOVED = "2026-12", date(2026, 12, 10), date(2026, 12, 17)
REASON = "Pilkada serentak"


@pytest.fixture
def city(session: Session) -> Actor:
    return signed_up(session, Role.CITY_ADMIN, CITY)


def moved(session: Session, city: Actor, day: date = MOVED, *, seen: int = 0) -> SerlokDay:
    with transaction(session):
        return move_day(session, city, DECEMBER, day, reason=REASON, seen=seen, now=NOON)


def cancelled(session: Session, city: Actor, month: str = DECEMBER, *, seen: int = 0) -> SerlokDay:
    with transaction(session):
        return cancel_day(session, city, month, reason=REASON, seen=seen, now=NOON)


def test_where_nothing_was_decided_it_is_the_second_thursday(session: Session) -> None:
    assert serlok_day_of(session, DECEMBER) == RULED
    assert next_serlok_day(session, TODAY) == TODAY
    assert next_serlok_day(session, TODAY + DAY) == RULED


def test_the_city_moves_a_day_within_its_month(session: Session, city: Actor) -> None:
    moved(session, city)
    assert serlok_day_of(session, DECEMBER) == MOVED
    assert next_serlok_day(session, TODAY + DAY) == MOVED
    assert next_serlok_day(session, MOVED + DAY) == date(2027, 1, 14)


def test_a_cancelled_day_is_passed_over(session: Session, city: Actor) -> None:
    cancelled(session, city)
    assert serlok_day_of(session, DECEMBER) is None
    assert next_serlok_day(session, TODAY + DAY) == date(2027, 1, 14)


def test_where_every_day_of_a_year_is_cancelled_there_is_no_next_one(
    session: Session, city: Actor
) -> None:
    with transaction(session):
        session.add_all(
            SerlokDay(
                month=each.month,
                version=1,
                reason=REASON,
                decided_by=city.person_id,
                decided_at=NOON,
            )
            for each in plan(session, DECEMBER, 13)
        )
    assert next_serlok_day(session, date(2026, 12, 1)) is None


def test_a_cancelled_day_can_be_held_after_all(session: Session, city: Actor) -> None:
    cancelled(session, city)
    moved(session, city, seen=1)
    assert serlok_day_of(session, DECEMBER) == MOVED


def test_every_decision_is_kept_and_noted(session: Session, city: Actor) -> None:
    moved(session, city)
    cancelled(session, city, seen=1)
    kept = [
        (row.version, row.day_number, row.reason) for row in history(session, DECEMBER, DECEMBER)
    ]
    assert kept == [(2, None, REASON), (1, 17, REASON)]
    acts = session.scalars(select(AuditEntry.act).order_by(AuditEntry.id)).all()
    assert acts == ["serlok_day.moved", "serlok_day.cancelled"]


@pytest.mark.parametrize(
    ("day", "refusal"),
    [
        (date(2027, 1, 7), SerlokDayOfOtherMonth),
        (date(2026, 11, 30), SerlokDayOfOtherMonth),
        (RULED, SerlokDayUnchanged),
        (date(2026, 12, 12), SerlokDayOff),
    ],
)
def test_a_day_that_cannot_be_is_refused(
    session: Session, city: Actor, day: date, refusal: type[DomainError]
) -> None:
    with pytest.raises(refusal):
        moved(session, city, day)


def test_a_day_that_has_begun_stays(session: Session, city: Actor) -> None:
    for at in (NOON, NOON + DAY):
        with pytest.raises(SerlokDayBegun), transaction(session):
            move_day(session, city, "2026-11", date(2026, 11, 26), reason=REASON, seen=0, now=at)
        with pytest.raises(SerlokDayBegun), transaction(session):
            cancel_day(session, city, "2026-11", reason=REASON, seen=0, now=at)


def test_it_moves_to_no_day_that_is_not_ahead(session: Session, city: Actor) -> None:
    before = NOON - 2 * DAY
    with pytest.raises(SerlokDayNotAhead), transaction(session):
        move_day(session, city, "2026-11", date(2026, 11, 10), reason=REASON, seen=0, now=before)


@pytest.mark.parametrize("month", ["2026-10", "2027-11", "2026-13"])
def test_months_that_are_over_or_far_are_not_planned(
    session: Session, city: Actor, month: str
) -> None:
    with pytest.raises(NotFound):
        cancelled(session, city, month)


@pytest.mark.parametrize("reason", ["", "  \n ", "x" * 301])
def test_a_reason_is_needed(session: Session, city: Actor, reason: str) -> None:
    with pytest.raises(SerlokReasonNeeded), transaction(session):
        cancel_day(session, city, DECEMBER, reason=reason, seen=0, now=NOON)


def test_who_saw_an_older_plan_is_told(session: Session, city: Actor) -> None:
    moved(session, city)
    with pytest.raises(SerlokDayChanged):
        cancelled(session, city, seen=0)


def test_only_the_city_decides(session: Session) -> None:
    with pytest.raises(NotAllowed):
        cancelled(session, signed_up(session, Role.AGENCY_ADMIN))


# Days off


def test_the_plan_warns_of_a_holiday_and_names_the_next_working_day(session: Session) -> None:
    with transaction(session):
        session.add(Holiday(day=RULED, name="Libur kota"))
        session.add(Holiday(day=RULED + DAY, name="Cuti bersama"))
    (planned,) = plan(session, DECEMBER, 1)
    assert (planned.day_off, planned.suggested) == ("Libur kota", date(2026, 12, 14))


def test_at_the_end_of_a_month_the_working_day_before_is_named(
    session: Session, city: Actor
) -> None:
    with transaction(session):
        session.add(Holiday(day=date(2026, 12, 31), name="Cuti bersama"))
    with pytest.raises(SerlokDayOff) as refused:
        moved(session, city, date(2026, 12, 31))
    assert refused.value.details["suggested"] == date(2026, 12, 30)


def test_a_day_off_is_taken_when_it_is_meant(session: Session, city: Actor) -> None:
    saturday = date(2026, 12, 12)
    with transaction(session):
        move_day(
            session,
            city,
            DECEMBER,
            saturday,
            reason="Pasar malam",
            seen=0,
            now=NOON,
            despite_day_off=True,
        )
    (planned,) = plan(session, DECEMBER, 1)
    assert (planned.day, planned.day_off, planned.is_moved) == (saturday, WEEKEND, True)


def test_the_plan_of_a_year_is_read_as_that_of_a_month(
    session: Session, city: Actor, count_selects: CountSelects
) -> None:
    moved(session, city)
    counts = []
    for months in (1, 12):
        with count_selects() as selects:
            assert len(plan(session, DECEMBER, months)) == months
        counts.append(len(selects))
    assert counts == [2, 2]
