"""Who gets in where on the agency's side: every address, for every role."""

from collections.abc import Iterator
from http import HTTPStatus

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from storefront.agencies.budget_plans import NewRevision
from storefront.agencies.grants import propose_role
from storefront.agencies.models import PlacementKind
from storefront.agencies.revisions import propose_revision
from storefront.agencies.tree import propose_change
from storefront.agencies.tree_models import ChangeKind
from storefront.agencies.tree_plans import NewChange
from storefront.core.database import transaction
from storefront.core.permissions import OPERATOR, Role, agency_scope
from tests.conftest import CountSelects
from tests.factories import NOON, agency, placed, shop, shop_actor, signed_up
from tests.factories_orders import (
    TODAY,
    Around,
    approved_order,
    around,
    placed_order,
    received_order,
)
from tests.quota.purchases import Hands
from tests.web.offices import Desk, desk_of, staff

OK, FORBIDDEN, UNKNOWN = HTTPStatus.OK, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND
STAFF = (Role.APPROVER, Role.TREASURER, Role.PROCUREMENT, Role.AGENCY_ADMIN)
OTHER_CODE = "1.01.01"

PAGES: dict[str, set[Role]] = {
    "agency.home": set(STAFF),
    "agency.quota": set(STAFF),
    "agency.explain": set(STAFF),
    "agency.quota_paper": set(STAFF),
    "agency.orders": set(STAFF),
    "agency.serlok": set(STAFF),
    "agency.order": set(STAFF),
    "agency.year_end": set(STAFF),
    "agency.last_year": set(STAFF),
    "agency.budget": set(STAFF),
    "agency.budget_file": set(STAFF),
    "agency.revision": set(STAFF),
    "agency.purchases": set(STAFF),
    "agency.purchase": set(STAFF),
    "agency.purchase_evidence": set(STAFF),
    "agency.new_purchase": {Role.PROCUREMENT, Role.AGENCY_ADMIN},
    "agency.approvals": {Role.APPROVER},
    "agency.approval": {Role.APPROVER},
    "agency.payments": {Role.TREASURER},
    "agency.payment": {Role.TREASURER},
    "agency.net_of_payment": {Role.TREASURER},
    "agency.exports": {Role.PROCUREMENT},
    "agency.export_file": {Role.PROCUREMENT},
    "agency.new_revision": {Role.AGENCY_ADMIN},
    "agency.roster": {Role.AGENCY_ADMIN},
    "agency.new_employee": {Role.AGENCY_ADMIN},
    "agency.placement": {Role.AGENCY_ADMIN},
}
ACTS: dict[str, set[Role]] = {
    "agency.decide_on": {Role.APPROVER},
    "agency.choose_year_end": {Role.APPROVER},
    "agency.record_payment": {Role.TREASURER},
    "agency.write_export_file": {Role.PROCUREMENT},
    "agency.propose_purchase": {Role.PROCUREMENT, Role.AGENCY_ADMIN},
    "agency.decide_purchase": {Role.APPROVER, Role.TREASURER, Role.AGENCY_ADMIN},
    "agency.reverse_purchase": {Role.PROCUREMENT, Role.AGENCY_ADMIN},
    "agency.decide_role": {Role.AGENCY_ADMIN},
    "agency.decide_revision": {Role.AGENCY_ADMIN},
    "agency.decide_change": {Role.AGENCY_ADMIN},
    "agency.import_budget_file": {Role.AGENCY_ADMIN},
    "agency.propose": {Role.AGENCY_ADMIN},
    "agency.add_employee": {Role.AGENCY_ADMIN},
    "agency.import_roster_file": {Role.AGENCY_ADMIN},
    "agency.move": {Role.AGENCY_ADMIN},
    "agency.end": {Role.AGENCY_ADMIN},
    "agency.give_role": {Role.AGENCY_ADMIN},
    "agency.take_role": {Role.AGENCY_ADMIN},
    "agency.send_code": {Role.AGENCY_ADMIN},
}
OF_ONE_THING = {
    "agency.order", "agency.approval", "agency.payment", "agency.net_of_payment",
    "agency.revision", "agency.placement", "agency.decide_on", "agency.record_payment",
    "agency.decide_role", "agency.decide_revision", "agency.decide_change", "agency.move",
    "agency.end",
    "agency.give_role", "agency.take_role", "agency.send_code", "agency.export_file",
    "agency.purchase", "agency.purchase_evidence", "agency.decide_purchase",
    "agency.reverse_purchase",
}  # fmt: skip


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def of(session: Session) -> Around:
    return around(session)


@pytest.fixture
def paths(app: Flask, session: Session, of: Around) -> dict[str, str]:
    """The address of every page and act, of things that the health agency has."""
    admin = signed_up(session, Role.AGENCY_ADMIN, agency_scope(of.agency.code))
    idle = placed(session, of.agency)
    with transaction(session):
        role = propose_role(session, admin, idle.id, Role.AGENCY_ADMIN, now=NOON)
        plan = NewRevision(
            agency_id=of.agency.id,
            fiscal_year=2026,
            revision=1,
            effective_on=TODAY,
            document_number="DPPA-1",
            total_amount=2_000_000_000,
        )
        revision = propose_revision(session, admin, plan, now=NOON)
        name = NewChange(
            kind=ChangeKind.RENAME,
            agency_code=of.agency.code,
            effective_on=TODAY,
            document_number="Perda 8/2026",
            new_name="Dinas Kesehatan Kota",
        )
        change = propose_change(session, OPERATOR, name, first_open=TODAY, now=NOON)
    purchase = Hands(session, of.agency.code).propose()
    waiting = placed_order(session, of)
    received = received_order(session, of, approved_order(session, of))
    values = {
        "number": waiting,
        "placement_id": idle.id,
        "role_id": role.id,
        "revision_id": revision.id,
        "change_id": change.id,
        "correction_id": purchase,
        "key": "0" * 64,
        "name": "orders.csv",
    }
    of_received = {"agency.payment", "agency.net_of_payment", "agency.record_payment"}
    addresses = app.url_map.bind("localhost")
    return {
        rule.endpoint: addresses.build(
            rule.endpoint,
            {
                name: received
                if rule.endpoint in of_received and name == "number"
                else values[name]
                for name in rule.arguments
            },
        )
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("agency.")
    }


def asked(desk: Desk, path: str) -> int:
    return desk.client.get(path).status_code


def acted(desk: Desk, path: str, page: str = "/agency/") -> int:
    """The answer to an act; `decision` is what some of them ask for."""
    return desk.client.post(
        path, data={"csrf_token": desk.token(page), "decision": "confirm"}
    ).status_code


def test_every_address_is_in_the_tables(paths: dict[str, str]) -> None:
    assert set(paths) == set(PAGES) | set(ACTS)


@pytest.mark.parametrize("role", STAFF)
def test_each_role_sees_its_own_pages_and_no_others(
    app: Flask, session: Session, paths: dict[str, str], role: Role
) -> None:
    desk = staff(app, session, role)
    for endpoint, roles in PAGES.items():
        expected = OK if role in roles else FORBIDDEN
        if endpoint in {"agency.export_file", "agency.explain"} and role in roles:
            expected = UNKNOWN  # nothing was written under that key; no figure was named
        assert asked(desk, paths[endpoint]) == expected, endpoint


@pytest.mark.parametrize("role", STAFF)
def test_each_role_acts_where_it_may_and_nowhere_else(
    app: Flask, session: Session, paths: dict[str, str], role: Role
) -> None:
    desk = staff(app, session, role)
    for endpoint, roles in ACTS.items():
        status = acted(desk, paths[endpoint])
        if role in roles:
            assert status not in {FORBIDDEN, HTTPStatus.BAD_REQUEST}, endpoint
        else:
            assert status == FORBIDDEN, endpoint


@pytest.mark.parametrize("role", STAFF)
def test_another_agencys_things_do_not_exist(
    app: Flask, session: Session, paths: dict[str, str], role: Role
) -> None:
    agency(session, OTHER_CODE, name="Dinas Pendidikan")
    desk = staff(app, session, role, OTHER_CODE)
    for endpoint in OF_ONE_THING:
        roles = (PAGES | ACTS)[endpoint]
        if role not in roles:
            continue
        path = paths[endpoint]
        status = asked(desk, path) if endpoint in PAGES else acted(desk, path)
        assert status == UNKNOWN, endpoint


def test_a_visitor_is_asked_to_sign_in(app: Flask, paths: dict[str, str]) -> None:
    visitor = app.test_client()
    for endpoint in PAGES:
        answer = visitor.get(paths[endpoint])
        assert answer.status_code == HTTPStatus.SEE_OTHER, endpoint
        assert answer.location.startswith("/login?next="), endpoint


def test_buyers_and_sellers_have_no_business_here(
    app: Flask, session: Session, paths: dict[str, str], of: Around
) -> None:
    for person_id in (of.buyer.person_id, shop_actor(session, shop(session)).person_id):
        desk = desk_of(app, session, person_id)
        for endpoint in PAGES:
            assert asked(desk, paths[endpoint]) == FORBIDDEN, endpoint
        for endpoint in ACTS:
            assert acted(desk, paths[endpoint], "/account") == FORBIDDEN, endpoint


def test_a_role_that_was_taken_away_ends_with_the_next_request(
    app: Flask, session: Session, of: Around
) -> None:
    at = placed(session, of.agency, Role.TREASURER)
    desk = desk_of(app, session, at.person_id)
    assert asked(desk, "/agency/payments") == OK
    with transaction(session):
        for role in at.roles:
            role.ended_at = NOON
    assert asked(desk, "/agency/payments") == FORBIDDEN


def test_who_works_in_two_agencies_chooses_between_them(
    app: Flask, session: Session, of: Around
) -> None:
    school = agency(session, OTHER_CODE, name="Dinas Pendidikan")
    at = placed(session, of.agency, Role.TREASURER)
    placed(session, school, Role.PROCUREMENT, person_id=at.person_id, kind=PlacementKind.ACTING)
    desk = desk_of(app, session, at.person_id)
    first = desk.see("/agency/")
    assert "<h1>Dinas Kesehatan</h1>" in first
    assert "/agency/?agency=1.01.01" in first
    assert "<h1>Dinas Pendidikan</h1>" in desk.see("/agency/?agency=1.01.01")
    assert "<h1>Dinas Pendidikan</h1>" in desk.see("/agency/")
    assert asked(desk, "/agency/payments") == FORBIDDEN
    assert asked(desk, "/agency/?agency=9.99.99") == UNKNOWN


def test_the_menu_holds_what_may_be_opened(app: Flask, session: Session) -> None:
    page = staff(app, session, Role.TREASURER).see("/agency/")
    menu = page[page.index("side-bar") : page.index("</nav>")]
    assert 'href="/agency/payments"' in menu
    assert 'href="/agency/approvals"' not in menu
    assert 'href="/agency/roster"' not in menu


def test_the_frame_costs_no_more_for_more_orders(
    app: Flask, session: Session, of: Around, count_selects: CountSelects
) -> None:
    desk = desk_of(app, session, of.approver.person_id)
    desk.see("/agency/")
    counts = []
    for _ in range(2):
        placed_order(session, of)
        approved_order(session, of)
        session.rollback()
        with count_selects() as selects:
            desk.see("/agency/")
        counts.append(len(selects))
    assert counts[0] == counts[1]
