"""Requests above the budget: refused, or accepted knowingly where the agency lets its approver."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.agencies.budgets import CeilingReached
from storefront.agencies.exceptions import choose_over_ceiling
from storefront.agencies.models import Agency, BudgetLine, BudgetYear, OverCeiling
from storefront.core.audit import AuditEntry
from storefront.core.database import transaction
from storefront.core.errors import NotAllowed
from storefront.core.permissions import CITY, Role
from storefront.orders import fulfilment
from storefront.orders.approval_view import approval_view
from storefront.orders.approvals import Decision, OverGrew, OverNotAccepted, decide
from storefront.orders.checkout_request import Wishes
from storefront.orders.funding import (
    MOST_REASON,
    ExceptionReasonMissing,
    ExceptionReasonTooLong,
)
from storefront.orders.models import Order, OrderStatus
from storefront.orders.rework import as_before
from storefront.reports.reconciliation import reconcile
from tests.factories import NOON, agency, budget, listed_variant, signed_up
from tests.factories_orders import ACCOUNT, ACTIVITY, Around, around, found, placed_order
from tests.orders.checkouts import OFFICIAL, Buyer, buyer

WHY = "Rapat darurat banjir; pergeseran pagu sudah diusulkan."
ON_THE_LINE = replace(OFFICIAL, activity_code=ACTIVITY, for_all=Wishes(expense_account=ACCOUNT))


def lets(session: Session, unit: Agency, wanted: OverCeiling = OverCeiling.EXCEPTION) -> None:
    admin = signed_up(session, Role.CITY_ADMIN, CITY)
    with transaction(session):
        choose_over_ceiling(session, admin, unit.code, wanted, now=NOON)


@pytest.fixture
def rina(session: Session) -> Buyer:
    """Of an agency whose line holds 14.000, with a bag of coffee for 15.000."""
    rina = buyer(session)
    budget(session, rina.agency, line=14_000)
    rina.gathers((listed_variant(session, price=15_000), 1))
    return rina


@pytest.fixture
def of(session: Session) -> Around:
    """An agency with a line of 150.000 that lets its approver decide above it."""
    of = around(session, line=150_000)
    lets(session, of.agency)
    return of


def approves(session: Session, of: Around, number: str, accepted: int | None = None) -> Order:
    with transaction(session):
        decide(
            session,
            of.approver,
            number,
            Decision.APPROVE,
            "",
            now=NOON,
            accepted_over_amount=accepted,
        )
    return found(session, number)


def asked_above(session: Session, of: Around) -> str:
    """A request for 100.000 where 50.000 are left, with its reason."""
    approves(session, of, placed_order(session, of))
    return placed_order(session, of, exception_reason=WHY)


def committed(session: Session) -> tuple[int, int]:
    session.rollback()
    line = session.scalars(select(BudgetLine.committed_amount)).one()
    return line, session.scalars(select(BudgetYear.committed_amount)).one()


def test_without_the_agencys_leave_a_reason_changes_nothing(rina: Buyer) -> None:
    with pytest.raises(CeilingReached):
        rina.places(replace(ON_THE_LINE, exception_reason=WHY))


def test_with_its_leave_a_request_above_the_line_needs_a_reason(
    session: Session, rina: Buyer
) -> None:
    lets(session, rina.agency)
    assert rina.quote(ON_THE_LINE).funds.over_amount == 1_000
    with pytest.raises(ExceptionReasonMissing):
        rina.places(ON_THE_LINE)
    with pytest.raises(ExceptionReasonTooLong):
        rina.places(replace(ON_THE_LINE, exception_reason="x" * (MOST_REASON + 1)))
    (order,) = rina.places(replace(ON_THE_LINE, exception_reason=WHY)).orders
    assert (order.status, order.exception_reason) == (OrderStatus.SUBMITTED, WHY)
    assert order.over_ceiling_amount == 0


def test_above_the_years_budget_it_is_the_same(session: Session) -> None:
    rina = buyer(session)
    budget(session, rina.agency, ceiling=10_000)
    rina.gathers((listed_variant(session, price=15_000), 1))
    lets(session, rina.agency)
    with pytest.raises(ExceptionReasonMissing):
        rina.places(OFFICIAL)
    assert rina.quote(OFFICIAL).funds.over_amount == 5_000


def test_a_request_within_the_budget_keeps_no_reason(session: Session) -> None:
    rina = buyer(session)
    budget(session, rina.agency, line=20_000)
    lets(session, rina.agency)
    rina.gathers((listed_variant(session, price=15_000), 1))
    (order,) = rina.places(replace(ON_THE_LINE, exception_reason=WHY)).orders
    assert order.exception_reason == ""


def test_the_leave_asked_is_that_of_the_agency_whose_budget_it_is(session: Session) -> None:
    above = agency(session)
    below = agency(session, "1.02.01.1", name="Puskesmas Dago", parent=above)
    budget(session, above, line=14_000)
    rina = buyer(session, below)
    rina.gathers((listed_variant(session, price=15_000), 1))
    lets(session, below)
    with pytest.raises(CeilingReached):
        rina.places(replace(ON_THE_LINE, exception_reason=WHY))
    lets(session, above)
    rina.places(replace(ON_THE_LINE, exception_reason=WHY))


def test_the_approver_sees_the_reason_and_by_how_much_it_is_above(
    session: Session, of: Around
) -> None:
    view = approval_view(session, of.approver, asked_above(session, of), now=NOON)
    assert (view.may_exceed, view.over_amount) == (True, 50_000)
    assert view.order.exception_reason == WHY


def test_unless_it_is_accepted_knowingly_nothing_is_committed(session: Session, of: Around) -> None:
    number = asked_above(session, of)
    with pytest.raises(OverNotAccepted):
        approves(session, of, number)
    assert committed(session) == (100_000, 100_000)
    assert found(session, number).status is OrderStatus.SUBMITTED


def test_accepted_it_is_committed_and_how_much_why_and_by_whom_is_kept(
    session: Session, of: Around
) -> None:
    number = asked_above(session, of)
    order = approves(session, of, number, 60_000)
    assert (order.status, order.over_ceiling_amount) == (OrderStatus.APPROVED, 50_000)
    assert committed(session) == (200_000, 200_000)
    noted = session.scalars(select(AuditEntry).filter_by(act="order.approved_above")).one()
    assert (noted.subject, noted.person_id) == (number, of.approver.person_id)
    details = json.loads(noted.details)
    assert (details["over_amount"], details["accepted_amount"]) == (50_000, 60_000)
    assert details["reason"] == WHY
    assert not [one for one in reconcile(session, now=NOON) if one.breaches]


def test_where_it_is_above_by_more_than_was_accepted_nothing_is_committed(
    session: Session, of: Around
) -> None:
    first, second = asked_above(session, of), placed_order(session, of, exception_reason=WHY)
    approves(session, of, first, 50_000)
    with pytest.raises(OverGrew) as refusal:
        approves(session, of, second, 50_000)
    assert refusal.value.details["over_amount"] == 150_000
    assert committed(session) == (200_000, 200_000)
    assert found(session, second).status is OrderStatus.SUBMITTED


def test_a_request_that_fits_by_now_needs_no_acceptance_and_is_not_above(
    session: Session, of: Around
) -> None:
    number = placed_order(session, of, exception_reason=WHY)
    assert approves(session, of, number).over_ceiling_amount == 0


def test_a_request_without_a_reason_is_refused_as_ever(session: Session, of: Around) -> None:
    approves(session, of, placed_order(session, of))
    number = placed_order(session, of)
    assert not approval_view(session, of.approver, number, now=NOON).may_exceed
    with pytest.raises(CeilingReached):
        approves(session, of, number, 50_000)


def test_a_leave_that_was_withdrawn_meanwhile_counts_no_more(session: Session, of: Around) -> None:
    number = asked_above(session, of)
    lets(session, of.agency, OverCeiling.REFUSE)
    with pytest.raises(CeilingReached):
        approves(session, of, number, 50_000)


def test_what_was_accepted_is_freed_whole_when_the_order_is_cancelled(
    session: Session, of: Around
) -> None:
    number = asked_above(session, of)
    approves(session, of, number, 50_000)
    with transaction(session):
        fulfilment.cancel(session, of.buyer, number, now=NOON)
    assert committed(session) == (100_000, 100_000)
    with pytest.raises(CeilingReached):
        approves(session, of, placed_order(session, of), 50_000)


def test_asked_for_once_more_the_reason_is_there_again(session: Session, of: Around) -> None:
    before = as_before(session, of.buyer, asked_above(session, of))
    assert before is not None
    assert before.exception_reason == WHY


def test_only_the_city_chooses_and_the_choice_is_noted(session: Session) -> None:
    unit = agency(session)
    admin = signed_up(session, Role.AGENCY_ADMIN)
    with pytest.raises(NotAllowed), transaction(session):
        choose_over_ceiling(session, admin, unit.code, OverCeiling.EXCEPTION, now=NOON)
    lets(session, unit)
    lets(session, unit)
    noted = session.scalars(select(AuditEntry).filter_by(act="agency.over_ceiling")).one()
    assert json.loads(noted.details) == {"from": "refuse", "to": "exception"}
