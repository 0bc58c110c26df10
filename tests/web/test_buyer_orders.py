"""The buyer's own orders through HTTP: the list, an order's way, receiving and cancelling."""

import re
from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from storefront.catalog import stock
from storefront.catalog.models import Product, Variant
from storefront.core.database import transaction
from storefront.core.permissions import SYSTEM, Actor
from storefront.orders import agency_payments, fulfilment
from storefront.orders.approvals import Decision, decide
from storefront.orders.lifecycle import apply
from storefront.orders.models import CartItem, FulfilmentStatus, OrderStatus
from storefront.orders.words import Event
from storefront.quota.models import Fund
from tests.conftest import CountSelects
from tests.factories import NOON, shop, shop_actor
from tests.factories_orders import (
    Around,
    approved_order,
    around,
    found,
    paid_order,
    placed_order,
    proof,
    received_order,
)
from tests.web.browsing import Form, Forms, sign_in

SCRIPT = "<script>alert(1)</script>"


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def here(session: Session) -> Around:
    return around(session)


@pytest.fixture
def client(app: Flask, session: Session, here: Around) -> FlaskClient:
    return signed_in(app, session, here.buyer)


def signed_in(app: Flask, session: Session, actor: Actor) -> FlaskClient:
    return sign_in(app, session, actor.person_id, now=NOON)


def shipped(session: Session, here: Around, number: str) -> str:
    with transaction(session):
        fulfilment.accept(session, here.seller, number, reason="Siap.", now=NOON)
        fulfilment.ship(session, here.seller, number, now=NOON)
    return number


def form_of(answer: TestResponse, event: str) -> Form:
    forms = [form for form in Forms(answer.text).forms if form.action.startswith("/orders/")]
    return next(form for form in forms if form["event"] == event)


def acts(answer: TestResponse) -> set[str]:
    """What the page lets its reader do."""
    forms = Forms(answer.text).forms
    return {form["event"] for form in forms if form.action.startswith("/orders/")}


def act(client: FlaskClient, number: str, event: str, **typed: Any) -> TestResponse:
    """Send the page's form for an event, some of it filled in."""
    form = form_of(client.get(f"/orders/{number}"), event)
    return client.post(form.action, data=form.filled(**typed))


def send(client: FlaskClient, number: str, **sent: Any) -> TestResponse:
    """Send what no button of the page sends."""
    page = client.get("/account").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    return client.post(f"/orders/{number}", data={"csrf_token": token.group(1)} | sent)


def headline(answer: TestResponse) -> str:
    shown = re.search(r"<h1>(.*?)</h1>", answer.text)
    assert shown
    return shown.group(1)


def numbers(page: str) -> list[str]:
    return re.findall(r'<li class="line-item">.*?href="/orders/([^"]+)"', page, re.DOTALL)


def state_of(session: Session, number: str) -> tuple[OrderStatus, FulfilmentStatus]:
    session.rollback()
    order = found(session, number)
    return order.status, order.fulfilment_status


# The list


def test_a_visitor_is_asked_to_sign_in_and_comes_back(app: Flask) -> None:
    answer = app.test_client().get("/orders?status=done")
    assert answer.status_code == HTTPStatus.SEE_OTHER
    assert answer.location == "/login?next=/orders?status%3Ddone"


def test_who_has_no_orders_is_told_where_to_begin(client: FlaskClient) -> None:
    page = client.get("/orders").text
    assert "Anda belum punya pesanan" in page
    assert 'href="/products"' in page


def test_the_list_holds_ones_own_orders_of_both_funds(
    client: FlaskClient, session: Session, here: Around
) -> None:
    official = placed_order(session, here)
    own = paid_order(session, here)
    placed_order(session, around(session, code="1.03.01"))
    assert numbers(client.get("/orders").text) == [own, official]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("status=to_approve", {"asked"}),
        ("status=submitted", {"asked"}),
        ("status=to_ship", set()),
        ("status=done", {"done"}),
        ("from=2026-11-12", {"asked", "done"}),
        ("to=2026-11-11", {"old"}),
        ("from=2026-11-11&to=2026-11-11", {"old"}),
        ("status=terserah&from=kemarin&to=0001-01-01&page=nol", {"asked", "old", "done"}),
    ],
)
def test_the_list_is_narrowed_by_state_and_day(
    client: FlaskClient, session: Session, here: Around, question: str, expected: set[str]
) -> None:
    orders = {
        "old": paid_order(session, here, now=NOON - timedelta(days=1)),
        "asked": placed_order(session, here),
        "done": received_order(session, here, paid_order(session, here)),
    }
    shown = set(numbers(client.get(f"/orders?{question}").text))
    assert shown == {orders[name] for name in expected}


def test_an_order_is_found_by_the_beginning_of_its_number(
    client: FlaskClient, session: Session, here: Around
) -> None:
    number = placed_order(session, here)
    placed_order(session, here)
    assert numbers(client.get(f"/orders?number={number[:8].lower()}").text) == [number]


def test_a_narrow_question_that_finds_nothing_leads_back(client: FlaskClient) -> None:
    assert "Tidak ada pesanan yang cocok" in client.get("/orders?number=P-TIDAKADA").text


def test_the_stages_say_how_many_are_there(
    client: FlaskClient, session: Session, here: Around
) -> None:
    placed_order(session, here)
    placed_order(session, here)
    assert "Menunggu persetujuan <b>2</b>" in client.get("/orders").text


def test_the_list_has_pages(client: FlaskClient, session: Session, here: Around) -> None:
    for _ in range(25):
        placed_order(session, here, quantities=(1,))
    assert len(numbers(client.get("/orders").text)) == 24
    assert len(numbers(client.get("/orders?page=2").text)) == 1


def test_the_list_reads_the_same_number_of_times_for_more_orders(
    client: FlaskClient, session: Session, here: Around, count_selects: CountSelects
) -> None:
    placed_order(session, here)
    client.get("/orders")
    with count_selects() as few:
        client.get("/orders")
    for _ in range(5):
        placed_order(session, here, quantities=(1, 2))
    with count_selects() as many:
        client.get("/orders")
    assert len(many) == len(few)


# An order


@pytest.mark.parametrize(
    ("how_far", "words"),
    [
        ("asked", "Permintaan Anda menunggu persetujuan"),
        ("approved", "Warung Uji belum menjawab pesanan Anda"),
        ("shipped", "Pesanan Anda dari Warung Uji dalam perjalanan"),
        ("received", "Sudah Anda terima, menunggu bendahara membayar Warung Uji"),
        ("paid", "Pesanan Anda dari Warung Uji selesai"),
        ("rejected", "Permintaan Anda ditolak"),
        ("sent back", "Permintaan Anda kepada Warung Uji dikembalikan"),
    ],
)
def test_the_heading_says_where_an_official_order_is(
    app: Flask, session: Session, how_far: str, words: str
) -> None:
    here = around(session, at=shop(session, "Warung Uji"))
    number = _official(session, here, how_far)
    answer = signed_in(app, session, here.buyer).get(f"/orders/{number}")
    assert headline(answer) == words


def _official(session: Session, here: Around, how_far: str) -> str:
    decisions = {"rejected": Decision.REJECT, "sent back": Decision.SEND_BACK}
    if how_far == "asked" or how_far in decisions:
        number = placed_order(session, here)
        if how_far in decisions:
            with transaction(session):
                decide(session, here.approver, number, decisions[how_far], "Kurangi.", now=NOON)
        return number
    number = approved_order(session, here)
    if how_far == "shipped":
        shipped(session, here, number)
    if how_far in {"received", "paid"}:
        received_order(session, here, number)
    if how_far == "paid":
        with transaction(session):
            agency_payments.pay(session, here.treasurer, number, proof=proof(100_000), now=NOON)
    return number


@pytest.mark.parametrize(
    ("how_far", "words"),
    [
        ("placed", "Pesanan Anda menunggu pembayaran"),
        ("paid", "Warung Uji belum menjawab pesanan Anda"),
        ("received", "Pesanan Anda dari Warung Uji selesai"),
        ("declined", "Warung Uji tidak sanggup memenuhi pesanan ini"),
    ],
)
def test_the_heading_says_where_an_order_of_own_money_is(
    app: Flask, session: Session, how_far: str, words: str
) -> None:
    here = around(session, at=shop(session, "Warung Uji"))
    if how_far == "placed":
        number = placed_order(session, here, fund=Fund.PERSONAL)
    else:
        number = paid_order(session, here)
    if how_far == "received":
        received_order(session, here, number)
    if how_far == "declined":
        with transaction(session):
            fulfilment.decline(session, here.seller, number, reason="Habis.", now=NOON)
    answer = signed_in(app, session, here.buyer).get(f"/orders/{number}")
    assert headline(answer) == words


def test_the_way_tells_who_did_what_when_and_what_it_was_recorded_as(
    client: FlaskClient, session: Session, here: Around
) -> None:
    number = shipped(session, here, approved_order(session, here))
    page = client.get(f"/orders/{number}").text
    assert "Disetujui Rina Amelia" in page  # everybody is called so here
    assert "Kamis, 12 November, 12.00. Rp100.000 tercatat sebagai komitmen." in page
    assert "“Siap.”" in page
    done, now, later = (page.count(f'<li class="{state}"') for state in ("done", "now", "later"))
    assert (done, now, later) == (4, 1, 2)


def test_it_says_what_the_order_is_recorded_for(
    client: FlaskClient, session: Session, here: Around
) -> None:
    page = client.get(f"/orders/{approved_order(session, here)}").text
    assert "Dana instansi, tahun 2026" in page
    assert "Rapat koordinasi puskesmas" in page
    assert "5.1.02.01.01.0052" in page


def test_an_order_of_own_money_says_that_the_agency_does_not_see_it(
    client: FlaskClient, session: Session, here: Around
) -> None:
    page = client.get(f"/orders/{paid_order(session, here)}").text
    assert "Uang sendiri" in page
    assert "Instansi Anda tidak melihat pesanan ini" in page


def test_an_order_that_waits_for_its_payment_leads_to_it(
    client: FlaskClient, session: Session, here: Around
) -> None:
    number = placed_order(session, here, fund=Fund.PERSONAL)
    page = client.get(f"/orders/{number}").text
    assert f'href="/purchases/{number.removesuffix("-1")}"' in page


def test_what_others_wrote_is_shown_as_text(
    client: FlaskClient, session: Session, here: Around
) -> None:
    number = paid_order(session, here)
    with transaction(session):
        fulfilment.decline(session, here.seller, number, reason=SCRIPT, now=NOON)
    page = client.get(f"/orders/{number}").text
    assert SCRIPT not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize("who", ["seller", "approver", "treasurer", "stranger"])
def test_the_page_is_its_buyers_alone(app: Flask, session: Session, here: Around, who: str) -> None:
    number = approved_order(session, here)
    others = {
        "seller": here.seller,
        "approver": here.approver,
        "treasurer": here.treasurer,
        "stranger": shop_actor(session, shop(session)),
    }
    answer = signed_in(app, session, others[who]).get(f"/orders/{number}")
    assert answer.status_code == HTTPStatus.NOT_FOUND


def test_the_page_reads_the_same_number_of_times_for_more_lines(
    client: FlaskClient, session: Session, here: Around, count_selects: CountSelects
) -> None:
    short = approved_order(session, here, quantities=(1,))
    long = approved_order(session, here, quantities=(1, 2, 3, 4))
    client.get(f"/orders/{short}")
    with count_selects() as few:
        client.get(f"/orders/{short}")
    with count_selects() as many:
        client.get(f"/orders/{long}")
    assert len(many) == len(few)


# Receiving and cancelling


def test_the_buyer_receives_all_as_the_form_is_shown(
    client: FlaskClient, session: Session, here: Around
) -> None:
    number = shipped(session, here, approved_order(session, here, quantities=(3, 2)))
    answer = act(client, number, "receive", reason="Lengkap.")
    assert (answer.status_code, answer.location) == (HTTPStatus.SEE_OTHER, f"/orders/{number}")
    assert state_of(session, number) == (OrderStatus.APPROVED, FulfilmentStatus.RECEIVED)
    page = client.get(f"/orders/{number}").text
    assert "Penerimaan barang sudah tercatat" in page
    assert "BAST/0001/" in page
    assert "“Lengkap.”" in page


def test_an_event_alone_receives_all(client: FlaskClient, session: Session, here: Around) -> None:
    number = shipped(session, here, approved_order(session, here))
    assert send(client, number, event="receive").status_code == HTTPStatus.SEE_OTHER
    assert state_of(session, number)[1] is FulfilmentStatus.RECEIVED


def test_the_buyer_receives_a_part(client: FlaskClient, session: Session, here: Around) -> None:
    number = shipped(session, here, approved_order(session, here, quantities=(3, 2)))
    act(client, number, "receive", quantity_1=2, quantity_2=0)
    assert state_of(session, number)[1] is FulfilmentStatus.PARTIALLY_RECEIVED
    assert form_of(client.get(f"/orders/{number}"), "receive")["quantity_1"] == "1"


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("9", "isi 0 sampai 3."),
        ("dua", "Tulis jumlah dengan angka bulat."),
        ("", "Tulis jumlah dengan angka bulat."),
        ("0", "Isi jumlahnya sedikitnya satu."),
    ],
)
def test_a_wrong_number_of_pieces_is_told_with_all_that_was_typed(
    client: FlaskClient, session: Session, here: Around, typed: str, message: str
) -> None:
    number = shipped(session, here, approved_order(session, here, quantities=(3,)))
    answer = act(client, number, "receive", quantity_1=typed, reason="Kurang satu.")
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert message in answer.text
    form = form_of(answer, "receive")
    assert (form["quantity_1"], form["reason"]) == (typed or "3", "Kurang satu.")
    assert state_of(session, number)[1] is FulfilmentStatus.SHIPPED


def test_the_buyer_cancels_before_it_is_shipped(
    client: FlaskClient, session: Session, here: Around
) -> None:
    number = approved_order(session, here)
    answer = act(client, number, "cancel", reason="Rapat ditunda.")
    assert answer.status_code == HTTPStatus.SEE_OTHER
    assert state_of(session, number)[0] is OrderStatus.CANCELLED
    page = client.get(f"/orders/{number}")
    assert headline(page) == "Pesanan ini dibatalkan"
    assert "“Rapat ditunda.”" in page.text


def test_a_reason_that_is_too_long_is_told_beside_it(
    client: FlaskClient, session: Session, here: Around
) -> None:
    number = approved_order(session, here)
    answer = act(client, number, "cancel", reason="a" * 501)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert 'id="cancel-reason-error"' in answer.text
    assert form_of(answer, "cancel")["reason"] == "a" * 501
    assert state_of(session, number)[0] is OrderStatus.APPROVED


def test_what_can_no_longer_be_done_is_told_with_what_was_typed(
    client: FlaskClient, session: Session, here: Around
) -> None:
    number = approved_order(session, here)
    form = form_of(client.get(f"/orders/{number}"), "cancel")
    shipped(session, here, number)
    answer = client.post(form.action, data=form.filled(reason="Rapat ditunda."))
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "sedang dikirim, jadi tidak dapat dibatalkan" in answer.text
    assert "Rapat ditunda." in answer.text
    assert acts(answer) == {"receive"}


@pytest.mark.parametrize("event", ["approve", "pay", "", "receive ; drop"])
def test_an_event_that_is_no_buyers_is_refused(
    client: FlaskClient, session: Session, here: Around, event: str
) -> None:
    number = approved_order(session, here)
    answer = send(client, number, event=event)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Pilih salah satu tombol" in answer.text


def test_the_page_offers_only_what_can_be_done(
    client: FlaskClient, session: Session, here: Around
) -> None:
    number = approved_order(session, here)
    assert acts(client.get(f"/orders/{number}")) == {"cancel"}
    shipped(session, here, number)
    assert acts(client.get(f"/orders/{number}")) == {"receive"}
    act(client, number, "receive")
    assert acts(client.get(f"/orders/{number}")) == set()


def test_the_rest_of_a_part_delivery_can_be_given_up(
    client: FlaskClient, session: Session, here: Around
) -> None:
    number = approved_order(session, here, quantities=(3,))
    with transaction(session):
        fulfilment.accept(session, here.seller, number, now=NOON)
        fulfilment.ship(session, here.seller, number, pieces={1: 2}, now=NOON)
    assert act(client, number, "close_rest").status_code == HTTPStatus.SEE_OTHER
    assert state_of(session, number)[1] is FulfilmentStatus.SHIPPED
    assert "1 tidak jadi dikirim" in client.get(f"/orders/{number}").text


@pytest.mark.parametrize(
    ("who", "status"),
    [("approver", HTTPStatus.FORBIDDEN), ("stranger", HTTPStatus.NOT_FOUND)],
)
def test_nobody_else_receives_it(
    app: Flask, session: Session, here: Around, who: str, status: HTTPStatus
) -> None:
    number = shipped(session, here, approved_order(session, here))
    stranger = around(session, code="1.03.01").buyer
    client = signed_in(app, session, here.approver if who == "approver" else stranger)
    assert send(client, number, event="receive").status_code == status
    assert state_of(session, number)[1] is FulfilmentStatus.SHIPPED


def test_an_order_that_is_not_there_is_not_found(client: FlaskClient) -> None:
    assert client.get("/orders/P-TIDAKADA00-1").status_code == HTTPStatus.NOT_FOUND


def test_a_form_without_its_token_does_nothing(
    client: FlaskClient, session: Session, here: Around
) -> None:
    number = approved_order(session, here)
    answer = client.post(f"/orders/{number}", data={"event": "cancel"})
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert state_of(session, number)[0] is OrderStatus.APPROVED


# Once more


def sent_back(session: Session, here: Around, **placed: Any) -> str:
    number = placed_order(session, here, **placed)
    with transaction(session):
        decide(session, here.approver, number, Decision.SEND_BACK, "Kurangi.", now=NOON)
    return number


def in_cart(session: Session) -> list[int]:
    """How many pieces of each item, in all carts."""
    session.rollback()
    return list(session.scalars(select(CartItem.quantity).order_by(CartItem.id)))


def hide(session: Session, number: str, position: int) -> None:
    """Take the product of an order's line off sale."""
    with transaction(session):
        line = found(session, number).lines[position - 1]
        variant = session.get_one(Variant, line.variant_id)
        session.get_one(Product, variant.product_id).is_visible = False


def test_a_request_that_was_sent_back_goes_into_the_cart_and_is_closed(
    client: FlaskClient, session: Session, here: Around
) -> None:
    number = sent_back(session, here, quantities=(3, 2))
    answer = act(client, number, "rework")
    assert (answer.status_code, answer.location) == (HTTPStatus.SEE_OTHER, "/cart")
    assert in_cart(session) == [3, 2]
    assert state_of(session, number)[0] is OrderStatus.CANCELLED
    assert "kembali ke keranjang" in client.get("/cart").text
    assert "“diperbaiki dan diajukan lagi”" in client.get(f"/orders/{number}").text


def test_what_was_put_right_is_asked_for_with_the_same_purpose(
    client: FlaskClient, session: Session, here: Around
) -> None:
    number = sent_back(session, here)
    assert 'name="purpose"' not in client.get("/cart").text
    act(client, number, "rework")
    form = next(f for f in Forms(client.get("/checkout").text).forms if "purpose" in f)
    assert form["purpose"] == "Rapat koordinasi puskesmas"
    asked = client.post(form.action, data=form.filled())
    assert asked.status_code == HTTPStatus.SEE_OTHER
    assert numbers(client.get("/orders?status=to_approve").text) != []
    assert in_cart(session) == []


@pytest.mark.parametrize("how_far", ["rejected", "declined", "completed", "cancelled", "expired"])
def test_what_is_over_is_ordered_again_and_stays_what_it_is(
    client: FlaskClient, session: Session, here: Around, how_far: str
) -> None:
    number = _over(session, here, how_far)
    before = state_of(session, number)
    restock(session, here, number)
    assert act(client, number, "rework").location == "/cart"
    assert in_cart(session) == [10]
    assert state_of(session, number) == before


def _over(session: Session, here: Around, how_far: str) -> str:
    if how_far == "rejected":
        return _official(session, here, "rejected")
    if how_far == "completed":
        return received_order(session, here, paid_order(session, here))
    number = placed_order(session, here) if how_far == "expired" else approved_order(session, here)
    with transaction(session):
        if how_far == "declined":
            fulfilment.decline(session, here.seller, number, reason="Habis.", now=NOON)
        elif how_far == "cancelled":
            fulfilment.cancel(session, here.buyer, number, now=NOON)
        else:
            apply(session, SYSTEM, found(session, number), Event.EXPIRE, now=NOON)
    return number


def restock(session: Session, here: Around, number: str, pieces: int = 50) -> None:
    with transaction(session):
        variant_id = found(session, number).lines[0].variant_id
        stock.count(session, here.seller, variant_id, pieces, now=NOON)


def test_what_cannot_be_had_as_before_is_named(
    client: FlaskClient, session: Session, here: Around
) -> None:
    number = sent_back(session, here, quantities=(10, 2))
    restock(session, here, number, pieces=4)
    hide(session, number, 2)
    act(client, number, "rework")
    assert in_cart(session) == [4]
    first, second = (line.product_name for line in found(session, number).lines)
    page = client.get("/cart").text
    assert f"{first}: hanya 4 dari 10." in page
    assert f"{second}: hanya 0 dari 2." in page


def test_where_nothing_can_be_had_the_request_stays(
    client: FlaskClient, session: Session, here: Around
) -> None:
    number = sent_back(session, here)
    hide(session, number, 1)
    answer = act(client, number, "rework")
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Tidak satu pun barangnya" in answer.text
    assert state_of(session, number)[0] is OrderStatus.DRAFT


def test_a_second_press_of_the_button_doubles_nothing(
    client: FlaskClient, session: Session, here: Around
) -> None:
    number = sent_back(session, here)
    form = form_of(client.get(f"/orders/{number}"), "rework")
    for _ in range(2):
        client.post(form.action, data=form.filled())
    assert in_cart(session) == [10]


def test_what_is_under_way_is_not_ordered_again_from_its_page(
    client: FlaskClient, session: Session, here: Around
) -> None:
    number = approved_order(session, here)
    assert "rework" not in acts(client.get(f"/orders/{number}"))
    answer = send(client, number, event="rework")
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "tidak dapat dipesan lagi" in answer.text
    assert in_cart(session) == []


@pytest.mark.parametrize("who", ["approver", "seller", "stranger"])
def test_nobody_else_puts_a_request_right(
    app: Flask, session: Session, here: Around, who: str
) -> None:
    number = sent_back(session, here)
    others = {
        "approver": here.approver,
        "seller": here.seller,
        "stranger": around(session, code="1.03.01").buyer,
    }
    answer = send(signed_in(app, session, others[who]), number, event="rework")
    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert state_of(session, number)[0] is OrderStatus.DRAFT
    assert in_cart(session) == []
