"""Orders for who may see them: lists, counts and badges. One order: `order_view.py`."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session, contains_eager

from storefront.agencies.models import Agency
from storefront.core.calendar import instant_of
from storefront.core.errors import NotAllowed
from storefront.core.paging import PAGE_SIZE, Page, page_number
from storefront.core.permissions import (
    CITY,
    Action,
    Actor,
    PersonId,
    Role,
    agency_scope,
    require,
    shop_scope,
)
from storefront.orders.accounting import in_total
from storefront.orders.models import (
    FulfilmentStatus,
    Order,
    OrderLine,
    OrderPeople,
    OrderStatus,
    PaymentStatus,
    Purchase,
)
from storefront.orders.rows import OrderRow, Waiting
from storefront.orders.stages import STAGES, Stage, is_at
from storefront.quota.models import Fund
from storefront.sellers.models import SellerId


@dataclass(frozen=True, kw_only=True)
class OrderFilter:
    """Which orders, of those one may see. Days are the city's, both included, by `placed_at`."""

    stage: Stage | None = None
    status: OrderStatus | None = None
    payment_status: PaymentStatus | None = None
    fulfilment_status: FulfilmentStatus | None = None
    fund: Fund | None = None
    is_payable: bool = False
    """Only what an agency accepted and has not paid yet."""
    is_under_way: bool = False
    """Only what was approved or placed and is not finished."""
    from_day: date | None = None
    to_day: date | None = None
    number: str = ""
    """The beginning of an order's number."""
    oldest_first: bool = False
    page: int | None = 1


class Whose(StrEnum):
    BUYER = "buyer"
    SHOP = "shop"
    AGENCY = "agency"
    CITY = "city"


@dataclass(frozen=True)
class OrdersOf:
    """Whose orders. Made by the functions below, each of which asks first whether one may."""

    whose: Whose
    key: str | int
    only_counts: bool = False


def of_buyer(actor: Actor) -> OrdersOf:
    """One's own, of either fund."""
    return OrdersOf(Whose.BUYER, actor.person_id)


def of_shop(actor: Actor, seller_id: SellerId) -> OrdersOf:
    """A shop's, once approved or paid. Raises `NotAllowed`."""
    require(actor, Action.MANAGE_SHOP, shop_scope(seller_id))
    return OrdersOf(Whose.SHOP, seller_id)


def of_agency(actor: Actor, agency_code: str) -> OrdersOf:
    """An agency's official orders: what its people buy privately is theirs. Raises `NotAllowed`."""
    require(actor, Action.SEE_AGENCY_ORDERS, agency_scope(agency_code))
    return OrdersOf(Whose.AGENCY, agency_code)


def of_audit(actor: Actor) -> OrdersOf:
    """All official orders, for the auditor. Raises `NotAllowed`."""
    require(actor, Action.AUDIT, CITY)
    return OrdersOf(Whose.CITY, "")


def of_city(actor: Actor) -> OrdersOf:
    """All official orders, for counting only. Raises `NotAllowed`."""
    require(actor, Action.SEE_CITY, CITY)
    return OrdersOf(Whose.CITY, "", only_counts=True)


def list_orders(session: Session, wanted: OrderFilter, of: OrdersOf) -> Page[OrderRow]:
    """A page of orders, the newest first unless asked otherwise. Two queries for any rows.

    Raises `NotAllowed` for whoever may only count.
    """
    if of.only_counts:
        raise NotAllowed
    at = page_number(wanted.page)
    query = (
        _with_people(select(Order))
        .where(*_whose(of), *_conditions(wanted))
        .order_by(Order.id if wanted.oldest_first else Order.id.desc())
        .offset((at - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE + 1)
    )
    orders = session.scalars(query).all()
    return Page(rows_of(session, orders[:PAGE_SIZE]), at, has_next=len(orders) > PAGE_SIZE)


def count_by_stage(session: Session, of: OrdersOf) -> dict[Stage, int]:
    """How many orders are at each stage. One query."""
    stage = case(*((is_at(stage), stage.value) for stage in STAGES), else_=Stage.OVER.value)
    counts = defaultdict(int, dict.fromkeys(Stage, 0))
    for name, number in session.execute(
        select(stage, func.count()).select_from(Order).where(*_whose(of)).group_by(stage)
    ):
        counts[Stage(name)] += number
    return dict(counts)


def waiting_counts(session: Session, actor: Actor) -> Waiting:
    """What waits for a person, for the badges beside the menu: one query for each role held."""
    approves, pays, sells = (
        actor.scopes(role) for role in (Role.APPROVER, Role.TREASURER, Role.SELLER)
    )
    shops = _by_stage(session, Order.seller_id.in_([int(id_) for id_ in sells])) if sells else {}
    own = _by_stage(session, Order.buyer_id == actor.person_id)
    return Waiting(
        to_approve=_count_to_approve(session, approves, actor.person_id) if approves else 0,
        to_pay_for_agency=_count_to_pay(session, pays) if pays else 0,
        to_answer=shops.get(Stage.TO_ANSWER, 0),
        to_ship=shops.get(Stage.TO_SHIP, 0),
        to_pay=own.get(Stage.TO_PAY_NOW, 0),
        to_receive=own.get(Stage.ON_THE_WAY, 0),
        to_put_right=own.get(Stage.DRAFT, 0),
    )


@dataclass(frozen=True)
class LinesInShort:
    """How many lines an order has, and its first."""

    count: int
    first: str
    first_quantity: int
    picture_key: str | None


def lines_in_short(session: Session, order_ids: Collection[int]) -> dict[int, LinesInShort]:
    """The lines of orders, in short. One query."""
    counts = (
        select(OrderLine.order_id, func.count().label("number"))
        .where(OrderLine.order_id.in_(order_ids))
        .group_by(OrderLine.order_id)
        .subquery()
    )
    query = (
        select(OrderLine, counts.c.number)
        .join(counts, counts.c.order_id == OrderLine.order_id)
        .where(OrderLine.position == 1)
    )
    return {
        line.order_id: LinesInShort(number, line.product_name, line.quantity, line.picture_key)
        for line, number in session.execute(query)
    }


def rows_of(session: Session, orders: Sequence[Order]) -> tuple[OrderRow, ...]:
    """Orders as rows; their people and purchase are loaded. One query."""
    lines = lines_in_short(session, [order.id for order in orders])
    return tuple(_row(order, lines[order.id]) for order in orders)


def _with_people(query: Select[Order]) -> Select[Order]:
    return (
        query.join(OrderPeople, OrderPeople.order_id == Order.id)
        .join(Purchase, Purchase.id == Order.purchase_id)
        .options(contains_eager(Order.people), contains_eager(Order.purchase))
    )


def _row(order: Order, lines: LinesInShort) -> OrderRow:
    same = (
        "number", "fund", "status", "payment_status", "fulfilment_status", "placed_at",
        "agency_code", "agency_name", "seller_id", "seller_name", "seller_class", "purpose",
        "delivery", "outlet_code", "deliver_on", "decide_by", "received_at", "bast_number",
        "total_amount", "budget_year", "waits_for",
    )  # fmt: skip
    return OrderRow(
        **{name: getattr(order, name) for name in same},
        purchase_number=order.purchase.number,
        buyer_name=order.people.buyer_name,
        payable_amount=max(in_total(order, order.accepted_amount) - order.paid_amount, 0),
        line_count=lines.count,
        first_line=lines.first,
        first_quantity=lines.first_quantity,
        picture_key=lines.picture_key,
    )


def _whose(of: OrdersOf) -> list[ColumnElement[bool]]:
    if of.whose is Whose.BUYER:
        return [Order.buyer_id == of.key]
    if of.whose is Whose.SHOP:
        return [
            Order.seller_id == of.key,
            Order.approved_at.is_not(None) | Order.paid_at.is_not(None),
        ]
    official = Order.fund == Fund.OFFICIAL
    if of.whose is Whose.AGENCY:
        agency_id = select(Agency.id).where(Agency.code == of.key).scalar_subquery()
        return [official, Order.agency_id == agency_id]
    return [official]


def _conditions(wanted: OrderFilter) -> list[ColumnElement[bool]]:
    equal = {
        Order.status: wanted.status,
        Order.payment_status: wanted.payment_status,
        Order.fulfilment_status: wanted.fulfilment_status,
        Order.fund: wanted.fund,
    }
    conditions: list[ColumnElement[bool]] = [
        column == value for column, value in equal.items() if value is not None
    ]
    if wanted.stage is not None:
        conditions.append(is_at(wanted.stage))
    if wanted.is_payable:
        conditions.append(_is_payable())
    if wanted.is_under_way:
        conditions.append(Order.status.in_((OrderStatus.APPROVED, OrderStatus.PLACED)))
    if number := wanted.number.strip().upper():
        conditions.append(Order.number.startswith(number, autoescape=True))
    if wanted.from_day is not None:
        conditions.append(Order.placed_at >= instant_of(wanted.from_day))
    if wanted.to_day is not None:
        conditions.append(Order.placed_at < instant_of(wanted.to_day + timedelta(days=1)))
    return conditions


def _by_stage(session: Session, whose: ColumnElement[bool]) -> dict[Stage, int]:
    """Counts of what is still under way, by stage."""
    stages = (
        Stage.DRAFT,
        Stage.TO_PAY_NOW,
        Stage.TO_ANSWER,
        Stage.TO_SHIP,
        Stage.ON_THE_WAY,
    )
    under_way = (OrderStatus.DRAFT, OrderStatus.APPROVED, OrderStatus.PLACED)
    stage = case(*((is_at(stage), stage.value) for stage in stages), else_="")
    query = (
        select(stage, func.count())
        .select_from(Order)
        .where(whose, Order.status.in_(under_way))
        .group_by(stage)
    )
    return {Stage(name): number for name, number in session.execute(query) if name}


def _count_to_approve(session: Session, agency_codes: list[str], besides: PersonId) -> int:
    agencies = select(Agency.id).where(Agency.code.in_(agency_codes))
    query = select(func.count()).where(
        Order.approval_agency_id.in_(agencies),
        Order.status == OrderStatus.SUBMITTED,
        Order.buyer_id != besides,
    )
    return session.scalars(query).one()


def _count_to_pay(session: Session, agency_codes: list[str]) -> int:
    agencies = select(Agency.id).where(Agency.code.in_(agency_codes))
    query = select(func.count()).where(
        Order.agency_id.in_(agencies), Order.fund == Fund.OFFICIAL, _is_payable()
    )
    return session.scalars(query).one()


def _is_payable() -> ColumnElement[bool]:
    return (Order.status == OrderStatus.APPROVED) & (Order.paid_amount < Order.accepted_amount)
