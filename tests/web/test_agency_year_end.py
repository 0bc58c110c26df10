"""The page of the year's end: what becomes of each open order, the choice, and what waits after."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from http import HTTPStatus

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.core.calendar import instant_of
from storefront.core.database import transaction
from storefront.core.permissions import Actor, Role, agency_scope
from storefront.orders import fulfilment
from storefront.orders.models import Order, YearEndChoice, YearEndDecision
from storefront.orders.year_end import deal_with, orders_to_deal_with
from tests.conftest import CountSelects
from tests.factories import NOON, agency, budget, signed_up
from tests.factories_orders import (
    Around,
    approved_order,
    around,
    found,
    planned_line,
    received_order,
)
from tests.web.browsing import sign_in
from tests.web.offices import Desk

DECEMBER = instant_of(date(2026, 12, 3))
NEW_YEAR = instant_of(date(2027, 1, 1))
PAGE = "/agency/year-end"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(DECEMBER, tick=False) as moving:
        yield moving


@pytest.fixture
def of(session: Session) -> Around:
    return around(session, years=(2026, 2027))


def desk_at(app: Flask, session: Session, who: Actor, *, now: datetime = DECEMBER) -> Desk:
    return Desk(sign_in(app, session, who.person_id, now=now), who.person_id)


@pytest.fixture
def desk(app: Flask, session: Session, of: Around) -> Desk:
    """The approver's."""
    return desk_at(app, session, of.approver)


def choices(session: Session) -> dict[str, YearEndChoice]:
    query = select(Order.number, YearEndDecision.choice).join(
        Order, Order.id == YearEndDecision.order_id
    )
    return dict(session.execute(query).all())


def sent_in_part(session: Session, of: Around) -> str:
    number = approved_order(session, of)
    with transaction(session):
        fulfilment.accept(session, of.seller, number, now=NOON)
        fulfilment.ship(session, of.seller, number, pieces={1: 6}, now=NOON)
    return number


def turn(session: Session) -> None:
    for number in orders_to_deal_with(session, now=NEW_YEAR):
        with transaction(session):
            deal_with(session, number, now=NEW_YEAR)


def row(page: str, number: str) -> str:
    """What the page's table says of an order."""
    at = page.index(f"{number} ·")
    return page[at : page.index("</tr>", at)]


def test_each_open_order_is_there_with_what_becomes_of_it(
    desk: Desk, session: Session, of: Around
) -> None:
    unsent = approved_order(session, of)
    received = received_order(session, of, approved_order(session, of))
    part = sent_in_part(session, of)
    page = desk.see(PAGE)
    assert "Pilih sampai 31 Desember 2026 pukul 23.59 WIB" in page
    assert "Dibatalkan" in row(page, unsent)
    assert "belum dipilih" in row(page, unsent)
    assert "Dipindahkan" in row(page, received)
    assert "sudah dikirim semua" in row(page, received)
    assert "Rp40.000 dilepas, Rp60.000 dipindahkan" in row(page, part)


def test_the_sums_are_those_of_the_rows(desk: Desk, session: Session, of: Around) -> None:
    approved_order(session, of)
    received_order(session, of, approved_order(session, of))
    sent_in_part(session, of)
    page = desk.see(PAGE)
    assert "melepas Rp140.000" in page
    assert "memakai Rp160.000 dari pagu 2027" in page


def test_the_ticked_orders_are_chosen_for_and_the_row_says_by_whom(
    desk: Desk, session: Session, of: Around
) -> None:
    number, other = approved_order(session, of), approved_order(session, of)
    answer = desk.send(PAGE, PAGE, number=number, choice="carry")
    assert answer.status_code == HTTPStatus.SEE_OTHER
    session.rollback()
    assert choices(session) == {number: YearEndChoice.CARRY}
    page = desk.see(PAGE)
    assert "1 pesanan akan dipindahkan ke tahun berikutnya." in page
    assert "dipilih Rina Amelia, 3 Des 2026" in row(page, number)
    assert "belum dipilih" in row(page, other)


def test_one_choice_may_be_for_all_that_are_open(desk: Desk, session: Session, of: Around) -> None:
    numbers = {approved_order(session, of) for _ in range(3)}
    received = received_order(session, of, approved_order(session, of))
    desk.send(PAGE, PAGE, all="1", choice="cancel")
    session.rollback()
    assert choices(session) == dict.fromkeys(numbers, YearEndChoice.CANCEL)
    page = desk.see(PAGE)
    assert "3 pesanan akan dibatalkan bila belum dikirim." in page
    assert f"sudah dikirim semua atau sudah selesai: {received}" in page


def test_a_choice_without_an_order_is_told_beside_the_buttons(
    desk: Desk, session: Session, of: Around
) -> None:
    approved_order(session, of)
    form = desk.form(PAGE, PAGE)
    answer = desk.client.post(PAGE, data={"csrf_token": form["csrf_token"], "choice": "carry"})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Centang sedikitnya satu pesanan" in answer.text.split('id="number-error"')[1][:300]


def test_a_choice_that_does_not_exist_is_no_choice(
    desk: Desk, session: Session, of: Around
) -> None:
    number = approved_order(session, of)
    token = desk.form(PAGE, PAGE)["csrf_token"]
    answer = desk.client.post(PAGE, data={"csrf_token": token, "choice": "keep", "number": number})
    assert answer.status_code == HTTPStatus.NOT_FOUND


def test_what_is_sent_after_midnight_comes_too_late(
    app: Flask, session: Session, of: Around, clock: time_machine.Traveller
) -> None:
    clock.move_to(NEW_YEAR - timedelta(seconds=1))
    desk = desk_at(app, session, of.approver, now=NEW_YEAR)
    number = approved_order(session, of)
    form = desk.form(PAGE, PAGE)
    clock.move_to(NEW_YEAR)
    answer = desk.client.post(PAGE, data=form.filled(number=number, choice="carry"))
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "Pilihan akhir tahun 2027 hanya dapat diubah 1 sampai 31 Desember 2027" in answer.text
    session.rollback()
    assert choices(session) == {}


def test_the_others_see_it_and_read_who_chooses(app: Flask, session: Session, of: Around) -> None:
    number = approved_order(session, of)
    page = desk_at(app, session, of.treasurer).see(PAGE)
    assert number in page
    assert 'name="choice"' not in page
    assert "Yang memilih adalah penyetuju (PPK)" in page


def test_another_agency_sees_nothing_of_it(app: Flask, session: Session, of: Around) -> None:
    number = approved_order(session, of)
    agency(session, "1.01.01", name="Dinas Pendidikan")
    stranger = signed_up(session, Role.APPROVER, agency_scope("1.01.01"))
    desk = desk_at(app, session, stranger)
    assert number not in desk.see(PAGE)
    token = desk.token()
    answer = desk.client.post(PAGE, data={"csrf_token": token, "choice": "carry", "number": number})
    assert answer.status_code == HTTPStatus.NOT_FOUND


def test_the_menu_has_it_from_the_first_of_december_until_the_year_is_closed(
    app: Flask, session: Session, of: Around, clock: time_machine.Traveller
) -> None:
    clock.move_to(instant_of(date(2026, 12, 1)) - timedelta(seconds=1))
    desk = desk_at(app, session, of.approver)
    assert f'href="{PAGE}"' not in desk.see("/agency/")
    clock.move_to(instant_of(date(2026, 12, 1)))
    assert f'href="{PAGE}"' in desk.see("/agency/")
    clock.move_to(NEW_YEAR)
    desk = desk_at(app, session, of.approver, now=NEW_YEAR)
    assert f'href="{PAGE}"' in desk.see("/agency/")


def test_the_front_page_tells_of_the_open_orders(desk: Desk, session: Session, of: Around) -> None:
    assert "masih terbuka pada akhir tahun" not in desk.see("/agency/")
    approved_order(session, of)
    page = desk.see("/agency/")
    assert "1 pesanan masih terbuka pada akhir tahun" in page
    assert "dibatalkan, atau dipindahkan ke anggaran 2027" in page


def test_what_waits_for_a_line_says_what_is_missing(
    app: Flask, session: Session, clock: time_machine.Traveller
) -> None:
    of = around(session)
    number = received_order(session, of, approved_order(session, of))
    budget(session, of.agency, year=2027)
    turn(session)
    clock.move_to(NEW_YEAR)
    desk = desk_at(app, session, of.treasurer, now=NEW_YEAR)
    page = desk.see(PAGE)
    assert "Belum ada rinciannya di pagu 2027" in row(page, number)
    planned_line(session, of, 60_000)
    assert "Sisanya tinggal Rp60.000" in row(desk.see(PAGE), number)
    assert "1 pesanan perlu rincian anggaran" in desk.see("/agency/")
    assert "perlu rincian anggaran" in desk.see("/agency/payments")
    assert "Yang dapat dicatat hanya bukti bayar" in desk.see(f"/agency/payments/{number}")
    assert "Perlu rincian anggaran 2027" in desk.see(f"/agency/orders/{number}")


def test_buyer_and_seller_read_that_it_waits(
    app: Flask, session: Session, clock: time_machine.Traveller
) -> None:
    of = around(session)
    number = received_order(session, of, approved_order(session, of))
    turn(session)
    clock.move_to(NEW_YEAR)
    seller = desk_at(app, session, of.seller, now=NEW_YEAR)
    assert "Menunggu anggaran 2027" in seller.see(f"/seller/orders/{number}")
    buyer = desk_at(app, session, of.buyer, now=NEW_YEAR)
    assert "Menunggu anggaran 2027" in buyer.see(f"/orders/{number}")


def test_the_page_costs_no_more_for_more_orders(
    desk: Desk, session: Session, of: Around, count_selects: CountSelects
) -> None:
    counts = []
    for _ in range(2):
        for _ in range(3):
            approved_order(session, of)
        desk.send(PAGE, PAGE, all="1", choice="carry")
        desk.see(PAGE)
        session.rollback()
        with count_selects() as selects:
            desk.see(PAGE)
        counts.append(len(selects))
    assert counts[0] == counts[1]


def test_what_waits_costs_no_more_for_more_orders(
    app: Flask, session: Session, clock: time_machine.Traveller, count_selects: CountSelects
) -> None:
    of = around(session)
    budget(session, of.agency, year=2027, line=1)
    clock.move_to(NEW_YEAR)
    desk = desk_at(app, session, of.treasurer, now=NEW_YEAR)
    counts = []
    for _ in range(2):
        number = received_order(session, of, approved_order(session, of))
        turn(session)
        assert found(session, number).waits_for
        desk.see(PAGE)
        session.rollback()
        with count_selects() as selects:
            desk.see(PAGE)
        counts.append(len(selects))
    assert counts[0] == counts[1]
