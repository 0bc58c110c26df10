"""The agency's orders through HTTP: the list with its filters, and one order."""

from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from storefront.agencies.models import PlacementKind
from storefront.core.database import transaction
from storefront.core.permissions import Role
from storefront.orders.agency_payments import pay
from storefront.quota.models import Fund
from tests.conftest import CountSelects
from tests.factories import NOON, placed
from tests.factories_orders import (
    Around,
    approved_order,
    around,
    paid_order,
    placed_order,
    proof,
    received_order,
)
from tests.web.offices import Desk, desk_of, staff


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def of(session: Session) -> Around:
    return around(session)


@pytest.fixture
def desk(app: Flask, session: Session) -> Desk:
    return staff(app, session, Role.PROCUREMENT)


def test_the_list_is_filtered_by_stage(desk: Desk, session: Session, of: Around) -> None:
    waiting, approved = placed_order(session, of), approved_order(session, of)
    page = desk.see("/agency/orders?stage=to_approve")
    assert waiting in page
    assert approved not in page
    assert "stage=to_answer" in page  # the chip of what else there is


def test_the_list_is_filtered_by_number_and_day(desk: Desk, session: Session, of: Around) -> None:
    old = placed_order(session, of, now=NOON - timedelta(days=30))
    new = placed_order(session, of)
    page = desk.see("/agency/orders?from=2026-11-01&to=2026-11-30")
    assert new in page
    assert old not in page
    page = desk.see(f"/agency/orders?number={old[:8].lower()}")
    assert f"/agency/orders/{old}" in page
    assert f"/agency/orders/{new}" not in page


@pytest.mark.parametrize(
    "asked",
    ["stage=nonsense", "page=0", "page=-1", "page=99999999999999", "page=x", "number=%25_%27OR"],
)
def test_what_makes_no_sense_does_no_harm(
    desk: Desk, session: Session, of: Around, asked: str
) -> None:
    placed_order(session, of)
    assert desk.see(f"/agency/orders?{asked}")


def test_a_day_that_is_none_is_said_beside_its_field(desk: Desk) -> None:
    answer = desk.client.get("/agency/orders?from=31-12-2026")
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Tulis tanggal yang ada" in answer.text.split('id="from-error"')[1][:300]
    assert 'value="31-12-2026"' in answer.text


def test_nothing_found_says_how_to_find_more(desk: Desk, session: Session, of: Around) -> None:
    placed_order(session, of)
    assert "Tidak ada pesanan yang cocok" in desk.see("/agency/orders?number=P-ZZZZ")


def test_a_filter_stays_with_the_next_page_and_with_other_stages(
    desk: Desk, session: Session, of: Around
) -> None:
    for _ in range(25):
        placed_order(session, of)
    page = desk.see("/agency/orders?from=2026-11-01&stage=to_approve")
    assert "/agency/orders?stage=to_approve&amp;page=2&amp;from=2026-11-01" in page
    assert "/agency/orders?from=2026-11-01" in page


def test_a_personal_order_is_never_there(desk: Desk, session: Session, of: Around) -> None:
    number = paid_order(session, of)
    assert number not in desk.see("/agency/orders")
    assert desk.client.get(f"/agency/orders/{number}").status_code == HTTPStatus.NOT_FOUND
    assert "Tidak ada pesanan yang cocok" in desk.see(f"/agency/orders?number={number}")


def test_not_even_for_its_buyer_who_works_there(app: Flask, session: Session, of: Around) -> None:
    placed(
        session,
        of.agency,
        Role.PROCUREMENT,
        person_id=of.buyer.person_id,
        kind=PlacementKind.ACTING,
    )
    number = placed_order(session, of, fund=Fund.PERSONAL)
    own = desk_of(app, session, of.buyer.person_id)
    assert own.client.get(f"/agency/orders/{number}").status_code == HTTPStatus.NOT_FOUND


def test_one_order_tells_its_story(desk: Desk, session: Session, of: Around) -> None:
    number = received_order(session, of, approved_order(session, of, note="Antar pagi"))
    with transaction(session):
        pay(session, of.treasurer, number, proof=proof(100_000, withheld=1_500), now=NOON)
    page = desk.see(f"/agency/orders/{number}")
    for words in ("Diajukan", "Disetujui", "Dikirim", "Diterima pemohon", "Dibayar bendahara"):
        assert words in page
    assert "Dihitung: Usaha mikro" in page
    assert "Rp98.500" in page
    assert "“Antar pagi”" in page
    ledger = page[page.index("Di buku kuota") :]
    assert "Komitmen" in ledger
    assert "-Rp100.000" in ledger


def test_what_comes_next_is_told(desk: Desk, session: Session, of: Around) -> None:
    page = desk.see(f"/agency/orders/{approved_order(session, of)}")
    assert "Jawaban penjual" in page
    assert 'aria-current="step"' in page


def test_the_treasurer_is_led_to_paying(app: Flask, session: Session, of: Around) -> None:
    number = received_order(session, of, approved_order(session, of))
    desk = desk_of(app, session, of.treasurer.person_id)
    assert f'href="/agency/payments/{number}"' in desk.see(f"/agency/orders/{number}")
    procurement = staff(app, session, Role.PROCUREMENT)
    assert "/agency/payments" not in procurement.see(f"/agency/orders/{number}")


def test_the_list_costs_no_more_for_more_orders(
    desk: Desk, session: Session, of: Around, count_selects: CountSelects
) -> None:
    counts = []
    for _ in range(2):
        placed_order(session, of, quantities=(1, 1))
        session.rollback()
        with count_selects() as selects:
            desk.see("/agency/orders")
        counts.append(len(selects))
    assert counts[0] == counts[1] <= 18


def test_one_order_costs_no_more_for_more_lines(
    desk: Desk, session: Session, of: Around, count_selects: CountSelects
) -> None:
    counts = []
    for quantities in ((1,), (1, 1, 1, 1)):
        number = placed_order(session, of, quantities=quantities)
        session.rollback()
        with count_selects() as selects:
            desk.see(f"/agency/orders/{number}")
        counts.append(len(selects))
    assert counts[0] == counts[1]
