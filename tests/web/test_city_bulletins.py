"""The monthly bulletin: what a month closed with, on paper, the same for ever."""

from collections.abc import Iterator
from datetime import date
from http import HTTPStatus
from io import BytesIO

import pytest
import time_machine
from flask import Flask
from pypdf import PdfReader
from sqlalchemy.orm import Session

from storefront.core.permissions import CITY, Role
from storefront.quota.models import EntryKind
from tests.closings import closed_until
from tests.factories import NOON, agency, budget, signed_up
from tests.reports.made import booked
from tests.web.offices import Desk, desk_of


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def admin(app: Flask, session: Session) -> Desk:
    return desk_of(app, session, signed_up(session, Role.CITY_ADMIN, CITY).person_id)


@pytest.fixture
def february(session: Session) -> None:
    """A month closed with 30 % reached."""
    budget(session, agency(session, name="Dinas Kesehatan"), ceiling=1_000_000)
    booked(session, realised=300_000, day=date(2026, 2, 10))
    closed_until(session, "2026-02")


def told(pdf: bytes) -> str:
    return " ".join(PdfReader(BytesIO(pdf)).pages[0].extract_text().split())


@pytest.mark.usefixtures("february")
def test_it_names_every_agency_with_its_share_and_the_state_of_the_ledger(admin: Desk) -> None:
    assert "Februari 2026" in admin.see("/city/bulletins")
    paper = told(admin.client.get("/city/bulletins/2026-02.pdf").data)
    assert "Buletin belanja lokal Februari 2026" in paper
    assert "30,0%" in paper
    assert "Setiap instansi satu batang" in paper
    assert "Dinas Kesehatan" in paper
    assert "Rp100.000" in paper  # missing
    assert "Catatan kuota nomor 1" in paper
    assert "cap buku 1" in paper


def test_what_was_bought_outside_the_store_stands_apart(admin: Desk, session: Session) -> None:
    budget(session, agency(session, name="Dinas Kesehatan"), ceiling=1_000_000)
    booked(session, realised=300_000, day=date(2026, 1, 10), kind=EntryKind.REALISE)
    booked(session, realised=70_500, day=date(2026, 2, 10), kind=EntryKind.ADJUST)
    closed_until(session, "2026-02")
    january, february = (
        told(admin.client.get(f"/city/bulletins/2026-{month}.pdf").data) for month in ("01", "02")
    )
    assert "luar toko" not in january.lower()
    assert "Di antaranya luar toko" in february
    assert "Dinas Kesehatan Rp370.500 Rp70.500 Seluruh kota Rp370.500 Rp70.500" in february


@pytest.mark.usefixtures("february")
def test_what_comes_after_the_close_changes_no_byte_of_it(admin: Desk, session: Session) -> None:
    before = admin.client.get("/city/bulletins/2026-02.pdf").data
    booked(session, realised=500_000, day=date(2026, 2, 20))
    closed_until(session, "2026-03")
    assert admin.client.get("/city/bulletins/2026-02.pdf").data == before


@pytest.mark.usefixtures("february")
@pytest.mark.parametrize("month", ["2026-03", "2026-13", "x"])
def test_an_open_month_has_none(admin: Desk, month: str) -> None:
    answer = admin.client.get(f"/city/bulletins/{month}.pdf")
    assert answer.status_code == HTTPStatus.NOT_FOUND


def test_before_the_first_close_the_page_says_when_there_will_be_one(admin: Desk) -> None:
    assert "Belum ada buletin" in admin.see("/city/bulletins")
