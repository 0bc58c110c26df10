"""Roles over the city: the first needs nobody, every later one a second person."""

import pytest
from sqlalchemy.orm import Session

from storefront.accounts.grants import (
    LastCityAdmin,
    NotTheSecondPerson,
    confirm_city_role,
    end_city_role,
    propose_city_role,
    refuse_city_role,
)
from storefront.accounts.models import CityRole, Credential
from storefront.accounts.queries import city_roles, pending_city_roles
from storefront.core.database import transaction
from storefront.core.deciding import AlreadyDecided
from storefront.core.errors import NotAllowed, NotFound
from storefront.core.permissions import CITY, OPERATOR, Actor, Grant, PersonId, Role
from tests.accounts.people import HASH
from tests.factories import NOON, person, signed_up


def proposed(session: Session, by: Actor, of: PersonId, role: Role = Role.CITY_ADMIN) -> CityRole:
    with transaction(session):
        return propose_city_role(session, by, of, role, now=NOON)


def confirmed(session: Session, by: Actor, role: CityRole) -> CityRole:
    with transaction(session):
        return confirm_city_role(session, by, role.id, now=NOON)


def admin(person_id: PersonId) -> Actor:
    return Actor(person_id, frozenset({Grant(Role.CITY_ADMIN, *CITY)}))


def test_the_very_first_city_admin_needs_nobody_else(session: Session) -> None:
    assert proposed(session, OPERATOR, person(session)).confirmed_at is not None


def test_a_later_one_waits_for_the_first(session: Session) -> None:
    first = person(session)
    proposed(session, OPERATOR, first)
    second = proposed(session, OPERATOR, person(session))
    assert second.confirmed_at is None
    assert confirmed(session, admin(first), second).confirmed_by == first


def test_an_auditor_never_counts_without_a_second_person(session: Session) -> None:
    assert proposed(session, OPERATOR, person(session), Role.AUDITOR).confirmed_at is None


def test_the_first_is_only_the_command_lines_to_make(session: Session) -> None:
    by = admin(person(session))
    assert proposed(session, by, person(session)).confirmed_at is None


def test_neither_proposer_nor_receiver_nor_command_line_confirms(session: Session) -> None:
    proposer = signed_up(session, Role.CITY_ADMIN, CITY)
    receiver = person(session)
    role = proposed(session, proposer, receiver)
    for actor in (proposer, admin(receiver), OPERATOR):
        with pytest.raises(NotTheSecondPerson):
            confirmed(session, actor, role)


def test_of_two_who_decide_one_does(session: Session) -> None:
    by, other = (signed_up(session, Role.CITY_ADMIN, CITY) for _ in range(2))
    role = proposed(session, by, person(session))
    confirmed(session, other, role)
    with pytest.raises(AlreadyDecided), transaction(session):
        refuse_city_role(session, other, role.id, now=NOON)


def test_a_proposer_may_take_back(session: Session) -> None:
    by = signed_up(session, Role.CITY_ADMIN, CITY)
    role = proposed(session, by, person(session))
    with transaction(session):
        assert refuse_city_role(session, by, role.id, now=NOON).ended_at is not None


def test_proposed_twice_is_one_proposal(session: Session) -> None:
    by, of = signed_up(session, Role.CITY_ADMIN, CITY), person(session)
    assert proposed(session, by, of).id == proposed(session, by, of).id


def test_others_neither_propose_nor_confirm_nor_end(session: Session) -> None:
    auditor = signed_up(session, Role.AUDITOR, CITY)
    role = proposed(session, OPERATOR, person(session))
    for act in (
        lambda: propose_city_role(session, auditor, auditor.person_id, Role.CITY_ADMIN, now=NOON),
        lambda: confirm_city_role(session, auditor, role.id, now=NOON),
        lambda: end_city_role(session, auditor, role.id, now=NOON),
    ):
        with pytest.raises(NotAllowed), transaction(session):
            act()


def test_the_last_admin_who_ever_came_in_stays(session: Session) -> None:
    only = person(session)
    role = proposed(session, OPERATOR, only)
    with transaction(session):
        session.add(Credential(person_id=only, password_hash=HASH, changed_at=NOON))
    with pytest.raises(LastCityAdmin), transaction(session):
        end_city_role(session, OPERATOR, role.id, now=NOON)


def test_a_first_admin_who_never_came_in_can_be_ended_and_the_way_in_is_open_again(
    session: Session,
) -> None:
    lost = proposed(session, OPERATOR, person(session))
    with transaction(session):
        end_city_role(session, OPERATOR, lost.id, now=NOON)
    assert proposed(session, OPERATOR, person(session)).confirmed_at is not None


def test_an_unknown_role_is_not_found(session: Session) -> None:
    by = signed_up(session, Role.CITY_ADMIN, CITY)
    with pytest.raises(NotFound), transaction(session):
        confirm_city_role(session, by, 404, now=NOON)


def test_each_admin_sees_what_they_could_confirm(session: Session) -> None:
    by, other = (signed_up(session, Role.CITY_ADMIN, CITY) for _ in range(2))
    role = proposed(session, by, person(session, "Ujang"))
    assert [row.role_id for row in pending_city_roles(session, other)] == [role.id]
    assert pending_city_roles(session, by) == []
    assert pending_city_roles(session, OPERATOR) == []
    assert city_roles(session, signed_up(session)) == []
