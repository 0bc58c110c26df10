"""The city's list of agencies behind plan, and the reminder from it."""

import re
from collections.abc import Iterator
from datetime import date
from http import HTTPStatus

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from storefront.core.outbox import due
from storefront.core.permissions import CITY, Role
from storefront.quota.models import EntryKind
from tests.factories import HEALTH, NOON, agency, budget, signed_up
from tests.reports.made import booked
from tests.web.offices import Desk, desk_of


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def admin(app: Flask, session: Session) -> Desk:
    return desk_of(app, session, signed_up(session, Role.CITY_ADMIN, CITY).person_id)


def test_who_is_behind_is_reminded_once_from_the_page(admin: Desk, session: Session) -> None:
    budget(session, agency(session, name="Dinas Kesehatan"), ceiling=3_650_000_000)
    shown = admin.see("/city/plan")
    assert "Dinas Kesehatan" in shown
    answer = admin.send("/city/plan", "/city/plan")
    assert answer.status_code == HTTPStatus.SEE_OTHER
    (message,) = due(session, now=NOON)
    assert message.payload["agency"] == HEALTH.agency_code
    after = admin.see("/city/plan")
    assert "Pengingat dikirim ke 1 instansi." in after
    assert 'name="agency"' not in after


def test_ticking_nobody_sends_nothing_and_says_so(admin: Desk, session: Session) -> None:
    budget(session, agency(session), ceiling=3_650_000_000)
    token = admin.token("/city/plan")
    admin.client.post("/city/plan", data={"csrf_token": token})
    assert "Tidak ada pengingat yang dikirim" in admin.see("/city/plan")
    assert due(session, now=NOON) == []


def test_where_all_are_on_plan_the_page_says_that(admin: Desk, session: Session) -> None:
    agency(session)
    assert "Tidak ada yang di bawah rencana" in admin.see("/city/plan")


def test_years_stand_beside_each_other(admin: Desk, session: Session) -> None:
    unit = agency(session, name="Dinas Kesehatan")
    for year in (2025, 2026):
        budget(session, unit, year=year, ceiling=1_000_000)
    shown = admin.see("/city/years")
    assert "Dinas Kesehatan" in shown
    assert "2025" in shown
    assert "luar toko" not in shown
    assert 'href="/city/years"' in admin.see("/city/agencies")


def test_what_was_bought_outside_the_store_is_told_beside_the_figures(
    admin: Desk, session: Session
) -> None:
    budget(session, agency(session), ceiling=1_000_000)
    booked(session, realised=300_000, day=date(2026, 5, 4), kind=EntryKind.REALISE)
    booked(session, realised=75_000, day=date(2026, 5, 5), kind=EntryKind.ADJUST)
    shown = admin.see("/city/years")
    assert "37,5%" in shown
    assert shown.count("luar toko Rp75") == 2, "the agency's and the city's"
    every = re.sub("<[^>]+>", "", admin.see("/city/agencies"))  # its amount leads to why
    assert "luar toko Rp75.000" in every, "the agency's"
    assert "di antaranya luar toko Rp75" in every, "the city's"
