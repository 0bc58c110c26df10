"""What the front page says of this month, and what an agency's first page says of its orders."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from storefront.core.database import transaction
from storefront.core.errors import NotFound
from storefront.orders import fulfilment
from storefront.orders.agency_payments import pay
from storefront.quota.models import Fund
from storefront.reports.agency_orders import Waiting, agency_orders
from storefront.reports.front import front_figure
from storefront.sellers.models import SellerClass
from tests.factories import NOON, agency
from tests.factories_orders import (
    Around,
    approved_order,
    around,
    placed_order,
    proof,
    received_order,
)
from tests.reports.made import booked

TODAY = NOON.date()


def paid(session: Session, of: Around, *, price: int) -> None:
    order = approved_order(session, of, quantities=[1], price=price)
    received_order(session, of, order)
    with transaction(session):
        pay(session, of.treasurer, order, proof=proof(price), now=NOON)


def test_it_is_official_money_that_reached_sellers_whose_class_counts(session: Session) -> None:
    first = around(session)
    second = around(session, code="1.01.01")
    paid(session, first, price=30_000)
    paid(session, first, price=20_000)
    paid(session, second, price=7_000)
    booked(session, realised=1_000, seller_class=SellerClass.SMALL, day=TODAY)
    booked(session, realised=1_000, fund=Fund.PERSONAL, day=TODAY)
    figure = front_figure(session, today=TODAY)
    assert (figure.this_month.realised_amount, figure.this_month.sellers) == (57_000, 2)
    assert (figure.month_before.sellers, figure.more_sellers) == (0, 2)


def test_the_month_before_stands_beside(session: Session) -> None:
    booked(session, realised=5, day=date(2026, 10, 30))
    figure = front_figure(session, today=TODAY)
    assert (figure.month_before.month, figure.month_before.realised_amount) == ("2026-10", 5)


def test_an_agencys_open_orders_stand_by_whose_turn_it_is(session: Session) -> None:
    of = around(session)
    placed_order(session, of, quantities=[1], price=1_000)
    approved_order(session, of, quantities=[1], price=20_000)
    accepted = approved_order(session, of, quantities=[1], price=300_000)
    with transaction(session):
        fulfilment.accept(session, of.seller, accepted, now=NOON)
    received_order(session, of, approved_order(session, of, quantities=[1], price=4_000))
    paid(session, of, price=50_000)
    found = agency_orders(session, of.agency.code)
    assert found.to_decide == Waiting(1, 1_000)
    assert found.to_accept == Waiting(1, 20_000)
    assert found.on_the_way == Waiting(1, 300_000)
    assert found.to_pay == Waiting(1, 4_000)


def test_an_agency_without_orders_waits_for_nothing(session: Session) -> None:
    agency(session)
    assert agency_orders(session, "1.02.01").to_pay == Waiting(0, 0)
    with pytest.raises(NotFound):
        agency_orders(session, "9.99")
