"""The roster through HTTP: the list, one placement's changes, people by form and by file."""

from collections.abc import Iterator
from datetime import date
from http import HTTPStatus
from io import BytesIO

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from storefront.accounts.models import (
    CodePurpose,
    Credential,
    OneTimeCode,
    PersonDetails,
    PersonNumber,
)
from storefront.agencies.models import Agency, Placement, PlacementRole
from storefront.agencies.roster import COLUMNS
from storefront.core.database import transaction
from storefront.core.identifiers import Employment
from storefront.core.outbox import OutboxMessage
from storefront.core.permissions import Role
from tests.conftest import CountSelects
from tests.factories import LONG_AGO, NOON, agency, person, placed
from tests.web.browsing import form_to
from tests.web.offices import Desk, staff

HEADING = ",".join(COLUMNS)
HASH = "$argon2id$"
NIP = "198703122010012003"
ROW = f"{NIP},pns,Rina Amelia,rina@bandung.example,Perencana,1.02.01,definitive,buyer,2026-01-02,"


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def health(session: Session) -> Agency:
    return agency(session)


@pytest.fixture
def admin(app: Flask, session: Session) -> Desk:
    return staff(app, session, Role.AGENCY_ADMIN)


def add(desk: Desk, **typed: object) -> TestResponse:
    """Somebody new, by the form as it is shown."""
    sent = {
        "employment": "pns",
        "nip": NIP,
        "name": "Rina Amelia, S.K.M.",
        "email": "rina@bandung.example",
        "position": "Perencana Ahli Muda",
    }
    form = desk.form("/agency/roster/new", "/agency/roster")
    return desk.client.post(form.action, data=form.filled(**sent | typed))


def upload(desk: Desk, *rows: str, action: str = "keep") -> TestResponse:
    form = desk.form("/agency/roster", "/agency/roster/import")
    content = "\n".join([HEADING, *rows]).encode()
    sent = {"csrf_token": form["csrf_token"], "action": action, "file": (BytesIO(content), "r.csv")}
    return desk.client.post(form.action, data=sent, content_type="multipart/form-data")


def activate(session: Session, placement: Placement) -> None:
    """As if they had come in once."""
    with transaction(session):
        session.add(Credential(person_id=placement.person_id, password_hash=HASH, changed_at=NOON))


def of_nip(session: Session, nip: str = NIP) -> list[Placement]:
    session.rollback()
    query = select(Placement).filter_by(nip=nip).order_by(Placement.id)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def roles_of(session: Session, placement_id: int) -> dict[Role, bool]:
    """The roles that stand, and whether they count."""
    session.rollback()
    query = select(PlacementRole).filter_by(placement_id=placement_id, ended_at=None)
    rows = session.scalars(query.execution_options(populate_existing=True))
    return {row.role: row.confirmed_at is not None for row in rows}


def test_the_list_is_asked_by_name_number_role_and_time(
    admin: Desk, session: Session, health: Agency
) -> None:
    placed(session, health, Role.TREASURER, person_id=person(session, "Lilis Nuraeni"))
    gone = person(session, "Budi Lama")
    placed(session, health, person_id=gone, until=date(2026, 6, 30))
    assert "Lilis Nuraeni" in admin.see("/agency/roster?q=lilis")
    assert "Lilis Nuraeni" in admin.see("/agency/roster?role=treasurer")
    assert "Lilis Nuraeni" not in admin.see("/agency/roster?role=approver")
    assert "Budi Lama" not in admin.see("/agency/roster")
    assert "Budi Lama" in admin.see("/agency/roster?when=past")
    nip = session.scalars(select(Placement.nip).filter_by(person_id=gone)).one()
    assert "Budi Lama" in admin.see(f"/agency/roster?when=all&q={nip}")


def test_who_never_came_in_can_be_listed(admin: Desk, session: Session, health: Agency) -> None:
    placed(session, health, person_id=person(session, "Belum Masuk"))
    active = placed(session, health, person_id=person(session, "Sudah Masuk"))
    activate(session, active)
    page = admin.see("/agency/roster?waiting=1")
    assert "Belum Masuk" in page
    assert "Sudah Masuk" not in page


@pytest.mark.parametrize("asked", ["role=city_admin", "when=ever", "page=-3", "q=%25'%20OR%201=1"])
def test_what_makes_no_sense_does_no_harm(admin: Desk, asked: str) -> None:
    assert admin.see(f"/agency/roster?{asked}")


def test_the_list_costs_no_more_for_more_people(
    admin: Desk, session: Session, health: Agency, count_selects: CountSelects
) -> None:
    counts = []
    for _ in range(2):
        placed(session, health)
        session.rollback()
        with count_selects() as selects:
            admin.see("/agency/roster")
        counts.append(len(selects))
    assert counts[0] == counts[1] <= 24


def test_a_new_person_is_placed_and_gets_a_code_by_mail(admin: Desk, session: Session) -> None:
    answer = add(admin)
    assert answer.status_code == HTTPStatus.SEE_OTHER
    (placement,) = of_nip(session)
    assert placement.position == "Perencana Ahli Muda"
    assert roles_of(session, placement.id) == {Role.BUYER: True}
    code = session.scalars(select(OneTimeCode)).one()
    assert (code.purpose, code.sent_to) == (CodePurpose.ACTIVATE, "rina@bandung.example")
    told = admin.see(answer.location)
    assert "1 kode aktivasi dikirim" in told
    assert "Rina Amelia, S.K.M." in told


def test_a_role_that_spends_waits_for_a_second_person(admin: Desk, session: Session) -> None:
    add(admin, roles="treasurer")
    (placement,) = of_nip(session)
    assert roles_of(session, placement.id) == {Role.TREASURER: False}


@pytest.mark.parametrize(
    ("typed", "message", "beside"),
    [
        ({"nip": "123"}, "18 angka", "nip-error"),
        ({"nip": ""}, "Isi 18 angka NIP.", "nip-error"),
        ({"employment": "honorer"}, "Pilih PNS atau PPPK.", "employment-error"),
        ({"name": ""}, "Isi nama.", "name-error"),
        ({"email": "rina@"}, "urel", "email-error"),
        ({"position": ""}, "Isi jabatan.", "position-error"),
        ({"unit_code": "1.01.01"}, "", "unit_code-error"),
        ({"kind": "x"}, "Pilih jenis penempatan.", "kind-error"),
        ({"from": "2026-13-01"}, "Tulis tanggal yang ada", "from-error"),
        ({"to": "2020-01-01"}, "sebelum tanggal mulai", "to-error"),
        ({"roles": "city_admin"}, "tidak dikenal", "roles-error"),
    ],
)
def test_a_refusal_stands_beside_its_field_with_all_that_was_typed(
    admin: Desk, session: Session, typed: dict[str, str], message: str, beside: str
) -> None:
    answer = add(admin, **typed)
    if beside == "unit_code-error":
        assert answer.status_code == HTTPStatus.NOT_FOUND
        assert of_nip(session) == []
        return
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert message in answer.text.split(f'id="{beside}"')[1][:400]
    form = form_to(answer, "/agency/roster")
    if "position" not in typed:
        assert form["position"] == "Perencana Ahli Muda"
    assert (
        session.scalars(select(PersonDetails.name).filter_by(name="Rina Amelia, S.K.M.")).all()
        == []
    )


def test_an_address_that_others_entered_is_not_overwritten(admin: Desk) -> None:
    add(admin)
    answer = add(admin, email="pencuri@jahat.example", **{"from": "2027-01-01", "kind": "acting"})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "terdaftar dengan surel lain" in answer.text.split('id="email-error"')[1][:400]


@pytest.fixture
def placement(session: Session, health: Agency) -> Placement:
    """Of a person whose number it bears."""
    made = placed(session, health, person_id=person(session, "Rina Amelia"))
    with transaction(session):
        number = PersonNumber(nip=made.nip, person_id=made.person_id, since=LONG_AGO)
        number.employment = Employment.PNS
        session.add(number)
    return made


def test_an_ended_placement_has_its_last_day(
    admin: Desk, session: Session, placement: Placement
) -> None:
    page = f"/agency/roster/{placement.id}"
    answer = admin.send(page, f"{page}/end", to="2026-11-30")
    assert answer.status_code == HTTPStatus.SEE_OTHER
    assert of_nip(session, placement.nip)[0].valid_to == date(2026, 11, 30)


@pytest.mark.parametrize(
    ("typed", "message"),
    [("", "Isi hari terakhir."), ("2019-01-01", "tidak boleh sebelum tanggal mulai")],
)
def test_a_last_day_that_cannot_be_is_said_beside_it(
    admin: Desk, placement: Placement, typed: str, message: str
) -> None:
    page = f"/agency/roster/{placement.id}"
    answer = admin.send(page, f"{page}/end", to=typed)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert message in answer.text.split('id="end-to-error"')[1][:300]


def test_who_moves_to_a_unit_below_begins_there_and_ends_here(
    admin: Desk, session: Session, health: Agency, placement: Placement
) -> None:
    clinic = agency(session, "1.02.01.01", name="Puskesmas Dago", parent=health)
    page = f"/agency/roster/{placement.id}"
    answer = admin.send(
        page, f"{page}/move", unit_code=clinic.code, roles="buyer", **{"from": "2026-12-01"}
    )
    assert answer.status_code == HTTPStatus.SEE_OTHER
    old, new = of_nip(session, placement.nip)
    assert old.valid_to == date(2026, 11, 30)
    assert (new.agency_id, new.valid_from) == (clinic.id, date(2026, 12, 1))


@pytest.mark.parametrize(
    ("typed", "message", "beside"),
    [
        ({"from": ""}, "Isi tanggal mulai.", "from-error"),
        ({"from": "2019-01-01"}, "Pindah paling cepat sehari", "from-error"),
        ({"from": "2026-12-01", "position": " "}, "Isi jabatan", "position-error"),
        ({"from": "2026-12-01", "to": "2026-11-30"}, "tidak boleh sebelum", "to-error"),
    ],
)
def test_a_move_that_cannot_be_is_said_beside_its_field(
    admin: Desk,
    session: Session,
    placement: Placement,
    typed: dict[str, str],
    message: str,
    beside: str,
) -> None:
    page = f"/agency/roster/{placement.id}"
    answer = admin.send(page, f"{page}/move", **typed)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert message in answer.text.split(f'id="{beside}"')[1][:300]
    assert len(of_nip(session, placement.nip)) == 1


def test_to_an_agency_out_of_reach_nobody_is_moved(
    admin: Desk, session: Session, placement: Placement
) -> None:
    agency(session, "1.01.01", name="Dinas Pendidikan")
    page = f"/agency/roster/{placement.id}"
    answer = admin.send(page, f"{page}/move", unit_code="1.01.01", **{"from": "2026-12-01"})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "di luar wewenang Anda" in answer.text.split('id="unit_code-error"')[1][:400]
    assert of_nip(session, placement.nip)[0].valid_to is None


def test_a_role_is_proposed_and_a_second_person_confirms_it(
    app: Flask, admin: Desk, session: Session, placement: Placement
) -> None:
    page = f"/agency/roster/{placement.id}"
    admin.send(page, f"{page}/roles", role="approver")
    assert roles_of(session, placement.id)[Role.APPROVER] is False
    role_id = session.scalars(select(PlacementRole.id).filter_by(role=Role.APPROVER)).one()
    assert "Menunggu konfirmasi Anda" not in admin.see("/agency/")
    approver = staff(app, session, Role.APPROVER)
    assert "Rina Amelia menjadi Penyetuju (PPK)" in approver.see("/agency/")
    approver.send("/agency/", f"/agency/roles/{role_id}", decision="confirm")
    assert roles_of(session, placement.id)[Role.APPROVER] is True


def test_a_role_that_counts_at_once_needs_nobody(
    admin: Desk, session: Session, placement: Placement
) -> None:
    page = f"/agency/roster/{placement.id}"
    admin.send(page, f"{page}/roles", role="procurement")
    assert roles_of(session, placement.id)[Role.PROCUREMENT] is True


def test_a_role_over_the_city_is_not_given_here(admin: Desk, placement: Placement) -> None:
    page = f"/agency/roster/{placement.id}"
    answer = admin.send(page, f"{page}/roles", role="city_admin")
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Pilih peran dari daftar." in answer.text.split('id="role-error"')[1][:300]


def test_a_role_is_taken_away(admin: Desk, session: Session, placement: Placement) -> None:
    role_id = session.scalars(select(PlacementRole.id).filter_by(placement_id=placement.id)).one()
    page = f"/agency/roster/{placement.id}"
    admin.send(page, f"{page}/roles/{role_id}/end")
    assert roles_of(session, placement.id) == {}


def test_a_role_of_another_placement_is_not_taken_away_by_this_address(
    admin: Desk, session: Session, health: Agency, placement: Placement
) -> None:
    other = placed(session, health)
    role_id = session.scalars(select(PlacementRole.id).filter_by(placement_id=other.id)).one()
    path = f"/agency/roster/{placement.id}/roles/{role_id}/end"
    answer = admin.client.post(path, data={"csrf_token": admin.token()})
    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert roles_of(session, other.id) == {Role.BUYER: True}


def test_a_code_goes_to_the_persons_own_mail_and_never_to_the_screen(
    admin: Desk, session: Session, placement: Placement
) -> None:
    page = f"/agency/roster/{placement.id}"
    answer = admin.send(page, f"{page}/code")
    code = session.scalars(select(OneTimeCode)).one()
    assert code.person_id == placement.person_id
    assert code.sent_to
    assert "account_code_issued" in session.scalars(select(OutboxMessage.topic)).all()
    told = admin.see(answer.location)
    assert "Kode aktivasi dikirim ke surel Rina Amelia" in told
    assert code.sent_to not in told


def test_who_is_active_is_sent_no_first_code(
    admin: Desk, session: Session, placement: Placement
) -> None:
    activate(session, placement)
    page = f"/agency/roster/{placement.id}"
    assert "/code" not in admin.see(page)
    answer = admin.client.post(f"{page}/code", data={"csrf_token": admin.token()})
    assert answer.status_code == HTTPStatus.CONFLICT
    assert session.scalars(select(OneTimeCode)).all() == []


def test_who_has_no_address_is_sent_to_the_city(
    admin: Desk, session: Session, placement: Placement
) -> None:
    with transaction(session):
        session.get_one(PersonDetails, placement.person_id).email = None
    assert "Minta admin kota mencetak slip." in admin.see(f"/agency/roster/{placement.id}")


def test_a_file_is_tried_without_being_kept(admin: Desk, session: Session) -> None:
    page = upload(admin, ROW, action="try")
    assert page.status_code == HTTPStatus.OK
    assert "1 orang baru, 1 penempatan baru" in page.text
    assert of_nip(session) == []
    assert session.scalars(select(OneTimeCode)).all() == []


def test_a_file_is_taken(admin: Desk, session: Session) -> None:
    answer = upload(admin, ROW)
    assert answer.status_code == HTTPStatus.SEE_OTHER
    assert len(of_nip(session)) == 1
    assert "1 penempatan tercatat. 1 kode aktivasi dikirim" in admin.see(answer.location)


def test_what_is_wrong_in_a_file_is_told_by_row_and_column(admin: Desk, session: Session) -> None:
    answer = upload(admin, ROW, ROW.replace(NIP, "1.98703E+17"), ROW.replace("pns", "<b>x</b>"))
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    rows = answer.text.split('id="wrong-rows"')[1].split("</section>")[0]
    assert "Baris 3" in rows
    assert "nip" in rows
    assert "Baris 4" in rows
    assert "<b>x</b>" not in answer.text
    assert of_nip(session) == []


@pytest.mark.usefixtures("placement")
def test_the_front_page_counts_who_never_came_in(admin: Desk) -> None:
    page = admin.see("/agency/")
    assert "2 pegawai belum mengaktifkan akun" in page  # the admin of this test has no password
    assert 'href="/agency/roster?waiting=1"' in page
