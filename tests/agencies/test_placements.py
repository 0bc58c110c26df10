"""Attribution: where somebody is placed on the day of an order, by the clock of Jakarta."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from storefront.agencies.models import Agency, PlacementId, PlacementKind
from storefront.agencies.placements import (
    ChoosePlacement,
    NoPlacement,
    NotYourPlacement,
    placement_for,
    placements_on,
)
from storefront.core.calendar import city_day
from storefront.core.errors import NotFound
from tests.agencies.made import TODAY, below, elsewhere
from tests.conftest import CountSelects
from tests.factories import agency, person, placed

DAY = timedelta(days=1)
ACTING = PlacementKind.ACTING


@pytest.fixture
def health(session: Session) -> Agency:
    return agency(session)


@pytest.fixture
def schools(session: Session) -> Agency:
    return elsewhere(session)


def code_on(session: Session, person_id: object, day: date) -> str:
    return placement_for(session, person_id, day, None).agency_code  # type: ignore[arg-type]


def test_who_moved_yesterday_belongs_to_the_new_agency(
    session: Session, health: Agency, schools: Agency
) -> None:
    moved = placed(session, health, until=TODAY - DAY).person_id
    placed(session, schools, person_id=moved, since=TODAY)
    assert code_on(session, moved, TODAY - DAY) == health.code
    assert code_on(session, moved, TODAY) == schools.code


def test_who_moves_tomorrow_still_belongs_to_the_old_agency(
    session: Session, health: Agency, schools: Agency
) -> None:
    moving = placed(session, health, until=TODAY).person_id
    placed(session, schools, person_id=moving, since=TODAY + DAY)
    assert code_on(session, moving, TODAY) == health.code


@pytest.mark.parametrize(
    ("instant", "code"),
    [
        (datetime(2026, 12, 31, 16, 30, tzinfo=UTC), "1.02.01"),  # 23:30 in Jakarta
        (datetime(2026, 12, 31, 16, 59, 59, tzinfo=UTC), "1.02.01"),
        (datetime(2026, 12, 31, 17, 0, tzinfo=UTC), "1.01.01"),
        (datetime(2026, 12, 31, 17, 30, tzinfo=UTC), "1.01.01"),  # 00:30 in Jakarta
    ],
)
def test_a_buyer_who_moves_at_new_year_is_attributed_by_midnight_in_jakarta(
    session: Session, health: Agency, schools: Agency, instant: datetime, code: str
) -> None:
    moving = placed(session, health, until=date(2026, 12, 31)).person_id
    placed(session, schools, person_id=moving, since=date(2027, 1, 1))
    assert code_on(session, moving, city_day(instant)) == code


def test_first_and_last_day_are_both_included(session: Session, health: Agency) -> None:
    guest = placed(session, health, since=TODAY, until=TODAY).person_id
    assert code_on(session, guest, TODAY) == health.code
    for outside in (TODAY - DAY, TODAY + DAY):
        with pytest.raises(NoPlacement):
            code_on(session, guest, outside)


def test_nobody_placed_is_told_whom_to_ask(session: Session) -> None:
    with pytest.raises(NoPlacement, match="admin instansi"):
        placement_for(session, person(session), TODAY, None)


def test_of_two_placements_the_buyer_chooses_and_the_definitive_one_is_proposed(
    session: Session, health: Agency, schools: Agency
) -> None:
    own = placed(session, health)
    acting = placed(session, schools, person_id=own.person_id, kind=ACTING)
    with pytest.raises(ChoosePlacement) as refusal:
        placement_for(session, own.person_id, TODAY, None)
    assert refusal.value.field == "placement_id"
    proposed = placements_on(session, own.person_id, TODAY)
    assert [placement.placement_id for placement in proposed] == [own.id, acting.id]
    chosen = placement_for(session, own.person_id, TODAY, acting.id)
    assert chosen.agency_code == schools.code


def test_another_persons_placement_is_as_if_it_were_not_there(
    session: Session, health: Agency
) -> None:
    buyer, other = placed(session, health), placed(session, health)
    for chosen in (other.id, PlacementId(999_999)):
        with pytest.raises(NotYourPlacement) as refusal:
            placement_for(session, buyer.person_id, TODAY, chosen)
        assert isinstance(refusal.value, NotFound)


def test_a_placement_that_ended_since_the_page_was_shown_asks_to_choose_anew(
    session: Session, health: Agency, schools: Agency
) -> None:
    ended = placed(session, health, until=TODAY - DAY)
    placed(session, schools, person_id=ended.person_id, since=TODAY)
    with pytest.raises(ChoosePlacement):
        placement_for(session, ended.person_id, TODAY, ended.id)


def test_a_placement_says_all_that_an_order_freezes(session: Session, health: Agency) -> None:
    clinic = below(session, health)
    placement = placed(session, clinic)
    current = placement_for(session, placement.person_id, TODAY, None)
    assert (current.nip, current.position) == (placement.nip, placement.position)
    assert (current.agency_id, current.agency_code) == (clinic.id, clinic.code)
    assert (current.agency_name, current.agency_address) == (clinic.name, clinic.address)
    assert (current.parent_agency_code, current.request_days) == (health.code, 5)


def test_all_placements_are_one_query(
    session: Session, health: Agency, schools: Agency, count_selects: CountSelects
) -> None:
    rina = placed(session, health).person_id
    placed(session, schools, person_id=rina, kind=ACTING)
    session.expunge_all()
    with count_selects() as selects:
        assert len(placements_on(session, rina, TODAY)) == 2
    assert len(selects) == 1
