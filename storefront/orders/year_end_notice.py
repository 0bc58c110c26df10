"""What the end of the year will do to one order, said beforehand on its pages.

By the rule that the worker follows (`year_end.outcome_of`), the agency's choice, and the state of
the next year's budget as it is now.
"""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from storefront.agencies.models import Agency
from storefront.core.calendar import fiscal_year
from storefront.core.permissions import Action, Actor, agency_scope, allows
from storefront.orders import parties
from storefront.orders.budget_shares import would_wait_for
from storefront.orders.models import Order, OrderStatus, WaitsFor, YearEndChoice, YearEndDecision
from storefront.orders.year_end import DECEMBER, Outcome, can_cancel, outcome_of
from storefront.orders.year_end_sums import freed_amount, held_amount
from storefront.quota.models import Fund


@dataclass(frozen=True, kw_only=True)
class YearEndNotice:
    """What becomes of an order on 31 December, as things stand today."""

    year: int
    outcome: Outcome | None
    """None: it is a request, which expires unless it is approved."""
    choice: YearEndChoice | None
    """Its agency's; None: the default holds."""
    can_cancel: bool
    """Whether anything of it is still to be chosen about: what was sent whole is carried anyway."""
    lacks: WaitsFor | None
    """What the next year's budget cannot give it yet; told to its buyer and its agency alone."""
    chosen_at_agency: str | None
    """The code of the agency for which the reader may choose; None: it is not theirs to choose."""

    @property
    def next_year(self) -> int:
        return self.year + 1


def year_end_notice(
    session: Session, actor: Actor, number: str, *, today: date
) -> YearEndNotice | None:
    """The notice for an open official order that the actor may see; None where nothing is ahead.

    Shown from 1 to 31 December, to who is shown the order. No query in other months; then so many
    for any number of lines.
    """
    year = fiscal_year(today)
    if today.month != DECEMBER:
        return None
    order = session.scalar(
        select(Order)
        .where(
            Order.number == number,
            Order.fund == Fund.OFFICIAL,
            Order.budget_year == year,
            Order.status.in_((OrderStatus.SUBMITTED, OrderStatus.APPROVED)),
        )
        .options(selectinload(Order.lines))
        .execution_options(populate_existing=True)
    )
    if order is None or not parties.may_see(session, actor, order):
        return None
    if order.status is OrderStatus.SUBMITTED:
        return YearEndNotice(
            year=year,
            outcome=None,
            choice=None,
            can_cancel=False,
            lacks=None,
            chosen_at_agency=None,
        )
    choice = session.scalar(
        select(YearEndDecision.choice).filter_by(order_id=order.id, fiscal_year=year)
    )
    outcome = outcome_of(order, choice)
    return YearEndNotice(
        year=year,
        outcome=outcome,
        choice=choice,
        can_cancel=can_cancel(order),
        lacks=_lacks(session, actor, order, outcome),
        chosen_at_agency=_chosen_at(session, actor, order) if can_cancel(order) else None,
    )


def _lacks(session: Session, actor: Actor, order: Order, outcome: Outcome) -> WaitsFor | None:
    is_theirs = actor.person_id == order.buyer_id or parties.may_weigh(session, actor, order)
    if outcome is Outcome.CANCEL or not is_theirs:
        return None
    carried = held_amount(order) - freed_amount(order, outcome)
    return would_wait_for(session, order, order.budget_year + 1, carried)


def _chosen_at(session: Session, actor: Actor, order: Order) -> str | None:
    """By the rule of `year_end.choose`: its own agency, or the one that approved it."""
    approving = session.scalar(select(Agency.code).where(Agency.id == order.approval_agency_id))
    codes = [code for code in (order.agency_code, approving) if code is not None]
    may = (code for code in codes if allows(actor, Action.CHOOSE_YEAR_END, agency_scope(code)))
    code = next(may, None)
    return None if code and parties.runs_shop(session, actor, order.seller_id) else code
