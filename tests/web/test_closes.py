"""Closing months through HTTP: two people of the city, and the auditor who reads."""

import json
import re
from collections.abc import Iterator
from datetime import date
from html import unescape
from http import HTTPStatus

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from storefront.core.permissions import CITY, Role
from storefront.quota.models import EntryKind, Fund
from storefront.quota.periods import books_as_seen
from tests.closings import closed_until, month_closed
from tests.conftest import CountSelects
from tests.factories import HEALTH, NOON, agency, signed_up
from tests.factories_orders import approved_order, around, received_order
from tests.reports.made import booked
from tests.web.offices import Desk, desk_of

JANUARY, FEBRUARY = date(2026, 1, 20), date(2026, 2, 3)


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def first(app: Flask, session: Session) -> Desk:
    return desk_of(app, session, signed_up(session, Role.CITY_ADMIN, CITY).person_id)


@pytest.fixture
def second(app: Flask, session: Session) -> Desk:
    return desk_of(app, session, signed_up(session, Role.CITY_ADMIN, CITY).person_id)


@pytest.fixture
def auditor(app: Flask, session: Session) -> Desk:
    return desk_of(app, session, signed_up(session, Role.AUDITOR, CITY).person_id)


def first_open(session: Session) -> str:
    session.rollback()
    return books_as_seen(session).first_open


def test_one_admin_proposes_and_another_closes(session: Session, first: Desk, second: Desk) -> None:
    agency(session)
    booked(session, realised=125_000, day=JANUARY)
    assert "Usulkan tutup Januari 2026" in first.see("/city/closes")
    assert first.send("/city/closes", "/city/closes").status_code == HTTPStatus.SEE_OTHER
    assert first_open(session) == "2026-01"
    own = first.see("/city/closes")
    assert "Menunggu admin kota lain" in own
    assert "Konfirmasi dan tutup" not in own
    page = second.see("/city/closes")
    assert "Rp125.000" in page
    assert "Bulan menunggu ditutup" in second.see("/city/")
    answer = second.send("/city/closes", "/city/closes/2026-01", decision="confirm")
    assert answer.location == "/city/closes/2026-01"
    assert first_open(session) == "2026-02"
    kept = second.see("/city/closes/2026-01")
    assert "Dinas Kesehatan" in kept
    assert "Rp125.000" in kept
    assert 'href="/ledger/checkpoints/1"' in kept


def test_the_proposer_cannot_confirm_even_by_a_request_of_their_own(
    session: Session, first: Desk
) -> None:
    first.send("/city/closes", "/city/closes")
    token = first.token("/city/closes")
    answer = first.client.post(
        "/city/closes/2026-01", data={"csrf_token": token, "decision": "confirm"}
    )
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert first_open(session) == "2026-01"


def test_a_refused_proposal_leaves_the_month_open_and_is_told(
    session: Session, first: Desk, second: Desk
) -> None:
    first.send("/city/closes", "/city/closes")
    second.send("/city/closes", "/city/closes/2026-01", decision="refuse")
    assert "Usulan ditolak" in second.see("/city/closes")
    assert first_open(session) == "2026-01"
    assert "Usulkan tutup Januari 2026" in first.see("/city/closes")


def test_who_confirms_too_late_sees_the_months_as_they_are(
    session: Session, app: Flask, first: Desk, second: Desk
) -> None:
    first.send("/city/closes", "/city/closes")
    third = desk_of(app, session, signed_up(session, Role.CITY_ADMIN, CITY).person_id)
    late = third.form("/city/closes", "/city/closes/2026-01").filled(decision="confirm")
    second.send("/city/closes", "/city/closes/2026-01", decision="confirm")
    answer = third.client.post("/city/closes/2026-01", data=late)
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "sudah diputuskan orang lain" in answer.text
    assert "Berikutnya: Februari 2026" in answer.text
    assert first_open(session) == "2026-02"


def test_a_month_that_is_not_over_offers_nothing(session: Session, first: Desk) -> None:
    closed_until(session, "2026-10")
    page = first.see("/city/closes")
    assert "Berikutnya: November 2026" in page
    assert "Belum berakhir" in page
    assert "Usulkan tutup" not in page


def test_what_stands_open_is_said_before_it_closes(session: Session, first: Desk) -> None:
    of = around(session)
    received_order(session, of, approved_order(session, of))
    closed_until(session, "2026-10")
    assert "1 pesanan diterima dan belum dibayar" in first.see("/city/closes")


def test_the_auditor_reads_the_same_and_has_no_button(
    session: Session, first: Desk, auditor: Desk
) -> None:
    agency(session)
    booked(session, realised=1, day=JANUARY)
    month_closed(session)
    first.send("/city/closes", "/city/closes")
    page = auditor.see("/audit/closes")
    assert "Berikutnya: Februari 2026" in page
    assert "decision" not in page
    assert "Usulkan" not in page
    close = auditor.see("/audit/closes/2026-01")
    assert "Penutupan Januari 2026" in close
    for href in re.findall(r'href="(/audit/[^"]*explain[^"]*)"', close):
        assert "Realisasi yang dihitung: Rp1" in auditor.see(unescape(href))
    assert "/audit/agencies/1.02.01/explain?" in close


def test_between_two_closes_stands_what_changed_and_by_which_entries(
    session: Session, first: Desk, auditor: Desk
) -> None:
    booked(session, realised=100, day=JANUARY)
    month_closed(session)
    booked(session, realised=20, day=FEBRUARY)
    booked(session, realised=9, day=FEBRUARY, fund=Fund.PERSONAL)
    booked(session, "1.03", committed=7, day=FEBRUARY, kind=EntryKind.COMMIT)
    booked(session, realised=-5, day=JANUARY, kind=EntryKind.REVERSE)
    month_closed(session)
    file = first.client.get("/city/closes/2026-01/2026-02.json")
    assert file.mimetype == "application/json"
    told = json.loads(file.text)
    assert (told["from"]["position"], told["to"]["position"]) == (1, 5)
    assert [(row["agency_code"], row["positions"]) for row in told["accounts"]] == [
        (HEALTH.agency_code, [2, 5]),
        ("1.03", [4]),
    ]
    health = told["accounts"][0]
    assert (health["realised_before"], health["realised_change"]) == (100, 15)
    assert health["realised_after"] == 115
    assert (told["realised_change"], told["committed_change"], told["entries"]) == (15, 7, 3)
    assert "personal" not in file.text
    assert auditor.client.get("/audit/closes/2026-01/2026-02.json").data == file.data
    assert "nomor 2 sampai 5" in auditor.see("/audit/closes/2026-01/2026-02")
    booked(session, realised=1_000, day=date(2026, 3, 3))
    assert first.client.get("/city/closes/2026-01/2026-02.json").data == file.data


@pytest.mark.parametrize("path", ["2026-02/2026-01", "2026-01/2026-01", "2026-01/2026-09", "x/y"])
def test_what_is_no_pair_of_closes_is_not_found(session: Session, first: Desk, path: str) -> None:
    closed_until(session, "2026-02")
    for ending in ("", ".json"):
        answer = first.client.get(f"/city/closes/{path}{ending}")
        assert answer.status_code == HTTPStatus.NOT_FOUND


def test_two_months_are_compared_whichever_is_named_first(session: Session, first: Desk) -> None:
    closed_until(session, "2026-02")
    answer = first.client.get("/city/closes/compare?first=2026-02&second=2026-01")
    assert answer.location == "/city/closes/2026-01/2026-02"


def test_the_list_asks_no_more_for_more_agencies_and_closes(
    session: Session, first: Desk, count_selects: CountSelects
) -> None:
    booked(session, realised=1, day=date(2026, 10, 1))
    closed_until(session, "2026-02")
    first.see("/city/closes")
    with count_selects() as before:
        first.see("/city/closes")
    closed_until(session, "2026-09")
    for at in range(3):
        booked(session, agency(session, f"1.9{at}").code, realised=1, day=date(2026, 10, 1))
    first.see("/city/closes")  # brings sums up to date
    with count_selects() as after:
        first.see("/city/closes")
    assert len(after) == len(before)
