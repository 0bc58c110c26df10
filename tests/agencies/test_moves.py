"""Placements begun, moved and ended, by who may, and never two definitive ones at once."""

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from storefront.agencies.grants import NotARoleHere, PlacementOver
from storefront.agencies.models import Agency, Placement, PlacementKind, PlacementRole
from storefront.agencies.moves import (
    AgencyOutOfReach,
    AlreadyActingThere,
    DatesImpossible,
    DayOutOfBounds,
    DefinitiveOverlap,
    MoveTooEarly,
    NumberNotTheirs,
    PositionMissing,
    add_placement,
    end_placement,
    move_placement,
)
from storefront.core.audit import AuditEntry
from storefront.core.database import transaction
from storefront.core.errors import DomainError, NotFound
from storefront.core.permissions import Actor, Role
from tests.agencies.made import (
    TODAY,
    below,
    city_admin,
    elsewhere,
    employee,
    nip,
    put,
    staff,
    wanted,
)
from tests.factories import LONG_AGO, NOON, agency
from tests.threads import in_threads

DAY = timedelta(days=1)
ACTING = PlacementKind.ACTING


@pytest.fixture
def health(session: Session) -> Agency:
    return agency(session)


@pytest.fixture
def admin(session: Session, health: Agency) -> Actor:
    return staff(session, Role.AGENCY_ADMIN, health)


def test_an_agencys_admin_places_an_employee_there_and_below(
    session: Session, health: Agency, admin: Actor
) -> None:
    clinic = below(session, health)
    placement = put(session, admin, employee(session), wanted(clinic, 3, Role.BUYER))
    assert (placement.agency_id, placement.recorded_by) == (clinic.id, admin.person_id)


@pytest.mark.parametrize("role", [Role.BUYER, Role.APPROVER, Role.TREASURER, Role.PROCUREMENT])
def test_who_is_no_admin_places_nobody(session: Session, health: Agency, role: Role) -> None:
    other, rina = staff(session, role, health), employee(session)
    with pytest.raises(NotFound):
        put(session, other, rina, wanted(health))


def test_an_admin_of_another_agency_does_not_even_learn_that_it_exists(
    session: Session, health: Agency
) -> None:
    stranger, rina = staff(session, Role.AGENCY_ADMIN, elsewhere(session)), employee(session)
    with pytest.raises(NotFound):
        put(session, stranger, rina, wanted(health))


def test_an_admin_of_an_agency_below_does_not_reach_up(session: Session, health: Agency) -> None:
    junior, rina = staff(session, Role.AGENCY_ADMIN, below(session, health)), employee(session)
    with pytest.raises(NotFound):
        put(session, junior, rina, wanted(health))


def test_there_is_one_definitive_placement_at_a_time(session: Session, health: Agency) -> None:
    by, rina = city_admin(session), employee(session)
    put(session, by, rina, wanted(health, until=TODAY))
    with pytest.raises(DefinitiveOverlap):
        put(session, by, rina, wanted(elsewhere(session), since=TODAY))
    put(session, by, rina, wanted(elsewhere(session), since=TODAY + DAY))


def test_a_placement_without_end_leaves_no_room_for_a_second(
    session: Session, health: Agency
) -> None:
    by, rina = city_admin(session), employee(session)
    put(session, by, rina, wanted(health))
    with pytest.raises(DefinitiveOverlap):
        put(session, by, rina, wanted(elsewhere(session), since=date(2090, 1, 1)))


def test_acting_stands_beside_definitive_but_not_twice_in_one_agency(
    session: Session, health: Agency
) -> None:
    by, rina = city_admin(session), employee(session)
    put(session, by, rina, wanted(health))
    put(session, by, rina, wanted(health, kind=ACTING))
    put(session, by, rina, wanted(elsewhere(session), kind=ACTING))
    with pytest.raises(AlreadyActingThere):
        put(session, by, rina, wanted(health, kind=ACTING, since=TODAY))


def test_a_number_must_be_the_persons_own(session: Session, health: Agency, admin: Actor) -> None:
    rina, _tono = employee(session, 3), employee(session, 4, "Tono")
    for serial in (4, 5):
        with pytest.raises(NumberNotTheirs):
            put(session, admin, rina, wanted(health, serial))


@pytest.mark.parametrize(
    ("since", "until", "refusal"),
    [
        (TODAY, TODAY - DAY, DatesImpossible),
        (date(1949, 12, 31), None, DayOutOfBounds),
        (TODAY, date(2101, 1, 1), DayOutOfBounds),
    ],
)
def test_impossible_days_are_refused(
    session: Session,
    health: Agency,
    admin: Actor,
    since: date,
    until: date | None,
    refusal: type[DomainError],
) -> None:
    rina = employee(session)
    with pytest.raises(refusal):
        put(session, admin, rina, wanted(health, since=since, until=until))


def test_only_roles_of_an_agency_are_held_there(
    session: Session, health: Agency, admin: Actor
) -> None:
    rina = employee(session)
    with pytest.raises(NotARoleHere):
        put(session, admin, rina, wanted(health, 3, Role.CITY_ADMIN))


@pytest.mark.parametrize("position", ["", " \n ", "x" * 161])
def test_a_position_is_told(session: Session, health: Agency, admin: Actor, position: str) -> None:
    rina, told = employee(session), wanted(health)
    object.__setattr__(told, "position", position)
    with pytest.raises(PositionMissing):
        put(session, admin, rina, told)


def test_a_move_ends_the_old_placement_the_day_before(session: Session, health: Agency) -> None:
    by, rina, schools = city_admin(session), employee(session), elsewhere(session)
    old = put(session, by, rina, wanted(health, 3, Role.BUYER, Role.PROCUREMENT))
    with transaction(session):
        new = move_placement(
            session, by, old.id, wanted(schools, 3, Role.BUYER, since=TODAY), now=NOON
        )
    assert session.get_one(Placement, old.id).valid_to == TODAY - DAY
    assert (new.agency_id, new.valid_from, new.valid_to) == (schools.id, TODAY, None)


def test_no_role_moves_along_unless_it_is_named(session: Session, health: Agency) -> None:
    by, rina, schools = city_admin(session), employee(session), elsewhere(session)
    old = put(session, by, rina, wanted(health, 3, Role.BUYER, Role.APPROVER))
    with transaction(session):
        new = move_placement(session, by, old.id, wanted(schools, since=TODAY), now=NOON)
    roles = session.scalars(select(PlacementRole).filter_by(placement_id=new.id)).all()
    assert roles == []


def test_an_agencys_admin_moves_within_reach_and_not_beyond(
    session: Session, health: Agency, admin: Actor
) -> None:
    rina, clinic = employee(session), below(session, health)
    old = put(session, admin, rina, wanted(health))
    beyond = wanted(elsewhere(session), since=TODAY)
    with pytest.raises(AgencyOutOfReach), transaction(session):
        move_placement(session, admin, old.id, beyond, now=NOON)
    with transaction(session):
        move_placement(session, admin, old.id, wanted(clinic, since=TODAY), now=NOON)


@pytest.mark.parametrize(
    ("since", "refusal"), [(LONG_AGO, MoveTooEarly), (TODAY + 5 * DAY, PlacementOver)]
)
def test_a_move_joins_what_it_leaves(
    session: Session, health: Agency, since: date, refusal: type[DomainError]
) -> None:
    by, rina = city_admin(session), employee(session)
    old = put(session, by, rina, wanted(health, until=TODAY))
    schools = elsewhere(session)
    with pytest.raises(refusal), transaction(session):
        move_placement(session, by, old.id, wanted(schools, since=since), now=NOON)


def test_a_move_that_clashes_leaves_everything_as_it_was(session: Session, health: Agency) -> None:
    by, rina, schools = city_admin(session), employee(session), elsewhere(session)
    old = put(session, by, rina, wanted(health, until=TODAY + DAY))
    put(session, by, rina, wanted(schools, since=TODAY + 9 * DAY))
    with pytest.raises(DefinitiveOverlap), transaction(session):
        move_placement(session, by, old.id, wanted(schools, since=TODAY), now=NOON)
    assert session.get_one(Placement, old.id).valid_to == TODAY + DAY


def test_an_ended_placement_lasts_through_its_last_day(
    session: Session, health: Agency, admin: Actor
) -> None:
    placement = put(session, admin, employee(session), wanted(health))
    with transaction(session):
        ended = end_placement(session, admin, placement.id, last_day=TODAY, now=NOON)
    assert ended.valid_to == TODAY


def test_a_placement_does_not_end_before_it_began(
    session: Session, health: Agency, admin: Actor
) -> None:
    placement = put(session, admin, employee(session), wanted(health, since=TODAY))
    with pytest.raises(DatesImpossible), transaction(session):
        end_placement(session, admin, placement.id, last_day=TODAY - DAY, now=NOON)


def test_nobody_ends_or_moves_a_placement_of_another_agency(
    session: Session, health: Agency, admin: Actor
) -> None:
    placement = put(session, admin, employee(session), wanted(health))
    schools = elsewhere(session)
    stranger = staff(session, Role.AGENCY_ADMIN, schools)
    with pytest.raises(NotFound), transaction(session):
        end_placement(session, stranger, placement.id, last_day=TODAY, now=NOON)
    with pytest.raises(NotFound), transaction(session):
        move_placement(session, stranger, placement.id, wanted(schools, since=TODAY), now=NOON)


def test_every_act_stands_in_the_audit_log(session: Session, health: Agency) -> None:
    by, rina, schools = city_admin(session), employee(session), elsewhere(session)
    old = put(session, by, rina, wanted(health))
    with transaction(session):
        new = move_placement(session, by, old.id, wanted(schools, since=TODAY), now=NOON)
        end_placement(session, by, new.id, last_day=TODAY, now=NOON)
    entries = session.scalars(
        select(AuditEntry).filter_by(subject=rina, person_id=by.person_id).order_by(AuditEntry.id)
    ).all()
    told = [(entry.act, json.loads(entry.details)["agency"]) for entry in entries]
    assert told == [
        ("placement.added", health.code),
        ("placement.moved", schools.code),
        ("placement.ended", schools.code),
    ]


def test_two_who_place_one_person_at_once_make_one_placement(
    engine: Engine, session: Session, health: Agency
) -> None:
    by, rina = city_admin(session), employee(session)
    places = [wanted(health), wanted(elsewhere(session))]

    def place(thread: int) -> str:
        try:
            with Session(engine) as own, transaction(own):
                add_placement(own, by, rina, places[thread % 2], now=NOON)
        except DefinitiveOverlap:
            return "refused"
        return "placed"

    assert sorted(in_threads(4, place)) == ["placed", "refused", "refused", "refused"]
    assert nip(3) in session.scalars(select(Placement.nip)).all()
