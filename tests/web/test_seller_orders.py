"""A seller's orders by page: seen, answered, sent."""

from collections.abc import Iterator
from http import HTTPStatus

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from storefront.core.database import transaction
from storefront.orders import fulfilment
from storefront.orders.models import FulfilmentStatus, OrderStatus
from tests.conftest import CountSelects
from tests.factories import NOON
from tests.factories_orders import (
    Around,
    approved_order,
    around,
    found,
    paid_order,
    received_order,
)
from tests.web.browsing import Form, Forms
from tests.web.offices import Desk
from tests.web.selling import keeper

SEE_OTHER, WRONG, CLASH = HTTPStatus.SEE_OTHER, HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.CONFLICT


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


def form_for(desk: Desk, number: str, event: str) -> Form:
    """The form of the order's page that does this."""
    forms = Forms(desk.see(f"/seller/orders/{number}")).forms
    return next(form for form in forms if "event" in form and form["event"] == event)


def send(desk: Desk, number: str, event: str, **typed: object) -> tuple[int, str]:
    form = form_for(desk, number, event)
    answer = desk.client.post(form.action, data=form.filled(**typed))
    return answer.status_code, answer.text


def accepted(session: Session, of: Around, number: str) -> str:
    with transaction(session):
        fulfilment.accept(session, of.seller, number, now=NOON)
    return number


def test_an_order_says_for_whom_it_is_where_and_when(
    desk: Desk, session: Session, of: Around
) -> None:
    page = desk.see(f"/seller/orders/{approved_order(session, of)}")
    for words in ("Dinas Kesehatan", "Rina Amelia", "Jl. Supratman No. 73", "26 November 2026"):
        assert words in page


def test_of_a_private_buyer_name_and_address_are_shown_but_no_agency(
    desk: Desk, session: Session, of: Around
) -> None:
    number = paid_order(session, of)
    page = desk.see(f"/seller/orders/{number}")
    assert "Rina Amelia" in page
    assert "Jl. Supratman No. 73" in page
    for secret in (of.agency.name, of.agency.code, of.placement.nip, of.placement.position):
        assert secret not in page
        assert secret not in desk.see("/seller/orders")
        assert secret not in desk.see("/seller/")


def test_an_order_is_accepted_from_the_list_and_one_stays_there(
    desk: Desk, session: Session, of: Around
) -> None:
    number = approved_order(session, of)
    answer = desk.send("/seller/orders?status=all", f"/seller/orders/{number}")
    assert answer.status_code == SEE_OTHER
    assert answer.location == "/seller/orders?status=all"
    assert found(session, number).fulfilment_status is FulfilmentStatus.ACCEPTED


def test_nobody_is_led_to_another_store_afterwards(
    desk: Desk, session: Session, of: Around
) -> None:
    number = approved_order(session, of)
    path = f"/seller/orders/{number}"
    answer = desk.send("/seller/orders", path, next="//elsewhere.example/")
    assert answer.location == path


def test_who_cannot_do_it_says_why(desk: Desk, session: Session, of: Around) -> None:
    number = approved_order(session, of)
    status, page = send(desk, number, "decline", reason="  ")
    assert status == WRONG
    assert 'href="#decline-reason"' in page
    status, _page = send(desk, number, "decline", reason="Mesin sangrai rusak.")
    assert status == SEE_OTHER
    assert found(session, number).status is OrderStatus.DECLINED
    assert "Mesin sangrai rusak." in desk.see(f"/seller/orders/{number}")


def test_all_is_sent_by_the_form_as_it_is_shown(desk: Desk, session: Session, of: Around) -> None:
    number = accepted(session, of, approved_order(session, of, quantities=(3, 4)))
    status, _page = send(desk, number, "ship", tracking="JNE 0123")
    assert status == SEE_OTHER
    order = found(session, number)
    assert order.fulfilment_status is FulfilmentStatus.SHIPPED
    assert order.tracking == "JNE 0123"


def test_a_script_that_names_no_pieces_sends_all(desk: Desk, session: Session, of: Around) -> None:
    number = accepted(session, of, approved_order(session, of, quantities=(3, 4)))
    typed = {"csrf_token": desk.token("/seller/"), "event": "ship", "tracking": "JNE 0123"}
    assert desk.client.post(f"/seller/orders/{number}", data=typed).status_code == SEE_OTHER
    assert found(session, number).fulfilment_status is FulfilmentStatus.SHIPPED


def test_a_part_is_sent_and_the_rest_is_asked_next(
    desk: Desk, session: Session, of: Around
) -> None:
    number = accepted(session, of, approved_order(session, of, quantities=(3, 4)))
    send(desk, number, "ship", quantity_1=2, quantity_2=0)
    assert [line.shipped_quantity for line in found(session, number).lines] == [2, 0]
    rest = form_for(desk, number, "ship")
    assert (rest["quantity_1"], rest["quantity_2"]) == ("1", "4")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"quantity_1": "9"}, "isi 0 sampai 3"),
        ({"quantity_1": "dua"}, "Tulis jumlah dengan angka bulat."),
        ({"quantity_1": "0", "quantity_2": ""}, "Isi jumlahnya sedikitnya satu."),
    ],
)
def test_pieces_typed_wrongly_are_said_beside_them_and_stay(
    desk: Desk, session: Session, of: Around, typed: dict[str, str], words: str
) -> None:
    number = accepted(session, of, approved_order(session, of, quantities=(3, 4)))
    status, page = send(desk, number, "ship", tracking="JNE 0123", **typed)
    assert status == WRONG
    assert words in page
    assert 'href="#ship-quantity-1"' in page
    assert f'value="{typed["quantity_1"]}"' in page
    assert 'value="JNE 0123"' in page
    assert [line.shipped_quantity for line in found(session, number).lines] == [0, 0]


def test_an_order_that_was_cancelled_meanwhile_is_not_sent_and_the_words_are_kept(
    desk: Desk, session: Session, of: Around
) -> None:
    number = accepted(session, of, approved_order(session, of))
    form = form_for(desk, number, "ship")
    with transaction(session):
        fulfilment.cancel(session, of.buyer, number, reason="Rapat batal.", now=NOON)
    answer = desk.client.post(form.action, data=form.filled(tracking="JNE 0123"))
    assert answer.status_code == CLASH
    assert "sudah dibatalkan" in answer.text
    assert "JNE 0123" in answer.text


def test_an_act_that_nobody_knows_is_asked_again(desk: Desk, session: Session, of: Around) -> None:
    number = approved_order(session, of)
    typed = {"csrf_token": desk.token("/seller/"), "event": "approve"}
    answer = desk.client.post(f"/seller/orders/{number}", data=typed)
    assert answer.status_code == WRONG
    assert found(session, number).fulfilment_status is FulfilmentStatus.WAITING


def test_the_rest_is_closed_and_goods_come_back(desk: Desk, session: Session, of: Around) -> None:
    number = accepted(session, of, approved_order(session, of, quantities=(3,)))
    send(desk, number, "ship", quantity_1=2)
    send(desk, number, "close_rest", reason="Panen gagal.")
    with transaction(session):
        fulfilment.receive(session, of.buyer, number, now=NOON)
    status, _page = send(desk, number, "take_back", quantity_1=1)
    assert status == SEE_OTHER
    line = found(session, number).lines[0]
    assert (line.cancelled_quantity, line.returned_quantity) == (1, 1)


def test_the_list_shows_what_is_under_way_and_by_address_all(
    desk: Desk, session: Session, of: Around
) -> None:
    open_one = approved_order(session, of)
    over = approved_order(session, of)
    with transaction(session):
        fulfilment.decline(session, of.seller, over, reason="Habis.", now=NOON)
    assert open_one in desk.see("/seller/orders")
    assert over not in desk.see("/seller/orders")
    assert over in desk.see("/seller/orders?status=over")
    assert over in desk.see("/seller/orders?status=all")
    assert over not in desk.see("/seller/orders?status=nonsense")


def test_the_list_is_narrowed_by_number_and_day(desk: Desk, session: Session, of: Around) -> None:
    number = approved_order(session, of)
    other = approved_order(session, of)
    assert other not in desk.see(f"/seller/orders?number={number.lower()}")
    assert number in desk.see("/seller/orders?from_day=2026-11-12&to_day=2026-11-12")
    assert number not in desk.see("/seller/orders?from_day=2026-11-13")


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("from_day=kemarin", "Tulis tanggal yang ada"),
        ("from_day=2026-11-12&to_day=2026-11-01", "Tanggal akhir mendahului tanggal awal."),
    ],
)
def test_a_day_typed_wrongly_is_said_beside_it(desk: Desk, asked: str, words: str) -> None:
    answer = desk.client.get(f"/seller/orders?{asked}")
    assert answer.status_code == WRONG
    assert words in answer.text
    assert f'value="{asked.rsplit("&", maxsplit=1)[-1].split("=")[1]}"' in answer.text


def test_a_delivery_day_that_passed_is_said_first(desk: Desk, session: Session, of: Around) -> None:
    approved_order(session, of, deliver_on=NOON.date().replace(day=11))
    assert "Lewat hari antar" in desk.see("/seller/orders")


def test_more_orders_ask_no_more_of_the_database(
    desk: Desk, session: Session, of: Around, count_selects: CountSelects
) -> None:
    def asked(path: str) -> int:
        with count_selects() as selects:
            desk.see(path)
        return len(selects)

    approved_order(session, of)
    received_order(session, of, approved_order(session, of))
    few = [asked(path) for path in ("/seller/orders?status=all", "/seller/")]
    for _more in range(4):
        approved_order(session, of, quantities=(1, 2))
        received_order(session, of, approved_order(session, of))
    many = [asked(path) for path in ("/seller/orders?status=all", "/seller/")]
    assert many == few
    assert max(many) <= 20
