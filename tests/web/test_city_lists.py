"""Lists from files, slips to print, the rule, and agencies against their target."""

from collections.abc import Iterator
from http import HTTPStatus
from io import BytesIO

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from storefront.accounts.models import Credential, PersonDetails
from storefront.agencies.models import Agency
from storefront.core.database import transaction
from storefront.core.permissions import CITY, Role
from tests.conftest import CountSelects
from tests.factories import NOON, agency, placed, signed_up
from tests.factories_orders import approved_order, around
from tests.web.browsing import form_to
from tests.web.offices import Desk, desk_of

UNPROCESSABLE = HTTPStatus.UNPROCESSABLE_ENTITY
PASSWORD = "Kopi-Puntang-Dibakar-Pelan-77"  # noqa: S105 - of nobody


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def admin(app: Flask, session: Session) -> Desk:
    return desk_of(app, session, signed_up(session, Role.CITY_ADMIN, CITY).person_id)


def upload(desk: Desk, kind: str, text: str, action: str, **more: str) -> TestResponse:
    form = desk.form(f"/city/imports?kind={kind}", f"/city/imports/{kind}")
    sent = {"csrf_token": form["csrf_token"], "action": action} | more
    file = (BytesIO(text.encode()), f"{kind}.csv")
    return desk.client.post(
        form.action, data=sent | {"file": file}, content_type="multipart/form-data"
    )


AGENCIES = "code,name,kind,parent_code\n"
ROSTER = "nip,employment,name,email,position,unit_code,kind,roles,from,to\n"
RINA = "198703122010012003,pns,Rina,rina@kota.example,Perencana,D-01,definitive,buyer,2026-01-02,\n"
GOOD = "D-01,Dinas Sosial,dinas,\n"


def names(session: Session) -> set[str]:
    session.rollback()
    return set(session.scalars(select(Agency.name)))


def test_a_file_is_imported_whole(session: Session, admin: Desk) -> None:
    answer = upload(admin, "agencies", AGENCIES + GOOD, "import")
    assert answer.status_code == HTTPStatus.SEE_OTHER
    assert names(session) == {"Dinas Sosial"}


def test_a_try_keeps_nothing(session: Session, admin: Desk) -> None:
    answer = upload(admin, "agencies", AGENCIES + GOOD, "try")
    assert "Berkasnya benar" in answer.text
    assert names(session) == set()


def test_a_wrong_row_is_named_and_nothing_of_the_file_is_kept(
    session: Session, admin: Desk
) -> None:
    answer = upload(admin, "agencies", AGENCIES + GOOD + "D-02,Dinas Lain,istana,\n", "import")
    assert answer.status_code == UNPROCESSABLE
    assert "Baris 3" in answer.text
    assert names(session) == set()


def test_a_roster_goes_to_the_agency_that_was_chosen(session: Session, admin: Desk) -> None:
    agency(session, "D-01", name="Dinas Sosial")
    answer = upload(admin, "roster", ROSTER + RINA, "import", agency="D-01")
    assert answer.status_code == HTTPStatus.SEE_OTHER
    query = select(PersonDetails.name).filter_by(email="rina@kota.example")
    assert session.scalars(query).one() == "Rina"


def test_no_file_is_told_beside_the_field(admin: Desk) -> None:
    answer = admin.send("/city/imports", "/city/imports/agencies")
    assert answer.status_code == UNPROCESSABLE
    assert 'id="file-error"' in answer.text


def test_the_empty_file_has_the_columns_that_an_import_takes(session: Session, admin: Desk) -> None:
    empty = admin.client.get("/city/imports/agencies.csv").data.decode("utf-8-sig")
    upload(admin, "agencies", empty + "D-01;Dinas Sosial;dinas;\r\n", "import")
    assert names(session) == {"Dinas Sosial"}


def test_a_printed_slip_lets_its_owner_in(app: Flask, session: Session, admin: Desk) -> None:
    waiting = placed(session, agency(session))
    answer = admin.send("/city/slips", "/city/slips/", person=waiting.person_id)
    code = answer.text.split("<code")[1].split(">", 1)[1].split("<")[0]
    owner = app.test_client()
    form = form_to(owner.get(f"/activate?token={code}"), "/activate")
    owner.post(form.action, data=form.filled(password=PASSWORD, repeated=PASSWORD))
    session.rollback()
    assert session.get(Credential, waiting.person_id) is not None


def test_no_slip_for_whom_one_entered_oneself(session: Session, admin: Desk) -> None:
    waiting = placed(session, agency(session))
    with transaction(session):
        waiting.recorded_by = admin.person_id
        session.add(waiting)
    answer = admin.send("/city/slips", "/city/slips/", person=waiting.person_id)
    assert answer.status_code == HTTPStatus.SEE_OTHER
    assert "slipnya dicetak admin kota lain" in admin.see("/city/slips")


def test_every_agency_stands_in_the_list_with_its_state(session: Session, admin: Desk) -> None:
    approved_order(session, around(session))
    agency(session, "D-09", name="Dinas Tanpa Pagu")
    shown = admin.see("/city/agencies")
    assert "Dinas Kesehatan" in shown
    assert "Dinas Tanpa Pagu" in shown
    assert "Dinas Kesehatan" not in admin.see("/city/agencies?state=no_budget")


def test_the_list_of_agencies_costs_the_same_for_many(
    session: Session, admin: Desk, count_selects: CountSelects
) -> None:
    approved_order(session, around(session))
    admin.see("/city/agencies")
    with count_selects() as few:
        admin.see("/city/agencies")
    for number in range(6):
        agency(session, f"D-{number}", name=f"Dinas {number}")
    with count_selects() as many:
        admin.see("/city/agencies")
    assert len(many) == len(few)


def test_where_nothing_waits_the_front_page_says_so(admin: Desk) -> None:
    assert "Tidak ada yang menunggu Anda saat ini." in admin.see("/city/")


def test_an_agencys_page_tells_how_many_never_came_in(session: Session, admin: Desk) -> None:
    placed(session, agency(session))
    shown = admin.see("/city/agencies/1.02.01")
    assert "1 belum pernah masuk" in shown
