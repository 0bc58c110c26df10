"""Who is behind plan, and that nobody is reminded twice in a month."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.core.database import transaction
from storefront.core.errors import NotAllowed
from storefront.core.outbox import due
from storefront.core.permissions import CITY, Actor, Role
from storefront.notifications.topics import letters_for
from storefront.reports.models import PlanReminder
from storefront.reports.reminders import BehindRow, behind_plan, remind
from tests.factories import HEALTH, NOON, actor_of, agency, budget, placed, signed_up
from tests.reports.made import booked

CODE = HEALTH.agency_code
TODAY = date(2026, 7, 2)
"""The 183rd of 365 days."""
NOW = NOON.replace(month=7, day=2)


@pytest.fixture
def admin(session: Session) -> Actor:
    return signed_up(session, Role.CITY_ADMIN, CITY)


def behind(session: Session, admin: Actor, today: date = TODAY) -> list[BehindRow]:
    session.rollback()
    return behind_plan(session, admin, today=today)


def test_an_agency_below_its_share_of_the_year_is_behind(session: Session, admin: Actor) -> None:
    budget(session, agency(session), ceiling=3_650_000)  # target 1,460,000: 4,000 a day
    booked(session, realised=400_000, committed=32_000)
    (row,) = behind(session, admin)
    assert row.behind_amount == 183 * 4_000 - 432_000
    assert (row.permille, row.planned_permille) == (118, 200)
    assert row.missing_amount == 1_460_000 - 432_000
    assert row.monthly_amount == -(-row.missing_amount // 6)


def test_who_is_on_plan_to_the_rupiah_and_who_has_no_budget_is_not(
    session: Session, admin: Actor
) -> None:
    budget(session, agency(session), ceiling=3_650_000)
    booked(session, realised=183 * 4_000)
    agency(session, "2.01.01")
    assert behind(session, admin) == []
    assert [row.code for row in behind(session, admin, TODAY + timedelta(1))] == [CODE]


def test_a_reminder_goes_once_a_month_to_those_who_buy_for_the_agency(
    session: Session, admin: Actor
) -> None:
    unit = agency(session)
    budget(session, unit, ceiling=3_650_000)
    officer = placed(session, unit, Role.BUYER, Role.PROCUREMENT)
    for _ in range(2):
        with transaction(session):
            remind(session, admin, [CODE, "no such code"], today=TODAY, now=NOW)
    (message,) = due(session, now=NOW)
    assert message.payload["monthly_amount"] == 1_460_000 // 6 + 1
    letters = letters_for(session, message, today=TODAY)
    assert {letter.to.person_id for letter in letters} == {officer.person_id}
    with transaction(session):
        august = remind(session, admin, [CODE], today=TODAY.replace(month=8), now=NOW)
    assert august == [CODE]
    assert session.scalars(select(PlanReminder.month).order_by("month")).all() == [
        "2026-07",
        "2026-08",
    ]


def test_who_was_not_chosen_or_is_not_behind_is_not_written_to(
    session: Session, admin: Actor
) -> None:
    budget(session, agency(session), ceiling=3_650_000)
    with transaction(session):
        assert remind(session, admin, [], today=TODAY, now=NOW) == []
    booked(session, realised=2_000_000)
    with transaction(session):
        assert remind(session, admin, [CODE], today=TODAY, now=NOW) == []


def test_only_the_city_reminds(session: Session) -> None:
    unit = agency(session)
    officer = actor_of(placed(session, unit), unit, Role.PROCUREMENT)
    with pytest.raises(NotAllowed), transaction(session):
        remind(session, officer, [CODE], today=TODAY, now=NOW)
    auditor = signed_up(session, Role.AUDITOR, CITY)
    assert behind(session, auditor) == []
    with pytest.raises(NotAllowed), transaction(session):
        remind(session, auditor, [CODE], today=TODAY, now=NOW)
