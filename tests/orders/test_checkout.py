"""Placing a purchase: what it takes, what it freezes, and what refuses it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session, selectinload

from storefront.agencies.approvers import NoApprover
from storefront.agencies.budgets import CeilingReached
from storefront.agencies.models import BudgetYear
from storefront.catalog.capacity import DayFull
from storefront.catalog.models import (
    SHOP_PLACE,
    DayCapacity,
    Product,
    ProductState,
    Stock,
    Variant,
    VariantId,
)
from storefront.catalog.stock import OutOfStock
from storefront.core.database import transaction
from storefront.core.outbox import due
from storefront.core.permissions import Actor, Grant, Role, ScopeKind
from storefront.orders import checkout
from storefront.orders.cart import CartOwner, NoLongerSold
from storefront.orders.cart_view import show_cart
from storefront.orders.checkout import CartChanged, EmptyCart, TotalChanged
from storefront.orders.checkout_request import Wishes
from storefront.orders.delivery import AddressMissing, OutletUnknown, TooEarly, TooLate
from storefront.orders.drafts import PracticeOnly
from storefront.orders.funding import ActivityUnknown, LineUnknown, PurposeMissing
from storefront.orders.models import (
    Delivery,
    FulfilmentStatus,
    Order,
    OrderEvent,
    OrderStatus,
    PaymentStatus,
    Purchase,
)
from storefront.orders.parties import ShopOfOnesOwn
from storefront.quota.models import LedgerEntry
from storefront.sellers.caps import CapReached
from storefront.sellers.models import Seller, SellerClass, SellerState
from tests.conftest import CountSelects
from tests.factories import (
    NOON,
    actor_of,
    agency,
    budget,
    listed_variant,
    placed,
    shop,
)
from tests.orders.checkouts import OFFICIAL, OWN, Buyer, buyer

LOCKS = {
    "SELECT carts": "cart",
    "INSERT INTO purchases": "purchase",
    "INSERT INTO orders": "order",
    "UPDATE stock SET": "variant",
    "UPDATE products SET": "product",
}
ACTIVITY, ACCOUNT = "1.02.02.2.02", "5.1.02.01.01.0052"


@pytest.fixture
def rina(session: Session) -> Buyer:
    return buyer(session)


def stock_of(session: Session, variant_id: VariantId) -> int:
    session.rollback()
    return session.scalars(
        select(Stock.quantity).filter_by(variant_id=variant_id, place=SHOP_PLACE)
    ).one()


def orders_of(session: Session, purchase: Purchase) -> list[Order]:
    session.rollback()
    query = (
        select(Order)
        .filter_by(purchase_id=purchase.id)
        .order_by(Order.position)
        .options(selectinload(Order.lines), selectinload(Order.people))
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(query))


def purchases(session: Session) -> int:
    session.rollback()
    return session.scalars(select(func.count(Purchase.id))).one()


def left_in_cart(session: Session, of: Buyer) -> list[VariantId]:
    session.rollback()
    owner = CartOwner(person_id=of.actor.person_id)
    return [line.offer.variant_id for line in show_cart(session, owner, today=NOON.date()).lines]


def test_a_purchase_holds_one_order_for_each_seller(session: Session, rina: Buyer) -> None:
    euis, mekar = shop(session, "Dapur Bu Euis"), shop(session, "Koperasi Mekar Wargi")
    rice = listed_variant(session, seller=euis, price=27_500)
    cake = listed_variant(session, seller=euis, price=15_000)
    book = listed_variant(session, seller=mekar, price=38_000)
    rina.gathers((rice, 2), (book, 1), (cake, 1))
    purchase = rina.places()
    orders = orders_of(session, purchase)
    assert [(o.number, o.seller_name, o.total_amount) for o in orders] == [
        (f"{purchase.number}-1", "Dapur Bu Euis", 70_000),
        (f"{purchase.number}-2", "Koperasi Mekar Wargi", 38_000),
    ]
    assert purchase.total_amount == 108_000


def test_own_money_waits_for_its_payment(session: Session, rina: Buyer) -> None:
    rina.gathers((listed_variant(session), 1))
    [order] = orders_of(session, rina.places())
    assert (order.status, order.payment_status, order.fulfilment_status) == (
        OrderStatus.PLACED,
        PaymentStatus.PENDING,
        FulfilmentStatus.WAITING,
    )


def test_a_request_waits_for_its_approver_and_commits_nothing(
    session: Session, rina: Buyer
) -> None:
    rina.gathers((listed_variant(session), 1))
    [order] = orders_of(session, rina.places(OFFICIAL))
    assert (order.status, order.payment_status) == (OrderStatus.SUBMITTED, PaymentStatus.UNPAID)
    assert order.approval_agency_id == rina.agency.id
    assert session.scalars(select(func.count(LedgerEntry.id))).one() == 0


def test_the_approvers_are_told_of_a_request(session: Session, rina: Buyer) -> None:
    rina.gathers((listed_variant(session), 1))
    purchase = rina.places(OFFICIAL)
    told = [(m.topic, m.payload) for m in due(session, now=NOON + timedelta(days=1))]
    assert ("approval_requested", {"order": f"{purchase.number}-1"}) in told


def test_a_seller_hears_nothing_of_what_is_not_paid(session: Session, rina: Buyer) -> None:
    rina.gathers((listed_variant(session), 1))
    rina.places()
    assert [m.topic for m in due(session, now=NOON + timedelta(days=1))] == []


def test_the_first_event_names_the_buyer(session: Session, rina: Buyer) -> None:
    rina.gathers((listed_variant(session), 1))
    [order] = orders_of(session, rina.places())
    [first] = session.scalars(select(OrderEvent).filter_by(order_id=order.id))
    assert (first.seq, first.event, first.person_id) == (1, "place", rina.actor.person_id)


def test_stock_is_taken_under_the_orders_number(session: Session, rina: Buyer) -> None:
    coffee = listed_variant(session, stock=10)
    rina.gathers((coffee, 4))
    rina.places()
    assert stock_of(session, coffee) == 6


def test_what_was_not_chosen_stays_in_the_cart(session: Session, rina: Buyer) -> None:
    coffee, tea = listed_variant(session), listed_variant(session)
    chosen, _other = rina.gathers((coffee, 1), (tea, 1))
    rina.places(replace(OWN, item_ids=(chosen.id,)))
    assert left_in_cart(session, rina) == [tea]


def test_a_refusal_takes_no_stock_and_leaves_the_cart(session: Session, rina: Buyer) -> None:
    plenty, short = listed_variant(session, stock=10), listed_variant(session, stock=5)
    rina.gathers((plenty, 1), (short, 5))
    seen = rina.quote()
    with transaction(session):
        session.get_one(Stock, (short, SHOP_PLACE)).quantity = 4
    with pytest.raises(OutOfStock) as refusal:
        rina.sends(replace(seen.wanted, expected_total=seen.total_amount))
    assert (refusal.value.details["left"], refusal.value.details["variant_id"]) == (4, short)
    assert stock_of(session, plenty) == 10
    assert left_in_cart(session, rina) == [plenty, short]
    assert purchases(session) == 0


# --- sent twice ---


def test_the_same_checkout_sent_twice_is_one_purchase(session: Session, rina: Buyer) -> None:
    coffee = listed_variant(session, stock=10)
    rina.gathers((coffee, 4))
    seen = rina.quote()
    sent = replace(seen.wanted, expected_total=seen.total_amount)
    assert rina.sends(sent).number == rina.sends(sent).number
    assert (purchases(session), stock_of(session, coffee)) == (1, 6)


def test_sent_twice_without_naming_the_carts_state_it_is_one_purchase_too(
    session: Session, rina: Buyer
) -> None:
    rina.gathers((listed_variant(session, price=15_000), 1))
    sent = replace(OWN, expected_total=15_000)
    assert rina.sends(sent).number == rina.sends(sent).number


def test_a_later_cart_is_another_purchase(session: Session, rina: Buyer) -> None:
    coffee = listed_variant(session)
    rina.gathers((coffee, 1))
    first = rina.places()
    rina.gathers((coffee, 1))
    assert rina.places().number != first.number


def test_a_cart_changed_in_another_tab_is_a_conflict(session: Session, rina: Buyer) -> None:
    coffee = listed_variant(session)
    rina.gathers((coffee, 1))
    seen = rina.quote()
    rina.gathers((coffee, 1))
    with pytest.raises(CartChanged):
        rina.sends(replace(seen.wanted, expected_total=seen.total_amount))


def test_an_empty_cart_cannot_be_sent(rina: Buyer) -> None:
    with pytest.raises(EmptyCart):
        rina.sends(replace(OWN, expected_total=0))


def test_anothers_item_is_not_in_this_cart(session: Session, rina: Buyer) -> None:
    [others] = buyer(session).gathers((listed_variant(session), 1))
    rina.gathers((listed_variant(session), 1))
    with pytest.raises(EmptyCart):
        rina.quote(replace(OWN, item_ids=(others.id,)))


# --- the total ---


@pytest.mark.parametrize("expected", [None, 14_999, 0])
def test_a_total_that_the_buyer_did_not_see_is_a_conflict(
    session: Session, rina: Buyer, expected: int | None
) -> None:
    rina.gathers((listed_variant(session, price=15_000), 1))
    with pytest.raises(TotalChanged) as refusal:
        rina.sends(replace(OWN, expected_total=expected))
    assert refusal.value.total_amount == 15_000


def test_a_price_that_changed_since_the_page_is_a_conflict(session: Session, rina: Buyer) -> None:
    coffee = listed_variant(session, price=15_000)
    rina.gathers((coffee, 1))
    seen = rina.quote()
    with transaction(session):
        session.get_one(Variant, coffee).price_amount = 16_000
    with pytest.raises(TotalChanged):
        rina.sends(replace(seen.wanted, expected_total=seen.total_amount))


def test_a_purchase_of_unheard_of_size_is_refused(
    session: Session, rina: Buyer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkout, "MOST_AMOUNT", 20_000)
    rina.gathers((listed_variant(session, price=15_000), 2))
    with pytest.raises(checkout.TooMuch):
        rina.places()


@pytest.mark.parametrize(
    ("by", "fee"), [(Delivery.OFFICE, 15_000), (Delivery.HOME, 20_000), (Delivery.PICKUP, 0)]
)
def test_each_way_of_delivery_has_the_sellers_fee(
    session: Session, rina: Buyer, by: Delivery, fee: int
) -> None:
    seller = shop(session, office_delivery=15_000, home_delivery=20_000)
    rina.gathers((listed_variant(session, seller=seller, price=100_000), 1))
    wishes = Wishes(delivery=by, outlet_code="OUT-GSM")
    [order] = orders_of(
        session, rina.places(replace(OWN, for_all=wishes, address="Jl. Dago No. 8, Bandung"))
    )
    assert (order.delivery_amount, order.total_amount, order.quota_amount) == (
        fee,
        100_000 + fee,
        100_000 + fee,
    )


def test_from_the_sellers_sum_on_delivery_is_free(session: Session, rina: Buyer) -> None:
    seller = shop(session, office_delivery=15_000, free_from=500_000)
    rina.gathers((listed_variant(session, seller=seller, price=500_000), 1))
    [order] = orders_of(session, rina.places())
    assert order.delivery_amount == 0


def test_a_wish_for_one_order_is_not_one_for_the_other(session: Session, rina: Buyer) -> None:
    euis, mekar = shop(session, office_delivery=15_000), shop(session, office_delivery=15_000)
    rina.gathers(
        (listed_variant(session, seller=euis), 1), (listed_variant(session, seller=mekar), 1)
    )
    by_seller = {mekar.id: Wishes(delivery=Delivery.PICKUP, outlet_code="OUT-MPP", note="pagi")}
    first, second = orders_of(session, rina.places(replace(OWN, by_seller=by_seller)))
    assert (first.delivery, first.outlet_code, first.note) == (Delivery.OFFICE, None, "")
    assert (second.delivery, second.outlet_code, second.note) == (
        Delivery.PICKUP,
        "OUT-MPP",
        "pagi",
    )


def test_a_pickup_names_one_of_the_outlets(session: Session, rina: Buyer) -> None:
    rina.gathers((listed_variant(session), 1))
    with pytest.raises(OutletUnknown):
        rina.places(replace(OWN, for_all=Wishes(delivery=Delivery.PICKUP, outlet_code="OUT-X")))


def test_another_address_must_be_written(session: Session, rina: Buyer) -> None:
    rina.gathers((listed_variant(session), 1))
    with pytest.raises(AddressMissing):
        rina.places(replace(OWN, for_all=Wishes(delivery=Delivery.HOME)))


# --- what is frozen ---


def test_the_sellers_class_is_the_one_verified_that_day(session: Session, rina: Buyer) -> None:
    mekar = shop(session, seller_class=SellerClass.COOPERATIVE)
    rina.gathers((listed_variant(session, seller=mekar), 1))
    [order] = orders_of(session, rina.places())
    assert (order.seller_class, order.seller_nib) == (SellerClass.COOPERATIVE, mekar.nib)
    assert order.seller_class_evidence.startswith("OSS")


def test_an_unverified_seller_is_of_no_class_that_counts(session: Session, rina: Buyer) -> None:
    claims = shop(session, seller_class=None)
    rina.gathers((listed_variant(session, seller=claims), 1))
    [order] = orders_of(session, rina.places())
    assert order.seller_class is SellerClass.OTHER


def test_a_line_keeps_what_was_bought_when_the_product_is_renamed(
    session: Session, rina: Buyer
) -> None:
    coffee = listed_variant(session, name="Kopi Manglayang", price=15_000)
    rina.gathers((coffee, 2))
    purchase = rina.places()
    with transaction(session):
        variant = session.get_one(Variant, coffee)
        variant.price_amount = 99_000
        session.get_one(Product, variant.product_id).name = "Kopi Lain"
    [order] = orders_of(session, purchase)
    [line] = order.lines
    assert (line.product_name, line.unit_price_amount, line.line_amount) == (
        "Kopi Manglayang",
        15_000,
        30_000,
    )


def test_of_a_pkp_seller_the_tax_in_the_price_is_computed(session: Session, rina: Buyer) -> None:
    seller = shop(session, is_pkp=True)
    rina.gathers((listed_variant(session, seller=seller, price=111_000), 1))
    [order] = orders_of(session, rina.places())
    assert (order.goods_amount, order.tax_amount) == (111_000, 11_000)


def test_another_seller_has_no_tax_in_the_price(session: Session, rina: Buyer) -> None:
    rina.gathers((listed_variant(session, price=111_000), 1))
    [order] = orders_of(session, rina.places())
    assert order.tax_amount == 0


# --- days ---


def test_goods_come_at_the_earliest_after_the_working_days_that_they_need(
    session: Session, rina: Buyer
) -> None:
    cake = listed_variant(session, lead_days=3, daily_capacity=50)
    rina.gathers((cake, 40))  # a Thursday: the third working day is Tuesday
    [order] = orders_of(session, rina.places())
    assert order.deliver_on == date(2026, 11, 17)
    assert session.get_one(DayCapacity, (cake, date(2026, 11, 17))).taken == 40


def test_a_day_too_early_names_the_earliest(session: Session, rina: Buyer) -> None:
    rina.gathers((listed_variant(session, lead_days=3), 1))
    with pytest.raises(TooEarly) as refusal:
        rina.places(replace(OWN, for_all=Wishes(deliver_on=date(2026, 11, 16))))
    assert refusal.value.details["earliest"] == date(2026, 11, 17)


def test_nobody_promises_a_day_in_a_far_year(session: Session, rina: Buyer) -> None:
    rina.gathers((listed_variant(session), 1))
    with pytest.raises(TooLate):
        rina.places(replace(OWN, for_all=Wishes(deliver_on=date(2028, 1, 3))))


def test_a_full_day_is_passed_over_by_the_proposal(session: Session, rina: Buyer) -> None:
    cake = listed_variant(session, lead_days=3, daily_capacity=50)
    rina.gathers((cake, 40))
    rina.places()
    rina.gathers((cake, 20))
    [order] = rina.quote().orders
    assert order.deliver_on == date(2026, 11, 18)


def test_a_full_day_that_is_asked_for_is_refused(session: Session, rina: Buyer) -> None:
    cake = listed_variant(session, lead_days=3, daily_capacity=50)
    rina.gathers((cake, 40))
    rina.places()
    rina.gathers((cake, 20))
    with pytest.raises(DayFull):
        rina.places(replace(OWN, for_all=Wishes(deliver_on=date(2026, 11, 17))))


def test_a_request_leaves_its_approver_time_until_four_of_the_day_before(
    session: Session, rina: Buyer
) -> None:
    rina.gathers((listed_variant(session), 1))
    after_four = datetime(2026, 11, 12, 9, 30, tzinfo=UTC)  # Thursday 16.30 in Jakarta
    [order] = orders_of(session, rina.places(OFFICIAL, now=after_four))
    assert order.deliver_on == date(2026, 11, 16)
    assert order.decide_by == datetime(2026, 11, 13, 9, 0, tzinfo=UTC)


# --- refusals ---


def test_nobody_buys_from_a_shop_of_ones_own(session: Session, rina: Buyer) -> None:
    seller = shop(session)
    own = Grant(Role.SELLER, ScopeKind.SHOP, str(seller.id))
    rina.gathers((listed_variant(session, seller=seller), 1))
    rina.actor = Actor(rina.actor.person_id, rina.actor.grants | {own})
    with pytest.raises(ShopOfOnesOwn):
        rina.places()


@pytest.mark.parametrize("practising", ["agency", "shop"])
def test_practice_stays_among_itself(session: Session, practising: str) -> None:
    at = agency(session, "9.99", name="Instansi Latihan", is_practice=practising == "agency")
    someone = buyer(session, at)
    seller = shop(session, is_practice=practising == "shop")
    someone.gathers((listed_variant(session, seller=seller), 1))
    with pytest.raises(PracticeOnly):
        someone.places()


def test_what_was_taken_down_meanwhile_is_refused_by_name(session: Session, rina: Buyer) -> None:
    coffee = listed_variant(session, name="Kopi Manglayang")
    rina.gathers((coffee, 1))
    with transaction(session):
        product = session.get_one(Product, session.get_one(Variant, coffee).product_id)
        product.state, product.is_visible = ProductState.TAKEN_DOWN, False
    with pytest.raises(NoLongerSold, match="Kopi Manglayang"):
        rina.places()
    assert left_in_cart(session, rina) == [coffee]


def test_a_suspended_seller_sells_nothing(session: Session, rina: Buyer) -> None:
    seller = shop(session)
    rina.gathers((listed_variant(session, seller=seller), 1))
    with transaction(session):
        session.get_one(Seller, seller.id).state = SellerState.SUSPENDED
    with pytest.raises(NoLongerSold):
        rina.places()


def test_without_an_approver_up_the_tree_a_request_is_refused(session: Session) -> None:
    at = agency(session, "1.05", name="Satpol PP")
    alone = Buyer(session, actor_of(placed(session, at, Role.BUYER), at), at)
    alone.gathers((listed_variant(session), 1))
    with pytest.raises(NoApprover):
        alone.places(OFFICIAL)


def test_own_money_needs_no_approver(session: Session) -> None:
    at = agency(session, "1.05", name="Satpol PP")
    alone = Buyer(session, actor_of(placed(session, at, Role.BUYER), at), at)
    alone.gathers((listed_variant(session), 1))
    assert alone.places(OWN).number


def test_an_agency_without_an_approver_has_the_one_above(session: Session) -> None:
    above = agency(session, "7.01", name="Kecamatan Coblong")
    placed(session, above, Role.APPROVER)
    below = agency(session, "7.01.001", name="Kelurahan Dago", parent=above)
    someone = Buyer(session, actor_of(placed(session, below, Role.BUYER), below), below)
    someone.gathers((listed_variant(session), 1))
    [order] = orders_of(session, someone.places(OFFICIAL))
    assert (order.approval_agency_id, order.agency_code) == (above.id, "7.01.001")


def test_a_request_says_what_it_is_for(session: Session, rina: Buyer) -> None:
    rina.gathers((listed_variant(session), 1))
    with pytest.raises(PurposeMissing):
        rina.places(replace(OFFICIAL, purpose=""))


# --- budget and cap: told at checkout, counted at the approval ---


def test_a_request_names_a_line_of_the_budget(session: Session, rina: Buyer) -> None:
    budget(session, rina.agency, line=1_000_000)
    rina.gathers((listed_variant(session), 1))
    wanted = replace(OFFICIAL, activity_code=ACTIVITY, for_all=Wishes(expense_account=ACCOUNT))
    [order] = orders_of(session, rina.places(wanted))
    assert order.budget_line_id is not None
    assert (order.activity_name, order.budget_year) == ("Pengelolaan Layanan Kesehatan", 2026)


@pytest.mark.parametrize(
    ("activity", "account", "refusal"),
    [
        ("", ACCOUNT, ActivityUnknown),
        ("1.99", ACCOUNT, ActivityUnknown),
        (ACTIVITY, "5.1.99", LineUnknown),
        (ACTIVITY, None, LineUnknown),
    ],
)
def test_a_line_that_is_not_in_the_budget_is_refused(
    session: Session,
    rina: Buyer,
    activity: str,
    account: str | None,
    refusal: type[Exception],
) -> None:
    budget(session, rina.agency, line=1_000_000)
    rina.gathers((listed_variant(session, price=15_000), 1))
    wishes = Wishes(expense_account=account)
    with pytest.raises(refusal):
        rina.sends(replace(OFFICIAL, activity_code=activity, for_all=wishes, expected_total=15_000))


def test_an_agency_without_lines_needs_none(session: Session, rina: Buyer) -> None:
    rina.gathers((listed_variant(session), 1))
    [order] = orders_of(session, rina.places(OFFICIAL))
    assert (order.budget_line_id, order.budget_agency_id) == (None, rina.agency.id)


def test_more_than_is_left_on_the_line_is_told_before_an_approver_reads_it(
    session: Session, rina: Buyer
) -> None:
    budget(session, rina.agency, line=14_000)
    rina.gathers((listed_variant(session, price=15_000), 1))
    wishes = Wishes(expense_account=ACCOUNT)
    with pytest.raises(CeilingReached) as refusal:
        rina.places(replace(OFFICIAL, activity_code=ACTIVITY, for_all=wishes))
    assert (refusal.value.over, refusal.value.left) == (1_000, 14_000)


def test_two_orders_on_one_line_are_told_together(session: Session, rina: Buyer) -> None:
    budget(session, rina.agency, line=20_000)
    rina.gathers(
        (listed_variant(session, price=15_000), 1), (listed_variant(session, price=15_000), 1)
    )
    wishes = Wishes(expense_account=ACCOUNT)
    with pytest.raises(CeilingReached):
        rina.places(replace(OFFICIAL, activity_code=ACTIVITY, for_all=wishes))


def test_more_than_the_years_budget_is_told(session: Session, rina: Buyer) -> None:
    budget(session, rina.agency, ceiling=10_000)
    rina.gathers((listed_variant(session, price=15_000), 1))
    with pytest.raises(CeilingReached):
        rina.places(OFFICIAL)


def test_more_than_a_sellers_cap_is_told(session: Session, rina: Buyer) -> None:
    rina.gathers((listed_variant(session, price=30_000_001), 1))
    with pytest.raises(CapReached) as refusal:
        rina.places(OFFICIAL)
    assert refusal.value.details["over_amount"] == 1


def test_no_counter_moves_before_the_approval(session: Session, rina: Buyer) -> None:
    counters = budget(session, rina.agency, line=1_000_000)
    rina.gathers((listed_variant(session), 1))
    rina.places(replace(OFFICIAL, activity_code=ACTIVITY, for_all=Wishes(expense_account=ACCOUNT)))
    session.rollback()
    kept = session.get_one(BudgetYear, counters.id, populate_existing=True)
    assert (kept.committed_amount, kept.spent_amount) == (0, 0)


# --- the page's proposals ---


def test_the_proposal_names_a_line_that_holds_the_order(session: Session, rina: Buyer) -> None:
    budget(session, rina.agency, line=1_000_000)
    rina.gathers((listed_variant(session), 1))
    seen = rina.quote(OFFICIAL)
    assert seen.wanted.activity_code == ACTIVITY
    assert [seen.funds.of(order).expense_account for order in seen.orders] == [ACCOUNT]
    assert seen.problems == ()


def test_the_proposal_writes_nothing(session: Session, rina: Buyer) -> None:
    rina.gathers((listed_variant(session), 1))
    rina.quote(OFFICIAL)
    assert not [*session.new, *session.dirty]
    session.rollback()
    assert session.scalars(select(func.count(BudgetYear.id))).one() == 0


def test_only_classes_that_count_gain_for_the_quota(session: Session, rina: Buyer) -> None:
    micro, other = shop(session), shop(session, seller_class=None)
    rina.gathers(
        (listed_variant(session, seller=micro, price=15_000), 1),
        (listed_variant(session, seller=other, price=40_000), 1),
    )
    seen = rina.quote(OFFICIAL)
    assert (seen.counting_amount, seen.total_amount) == (15_000, 55_000)


# --- reads and locks ---


def test_a_checkout_of_five_sellers_reads_as_often_as_of_one(
    session: Session, rina: Buyer, count_selects: CountSelects
) -> None:
    budget(session, rina.agency, line=1_000_000)
    rina.gathers((listed_variant(session), 1))
    with count_selects() as few:
        rina.quote(OFFICIAL)
    for _ in range(4):
        rina.gathers((listed_variant(session, daily_capacity=9), 1), (listed_variant(session), 1))
    with count_selects() as many:
        rina.quote(OFFICIAL)
    assert len(many) <= len(few) + 1  # of the first thing that is made to order, its days


def test_locks_are_taken_in_the_houses_order(session: Session, rina: Buyer) -> None:
    """Cart, purchase, orders, variants by rising id over all orders, then emptied products."""
    later, earlier = shop(session), shop(session)
    first = listed_variant(session, seller=earlier, stock=7)
    second = listed_variant(session, seller=later)
    third = listed_variant(session, seller=earlier)
    rina.gathers((third, 7), (second, 7), (first, 7))  # 7 is no id here
    seen = rina.quote()
    taken: list[tuple[str, object]] = []

    def note(_connection: object, _cursor: object, statement: str, given: Any, *_: object) -> None:
        for sign, what in LOCKS.items():
            if statement.startswith(sign) and (what != "cart" or "carts.person_id" in statement):
                values = given.values() if isinstance(given, dict) else given
                variant = [value for value in values if value in {first, second, third}]
                taken.append((what, variant[0] if what == "variant" else None))

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    try:
        rina.sends(replace(seen.wanted, expected_total=seen.total_amount))
    finally:
        event.remove(engine, "before_cursor_execute", note)
    order = [what for what, _id in taken]
    assert list(dict.fromkeys(order)) == ["cart", "purchase", "order", "variant", "product"]
    assert order.index("product") == order.count("variant") + order.index("variant")
    assert [number for what, number in taken if what == "variant"] == [first, second, third]
