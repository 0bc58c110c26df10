"""The auditor reads: the ledger, what was done, and whether all agrees."""

from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus

import pytest
import time_machine
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from storefront.core import audit
from storefront.core.database import transaction
from storefront.core.permissions import CITY, Role
from tests.conftest import CountSelects
from tests.factories import NOON, signed_up
from tests.factories_orders import Around, approved_order, around, paid_order, received_order
from tests.web.offices import Desk, desk_of


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def of(session: Session) -> Around:
    return around(session)


@pytest.fixture
def auditor(app: Flask, session: Session) -> Desk:
    return desk_of(app, session, signed_up(session, Role.AUDITOR, CITY).person_id)


def acted(session: Session, of: Around, times: int, act: str = "seller.verified") -> None:
    with transaction(session):
        for number in range(times):
            audit.record(session, of.approver, act, f"seller {number}", now=NOON)


def test_an_official_entry_stands_in_the_book_with_its_order(
    session: Session, of: Around, auditor: Desk
) -> None:
    number = approved_order(session, of)
    shown = auditor.see("/audit/ledger")
    assert number in shown
    assert "Rp100.000" in shown


def test_an_order_is_found_by_its_number(session: Session, of: Around, auditor: Desk) -> None:
    number, other = approved_order(session, of), approved_order(session, of)
    shown = auditor.see(f"/audit/ledger?number={number.lower()}")
    assert number in shown
    assert other not in shown


def test_another_agencys_book_does_not_show_it(session: Session, of: Around, auditor: Desk) -> None:
    number = approved_order(session, of)
    assert number not in auditor.see("/audit/ledger?agency=1.01.01")
    assert number not in auditor.see("/audit/ledger?year=2025")
    assert number in auditor.see("/audit/ledger?agency=1.02.01&year=2026")


def test_what_was_bought_privately_is_nowhere_on_the_auditors_side(
    session: Session, of: Around, auditor: Desk
) -> None:
    number = received_order(session, of, paid_order(session, of))
    for page in ("", "ledger", f"ledger?number={number}", "ledger/personal", "log"):
        shown = auditor.see(f"/audit/{page}")
        assert f"{number}</a>" not in shown, page
        assert "Rp100.000" not in shown, page


def test_a_personal_account_is_its_head_and_its_seal(
    session: Session, of: Around, auditor: Desk
) -> None:
    received_order(session, of, paid_order(session, of))
    seal = session.scalars(text("SELECT last_seal FROM quota_accounts")).one()
    shown = auditor.see("/audit/ledger/personal?year=2026")
    assert seal in shown
    assert of.agency.name in shown


def test_the_log_is_read_by_act_person_subject_and_day(
    session: Session, of: Around, auditor: Desk
) -> None:
    acted(session, of, 2)
    today, before = NOON.date(), NOON.date() - timedelta(days=1)
    assert "seller 1" in auditor.see("/audit/log?act=seller")
    assert "seller 1" not in auditor.see("/audit/log?act=budget")
    assert "seller 1" not in auditor.see("/audit/log?subject=seller+0")
    assert "seller 1" in auditor.see(f"/audit/log?person={of.approver.person_id}")
    assert "seller 1" in auditor.see(f"/audit/log?from={today}&to={today}")
    assert "seller 1" not in auditor.see(f"/audit/log?to={before}")


def test_the_log_goes_on_where_a_page_ends(session: Session, of: Around, auditor: Desk) -> None:
    acted(session, of, 51)
    first = auditor.see("/audit/log?act=seller")
    assert ">seller 1<" in first
    assert ">seller 0<" not in first
    link = first.split('rel="next"')[0].rpartition('href="')[2].split('"')[0].replace("&amp;", "&")
    second = auditor.see(link)
    assert ">seller 0<" in second
    assert ">seller 1<" not in second


def test_a_day_that_is_none_is_told_beside_its_field(auditor: Desk) -> None:
    answer = auditor.client.get("/audit/log?from=kemarin")
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert 'id="from-error"' in answer.text


def test_an_export_of_the_whole_city_is_written_and_noted(
    session: Session, of: Around, auditor: Desk
) -> None:
    number = approved_order(session, of)
    paid_order(session, of)
    answer = auditor.send("/audit/exports", "/audit/exports", export="orders", format="csv")
    made = auditor.client.get(answer.location).text
    path = next(part for part in made.split('"') if part.endswith(".csv"))
    with auditor.client.get(path) as file:
        rows = file.data.decode().splitlines()
    assert len(rows) == 2
    assert number in rows[1]
    assert "export.written" in auditor.see("/audit/log?act=export")


def test_the_lists_cost_the_same_for_many_rows(
    session: Session, of: Around, auditor: Desk, count_selects: CountSelects
) -> None:
    approved_order(session, of)
    acted(session, of, 1)
    auditor.see("/audit/ledger")
    with count_selects() as few:
        auditor.see("/audit/ledger")
        auditor.see("/audit/log")
    for _ in range(3):
        approved_order(session, of)
    acted(session, of, 9)
    auditor.see("/audit/")
    with count_selects() as many:
        auditor.see("/audit/ledger")
        auditor.see("/audit/log")
    assert len(many) == len(few)
