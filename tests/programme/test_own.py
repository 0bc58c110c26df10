"""One's own months: from one's own private orders, and nobody else's."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from storefront.core.calendar import city_day
from storefront.core.permissions import Actor, PersonId
from storefront.programme.own import OwnMonth, has_bought_this_month, own_months
from storefront.quota.models import Fund
from tests.factories import NOON
from tests.factories_orders import Around, approved_order, around
from tests.programme.test_participation import bought, colleagues, gone_back

TODAY = city_day(NOON)  # a Serlok day
OCTOBER = datetime(2026, 10, 20, 5, 0, tzinfo=UTC)


@pytest.fixture
def of(session: Session) -> Around:
    return around(session)


@pytest.fixture
def me(session: Session) -> PersonId:
    (person_id,) = colleagues(session, 1)
    return person_id


def months(session: Session, person_id: PersonId, count: int = 2) -> list[OwnMonth]:
    return own_months(session, Actor(person_id, frozenset()), today=TODAY, months=count)


def done(session: Session, person_id: PersonId) -> bool:
    return has_bought_this_month(session, Actor(person_id, frozenset()), today=TODAY)


def test_what_one_bought_on_the_day_and_on_another(
    session: Session, of: Around, me: PersonId
) -> None:
    bought(session, of, [me], at=NOON)
    bought(session, of, [me], at=OCTOBER)
    assert months(session, me) == [
        OwnMonth("2026-11", TODAY, has_bought=True, on_serlok_day=True),
        OwnMonth("2026-10", date(2026, 10, 8), has_bought=True, on_serlok_day=False),
    ]
    assert done(session, me)


def test_an_earlier_month_is_not_this_one(session: Session, of: Around, me: PersonId) -> None:
    bought(session, of, [me], at=OCTOBER)
    assert not done(session, me)


def test_the_months_begin_by_the_clock_of_jakarta(
    session: Session, of: Around, me: PersonId
) -> None:
    first_instant = datetime(2026, 10, 31, 17, 0, tzinfo=UTC)
    bought(session, of, [me], at=first_instant - timedelta(seconds=1))
    assert not done(session, me)
    bought(session, of, [me], at=first_instant)
    assert done(session, me)


def test_what_others_bought_is_not_ones_own(session: Session, of: Around, me: PersonId) -> None:
    bought(session, of, colleagues(session, 1), at=NOON)
    assert not done(session, me)
    assert not any(each.has_bought for each in months(session, me))


def test_what_went_back_was_not_bought(session: Session, of: Around, me: PersonId) -> None:
    (number,) = bought(session, of, [me], at=NOON)
    gone_back(session, number, at=NOON)
    assert not done(session, me)


def test_what_one_asked_for_the_agency_is_not_ones_own(session: Session, of: Around) -> None:
    approved_order(session, of, fund=Fund.OFFICIAL)
    assert not done(session, of.buyer.person_id)


def test_months_reach_over_the_turn_of_the_year(session: Session, me: PersonId) -> None:
    assert [each.month for each in months(session, me, 12)][-1] == "2025-12"
