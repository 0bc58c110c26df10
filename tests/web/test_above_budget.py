"""A request above the budget, from the checkout to the quota page, through HTTP."""

from collections.abc import Iterator
from http import HTTPStatus

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from storefront.agencies.models import Agency, OverCeiling
from storefront.core.database import transaction
from storefront.core.permissions import CITY, Role
from storefront.orders import cart
from storefront.orders.cart import CartOwner
from storefront.orders.models import Order, OrderStatus
from tests.factories import NOON, listed_variant, signed_up
from tests.factories_orders import Around, approved_order, around, found, placed_order
from tests.web.browsing import form_to
from tests.web.offices import Desk, desk_of, staff

UNPROCESSABLE = HTTPStatus.UNPROCESSABLE_ENTITY
WHY = "Rapat darurat banjir; pergeseran sudah diusulkan."


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def of(session: Session) -> Around:
    """An agency with 50.000 left on its line, that lets its approver decide above it."""
    of = around(session, ceiling=2_000_000, line=150_000)
    with transaction(session):
        session.get_one(Agency, of.agency.id).over_ceiling = OverCeiling.EXCEPTION
    approved_order(session, of)
    return of


@pytest.fixture
def approver(app: Flask, session: Session, of: Around) -> Desk:
    return desk_of(app, session, of.approver.person_id)


def address(number: str) -> str:
    return f"/agency/approvals/{number}"


def test_the_checkout_asks_for_the_reason_beside_the_sum_and_keeps_what_was_typed(
    app: Flask, session: Session, of: Around
) -> None:
    buyer = desk_of(app, session, of.buyer.person_id)
    variant_id = listed_variant(session, seller=of.shop, price=80_000)
    with transaction(session):
        cart.add(session, CartOwner(person_id=of.buyer.person_id), variant_id, 1, now=NOON)
    form = form_to(buyer.client.get("/checkout"), "/checkout")
    typed = {"expense_account": "5.1.02.01.01.0052", "activity_code": "1.02.02.2.02"}
    refused = buyer.client.post(form.action, data=form.filled(**typed, purpose="Rapat darurat"))
    assert refused.status_code == UNPROCESSABLE
    assert "Lewat pagu Rp30.000" in refused.text
    assert 'id="exception_reason-error"' in refused.text
    assert ">Rapat darurat</textarea>" in refused.text.replace("\r\n", "")
    again = form_to(refused, "/checkout")
    sent = buyer.client.post(again.action, data=again.filled(exception_reason=WHY))
    assert sent.status_code == HTTPStatus.SEE_OTHER
    session.rollback()
    order = session.query(Order).order_by(Order.id.desc()).first()
    assert order is not None
    assert order.exception_reason == WHY


def test_within_the_budget_no_reason_is_asked_for(app: Flask, session: Session, of: Around) -> None:
    buyer = desk_of(app, session, of.buyer.person_id)
    variant_id = listed_variant(session, seller=of.shop, price=50_000)
    with transaction(session):
        cart.add(session, CartOwner(person_id=of.buyer.person_id), variant_id, 1, now=NOON)
    assert "exception_reason" not in form_to(buyer.client.get("/checkout"), "/checkout")


def test_the_approver_has_to_say_so_knowingly(session: Session, approver: Desk, of: Around) -> None:
    number = placed_order(session, of, exception_reason=WHY)
    page = approver.see(address(number))
    assert "Rp50.000 di atas pagu" in page
    assert WHY in page
    refused = approver.send(address(number), address(number), decision="approve")
    assert refused.status_code == UNPROCESSABLE
    assert 'id="accepts_over-error"' in refused.text
    assert found(session, number).status is OrderStatus.SUBMITTED
    session.rollback()
    approver.send(address(number), address(number), decision="approve", accepts_over="y")
    order = found(session, number)
    assert (order.status, order.over_ceiling_amount) == (OrderStatus.APPROVED, 50_000)
    assert "Disetujui Rp50.000 di atas pagu" in approver.see(f"/agency/orders/{number}")


def test_who_accepted_less_than_it_is_by_now_is_told_and_sees_the_new_amount(
    session: Session, approver: Desk, of: Around
) -> None:
    number, other = (placed_order(session, of, exception_reason=WHY) for _ in range(2))
    form = approver.form(address(number), address(number))
    approver.send(address(other), address(other), decision="approve", accepts_over="y")
    late = approver.client.post(form.action, data=form.filled(decision="approve", accepts_over="y"))
    assert late.status_code == HTTPStatus.CONFLICT
    assert "Kelebihannya kini Rp150.000" in late.text
    assert "Rp150.000 di atas pagu" in late.text
    again = form_to(late, address(number))
    assert again["over_amount"] == "150000"
    assert "accepts_over" not in again
    assert found(session, number).status is OrderStatus.SUBMITTED


def test_quota_and_budget_say_in_words_what_is_exceeded(
    app: Flask, session: Session, approver: Desk, of: Around
) -> None:
    officer = staff(app, session, Role.PROCUREMENT)
    assert "terlampaui" not in officer.see("/agency/quota")
    number = placed_order(session, of, exception_reason=WHY)
    approver.send(address(number), address(number), decision="approve", accepts_over="y")
    quota = officer.see("/agency/quota")
    assert "Ada rincian yang terlampaui" in quota
    assert "Makanan dan Minuman Rapat lewat Rp50.000." in quota
    assert "diteruskan ke penyetuju bila pemohon memberi alasan" in officer.see("/agency/budget")


def test_the_city_chooses_for_an_agency(app: Flask, session: Session, of: Around) -> None:
    admin = desk_of(app, session, signed_up(session, Role.CITY_ADMIN, CITY).person_id)
    page = f"/city/agencies/{of.agency.code}"
    act = f"{page}/over-ceiling"
    assert admin.form(page, act)["over_ceiling"] == "exception"
    admin.send(page, act, over_ceiling="refuse")
    session.rollback()
    unit = session.get_one(Agency, of.agency.id, populate_existing=True)
    assert unit.over_ceiling is OverCeiling.REFUSE
    assert admin.send(page, act, over_ceiling="whatever").status_code == HTTPStatus.NOT_FOUND
