"""Shops in the city's hands: verified, refused, closed for a time and opened again."""

from collections.abc import Iterator
from datetime import date
from http import HTTPStatus
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from config import ROOT
from storefront.catalog.models import Product
from storefront.core.database import transaction
from storefront.core.permissions import CITY, NOBODY, Role
from storefront.core.rendering import MailRenderer
from storefront.jobs.schedule import drain
from storefront.notifications.models import Mail
from storefront.sellers.applications import Application, apply
from storefront.sellers.models import Seller, SellerClass, SellerState
from tests.conftest import CountSelects
from tests.factories import NOON, listed_variant, shop, signed_up
from tests.web.browsing import form_to
from tests.web.offices import Desk, desk_of

UNPROCESSABLE = HTTPStatus.UNPROCESSABLE_ENTITY
PASSWORD = "Kopi-Puntang-Dibakar-Pelan-77"  # noqa: S105 - of nobody


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def admin(app: Flask, session: Session) -> Desk:
    return desk_of(app, session, signed_up(session, Role.CITY_ADMIN, CITY).person_id)


@pytest.fixture
def applied(session: Session) -> Seller:
    application = Application(
        name="Kopi Puntang Asep",
        owner_name="Asep Sunandar",
        nib="9120001234567",
        claimed_class=SellerClass.MICRO,
        phone="081234567890",
        email="asep@puntang.example",
        district="Coblong",
        address="Jl. Dago No. 9",
    )
    with transaction(session):
        return apply(session, NOBODY, application, now=NOON)


def send(desk: Desk, seller: Seller, act: str, **typed: object) -> TestResponse:
    return desk.send(f"/city/sellers/{seller.id}", f"/city/sellers/{seller.id}/{act}", **typed)


def state_of(session: Session, seller: Seller) -> SellerState:
    session.rollback()
    return session.get_one(Seller, seller.id, populate_existing=True).state


def is_visible(session: Session, seller: Seller) -> bool:
    """What lists of goods are narrowed by, before they look at the shop."""
    session.rollback()
    return session.scalars(select(Product.is_visible).filter_by(seller_id=seller.id)).one()


def mailed(app: Flask, session: Session, to: str) -> list[Mail]:
    """What the worker has written to an address."""
    renderer = MailRenderer(
        Path(app.root_path).parent / "templates" / "mail",
        ROOT / "storefront" / "translations",
        store_name="Salapak",
        city_name="Kota Bandung",
    )
    with app.app_context():
        drain(app.config["SETTINGS"], renderer)
    session.rollback()
    return list(session.scalars(select(Mail).filter_by(to_address=to).order_by(Mail.id)))


def test_a_verified_applicant_comes_in_with_the_mailed_code(
    app: Flask, session: Session, admin: Desk, applied: Seller
) -> None:
    assert send(admin, applied, "verify").status_code == HTTPStatus.SEE_OTHER
    body = "\n".join(mail.body for mail in mailed(app, session, "asep@puntang.example"))
    link = next(word for word in body.split() if "/activate?token=" in word)
    owner = app.test_client()
    form = form_to(owner.get(link[link.index("/activate") :]), "/activate")
    chosen = form.filled(password=PASSWORD, repeated=PASSWORD)
    assert owner.post(form.action, data=chosen).status_code == HTTPStatus.SEE_OTHER
    assert applied.name in owner.get("/seller/").text


def test_the_page_of_an_application_proposes_what_was_claimed(admin: Desk, applied: Seller) -> None:
    form = admin.form(f"/city/sellers/{applied.id}", f"/city/sellers/{applied.id}/verify")
    assert (form["seller_class"], form["evidence"]) == ("micro", "NIB 9120001234567")


def test_a_period_that_ends_before_it_begins_is_told_beside_its_field(
    session: Session, admin: Desk, applied: Seller
) -> None:
    answer = send(admin, applied, "verify", valid_to="2026-01-01", evidence="Kunjungan 3 Nov")
    assert answer.status_code == UNPROCESSABLE
    assert 'id="valid_to-error"' in answer.text
    assert 'value="Kunjungan 3 Nov"' in answer.text
    assert state_of(session, applied) is SellerState.APPLIED


def test_a_refusal_needs_its_reason(session: Session, admin: Desk, applied: Seller) -> None:
    answer = send(admin, applied, "refuse", reason="")
    assert answer.status_code == UNPROCESSABLE
    assert 'id="reason-error"' in answer.text
    assert state_of(session, applied) is SellerState.APPLIED


def test_a_refused_applicant_reads_the_reason(
    app: Flask, session: Session, admin: Desk, applied: Seller
) -> None:
    send(admin, applied, "refuse", reason="NIB atas nama orang lain.")
    assert state_of(session, applied) is SellerState.REFUSED
    bodies = [mail.body for mail in mailed(app, session, "asep@puntang.example")]
    assert any("NIB atas nama orang lain." in body for body in bodies)


def test_goods_of_a_suspended_shop_are_gone_until_it_is_reinstated(
    app: Flask, session: Session, admin: Desk
) -> None:
    seller = shop(session, "Warung Cihapit")
    listed_variant(session, seller=seller, stock=5)
    visitor, page = app.test_client(), f"/sellers/{seller.slug}"
    assert visitor.get(page).status_code == HTTPStatus.OK
    send(admin, seller, "suspend", reason="Barang tidak sesuai izin.")
    assert visitor.get(page).status_code == HTTPStatus.NOT_FOUND
    assert seller.name not in visitor.get("/products").text
    assert not is_visible(session, seller)
    send(admin, seller, "reinstate")
    assert seller.name in visitor.get("/products").text
    assert is_visible(session, seller)


def test_who_waits_stands_first_and_is_counted(
    session: Session, admin: Desk, applied: Seller
) -> None:
    shop(session, "Aneka Rasa")
    shown = admin.see("/city/sellers")
    assert shown.index(applied.name) < shown.index("Aneka Rasa")
    assert applied.name not in admin.see("/city/sellers?state=active")
    assert applied.name in admin.see("/city/sellers?q=puntang")


def test_the_list_costs_the_same_for_many_shops(
    session: Session, admin: Desk, count_selects: CountSelects
) -> None:
    shop(session)
    with count_selects() as few:
        admin.see("/city/sellers")
    for _ in range(8):
        shop(session)
    with count_selects() as many:
        admin.see("/city/sellers")
    assert len(many) == len(few)


def test_a_renewed_class_stands_in_the_shops_file(session: Session, admin: Desk) -> None:
    seller = shop(session)
    send(
        admin,
        seller,
        "verify",
        seller_class="small",
        evidence="OSS 2027",
        valid_from=date(2026, 11, 12).isoformat(),
        valid_to=date(2029, 11, 11).isoformat(),
    )
    assert "OSS 2027" in admin.see(f"/city/sellers/{seller.id}")


def test_the_list_is_narrowed_by_the_verified_class(session: Session, admin: Desk) -> None:
    shop(session, "Sambal Micro", seller_class=SellerClass.MICRO)
    shop(session, "Sambal Small", seller_class=SellerClass.SMALL)
    shown = admin.see("/city/sellers?class=small")
    assert "Sambal Small" in shown
    assert "Sambal Micro" not in shown
