"""A seller's goods by page: listed, changed, photographed, taken down."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from storefront.catalog import stock
from storefront.catalog.models import (
    Picture,
    Product,
    ProductId,
    ProductState,
    Stock,
    StockPolicy,
    Variant,
    VariantId,
)
from storefront.core.database import transaction
from storefront.sellers.models import Seller, SellerState
from tests.conftest import CountSelects
from tests.factories import NOON, category, listed_variant, shop, shop_actor
from tests.web.browsing import Form, Forms
from tests.web.offices import Desk
from tests.web.selling import Upload, keeper, letter, photograph, product_of

OK, SEE_OTHER = HTTPStatus.OK, HTTPStatus.SEE_OTHER
WRONG, CLASH = HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.CONFLICT
NEW = "/seller/products/new"
COFFEE: dict[str, Any] = {
    "name": "Kopi Puntang",
    "category_slug": "kopi-bubuk",
    "unit": "bungkus",
    "description": "Ceri merah dari lereng Gunung Puntang.",
    "variants-0-name": "Biji utuh",
    "variants-0-price_amount": "Rp68.000",
    "variants-0-stock": "46",
}


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def own(session: Session) -> Seller:
    category(session)
    return shop(session, "Kopi Wening")


@pytest.fixture
def desk(app: Flask, session: Session, own: Seller) -> Desk:
    return keeper(app, session, own)


@pytest.fixture
def beans(session: Session, own: Seller) -> VariantId:
    return listed_variant(session, seller=own, stock=10, price=68_000, name="Kopi Puntang")


@pytest.fixture
def page(session: Session, beans: VariantId) -> str:
    """Where the product of `beans` is changed."""
    return f"/seller/products/{product_of(session, beans)}"


def shown(html: str) -> Form:
    return next(form for form in Forms(html).forms if "seen_state" in form)


def send(
    desk: Desk, path: str, html: str, *pictures: Upload, button: str = "action=save", **typed: Any
) -> TestResponse:
    """Press a button of the form as it is shown, some of it changed."""
    name, value = button.split("=", 1)
    sent: MultiDict[str, Any] = shown(html).filled(**typed)
    sent.poplist("picture")
    sent.add(name, value)
    for picture in pictures:
        sent.add("picture", picture)
    return desk.client.post(path, data=sent, content_type="multipart/form-data")


def made(session: Session, **named: Any) -> Product:
    session.rollback()
    return session.scalars(select(Product).filter_by(**named)).one()


def variants(session: Session, product_id: ProductId) -> list[Variant]:
    session.rollback()
    query = select(Variant).filter_by(product_id=product_id).order_by(Variant.position)
    return list(session.scalars(query))


def keys(session: Session, product_id: ProductId) -> list[str]:
    session.rollback()
    query = select(Picture.key).filter_by(product_id=product_id).order_by(Picture.position)
    return list(session.scalars(query))


def test_a_product_with_a_photograph_is_in_the_shop_at_once(desk: Desk, session: Session) -> None:
    answer = send(desk, NEW, desk.see(NEW), photograph(), **COFFEE)
    assert answer.status_code == SEE_OTHER
    product = made(session, name="Kopi Puntang")
    assert product.is_visible
    assert len(keys(session, product.id)) == 1
    (variant,) = variants(session, product.id)
    assert (variant.name, variant.price_amount) == ("Biji utuh", 68_000)
    assert session.get_one(Stock, (variant.id, "shop")).quantity == 46
    assert "tersimpan dan tampil di toko" in desk.see(answer.location)
    assert "Rp68.000" in desk.see(f"/products/{product.slug}")


def test_a_draft_is_saved_without_being_shown(desk: Desk, session: Session) -> None:
    send(desk, NEW, desk.see(NEW), **COFFEE, is_live=None)
    assert made(session, name="Kopi Puntang").state is ProductState.DRAFT


def test_what_is_made_to_order_asks_for_days_and_no_stock(desk: Desk, session: Session) -> None:
    typed = COFFEE | {
        "variants-0-stock_policy": "on_order",
        "variants-0-stock": "",
        "variants-0-lead_days": "2",
        "variants-0-daily_capacity": "150",
    }
    assert send(desk, NEW, desk.see(NEW), **typed).status_code == SEE_OTHER
    (variant,) = variants(session, made(session, name="Kopi Puntang").id)
    assert variant.stock_policy is StockPolicy.ON_ORDER
    assert (variant.lead_days, variant.daily_capacity) == (2, 150)


def test_a_row_more_keeps_what_was_typed_and_both_are_saved(desk: Desk, session: Session) -> None:
    longer = send(desk, NEW, desk.see(NEW), button="action=add_row", **COFFEE)
    assert longer.status_code == OK
    assert shown(longer.text)["variants-0-price_amount"] == "Rp68.000"
    second = {
        "variants-1-name": "Halus",
        "variants-1-price_amount": "70000",
        "variants-1-stock": "0",
    }
    assert send(desk, NEW, longer.text, **second).status_code == SEE_OTHER
    product = made(session, name="Kopi Puntang")
    assert [one.name for one in variants(session, product.id)] == ["Biji utuh", "Halus"]


def test_a_new_row_can_be_taken_out_again(desk: Desk) -> None:
    longer = send(desk, NEW, desk.see(NEW), button="action=add_row", **COFFEE)
    typed: dict[str, Any] = {"variants-1-name": "Halus"}
    shorter = send(desk, NEW, longer.text, button="drop_row=variants-0", **typed)
    form = shown(shorter.text)
    assert "variants-0-name" not in form
    assert form["variants-1-name"] == "Halus"


def test_a_saved_variant_is_turned_off_and_never_taken_out(
    desk: Desk, session: Session, page: str, beans: VariantId
) -> None:
    longer = send(desk, page, desk.see(page), button="action=add_row")
    same = send(desk, page, longer.text, button="drop_row=variants-0")
    assert "variants-0-name" in shown(same.text)
    second = {"variants-1-price_amount": "70000", "variants-1-stock": "5"}
    off: dict[str, Any] = {"variants-0-is_active": None}
    send(desk, page, same.text, **second, **off)
    first, new = variants(session, product_of(session, beans))
    assert (first.is_active, new.is_active) == (False, True)


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("name", "", "Isi nama barang"),
        ("name", "...", "Isi nama barang"),
        ("category_slug", "", "Pilih kategori"),
        ("category_slug", "no-such", "Pilih kategori"),
        ("unit", "", "Isi satuannya"),
        ("variants-0-price_amount", "", "Isi harganya."),
        ("variants-0-price_amount", "68,5", "Tulis dengan angka bulat"),
        ("variants-0-price_amount", "1.5", "Tulis dengan angka bulat"),
        ("variants-0-price_amount", "-5", "Tulis dengan angka bulat"),
        ("variants-0-price_amount", "٦٨", "Tulis dengan angka bulat"),
        ("variants-0-price_amount", "0", "Isi harga dengan angka dari Rp1"),
        ("variants-0-was_amount", "60.000", "Harga lama harus lebih tinggi"),
        ("variants-0-stock", "", "Isi stok Biji utuh. Tulis 0 bila habis."),
        ("variants-0-stock", "9000000", "Isi stok dengan angka 0 sampai"),
        ("variants-0-lead_days", "400", "Isi lama membuat"),
        ("variants-0-sku", "kopi puntang!", "Kode barang berisi huruf"),
    ],
)
def test_what_is_typed_wrongly_is_said_beside_it_and_all_stays(
    desk: Desk, session: Session, field: str, typed: str, words: str
) -> None:
    answer = send(desk, NEW, desk.see(NEW), **COFFEE | {field: typed})
    assert answer.status_code == WRONG
    assert words in answer.text
    assert f'href="#{field}"' in answer.text
    form = shown(answer.text)
    for name, value in (COFFEE | {field: typed}).items():
        if name != "category_slug" or value == "kopi-bubuk":
            assert form[name] == value
    assert session.scalar(select(Product)) is None


def test_a_code_of_another_product_is_refused_in_its_own_row(
    desk: Desk, session: Session, beans: VariantId
) -> None:
    taken = variants(session, product_of(session, beans))[0].sku
    longer = send(desk, NEW, desk.see(NEW), button="action=add_row", **COFFEE)
    second = {
        "variants-1-name": "Halus",
        "variants-1-price_amount": "70000",
        "variants-1-stock": "5",
        "variants-1-sku": taken,
    }
    answer = send(desk, NEW, longer.text, **second)
    assert answer.status_code == WRONG
    assert 'href="#variants-1-sku"' in answer.text


def test_a_product_needs_one_variant_that_is_sold(desk: Desk, page: str) -> None:
    off: dict[str, Any] = {"variants-0-is_active": None}
    answer = send(desk, page, desk.see(page), **off)
    assert answer.status_code == WRONG
    assert 'href="#variants"' in answer.text
    assert "Nyalakan paling sedikit satu varian" in answer.text


def test_a_file_that_is_no_picture_is_named_and_the_good_ones_are_kept(
    desk: Desk, session: Session
) -> None:
    answer = send(desk, NEW, desk.see(NEW), photograph(), letter("surat.png"), **COFFEE)
    assert answer.status_code == WRONG
    assert "surat.png: Berkas ini bukan gambar" in answer.text
    assert 'href="#picture"' in answer.text
    assert shown(answer.text)["name"] == "Kopi Puntang"
    send(desk, NEW, answer.text)
    assert len(keys(session, made(session, name="Kopi Puntang").id)) == 1


def test_a_picture_chosen_before_another_mistake_need_not_be_chosen_again(
    desk: Desk, session: Session
) -> None:
    answer = send(desk, NEW, desk.see(NEW), photograph(), **COFFEE | {"unit": ""})
    assert answer.status_code == WRONG
    send(desk, NEW, answer.text, unit="bungkus")
    assert len(keys(session, made(session, name="Kopi Puntang").id)) == 1


def test_pictures_change_places_and_go_only_when_it_is_saved(
    desk: Desk, session: Session, page: str, beans: VariantId
) -> None:
    product_id = product_of(session, beans)
    send(desk, page, desk.see(page), photograph("teal"), photograph("brown"), photograph("red"))
    teal, brown, red = keys(session, product_id)
    shots = [value for name, value in shown(desk.see(page)).fields if name == "shot"]
    turned = send(desk, page, desk.see(page), button=f"first_shot={shots[2]}")
    fewer = send(desk, page, turned.text, button=f"drop_shot={shots[1]}")
    assert keys(session, product_id) == [teal, brown, red]
    send(desk, page, fewer.text)
    assert keys(session, product_id) == [red, teal]


def test_a_picture_key_that_this_shop_did_not_send_is_as_if_it_were_not_there(
    desk: Desk, session: Session, page: str, beans: VariantId
) -> None:
    sent = shown(desk.see(page)).filled()
    sent.add("shot", "ab" * 32)
    assert desk.client.post(page, data=sent).status_code == SEE_OTHER
    assert keys(session, product_of(session, beans)) == []


def test_a_ninth_picture_is_refused_beside_the_pictures(
    desk: Desk, session: Session, page: str, beans: VariantId
) -> None:
    colours = ("red", "tan", "navy", "teal", "gold", "pink", "lime", "gray", "cyan")
    answer = send(desk, page, desk.see(page), *(photograph(colour) for colour in colours))
    assert answer.status_code == WRONG
    assert "paling banyak 8 gambar" in answer.text
    assert keys(session, product_of(session, beans)) == []


def test_eight_photographs_of_a_phone_are_not_too_much_for_a_seller(
    app: Flask, desk: Desk, page: str
) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 1_000
    answer = send(desk, page, desk.see(page), letter(), description="Ceri merah. " * 200)
    assert answer.status_code == WRONG
    assert shown(answer.text)["description"].startswith("Ceri merah.")


def test_a_visitor_may_send_no_more_than_pages_need(app: Flask) -> None:
    app.config["MAX_CONTENT_LENGTH"] = 1_000
    answer = app.test_client().post(NEW, data={"description": "x" * 2_000})
    assert answer.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


def test_the_card_is_shown_as_buyers_will_see_it(desk: Desk) -> None:
    answer = send(desk, NEW, desk.see(NEW), photograph(), button="action=preview", **COFFEE)
    assert answer.status_code == OK
    card = answer.text.split('id="pratinjau"')[1]
    for words in ("Kopi Puntang", "Rp68.000", "/bungkus", "Kopi Wening", "Coblong", "Mikro"):
        assert words in card


def test_pieces_sold_while_the_form_was_open_are_not_counted_away(
    desk: Desk, session: Session, own: Seller, page: str, beans: VariantId
) -> None:
    html = desk.see(page)
    buyer = shop_actor(session, own)
    with transaction(session):
        stock.take(session, buyer, {beans: 3}, reference="P-1", now=NOON)
    answer = send(desk, page, html, **{"variants-0-stock": "12", "description": "Baru."})
    assert answer.status_code == CLASH
    assert "stoknya berubah dari 10 menjadi 7" in answer.text
    assert 'href="#variants-0-stock"' in answer.text
    form = shown(answer.text)
    assert (form["variants-0-stock"], form["variants-0-seen_stock"]) == ("12", "7")
    assert send(desk, page, answer.text).status_code == SEE_OTHER
    session.rollback()
    assert session.get_one(Stock, (beans, "shop")).quantity == 12


def test_a_form_sent_as_it_is_shown_changes_nothing(
    desk: Desk, session: Session, page: str, beans: VariantId
) -> None:
    def columns() -> list[Any]:
        product = made(session, id=product_of(session, beans))
        (variant,) = variants(session, product.id)
        return [
            product.name, product.unit, product.description, product.state, product.is_halal,
            variant.sku, variant.price_amount, variant.lead_days, variant.is_active,
        ]  # fmt: skip

    before = columns()
    assert send(desk, page, desk.see(page)).status_code == SEE_OTHER
    assert columns() == before


def test_a_switch_takes_it_out_of_the_shop_and_back(
    desk: Desk, session: Session, page: str, beans: VariantId
) -> None:
    product_id = product_of(session, beans)
    send(desk, page, desk.see(page), is_live=None)
    assert made(session, id=product_id).state is ProductState.TAKEN_DOWN
    send(desk, page, desk.see(page), is_live="y")
    assert made(session, id=product_id).state is ProductState.LIVE


def test_what_another_took_down_meanwhile_is_told_and_the_words_are_kept(
    desk: Desk, page: str
) -> None:
    html = desk.see(page)
    desk.send("/seller/products", f"{page}/state", event="take_down")
    answer = send(desk, page, html, is_live=None, description="Baru.")
    assert answer.status_code == CLASH
    assert "sudah ditampilkan atau diturunkan" in answer.text
    assert shown(answer.text)["description"] == "Baru."


def test_the_list_takes_down_and_puts_up(
    desk: Desk, session: Session, page: str, beans: VariantId
) -> None:
    product_id = product_of(session, beans)
    desk.send("/seller/products", f"{page}/state", event="take_down")
    assert made(session, id=product_id).state is ProductState.TAKEN_DOWN
    assert "diturunkan dari toko" in desk.see("/seller/products")
    desk.send("/seller/products", f"{page}/state", event="put_up")
    assert made(session, id=product_id).state is ProductState.LIVE


def test_taking_down_twice_is_told(desk: Desk, page: str) -> None:
    form = desk.form("/seller/products", f"{page}/state")
    for _time in (1, 2):
        answer = desk.client.post(form.action, data=form.filled(event="take_down"))
        assert answer.status_code == SEE_OTHER
    assert "sudah ditampilkan atau diturunkan" in desk.see("/seller/products")


@pytest.mark.usefixtures("beans")
def test_the_list_is_searched_by_name_and_state(desk: Desk, session: Session, own: Seller) -> None:
    listed_variant(session, seller=own, name="Teh Ciwidey")
    found = desk.see("/seller/products?q=ciwidey")
    assert "Teh Ciwidey" in found
    assert "Kopi Puntang" not in found
    assert "Kopi Puntang" not in desk.see("/seller/products?state=taken_down")
    assert "Tidak ada barang yang cocok" in desk.see("/seller/products?q=batik")


def test_goods_of_a_shop_that_waits_say_when_they_will_be_seen(
    desk: Desk, session: Session, own: Seller
) -> None:
    with transaction(session):
        session.get_one(Seller, own.id).state = SellerState.APPLIED
    answer = send(desk, NEW, desk.see(NEW), **COFFEE)
    assert "tampil begitu toko Anda aktif" in desk.see(answer.location)


def test_more_goods_ask_no_more_of_the_database(
    desk: Desk, session: Session, own: Seller, page: str, count_selects: CountSelects
) -> None:
    def asked(path: str) -> int:
        with count_selects() as selects:
            desk.see(path)
        return len(selects)

    few = [asked(path) for path in ("/seller/products", page)]
    for _more in range(5):
        listed_variant(session, seller=own, stock=0)
    many = [asked(path) for path in ("/seller/products", page)]
    assert many == few
    assert max(many) <= 18
