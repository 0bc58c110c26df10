"""The city's days off: an estimate first, then as the city says."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.agencies.holiday_estimates import estimates
from storefront.agencies.holidays import (
    HolidayKnown,
    HolidayNameless,
    add_holiday,
    fill_by_itself,
    fill_year,
    holidays_of,
    remove_holiday,
    rename_holiday,
    years_to_fill,
)
from storefront.core.audit import AuditEntry
from storefront.core.database import transaction
from storefront.core.errors import NotAllowed, NotFound
from storefront.core.permissions import CITY, Actor, Role
from storefront.orders.delivery import holidays_from
from tests.factories import NOON, signed_up

CHRISTMAS = date(2026, 12, 25)
POLLING_DAY = date(2026, 12, 9)
TODAY = date(2026, 11, 12)


@pytest.fixture
def city(session: Session) -> Actor:
    return signed_up(session, Role.CITY_ADMIN, CITY)


def noted(session: Session) -> list[tuple[str, str]]:
    query = select(AuditEntry.act, AuditEntry.subject).order_by(AuditEntry.id)
    return [(act, subject) for act, subject in session.execute(query)]


def test_the_estimate_knows_holidays_and_joint_leave() -> None:
    of_the_year = estimates(2026)
    assert of_the_year[CHRISTMAS] == "Hari Raya Natal"
    assert of_the_year[date(2026, 12, 24)].startswith("Cuti Bersama")


def test_the_estimate_says_which_days_are_one() -> None:
    assert any("perkiraan" in name for name in estimates(2027).values())


def test_a_year_is_filled_and_read_by_what_promises_days(session: Session, city: Actor) -> None:
    with transaction(session):
        fill_year(session, city, 2026, now=NOON)
    assert holidays_of(session, 2026)[CHRISTMAS] == "Hari Raya Natal"
    assert CHRISTMAS in holidays_from(session, TODAY)


def test_filling_keeps_what_the_city_wrote(session: Session, city: Actor) -> None:
    with transaction(session):
        add_holiday(session, city, CHRISTMAS, name="Natal", now=NOON)
        added = fill_year(session, city, 2026, now=NOON)
        assert fill_year(session, city, 2026, now=NOON) == []
    assert len(added) == len(estimates(2026)) - 1
    assert holidays_of(session, 2026)[CHRISTMAS] == "Natal"


def test_the_city_adds_renames_and_removes_a_day_and_each_is_noted(
    session: Session, city: Actor
) -> None:
    with transaction(session):
        add_holiday(session, city, POLLING_DAY, name="  Pilkada\u200f ", now=NOON)
        rename_holiday(session, city, POLLING_DAY, name="Pemungutan suara", now=NOON)
        assert holidays_of(session, 2026) == {POLLING_DAY: "Pemungutan suara"}
        remove_holiday(session, city, POLLING_DAY, now=NOON)
    assert holidays_of(session, 2026) == {}
    day = POLLING_DAY.isoformat()
    assert noted(session) == [
        ("holiday.added", day), ("holiday.renamed", day), ("holiday.removed", day),
    ]  # fmt: skip


def test_a_day_is_a_holiday_once(session: Session, city: Actor) -> None:
    with transaction(session):
        add_holiday(session, city, CHRISTMAS, name="Natal", now=NOON)
    with pytest.raises(HolidayKnown), transaction(session):
        add_holiday(session, city, CHRISTMAS, name="Natal lagi", now=NOON)


@pytest.mark.parametrize("name", ["", " \n", "x" * 161])
def test_a_holiday_has_a_name(session: Session, city: Actor, name: str) -> None:
    with pytest.raises(HolidayNameless), transaction(session):
        add_holiday(session, city, CHRISTMAS, name=name, now=NOON)


def test_what_is_no_holiday_is_neither_renamed_nor_removed(session: Session, city: Actor) -> None:
    with pytest.raises(NotFound), transaction(session):
        rename_holiday(session, city, CHRISTMAS, name="Natal", now=NOON)
    with pytest.raises(NotFound), transaction(session):
        remove_holiday(session, city, CHRISTMAS, now=NOON)


@pytest.mark.parametrize("role", [Role.APPROVER, Role.AGENCY_ADMIN])
def test_only_the_city_keeps_the_list(session: Session, role: Role) -> None:
    somebody = signed_up(session, role)
    with pytest.raises(NotAllowed), transaction(session):
        add_holiday(session, somebody, CHRISTMAS, name="Natal", now=NOON)
    with pytest.raises(NotAllowed), transaction(session):
        rename_holiday(session, somebody, CHRISTMAS, name="Natal", now=NOON)
    with pytest.raises(NotAllowed), transaction(session):
        remove_holiday(session, somebody, CHRISTMAS, now=NOON)
    with pytest.raises(NotAllowed), transaction(session):
        fill_year(session, somebody, 2026, now=NOON)


@pytest.mark.parametrize(
    ("today", "years"), [(date(2026, 8, 31), [2026]), (date(2026, 9, 1), [2026, 2027])]
)
def test_next_year_is_asked_about_from_september_on(
    session: Session, today: date, years: list[int]
) -> None:
    assert years_to_fill(session, today=today) == years


def test_the_worker_fills_a_year_once_and_leaves_it_to_the_city(
    session: Session, city: Actor
) -> None:
    with transaction(session):
        added = fill_by_itself(session, today=TODAY, now=NOON)
        assert added == len(estimates(2026)) + len(estimates(2027))
        remove_holiday(session, city, CHRISTMAS, now=NOON)
        assert fill_by_itself(session, today=TODAY, now=NOON) == 0
    assert CHRISTMAS not in holidays_of(session, 2026)
