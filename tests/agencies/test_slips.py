"""Codes on paper: printed by the city, never for whom one entered oneself."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.accounts.models import Credential
from storefront.agencies.models import Agency
from storefront.agencies.slips import AlreadyActivated, SlipForOwnEntry, print_slip
from storefront.core.database import transaction
from storefront.core.errors import NotAllowed, NotFound
from storefront.core.outbox import OutboxMessage
from storefront.core.permissions import OPERATOR, Actor, PersonId, Role
from tests.agencies.made import city_admin, employee, put, staff, wanted
from tests.factories import NOON, agency, person


@pytest.fixture
def health(session: Session) -> Agency:
    return agency(session)


def printed(session: Session, by: Actor, of: PersonId) -> str | None:
    with transaction(session):
        return print_slip(session, by, of, now=NOON).sent_to


def test_a_city_admin_prints_for_whom_an_agency_entered(session: Session, health: Agency) -> None:
    rina = employee(session)
    put(session, staff(session, Role.AGENCY_ADMIN, health), rina, wanted(health))
    assert printed(session, city_admin(session), rina) is None
    assert session.scalars(select(OutboxMessage)).all() == []


def test_nobody_prints_for_whom_they_entered(session: Session, health: Agency) -> None:
    by, rina = city_admin(session), employee(session)
    put(session, by, rina, wanted(health))
    for actor in (by, OPERATOR):
        with pytest.raises(SlipForOwnEntry):
            printed(session, actor, rina)


def test_agencies_print_nothing(session: Session, health: Agency) -> None:
    rina = employee(session)
    put(session, city_admin(session), rina, wanted(health))
    admin = staff(session, Role.AGENCY_ADMIN, health)
    with pytest.raises(NotAllowed):
        printed(session, admin, rina)


def test_who_is_in_already_gets_no_slip(session: Session, health: Agency) -> None:
    rina = employee(session)
    put(session, city_admin(session), rina, wanted(health))
    with transaction(session):
        session.add(Credential(person_id=rina, password_hash="x", changed_at=NOON))  # noqa: S106
    with pytest.raises(AlreadyActivated):
        printed(session, city_admin(session), rina)


def test_who_was_never_placed_is_not_found(session: Session) -> None:
    by, seller = city_admin(session), person(session)
    with pytest.raises(NotFound):
        printed(session, by, seller)
