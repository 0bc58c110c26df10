"""What the end of a budget year does to an agency's open orders, for its page; and what waits.

A page of them is read with their lines; the sums are over all (`year_end_sums.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from storefront.accounts.models import PersonDetails
from storefront.agencies.budgets import BudgetLineRow, find_bearing_year
from storefront.agencies.models import Agency, AgencyId, BudgetYear
from storefront.agencies.queries import lines_of
from storefront.core.paging import PAGE_SIZE, Page, page_number
from storefront.core.permissions import Action, Actor, agency_scope, require
from storefront.orders.models import Order, WaitsFor, YearEndChoice, YearEndDecision
from storefront.orders.queries import lines_in_short
from storefront.orders.stages import Stage, stage_of
from storefront.orders.year_end import Outcome, can_cancel, of_agency, open_in, outcome_of
from storefront.orders.year_end_sums import freed_amount, held_amount, sums_of

Decided = tuple[YearEndDecision | None, str]


@dataclass(frozen=True, kw_only=True)
class YearEndRow:
    """An open order, and what becomes of it. Amounts in rupiah of the budget."""

    number: str
    seller_name: str
    agency_code: str
    agency_name: str
    purpose: str
    first_line: str
    stage: Stage
    held_amount: int
    """What it commits of the budget now."""
    outcome: Outcome
    freed_amount: int
    """What of that is given back to the budget of the year that ends."""
    can_cancel: bool
    choice: YearEndChoice | None
    chosen_by_name: str
    chosen_at: datetime | None

    @property
    def carried_amount(self) -> int:
        return self.held_amount - self.freed_amount


@dataclass(frozen=True, kw_only=True)
class YearEnd:
    """An agency's open orders of a budget year: a page of them, and the sums over all."""

    fiscal_year: int
    page: Page[YearEndRow]
    orders: int
    by_outcome: Mapping[Outcome, int]
    chosen: int
    freed_amount: int
    carried_amount: int


@dataclass(frozen=True, kw_only=True)
class WaitingRow:
    """An order that was carried and that no budget bears yet."""

    number: str
    seller_name: str
    purpose: str
    first_line: str
    fiscal_year: int
    activity_code: str
    activity_name: str
    expense_account: str
    due_amount: int
    """What the line, or the total, must have room for."""
    waits_for: WaitsFor
    has_line: bool
    left_amount: int | None
    """What is free there; None where there is no such line, or no budget."""


def year_end(
    session: Session, actor: Actor, agency_code: str, year: int, *, page: int | None = 1
) -> YearEnd:
    """The open orders that an agency decides on, the oldest first, and the sums over all.

    Six queries, however many; seven where some were sent in part, and two for each 500 of those.
    Raises `NotAllowed`.
    """
    require(actor, Action.SEE_AGENCY_ORDERS, agency_scope(agency_code))
    at = page_number(page)
    query = (
        select(Order)
        .where(open_in(year), of_agency(agency_code))
        .options(selectinload(Order.lines))
        .order_by(Order.id)
        .offset((at - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE)
        .execution_options(populate_existing=True)
    )
    shown = session.scalars(query).all()
    decisions = _decisions(session, shown, year)
    firsts = lines_in_short(session, [order.id for order in shown])
    sums = sums_of(session, agency_code, year)
    return YearEnd(
        fiscal_year=year,
        page=Page(
            [
                _row(order, decisions.get(order.id, (None, "")), firsts[order.id].first)
                for order in shown
            ],
            at,
            has_next=sums.orders > at * PAGE_SIZE,
            total=sums.orders,
        ),
        orders=sums.orders,
        by_outcome=sums.by_outcome,
        chosen=sums.chosen,
        freed_amount=sums.freed_amount,
        carried_amount=sums.held_amount - sums.freed_amount,
    )


def _row(order: Order, decided: Decided, first_line: str) -> YearEndRow:
    decision, name = decided
    outcome = outcome_of(order, _choice(decided))
    return YearEndRow(
        number=order.number,
        seller_name=order.seller_name,
        agency_code=order.agency_code,
        agency_name=order.agency_name,
        purpose=order.purpose,
        first_line=first_line,
        stage=stage_of(order.status, order.payment_status, order.fulfilment_status),
        held_amount=held_amount(order),
        outcome=outcome,
        freed_amount=freed_amount(order, outcome),
        can_cancel=can_cancel(order),
        choice=_choice(decided),
        chosen_by_name=name,
        chosen_at=decision.chosen_at if decision else None,
    )


def count_open(session: Session, actor: Actor, agency_code: str, year: int) -> int:
    """How many they are. One query."""
    require(actor, Action.SEE_AGENCY_ORDERS, agency_scope(agency_code))
    query = select(func.count(Order.id)).where(open_in(year), of_agency(agency_code))
    return session.scalars(query).one()


def count_waiting(session: Session, actor: Actor, agency_code: str) -> int:
    """How many orders of an agency wait for a budget line. One query."""
    require(actor, Action.SEE_AGENCY_ORDERS, agency_scope(agency_code))
    query = select(func.count(Order.id)).join(Agency, Agency.id == Order.agency_id)
    waiting = query.where(Order.waits_for.is_not(None), Agency.code == agency_code)
    return session.scalars(waiting).one()


def waiting_orders(
    session: Session, actor: Actor, agency_code: str, *, page: int | None = 1
) -> Page[WaitingRow]:
    """Orders of an agency that no budget bears yet ("perlu rincian anggaran"), the oldest first.

    So many queries for any number of orders; a few more for each year that they are of.
    Raises `NotAllowed`.
    """
    require(actor, Action.SEE_AGENCY_ORDERS, agency_scope(agency_code))
    at = page_number(page)
    query = (
        select(Order)
        .join(Agency, Agency.id == Order.agency_id)
        .where(Order.waits_for.is_not(None), Agency.code == agency_code)
        .order_by(Order.id)
        .offset((at - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE + 1)
        .execution_options(populate_existing=True)
    )
    found = session.scalars(query).all()
    orders = found[:PAGE_SIZE]
    firsts = lines_in_short(session, [order.id for order in orders])
    asked = sorted({(order.agency_id, order.budget_year) for order in orders})
    bearing = {key: _bearing(session, *key) for key in asked}
    rows = []
    for order in orders:
        budget = bearing[order.agency_id, order.budget_year]
        line = budget.lines.get((order.activity_code, order.expense_account))
        left = line.left_amount if line else None
        if order.waits_for is WaitsFor.TOTAL:
            left = budget.left_amount
        rows.append(
            WaitingRow(
                number=order.number,
                seller_name=order.seller_name,
                purpose=order.purpose,
                first_line=firsts[order.id].first,
                fiscal_year=order.budget_year,
                activity_code=order.activity_code,
                activity_name=order.activity_name,
                expense_account=order.expense_account,
                due_amount=held_amount(order),
                waits_for=order.waits_for or WaitsFor.LINE,
                has_line=line is not None,
                left_amount=left,
            )
        )
    return Page(rows, at, has_next=len(found) > PAGE_SIZE)


def _decisions(session: Session, orders: Sequence[Order], year: int) -> dict[int, Decided]:
    """What was chosen for orders, with the chooser's name."""
    query = (
        select(YearEndDecision, PersonDetails.name)
        .outerjoin(PersonDetails, PersonDetails.person_id == YearEndDecision.chosen_by)
        .where(
            YearEndDecision.fiscal_year == year,
            YearEndDecision.order_id.in_([order.id for order in orders]),
        )
        .execution_options(populate_existing=True)
    )
    return {decision.order_id: (decision, name or "") for decision, name in session.execute(query)}


def _choice(decided: Decided | None) -> YearEndChoice | None:
    return decided[0].choice if decided and decided[0] else None


@dataclass(frozen=True)
class _Bearing:
    """What bears an agency's orders of a year: its free total (None: no ceiling), and its lines."""

    left_amount: int | None
    lines: Mapping[tuple[str, str], BudgetLineRow]


def _bearing(session: Session, agency_id: AgencyId, year: int) -> _Bearing:
    ref = find_bearing_year(session, agency_id, year)
    counters = session.get(BudgetYear, ref.year_id, populate_existing=True) if ref else None
    if ref is None or counters is None or counters.ceiling_amount is None:
        return _Bearing(None, {})
    left = counters.ceiling_amount - counters.committed_amount - counters.spent_amount
    lines = lines_of(session, ref.agency_id, year)
    return _Bearing(left, {(line.activity_code, line.expense_account): line for line in lines})
