"""The main job from end to end, through HTTP, each person at a browser of their own."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from storefront.catalog.models import Product, Variant, VariantId
from storefront.core.permissions import Role, shop_scope
from storefront.extensions import payment_gateway, transaction
from storefront.orders.models import Order, OrderStatus, PaymentStatus
from storefront.orders.processes import refund
from storefront.quota.models import QuotaAccount
from storefront.quota.seals import verify
from storefront.reports.reconciliation import reconcile
from tests.factories import HEALTH, NOON, agency, budget, listed_variant, placed, shop, signed_up
from tests.web.browsing import Forms
from tests.web.offices import Desk, desk_of, staff


@dataclass
class City:
    """Everybody whom the main job needs, at their desks."""

    buyer: Desk
    approver: Desk
    treasurer: Desk
    procurement: Desk
    sellers: list[Desk]
    goods: list[VariantId]


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as moving:
        yield moving


@pytest.fixture
def city(app: Flask, session: Session, clock: time_machine.Traveller) -> City:
    del clock
    health = agency(session)
    budget(session, health, line=200_000_000)
    shops = [shop(session, "Kopi Wening"), shop(session, "Batik Sekar")]
    return City(
        buyer=desk_of(app, session, placed(session, health, Role.BUYER).person_id),
        approver=staff(app, session, Role.APPROVER),
        treasurer=staff(app, session, Role.TREASURER),
        procurement=staff(app, session, Role.PROCUREMENT),
        sellers=[
            desk_of(app, session, signed_up(session, Role.SELLER, shop_scope(each.id)).person_id)
            for each in shops
        ],
        goods=[listed_variant(session, stock=20, price=60_000, seller=each) for each in shops],
    )


def fill_cart(city: City, session: Session) -> None:
    """From the product's own page, as a person does it."""
    for variant_id in city.goods:
        slug = session.scalars(
            select(Product.slug).join(Variant).where(Variant.id == variant_id)
        ).one()
        answer = city.buyer.send(f"/products/{slug}", "/cart/items", quantity=2)
        assert answer.status_code in {302, 303}


def orders(session: Session) -> list[Order]:
    session.rollback()
    query = select(Order).order_by(Order.id).execution_options(populate_existing=True)
    return list(session.scalars(query))


def pay(desk: Desk, answer: TestResponse) -> None:
    """Follow the way to the payment page, pay there, and come back."""
    page = urlsplit(answer.headers["Location"]).path
    assert page.startswith("/sandbox/pay/")
    form = next(form for form in Forms(desk.see(page)).forms if form.buttons and not form.action)
    paid = desk.client.post(page, data=form.filled(outcome="pay"))
    assert paid.status_code in {302, 303}
    back = urlsplit(paid.headers["Location"])
    desk.client.get(f"{back.path}?{back.query}", follow_redirects=True)


def all_agrees(session: Session) -> None:
    session.rollback()
    assert verify(session) is None
    assert [each.key for each in reconcile(session, now=NOON) if each.breaches] == []


def test_own_money_buys_of_two_sellers_and_counts_for_the_agency_in_sum_only(
    city: City, session: Session
) -> None:
    fill_cart(city, session)
    answer = city.buyer.send("/checkout", "/checkout", fund="personal", delivery="pickup")
    pay(city.buyer, answer)
    bought = orders(session)
    assert [(o.payment_status, o.agency_code) for o in bought] == [
        (PaymentStatus.PAID, HEALTH.agency_code)
    ] * 2
    for seller, order in zip(city.sellers, bought, strict=True):
        path = f"/seller/orders/{order.number}"
        assert seller.send(path, path, event="accept").status_code in {302, 303}
        assert seller.send(path, path, event="ship", tracking="D 1234").status_code in {302, 303}
        own = f"/orders/{order.number}"
        assert city.buyer.send(own, own, event="receive").status_code in {302, 303}
    assert {o.status for o in orders(session)} == {OrderStatus.COMPLETED}
    assert bought[0].number not in city.procurement.see("/agency/orders")
    all_agrees(session)


def test_a_declined_personal_order_is_refunded_whole_and_its_stock_returns(
    app: Flask, city: City, session: Session
) -> None:
    fill_cart(city, session)
    pay(
        city.buyer,
        city.buyer.send("/checkout", "/checkout", fund="personal", delivery="pickup"),
    )
    first = orders(session)[0]
    path = f"/seller/orders/{first.number}"
    answer = city.sellers[0].send(path, path, event="decline", reason="Bahan habis")
    assert answer.status_code in {302, 303}
    with app.app_context():
        refund(transaction, payment_gateway(), first.number, now=NOON)
    first = orders(session)[0]
    assert first.payment_status is PaymentStatus.REFUNDED
    assert first.refunded_amount == first.total_amount
    assert orders(session)[1].payment_status is PaymentStatus.PAID
    all_agrees(session)


def test_an_official_order_goes_from_request_to_realisation_and_into_the_export(
    city: City, session: Session
) -> None:
    fill_cart(city, session)
    answer = city.buyer.send(
        "/checkout", "/checkout", fund="official", purpose="Rapat koordinasi", delivery="office"
    )
    assert answer.status_code in {302, 303}
    asked = orders(session)
    assert {o.status for o in asked} == {OrderStatus.SUBMITTED}

    for order in asked:
        path = f"/agency/approvals/{order.number}"
        assert city.approver.send(path, path, decision="approve").status_code in {302, 303}
    session.rollback()
    committed = session.scalars(select(QuotaAccount.committed_amount)).one()
    assert committed == sum(o.total_amount for o in asked)

    for seller, order in zip(city.sellers, asked, strict=True):
        path = f"/seller/orders/{order.number}"
        seller.send(path, path, event="accept")
        seller.send(path, path, event="ship", tracking="")
        own = f"/orders/{order.number}"
        city.buyer.send(own, own, event="receive")
        pay_path = f"/agency/payments/{order.number}"
        answer = city.treasurer.send(
            pay_path, pay_path, method="up_gu", proof_number=f"KW/{order.position}"
        )
        assert answer.status_code in {302, 303}, answer.text
    assert {o.status for o in orders(session)} == {OrderStatus.COMPLETED}

    session.rollback()
    account = session.scalars(select(QuotaAccount).execution_options(populate_existing=True)).one()
    assert (account.committed_amount, account.realised_amount) == (0, committed)
    page = city.procurement.see("/agency/quota")
    assert f"Rp{committed:,}".replace(",", ".") in page
    written = city.procurement.send(
        "/agency/exports", "/agency/exports", export="orders", format="csv"
    )
    page = city.procurement.see(written.headers["Location"])
    file = re.findall(r'href="(/agency/exports/[0-9a-f]{64}/[^"]+\.csv)"', page)[0]
    with city.procurement.client.get(file) as download:
        rows = download.get_data(as_text=True).splitlines()
    assert len(rows) == 1 + len(asked)
    assert all(order.number in rows[at] for at, order in enumerate(asked, 1))
    all_agrees(session)


def test_a_refused_request_says_why_and_gives_the_stock_back(city: City, session: Session) -> None:
    fill_cart(city, session)
    city.buyer.send("/checkout", "/checkout", fund="official", purpose="Rapat", delivery="office")
    order = orders(session)[0]
    path = f"/agency/approvals/{order.number}"
    answer = city.approver.send(path, path, decision="reject", reason="Gabungkan dengan yang lain")
    assert answer.status_code in {302, 303}, answer.text
    assert "Gabungkan dengan yang lain" in city.buyer.see(f"/orders/{order.number}")
    all_agrees(session)
