"""Official requests before their approver."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from storefront.core.database import transaction
from storefront.core.errors import NotAllowed, NotFound
from storefront.core.permissions import Role, agency_scope
from storefront.orders.approval_view import approval_view
from storefront.orders.approvals import Decision, RequestLate, decide, pending_for
from storefront.orders.models import OrderStatus
from storefront.quota.models import Fund
from storefront.sellers.models import SellerClass
from tests.conftest import CountSelects
from tests.factories import NOON, agency, listed_variant, shop, signed_up
from tests.factories_orders import (
    Around,
    approved_order,
    around,
    found,
    paid_order,
    placed_order,
)
from tests.orders.stocks import pieces_left


@pytest.fixture
def of(session: Session) -> Around:
    return around(session)


def test_an_approval_notes_who_and_when(session: Session, of: Around) -> None:
    order = found(session, approved_order(session, of))
    assert (order.status, order.approved_at) == (OrderStatus.APPROVED, NOON)
    assert (order.approved_by, order.approved_by_name) == (of.approver.person_id, "Rina Amelia")


@pytest.mark.parametrize(
    ("decision", "status"),
    [(Decision.REJECT, OrderStatus.REJECTED), (Decision.SEND_BACK, OrderStatus.DRAFT)],
)
def test_what_is_not_approved_gives_its_stock_back(
    session: Session, of: Around, decision: Decision, status: OrderStatus
) -> None:
    number = placed_order(session, of, quantities=(10,))
    assert pieces_left(session, number) == [0]
    with transaction(session):
        decide(session, of.approver, number, decision, "Gabungkan dengan yang lain", now=NOON)
    assert pieces_left(session, number) == [10]
    order = found(session, number)
    assert (order.status, order.events[-1].reason) == (status, "Gabungkan dengan yang lain")


def test_a_request_cannot_be_approved_after_its_time(session: Session, of: Around) -> None:
    number = placed_order(session, of, decide_by=NOON + timedelta(hours=1))
    with pytest.raises(RequestLate), transaction(session):
        decide(session, of.approver, number, Decision.APPROVE, "", now=NOON + timedelta(hours=1))


def test_the_approver_of_the_agency_above_decides_where_there_is_none(session: Session) -> None:
    above = agency(session, "1.02")
    of = around(session, code="1.02.07", parent=above)
    number = placed_order(session, of, approval_agency_id=above.id)
    boss = signed_up(session, Role.APPROVER, agency_scope("1.02"))
    with pytest.raises(NotAllowed), transaction(session):
        decide(session, of.approver, number, Decision.APPROVE, "", now=NOON)
    with transaction(session):
        decide(session, boss, number, Decision.APPROVE, "", now=NOON)
    assert found(session, number).status is OrderStatus.APPROVED


def test_what_waits_is_listed_by_its_urgency(session: Session, of: Around) -> None:
    later = placed_order(session, of)
    sooner = placed_order(session, of, decide_by=NOON + timedelta(hours=3), quantities=(1, 2))
    paid_order(session, of)
    approved_order(session, of)
    rows = pending_for(session, of.approver).rows
    assert [row.number for row in rows] == [sooner, later]
    assert (rows[0].line_count, rows[0].total_amount) == (2, 30_000)


def test_ones_own_request_is_not_in_ones_list(session: Session, of: Around) -> None:
    placed_order(session, of)
    both = signed_up(session, Role.APPROVER, agency_scope(of.agency.code))
    own = around(session, code="1.01.01")
    placed_order(session, own, approval_agency_id=of.agency.id, buyer_id=own.buyer.person_id)
    assert len(pending_for(session, both).rows) == 2
    assert len(pending_for(session, of.approver).rows) == 2
    approver_and_buyer = type(of.approver)(own.buyer.person_id, of.approver.grants)
    assert len(pending_for(session, approver_and_buyer).rows) == 1


def test_who_approves_nowhere_has_no_list(session: Session, of: Around) -> None:
    with pytest.raises(NotAllowed):
        pending_for(session, of.buyer)


def test_the_list_costs_two_queries_however_long(
    session: Session, of: Around, count_selects: CountSelects
) -> None:
    for _ in range(3):
        placed_order(session, of, quantities=(1, 1))
    session.rollback()
    with count_selects() as selects:
        pending_for(session, of.approver)
    assert len(selects) == 2


def test_the_approver_sees_budget_before_and_after(session: Session) -> None:
    of = around(session, ceiling=1_000_000, line=400_000)
    approved_order(session, of)
    view = approval_view(session, of.approver, placed_order(session, of), now=NOON)
    assert view.budget_line is not None
    assert (view.budget_line.left_before_amount, view.budget_line.left_after_amount) == (
        300_000,
        200_000,
    )
    assert view.budget_year.left_after_amount == 800_000


def test_the_approver_sees_the_sellers_month(session: Session) -> None:
    of = around(session, ceiling=1_000_000)
    approved_order(session, of)
    view = approval_view(session, of.approver, placed_order(session, of), now=NOON)
    assert view.counts
    assert view.seller_month.left_before_amount == 29_900_000
    assert view.seller_month.left_after_amount == 29_800_000


def test_a_class_that_does_not_count_is_said_to_leave_the_quota(
    session: Session, of: Around
) -> None:
    number = placed_order(session, of, seller_class=SellerClass.OTHER)
    assert not approval_view(session, of.approver, number, now=NOON).counts


def test_without_a_budget_there_is_no_ceiling_to_see(session: Session) -> None:
    of = around(session, ceiling=None, line=None)
    view = approval_view(session, of.approver, placed_order(session, of), now=NOON)
    assert view.budget_line is None
    assert view.budget_year.left_after_amount is None


def test_a_similar_recent_request_hints_at_a_split(session: Session, of: Around) -> None:
    old = placed_order(session, of, now=NOON - timedelta(days=31))
    twin = placed_order(session, of, now=NOON - timedelta(days=3))
    around(session, code="1.01.01", at=of.shop)
    view = approval_view(session, of.approver, placed_order(session, of), now=NOON)
    assert [similar.number for similar in view.similar] == [twin]
    assert old not in {similar.number for similar in view.similar}


def test_other_sellers_prices_stand_beside_a_line(session: Session, of: Around) -> None:
    for price in (9_000, 12_000):
        listed_variant(session, seller=shop(session), price=price)
    view = approval_view(session, of.approver, placed_order(session, of), now=NOON)
    (elsewhere,) = view.prices
    assert (elsewhere.sellers, elsewhere.lowest_amount, elsewhere.highest_amount) == (
        2,
        9_000,
        12_000,
    )


def test_the_view_costs_no_more_for_more_lines(
    session: Session, of: Around, count_selects: CountSelects
) -> None:
    counts = []
    for quantities in ((1,), (1, 1, 1, 1)):
        number = placed_order(session, of, quantities=quantities)
        session.rollback()
        with count_selects() as selects:
            approval_view(session, of.approver, number, now=NOON)
        counts.append(len(selects))
    assert counts[0] == counts[1] <= 26


def test_a_personal_order_is_no_request(session: Session, of: Around) -> None:
    number = placed_order(session, of, fund=Fund.PERSONAL)
    for actor in (of.approver, of.buyer):
        with pytest.raises(NotFound):
            approval_view(session, actor, number, now=NOON)
