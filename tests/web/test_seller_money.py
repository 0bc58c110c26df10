"""What a shop sees of its month and its money, and what it says of itself."""

from collections.abc import Iterator
from http import HTTPStatus

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from storefront.core.database import transaction
from storefront.orders.agency_payments import pay
from storefront.sellers.models import Seller
from tests.conftest import CountSelects
from tests.factories import NOON, listed_variant, shop
from tests.factories_orders import (
    Around,
    approved_order,
    around,
    paid_order,
    proof,
    received_order,
)
from tests.web.offices import Desk
from tests.web.selling import keeper


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def of(session: Session) -> Around:
    return around(session)


@pytest.fixture
def desk(app: Flask, session: Session, of: Around) -> Desk:
    return keeper(app, session, of.shop)


def test_an_empty_shop_is_shown_its_first_steps(app: Flask, session: Session) -> None:
    page = keeper(app, session, shop(session)).see("/seller/")
    assert "Langkah pertama" in page
    assert 'href="/seller/products/new"' in page


@pytest.mark.parametrize("path", ["payouts", "reports", "orders", "products"])
def test_a_page_without_rows_says_what_will_be_there(
    app: Flask, session: Session, path: str
) -> None:
    page = keeper(app, session, shop(session)).see(f"/seller/{path}")
    assert "<h1>" in page
    assert "None" not in page


def test_the_first_page_tells_what_official_money_there_is_room_for(
    desk: Desk, session: Session, of: Around
) -> None:
    approved_order(session, of, quantities=(100,), price=70_000)
    page = desk.see("/seller/")
    assert "Rp7.000.000" in page
    assert "batas Rp30.000.000, sisa Rp23.000.000" in page


def test_goods_that_run_out_are_named(desk: Desk, session: Session, of: Around) -> None:
    listed_variant(session, seller=of.shop, stock=0, name="Teh Ciwidey")
    listed_variant(session, seller=of.shop, stock=4, name="Kopi Malabar")
    listed_variant(session, seller=of.shop, stock=40, name="Kopi Puntang")
    low = desk.see("/seller/").split("Habis atau hampir habis")[1]
    assert "Teh Ciwidey" in low
    assert "sisa 4 bungkus" in low
    assert "Kopi Puntang" not in low


def test_what_an_agency_owes_is_listed_until_it_pays(
    desk: Desk, session: Session, of: Around
) -> None:
    number = received_order(session, of, approved_order(session, of, quantities=(10,)))
    page = desk.see("/seller/payouts")
    assert "Rp100.000 menunggu dibayar instansi" in page
    assert number in page
    with transaction(session):
        pay(session, of.treasurer, number, proof=proof(100_000, withheld=1_500), now=NOON)
    page = desk.see("/seller/payouts")
    assert "Tidak ada tagihan yang terbuka" in page
    assert "Menurut bulan, 2026" in page
    assert "Rp98.500" in page


def test_a_year_that_is_not_offered_is_this_one(desk: Desk) -> None:
    assert "Belum ada uang masuk pada 2026" in desk.see("/seller/payouts?year=1999&month=x")
    assert "Belum ada uang masuk pada 2025" in desk.see("/seller/payouts?year=2025")


def test_the_report_tells_what_sold_in_which_month(
    desk: Desk, session: Session, of: Around
) -> None:
    approved_order(session, of, quantities=(10,))
    paid_order(session, of, quantities=(2,))
    page = desk.see("/seller/reports?month=2026-11")
    assert "Terjual Rp120.000 dalam dua belas bulan" in page
    assert "Rp100.000 di antaranya dari dana instansi." in page
    assert "Tidak ada yang terjual pada" in desk.see("/seller/reports?month=2026-10")


def test_more_orders_ask_no_more_of_the_database(
    desk: Desk, session: Session, of: Around, count_selects: CountSelects
) -> None:
    def asked(path: str) -> int:
        with count_selects() as selects:
            desk.see(path)
        return len(selects)

    paths = ("/seller/payouts", "/seller/reports")
    received_order(session, of, approved_order(session, of))
    few = [asked(path) for path in paths]
    for _more in range(4):
        received_order(session, of, approved_order(session, of))
    assert [asked(path) for path in paths] == few
    assert max(few) <= 16


class TestTheProfile:
    PATH = "/seller/profile"

    def test_says_what_the_city_verified_and_lets_nobody_change_it(
        self, desk: Desk, of: Around
    ) -> None:
        page = desk.see(self.PATH)
        assert of.shop.nib in page
        assert "Usaha mikro" in page
        assert "OSS " in page
        names = {name for name, _value in desk.form(self.PATH, self.PATH).fields}
        assert not names & {"name", "nib", "seller_class", "state"}

    def test_is_changed(self, desk: Desk, session: Session, of: Around) -> None:
        typed = {"district": "Lengkong", "office_delivery_amount": "Rp12.500"}
        answer = desk.send(
            self.PATH, self.PATH, **typed, description="Kopi dari lereng.", nib="0" * 13
        )
        assert answer.status_code == HTTPStatus.SEE_OTHER
        seller = session.get_one(Seller, of.shop.id, populate_existing=True)
        assert (seller.district, seller.office_delivery_amount) == ("Lengkong", 12_500)
        assert seller.nib == of.shop.nib

    @pytest.mark.parametrize(
        ("field", "typed"),
        [
            ("phone", "telepon"),
            ("email", "toko@"),
            ("district", "Jakarta"),
            ("npwp", "12"),
            ("office_delivery_amount", ""),
            ("home_delivery_amount", "lima ribu"),
            ("home_delivery_amount", "900.000.000"),
            ("free_delivery_from_amount", "0"),
            ("description", "Kopi. " * 600),
        ],
    )
    def test_typed_wrongly_is_said_beside_the_field_and_all_stays(
        self, desk: Desk, field: str, typed: str
    ) -> None:
        answer = desk.send(self.PATH, self.PATH, **{"address": "Jl. Dago 7", field: typed})
        assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
        assert f'href="#{field}"' in answer.text
        assert "Jl. Dago 7" in answer.text
        assert typed.strip() in answer.text
