"""From 1 December an open official order's pages say what 31 December does to it."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from storefront.core.calendar import instant_of
from storefront.core.database import transaction
from storefront.core.permissions import Actor
from storefront.orders import fulfilment
from tests.factories import NOON, budget
from tests.factories_orders import Around, approved_order, around, placed_order
from tests.web.browsing import sign_in
from tests.web.offices import Desk

FIRST_OF_DECEMBER = instant_of(date(2026, 12, 1))
NEW_YEAR = instant_of(date(2027, 1, 1))
SECOND = timedelta(seconds=1)
CANCELLED = "31 Desember 2026: dibatalkan bila belum dikirim"
CARRIED = "31 Desember 2026: dipindahkan ke anggaran 2027"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(FIRST_OF_DECEMBER, tick=False) as moving:
        yield moving


@pytest.fixture
def of(session: Session) -> Around:
    made = around(session)
    budget(session, made.agency, year=2027)
    return made


def pages(
    app: Flask, session: Session, of: Around, number: str, *, now: datetime = FIRST_OF_DECEMBER
) -> dict[str, str]:
    """The order as its approver, its treasurer, its seller and its buyer see it."""
    who: dict[str, tuple[Actor, str]] = {
        "approver": (of.approver, "/agency/orders/"),
        "treasurer": (of.treasurer, "/agency/orders/"),
        "seller": (of.seller, "/seller/orders/"),
        "buyer": (of.buyer, "/orders/"),
    }
    return {
        name: Desk(sign_in(app, session, actor.person_id, now=now), actor.person_id).see(
            f"{path}{number}"
        )
        for name, (actor, path) in who.items()
    }


@pytest.mark.parametrize("now", [FIRST_OF_DECEMBER, NEW_YEAR - SECOND])
def test_an_order_that_was_not_sent_will_be_cancelled_for_all_who_see_it(
    app: Flask, session: Session, of: Around, clock: time_machine.Traveller, now: datetime
) -> None:
    number = approved_order(session, of)
    clock.move_to(now)
    shown = pages(app, session, of, number, now=now)
    assert all(CANCELLED in page for page in shown.values())
    choosing = f'href="/agency/year-end?agency={of.agency.code}"'
    assert [name for name, page in shown.items() if choosing in page] == ["approver"]


@pytest.mark.parametrize("now", [FIRST_OF_DECEMBER - SECOND, NEW_YEAR])
def test_before_december_and_after_it_nothing_is_said(
    app: Flask, session: Session, of: Around, clock: time_machine.Traveller, now: datetime
) -> None:
    number = approved_order(session, of)
    clock.move_to(now)
    for page in pages(app, session, of, number, now=now).values():
        assert "31 Desember 2026:" not in page


def test_what_is_on_its_way_moves_on_and_what_the_next_budget_lacks_is_no_affair_of_the_seller(
    app: Flask, session: Session, of: Around
) -> None:
    number = approved_order(session, of)
    with transaction(session):
        fulfilment.accept(session, of.seller, number, now=NOON)
        fulfilment.ship(session, of.seller, number, now=NOON)
    shown = pages(app, session, of, number)
    assert all(CARRIED in page for page in shown.values())
    lacking = "Perlu rincian anggaran 2027 dengan kegiatan dan rekening yang sama"
    assert not any("Instansinya belum memilih" in page for page in shown.values())
    told = [name for name, page in shown.items() if lacking in page]
    assert told == ["approver", "treasurer", "buyer"]


def test_the_agencys_choice_is_what_is_said(app: Flask, session: Session, of: Around) -> None:
    number = approved_order(session, of)
    approver = Desk(
        sign_in(app, session, of.approver.person_id, now=FIRST_OF_DECEMBER), of.approver.person_id
    )
    approver.send("/agency/year-end", "/agency/year-end", number=number, choice="carry")
    page = approver.see(f"/agency/orders/{number}")
    assert CARRIED in page
    assert "Begitu pilihan instansinya." in page
    assert "Ubah pilihannya" in page


def test_a_request_is_told_that_it_expires(app: Flask, session: Session, of: Around) -> None:
    number = placed_order(session, of)
    buyer = Desk(
        sign_in(app, session, of.buyer.person_id, now=FIRST_OF_DECEMBER), of.buyer.person_id
    )
    assert "31 Desember 2026: gugur bila belum disetujui" in buyer.see(f"/orders/{number}")
