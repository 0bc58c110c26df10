"""Who sees which orders, and what of them."""

from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from storefront.core.database import transaction
from storefront.core.errors import NotAllowed, NotFound
from storefront.core.paging import PAGE_SIZE
from storefront.core.permissions import CITY, Role, agency_scope
from storefront.orders import fulfilment
from storefront.orders.agency_payments import pay
from storefront.orders.approvals import Decision, decide
from storefront.orders.event_log import last
from storefront.orders.event_log import number as number_events
from storefront.orders.models import FulfilmentStatus, OrderEvent, OrderStatus, PaymentStatus
from storefront.orders.order_view import find_order, find_purchase
from storefront.orders.parties import Party
from storefront.orders.queries import (
    OrderFilter,
    OrdersOf,
    count_by_stage,
    list_orders,
    of_agency,
    of_audit,
    of_buyer,
    of_city,
    of_shop,
    waiting_counts,
)
from storefront.orders.rows import Waiting
from storefront.orders.stages import Stage, stage_of
from storefront.orders.words import Event
from storefront.quota.models import Fund
from tests.conftest import CountSelects
from tests.factories import NOON, signed_up
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

ALL = OrderFilter()


@pytest.fixture
def of(session: Session) -> Around:
    return around(session)


def numbers(session: Session, wanted: OrderFilter, whose: OrdersOf) -> list[str]:
    return [row.number for row in list_orders(session, wanted, whose).rows]


def test_a_buyer_sees_own_orders_of_either_fund_the_newest_first(
    session: Session, of: Around
) -> None:
    official, personal = placed_order(session, of), paid_order(session, of)
    placed_order(session, around(session, code="1.01.01", at=of.shop))
    assert numbers(session, ALL, of_buyer(of.buyer)) == [personal, official]


def test_a_shop_sees_what_is_approved_or_paid(session: Session, of: Around) -> None:
    placed_order(session, of)
    placed_order(session, of, fund=Fund.PERSONAL)
    approved, paid = approved_order(session, of), paid_order(session, of)
    assert numbers(session, ALL, of_shop(of.seller, of.shop.id)) == [paid, approved]


def test_an_agency_never_sees_what_its_people_buy_privately(session: Session, of: Around) -> None:
    official = placed_order(session, of)
    paid_order(session, of)
    whose = of_agency(of.treasurer, of.agency.code)
    assert numbers(session, ALL, whose) == [official]
    assert numbers(session, OrderFilter(fund=Fund.PERSONAL), whose) == []
    assert sum(count_by_stage(session, whose).values()) == 1


def test_the_auditor_sees_all_official_orders_and_no_personal_one(
    session: Session, of: Around
) -> None:
    auditor = signed_up(session, Role.AUDITOR, CITY)
    personal = received_order(session, of, paid_order(session, of))
    official = [placed_order(session, of)]
    official.append(placed_order(session, around(session, code="1.01.01")))
    assert numbers(session, ALL, of_audit(auditor)) == official[::-1]
    with pytest.raises(NotFound):
        find_order(session, auditor, personal)
    assert find_order(session, auditor, official[0]).may == ()


def test_the_city_may_count_and_no_more(session: Session, of: Around) -> None:
    admin = signed_up(session, Role.CITY_ADMIN, CITY)
    number = approved_order(session, of)
    placed_order(session, of)
    assert count_by_stage(session, of_city(admin))[Stage.TO_ANSWER] == 1
    with pytest.raises(NotAllowed):
        list_orders(session, ALL, of_city(admin))
    with pytest.raises(NotFound):
        find_order(session, admin, number)


def test_lists_of_others_are_refused(of: Around) -> None:
    with pytest.raises(NotAllowed):
        of_agency(of.buyer, of.agency.code)
    with pytest.raises(NotAllowed):
        of_agency(of.approver, "1.01.01")
    with pytest.raises(NotAllowed):
        of_shop(of.buyer, of.shop.id)
    with pytest.raises(NotAllowed):
        of_audit(of.approver)
    with pytest.raises(NotAllowed):
        of_city(of.treasurer)


@pytest.mark.parametrize(
    "wanted",
    [
        OrderFilter(status=OrderStatus.APPROVED),
        OrderFilter(stage=Stage.TO_SHIP),
        OrderFilter(fulfilment_status=FulfilmentStatus.ACCEPTED),
        OrderFilter(from_day=date(2026, 11, 12), to_day=date(2026, 11, 12)),
    ],
)
def test_lists_are_filtered(session: Session, of: Around, wanted: OrderFilter) -> None:
    placed_order(session, of, now=NOON - timedelta(days=1))
    paid_order(session, of, now=NOON + timedelta(days=1))
    number = approved_order(session, of)
    with transaction(session):
        fulfilment.accept(session, of.seller, number, now=NOON)
    assert numbers(session, wanted, of_buyer(of.buyer)) == [number]


def test_a_number_is_found_by_its_beginning_in_any_case(session: Session, of: Around) -> None:
    number = placed_order(session, of)
    placed_order(session, of)
    wanted = OrderFilter(number=f" {number[:9].lower()}")
    assert numbers(session, wanted, of_buyer(of.buyer)) == [number]
    for wild in ("%", "_-", "' OR 1=1"):
        assert numbers(session, OrderFilter(number=wild), of_buyer(of.buyer)) == []


def test_what_can_be_paid_is_what_was_accepted_and_is_not_paid(
    session: Session, of: Around
) -> None:
    received = received_order(session, of, approved_order(session, of))
    approved_order(session, of)
    paid = received_order(session, of, approved_order(session, of))
    with transaction(session):
        pay(session, of.treasurer, paid, proof=proof(100_000), now=NOON)
    page = list_orders(
        session, OrderFilter(is_payable=True), of_agency(of.treasurer, of.agency.code)
    )
    assert [(row.number, row.payable_amount) for row in page.rows] == [(received, 100_000)]


def test_lists_page_and_cost_two_queries_however_long(
    session: Session, of: Around, count_selects: CountSelects
) -> None:
    for _ in range(PAGE_SIZE + 1):
        placed_order(session, of, quantities=(1, 1))
    session.rollback()
    with count_selects() as selects:
        first = list_orders(session, ALL, of_buyer(of.buyer))
    assert len(selects) == 2
    assert (len(first.rows), first.has_next, first.rows[0].line_count) == (PAGE_SIZE, True, 2)
    second = list_orders(session, OrderFilter(page=2), of_buyer(of.buyer))
    assert (len(second.rows), second.has_next) == (1, False)


def test_every_order_is_at_one_stage_in_sql_as_in_python(session: Session, of: Around) -> None:
    placed_order(session, of)
    received_order(session, of, paid_order(session, of))
    received_order(session, of, approved_order(session, of))
    rejected = placed_order(session, of)
    with transaction(session):
        decide(session, of.approver, rejected, Decision.REJECT, "Tidak", now=NOON)
    whose = of_buyer(of.buyer)
    rows = list_orders(session, ALL, whose).rows
    counts = count_by_stage(session, whose)
    for stage in Stage:
        assert counts[stage] == sum(row.stage is stage for row in rows), stage
        listed = list_orders(session, OrderFilter(stage=stage), whose).rows
        assert all(row.stage is stage for row in listed)


def test_an_order_that_came_back_is_over() -> None:
    """Also one of which no table of stages speaks."""
    assert stage_of(OrderStatus.PLACED, PaymentStatus.PAID, FulfilmentStatus.RETURNED) is Stage.OVER


def test_anothers_order_is_not_found(session: Session, of: Around) -> None:
    number = paid_order(session, of)
    for stranger in (of.approver, of.treasurer, signed_up(session)):
        with pytest.raises(NotFound):
            find_order(session, stranger, number)
    with pytest.raises(NotFound):
        find_order(session, of.buyer, "P-0000000000-1")


def test_an_order_shows_who_did_what(session: Session, of: Around) -> None:
    number = received_order(session, of, approved_order(session, of))
    events = find_order(session, of.buyer, number).events
    assert [(event.event, event.party, event.who) for event in events] == [
        (Event.SUBMIT, Party.BUYER, "Rina Amelia"),
        (Event.APPROVE, Party.APPROVER, "Rina Amelia"),
        (Event.ACCEPT, Party.SELLER, of.shop.name),
        (Event.SHIP, Party.SELLER, of.shop.name),
        (Event.RECEIVE, Party.BUYER, "Rina Amelia"),
    ]


def test_each_reader_is_told_what_they_may_do(session: Session, of: Around) -> None:
    number = placed_order(session, of)
    assert find_order(session, of.buyer, number).may == (Event.CANCEL,)
    assert find_order(session, of.approver, number).may == (
        Event.APPROVE,
        Event.REJECT,
        Event.SEND_BACK,
    )
    assert find_order(session, of.treasurer, number).may == ()


def test_what_is_still_to_come_is_shown_with_its_days(session: Session, of: Around) -> None:
    number = placed_order(session, of)
    order = found(session, number)
    steps = find_order(session, of.buyer, number).next_steps
    assert [(step.event, step.by) for step in steps] == [
        (Event.APPROVE, order.decide_by),
        (Event.ACCEPT, None),
        (Event.SHIP, order.deliver_on),
        (Event.RECEIVE, None),
        (Event.PAY, None),
        (Event.COMPLETE, None),
    ]


def test_an_order_that_is_over_has_nothing_to_come(session: Session, of: Around) -> None:
    number = placed_order(session, of)
    with transaction(session):
        fulfilment.cancel(session, of.buyer, number, now=NOON)
    assert find_order(session, of.buyer, number).next_steps == ()


def test_an_official_order_shows_its_payments_and_its_entries(session: Session, of: Around) -> None:
    number = received_order(session, of, approved_order(session, of))
    with transaction(session):
        pay(session, of.treasurer, number, proof=proof(100_000, withheld=1_500), now=NOON)
    view = find_order(session, of.treasurer, number)
    assert [(paid.net_amount, paid.withheld_amount) for paid in view.payments] == [(98_500, 1_500)]
    assert [(e.committed_change, e.realised_change) for e in view.entries] == [
        (100_000, 0),
        (-100_000, 100_000),
    ]
    assert view.buyer_nip == of.placement.nip


def test_a_seller_gets_name_and_address_of_a_personal_buyer_and_no_nip(
    session: Session, of: Around
) -> None:
    view = find_order(session, of.seller, paid_order(session, of))
    assert (view.row.buyer_name, view.address) == ("Rina Amelia", "Jl. Supratman No. 73")
    assert (view.buyer_nip, view.buyer_position, view.entries) == ("", "", ())


def test_one_order_costs_the_same_for_many_lines_and_events(
    session: Session, of: Around, count_selects: CountSelects
) -> None:
    counts = []
    for quantities in ((2,), (2, 2, 2, 2)):
        number = approved_order(session, of, quantities=quantities)
        with transaction(session):
            fulfilment.accept(session, of.seller, number, now=NOON)
        if len(quantities) > 1:
            with transaction(session):
                fulfilment.ship(session, of.seller, number, pieces={1: 1}, now=NOON)
                fulfilment.ship(session, of.seller, number, pieces={1: 1}, now=NOON)
        session.rollback()
        with count_selects() as selects:
            find_order(session, of.buyer, number)
        counts.append(len(selects))
    assert max(counts) <= 14


def test_a_purchase_is_its_buyers_alone(session: Session, of: Around) -> None:
    number = paid_order(session, of)
    purchase = number.rsplit("-", 1)[0]
    view = find_purchase(session, of.buyer, purchase)
    assert [row.number for row in view.orders] == [number]
    assert view.payment is None
    for other in (of.seller, of.approver, signed_up(session)):
        with pytest.raises(NotFound):
            find_purchase(session, other, purchase)


def test_badges_count_what_waits_for_each(session: Session, of: Around) -> None:
    placed_order(session, of)
    placed_order(session, of, fund=Fund.PERSONAL)
    approved_order(session, of)
    received_order(session, of, approved_order(session, of))
    shipped = paid_order(session, of)
    with transaction(session):
        fulfilment.accept(session, of.seller, shipped, now=NOON)
        fulfilment.ship(session, of.seller, shipped, now=NOON)
    assert waiting_counts(session, of.approver) == Waiting(to_approve=1)
    assert waiting_counts(session, of.treasurer) == Waiting(to_pay_for_agency=1)
    assert waiting_counts(session, of.seller) == Waiting(to_answer=1)
    assert waiting_counts(session, of.buyer) == Waiting(to_pay=1, to_receive=1)


def test_badges_cost_a_query_for_each_role(
    session: Session, of: Around, count_selects: CountSelects
) -> None:
    placed_order(session, of)
    session.rollback()
    with count_selects() as selects:
        waiting_counts(session, of.approver)
    assert len(selects) == 2


def test_events_are_numbered_without_gaps_after_their_commit(session: Session, of: Around) -> None:
    approved_order(session, of)
    with transaction(session):
        assert number_events(session) == 2
    placed_order(session, of)
    with transaction(session):
        assert number_events(session) == number_events(session) == 3
    assert last(session) == 3
    positions = [row.position for row in session.query(OrderEvent).order_by(OrderEvent.id)]
    assert positions == [1, 2, 3]


def test_an_agency_above_does_not_list_the_orders_of_the_one_below(
    session: Session, of: Around
) -> None:
    """A role counts in the agency of its placement."""
    placed_order(session, around(session, code="1.02.01.05", parent=of.agency))
    staff = signed_up(session, Role.PROCUREMENT, agency_scope(of.agency.code))
    assert numbers(session, ALL, of_agency(staff, of.agency.code)) == []


def test_a_seller_does_not_see_what_an_order_does_to_the_agencys_quota(
    session: Session, of: Around
) -> None:
    number = approved_order(session, of)
    seen = find_order(session, of.seller, number)
    assert (seen.entries, seen.buyer_nip) == ((), "")
    assert len(find_order(session, of.buyer, number).entries) == 1
