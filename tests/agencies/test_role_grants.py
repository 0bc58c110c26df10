"""Roles in an agency: those that spend or grant give nothing without their second person."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from storefront.access.actors import find_actor
from storefront.agencies.grants import (
    NotTheSecondPerson,
    PlacementOver,
    confirm_role,
    end_role,
    propose_role,
    refuse_role,
)
from storefront.agencies.models import Agency, Placement, PlacementRole
from storefront.agencies.roster_queries import pending_roles
from storefront.core.database import transaction
from storefront.core.deciding import AlreadyDecided
from storefront.core.errors import NotFound
from storefront.core.outbox import OutboxMessage
from storefront.core.permissions import OPERATOR, Actor, PersonId, Role
from tests.agencies.made import TODAY, city_admin, elsewhere, employee, put, staff, wanted
from tests.conftest import CountSelects
from tests.factories import NOON, agency
from tests.threads import in_threads

NEED_A_SECOND = [Role.APPROVER, Role.TREASURER, Role.AGENCY_ADMIN]


@pytest.fixture
def health(session: Session) -> Agency:
    return agency(session)


@pytest.fixture
def rina(session: Session, health: Agency) -> Placement:
    """An employee of the health agency, without a role."""
    return put(session, city_admin(session), employee(session), wanted(health))


def proposed(session: Session, by: Actor, of: Placement, role: Role) -> PlacementRole:
    with transaction(session):
        return propose_role(session, by, of.id, role, now=NOON)


def confirmed(session: Session, by: Actor, role: PlacementRole) -> PlacementRole:
    with transaction(session):
        return confirm_role(session, by, role.id, now=NOON)


def roles_of(session: Session, person_id: PersonId) -> set[Role]:
    actor = find_actor(session, person_id, today=TODAY)
    assert actor is not None
    return {grant.role for grant in actor.grants}


@pytest.mark.parametrize("role", [Role.BUYER, Role.PROCUREMENT])
def test_buying_and_procurement_count_at_once(
    session: Session, health: Agency, rina: Placement, role: Role
) -> None:
    proposed(session, staff(session, Role.AGENCY_ADMIN, health), rina, role)
    assert roles_of(session, rina.person_id) == {role}


@pytest.mark.parametrize("role", NEED_A_SECOND)
def test_a_role_that_spends_or_grants_gives_nothing_before_its_second_person(
    session: Session, health: Agency, rina: Placement, role: Role
) -> None:
    waiting = proposed(session, staff(session, Role.AGENCY_ADMIN, health), rina, role)
    assert roles_of(session, rina.person_id) == set()
    confirmed(session, city_admin(session), waiting)
    assert roles_of(session, rina.person_id) == {role}


@pytest.mark.parametrize("role", NEED_A_SECOND)
def test_another_holder_of_the_same_role_there_is_a_second_person(
    session: Session, health: Agency, rina: Placement, role: Role
) -> None:
    waiting = proposed(session, city_admin(session), rina, role)
    holder = staff(session, role, health)
    assert confirmed(session, holder, waiting).confirmed_by == holder.person_id


@pytest.mark.parametrize("role", NEED_A_SECOND)
def test_a_holder_of_another_role_there_is_none(
    session: Session, health: Agency, rina: Placement, role: Role
) -> None:
    waiting = proposed(session, city_admin(session), rina, role)
    for other in NEED_A_SECOND:
        if other is not role:
            with pytest.raises(NotTheSecondPerson):
                confirmed(session, staff(session, other, health), waiting)


def test_a_holder_of_the_same_role_elsewhere_sees_nothing(
    session: Session, rina: Placement
) -> None:
    waiting = proposed(session, city_admin(session), rina, Role.APPROVER)
    stranger = staff(session, Role.APPROVER, elsewhere(session))
    with pytest.raises(NotFound):
        confirmed(session, stranger, waiting)
    with pytest.raises(NotFound), transaction(session):
        refuse_role(session, stranger, waiting.id, now=NOON)


def test_nobody_confirms_what_they_proposed(
    session: Session, health: Agency, rina: Placement
) -> None:
    for by in (city_admin(session), staff(session, Role.AGENCY_ADMIN, health)):
        role = Role.APPROVER if by.scopes(Role.CITY_ADMIN) else Role.AGENCY_ADMIN
        waiting = proposed(session, by, rina, role)
        with pytest.raises(NotTheSecondPerson):
            confirmed(session, by, waiting)


def test_nobody_confirms_their_own_role_under_whatever_grant(
    session: Session, rina: Placement
) -> None:
    waiting = proposed(session, city_admin(session), rina, Role.APPROVER)
    herself = Actor(rina.person_id, city_admin(session).grants)
    with pytest.raises(NotTheSecondPerson):
        confirmed(session, herself, waiting)


def test_the_command_line_proposes_and_never_confirms(session: Session, rina: Placement) -> None:
    by_operator = proposed(session, OPERATOR, rina, Role.APPROVER)
    by_city = proposed(session, city_admin(session), rina, Role.TREASURER)
    for waiting in (by_operator, by_city):
        with pytest.raises(NotTheSecondPerson):
            confirmed(session, OPERATOR, waiting)
    confirmed(session, city_admin(session), by_operator)


def test_the_database_itself_refuses_a_spending_role_in_one_hand(
    session: Session, rina: Placement
) -> None:
    alone = PlacementRole(
        placement_id=rina.id,
        role=Role.APPROVER,
        proposed_by=rina.person_id,
        proposed_at=NOON,
        confirmed_by=rina.person_id,
        confirmed_at=NOON,
    )
    with pytest.raises(IntegrityError), transaction(session):
        session.add(alone)


def test_an_admin_who_made_somebody_up_does_not_approve_with_them(
    session: Session, health: Agency
) -> None:
    """The whole trick: a made-up employee, an approver's role, a confirmation by oneself."""
    admin = staff(session, Role.AGENCY_ADMIN, health)
    made_up = put(session, admin, employee(session, 9, "Bukan Siapa"), wanted(health, 9))
    waiting = proposed(session, admin, made_up, Role.APPROVER)
    for accomplice in (admin, staff(session, Role.BUYER, health)):
        with pytest.raises((NotTheSecondPerson, NotFound)):
            confirmed(session, accomplice, waiting)
    assert roles_of(session, made_up.person_id) == set()


def test_of_two_second_persons_at_once_one_confirms(
    engine: Engine, session: Session, rina: Placement
) -> None:
    waiting = proposed(session, OPERATOR, rina, Role.APPROVER)
    admins = [city_admin(session) for _ in range(4)]

    def confirm(thread: int) -> str:
        try:
            with Session(engine) as own, transaction(own):
                confirm_role(own, admins[thread], waiting.id, now=NOON)
        except AlreadyDecided:
            return "too late"
        return "confirmed"

    assert sorted(in_threads(4, confirm)) == ["confirmed", *["too late"] * 3]


def test_a_refused_role_gives_nothing_and_may_be_proposed_anew(
    session: Session, rina: Placement
) -> None:
    by, other = city_admin(session), city_admin(session)
    waiting = proposed(session, by, rina, Role.APPROVER)
    with transaction(session):
        refuse_role(session, other, waiting.id, now=NOON)
    with pytest.raises(AlreadyDecided):
        confirmed(session, other, waiting)
    assert proposed(session, by, rina, Role.APPROVER).id != waiting.id


def test_proposed_twice_is_one_proposal(session: Session, rina: Placement) -> None:
    by = city_admin(session)
    first, second = (proposed(session, by, rina, Role.APPROVER) for _ in range(2))
    assert first.id == second.id


def test_a_role_taken_away_is_gone_at_the_next_request(
    session: Session, health: Agency, rina: Placement
) -> None:
    role = proposed(session, city_admin(session), rina, Role.BUYER)
    admin = staff(session, Role.AGENCY_ADMIN, health)
    with transaction(session):
        end_role(session, admin, role.id, now=NOON)
    assert roles_of(session, rina.person_id) == set()


def test_nobody_takes_away_a_role_of_another_agency(session: Session, rina: Placement) -> None:
    role = proposed(session, city_admin(session), rina, Role.BUYER)
    stranger = staff(session, Role.AGENCY_ADMIN, elsewhere(session))
    with pytest.raises(NotFound), transaction(session):
        end_role(session, stranger, role.id, now=NOON)


def test_a_placement_that_is_over_gets_no_role(session: Session, health: Agency) -> None:
    by = city_admin(session)
    past = put(session, by, employee(session), wanted(health, until=TODAY - timedelta(days=1)))
    with pytest.raises(PlacementOver):
        proposed(session, by, past, Role.BUYER)


def test_who_could_be_the_second_person_hears_of_it(session: Session, rina: Placement) -> None:
    by = city_admin(session)
    waiting = proposed(session, by, rina, Role.APPROVER)
    proposed(session, by, rina, Role.BUYER)
    payloads = session.scalars(select(OutboxMessage.payload).filter_by(topic="role_proposed"))
    assert payloads.all() == [f'{{"role": {waiting.id}}}']


def test_each_sees_exactly_what_they_could_confirm(
    session: Session, health: Agency, rina: Placement, count_selects: CountSelects
) -> None:
    by = city_admin(session)
    approver = proposed(session, by, rina, Role.APPROVER)
    treasurer = proposed(session, by, rina, Role.TREASURER)
    other = city_admin(session)
    holder = staff(session, Role.APPROVER, health)
    seen_by = {
        actor.person_id: [row.role_id for row in pending_roles(session, actor)]
        for actor in (by, other, holder, OPERATOR, staff(session, Role.BUYER, health))
    }
    assert list(seen_by.values()) == [[], [approver.id, treasurer.id], [approver.id], [], []]
    with count_selects() as selects:
        pending_roles(session, other)
    assert len(selects) == 1
