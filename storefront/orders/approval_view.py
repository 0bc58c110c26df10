"""What an approver should look at before saying yes: the budget and the seller.

How the agency stands against its target: `reports/gain.py`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storefront.agencies.models import BudgetLine, BudgetYear
from storefront.catalog.models import Category, Product
from storefront.core.calendar import city_day, month_of
from storefront.core.errors import NotFound
from storefront.core.permissions import Actor
from storefront.orders.approvals import may_exceed
from storefront.orders.models import Order, OrderLine, OrderStatus, Purchase
from storefront.orders.order_view import find_order
from storefront.orders.parties import may_weigh
from storefront.orders.rows import OrderView
from storefront.quota.models import Fund
from storefront.quota.rules import rule_on
from storefront.sellers import caps

RECENT = timedelta(days=30)
MOST_SIMILAR = 5


@dataclass(frozen=True)
class BudgetStanding:
    """A ceiling (None: no budget entered), and what is used of it before this request."""

    ceiling_amount: int | None
    used_amount: int
    request_amount: int

    @property
    def left_before_amount(self) -> int | None:
        return None if self.ceiling_amount is None else self.ceiling_amount - self.used_amount

    @property
    def left_after_amount(self) -> int | None:
        left = self.left_before_amount
        return None if left is None else left - self.request_amount


@dataclass(frozen=True)
class SellerMonth:
    """What the seller was promised of official money this month; a cap of 0 is none."""

    month: str
    promised_amount: int
    cap_amount: int
    request_amount: int

    @property
    def left_before_amount(self) -> int | None:
        return None if self.cap_amount == caps.NO_CAP else self.cap_amount - self.promised_amount

    @property
    def left_after_amount(self) -> int | None:
        left = self.left_before_amount
        return None if left is None else left - self.request_amount


@dataclass(frozen=True)
class SimilarOrder:
    """Another recent order of the agency at this seller: perhaps one need, split in two."""

    number: str
    placed_at: datetime
    status: OrderStatus
    purpose: str
    total_amount: int
    is_same_purchase: bool


@dataclass(frozen=True)
class PriceElsewhere:
    """What other sellers ask for in the same category and unit as a line."""

    line_position: int
    sellers: int
    lowest_amount: int
    highest_amount: int


@dataclass(frozen=True, kw_only=True)
class ApprovalView:
    """A request, and what its approver should know. Amounts in rupiah."""

    order: OrderView
    purchase_total_amount: int
    """Of the whole purchase: thresholds look at it."""
    budget_year: BudgetStanding
    budget_line: BudgetStanding | None
    counts: bool
    """Whether its seller's class does toward the agency's target, by the rule of today."""
    may_exceed: bool
    """Whether the approver may accept it above the budget; its reason is on the order."""
    seller_month: SellerMonth
    similar: tuple[SimilarOrder, ...]
    prices: tuple[PriceElsewhere, ...]

    @property
    def over_amount(self) -> int:
        """Rupiah by which it would leave the year or its line above the ceiling."""
        standings = [self.budget_year, *([self.budget_line] if self.budget_line else [])]
        return max(0, *(-(each.left_after_amount or 0) for each in standings))


def approval_view(session: Session, actor: Actor, number: str, *, now: datetime) -> ApprovalView:
    """An official request for who decides on it. So many queries for any number of lines.

    Raises `NotFound`, also for what is no official order, and for its buyer and its seller.
    """
    view = find_order(session, actor, number)
    order = session.scalars(select(Order).filter_by(number=number)).one()
    if not may_weigh(session, actor, order):
        raise NotFound
    rule = rule_on(session, city_day(now))
    month = month_of(city_day(now))
    purchase_total = select(Purchase.total_amount).where(Purchase.id == order.purchase_id)
    return ApprovalView(
        order=view,
        purchase_total_amount=session.scalars(purchase_total).one(),
        budget_year=_standing(order, _budget_year(session, order)),
        budget_line=_line_standing(session, order),
        counts=rule.counts(order.seller_class),
        may_exceed=may_exceed(session, order),
        seller_month=SellerMonth(
            month=month,
            promised_amount=caps.promised_in(session, order.seller_id, month),
            cap_amount=rule.seller_monthly_cap_amount,
            request_amount=order.quota_amount,
        ),
        similar=_similar(session, order, now),
        prices=_prices(session, order),
    )


def _budget_year(session: Session, order: Order) -> BudgetYear | None:
    return session.scalar(
        select(BudgetYear)
        .filter_by(agency_id=order.budget_agency_id, fiscal_year=order.budget_year)
        .execution_options(populate_existing=True)
    )


def _line_standing(session: Session, order: Order) -> BudgetStanding | None:
    if order.budget_line_id is None:
        return None
    return _standing(
        order, session.get_one(BudgetLine, order.budget_line_id, populate_existing=True)
    )


def _standing(order: Order, counter: BudgetYear | BudgetLine | None) -> BudgetStanding:
    if counter is None:
        return BudgetStanding(None, 0, order.budget_amount)
    used_amount = counter.committed_amount + counter.spent_amount
    return BudgetStanding(counter.ceiling_amount, used_amount, order.budget_amount)


def _similar(session: Session, order: Order, now: datetime) -> tuple[SimilarOrder, ...]:
    """Orders that might be the other half of a split one, of the last 30 days."""
    query = (
        select(Order)
        .where(
            Order.agency_id == order.agency_id,
            Order.fund == Fund.OFFICIAL,
            Order.seller_id == order.seller_id,
            Order.placed_at >= now - RECENT,
            Order.id != order.id,
            Order.status.in_(
                (
                    OrderStatus.SUBMITTED,
                    OrderStatus.APPROVED,
                    OrderStatus.COMPLETED,
                )
            ),
        )
        .order_by(Order.id.desc())
        .limit(MOST_SIMILAR)
    )
    return tuple(
        SimilarOrder(
            number=other.number,
            placed_at=other.placed_at,
            status=other.status,
            purpose=other.purpose,
            total_amount=other.total_amount,
            is_same_purchase=other.purchase_id == order.purchase_id,
        )
        for other in session.scalars(query)
    )


def _prices(session: Session, order: Order) -> tuple[PriceElsewhere, ...]:
    """For each line the other sellers' prices, where there are any. One query."""
    query = (
        select(
            OrderLine.position,
            func.count(Product.seller_id.distinct()),
            func.min(Product.from_amount),
            func.max(Product.from_amount),
        )
        .join(Category, Category.path == OrderLine.category_path)
        .join(Product, (Product.category_id == Category.id) & (Product.unit == OrderLine.unit))
        .where(
            OrderLine.order_id == order.id,
            Product.is_visible,
            Product.seller_id != order.seller_id,
        )
        .group_by(OrderLine.position)
        .order_by(OrderLine.position)
    )
    return tuple(PriceElsewhere(*row) for row in session.execute(query))
