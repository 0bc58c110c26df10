"""Purchases outside the store, by page: recorded by one, looked at and approved by another."""

from collections.abc import Iterator
from datetime import date, timedelta
from http import HTTPStatus
from io import BytesIO
from typing import Any

import pytest
import time_machine
from flask import Flask
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from storefront.core.permissions import Role
from storefront.quota.correction_models import Correction, CorrectionState
from storefront.quota.models import LedgerEntry
from storefront.sellers.models import Seller
from tests.conftest import CountSelects
from tests.factories import NOON, agency, shop
from tests.factories_orders import Around, approved_order, around
from tests.quota.purchases import RECEIPT, Hands
from tests.web.offices import Desk, desk_of, staff

NEW = "/agency/purchases/new"
NOTE = {
    "channel": "outlet_paper",
    "bought_on": "2026-10-20",
    "document_number": "NOTA/77",
    "amount": "1.250.000",
    "seller_name": "Kedai Bu Entin",
    "seller_nib": "9120001234567",
    "claimed_class": "micro",
    "description": "Snack rapat koordinasi 50 kotak",
    "reason": "Rapat mendadak",
    "expense_account": "",
    "activity_code": "",
}


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def of(session: Session) -> Around:
    return around(session)


@pytest.fixture
def officer(app: Flask, session: Session, of: Around) -> Desk:
    return staff(app, session, Role.PROCUREMENT, of.agency.code)


def sent(
    desk: Desk, action: str = "propose", *, file: bytes | None = RECEIPT.content, **changed: str
) -> TestResponse:
    data: dict[str, object] = {
        **NOTE,
        **changed,
        "action": action,
        "csrf_token": desk.token(),
    }
    if file is not None:
        data["evidence"] = (BytesIO(file), "nota 77.pdf")
    return desk.client.post(NEW, data=data, content_type="multipart/form-data")


def proposed(session: Session) -> Correction:
    session.rollback()
    return session.scalars(select(Correction)).one()


def test_an_officer_records_and_an_approver_approves(
    app: Flask, session: Session, of: Around, officer: Desk
) -> None:
    checked = sent(officer, "check", file=None)
    assert checked.status_code == HTTPStatus.OK
    assert "Rp1.250.000" in checked.text
    assert "Bukan penjual toko ini" in checked.text
    assert 'value="NOTA/77"' in checked.text
    answer = sent(officer)
    correction = proposed(session)
    assert answer.location == f"/agency/purchases/{correction.id}"
    page = answer.location
    assert "Menunggu orang kedua" in officer.see(page)
    assert "Setujui" not in officer.see(page)
    approver = desk_of(app, session, of.approver.person_id)
    assert "KOR/0001/1.02.01/2026" in approver.see("/agency/purchases")
    approver.send(page, page, decision="confirm")
    assert proposed(session).state is CorrectionState.APPROVED
    assert session.scalars(select(LedgerEntry.realised_change)).one() == 1_250_000
    assert "Disetujui" in officer.see(page)


def test_who_proposed_finds_no_button_and_is_refused(
    app: Flask, session: Session, of: Around
) -> None:
    admin = staff(app, session, Role.AGENCY_ADMIN, of.agency.code)
    sent(admin)
    page = f"/agency/purchases/{proposed(session).id}"
    answer = admin.client.post(page, data={"csrf_token": admin.token(), "decision": "confirm"})
    assert answer.status_code == HTTPStatus.FORBIDDEN
    admin.send(page, page, decision="refuse")
    assert proposed(session).state is CorrectionState.REFUSED


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"bought_on": "2026-11-13"}, "tidak boleh sesudah hari ini"),
        ({"bought_on": "2025-12-31"}, "sudah ditutup"),
        ({"bought_on": ""}, "Isi tanggal pada nota"),
        ({"amount": "0"}, "Isi jumlahnya, dari Rp1"),
        ({"amount": "-5"}, "Tulis rupiah bulat"),
        ({"seller_nib": "12"}, "13 angka"),
        ({"seller_nib": ""}, "Isi NIB-nya"),
        ({"document_number": ""}, "Isi nomor notanya"),
        ({"channel": "by hand"}, "Pilih cara membelinya"),
    ],
)
@pytest.mark.parametrize("action", ["check", "propose"])
def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(
    officer: Desk, changed: dict[str, Any], told: str, action: str
) -> None:
    answer = sent(officer, action, **changed)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert told in answer.text
    assert "Snack rapat koordinasi 50 kotak" in answer.text
    (name,) = changed
    assert f'id="{name}-error"' in answer.text


@pytest.mark.parametrize(
    ("file", "told"),
    [
        (None, "Lampirkan buktinya"),
        (b"<html><script>alert(1)</script>", "PDF, JPG, atau PNG yang utuh"),
        (b"\xff\xd8\xff<script>", "bukan gambar"),
    ],
)
def test_a_file_that_is_missing_or_wrong_is_told_and_the_rest_stays(
    session: Session, officer: Desk, file: bytes | None, told: str
) -> None:
    answer = sent(officer, file=file)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert told in answer.text
    assert 'value="NOTA/77"' in answer.text
    assert session.scalar(select(Correction)) is None


def test_one_goes_back_and_changes_what_was_typed(officer: Desk) -> None:
    answer = sent(officer, "edit", file=None)
    assert answer.status_code == HTTPStatus.OK
    assert 'value="1.250.000"' in answer.text


def test_an_order_of_the_same_seller_and_sum_is_pointed_out_to_both(
    app: Flask, session: Session, of: Around, officer: Desk
) -> None:
    number = approved_order(session, of, quantities=(10,), price=125_000)
    same: dict[str, Any] = {"seller_nib": of.shop.nib, "bought_on": "2026-11-01"}
    assert f'href="/agency/orders/{number}"' in sent(officer, "check", file=None, **same).text
    other = sent(officer, "check", file=None, **same, amount="1.249.999").text
    assert number not in other
    sent(officer, **same)
    approver = desk_of(app, session, of.approver.person_id)
    page = approver.see(f"/agency/purchases/{proposed(session).id}")
    assert "Mungkin sudah tercatat" in page
    assert f'href="/agency/orders/{number}"' in page


@pytest.mark.parametrize(
    ("changed", "is_alike"),
    [
        ({"amount": "5"}, True),
        ({"document_number": "nota/77", "amount": "5"}, True),
        ({"document_number": "LAIN"}, True),
        ({"document_number": "LAIN", "bought_on": "2026-10-21"}, False),
        ({"document_number": "LAIN", "amount": "5"}, False),
    ],
)
def test_another_document_of_the_same_note_or_the_same_purchase_is_pointed_out(
    session: Session, of: Around, officer: Desk, changed: dict[str, Any], is_alike: bool
) -> None:
    Hands(session, of.agency.code).propose()
    page = sent(officer, "check", file=None, **changed).text
    assert ("Mungkin sudah tercatat" in page) is is_alike


def test_another_agencys_note_is_no_likeness(session: Session, officer: Desk) -> None:
    agency(session, "1.01.01", name="Dinas Pendidikan")
    Hands(session, "1.01.01").propose()
    assert "Mungkin sudah tercatat" not in sent(officer, "check", file=None).text


def test_evidence_is_a_download_that_runs_nothing(officer: Desk, session: Session) -> None:
    sent(officer)
    answer = officer.client.get(f"/agency/purchases/{proposed(session).id}/evidence")
    assert answer.data == RECEIPT.content
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="nota 77.pdf"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_photo_is_kept_anew(officer: Desk, session: Session) -> None:
    photo = BytesIO()
    Image.new("RGB", (30, 20), "teal").save(photo, "JPEG")
    sent(officer, file=photo.getvalue())
    answer = officer.client.get(f"/agency/purchases/{proposed(session).id}/evidence")
    assert answer.mimetype == "image/webp"
    assert answer.data != photo.getvalue()


def test_what_is_typed_is_shown_as_text(officer: Desk, session: Session) -> None:
    sent(officer, description="<script>alert(1)</script>", seller_name="<b>x</b>")
    page = officer.see(f"/agency/purchases/{proposed(session).id}")
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_a_refusal_needs_a_reason_beside_its_field(
    app: Flask, session: Session, of: Around, officer: Desk
) -> None:
    sent(officer)
    page = f"/agency/purchases/{proposed(session).id}"
    approver = desk_of(app, session, of.approver.person_id)
    answer = approver.send(page, page, decision="refuse", reason="")
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert 'id="reason-error"' in answer.text
    approver.send(page, page, decision="refuse", reason="Nota tidak terbaca")
    assert "Nota tidak terbaca" in officer.see(page)


def test_who_is_too_late_sees_what_the_other_did(
    app: Flask, session: Session, of: Around, officer: Desk
) -> None:
    sent(officer)
    page = f"/agency/purchases/{proposed(session).id}"
    approver = desk_of(app, session, of.approver.person_id)
    treasurer = desk_of(app, session, of.treasurer.person_id)
    form = treasurer.form(page, page)
    approver.send(page, page, decision="confirm")
    answer = treasurer.client.post(page, data=form.filled(decision="confirm"))
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "sudah diputuskan orang lain" in answer.text


def test_an_approved_purchase_is_taken_back_in_two_hands(
    app: Flask, session: Session, of: Around, officer: Desk
) -> None:
    hands = Hands(session, of.agency.code)
    page = f"/agency/purchases/{hands.approved()}"
    answer = officer.send(page, f"{page}/reversal", reason="Ternyata pesanan toko")
    opposite = answer.location
    assert "Membatalkan KOR/0001/1.02.01/2026" in officer.see(opposite)
    assert "menunggu" in officer.see(page)
    desk_of(app, session, of.treasurer.person_id).send(opposite, opposite, decision="confirm")
    session.rollback()
    assert session.scalars(select(LedgerEntry.realised_change)).all() == [1_250_000, -1_250_000]
    assert f"{page}/reversal" not in officer.see(page)


def test_a_shop_of_the_store_is_known_by_its_name_too(session: Session, officer: Desk) -> None:
    seller: Seller = shop(session, "Dapur Cibadak")
    page = sent(officer, "check", file=None, seller_name="dapur cibadak", seller_nib="").text
    assert seller.nib in page
    assert "Bukan penjual toko ini" not in page


def test_the_list_costs_the_same_however_long(
    session: Session, of: Around, officer: Desk, count_selects: CountSelects
) -> None:
    hands = Hands(session, of.agency.code)
    counts = []
    for day in (1, 2, 3):
        hands.propose(bought_on=date(2026, 10, 1) + timedelta(days=day))
        hands.approved(document_number=f"N-{day}")
        with count_selects() as selects:
            officer.see("/agency/purchases")
        counts.append(len(selects))
    assert counts[0] == counts[2]
