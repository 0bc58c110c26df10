"""The end of a budget year: what is still open is cancelled or carried, by its agency's choice.

From 1 December an agency's approver (the PPK, who made the commitment) chooses for each open
official order, until the year is over in Jakarta. Without a choice what was not sent is cancelled,
and what was sent is carried (product.md, "Year end"): goods on their way or received are owed, so
they can't be cancelled any more; of an order that was sent in part, its rest can.

From 1 January the worker deals with each order of the year that is over: one step of one order a
transaction, in the order of ids. What was dealt with is no longer due, so a worker that was killed
goes on where it was.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session, selectinload

from storefront.agencies.budgets import CeilingReached, find_bearing_year
from storefront.agencies.models import Agency, BudgetLine, BudgetYear
from storefront.core import audit
from storefront.core.calendar import city_day, fiscal_year
from storefront.core.errors import N_, Conflict, DomainError, NotFound
from storefront.core.permissions import SYSTEM, Action, Actor, agency_scope, require
from storefront.orders import budget_shares
from storefront.orders.accounting import carry_order
from storefront.orders.budget_shares import BudgetLineMissing
from storefront.orders.fulfilment import close_rest
from storefront.orders.lifecycle import apply, locked
from storefront.orders.models import (
    Order,
    OrderStatus,
    WaitsFor,
    YearEndChoice,
    YearEndDecision,
)
from storefront.orders.parties import ShopOfOnesOwn, runs_shop
from storefront.orders.transitions import HAS_OBJECT, may_happen
from storefront.orders.words import Event
from storefront.quota.models import Fund
from storefront.quota.periods import books_as_seen

DECEMBER = 12
MOST_AT_ONCE = 500
"""Orders that one choice may name."""


class Outcome(StrEnum):
    """What the turn of the year does to an order."""

    CANCEL = "cancel"
    CANCEL_REST = "cancel_rest"
    """What was not sent is cancelled, what was sent is carried."""
    CARRY = "carry"


class ChoiceNotOpen(Conflict):
    """Chosen is from 1 December to the end of the year, by the clock of Jakarta."""

    code = "choice_not_open"
    message = N_("Pilihan akhir tahun %(year)d hanya dapat diubah 1 sampai 31 Desember %(year)d.")


class NothingChosen(DomainError):
    code = "nothing_chosen"
    message = N_("Centang sedikitnya satu pesanan, paling banyak %(most)d.")
    field = "number"


@dataclass(frozen=True)
class Chosen:
    """For how many orders a choice holds now.

    Left out are those of which nothing can be cancelled any more, and those no longer open.
    """

    orders: int
    left_out: tuple[str, ...]


def ending_year(session: Session, *, today: date) -> int | None:
    """The budget year whose end is at hand: this one from 1 December, then until it is closed."""
    this_year = fiscal_year(today)
    if today.month == DECEMBER:
        return this_year
    return None if books_as_seen(session).has_closed(this_year - 1) else this_year - 1


def choice_is_open(year: int, *, now: datetime) -> bool:
    """Whether an agency may still choose for the orders of a budget year."""
    today = city_day(now)
    return fiscal_year(today) == year and today.month == DECEMBER


def can_cancel(order: Order) -> bool:
    """Whether anything of an order can still be cancelled. Its lines are loaded."""
    return outcome_of(order, YearEndChoice.CANCEL) is not Outcome.CARRY


def outcome_of(order: Order, choice: YearEndChoice | None) -> Outcome:
    """What a choice, or none, comes to by what was sent. The order's lines are loaded."""
    if choice is YearEndChoice.CARRY:
        return Outcome.CARRY
    if may_happen(order, Event.CANCEL):
        return Outcome.CANCEL
    if may_happen(order, Event.CLOSE_REST) and HAS_OBJECT[Event.CLOSE_REST](order):
        return Outcome.CANCEL_REST
    return Outcome.CARRY


def choose(
    session: Session,
    actor: Actor,
    agency_code: str,
    numbers: Collection[str],
    choice: YearEndChoice,
    *,
    now: datetime,
) -> Chosen:
    """Choose for open orders of an agency, or of agencies that it approves for.

    Orders are locked in the order of ids, so the worker deals with an order before the choice or
    after it. Raises `NotAllowed`, `ChoiceNotOpen`, `NothingChosen`, `ShopOfOnesOwn`, or `NotFound`
    for another's order.
    """
    require(actor, Action.CHOOSE_YEAR_END, agency_scope(agency_code))
    year = fiscal_year(city_day(now))
    if not choice_is_open(year, now=now):
        raise ChoiceNotOpen(year=year)
    if not 0 < len(set(numbers)) <= MOST_AT_ONCE:
        raise NothingChosen(most=MOST_AT_ONCE)
    query = (
        select(Order)
        .where(Order.number.in_(set(numbers)), Order.fund == Fund.OFFICIAL, of_agency(agency_code))
        .options(selectinload(Order.lines))
        .order_by(Order.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    orders = session.scalars(query).all()
    if len(orders) != len(set(numbers)):
        raise NotFound
    for seller_id, name in sorted({(order.seller_id, order.seller_name) for order in orders}):
        if runs_shop(session, actor, seller_id):
            raise ShopOfOnesOwn(seller_name=name)
    fitting = [order for order in orders if _fits(order, year, choice)]
    for order in fitting:
        _keep(session, actor, order, year, choice, now)
    left_out = tuple(order.number for order in orders if order not in fitting)
    return Chosen(len(fitting), left_out)


def of_agency(agency_code: str) -> ColumnElement[bool]:
    """The orders whose year end an agency decides on: its own, and those that it approved."""
    agency_id = select(Agency.id).where(Agency.code == agency_code).scalar_subquery()
    return (Order.agency_id == agency_id) | (Order.approval_agency_id == agency_id)


def open_in(year: int) -> ColumnElement[bool]:
    """Official orders under way on the budget of a year."""
    return and_(
        Order.fund == Fund.OFFICIAL,
        Order.status == OrderStatus.APPROVED,
        Order.budget_year == year,
    )


def orders_to_deal_with(session: Session, *, now: datetime, limit: int = 100) -> list[str]:
    """Numbers of orders still open on the budget of a year that is over."""
    query = (
        select(Order.number)
        .where(
            Order.fund == Fund.OFFICIAL,
            Order.status == OrderStatus.APPROVED,
            Order.budget_year < fiscal_year(city_day(now)),
        )
        .order_by(Order.id)
        .limit(limit)
    )
    return list(session.scalars(query))


def deal_with(session: Session, number: str, *, now: datetime) -> bool:
    """Take the next step of an order whose year is over. False if it is no longer due.

    One sent in part takes two: its rest is closed, then it is carried. Each is a transaction of its
    own, for the second takes locks that stand before those of the first.
    """
    order = locked(session, SYSTEM, number)
    year = order.budget_year
    is_due = order.fund is Fund.OFFICIAL and order.status is OrderStatus.APPROVED
    if not is_due or year >= fiscal_year(city_day(now)):
        return False
    choice = session.scalar(
        select(YearEndDecision.choice).filter_by(order_id=order.id, fiscal_year=year)
    )
    outcome = outcome_of(order, choice)
    reason = _REASONS[outcome] % {"year": year, "next": year + 1}
    if outcome is Outcome.CANCEL:
        apply(session, SYSTEM, order, Event.CANCEL, reason=reason, now=now)
    elif outcome is Outcome.CANCEL_REST:
        close_rest(session, SYSTEM, number, reason=reason, now=now)
    else:
        happened = apply(session, SYSTEM, order, Event.CARRY, reason=reason, now=now)
        carry_order(
            session,
            SYSTEM,
            order,
            year=year + 1,
            cause=f"{Event.CARRY} {happened.seq}",
            occurred_on=city_day(now),
            now=now,
        )
    return True


def orders_to_give_a_line(session: Session, *, now: datetime, limit: int = 100) -> list[str]:
    """Numbers of orders that wait for a budget which may bear them by now, the oldest first.

    Those for which a line with room has come, in the budget that bears their agency; and those
    that wait for room in its total. Three queries, and one more for each agency among them.
    """
    del now  # by what stands in the budgets, whatever the time
    left = BudgetLine.ceiling_amount - BudgetLine.committed_amount - BudgetLine.spent_amount
    with_line = session.execute(
        select(Order.id, Order.number, Order.agency_id, Order.budget_year, BudgetYear.id)
        .join(
            BudgetLine,
            and_(
                BudgetLine.activity_code == Order.activity_code,
                BudgetLine.expense_account == Order.expense_account,
            ),
        )
        .join(BudgetYear, BudgetYear.id == BudgetLine.budget_year_id)
        .where(
            Order.waits_for == WaitsFor.LINE,
            BudgetYear.fiscal_year == Order.budget_year,
            left >= Order.committed_amount,  # at the least: what a courier gets comes on top
        )
        .order_by(Order.id)
        .limit(10 * limit)
    ).all()
    asked = {(agency_id, year) for _, _, agency_id, year, _ in with_line}
    bearing = {key: find_bearing_year(session, *key) for key in sorted(asked)}
    found = {
        order_id: number
        for order_id, number, agency_id, year, year_id in with_line
        if (ref := bearing[agency_id, year]) is not None and ref.year_id == year_id
    }
    in_total = select(Order.id, Order.number).where(Order.waits_for == WaitsFor.TOTAL)
    found |= dict(session.execute(in_total.order_by(Order.id).limit(limit)).all())
    return [found[order_id] for order_id in sorted(found)][:limit]


def take_line(session: Session, number: str, *, now: datetime) -> bool:
    """Let the budget of its year bear an order that waits. False if it cannot, or need not."""
    order = locked(session, SYSTEM, number)
    if order.waits_for is None or order.status is not OrderStatus.APPROVED:
        return False
    try:
        with session.begin_nested():
            apply(session, SYSTEM, order, Event.TAKE_LINE, now=now)
            budget_shares.take_line(session, order)
    except (BudgetLineMissing, CeilingReached):
        return False
    return True


_REASONS = {
    Outcome.CANCEL: "Tahun anggaran %(year)d berakhir dan barangnya belum dikirim.",
    Outcome.CANCEL_REST: "Tahun anggaran %(year)d berakhir; sisanya belum dikirim.",
    Outcome.CARRY: "Tahun anggaran %(year)d berakhir; dilanjutkan dengan anggaran %(next)d.",
}
"""Kept with the event, in the city's language: they are read in mails and on the order's page."""


def _fits(order: Order, year: int, choice: YearEndChoice) -> bool:
    is_open = order.status is OrderStatus.APPROVED and order.budget_year == year
    return is_open and (choice is YearEndChoice.CARRY or can_cancel(order))


def _keep(
    session: Session, actor: Actor, order: Order, year: int, choice: YearEndChoice, now: datetime
) -> None:
    """Keep the choice on the order, whose lock is held. The audit log keeps what it was before."""
    decision = session.get(YearEndDecision, (order.id, year), populate_existing=True)
    if decision is not None and decision.choice is choice:
        return
    if decision is None:
        decision = YearEndDecision(order_id=order.id, fiscal_year=year)
        session.add(decision)
    decision.choice, decision.chosen_by, decision.chosen_at = choice, actor.person_id, now
    audit.record(
        session, actor, "year_end.chosen", order.number, {"choice": choice, "year": year}, now=now
    )
