"""The programme through HTTP: the city's days, the agency's months, everybody's page."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from http import HTTPStatus

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from storefront.agencies.holidays import holidays_of
from storefront.agencies.models import Holiday
from storefront.core.database import transaction
from storefront.core.permissions import CITY, Role
from storefront.programme.calendar import cancel_day, serlok_day_of
from tests.conftest import CountSelects
from tests.factories import HEALTH, NOON, signed_up
from tests.factories_orders import around
from tests.programme.made import publish
from tests.programme.test_participation import bought
from tests.web.offices import Desk, desk_of, staff

UNPROCESSABLE, CONFLICT = HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.CONFLICT
DECEMBER, RULED, MOVED = "2026-12", date(2026, 12, 10), date(2026, 12, 17)
MONTH_PAGE = f"/city/programme/{DECEMBER}"
HOLIDAYS = "/city/programme/holidays"
REASON = "Pilkada serentak"
CODE = HEALTH.agency_code


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def admin(app: Flask, session: Session) -> Desk:
    return desk_of(app, session, signed_up(session, Role.CITY_ADMIN, CITY).person_id)


def the_day(session: Session) -> date | None:
    session.rollback()
    return serlok_day_of(session, DECEMBER)


# The city's days


def test_the_city_moves_a_day_and_everybody_reads_why(session: Session, admin: Desk) -> None:
    answer = admin.send(MONTH_PAGE, f"{MONTH_PAGE}/move", day=MOVED, reason=REASON)
    assert answer.status_code == HTTPStatus.SEE_OTHER
    assert the_day(session) == MOVED
    assert REASON in admin.see("/city/programme")
    everybodys = admin.see("/serlok")
    assert REASON in everybodys
    assert "Kamis, 17 Desember 2026" in everybodys


def test_a_moved_day_is_counted_down_to_on_the_front_page(admin: Desk) -> None:
    admin.send(MONTH_PAGE, f"{MONTH_PAGE}/move", day=MOVED, reason=REASON)
    with time_machine.travel(NOON + timedelta(days=1), tick=False):
        assert "Hari Serlok berikutnya: Kamis, 17 Desember 2026" in admin.see("/")


def test_the_city_cancels_a_day(session: Session, admin: Desk) -> None:
    form = admin.form(MONTH_PAGE, f"{MONTH_PAGE}/cancel")
    answer = admin.client.post(form.action, data=form.filled(**{"cancel-reason": REASON}))
    assert answer.status_code == HTTPStatus.SEE_OTHER
    assert the_day(session) is None
    assert "Ditiadakan" in admin.see("/serlok")


@pytest.mark.parametrize(
    ("day", "reason", "message"),
    [
        (date(2027, 1, 7), REASON, "Hari Serlok tetap di bulannya sendiri"),
        ("", REASON, "Isi hari barunya."),
        ("besok", REASON, "Tulis tanggal yang ada"),
        (MOVED, "", "Tulis alasannya; semua orang membacanya."),
        (date(2026, 12, 12), REASON, "akhir pekan"),
    ],
)
def test_what_cannot_be_is_said_beside_the_field_and_nothing_typed_is_lost(
    session: Session, admin: Desk, day: object, reason: str, message: str
) -> None:
    answer = admin.send(MONTH_PAGE, f"{MONTH_PAGE}/move", day=day, reason=reason)
    assert answer.status_code == UNPROCESSABLE
    assert message in answer.text
    assert reason in answer.text
    assert the_day(session) == RULED


def test_a_holiday_is_warned_about_and_taken_when_it_is_meant(
    session: Session, admin: Desk
) -> None:
    with transaction(session):
        session.add(Holiday(day=MOVED, name="Libur kota"))
    action = f"{MONTH_PAGE}/move"
    refused = admin.send(MONTH_PAGE, action, day=MOVED, reason=REASON)
    assert refused.status_code == UNPROCESSABLE
    assert "Libur kota" in refused.text
    assert "18 Desember 2026" in refused.text
    meant = admin.send(MONTH_PAGE, action, day=MOVED, reason=REASON, despite_day_off="y")
    assert meant.status_code == HTTPStatus.SEE_OTHER
    assert the_day(session) == MOVED


def test_who_saw_an_older_plan_is_told_and_sees_the_new_one(session: Session, admin: Desk) -> None:
    form = admin.form(MONTH_PAGE, f"{MONTH_PAGE}/move")
    city = signed_up(session, Role.CITY_ADMIN, CITY)
    with transaction(session):
        cancel_day(session, city, DECEMBER, reason="Banjir", seen=0, now=NOON)
    answer = admin.client.post(form.action, data=form.filled(day=MOVED, reason=REASON))
    assert answer.status_code == CONFLICT
    assert "baru saja diubah orang lain" in answer.text
    assert "Banjir" in answer.text
    assert the_day(session) is None


def test_a_day_that_has_begun_offers_no_change(admin: Desk) -> None:
    page = admin.see("/city/programme/2026-11")
    assert "Sudah dimulai atau lewat" in page
    assert "/city/programme/2026-11/move" not in page


@pytest.mark.parametrize("month", ["2026-10", "2028-01", "bulan"])
def test_months_that_are_not_planned_do_not_exist(admin: Desk, month: str) -> None:
    assert admin.client.get(f"/city/programme/{month}").status_code == HTTPStatus.NOT_FOUND


# Holidays


def test_the_city_adds_renames_and_removes_a_holiday(session: Session, admin: Desk) -> None:
    day = date(2026, 12, 9)
    admin.send(HOLIDAYS, HOLIDAYS, day=day, name="Pilkada")
    assert "Pilkada" in admin.see(HOLIDAYS)
    admin.send(HOLIDAYS, f"{HOLIDAYS}/rename", name="Pemungutan suara")
    session.rollback()
    assert holidays_of(session, 2026) == {day: "Pemungutan suara"}
    admin.send(HOLIDAYS, f"{HOLIDAYS}/remove")
    session.rollback()
    assert holidays_of(session, 2026) == {}


def test_the_national_calendar_fills_a_year_and_is_called_an_estimate(
    session: Session, admin: Desk
) -> None:
    assert "2026, 2027" in admin.see("/city/programme")
    admin.send(f"{HOLIDAYS}?year=2027", f"{HOLIDAYS}/fill")
    session.rollback()
    assert date(2027, 12, 25) in holidays_of(session, 2027)
    assert "perkiraan" in admin.see(f"{HOLIDAYS}?year=2027")


@pytest.mark.parametrize(
    ("day", "name", "message"),
    [("", "Pilkada", "Isi tanggalnya."), (date(2026, 12, 9), "", "Tulis namanya.")],
)
def test_a_holiday_needs_a_day_and_a_name(
    admin: Desk, day: object, name: str, message: str
) -> None:
    answer = admin.send(HOLIDAYS, HOLIDAYS, day=day, name=name)
    assert answer.status_code == UNPROCESSABLE
    assert message in answer.text


def test_a_holiday_without_a_name_says_so_where_it_was_typed(session: Session, admin: Desk) -> None:
    with transaction(session):
        session.add(Holiday(day=RULED, name="Libur"))
    answer = admin.send(HOLIDAYS, f"{HOLIDAYS}/rename", name=" ")
    assert answer.status_code == UNPROCESSABLE
    assert "Tulis nama hari liburnya" in answer.text


# Who took part


def test_the_city_sees_published_figures_and_no_sum_of_them(session: Session, admin: Desk) -> None:
    publish(session, "A", "2026-10", staff=30, buyers=11, on_serlok_day=6)
    publish(session, "B", "2026-10", staff=30, buyers=13)
    publish(session, "C", "2026-10", staff=9)
    page = admin.see("/city/programme?sort=serlok")
    text = re.sub(r"<[^>]+>", " ", page)
    assert "Rp123.456" in text
    assert "1 instansi tidak diumumkan" in text
    for summed in ("24", "Rp246.912"):
        assert not re.search(rf"(?<![\d.]){re.escape(summed)}(?![\d.])", text), summed


def test_the_agency_reads_its_months_and_why_one_is_missing(app: Flask, session: Session) -> None:
    publish(session, CODE, "2026-09", staff=30, buyers=12, on_serlok_day=7)
    publish(session, CODE, "2026-10", staff=30)
    page = staff(app, session, Role.PROCUREMENT).see("/agency/serlok")
    assert "Oktober 2026 tidak diumumkan" in page
    assert "Kurang dari lima ASN belanja, atau kurang dari lima yang tidak." in page
    assert "40%" in page


def test_a_small_agency_is_told_that_it_is_never_shown(app: Flask, session: Session) -> None:
    publish(session, CODE, "2026-10", staff=9)
    page = staff(app, session, Role.APPROVER).see("/agency/serlok")
    assert "kurang dari 10 ASN tidak pernah diumumkan" in page


def test_another_agencys_months_are_not_shown(app: Flask, session: Session) -> None:
    publish(session, "9.99", "2026-10", staff=77, buyers=33)
    page = staff(app, session, Role.APPROVER).see("/agency/serlok")
    assert "77" not in re.sub(r"<[^>]+>", " ", page)


def test_everybody_reads_the_league_and_no_rupiah_in_it(app: Flask, session: Session) -> None:
    publish(session, "A", "2026-10", staff=20, buyers=7, name="Dinas Arsip")
    publish(session, "B", "2026-10", staff=20, name="Dinas Sosial")
    answer = app.test_client().get("/serlok")
    assert answer.status_code == HTTPStatus.OK
    assert "1. Dinas Arsip" in answer.text
    assert "35%" in answer.text
    assert "Dinas Sosial" not in answer.text
    assert "Rp" not in answer.text
    assert "Bulan saya" not in answer.text


def test_everybodys_page_reads_as_often_for_more_agencies(
    app: Flask, session: Session, count_selects: CountSelects
) -> None:
    visitor, counts = app.test_client(), []
    for code in "AB":
        publish(session, code, "2026-10", buyers=7)
        visitor.get("/serlok")
        with count_selects() as selects:
            visitor.get("/serlok")
        counts.append(len(selects))
    assert counts[0] == counts[1]


def test_one_sees_ones_own_month_and_a_colleague_does_not(app: Flask, session: Session) -> None:
    of = around(session)
    me = desk_of(app, session, of.buyer.person_id)
    assert "Bulan ini: sudah" not in me.see("/products")
    bought(session, of, [of.buyer.person_id], at=NOON)
    assert "Bulan ini: sudah" in me.see("/products")
    assert "Sudah, pada hari Serlok" in me.see("/serlok")
    assert "sudah, pada hari Serlok" in me.see("/account")
    colleague = desk_of(app, session, of.approver.person_id)
    for path in ("/products", "/serlok", "/account", "/agency/serlok"):
        assert "udah, pada hari Serlok" not in colleague.see(path), path
        assert "Bulan ini: sudah" not in colleague.see(path), path
