"""Money that went back at the gateway's side, divided among orders by the city."""

from collections.abc import Iterator
from http import HTTPStatus

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from storefront.core.audit import AuditEntry
from storefront.core.database import transaction
from storefront.core.permissions import CITY, Role
from storefront.payments.models import GatewayRefund
from storefront.payments.refunds import record_refund_seen
from tests.conftest import CountSelects
from tests.factories import NOON, signed_up
from tests.factories_orders import Around, around, found, paid_order
from tests.payments.made import seen, settled
from tests.web.offices import Desk, desk_of

UNPROCESSABLE = HTTPStatus.UNPROCESSABLE_ENTITY


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def of(session: Session) -> Around:
    return around(session)


@pytest.fixture
def admin(app: Flask, session: Session) -> Desk:
    return desk_of(app, session, signed_up(session, Role.CITY_ADMIN, CITY).person_id)


def held(session: Session, of: Around, amount: int = 4_000) -> tuple[str, GatewayRefund]:
    """A private order of 100.000, and a refund made at the gateway that waits."""
    number = paid_order(session, of)
    payment = settled(session, reference=number.rpartition("-")[0], amount=100_000)
    with transaction(session):
        refund = record_refund_seen(session, payment=payment, state=seen(amount=amount), now=NOON)
    assert refund
    return number, refund


def divide(desk: Desk, refund: GatewayRefund, number: str, typed: str) -> TestResponse:
    field = f"refund-{refund.id}-{number}"
    return desk.send("/city/refunds", f"/city/refunds/{refund.id}", **{field: typed})


def refunded(session: Session, number: str) -> int:
    session.rollback()
    session.expire_all()
    return found(session, number).refunded_amount


def test_an_allocated_refund_moves_its_order(session: Session, of: Around, admin: Desk) -> None:
    number, refund = held(session, of)
    answer = divide(admin, refund, number, "4.000")
    assert answer.status_code == HTTPStatus.SEE_OTHER
    assert refunded(session, number) == 4_000
    assert "Tidak ada dana yang tertahan" in admin.see("/city/refunds")


def test_shares_that_do_not_add_up_are_told_beside_the_field(
    session: Session, of: Around, admin: Desk
) -> None:
    number, refund = held(session, of)
    answer = divide(admin, refund, number, "3.000")
    assert answer.status_code == UNPROCESSABLE
    assert "harus Rp4.000" in answer.text
    assert 'value="3.000"' in answer.text
    assert refunded(session, number) == 0


@pytest.mark.parametrize("typed", ["", "empat ribu", "-4000"])
def test_what_is_no_sum_is_refused_and_nothing_moves(
    session: Session, of: Around, admin: Desk, typed: str
) -> None:
    number, refund = held(session, of)
    assert divide(admin, refund, number, typed).status_code == UNPROCESSABLE
    assert refunded(session, number) == 0


def test_an_allocation_is_noted_without_what_was_bought(
    session: Session, of: Around, admin: Desk
) -> None:
    number, refund = held(session, of)
    divide(admin, refund, number, "4.000")
    session.rollback()
    entry = session.scalars(select(AuditEntry).filter_by(act="refund.allocated")).one()
    assert (entry.person_id, entry.details) == (admin.person_id, "{}")


def test_the_page_names_no_goods_and_no_buyer(session: Session, of: Around, admin: Desk) -> None:
    held(session, of)
    shown = admin.see("/city/refunds")
    assert of.shop.name in shown
    assert "Kopi" not in shown
    assert of.placement.nip not in shown


def test_the_list_costs_the_same_for_many(
    session: Session, of: Around, admin: Desk, count_selects: CountSelects
) -> None:
    number, refund = held(session, of)
    with count_selects() as few:
        admin.see("/city/refunds")
    divide(admin, refund, number, "4.000")
    with count_selects() as none:
        admin.see("/city/refunds")
    assert len(none) <= len(few)
