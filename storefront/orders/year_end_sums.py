"""What the end of a year comes to over all of an agency's open orders, however many they are.

What becomes of an order follows from its statuses and the choice; only where it was sent in part
from its lines too (`transitions.py`). So the many are summed by one grouped query, and of those few
alone the lines are read, so many at a time.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Row, and_, func, select
from sqlalchemy.orm import Session, selectinload

from storefront.orders.accounting import figures_of, value_of
from storefront.orders.models import Order, OrderId, YearEndChoice, YearEndDecision
from storefront.orders.transitions import BEFORE_SHIPPING, PARTLY_HERE
from storefront.orders.year_end import Outcome, of_agency, open_in, outcome_of

CHUNK = 500
"""Orders sent in part that are held in memory at a time."""


@dataclass(frozen=True, kw_only=True)
class Sums:
    """Over all open orders. Amounts in rupiah of the budget."""

    orders: int
    chosen: int
    by_outcome: Mapping[Outcome, int]
    held_amount: int
    freed_amount: int


def sums_of(session: Session, agency_code: str, year: int) -> Sums:
    """What the turn of a year will do to an agency's open orders, by the worker's rule.

    Two queries, and the lines of those sent in part; again for each further `CHUNK` of those.
    """
    outcomes: Counter[Outcome] = Counter()
    chosen = held = freed = 0
    groups = (
        Order.fulfilment_status,
        YearEndDecision.choice,
        Order.committed_amount,
        Order.budget_amount,
        Order.quota_amount,
    )
    whole = (
        select(*groups, func.count())
        .outerjoin(YearEndDecision, _chosen_for(year))
        .where(open_in(year), of_agency(agency_code), Order.fulfilment_status.not_in(PARTLY_HERE))
        .group_by(*groups)
    )
    # The amounts are groups too: their product may be larger than a database's integer.
    for status, choice, committed, budget, quota, count in session.execute(whole):
        is_cancelled = status in BEFORE_SHIPPING and choice is not YearEndChoice.CARRY
        outcomes[Outcome.CANCEL if is_cancelled else Outcome.CARRY] += count
        chosen += count if choice else 0
        amount = count * (committed * budget // quota)
        held += amount
        freed += amount if is_cancelled else 0
    for orders in _sent_in_part(session, agency_code, year):
        for order, choice in orders:
            outcome = outcome_of(order, choice)
            outcomes[outcome] += 1
            chosen += 1 if choice else 0
            held += held_amount(order)
            freed += freed_amount(order, outcome)
    return Sums(
        orders=outcomes.total(),
        chosen=chosen,
        by_outcome=outcomes,
        held_amount=held,
        freed_amount=freed,
    )


def held_amount(order: Order) -> int:
    """What an order commits, also while it waits in no counter."""
    return order.committed_amount * order.budget_amount // order.quota_amount


def freed_amount(order: Order, outcome: Outcome) -> int:
    """What the budget of the year that ends gets back for good: of what will not come."""
    if outcome is Outcome.CARRY:
        return 0
    if outcome is Outcome.CANCEL:
        return held_amount(order)
    figures = figures_of(order)
    sent = value_of(order, lambda line: line.shipped_quantity - line.returned_quantity)
    kept = max(sent - min(figures.accepted, figures.paid), 0)
    return held_amount(order) - kept * order.budget_amount // order.quota_amount


def _sent_in_part(
    session: Session, agency_code: str, year: int
) -> Iterator[Sequence[Row[Order, YearEndChoice]]]:
    """Those orders with their lines and choices, by id, so many at a time."""
    query = (
        select(Order, YearEndDecision.choice)
        .outerjoin(YearEndDecision, _chosen_for(year))
        .where(open_in(year), of_agency(agency_code), Order.fulfilment_status.in_(PARTLY_HERE))
        .options(selectinload(Order.lines))
        .order_by(Order.id)
        .limit(CHUNK)
        .execution_options(populate_existing=True)
    )
    after = OrderId(0)
    while orders := session.execute(query.where(Order.id > after)).all():
        yield orders
        if len(orders) < CHUNK:
            return
        after = orders[-1][0].id


def _chosen_for(year: int) -> ColumnElement[bool]:
    """Joins what was chosen for an order at the end of a year."""
    return and_(YearEndDecision.order_id == Order.id, YearEndDecision.fiscal_year == year)
