"""The tree of agencies by page: changed in two hands, seen by days, acted upon after a merger."""

from collections.abc import Iterator
from datetime import date, timedelta
from http import HTTPStatus

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from storefront.agencies.models import Agency
from storefront.agencies.tree_models import AgencyChange
from storefront.core.permissions import CITY, Role, agency_scope
from storefront.orders.models import Order, OrderStatus
from tests.conftest import CountSelects
from tests.factories import NOON, agency, listed_variant, signed_up
from tests.factories_orders import Around, approved_order, around, placed_order, received_order
from tests.web.offices import Desk, desk_of, staff

TODAY = NOON.date()
UNPROCESSABLE = HTTPStatus.UNPROCESSABLE_ENTITY
PAGE = "/city/agencies/1.02.01/change"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as moving:
        yield moving


@pytest.fixture
def admin(app: Flask, session: Session) -> Desk:
    return desk_of(app, session, signed_up(session, Role.CITY_ADMIN, CITY).person_id)


@pytest.fixture
def second(app: Flask, session: Session) -> Desk:
    return desk_of(app, session, signed_up(session, Role.CITY_ADMIN, CITY).person_id)


@pytest.fixture
def health(session: Session) -> Agency:
    return agency(session)


def sent(by: Desk, page: str, **typed: object) -> TestResponse:
    form = by.form(page, page)
    return by.client.post(form.action, data=form.filled(**typed))


def proposed(session: Session, by: Desk, kind: str, page: str = PAGE, **typed: object) -> int:
    typed = {"document_number": "Perda 8/2026", "action": "propose"} | typed
    answer = sent(by, f"{page}?kind={kind}", **typed)
    assert answer.status_code == HTTPStatus.SEE_OTHER, answer.text
    session.rollback()
    return max(session.scalars(select(AgencyChange.id)))


def confirmed(by: Desk, change_id: int) -> None:
    answer = by.send("/city/confirmations", f"/city/changes/{change_id}", decision="confirm")
    assert answer.status_code == HTTPStatus.SEE_OTHER


@pytest.mark.usefixtures("health")
def test_a_new_name_is_proposed_looked_at_and_confirmed_by_another(
    session: Session, admin: Desk, second: Desk
) -> None:
    change_id = proposed(session, admin, "rename", new_name="Dinas Kesehatan Kota")
    assert f"/city/changes/{change_id}" not in admin.see("/city/confirmations")
    assert "Dinas Kesehatan Kota" in second.see(f"/city/changes/{change_id}")
    confirmed(second, change_id)
    page = admin.see("/city/agencies/1.02.01")
    assert "<h1>Dinas Kesehatan Kota</h1>" in page
    assert "Perda 8/2026" in page


@pytest.mark.usefixtures("health")
def test_a_proposal_is_taken_back_by_its_proposer(session: Session, admin: Desk) -> None:
    change_id = proposed(session, admin, "rename", new_name="Dinas Kesehatan Kota")
    page = f"/city/changes/{change_id}"
    admin.send(page, page, decision="refuse")
    assert "Ditolak" in admin.see(page)


def test_what_a_merger_touches_is_shown_before_it_is_proposed(
    session: Session, admin: Desk
) -> None:
    of = around(session, code="D-2")
    agency(session, "D-1", name="Dinas Perdagangan")
    approved_order(session, of, quantities=(3,), price=50_000)
    page = "/city/agencies/D-2/change?kind=merge"
    typed = {"heir_code": "D-1", "document_number": "Perda 8/2026", "action": "preview"}
    answer = sent(admin, page, **typed)
    assert "Rp150.000" in answer.text
    assert 'value="Perda 8/2026"' in answer.text
    session.rollback()
    assert session.scalar(select(AgencyChange.id)) is None


@pytest.mark.usefixtures("health")
@pytest.mark.parametrize(
    ("kind", "field", "typed"),
    [
        ("rename", "new_name", {"new_name": "Dinas Kesehatan"}),
        ("rename", "new_name", {"new_name": ""}),
        ("rename", "document_number", {"new_name": "Dinkes", "document_number": ""}),
        ("rename", "effective_on", {"new_name": "Dinkes", "effective_on": "2025-12-31"}),
        ("rename", "effective_on", {"new_name": "Dinkes", "effective_on": "besok"}),
        ("move", "new_parent_code", {"new_parent_code": "X"}),
        ("merge", "heir_code", {"heir_code": None}),
        ("split", "parts", {"parts": "D-7 Dinas Gizi"}),
        ("split", "parts", {"parts": "D-7 Dinas Gizi\nD-8"}),
    ],
)
@pytest.mark.parametrize("action", ["preview", "propose"])
def test_what_is_wrong_is_told_beside_its_field_and_what_was_typed_stays(
    admin: Desk, kind: str, field: str, typed: dict[str, str], action: str
) -> None:
    page = f"{PAGE}?kind={kind}"
    usual = {"document_number": "Perda 8/2026", "action": action}
    answer = sent(admin, page, **usual | typed)
    assert answer.status_code == UNPROCESSABLE
    assert f'id="{field}-error"' in answer.text
    assert str(typed.get(field) or "") in answer.text


@pytest.mark.usefixtures("health")
def test_a_split_makes_the_agencies_that_the_document_names(
    session: Session, admin: Desk, second: Desk
) -> None:
    change_id = proposed(session, admin, "split", parts="D-7 Dinas Gizi\r\nD-8, Dinas Obat")
    confirmed(second, change_id)
    session.rollback()
    names = session.scalars(select(Agency.name).where(Agency.code.in_(["D-7", "D-8"])))
    assert set(names) == {"Dinas Gizi", "Dinas Obat"}
    assert "dipecah menjadi Dinas Gizi dan Dinas Obat" in admin.see("/city/agencies/1.02.01")


def test_an_agency_admin_whom_it_touches_confirms_on_their_own_page(
    app: Flask, session: Session, health: Agency, admin: Desk
) -> None:
    change_id = proposed(session, admin, "rename", new_name="Dinas Kesehatan Kota")
    own = staff(app, session, Role.AGENCY_ADMIN)
    own.send("/agency/", f"/agency/changes/{change_id}", decision="confirm")
    session.rollback()
    session.refresh(health)
    assert health.name == "Dinas Kesehatan Kota"


def test_the_tree_is_shown_as_of_a_day_and_below_one(
    session: Session, health: Agency, admin: Desk, second: Desk
) -> None:
    agency(session, "1.02.01.01", name="Puskesmas Dago", parent=health)
    page = "/city/agencies/1.02.01.01/change"
    confirmed(second, proposed(session, admin, "move", page, new_parent_code=""))
    yesterday = TODAY - timedelta(days=1)
    assert "1 di bawahnya" in admin.see(f"/city/tree?on={yesterday}")
    assert "Puskesmas Dago" in admin.see(f"/city/tree?on={yesterday}&below=1.02.01")
    assert "Puskesmas Dago" not in admin.see("/city/tree?below=1.02.01")
    assert admin.client.get("/city/tree?below=X").status_code == HTTPStatus.NOT_FOUND


def test_figures_follow_the_arrangement_that_the_address_names(
    app: Flask, session: Session, admin: Desk, second: Desk
) -> None:
    of = around(session, code="D-2")
    agency(session, "D-1", name="Dinas Perdagangan")
    approved_order(session, of, quantities=(3,), price=50_000)
    change_id = proposed(session, admin, "merge", "/city/agencies/D-2/change", heir_code="D-1")
    confirmed(second, change_id)
    then, today = (admin.see(f"/city/agencies?tree={tree}") for tree in ("then", "today"))
    assert "/city/agencies/D-2?" in then
    assert "diteruskan Dinas Perdagangan" in then
    assert "/city/agencies/D-2?" not in today
    assert "Menurut susunan instansi pada 12 November 2026" in today
    own = staff(app, session, Role.PROCUREMENT, "D-1")
    assert "Rp150.000" not in own.see("/agency/quota")
    assert "Rp150.000" in own.see("/agency/quota?tree=today")
    assert "Rp150.000" in own.see(f"/agency/quota?tree={TODAY}")


def test_the_tree_costs_the_same_for_many(
    session: Session, health: Agency, admin: Desk, count_selects: CountSelects
) -> None:
    admin.see("/city/tree")
    with count_selects() as few:
        admin.see("/city/tree")
    for number in range(5):
        agency(session, f"D-{number}", name=f"Unit {number}", parent=health)
    with count_selects() as many:
        admin.see("/city/tree")
    assert len(many) == len(few)


def status_of(session: Session, number: str) -> OrderStatus:
    session.rollback()
    return session.scalars(select(Order.status).filter_by(number=number)).one()


@pytest.fixture
def merging(session: Session, admin: Desk, second: Desk) -> Around:
    """An agency that is merged into another tomorrow."""
    of = around(session, code="D-2")
    agency(session, "D-1", name="Dinas Perdagangan")
    tomorrow = TODAY + timedelta(days=1)
    page = "/city/agencies/D-2/change"
    typed = {"heir_code": "D-1", "effective_on": tomorrow}
    confirmed(second, proposed(session, admin, "merge", page, **typed))
    return of


def test_the_successors_approver_decides_the_old_agencys_request_from_the_day_on(
    app: Flask, session: Session, merging: Around, clock: time_machine.Traveller
) -> None:
    number = placed_order(session, merging)
    approver = staff(app, session, Role.APPROVER, "D-1")
    act = f"/agency/approvals/{number}"
    token = approver.token()
    early = approver.client.post(act, data={"csrf_token": token, "decision": "approve"})
    assert early.status_code == HTTPStatus.NOT_FOUND
    assert number not in approver.see("/agency/approvals")
    clock.shift(timedelta(days=1))
    assert number in approver.see("/agency/approvals")
    approver.send(act, act, decision="approve")
    assert status_of(session, number) is OrderStatus.APPROVED


def test_the_successors_treasurer_pays_the_old_agencys_order_from_the_day_on(
    app: Flask, session: Session, merging: Around, clock: time_machine.Traveller
) -> None:
    number = received_order(session, merging, approved_order(session, merging))
    treasurer = staff(app, session, Role.TREASURER, "D-1")
    page = f"/agency/payments/{number}"
    assert treasurer.client.get(page).status_code == HTTPStatus.NOT_FOUND
    clock.shift(timedelta(days=1))
    typed = {"method": "ls", "paid_on": date(2026, 11, 13), "proof_number": "SP2D-1"}
    answer = treasurer.send(page, page, **typed)
    assert answer.status_code == HTTPStatus.SEE_OTHER, answer.text
    assert status_of(session, number) is OrderStatus.COMPLETED


def test_the_successors_procurement_officer_sees_the_old_agencys_orders_as_an_office_of_theirs(
    app: Flask, session: Session, merging: Around, clock: time_machine.Traveller
) -> None:
    number = approved_order(session, merging)
    officer = staff(app, session, Role.PROCUREMENT, "D-1")
    assert officer.client.get("/agency/?agency=D-2").status_code == HTTPStatus.NOT_FOUND
    clock.shift(timedelta(days=1))
    assert "agency=D-2" in officer.see("/agency/")
    assert number in officer.see("/agency/orders?agency=D-2")
    assert officer.client.get(f"/agency/orders/{number}").status_code == HTTPStatus.OK


def test_who_is_still_placed_in_the_old_agency_is_told_whom_to_ask_at_checkout(
    app: Flask, session: Session, merging: Around, clock: time_machine.Traveller
) -> None:
    buyer = desk_of(app, session, merging.buyer.person_id)
    variant = listed_variant(session, seller=merging.shop)
    token = buyer.token("/account")
    typed = {"csrf_token": token, "variant_id": variant, "quantity": 1}
    buyer.client.post("/cart/items", data=typed)
    assert buyer.client.get("/checkout").status_code == HTTPStatus.OK
    clock.shift(timedelta(days=1))
    answer = buyer.client.get("/checkout")
    assert answer.status_code == UNPROCESSABLE
    assert "Dinas Perdagangan" in answer.text


def test_nobody_of_a_third_agency_acts_for_the_old_one(
    app: Flask, session: Session, merging: Around, clock: time_machine.Traveller
) -> None:
    number = placed_order(session, merging)
    agency(session, "D-3", name="Dinas Koperasi")
    stranger = desk_of(
        app, session, signed_up(session, Role.APPROVER, agency_scope("D-3")).person_id
    )
    clock.shift(timedelta(days=1))
    assert stranger.client.get(f"/agency/approvals/{number}").status_code == HTTPStatus.NOT_FOUND
