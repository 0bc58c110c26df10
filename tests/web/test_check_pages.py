"""The check's pages: asked for by the auditor, made by the worker, read by the city too."""

from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.core.permissions import CITY, Role
from storefront.reports.check_models import CheckRun
from tests.conftest import CountSelects
from tests.factories import NOON, signed_up
from tests.factories_orders import Around, approved_order, around, paid_order
from tests.tampering import tamper
from tests.web.offices import Desk, desk_of
from tests.working import run

PAGE = "/audit/reconciliation"
ASKS_AGAIN = {"HX-Request": "true", "HX-Target": "pemeriksaan"}


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as moving:
        yield moving


@pytest.fixture
def of(session: Session) -> Around:
    return around(session)


@pytest.fixture
def auditor(app: Flask, session: Session) -> Desk:
    return desk_of(app, session, signed_up(session, Role.AUDITOR, CITY).person_id)


@pytest.fixture
def admin(app: Flask, session: Session) -> Desk:
    return desk_of(app, session, signed_up(session, Role.CITY_ADMIN, CITY).person_id)


def made(app: Flask, session: Session, auditor: Desk) -> None:
    """A check asked for, and the worker come by."""
    assert auditor.send(PAGE, PAGE).status_code == HTTPStatus.SEE_OTHER
    run(app, session, "asked_checks")


def runs(session: Session) -> list[str]:
    session.rollback()
    return list(session.scalars(select(CheckRun.asked_by).order_by(CheckRun.number)))


def test_a_click_makes_no_run_but_says_that_it_waits_and_since_when(
    session: Session, auditor: Desk, clock: time_machine.Traveller
) -> None:
    auditor.send(PAGE, PAGE)
    assert runs(session) == []
    clock.shift(timedelta(minutes=7))
    shown = auditor.see(PAGE)
    assert "Menunggu diperiksa sejak 12.00" in shown
    assert "Belum diambil pekerja sistem." in shown
    assert f'<a href="{PAGE}">Muat ulang</a>' in shown
    assert "Periksa sekarang" not in shown


def test_two_clicks_make_one_run_named_after_the_first(
    app: Flask, session: Session, auditor: Desk
) -> None:
    colleague = desk_of(app, session, signed_up(session, Role.AUDITOR, CITY).person_id)
    form = colleague.form(PAGE, PAGE)
    auditor.send(PAGE, PAGE)
    colleague.client.post(form.action, data=form.filled())
    assert "Pemeriksaan sudah diminta." in colleague.see(PAGE)
    for _ in range(2):
        run(app, session, "asked_checks")
    assert runs(session) == [auditor.person_id]
    assert "check.asked" in auditor.see("/audit/log?act=check")


def test_the_piece_that_waits_asks_again_and_in_the_end_brings_the_page(
    app: Flask, session: Session, auditor: Desk
) -> None:
    auditor.send(PAGE, PAGE)
    waits = auditor.client.get(PAGE, headers=ASKS_AGAIN)
    assert waits.text.strip().startswith('<div id="pemeriksaan"')
    assert "HX-Refresh" not in waits.headers
    run(app, session, "asked_checks")
    done = auditor.client.get(PAGE, headers=ASKS_AGAIN)
    assert done.headers["HX-Refresh"] == "true"
    assert "Menunggu diperiksa" not in auditor.see(PAGE)


def test_the_city_reads_the_runs_and_asks_for_none(
    app: Flask, session: Session, of: Around, auditor: Desk, admin: Desk
) -> None:
    approved_order(session, of)
    made(app, session, auditor)
    shown = admin.see("/city/reconciliation")
    assert "Semua cocok dan semua segel utuh" in shown
    assert "Periksa sekarang" not in shown
    assert 'href="/city/reconciliation/1"' in shown
    assert "atas permintaan" in admin.see("/city/reconciliation/1")
    auditor.send(PAGE, PAGE)
    assert "Menunggu diperiksa sejak" in admin.see("/city/reconciliation")


def test_what_a_check_found_stands_on_the_citys_front_page_until_it_holds(
    app: Flask, session: Session, of: Around, auditor: Desk, admin: Desk
) -> None:
    approved_order(session, of)
    made(app, session, auditor)
    assert "tidak cocok" not in admin.see("/city/")
    tamper(session, "UPDATE quota_accounts SET committed_amount = 7")
    made(app, session, auditor)
    shown = admin.see("/city/")
    assert "2 hal di buku tidak cocok" in shown
    assert "1.02.01 2026 official micro" in admin.see("/city/reconciliation")
    tamper(session, "UPDATE quota_accounts SET committed_amount = 100000")
    made(app, session, auditor)
    assert "tidak cocok" not in admin.see("/city/")


def test_before_the_first_check_the_pages_say_so(auditor: Desk) -> None:
    assert "Buku belum pernah diperiksa" in auditor.see("/audit/")
    assert "Belum pernah diperiksa" in auditor.see("/audit/reconciliation")


def test_a_check_on_request_is_kept_and_shown(
    app: Flask, session: Session, of: Around, auditor: Desk
) -> None:
    approved_order(session, of)
    made(app, session, auditor)
    assert "Semua cocok dan semua segel utuh" in auditor.see("/audit/reconciliation")
    assert "Semua cocok dan semua segel utuh" in auditor.see("/audit/")
    assert "atas permintaan" in auditor.see("/audit/reconciliation/1")


def test_what_a_check_found_is_red_on_the_front_page_and_named_behind_it(
    app: Flask, session: Session, of: Around, auditor: Desk
) -> None:
    approved_order(session, of)
    tamper(session, "UPDATE quota_accounts SET committed_amount = 7")
    made(app, session, auditor)
    shown = auditor.see("/audit/")
    assert "note--bad" in shown
    assert "hal tidak cocok" in shown
    for page in ("", "/1"):
        shown = auditor.see(f"/audit/reconciliation{page}")
        assert "1.02.01 2026 official micro" in shown
        assert "Rp7" in shown
        assert "Rp100.000" in shown


def test_what_is_wrong_with_own_money_is_shown_without_figures(
    app: Flask, session: Session, of: Around, auditor: Desk
) -> None:
    number = paid_order(session, of)
    made(app, session, auditor)
    shown = auditor.see("/audit/reconciliation")
    assert number.rpartition("-")[0] in shown
    assert "Rp100.000" not in shown


def test_the_page_shows_what_is_kept_and_computes_nothing(
    app: Flask, session: Session, of: Around, auditor: Desk, count_selects: CountSelects
) -> None:
    approved_order(session, of)
    made(app, session, auditor)
    with count_selects() as few:
        shown = auditor.see("/audit/reconciliation")
    assert "Semua cocok" in shown
    assert not any("order_lines" in select or "FROM ledger_entries" in select for select in few)


def test_a_run_that_is_not_there_is_not_found(auditor: Desk) -> None:
    assert auditor.client.get("/audit/reconciliation/7").status_code == HTTPStatus.NOT_FOUND
