"""Explain this number, in its parts: kinds of goods, districts, sellers, lines, formulas."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from html import unescape
from http import HTTPStatus

import pytest
import time_machine
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from storefront.catalog.models import Category
from storefront.core.database import transaction
from storefront.core.permissions import CITY, Role, agency_scope
from storefront.orders.agency_payments import pay
from storefront.orders.models import OrderLine
from storefront.programme.models import ParticipationMonth
from storefront.quota.models import Fund
from storefront.quota.rule_models import RuleBase
from storefront.reports.models import CategorySum, SellerSum
from storefront.sellers.models import Seller, SellerClass
from tests.conftest import CountSelects
from tests.factories import NOON, agency, signed_up
from tests.factories_orders import (
    Around,
    approved_order,
    around,
    found,
    proof,
    received_order,
)
from tests.factories_rules import adopted, exempted, terms
from tests.reports.made import booked, folded
from tests.web.offices import Desk, desk_of, staff
from tests.web.test_explain import LESS, SAME, TIMES, body, explained, figure_of, words

OVER = "\N{DIVISION SIGN}"
LAST_MAY = date(2025, 5, 5)


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def of(session: Session) -> Around:
    return around(session, years=(2025, 2026))


@pytest.fixture
def desk(app: Flask, session: Session, of: Around) -> Desk:
    return staff(app, session, Role.PROCUREMENT, of.agency.code)


@pytest.fixture
def auditor(app: Flask, session: Session) -> Desk:
    return desk_of(app, session, signed_up(session, Role.AUDITOR, CITY).person_id)


@pytest.fixture
def city(app: Flask, session: Session) -> Desk:
    return desk_of(app, session, signed_up(session, Role.CITY_ADMIN, CITY).person_id)


@pytest.fixture
def divided(session: Session, of: Around) -> str:
    """An order of 20,000 and 30,000 for two kinds of goods, 33,333 of it paid; its number."""
    number = approved_order(session, of, quantities=[2, 3])
    with transaction(session):
        order_id = found(session, number).id
        for position, path in ((1, "kuliner/kopi-teh/"), (2, "kriya/")):
            session.execute(
                update(OrderLine)
                .where(OrderLine.order_id == order_id, OrderLine.position == position)
                .values(category_path=path)
            )
        session.add_all(
            Category(slug=slug, name=slug.title(), path=f"{slug}/", position=at)
            for at, slug in enumerate(("kuliner", "kriya"))
        )
    received_order(session, of, number)
    with transaction(session):
        pay(session, of.treasurer, number, proof=proof(33_333), now=NOON)
    folded(session)
    session.rollback()
    return number


def linked(page: str, figure: str, part: str = "") -> str:
    """The address of a figure that a page leads to."""
    links = map(unescape, re.findall(r'href="([^"]+explain\?[^"]+)"', page))
    return next(
        link for link in links if figure_of(link) == figure and (not part or f"part={part}" in link)
    )


def money_cells(page: str) -> list[str]:
    """Cells of tables, and tiles, that hold rupiah but lead nowhere."""
    cells = re.findall(r"<td[^>]*>(.*?)</td>", page, flags=re.DOTALL)
    cells += re.findall(r'<div class="tile">(.*?)</div>', page, flags=re.DOTALL)
    return [cell for cell in cells if "Rp" in cell and "explain?" not in cell]


@pytest.mark.usefixtures("divided")
def test_no_rupiah_of_the_page_stands_in_a_cell_without_its_explanation(
    session: Session, desk: Desk, of: Around
) -> None:
    for month in range(1, 11):
        booked(session, of.agency.code, realised=1_000, day=date(2026, month, 6))
    page = desk.see("/agency/quota")
    for figure in ("forecast", "monthly", "off_platform", "sellers", "missing_if_all", "whole"):
        assert linked(page, figure)
    left = money_cells(page)
    # what is left of budget lines is explained by the budget's own page
    assert len(left) == 1
    assert left[0] in page.split('aria-labelledby="left"')[1].split("</section>")[0]


@pytest.mark.usefixtures("divided")
def test_a_kind_of_goods_is_made_of_its_share_of_each_order(desk: Desk) -> None:
    page = desk.see("/agency/quota")
    for part, amount, left in (("kuliner", "13.333", "6.667"), ("kriya", "20.000", "10.000")):
        shown = desk.see(linked(page, "category", part))
        assert f"<h1>Realisasi {part.title()}: Rp{amount}</h1>" in shown
        assert SAME in shown
        assert "Semua jenis barang bersama" in shown
        committed = desk.see(linked(page, "category_committed", part))
        assert f"<h1>Komitmen {part.title()}: Rp{left}</h1>" in committed
        assert SAME in committed


@pytest.mark.usefixtures("divided")
def test_a_kind_of_goods_shows_the_same_after_later_orders_names_and_moves_of_shops(
    session: Session, desk: Desk, of: Around
) -> None:
    page = desk.see("/agency/quota")
    addresses = [
        linked(page, figure)
        for figure in ("category", "category_committed", "district", "district_committed",
                       "sellers", "missing_if_all")
    ]  # fmt: skip
    before = {address: body(desk.see(address)) for address in addresses}
    with time_machine.travel(NOON + timedelta(days=1), tick=False):
        approved_order(session, of, now=NOON + timedelta(days=1))
        with transaction(session):
            session.execute(update(Seller).values(district="Cibiru"))
        folded(session)
        assert {address: body(desk.see(address)) for address in addresses} == before
        assert "Cibiru" in desk.see("/agency/quota")


@pytest.mark.usefixtures("divided")
def test_a_district_is_made_of_the_entries_of_its_sellers(desk: Desk, of: Around) -> None:
    page = desk.see("/agency/quota")
    shown = desk.see(linked(page, "district"))
    assert f"Realisasi di {of.shop.district}: Rp33.333" in shown
    assert "1 penjual" in shown
    assert of.shop.name in shown
    assert SAME in shown
    sellers = desk.see(linked(page, "sellers", "micro"))
    assert "<h1>Penjual yang dipakai, usaha mikro: 1</h1>" in sellers
    assert SAME in sellers


@pytest.mark.usefixtures("divided")
@pytest.mark.parametrize(("figure", "table"), [("district", SellerSum), ("category", CategorySum)])
def test_a_kept_sum_that_its_entries_do_not_make_is_said(
    desk: Desk, session: Session, figure: str, table: type[SellerSum] | type[CategorySum]
) -> None:
    with transaction(session):
        session.execute(update(table).values(realised_amount=table.realised_amount + 1))
    assert "Jumlahnya tidak sama dengan angka ini" in desk.see(
        linked(desk.see("/agency/quota"), figure)
    )


@pytest.mark.parametrize("part", ["Coblong", "Coblong~", "Coblong~x", "~1.", "~1~2"])
def test_a_district_without_its_sellers_is_not_found(desk: Desk, part: str) -> None:
    answer = desk.client.get(f"/agency/quota/explain?figure=district&part={part}")
    assert answer.status_code == HTTPStatus.NOT_FOUND


def test_an_order_shows_its_lines_to_who_may_open_it(
    desk: Desk, auditor: Desk, city: Desk, divided: str
) -> None:
    address = linked(desk.see("/agency/quota"), "realised")
    shown = desk.see(address)
    assert f'href="/agency/orders/{divided}"' in shown
    assert "2 barang" in shown
    assert "3 bungkus" in words(shown)
    of_auditor = auditor.see(
        auditor.client.get("/audit/agencies/1.02.01/explain?figure=realised").location
    )
    assert f'href="/audit/orders/{divided}"' in of_auditor
    assert "2 barang" in of_auditor
    of_city = city.see(city.client.get("/city/agencies/1.02.01/explain?figure=realised").location)
    assert divided in of_city
    assert f"/orders/{divided}" not in of_city
    assert "2 barang" not in of_city


def test_the_lines_of_many_orders_cost_no_more_than_those_of_one(
    session: Session, desk: Desk, of: Around, count_selects: CountSelects
) -> None:
    approved_order(session, of)
    counts = []
    for _ in range(2):
        address = linked(desk.see("/agency/quota"), "committed")
        with count_selects() as selects:
            desk.see(address)
        counts.append(len(selects))
        for _ in range(3):
            approved_order(session, of, quantities=[1, 1])
    assert counts[0] == counts[1]


def test_a_forecast_shows_its_formula_and_each_number_leads_on(
    session: Session, desk: Desk, of: Around
) -> None:
    for month, this_year, last_year in ((2, 40, 100), (10, 80, 100), (12, 0, 100)):
        booked(
            session, of.agency.code, realised=last_year, day=date(2025, month, 4), fiscal_year=2025
        )
        if this_year:
            booked(session, of.agency.code, realised=this_year, day=date(2026, month, 4))
    page = desk.see("/agency/quota")
    address = linked(page, "forecast")
    shown = desk.see(address)
    assert "<h1>Perkiraan 31 Desember: Rp180</h1>" in shown
    said = words(shown)
    assert f"Rp120 {TIMES} Rp300 {OVER} Rp200 = Rp180" in said
    assert f"Rp40 {TIMES} Rp200 {OVER} Rp100 = Rp80" in said
    assert f"Rp120 {LESS} Rp80 = Rp40" in said
    assert "Batas bawah perkiraan: Rp120" in words(desk.see(linked(page, "forecast_low")))
    assert "Batas atas perkiraan: Rp240" in words(desk.see(linked(page, "forecast_high")))
    for figure, part, amount in (
        ("until", "2026-10", "Rp120"),
        ("last_year_until", "2025-12", "Rp300"),
        ("last_year_until", "2025-10", "Rp200"),
    ):
        of_it = desk.see(linked(shown, figure, part))
        assert f": {amount}</h1>" in of_it
        assert SAME in of_it
    with time_machine.travel(NOON + timedelta(days=1), tick=False):
        booked(session, of.agency.code, realised=5, day=date(2026, 3, 4))
        booked(session, of.agency.code, realised=5, day=LAST_MAY, fiscal_year=2025)
        assert body(desk.see(address)) == body(shown)


def test_what_is_needed_every_month_follows_from_what_is_missing(desk: Desk) -> None:
    monthly = desk.see(linked(desk.see("/agency/quota"), "monthly"))
    said = words(monthly)
    assert "Perlu setiap bulan: Rp200.000.000" in said
    assert f"40% {TIMES} Rp1.000.000.000 = Rp400.000.000" in said
    assert f"Rp400.000.000 {OVER} 2 = Rp200.000.000" in said
    assert linked(monthly, "missing_if_all")


def test_a_year_that_is_over_foretells_nothing(desk: Desk) -> None:
    answer = desk.client.get("/agency/quota/explain?figure=forecast&year=2025")
    assert answer.status_code == HTTPStatus.NOT_FOUND


def test_the_realised_base_is_explained_by_its_entries(
    session: Session, desk: Desk, of: Around
) -> None:
    adopted(session, terms(base=RuleBase.REALISED))
    booked(session, of.agency.code, realised=300)
    booked(session, of.agency.code, realised=500, seller_class=SellerClass.OTHER)
    page = desk.see("/agency/quota")
    base = desk.see(linked(page, "base"))
    assert "<h1>Realisasi semua kelas: Rp800</h1>" in base
    assert SAME in base
    target = desk.see(linked(page, "target"))
    assert f"40% {TIMES} Rp800 = Rp320" in words(target)
    assert linked(target, "base")


def test_a_floor_shows_last_years_share_and_leads_to_it(
    session: Session, desk: Desk, of: Around
) -> None:
    adopted(session, terms(base=RuleBase.REALISED, keeps_last_year=True))
    booked(session, of.agency.code, realised=600, day=LAST_MAY, fiscal_year=2025)
    booked(session, of.agency.code, realised=400, day=LAST_MAY, fiscal_year=2025,
           seller_class=SellerClass.OTHER)  # fmt: skip
    booked(session, of.agency.code, realised=100)
    target = desk.see(linked(desk.see("/agency/quota"), "target"))
    assert "Target instansi ini 60,0%, sebesar capaiannya tahun 2025" in words(target)
    assert "Realisasi tahun lalu: Rp600" in words(desk.see(linked(target, "last_year")))


def test_personal_money_is_listed_as_it_was_published(
    session: Session, desk: Desk, of: Around
) -> None:
    adopted(session, terms(funds=frozenset({Fund.OFFICIAL, Fund.PERSONAL})))
    with transaction(session):
        session.add_all(
            ParticipationMonth(
                agency_code=of.agency.code,
                month=month,
                is_withheld=amount is None,
                buyers=None if amount is None else 7,
                realised_amount=amount,
                published_at=NOON - timedelta(days=1),
                staff=40,
            )
            for month, amount in (("2026-01", 7_000), ("2026-02", None))
        )
    booked(session, of.agency.code, realised=500)
    shown = desk.see(linked(desk.see("/agency/quota"), "realised"))
    assert "<h1>Realisasi yang dihitung: Rp7.500</h1>" in shown
    assert SAME in shown
    said = words(shown)
    assert "Januari 2026" in said
    assert "Rp7.000" in said
    assert "Februari 2026" in said
    assert "tidak diumumkan" in said


def test_an_exemption_is_said_with_document_reason_and_who_confirmed(
    session: Session, desk: Desk, of: Around
) -> None:
    exempted(session, agency(session, of.agency.code))
    shown = words(desk.see(linked(desk.see("/agency/quota"), "realised")))
    assert "Belanjanya obat yang tidak dijual usaha mikro." in shown
    assert "SK 900/17/2026" in shown
    assert "Dikonfirmasi" in shown


def test_every_order_that_is_explained_is_one_that_its_readers_may_open(
    session: Session, app: Flask, of: Around, divided: str
) -> None:
    treasurer = desk_of(
        app, session, signed_up(session, Role.TREASURER, agency_scope(of.agency.code)).person_id
    )
    page = treasurer.see(linked(treasurer.see("/agency/quota"), "class", "micro"))
    hrefs = re.findall(r'href="(/agency/orders/[^"]+)"', page)
    assert hrefs
    assert all(treasurer.see(href) for href in hrefs)
    assert divided in hrefs[0]
    assert explained(treasurer.see("/agency/quota"))
