"""The cart through HTTP, as a browser without JavaScript sees it."""

from collections.abc import Iterator
from http import HTTPStatus

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from storefront.catalog.models import Variant, VariantId
from storefront.core.database import transaction
from tests.factories import NOON, listed_variant, person, shop
from tests.web.browsing import Forms, form_to, sign_in


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def guest(app: Flask) -> FlaskClient:
    return app.test_client()


def put_in(client: FlaskClient, variant_id: VariantId, quantity: object = 1) -> TestResponse:
    token = form_to(client.get("/login"), "/")["csrf_token"]
    sent = {"csrf_token": token, "variant_id": variant_id, "quantity": quantity}
    return client.post("/cart/items", data=sent)


def change(client: FlaskClient, **changed: object) -> TestResponse:
    form = form_to(client.get("/cart"), "/cart/items/")
    return client.post(form.action, data=form.filled(**changed))


def test_an_empty_cart_says_what_to_do_next(guest: FlaskClient) -> None:
    page = guest.get("/cart")
    assert page.status_code == HTTPStatus.OK
    assert "Keranjang Anda masih kosong" in page.text
    assert 'href="/products"' in page.text


def test_a_guest_puts_something_in_and_finds_it_there(guest: FlaskClient, session: Session) -> None:
    coffee = listed_variant(session, name="Kopi Manglayang", price=15_000)
    answer = put_in(guest, coffee, 2)
    assert (answer.status_code, answer.location) == (HTTPStatus.SEE_OTHER, "/cart")
    page = guest.get("/cart").text
    assert "Kopi Manglayang" in page
    assert "Rp30.000" in page


def test_the_head_says_how_many_things_lie_in_the_cart(
    guest: FlaskClient, session: Session
) -> None:
    put_in(guest, listed_variant(session))
    put_in(guest, listed_variant(session))
    assert '<span class="count">2<' in guest.get("/cart").text


def test_one_guest_does_not_see_anothers_cart(
    app: Flask, guest: FlaskClient, session: Session
) -> None:
    put_in(guest, listed_variant(session, name="Kopi Manglayang"))
    assert "Kopi Manglayang" not in app.test_client().get("/cart").text


def test_a_guests_cart_is_there_after_signing_in(
    app: Flask, guest: FlaskClient, session: Session
) -> None:
    put_in(guest, listed_variant(session, name="Kopi Manglayang"), 3)
    sign_in(app, session, person(session), now=NOON, client=guest)
    form = form_to(guest.get("/cart"), "/cart/items/")
    assert form["quantity"] == "3"


@pytest.mark.parametrize(
    ("quantity", "message"),
    [
        ("0", "Jumlah harus antara 1 dan 9999."),
        ("-1", "Jumlah harus antara 1 dan 9999."),
        ("1000000000", "Jumlah harus antara 1 dan 9999."),
        ("9" * 400, "Jumlah harus antara 1 dan 9999."),
        ("1.5", "Tulis jumlah dengan angka bulat."),
        ("١٢", "Tulis jumlah dengan angka bulat."),
        ("1,000", "Tulis jumlah dengan angka bulat."),
        ("1_0", "Tulis jumlah dengan angka bulat."),
        ("", "Isi jumlahnya."),
        ("11", "Stok tinggal 10."),
    ],
)
def test_a_quantity_that_cannot_be_is_told_beside_what_was_typed(
    guest: FlaskClient, session: Session, quantity: str, message: str
) -> None:
    answer = put_in(guest, listed_variant(session, stock=10), quantity)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert message in answer.text
    assert form_to(answer, "/cart/items")["quantity"] == quantity


@pytest.mark.parametrize("variant_id", ["", "kopi", "0", "-3", str(2**63)])
def test_what_is_no_variant_is_a_message(guest: FlaskClient, variant_id: str) -> None:
    token = form_to(guest.get("/login"), "/")["csrf_token"]
    answer = guest.post(
        "/cart/items", data={"csrf_token": token, "variant_id": variant_id, "quantity": 1}
    )
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_a_variant_that_does_not_exist_is_not_found(guest: FlaskClient) -> None:
    assert put_in(guest, VariantId(404)).status_code == HTTPStatus.NOT_FOUND


def test_without_the_forms_token_nothing_is_put_in(guest: FlaskClient, session: Session) -> None:
    sent = {"variant_id": listed_variant(session), "quantity": 1}
    assert guest.post("/cart/items", data=sent).status_code == HTTPStatus.BAD_REQUEST


def test_a_quantity_is_changed(guest: FlaskClient, session: Session) -> None:
    put_in(guest, listed_variant(session, price=15_000))
    assert change(guest, quantity=4).status_code == HTTPStatus.SEE_OTHER
    assert "Rp60.000" in guest.get("/cart").text


@pytest.mark.parametrize("changed", [{"quantity": 0}, {"remove": 1}])
def test_a_thing_is_taken_out(
    guest: FlaskClient, session: Session, changed: dict[str, object]
) -> None:
    put_in(guest, listed_variant(session))
    assert change(guest, **changed).status_code == HTTPStatus.SEE_OTHER
    assert "Keranjang Anda masih kosong" in guest.get("/cart").text


def test_a_change_that_cannot_be_is_told_beside_its_item(
    guest: FlaskClient, session: Session
) -> None:
    put_in(guest, listed_variant(session, stock=10))
    answer = change(guest, quantity=11)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Stok tinggal 10." in answer.text
    assert form_to(answer, "/cart/items/")["quantity"] == "11"


def test_anothers_item_is_not_found(app: Flask, guest: FlaskClient, session: Session) -> None:
    put_in(guest, listed_variant(session))
    form = form_to(guest.get("/cart"), "/cart/items/")
    other = app.test_client()
    put_in(other, listed_variant(session))
    token = form_to(other.get("/cart"), "/cart/items/")["csrf_token"]
    answer = other.post(form.action, data={"csrf_token": token, "remove": 1})
    assert answer.status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("item", ["999999", str(2**63), str(2**70)])
def test_an_item_that_does_not_exist_is_not_found(
    guest: FlaskClient, session: Session, item: str
) -> None:
    put_in(guest, listed_variant(session))
    token = form_to(guest.get("/cart"), "/cart/items/")["csrf_token"]
    answer = guest.post(f"/cart/items/{item}", data={"csrf_token": token, "remove": 1})
    assert answer.status_code == HTTPStatus.NOT_FOUND


def test_a_changed_price_is_told(guest: FlaskClient, session: Session) -> None:
    coffee = listed_variant(session, price=15_000)
    put_in(guest, coffee)
    with transaction(session):
        session.get_one(Variant, coffee).price_amount = 18_000
    assert "Harga berubah: tadinya Rp15.000." in guest.get("/cart").text


def test_what_was_put_in_is_shown_as_text(guest: FlaskClient, session: Session) -> None:
    seller = shop(session, "<script>alert(1)</script>")
    put_in(guest, listed_variant(session, seller=seller, name="<b>Kopi</b>"))
    page = guest.get("/cart").text
    assert "<script>alert" not in page
    assert "<b>Kopi</b>" not in page


def test_the_chosen_items_go_to_checkout(guest: FlaskClient, session: Session) -> None:
    put_in(guest, listed_variant(session))
    put_in(guest, listed_variant(session))
    [choose] = [form for form in Forms(guest.get("/cart").text).forms if form.id == "choose"]
    assert choose.action == "/checkout"
    assert len([name for name, _value in choose.fields if name == "item"]) == 2
