"""The end of a budget year for the city, and the correction of last year shown apart."""

from collections.abc import Iterator
from datetime import date, datetime

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from storefront.core.calendar import instant_of
from storefront.core.database import transaction
from storefront.core.permissions import CITY, Actor, Role
from storefront.orders import fulfilment
from storefront.orders.agency_payments import pay
from storefront.orders.models import YearEndChoice
from storefront.orders.year_end import choose, deal_with
from storefront.quota.periods import close_month
from tests.conftest import CountSelects
from tests.factories import signed_up
from tests.factories_orders import (
    Around,
    approved_order,
    around,
    proof,
    received_order,
)
from tests.web.browsing import sign_in
from tests.web.offices import Desk

DECEMBER = instant_of(date(2026, 12, 10))
NEW_YEAR = instant_of(date(2027, 1, 1))
JANUARY = instant_of(date(2027, 1, 4))
PAGE = "/city/year-end"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(DECEMBER, tick=False) as moving:
        yield moving


@pytest.fixture
def admin(session: Session) -> Actor:
    return signed_up(session, Role.CITY_ADMIN, CITY)


def desk_at(app: Flask, session: Session, who: Actor, *, now: datetime = DECEMBER) -> Desk:
    return Desk(sign_in(app, session, who.person_id, now=now), who.person_id)


def row(page: str, name: str) -> str:
    at = page.index(f'/city/agencies/{name}">')
    return page[at : page.index("</tr>", at)]


def given_back_after_the_close(session: Session, of: Around, admin: Actor) -> str:
    """Paid in December; 30 of a hundred thousand come back once December is closed."""
    number = received_order(session, of, approved_order(session, of, now=DECEMBER), now=DECEMBER)
    with transaction(session):
        paid = proof(100_000, on=date(2026, 12, 10))
        pay(session, of.treasurer, number, proof=paid, now=DECEMBER)
    with transaction(session):
        while close_month(session, admin, now=JANUARY) < "2026-12":
            pass
    with transaction(session):
        fulfilment.take_back(session, of.seller, number, pieces={1: 3}, now=JANUARY)
    return number


def test_the_agencies_that_keep_december_open_are_named_with_what_they_chose(
    app: Flask, session: Session, admin: Actor
) -> None:
    of, other = around(session), around(session, code="1.01.01")
    numbers = [approved_order(session, of, now=DECEMBER) for _ in range(2)]
    approved_order(session, other, now=DECEMBER, quantities=(3,))
    with transaction(session):
        carry = YearEndChoice.CARRY
        choose(session, of.approver, of.agency.code, numbers[:1], carry, now=DECEMBER)
    desk = desk_at(app, session, admin)
    page = desk.see(PAGE)
    assert "Desember baru dapat ditutup" in page
    assert ">2<" in row(page, of.agency.code)
    assert ">1<" in row(page, of.agency.code)
    assert "Rp200.000" in row(page, of.agency.code)
    assert "Rp30.000" in row(page, "1.01.01")
    assert "Rp230.000" in page
    assert "2 instansi masih punya komitmen tahun anggaran 2026" in desk.see("/city/")
    assert f'href="{PAGE}"' in desk.see("/city/")


def test_what_waits_for_a_budget_is_named(
    app: Flask, session: Session, admin: Actor, clock: time_machine.Traveller
) -> None:
    of = around(session)
    number = received_order(session, of, approved_order(session, of, now=DECEMBER), now=DECEMBER)
    with transaction(session):
        deal_with(session, number, now=NEW_YEAR)
    clock.move_to(NEW_YEAR)
    page = desk_at(app, session, admin, now=NEW_YEAR).see(PAGE)
    assert "Tidak ada komitmen 2026 yang tersisa" in page
    waiting = page[page.index('id="waiting"') :]
    assert "Rp100.000" in row(waiting, of.agency.code)


def test_the_correction_of_last_year_stands_apart_with_its_orders(
    app: Flask, session: Session, admin: Actor, clock: time_machine.Traveller
) -> None:
    of = around(session, years=(2026, 2027))
    number = given_back_after_the_close(session, of, admin)
    clock.move_to(JANUARY)
    treasurer = desk_at(app, session, of.treasurer, now=JANUARY)
    assert "/agency/quota/last-year?year=2027" in treasurer.see("/agency/quota")
    page = treasurer.see("/agency/quota/last-year")
    assert "Koreksi tahun lalu pada 2027: -Rp30.000" in page.replace("\N{MINUS SIGN}", "-")
    assert number in page
    assert ">2026<" in page
    assert "Tidak ada koreksi tahun lalu" in treasurer.see("/agency/quota/last-year?year=2026")
    city = desk_at(app, session, admin, now=JANUARY)
    assert "Termasuk koreksi tahun lalu" in city.see(f"/city/agencies/{of.agency.code}")
    corrected = city.see(PAGE)
    assert "Rp30.000" in row(corrected[corrected.index('id="corrected"') :], of.agency.code)


def test_the_page_costs_no_more_for_more_agencies(
    app: Flask, session: Session, admin: Actor, count_selects: CountSelects
) -> None:
    desk, counts = desk_at(app, session, admin), []
    for code in ("1.02.01", "1.01.01"):
        of = around(session, code=code)
        approved_order(session, of, now=DECEMBER)
        desk.see(PAGE)
        session.rollback()
        with count_selects() as selects:
            desk.see(PAGE)
        counts.append(len(selects))
    assert counts[0] == counts[1]


def test_who_would_close_december_is_led_to_those_who_keep_it_open(
    app: Flask, session: Session, admin: Actor, clock: time_machine.Traveller
) -> None:
    of = around(session)
    approved_order(session, of, now=DECEMBER)
    with transaction(session):
        while close_month(session, admin, now=DECEMBER) < "2026-11":
            pass
    clock.move_to(JANUARY)
    page = desk_at(app, session, admin, now=JANUARY).see("/city/closes")
    assert '<a href="/city/year-end">Lihat semua instansi</a>' in page
