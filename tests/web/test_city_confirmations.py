"""Two hands: roles and budgets that a second person confirms, and roles over the city."""

from collections.abc import Iterator
from http import HTTPStatus

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.accounts.models import CityRole
from storefront.agencies.budget_plans import NewRevision
from storefront.agencies.grants import propose_role
from storefront.agencies.models import PlacementRole
from storefront.agencies.revisions import confirm_revision, propose_revision
from storefront.core.database import transaction
from storefront.core.permissions import CITY, Actor, Role, agency_scope
from tests.conftest import CountSelects
from tests.factories import NOON, agency, placed, signed_up
from tests.web.offices import Desk, desk_of

UNPROCESSABLE = HTTPStatus.UNPROCESSABLE_ENTITY


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def admin(app: Flask, session: Session) -> Desk:
    return city_admin(app, session)


@pytest.fixture
def proposer(session: Session) -> Actor:
    return signed_up(session, Role.AGENCY_ADMIN, agency_scope("1.02.01"))


def city_admin(app: Flask, session: Session) -> Desk:
    return desk_of(app, session, signed_up(session, Role.CITY_ADMIN, CITY).person_id)


def proposed_role(session: Session, proposer: Actor) -> int:
    placement = placed(session, agency(session))
    with transaction(session):
        return propose_role(session, proposer, placement.id, Role.TREASURER, now=NOON).id


def counts(session: Session, role_id: int) -> bool:
    session.rollback()
    role = session.get_one(PlacementRole, role_id, populate_existing=True)
    return role.confirmed_at is not None


def test_a_role_counts_once_the_city_confirms_it(
    session: Session, admin: Desk, proposer: Actor
) -> None:
    role_id = proposed_role(session, proposer)
    admin.send("/city/confirmations", f"/city/roles/{role_id}", decision="confirm")
    assert counts(session, role_id)


def test_a_refused_role_leaves_the_list_and_never_counts(
    session: Session, admin: Desk, proposer: Actor
) -> None:
    role_id = proposed_role(session, proposer)
    admin.send("/city/confirmations", f"/city/roles/{role_id}", decision="refuse")
    assert not counts(session, role_id)
    assert f"/city/roles/{role_id}" not in admin.see("/city/confirmations")


def test_a_decision_that_is_none_is_refused(session: Session, admin: Desk, proposer: Actor) -> None:
    role_id = proposed_role(session, proposer)
    answer = admin.send("/city/confirmations", f"/city/roles/{role_id}", decision="later")
    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert not counts(session, role_id)


def test_a_budget_is_read_line_by_line_before_it_is_confirmed(
    session: Session, admin: Desk, proposer: Actor
) -> None:
    plan = NewRevision(
        agency_id=agency(session).id,
        fiscal_year=2026,
        revision=1,
        effective_on=NOON.date(),
        document_number="DPPA-7",
        total_amount=2_000_000_000,
    )
    with transaction(session):
        revision = propose_revision(session, proposer, plan, now=NOON)
    page = f"/city/revisions/{revision.id}"
    assert "Rp2.000.000.000" in admin.see(page)
    admin.send(page, page, decision="confirm")
    assert "Rp2.000.000.000" in admin.see("/city/agencies/1.02.01?year=2026")


def test_a_budget_to_confirm_stands_beside_the_one_before_it(
    app: Flask, session: Session, admin: Desk, proposer: Actor
) -> None:
    second = signed_up(session, Role.CITY_ADMIN, CITY)

    def proposed(revision: int, total: int) -> int:
        wanted = NewRevision(
            agency_id=agency(session).id,
            fiscal_year=2026,
            revision=revision,
            effective_on=NOON.date(),
            document_number=f"DPA/{revision}",
            total_amount=total,
        )
        with transaction(session):
            return propose_revision(session, proposer, wanted, now=NOON).id

    first = proposed(1, 900_000)
    assert "Pagu pertama tahun itu." in admin.see("/city/confirmations")
    with transaction(session):
        confirm_revision(session, second, first, now=NOON)
    proposed(2, 850_000)
    assert "Sebelumnya Rp900.000: turun Rp50.000." in admin.see("/city/confirmations")
    own = signed_up(session, Role.AGENCY_ADMIN, agency_scope("1.02.01"))
    assert "turun Rp50.000" in desk_of(app, session, own.person_id).see("/agency/")


def test_a_new_city_admin_needs_another_than_the_one_who_proposed(
    app: Flask, session: Session, admin: Desk
) -> None:
    admin.send("/city/people", "/city/people", name="Wening", email="wening@kota.example")
    role = session.scalars(select(CityRole).order_by(CityRole.id.desc())).first()
    assert role is not None
    act = f"/city/city-roles/{role.id}"
    assert act not in admin.see("/city/confirmations")
    own = admin.client.post(act, data={"csrf_token": admin.token("/city/"), "decision": "confirm"})
    assert own.status_code == HTTPStatus.FORBIDDEN
    city_admin(app, session).send("/city/confirmations", act, decision="confirm")
    session.rollback()
    assert session.get_one(CityRole, role.id, populate_existing=True).confirmed_at is not None


def test_a_wrong_address_is_told_beside_its_field_and_stays(admin: Desk) -> None:
    answer = admin.send("/city/people", "/city/people", name="Wening", email="wening at kota")
    assert answer.status_code == UNPROCESSABLE
    assert 'id="email-error"' in answer.text
    assert 'value="wening at kota"' in answer.text


def test_a_role_that_is_none_is_told_beside_its_field(admin: Desk) -> None:
    answer = admin.send(
        "/city/people", "/city/people", name="Wening", email="w@kota.example", role="mayor"
    )
    assert answer.status_code == UNPROCESSABLE
    assert "Pilih peran dari daftar." in answer.text


def test_an_ended_role_closes_the_door_at_once(app: Flask, session: Session, admin: Desk) -> None:
    other = city_admin(app, session)
    role = session.scalars(select(CityRole).filter_by(person_id=other.person_id)).one()
    admin.send("/city/people", f"/city/people/{role.id}/end")
    assert other.client.get("/city/").status_code == HTTPStatus.FORBIDDEN


def test_the_list_costs_the_same_for_many_proposals(
    session: Session, admin: Desk, proposer: Actor, count_selects: CountSelects
) -> None:
    proposed_role(session, proposer)
    with count_selects() as few:
        admin.see("/city/confirmations")
    for _ in range(6):
        proposed_role(session, proposer)
    with count_selects() as many:
        admin.see("/city/confirmations")
    assert len(many) == len(few)
