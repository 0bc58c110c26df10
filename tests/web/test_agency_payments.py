"""The treasurer's list and the record of a payment, through HTTP."""

from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from storefront.core.permissions import Role
from storefront.orders.models import OrderStatus, PaymentMethod
from storefront.payments.models import AgencyMethod, AgencyPayment
from tests.conftest import CountSelects
from tests.factories import NOON
from tests.factories_orders import (
    TODAY,
    Around,
    approved_order,
    around,
    found,
    placed_order,
    received_order,
)
from tests.web.browsing import form_to
from tests.web.offices import Desk, desk_of, staff

PROOF = {"method": "ls", "proof_number": "SP2D-17/2026"}


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def of(session: Session) -> Around:
    return around(session)


@pytest.fixture
def desk(app: Flask, session: Session, of: Around) -> Desk:
    return desk_of(app, session, of.treasurer.person_id)


@pytest.fixture
def number(session: Session, of: Around) -> str:
    """An order of Rp100.000 that was received today."""
    return received_order(session, of, approved_order(session, of))


def pay(desk: Desk, number: str, **typed: object) -> TestResponse:
    return desk.send(f"/agency/payments/{number}", f"/agency/payments/{number}", **PROOF | typed)


def test_what_was_received_and_is_unpaid_waits_with_its_age(desk: Desk, number: str) -> None:
    with time_machine.travel(NOON + timedelta(days=3), tick=False):
        page = desk.see("/agency/payments")
    assert f"/agency/payments/{number}" in page
    assert "3 hari" in page
    assert "Rp100.000" in page


def test_what_waits_longest_stands_first(
    desk: Desk, session: Session, of: Around, number: str
) -> None:
    later = received_order(session, of, approved_order(session, of))
    page = desk.see("/agency/payments")
    assert page.index(number) < page.index(later)


def test_what_is_only_approved_does_not_wait(desk: Desk, session: Session, of: Around) -> None:
    assert approved_order(session, of) not in desk.see("/agency/payments")


def test_the_form_is_filled_with_what_is_owed(desk: Desk, number: str) -> None:
    form = desk.form(f"/agency/payments/{number}", f"/agency/payments/{number}")
    assert form["gross_amount"] == "100.000"
    assert form["withheld_amount"] == "0"
    assert form["paid_on"] == TODAY.isoformat()


def test_a_recorded_payment_is_realised(desk: Desk, session: Session, number: str) -> None:
    answer = pay(desk, number, withheld_amount="1.500")
    assert (answer.status_code, answer.location) == (HTTPStatus.SEE_OTHER, "/agency/payments")
    order = found(session, number)
    assert order.status is OrderStatus.COMPLETED
    assert (order.realised_amount, order.committed_amount) == (100_000, 0)
    assert order.payment_method is PaymentMethod.LS
    kept = session.scalars(select(AgencyPayment)).one()
    assert (kept.method, kept.gross_amount, kept.withheld_amount) == (
        AgencyMethod.LS,
        100_000,
        1_500,
    )


def test_what_was_paid_stands_in_the_history(desk: Desk, number: str) -> None:
    pay(desk, number, withheld_amount="1500")
    page = desk.see("/agency/payments")
    history = page[page.index("Sudah dibayar") :]
    assert "SP2D-17/2026" in history
    assert number in history
    assert "Rp98.500" in history
    assert "Semua yang diterima sudah dibayar" in page


def test_a_part_may_be_paid_first(desk: Desk, session: Session, number: str) -> None:
    pay(desk, number, gross_amount="40000")
    assert found(session, number).realised_amount == 40_000
    form = desk.form(f"/agency/payments/{number}", f"/agency/payments/{number}")
    assert form["gross_amount"] == "60.000"


@pytest.mark.parametrize("typed", ["100000", "100.000", "Rp100.000", "rp 100.000", "100.000,00"])
def test_rupiah_are_read_as_people_write_them(
    desk: Desk, session: Session, number: str, typed: str
) -> None:
    assert pay(desk, number, gross_amount=typed).status_code == HTTPStatus.SEE_OTHER
    assert found(session, number).paid_amount == 100_000


BAD = [
    ("method", "cash", "Pilih cara bayar: UP/GU, LS, atau KKPD.", "method-error"),
    ("method", None, "Pilih cara bayar: UP/GU, LS, atau KKPD.", "method-error"),
    ("paid_on", "", "Isi tanggal bayar.", "paid_on-error"),
    ("paid_on", "2026-02-30", "Tulis tanggal yang ada", "paid_on-error"),
    ("paid_on", "2026-11-13", "belum tiba", "paid_on-error"),
    ("paid_on", "2026-11-11", "baru disetujui 12 November 2026", "paid_on-error"),
    ("proof_number", " ", "Isi nomor bukti bayar", "proof_number-error"),
    ("proof_number", "9" * 81, "paling panjang 80 huruf", "proof_number-error"),
    ("gross_amount", "", "Isi jumlah yang dibayar.", "gross_amount-error"),
    ("gross_amount", "0", "Jumlah kotor harus lebih dari nol.", "gross_amount-error"),
    ("gross_amount", "-5", "Tulis rupiah bulat", "gross_amount-error"),
    ("gross_amount", "1e9", "Tulis rupiah bulat", "gross_amount-error"),
    ("gross_amount", "1.5", "Tulis rupiah bulat", "gross_amount-error"),
    ("gross_amount", "1,000", "Tulis rupiah bulat", "gross_amount-error"),
    ("gross_amount", "١٢", "Tulis rupiah bulat", "gross_amount-error"),
    ("gross_amount", "9" * 40, "Tulis rupiah bulat", "gross_amount-error"),
    ("gross_amount", "100001", "belum dibayar tinggal Rp100.000", "gross_amount-error"),
    ("withheld_amount", "", "Isi 0 bila tidak ada potongan.", "withheld_amount-error"),
    ("withheld_amount", "100001", "tidak boleh melebihi jumlah kotor", "withheld_amount-error"),
]


@pytest.mark.parametrize(("field", "typed", "message", "beside"), BAD)
def test_a_refusal_stands_beside_its_field_with_all_that_was_typed(
    desk: Desk,
    session: Session,
    number: str,
    field: str,
    typed: str | None,
    message: str,
    beside: str,
) -> None:
    answer = pay(desk, number, **{"proof_number": "SP2D-99", field: typed})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert message in answer.text.split(f'id="{beside}"')[1][:500]
    form = form_to(answer, f"/agency/payments/{number}")
    if field != "proof_number":
        assert form["proof_number"] == "SP2D-99"
    if typed and typed.strip() and field != "method":
        assert form[field] == typed
    assert session.scalars(select(AgencyPayment)).all() == []


def test_the_same_proof_sent_twice_is_one_payment(
    desk: Desk, session: Session, number: str
) -> None:
    form = desk.form(f"/agency/payments/{number}", f"/agency/payments/{number}")
    for _ in range(2):
        answer = desk.client.post(form.action, data=form.filled(**PROOF, gross_amount="40000"))
        assert answer.status_code == HTTPStatus.SEE_OTHER
    assert found(session, number).paid_amount == 40_000


def test_a_second_payment_after_all_is_paid_is_told_what_happened(
    desk: Desk, session: Session, number: str
) -> None:
    form = desk.form(f"/agency/payments/{number}", f"/agency/payments/{number}")
    pay(desk, number)
    answer = desk.client.post(form.action, data=form.filled(method="ls", proof_number="SP2D-18"))
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "sudah selesai, jadi tidak dapat dibayar bendahara" in answer.text
    assert "Yang terakhir terjadi: Dibayar bendahara" in answer.text
    assert len(session.scalars(select(AgencyPayment)).all()) == 1


def test_what_nobody_received_cannot_be_paid(desk: Desk, session: Session, of: Around) -> None:
    number = placed_order(session, of)
    page = desk.see(f"/agency/payments/{number}")
    assert "Belum ada yang dapat dibayar" in page
    assert 'name="gross_amount"' not in page


def test_what_reaches_the_seller_follows_what_is_typed(desk: Desk, number: str) -> None:
    part = desk.see(f"/agency/payments/{number}/net?gross_amount=100.000&withheld_amount=1.500")
    assert ">Rp98.500<" in part
    wrong = desk.see(f"/agency/payments/{number}/net?gross_amount=x&withheld_amount=1.500")
    assert "Rp" not in wrong


def test_the_list_costs_no_more_for_more_orders(
    desk: Desk, session: Session, of: Around, count_selects: CountSelects
) -> None:
    counts = []
    for _ in range(2):
        received_order(session, of, approved_order(session, of))
        pay(desk, received_order(session, of, approved_order(session, of)))
        session.rollback()
        with count_selects() as selects:
            desk.see("/agency/payments")
        counts.append(len(selects))
    assert counts[0] == counts[1] <= 22


def test_a_treasurer_of_another_agency_sees_none_of_it(
    app: Flask, session: Session, number: str
) -> None:
    other = staff(app, session, Role.TREASURER, "1.01.01")
    assert number not in other.see("/agency/payments")
