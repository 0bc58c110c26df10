"""Applying to sell through HTTP: the form, what is wrong with it, and what comes after."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from storefront.core.outbox import OutboxMessage
from storefront.sellers.models import Seller, SellerClass, SellerState
from tests.factories import NOON, shop
from tests.web.browsing import form_to

SCRIPT = "<script>alert(1)</script>"
GOOD = {
    "name": "Dapur Bu Euis",
    "owner_name": "Euis Komariah",
    "nib": "1234 5678 90123",
    "claimed_class": "micro",
    "npwp": "",
    "district": "Lengkong",
    "address": "Jl. Buah Batu No. 12",
    "phone": "0812-3456-7890",
    "email": "Euis@Contoh.id",
}


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    return app.test_client()


def apply(client: FlaskClient, **typed: Any) -> TestResponse:
    form = form_to(client.get("/sellers/apply"), "/sellers/apply")
    return client.post(form.action, data=form.filled(**GOOD | typed))


def sellers(session: Session) -> list[Seller]:
    session.rollback()
    return list(session.scalars(select(Seller)))


def test_an_application_waits_for_the_city(visitor: FlaskClient, session: Session) -> None:
    answer = apply(visitor)
    assert answer.status_code == HTTPStatus.SEE_OTHER
    (seller,) = sellers(session)
    assert (seller.name, seller.nib, seller.email) == (
        "Dapur Bu Euis",
        "1234567890123",
        "euis@contoh.id",
    )
    assert seller.claimed_class is SellerClass.MICRO
    assert seller.state is SellerState.APPLIED
    assert "seller_applied" in session.scalars(select(OutboxMessage.topic)).all()


def test_afterwards_it_says_what_happens_next(visitor: FlaskClient) -> None:
    page = visitor.get(apply(visitor).location).text
    assert "Pendaftaran Anda sudah kami terima" in page
    assert "Dinas Koperasi UKM memeriksa NIB dan kelas usaha" in page


def test_every_district_can_be_chosen(visitor: FlaskClient) -> None:
    page = visitor.get("/sellers/apply").text
    assert len(re.findall(r'<option value="[^"]+">', page)) == 30


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("name", "", "Isi nama usaha"),
        ("name", "x" * 121, "Isi nama usaha, paling banyak 120 huruf."),
        ("owner_name", "12", "Isi nama pemilik"),
        ("nib", "123", "NIB terdiri dari 13 angka"),
        ("nib", "1.2E+12", "NIB terdiri dari 13 angka"),
        ("claimed_class", "raksasa", "Pilih kelas usaha."),
        ("claimed_class", None, "Pilih kelas usaha."),
        ("npwp", "1", "NPWP terdiri dari 15 atau 16 angka"),
        ("district", "", "Pilih kecamatan"),
        ("district", "Atlantis", "Pilih kecamatan"),
        ("phone", "abc", "Isi nomor telepon"),
        ("email", "bukan surel", "Isi alamat surel yang lengkap"),
        ("address", "j" * 401, "Alamat paling banyak 400 huruf."),
    ],
)
def test_what_is_wrong_is_told_beside_its_field_with_all_that_was_typed(
    visitor: FlaskClient, session: Session, field: str, typed: str | None, message: str
) -> None:
    answer = apply(visitor, **{field: typed})
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    beside = answer.text[answer.text.index(f'id="{field}-error"') :][:400]
    assert message in beside
    form = form_to(answer, "/sellers/apply")
    kept = {name: value for name, value in GOOD.items() if name != field}
    assert {name: form[name] for name in kept} == kept
    assert sellers(session) == []


def test_all_that_is_wrong_is_told_at_once(visitor: FlaskClient) -> None:
    page = apply(visitor, nib="1", phone="", email="").text
    assert "3 hal perlu diperbaiki" in page
    assert set(re.findall(r'<a href="#(\w+)">', page)) >= {"nib", "phone", "email"}


def test_a_nib_that_is_known_is_refused_beside_it(visitor: FlaskClient, session: Session) -> None:
    known = shop(session)
    answer = apply(visitor, nib=known.nib)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "sudah mendaftar" in answer.text[answer.text.index('id="nib-error"') :][:300]
    assert len(sellers(session)) == 1


def test_what_was_typed_is_shown_as_text(visitor: FlaskClient) -> None:
    assert SCRIPT not in apply(visitor, name=SCRIPT, owner_name=f'"{SCRIPT}', nib="1").text


def test_a_form_without_its_token_does_nothing(visitor: FlaskClient, session: Session) -> None:
    answer = visitor.post("/sellers/apply", data=GOOD)
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert sellers(session) == []
