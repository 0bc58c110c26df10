"""What the checkout page shows: the orders a purchase would hold, and all that decides on them.

Nothing is written and nothing promised: `checkout.place_purchase` looks again under its locks.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.agencies.budgets import BudgetLineRow
from storefront.agencies.placements import CurrentPlacement, orderable_placements
from storefront.core.calendar import city_day
from storefront.core.errors import DomainError
from storefront.core.permissions import Action, Actor, agency_scope, require
from storefront.orders.cart import items_of
from storefront.orders.checkout import CartChanged, EmptyCart
from storefront.orders.checkout_request import CheckoutRequest, Wishes
from storefront.orders.drafts import DraftOrder, draft_orders, look_around
from storefront.orders.funding import OfficialFunds, budget_for, fund_orders
from storefront.orders.models import Cart, PickupPoint
from storefront.quota.models import Fund
from storefront.quota.rules import Rule
from storefront.sellers.models import SellerId


@dataclass(frozen=True, kw_only=True)
class Quote:
    """A checkout as it stands. `wanted` is the request with what was left open filled in."""

    wanted: CheckoutRequest
    placement: CurrentPlacement
    placements: tuple[CurrentPlacement, ...]
    orders: tuple[DraftOrder, ...]
    outlets: tuple[PickupPoint, ...]
    funds: OfficialFunds
    """Of the official way, also while the buyer has chosen own money."""
    counting_amount: int
    """The part of the total that counts toward the agency's target."""
    problems: tuple[DomainError, ...]
    """What stands against sending it as it is."""

    @property
    def goods_amount(self) -> int:
        return sum(order.goods_amount for order in self.orders)

    @property
    def delivery_amount(self) -> int:
        return sum(order.delivery_amount for order in self.orders)

    @property
    def tax_amount(self) -> int:
        return sum(order.tax_amount for order in self.orders)

    @property
    def total_amount(self) -> int:
        return sum(order.total_amount for order in self.orders)

    def left_after(self, line: BudgetLineRow) -> int:
        """What a budget line still holds once all orders that name it are granted."""
        named = (
            order.total_amount
            for order in self.orders
            if self.funds.chosen.get(order.seller.id) == line
        )
        return line.left_amount - sum(named)

    @property
    def decide_by(self) -> datetime | None:
        """Until when the first of its requests must be decided."""
        ends = [self.funds.of(order).decide_by for order in self.orders]
        return min((end for end in ends if end is not None), default=None)


def quote(
    session: Session, actor: Actor, wanted: CheckoutRequest, *, rule: Rule, now: datetime
) -> Quote:
    """What a request would come to, with the usual choice where it names none.

    The first placement of the day, the first activity and account with enough left. Raises
    `EmptyCart`, `CartChanged`, `NoPlacement`, `AgencyEnded` or `NotAllowed`; all else is told in
    `problems`.
    """
    cart = session.scalar(select(Cart).filter_by(person_id=actor.person_id))
    items = items_of(session, cart, wanted.item_ids) if cart else []
    if cart is None or not items:
        raise EmptyCart
    if wanted.revision not in {None, cart.revision}:
        raise CartChanged
    placements = orderable_placements(session, actor.person_id, city_day(now))
    placement = next(
        (p for p in placements if p.placement_id == wanted.placement_id), placements[0]
    )
    require(actor, Action.SHOP, agency_scope(placement.agency_code))
    wanted = replace(wanted, revision=cart.revision, placement_id=placement.placement_id)
    around = look_around(session, actor, wanted, placement=placement, now=now)
    drafts = draft_orders(session, around, items)
    bearing = budget_for(session, around)
    wanted = _with_lines(wanted, drafts, bearing.lines)
    drafts = [replace(draft, wishes=wanted.wishes_for(draft.seller.id)) for draft in drafts]
    official = replace(around, wanted=replace(wanted, fund=Fund.OFFICIAL))
    funds = fund_orders(session, official, drafts, rule=rule, bearing=bearing)
    against_funds = funds.problems if wanted.fund is Fund.OFFICIAL else ()
    return Quote(
        wanted=wanted,
        placement=placement,
        placements=tuple(placements),
        orders=tuple(drafts),
        outlets=tuple(around.outlets),
        funds=funds,
        counting_amount=sum(
            draft.total_amount for draft in drafts if rule.counts(draft.seller_class.seller_class)
        ),
        problems=(*(p for draft in drafts for p in draft.problems), *against_funds),
    )


def _with_lines(
    wanted: CheckoutRequest, drafts: Sequence[DraftOrder], lines: Sequence[BudgetLineRow]
) -> CheckoutRequest:
    """The request with an activity, and an account of it for each order that has none of it."""
    if not lines:
        return wanted
    activities = dict.fromkeys(line.activity_code for line in lines)
    choices = {activity: _accounts(activity, drafts, lines) for activity in activities}
    activity = wanted.activity_code
    if activity not in choices:
        activity = max(choices, key=lambda code: (len(choices[code]), _left(code, lines)))
    known = {line.expense_account for line in lines if line.activity_code == activity}
    by_seller = dict(wanted.by_seller)
    for draft in drafts:
        if draft.wishes.expense_account not in known:
            wishes = by_seller.get(draft.seller.id, Wishes())
            suggested = choices[activity].get(draft.seller.id)
            by_seller[draft.seller.id] = replace(wishes, expense_account=suggested)
    return replace(wanted, activity_code=activity, by_seller=by_seller)


def _accounts(
    activity: str, drafts: Sequence[DraftOrder], lines: Sequence[BudgetLineRow]
) -> dict[SellerId, str]:
    """For each order an account of an activity that still holds it, the one with most left."""
    of_activity = [line for line in lines if line.activity_code == activity]
    left = {
        line.expense_account: line.left_amount
        for line in sorted(of_activity, key=lambda line: -line.left_amount)
    }
    found: dict[SellerId, str] = {}
    for draft in drafts:
        account = next((a for a, amount in left.items() if amount >= draft.total_amount), None)
        if account is not None:
            left[account] -= draft.total_amount
            found[draft.seller.id] = account
    return found


def _left(activity: str, lines: Sequence[BudgetLineRow]) -> int:
    return sum(line.left_amount for line in lines if line.activity_code == activity)
