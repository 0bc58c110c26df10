"""A product's page through HTTP: what it costs, when it comes, who sells it, and buying it."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.catalog.models import (
    SHOP_PLACE,
    Picture,
    Product,
    ProductState,
    Stock,
    StockPolicy,
    Variant,
    VariantId,
)
from storefront.core.database import transaction
from storefront.orders.models import CartItem, PickupPoint
from storefront.sellers.models import SellerClass
from tests.conftest import CountSelects
from tests.factories import NOON, agency, listed_variant, placed, shop
from tests.web.browsing import Form, Forms, form_to, sign_in

SCRIPT = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):  # a Thursday
        yield


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    return app.test_client()


def product_of(session: Session, variant_id: VariantId) -> Product:
    return session.scalars(select(Product).where(Product.variants.any(id=variant_id))).one()


def address_of(session: Session, variant_id: VariantId) -> str:
    return f"/products/{product_of(session, variant_id).slug}"


def page_of(client: FlaskClient, session: Session, variant_id: VariantId) -> str:
    answer = client.get(address_of(session, variant_id))
    assert answer.status_code == HTTPStatus.OK
    return answer.text


def add_variant(session: Session, beside: VariantId, name: str, **columns: Any) -> VariantId:
    """Another variant of the same product, of so many pieces."""
    stock = columns.pop("stock", 0)
    product = product_of(session, beside)
    usual = {"price_amount": 15_000, "stock_policy": StockPolicy.COUNTED, "lead_days": 0}
    with transaction(session):
        variant = Variant(
            product_id=product.id,
            seller_id=product.seller_id,
            sku=f"{name}-{product.id}",
            name=name,
            position=2,
            **usual | columns,
        )
        session.add(variant)
        session.flush()
        session.add(Stock(variant_id=variant.id, place=SHOP_PLACE, quantity=stock))
    return variant.id


def test_the_page_tells_price_unit_and_tax(visitor: FlaskClient, session: Session) -> None:
    page = page_of(visitor, session, listed_variant(session, price=68_000))
    assert "Rp68.000" in page
    assert "/bungkus" in page
    assert "penjual ini tidak memungut PPN" in page


def test_the_price_of_a_seller_who_pays_tax_includes_it(
    visitor: FlaskClient, session: Session
) -> None:
    variant_id = listed_variant(session, seller=shop(session, is_pkp=True))
    assert "Harga sudah termasuk PPN." in page_of(visitor, session, variant_id)


def test_a_product_goes_into_the_cart_as_the_form_is_shown(
    visitor: FlaskClient, session: Session
) -> None:
    variant_id = listed_variant(session)
    form = form_to(visitor.get(address_of(session, variant_id)), "/cart/items")
    answer = visitor.post(form.action, data=form.filled(quantity=3))
    assert answer.status_code == HTTPStatus.SEE_OTHER
    session.rollback()  # what was read before is old
    held = session.execute(select(CartItem.variant_id, CartItem.quantity)).one()
    assert tuple(held) == (variant_id, 3)


def test_a_variant_that_is_sold_out_is_shown_and_cannot_be_chosen(
    visitor: FlaskClient, session: Session
) -> None:
    first = listed_variant(session, stock=0)
    whole = add_variant(session, first, "Biji utuh", stock=7)
    page = page_of(visitor, session, first)
    assert re.search(rf'value="{first}" disabled', page)
    assert "habis" in page
    assert "7 tersedia" in page
    assert _buying(page)["variant_id"] == str(whole)


def test_variants_of_different_prices_say_each_and_the_least(
    visitor: FlaskClient, session: Session
) -> None:
    first = listed_variant(session, price=40_000)
    add_variant(session, first, "Kecil", price_amount=25_000, stock=3)
    page = page_of(visitor, session, first)
    assert re.search(r"mulai </small>Rp25\.000", page)
    assert "Rp40.000 · " in page


def test_what_is_sold_out_offers_its_category_instead_of_a_form(
    visitor: FlaskClient, session: Session
) -> None:
    page = page_of(visitor, session, listed_variant(session, stock=0))
    assert "Sedang habis" in page
    assert "paling cepat" not in page
    assert "/products?category=kopi-bubuk&amp;in_stock=1" in page
    assert not [form for form in Forms(page).forms if form.action.startswith("/cart")]


def test_what_is_made_to_order_says_how_many_a_day(visitor: FlaskClient, session: Session) -> None:
    variant_id = listed_variant(session, daily_capacity=50, lead_days=2)
    assert "paling banyak 50 sehari" in page_of(visitor, session, variant_id)


@pytest.mark.parametrize(
    ("lead_days", "own", "official"),
    [
        (0, "hari ini, Kamis, 12 November", "besok, Jumat, 13 November"),
        (1, "besok, Jumat, 13 November", None),
        (2, "Senin, 16 November", None),
    ],
)
def test_the_page_says_when_it_reaches_an_office(
    visitor: FlaskClient, session: Session, lead_days: int, own: str, official: str | None
) -> None:
    page = page_of(visitor, session, listed_variant(session, lead_days=lead_days))
    assert f"Sampai di kantor Anda paling cepat {own}<" in page
    words = f"Belanja dinas disetujui dulu, jadi paling cepat {official}."
    assert (words in page) is (official is not None)


def test_after_offices_close_it_comes_on_the_next_working_day(
    visitor: FlaskClient, session: Session
) -> None:
    variant_id = listed_variant(session)
    with time_machine.travel(datetime(2026, 11, 13, 10, tzinfo=UTC), tick=False):  # Friday, 17.00
        page = page_of(visitor, session, variant_id)
    assert "paling cepat Senin, 16 November" in page


def test_it_names_the_office_of_who_is_signed_in(app: Flask, session: Session) -> None:
    at = agency(session, name="Dinas Kesehatan")
    client = sign_in(app, session, placed(session, at).person_id, now=NOON)
    page = page_of(client, session, listed_variant(session))
    assert "Sampai di Dinas Kesehatan paling cepat" in page
    assert at.address in page


@pytest.mark.parametrize(
    ("fees", "words"),
    [
        ({}, "Diantar penjual, gratis."),
        ({"office_delivery": 8_000}, "Diantar penjual, Rp8.000."),
        (
            {"office_delivery": 8_000, "free_from": 150_000},
            "Diantar penjual, Rp8.000; gratis mulai belanja Rp150.000.",
        ),
    ],
)
def test_it_says_for_how_much_it_is_brought(
    visitor: FlaskClient, session: Session, fees: dict[str, Any], words: str
) -> None:
    seller = shop(session, **fees)
    assert words in page_of(visitor, session, listed_variant(session, seller=seller))


def test_it_names_the_outlets_where_it_can_be_fetched(
    visitor: FlaskClient, session: Session
) -> None:
    with transaction(session):
        session.add(PickupPoint(code="X1", name="Galery Contoh", is_open=True))
    assert "Galery Contoh" in page_of(visitor, session, listed_variant(session))


@pytest.mark.parametrize(
    ("seller_class", "words"),
    [
        (SellerClass.MICRO, "dihitung ke kuota 40%"),
        (SellerClass.COOPERATIVE, "dihitung ke kuota 40%"),
        (SellerClass.SMALL, "tidak dihitung ke kuota 40%"),
        (None, "tidak dihitung ke kuota 40%"),
    ],
)
def test_it_says_whether_buying_here_counts(
    visitor: FlaskClient, session: Session, seller_class: SellerClass | None, words: str
) -> None:
    seller = shop(session, seller_class=seller_class)
    page = page_of(visitor, session, listed_variant(session, seller=seller))
    assert f"Belanja dinas di sini {words}" in page


def test_it_says_who_sells_and_since_when_they_are_verified(
    visitor: FlaskClient, session: Session
) -> None:
    seller = shop(session, "Kopi Wening")
    page = page_of(visitor, session, listed_variant(session, seller=seller))
    assert f'<a href="/sellers/{seller.slug}">Kopi Wening</a>' in page
    assert "Kelas usaha diperiksa kota 1 Januari 2020" in page


def test_it_shows_other_goods_of_the_seller_only(visitor: FlaskClient, session: Session) -> None:
    seller = shop(session)
    variant_id = listed_variant(session, seller=seller, name="Kopi Puntang")
    listed_variant(session, seller=seller, name="Teh Ciwidey")
    listed_variant(session, name="Kopi lain")
    page = page_of(visitor, session, variant_id)
    others = page[page.index("Lainnya dari") :]
    assert "Teh Ciwidey" in others
    assert "Kopi lain" not in others


def test_pictures_are_looked_at_without_a_script(visitor: FlaskClient, session: Session) -> None:
    variant_id = listed_variant(session)
    with transaction(session):
        for position in (1, 2):
            session.add(
                Picture(
                    product_id=product_of(session, variant_id).id,
                    key=str(position) * 64,
                    alt=f"Kopi dari sisi {position}",
                    position=position,
                )
            )
    page = page_of(visitor, session, variant_id)
    targets = re.findall(r'<a href="#([^"]+)"[^>]*><img', page)
    assert len(targets) == 2
    assert all(f'id="{target}"' in page for target in targets)
    assert 'alt="Kopi dari sisi 2"' in page


def test_what_a_seller_wrote_is_shown_as_text(visitor: FlaskClient, session: Session) -> None:
    variant_id = listed_variant(
        session, name=f"Kopi {SCRIPT}", seller=shop(session, f"Warung {SCRIPT}")
    )
    with transaction(session):
        product_of(session, variant_id).description = f"Enak.\n{SCRIPT}"
    page = page_of(visitor, session, variant_id)
    assert SCRIPT not in page
    assert "<p>Enak.</p>" in page


def test_what_was_taken_down_is_not_found(visitor: FlaskClient, session: Session) -> None:
    variant_id = listed_variant(session)
    with transaction(session):
        product = product_of(session, variant_id)
        product.is_visible, product.state = False, ProductState.TAKEN_DOWN
    assert visitor.get(address_of(session, variant_id)).status_code == HTTPStatus.NOT_FOUND
    assert visitor.get("/products/tidak-ada").status_code == HTTPStatus.NOT_FOUND


def test_the_page_reads_the_same_number_of_times_for_more_of_everything(
    visitor: FlaskClient, session: Session, count_selects: CountSelects
) -> None:
    seller = shop(session)
    variant_id = listed_variant(session, seller=seller)
    listed_variant(session, seller=seller)
    visitor.get(address_of(session, variant_id))
    with count_selects() as few:
        visitor.get(address_of(session, variant_id))
    for number in range(6):
        add_variant(session, variant_id, f"Giling {number}", stock=2)
        listed_variant(session, seller=seller)
    with count_selects() as many:
        visitor.get(address_of(session, variant_id))
    assert len(many) == len(few)
    assert len(few) <= 13


def _buying(page: str) -> Form:
    return next(form for form in Forms(page).forms if form.action == "/cart/items")
