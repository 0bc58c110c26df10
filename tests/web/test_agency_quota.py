"""An agency's quota page through HTTP."""

from collections.abc import Iterator
from datetime import date
from io import BytesIO
from typing import Any

import pytest
import time_machine
from flask import Flask
from pypdf import PdfReader
from sqlalchemy.orm import Session

from storefront.core.database import transaction
from storefront.core.permissions import Role
from storefront.orders.agency_payments import pay
from storefront.quota import log
from storefront.quota.models import EntryKind
from storefront.sellers.models import SellerClass
from tests.conftest import CountSelects
from tests.factories import NOON, agency, budget
from tests.factories_orders import Around, approved_order, around, proof, received_order
from tests.reports.made import booked
from tests.web.offices import Desk, staff


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def desk(app: Flask, session: Session) -> Desk:
    return staff(app, session, Role.PROCUREMENT)


def paid(session: Session, of: Around, **frozen: Any) -> str:
    number = received_order(session, of, approved_order(session, of, **frozen))
    with transaction(session):
        pay(session, of.treasurer, number, proof=proof(100_000), now=NOON)
    return number


def test_one_sentence_says_what_is_missing(desk: Desk, session: Session) -> None:
    of = around(session, ceiling=1_000_000, line=1_000_000)
    paid(session, of)
    approved_order(session, of)
    page = desk.see("/agency/quota")
    assert '<span class="quota__n">10,0%</span>' in page
    assert '<b class="nowrap">Rp300.000</b>' in page
    assert "Realisasi 10,0%, komitmen 10,0%, target 40%" in page


def test_a_printed_page_stands_under_the_agencys_name(desk: Desk, session: Session) -> None:
    around(session)
    letterhead = desk.see("/agency/quota").split('class="letterhead"')[1].split("</div>")[0]
    assert "Pemerintah Kota Bandung" in letterhead
    assert "Dinas Kesehatan" in letterhead


def test_what_counts_and_what_does_not_stand_apart(desk: Desk, session: Session) -> None:
    of = around(session, ceiling=1_000_000, line=1_000_000)
    paid(session, of)
    paid(session, of, seller_class=SellerClass.SMALL)
    classes = desk.see("/agency/quota").split('id="classes"')[1]
    assert classes.count("Dihitung</span>") == 2
    assert classes.count("Tidak dihitung</span>") == 2
    assert "usaha kecil ikut dihitung: 20,0%" in classes
    assert "Rp200.000" in classes  # all classes


def test_the_target_reached_is_said_by_how_much(desk: Desk, session: Session) -> None:
    of = around(session, ceiling=200_000, line=200_000)
    paid(session, of)
    page = desk.see("/agency/quota")
    assert "Target 40% terlewati sebesar" in page
    assert '<b class="nowrap">Rp20.000</b>' in page


def test_behind_the_chart_stands_its_table(desk: Desk, session: Session) -> None:
    paid(session, around(session, ceiling=1_000_000, line=1_000_000))
    table = desk.see("/agency/quota").split("Lihat angka")[1]
    november = table.split("November 2026")[1][:700]
    assert "Rp100.000" in november
    assert "10,0%" in november
    assert "Desember 2026" not in table


def test_without_a_budget_there_is_no_percentage(desk: Desk, session: Session) -> None:
    paid(session, around(session, ceiling=None, line=None))
    page = desk.see("/agency/quota")
    assert "Pagu 2026 belum diisi" in page
    assert 'class="quota__n"' not in page
    assert "Rp100.000" in page


def test_an_agency_on_the_budget_above_is_told_whose(app: Flask, session: Session) -> None:
    above = agency(session, "1.02", name="Dinas Induk")
    budget(session, above, ceiling=5_000_000)
    around(session, code="1.02.07", parent=above, ceiling=None, line=None)
    page = staff(app, session, Role.PROCUREMENT, "1.02.07").see("/agency/quota")
    assert "Memakai pagu Dinas Induk" in page


def test_where_money_is_left_stands_by_its_line(desk: Desk, session: Session) -> None:
    approved_order(session, around(session, ceiling=1_000_000, line=1_000_000))
    left = desk.see("/agency/quota").split('id="left"')[1].split("</section>")[0]
    assert "Makanan dan Minuman Rapat" in left
    assert "Rp900.000" in left


def test_the_state_of_the_ledger_is_named(desk: Desk, session: Session) -> None:
    of = around(session)
    approved_order(session, of)
    page = desk.see("/agency/quota")
    assert "Dari catatan kuota nomor 1," in page
    session.rollback()
    assert log.latest(session).number == 1


def test_last_year_may_be_looked_at_and_no_other(desk: Desk, session: Session) -> None:
    around(session)
    assert "tahun anggaran 2025" in desk.see("/agency/quota?year=2025")
    for asked in ("1999", "2031", "x", "9" * 30):
        assert "tahun anggaran 2026" in desk.see(f"/agency/quota?year={asked}")


def test_the_page_costs_no_more_for_more_orders(
    desk: Desk, session: Session, count_selects: CountSelects
) -> None:
    of = around(session)
    counts = []
    for _ in range(2):
        paid(session, of)
        desk.see("/agency/quota")  # the log is numbered by whoever looks first
        session.rollback()
        with count_selects() as selects:
            desk.see("/agency/quota")
        counts.append(len(selects))
    assert counts[0] == counts[1] <= 41


def spent_each_month(session: Session, months: int, amount: int = 10_000) -> None:
    for month in range(1, months + 1):
        booked(session, realised=amount, day=date(2026, month, 10))


def test_the_forecast_states_its_method_and_how_wrong_it_was(desk: Desk, session: Session) -> None:
    around(session, ceiling=1_000_000, line=1_000_000)
    spent_each_month(session, 10)
    page = desk.see("/agency/quota")
    assert "Perkiraan 31 Desember" in page
    assert ">12,0%</a></b>" in page
    assert "rata-rata 10 bulan" in page
    assert "meleset 0,0%" in page
    assert "Perkiraan 12%" in page  # December's column
    assert "Rp150 rb" in page  # 300,000 are missing, in two months


def test_a_year_that_is_over_is_not_foretold(desk: Desk, session: Session) -> None:
    around(session, ceiling=1_000_000, line=1_000_000)
    spent_each_month(session, 10)
    assert "Perkiraan 31 Desember" not in desk.see("/agency/quota?year=2025")


def test_where_the_money_went_is_told_by_goods_and_district(desk: Desk, session: Session) -> None:
    of = around(session, ceiling=1_000_000, line=1_000_000)
    paid(session, of)
    booked(session, realised=5_000)
    page = desk.see("/agency/quota")
    goods, districts = page.split('id="goods"')[1].split('id="districts"')
    assert "Kopi bubuk" in goods
    assert "Di luar toko" in goods
    assert of.shop.district in districts
    assert "Rp100.000" in districts


def test_the_page_is_to_be_had_as_a_paper_with_the_same_figures(
    desk: Desk, session: Session
) -> None:
    of = around(session, ceiling=1_000_000, line=1_000_000)
    paid(session, of)
    spent_each_month(session, 10, amount=1_000)
    desk.see("/agency/quota")
    answer = desk.client.get("/agency/quota.pdf")
    assert answer.mimetype == "application/pdf"
    told = " ".join(PdfReader(BytesIO(answer.data)).pages[0].extract_text().split())
    assert "DINAS KESEHATAN" in told
    assert "11,0%" in told
    assert "Kurang Rp290.000 lagi untuk mencapai 40%" in told
    assert "Catatan kuota nomor 12" in told
    assert desk.client.get("/agency/quota.pdf").data == answer.data


def whole_paper(desk: Desk) -> str:
    pages = PdfReader(BytesIO(desk.client.get("/agency/quota.pdf").data)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_the_paper_shows_apart_what_was_bought_outside_and_what_corrects_last_year(
    desk: Desk, session: Session
) -> None:
    budget(session, agency(session), ceiling=1_000_000)
    booked(session, realised=300_000, day=date(2026, 5, 4), kind=EntryKind.REALISE)
    assert "Di antaranya luar toko" not in whole_paper(desk)
    booked(session, realised=70_500, day=date(2026, 5, 5), kind=EntryKind.ADJUST)
    booked(session, realised=-40_000, day=date(2026, 5, 6), kind=EntryKind.REVERSE)
    told = whole_paper(desk)
    assert "Di antaranya luar toko Rp70.500" in told
    assert "Koreksi tahun lalu \N{MINUS SIGN}Rp40.000" in told
    assert "Mei 2026 Rp0 Rp330.500 Rp70.500 Rp330.500" in told
    assert "Usaha mikro 0 Rp330.500 Rp70.500" in told
