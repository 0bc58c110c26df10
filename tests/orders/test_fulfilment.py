"""Goods: taken on, sent, received, given up, taken back; and the stock that they are."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.catalog import capacity
from storefront.catalog.models import Product
from storefront.core.database import transaction
from storefront.core.outbox import OutboxMessage
from storefront.core.permissions import SYSTEM
from storefront.orders import agency_payments, fulfilment
from storefront.orders.fulfilment import MoreThanLeft, NoPieces, TrackingTooLong
from storefront.orders.lifecycle import ReasonNeeded, apply
from storefront.orders.models import FulfilmentStatus, OrderStatus, PaymentStatus
from storefront.orders.transitions import IllegalTransition
from storefront.orders.words import Event
from storefront.quota.models import Fund
from storefront.sellers.models import Seller
from tests.factories import NOON, listed_variant
from tests.factories_orders import (
    TODAY,
    Around,
    approved_order,
    around,
    found,
    paid_order,
    placed_order,
    proof,
    received_order,
)
from tests.orders.stocks import movements_add_up, pieces_left


@pytest.fixture
def of(session: Session) -> Around:
    return around(session)


@pytest.fixture
def accepted(session: Session, of: Around) -> str:
    """An official order of 10 and 5 pieces that its seller took on."""
    number = approved_order(session, of, quantities=(10, 5))
    with transaction(session):
        fulfilment.accept(session, of.seller, number, now=NOON)
    return number


def topics(session: Session) -> set[str]:
    return set(session.scalars(select(OutboxMessage.topic)))


def test_a_declined_order_returns_its_stock_once(session: Session, of: Around) -> None:
    number = approved_order(session, of, quantities=(10, 5))
    with transaction(session):
        fulfilment.decline(session, of.seller, number, reason="Bahan habis", now=NOON)
    with pytest.raises(IllegalTransition), transaction(session):
        fulfilment.cancel(session, of.buyer, number, now=NOON)
    assert pieces_left(session, number) == [10, 5]
    assert movements_add_up(session)


def test_a_seller_who_declines_says_why(session: Session, of: Around) -> None:
    number = approved_order(session, of)
    with pytest.raises(ReasonNeeded), transaction(session):
        fulfilment.decline(session, of.seller, number, reason="", now=NOON)


def test_a_paid_personal_order_that_is_declined_is_due_back_whole(
    session: Session, of: Around
) -> None:
    number = paid_order(session, of)
    with transaction(session):
        fulfilment.decline(session, of.seller, number, reason="Bahan habis", now=NOON)
    assert found(session, number).status is OrderStatus.DECLINED
    assert pieces_left(session, number) == [10]
    assert "refund_due" in topics(session)


def test_an_official_order_owes_no_refund(session: Session, of: Around) -> None:
    number = approved_order(session, of)
    with transaction(session):
        fulfilment.cancel(session, of.buyer, number, now=NOON)
    assert "refund_due" not in topics(session)


def test_cancelled_while_payment_is_under_way_the_stock_stays_held(
    session: Session, of: Around
) -> None:
    number = placed_order(session, of, fund=Fund.PERSONAL)
    with transaction(session):
        fulfilment.cancel(session, of.buyer, number, now=NOON)
    assert pieces_left(session, number) == [0]
    with transaction(session):
        apply(session, SYSTEM, found(session, number), Event.EXPIRE, now=NOON)
    assert pieces_left(session, number) == [10]
    order = found(session, number)
    assert (order.status, order.payment_status) == (
        OrderStatus.CANCELLED,
        PaymentStatus.UNPAID,
    )


def test_a_payment_session_that_ends_unpaid_frees_the_stock(session: Session, of: Around) -> None:
    number = placed_order(session, of, fund=Fund.PERSONAL)
    with transaction(session):
        apply(session, SYSTEM, found(session, number), Event.EXPIRE, now=NOON)
    assert pieces_left(session, number) == [10]
    assert found(session, number).status is OrderStatus.EXPIRED


def test_what_is_shipped_can_no_longer_be_cancelled(
    session: Session, of: Around, accepted: str
) -> None:
    with transaction(session):
        fulfilment.ship(session, of.seller, accepted, now=NOON)
    with pytest.raises(IllegalTransition, match="sedang dikirim"), transaction(session):
        fulfilment.cancel(session, of.buyer, accepted, now=NOON)


def test_goods_are_sent_and_received_in_parts(session: Session, of: Around, accepted: str) -> None:
    seen = []

    def note() -> None:
        seen.append(found(session, accepted).fulfilment_status)

    with transaction(session):
        fulfilment.ship(session, of.seller, accepted, pieces={1: 10}, tracking="JNE 123", now=NOON)
    note()
    with transaction(session):
        fulfilment.receive(session, of.buyer, accepted, pieces={1: 4}, now=NOON)
    note()
    with transaction(session):
        fulfilment.ship(session, of.seller, accepted, now=NOON)
    note()
    with transaction(session):
        fulfilment.receive(session, of.buyer, accepted, now=NOON)
    note()
    assert seen == [
        FulfilmentStatus.PARTIALLY_SHIPPED,
        FulfilmentStatus.PARTIALLY_RECEIVED,
        FulfilmentStatus.PARTIALLY_RECEIVED,
        FulfilmentStatus.RECEIVED,
    ]
    assert found(session, accepted).tracking == "JNE 123"


def sold(session: Session) -> list[int]:
    return sorted(session.scalars(select(Product.sold_count).where(Product.sold_count > 0)))


def test_what_came_whole_counts_as_sold_once(session: Session, of: Around, accepted: str) -> None:
    with transaction(session):
        fulfilment.ship(session, of.seller, accepted, pieces={1: 10}, now=NOON)
        fulfilment.receive(session, of.buyer, accepted, now=NOON)
    assert sold(session) == []
    with transaction(session):
        fulfilment.close_rest(session, of.buyer, accepted, reason="Habis", now=NOON)
    assert sold(session) == [10]
    with transaction(session):
        agency_payments.pay(session, of.treasurer, accepted, proof=proof(100_000), now=NOON)
    assert found(session, accepted).status is OrderStatus.COMPLETED
    assert sold(session) == [10]


def test_a_shop_is_new_from_the_first_order_it_took_on(session: Session, of: Around) -> None:
    first, second = (approved_order(session, of) for _ in range(2))

    def since() -> datetime | None:
        return session.scalars(
            select(Seller.first_order_at).where(Seller.id == found(session, first).seller_id)
        ).one()

    assert since() is None
    for number, now in ((first, NOON), (second, NOON + timedelta(days=1))):
        with transaction(session):
            fulfilment.accept(session, of.seller, number, now=now)
        assert since() == NOON


@pytest.mark.parametrize("pieces", [{1: 11}, {2: -1}])
def test_no_more_is_sent_than_was_ordered(
    session: Session, of: Around, accepted: str, pieces: dict[int, int]
) -> None:
    with pytest.raises(MoreThanLeft), transaction(session):
        fulfilment.ship(session, of.seller, accepted, pieces=pieces, now=NOON)


def test_no_more_is_received_than_was_sent(session: Session, of: Around, accepted: str) -> None:
    with transaction(session):
        fulfilment.ship(session, of.seller, accepted, pieces={1: 3}, now=NOON)
    with pytest.raises(MoreThanLeft) as refusal, transaction(session):
        fulfilment.receive(session, of.buyer, accepted, pieces={1: 4}, now=NOON)
    assert refusal.value.details["left"] == 3


def test_receiving_nothing_is_no_receipt(session: Session, of: Around, accepted: str) -> None:
    with transaction(session):
        fulfilment.ship(session, of.seller, accepted, pieces={1: 3}, now=NOON)
        fulfilment.receive(session, of.buyer, accepted, now=NOON)
    with pytest.raises(NoPieces), transaction(session):
        fulfilment.receive(session, of.buyer, accepted, now=NOON)


def test_what_says_where_the_parcel_is_has_a_longest_length(
    session: Session, of: Around, accepted: str
) -> None:
    with pytest.raises(TrackingTooLong), transaction(session):
        fulfilment.ship(session, of.seller, accepted, tracking="x" * 201, now=NOON)


def test_bast_numbers_have_no_gaps_per_agency_and_year(session: Session, of: Around) -> None:
    numbers = [received_order(session, of, approved_order(session, of)) for _ in range(2)]
    other = around(session, code="1.01.01")
    numbers.append(received_order(session, other, approved_order(session, other)))
    assert [found(session, number).bast_number for number in numbers] == [
        "BAST/0001/1.02.01/2026",
        "BAST/0002/1.02.01/2026",
        "BAST/0001/1.01.01/2026",
    ]


def test_a_personal_order_has_no_bast(session: Session, of: Around) -> None:
    number = received_order(session, of, paid_order(session, of))
    assert found(session, number).bast_number is None


def test_the_rest_that_will_not_come_goes_back_to_stock(
    session: Session, of: Around, accepted: str
) -> None:
    with transaction(session):
        fulfilment.ship(session, of.seller, accepted, pieces={1: 4}, now=NOON)
        fulfilment.close_rest(session, of.buyer, accepted, reason="Cukup", now=NOON)
    assert pieces_left(session, accepted) == [6, 5]
    assert found(session, accepted).fulfilment_status is FulfilmentStatus.SHIPPED
    with transaction(session):
        fulfilment.receive(session, of.buyer, accepted, now=NOON)
    assert found(session, accepted).fulfilment_status is FulfilmentStatus.RECEIVED
    assert movements_add_up(session)


def test_an_order_of_which_nothing_was_sent_is_cancelled_not_closed(
    session: Session, of: Around, accepted: str
) -> None:
    with pytest.raises(IllegalTransition), transaction(session):
        fulfilment.close_rest(session, of.buyer, accepted, now=NOON)
    assert pieces_left(session, accepted) == [0, 0]


def test_goods_that_came_back_whole_end_the_order(
    session: Session, of: Around, accepted: str
) -> None:
    with transaction(session):
        fulfilment.ship(session, of.seller, accepted, now=NOON)
        fulfilment.receive(session, of.buyer, accepted, now=NOON)
        fulfilment.take_back(session, of.seller, accepted, now=NOON)
    order = found(session, accepted)
    assert (order.status, order.fulfilment_status) == (
        OrderStatus.CANCELLED,
        FulfilmentStatus.RETURNED,
    )
    assert pieces_left(session, accepted) == [0, 0], "the seller counts what can be sold again"


def test_the_rest_is_closed_after_all_that_came_went_back(
    session: Session, of: Around, accepted: str
) -> None:
    with transaction(session):
        fulfilment.ship(session, of.seller, accepted, pieces={1: 4}, now=NOON)
        fulfilment.receive(session, of.buyer, accepted, now=NOON)
        fulfilment.take_back(session, of.seller, accepted, now=NOON)
        fulfilment.close_rest(session, of.seller, accepted, now=NOON)
    order = found(session, accepted)
    assert (order.status, order.fulfilment_status) == (
        OrderStatus.CANCELLED,
        FulfilmentStatus.RETURNED,
    )


def test_a_personal_order_of_which_part_came_back_owes_that_part(
    session: Session, of: Around
) -> None:
    number = received_order(session, of, paid_order(session, of, quantities=(10,)))
    with transaction(session):
        fulfilment.take_back(session, of.seller, number, pieces={1: 3}, now=NOON)
    order = found(session, number)
    assert (order.status, order.agreed_amount) == (OrderStatus.COMPLETED, 70_000)
    assert "refund_due" in topics(session)


def test_a_day_of_work_that_is_not_needed_is_free_again(session: Session, of: Around) -> None:
    """What is made to order holds no stock but the capacity of its day."""
    variant_id = listed_variant(session, seller=of.shop, daily_capacity=20)
    number = approved_order(session, of, quantities=(2,), deliver_on=TODAY)
    with transaction(session):
        order = found(session, number)
        order.lines[0].is_counted = False
        order.lines[0].variant_id = variant_id
        capacity.take_day(session, {variant_id: 2}, day=TODAY)
    assert capacity.left_on(session, [variant_id], TODAY) == {variant_id: 18}
    with transaction(session):
        fulfilment.decline(session, of.seller, number, reason="Dapur tutup", now=NOON)
    assert capacity.left_on(session, [variant_id], TODAY) == {variant_id: 20}
