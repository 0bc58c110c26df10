"""What a shop sold, earned and is owed; what waits for it."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from storefront.core.database import transaction
from storefront.core.errors import NotAllowed
from storefront.core.permissions import SYSTEM
from storefront.orders import fulfilment, refunds
from storefront.orders.agency_payments import pay
from storefront.orders.month_buckets import last_months, months_of_year
from storefront.orders.seller_desk import MOST_SHOWN, handovers, waiting_orders
from storefront.orders.seller_money import list_payments, money_by_month, open_invoices
from storefront.orders.seller_sales import count_unsold, sales_by_month, sales_by_product
from storefront.payments.models import RefundOrigin
from storefront.payments.refunds import record_refund_done, request_refund
from tests.conftest import CountSelects
from tests.factories import NOON, listed_variant, shop, shop_actor
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
from tests.payments.made import seen, settled

NOVEMBER, YEAR = ["2026-11"], months_of_year(2026)
LAST_SECOND = datetime(2026, 10, 31, 16, 59, 59, tzinfo=UTC)
"""Of October, by the clock in Jakarta."""


@pytest.fixture
def of(session: Session) -> Around:
    return around(session)


def test_months_go_back_over_the_year() -> None:
    assert last_months(date(2026, 2, 28), 4) == ["2025-11", "2025-12", "2026-01", "2026-02"]


class TestSales:
    def test_both_funds_are_added_up_by_the_month_they_reached_the_seller(
        self, session: Session, of: Around
    ) -> None:
        approved_order(session, of, quantities=(10,))
        paid_order(session, of, quantities=(3,))
        months = sales_by_month(session, of.seller, of.shop.id, months=["2026-10", "2026-11"])
        assert [(one.month, one.orders, one.pieces) for one in months] == [
            ("2026-10", 0, 0),
            ("2026-11", 2, 13),
        ]
        assert (months[1].amount, months[1].official_amount) == (130_000, 100_000)

    def test_a_month_ends_by_the_clock_in_jakarta(self, session: Session, of: Around) -> None:
        paid_order(session, of, now=LAST_SECOND)
        paid_order(session, of, now=LAST_SECOND + timedelta(seconds=1))
        months = sales_by_month(session, of.seller, of.shop.id, months=["2026-10", "2026-11"])
        assert [one.orders for one in months] == [1, 1]

    def test_what_was_not_agreed_or_did_not_stay_is_no_sale(
        self, session: Session, of: Around
    ) -> None:
        placed_order(session, of)
        declined = approved_order(session, of)
        kept = received_order(session, of, approved_order(session, of, quantities=(5,)))
        with transaction(session):
            fulfilment.decline(session, of.seller, declined, reason="Habis.", now=NOON)
            fulfilment.take_back(session, of.seller, kept, pieces={1: 2}, now=NOON)
        (month,) = sales_by_month(session, of.seller, of.shop.id, months=NOVEMBER)
        assert (month.orders, month.pieces, month.amount) == (1, 3, 30_000)

    def test_products_stand_by_what_they_brought(self, session: Session, of: Around) -> None:
        dear = listed_variant(session, seller=of.shop, stock=50, price=90_000, name="Batik")
        cheap = listed_variant(session, seller=of.shop, stock=50, price=10_000, name="Kopi")
        approved_order(session, of, variants=[cheap], quantities=(4,))
        paid_order(session, of, variants=[cheap], quantities=(3,))
        approved_order(session, of, variants=[dear], quantities=(2,), price=90_000)
        rows = sales_by_product(session, of.seller, of.shop.id, months=NOVEMBER)
        assert [(row.name, row.orders, row.pieces, row.amount) for row in rows] == [
            ("Batik", 1, 2, 180_000),
            ("Kopi", 2, 7, 70_000),
        ]

    def test_what_nobody_bought_is_counted(self, session: Session, of: Around) -> None:
        approved_order(session, of)
        listed_variant(session, seller=of.shop)
        assert count_unsold(session, of.seller, of.shop.id, months=NOVEMBER) == 1
        assert count_unsold(session, of.seller, of.shop.id, months=["2026-10"]) == 2


class TestMoney:
    def test_a_month_holds_what_came_by_the_day_of_the_proof(
        self, session: Session, of: Around
    ) -> None:
        number = received_order(session, of, approved_order(session, of))
        with transaction(session):
            paid = proof(100_000, withheld=1_500, on=NOON.date())
            pay(session, of.treasurer, number, proof=paid, now=NOON + timedelta(days=30))
        paid_order(session, of, quantities=(2,))
        (month,) = money_by_month(session, of.seller, of.shop.id, months=NOVEMBER)
        assert (month.agency_amount, month.withheld_amount) == (100_000, 1_500)
        assert (month.personal_amount, month.net_amount) == (20_000, 118_500)

    def test_another_shops_money_is_its_own(self, session: Session, of: Around) -> None:
        number = received_order(session, of, approved_order(session, of))
        with transaction(session):
            pay(session, of.treasurer, number, proof=proof(100_000), now=NOON)
        other = shop(session)
        keeper = shop_actor(session, other)
        assert money_by_month(session, keeper, other.id, months=NOVEMBER)[0].net_amount == 0
        assert not list_payments(session, keeper, other.id, months=YEAR).rows
        with pytest.raises(NotAllowed):
            money_by_month(session, keeper, of.shop.id, months=NOVEMBER)

    def test_what_went_back_stands_in_its_own_month(self, session: Session, of: Around) -> None:
        number = paid_order(session, of, quantities=(2,), now=LAST_SECOND)
        charged = settled(session, reference=number[:-2], amount=20_000, now=LAST_SECOND)
        with transaction(session):
            fulfilment.decline(session, of.seller, number, reason="Habis.", now=NOON)
            asked = request_refund(
                session, payment=charged, reference=number, cause="decline", amount=20_000, now=NOON
            )
            done = seen(amount=20_000, origin=RefundOrigin.STORE, key=asked.idempotency_key)
            record_refund_done(session, refund=asked, state=done, now=NOON)
            refunds.record_refund(session, found(session, number), amount=20_000, now=NOON)
        months = ["2026-10", "2026-11"]
        october, november = money_by_month(session, of.seller, of.shop.id, months=months)
        assert (october.personal_amount, october.refunded_amount) == (20_000, 0)
        assert (november.personal_amount, november.refunded_amount) == (0, 20_000)
        assert november.net_amount == -20_000

    def test_what_is_owed_stands_by_age_until_it_is_paid(
        self, session: Session, of: Around
    ) -> None:
        young = received_order(session, of, approved_order(session, of))
        old_at = NOON - timedelta(days=9)
        old = received_order(
            session, of, approved_order(session, of, quantities=(3,), now=old_at), now=old_at
        )
        invoices = open_invoices(session, of.seller, of.shop.id)
        assert [row.order_number for row in invoices.page.rows] == [old, young]
        assert invoices.page.rows[0].days_open(NOON.date()) == 9
        assert invoices.total_amount == 130_000
        with transaction(session):
            pay(session, of.treasurer, old, proof=proof(10_000), now=NOON)
        assert open_invoices(session, of.seller, of.shop.id).total_amount == 120_000

    def test_payments_are_listed_by_page(self, session: Session, of: Around) -> None:
        number = received_order(session, of, approved_order(session, of))
        with transaction(session):
            pay(session, of.treasurer, number, proof=proof(40_000, withheld=600), now=NOON)
            pay(session, of.treasurer, number, proof=proof(60_000), now=NOON)
        page = list_payments(session, of.seller, of.shop.id, months=NOVEMBER)
        assert [row.net_amount for row in page.rows] == [60_000, 39_400]
        assert not list_payments(session, of.seller, of.shop.id, months=["2026-10"]).rows


class TestTheDesk:
    def test_the_nearest_delivery_day_comes_first(self, session: Session, of: Around) -> None:
        late = approved_order(session, of, deliver_on=date(2026, 11, 20))
        none = approved_order(session, of, deliver_on=None)
        soon = approved_order(session, of, deliver_on=date(2026, 11, 16))
        with transaction(session):
            fulfilment.accept(session, of.seller, soon, now=NOON)
        rows = waiting_orders(session, of.seller, of.shop.id)
        assert [row.number for row in rows] == [soon, late, none]

    def test_what_is_with_others_does_not_wait(self, session: Session, of: Around) -> None:
        placed_order(session, of)
        received_order(session, of, approved_order(session, of))
        assert not waiting_orders(session, of.seller, of.shop.id)

    def test_it_asks_the_same_for_many(
        self, session: Session, of: Around, count_selects: CountSelects
    ) -> None:
        for _order in range(MOST_SHOWN + 1):
            approved_order(session, of)
        with count_selects() as selects:
            rows = waiting_orders(session, of.seller, of.shop.id)
            where = handovers(session, rows)
        assert len(rows) == len(where) == MOST_SHOWN
        assert len(selects) == 3
        assert where[rows[0].number].address == "Jl. Supratman No. 73"

    def test_it_is_the_shops_own(self, session: Session, of: Around) -> None:
        with pytest.raises(NotAllowed):
            waiting_orders(session, shop_actor(session, shop(session)), of.shop.id)
        assert waiting_orders(session, of.seller, of.shop.id) == ()


def test_nobody_reads_sales_without_the_shop(session: Session, of: Around) -> None:
    for read in (sales_by_month, sales_by_product, count_unsold):
        with pytest.raises(NotAllowed):
            read(session, SYSTEM, of.shop.id, months=NOVEMBER)
