"""The order export, row by row."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy.orm import Session

from storefront.core.database import transaction
from storefront.orders import fulfilment
from storefront.orders.agency_payments import pay
from tests.conftest import CountSelects
from tests.exports.made import LEDGER, ORDERS, Exporter
from tests.factories_orders import (
    Around,
    approved_order,
    around,
    paid_order,
    placed_order,
    proof,
    received_order,
)

CONTRACT = (
    "order_number, purchase_number, fund, status, placed_at, fiscal_year, agency_code, agency_name,"
    " parent_agency_code, buyer_nip, buyer_name, seller_id, seller_name, seller_class, seller_nib,"
    " seller_npwp, channel, outlet_code, sku, product_name, category, unit, quantity, unit_price,"
    " line_total, tax_total, delivery_total, order_total, quota_amount, quota_status,"
    " expense_account, activity_code, approved_by, approved_at, received_at, bast_number,"
    " payment_method, payment_status, fulfilment_status, paid_at, refunded_total, withheld_tax,"
    " ledger_position_first, ledger_position_last"
)


@pytest.fixture
def of(session: Session) -> Around:
    return around(session)


def paid_by_agency(session: Session, of: Around, number: str, gross: int) -> None:
    with transaction(session):
        pay(session, of.treasurer, number, proof=proof(gross), now=NOW)


NOW = datetime(2026, 11, 12, 5, 0, tzinfo=UTC)


def test_the_columns_are_those_of_the_contract_in_its_order(
    session: Session, of: Around, exporter: Exporter
) -> None:
    approved_order(session, of)
    assert ", ".join(exporter.rows(ORDERS)[0]) == CONTRACT
    assert ", ".join(exporter.write(ORDERS).columns) == CONTRACT


def test_a_row_tells_what_was_ordered_by_whom_for_whom(
    session: Session, of: Around, exporter: Exporter
) -> None:
    number = received_order(session, of, approved_order(session, of, quantities=[3], price=15_000))
    paid_by_agency(session, of, number, 45_000)
    (row,) = exporter.rows(ORDERS)
    expected = {
        "order_number": number,
        "purchase_number": number[:12],
        "fund": "official",
        "status": "completed",
        "placed_at": "2026-11-12T12:00:00+07:00",
        "fiscal_year": "2026",
        "agency_code": of.agency.code,
        "parent_agency_code": "",
        "buyer_nip": of.placement.nip,
        "seller_class": "micro",
        "quantity": "3",
        "unit_price": "15000",
        "line_total": "45000",
        "order_total": "45000",
        "quota_amount": "45000",
        "quota_status": "realised",
        "payment_status": "paid",
        "fulfilment_status": "received",
        "ledger_position_first": "1",
        "ledger_position_last": "2",
    }
    assert {name: row[name] for name in expected} == expected


def test_shares_of_an_order_add_up_to_the_whole_and_only_its_total_repeats(
    session: Session, of: Around, exporter: Exporter
) -> None:
    approved_order(session, of, quantities=[1, 1, 1], price=10_000, delivery_amount=10_000)
    rows = exporter.rows(ORDERS)
    assert [row["delivery_total"] for row in rows] == ["3334", "3333", "3333"]
    assert sum(int(row["quota_amount"]) for row in rows) == 40_000
    assert [row["order_total"] for row in rows] == ["40000"] * 3
    totals = exporter.write(ORDERS).totals
    assert (totals["order_total"], totals["quota_amount"]) == (40_000, 40_000)


def test_the_status_follows_what_an_orders_entries_sum_to(
    session: Session, of: Around, exporter: Exporter
) -> None:
    numbers = [placed_order(session, of), approved_order(session, of)]
    partly = approved_order(session, of, quantities=[10])
    with transaction(session):
        fulfilment.accept(session, of.seller, partly, now=NOW)
        fulfilment.ship(session, of.seller, partly, now=NOW)
        fulfilment.receive(session, of.buyer, partly, pieces={1: 4}, now=NOW)
    paid_by_agency(session, of, partly, 40_000)
    declined = approved_order(session, of)
    with transaction(session):
        fulfilment.decline(session, of.seller, declined, reason="habis", now=NOW)
    taken_back = received_order(session, of, approved_order(session, of))
    paid_by_agency(session, of, taken_back, 100_000)
    with transaction(session):
        fulfilment.take_back(session, of.seller, taken_back, now=NOW)
    status = {row["order_number"]: row["quota_status"] for row in exporter.rows(ORDERS)}
    told = [status[number] for number in [*numbers, partly, declined, taken_back]]
    assert told == ["none", "committed", "partial", "none", "reversed"]


def test_what_is_bought_privately_never_leaves(
    session: Session, of: Around, exporter: Exporter
) -> None:
    received_order(session, of, paid_order(session, of))
    assert exporter.rows(ORDERS) == []
    assert exporter.rows(LEDGER) == []
    assert exporter.rows(ORDERS, agency_code=None) == []


def test_another_agencys_orders_and_another_years_are_not_in_it(
    session: Session, of: Around, exporter: Exporter
) -> None:
    approved_order(session, around(session, code="1.01.01"))
    number = approved_order(session, of)
    assert [row["order_number"] for row in exporter.rows(ORDERS)] == [number]
    assert exporter.rows(ORDERS, year=2027) == []
    assert len(exporter.rows(ORDERS, agency_code=None)) == 2


def test_from_and_to_are_days_of_jakarta_both_included(
    session: Session, of: Around, exporter: Exporter
) -> None:
    late_in_the_evening = datetime(2026, 10, 31, 16, 59, 59, tzinfo=UTC)
    midnight = datetime(2026, 10, 31, 17, 0, tzinfo=UTC)
    on_the_31st = placed_order(session, of, now=late_in_the_evening)
    on_the_1st = placed_order(session, of, now=midnight)
    october = exporter.rows(ORDERS, last_day=date(2026, 10, 31))
    november = exporter.rows(ORDERS, first_day=date(2026, 11, 1), last_day=date(2026, 11, 1))
    assert [row["order_number"] for row in october] == [on_the_31st]
    assert [row["order_number"] for row in november] == [on_the_1st]


def test_more_orders_are_no_more_questions(
    session: Session, of: Around, exporter: Exporter, count_selects: CountSelects
) -> None:
    approved_order(session, of)
    exporter.write(ORDERS)
    with count_selects() as with_one:
        exporter.write(ORDERS)
    for _ in range(3):
        approved_order(session, of, quantities=[1, 2])
    exporter.write(ORDERS)
    with count_selects() as with_four:
        exporter.write(ORDERS)
    assert len(with_four) == len(with_one)
