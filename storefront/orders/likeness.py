"""What a purchase outside the store may be a second time: an order, or another such purchase.

A likeness is a flag and never a block: two equal receipts of a week can both be true.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from storefront.core.calendar import city_day, instant_of
from storefront.orders.models import Order, OrderStatus
from storefront.quota.correction_models import Correction, CorrectionState, OffPlatformPurchase
from storefront.quota.models import Fund
from storefront.sellers.models import SellerId

MOST = 5
LIKE_DAYS = timedelta(days=30)
"""So near to each other two records of the same sum and seller may be of the same purchase."""
OVER = (
    OrderStatus.REJECTED,
    OrderStatus.DECLINED,
    OrderStatus.CANCELLED,
    OrderStatus.EXPIRED,
)


@dataclass(frozen=True, kw_only=True)
class Probe:
    """What is looked for. `besides`: the document itself, and what it takes back."""

    agency_code: str
    bought_on: date
    document_number: str
    seller_id: SellerId | None
    seller_name: str
    seller_nib: str
    amount: int
    besides: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True)
class LikeOrder:
    """An order of that agency with the same seller and sum, within a month of that day."""

    number: str
    seller_name: str
    total_amount: int
    placed_on: date
    purpose: str


@dataclass(frozen=True, kw_only=True)
class LikePurchase:
    """Another document: of the same receipt number, or the same seller, sum and day."""

    correction_id: int
    number: str
    document_number: str
    seller_name: str
    amount: int
    bought_on: date
    has_same_number: bool


@dataclass(frozen=True)
class Likenesses:
    orders: tuple[LikeOrder, ...] = ()
    purchases: tuple[LikePurchase, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.orders or self.purchases)


def likenesses(session: Session, probe: Probe) -> Likenesses:
    """The likely duplicates, at most five of each, the nearest in time last. Two reads.

    The caller has asked whether the reader may see that agency's orders.
    """
    return Likenesses(_orders(session, probe), _purchases(session, probe))


def _orders(session: Session, probe: Probe) -> tuple[LikeOrder, ...]:
    first: datetime = instant_of(probe.bought_on - LIKE_DAYS)
    last: datetime = instant_of(probe.bought_on + LIKE_DAYS)
    same_seller = [func.lower(Order.seller_name) == probe.seller_name.lower()]
    if probe.seller_nib:
        same_seller.append(Order.seller_nib == probe.seller_nib)
    if probe.seller_id is not None:
        same_seller.append(Order.seller_id == probe.seller_id)
    amount = abs(probe.amount)
    query = (
        select(Order)
        .where(
            Order.agency_code == probe.agency_code,
            Order.fund == Fund.OFFICIAL,
            Order.placed_at.between(first, last),
            Order.status.not_in(OVER),
            or_(Order.total_amount == amount, Order.goods_amount == amount),
            or_(*same_seller),
        )
        .order_by(Order.placed_at, Order.id)
        .limit(MOST)
    )
    return tuple(
        LikeOrder(
            number=order.number,
            seller_name=order.seller_name,
            total_amount=order.total_amount,
            placed_on=city_day(order.placed_at),
            purpose=order.purpose,
        )
        for order in session.scalars(query)
    )


def _purchases(session: Session, probe: Probe) -> tuple[LikePurchase, ...]:
    bought = OffPlatformPurchase
    same_number = func.lower(bought.document_number) == probe.document_number.lower()
    same_seller = func.lower(bought.seller_name) == probe.seller_name.lower()
    if probe.seller_nib:
        same_seller = or_(same_seller, bought.seller_nib == probe.seller_nib)
    query = (
        select(Correction, bought)
        .join(bought, bought.correction_id == Correction.id)
        .where(
            bought.agency_code == probe.agency_code,
            Correction.state != CorrectionState.REFUSED,
            Correction.reverses_id.is_(None),
            bought.correction_id.not_in(probe.besides),
            or_(
                same_number,
                (bought.bought_on == probe.bought_on)
                & (bought.amount == abs(probe.amount))
                & same_seller,
            ),
        )
        .order_by(bought.bought_on, bought.correction_id)
        .limit(MOST)
    )
    return tuple(
        LikePurchase(
            correction_id=correction.id,
            number=correction.number,
            document_number=row.document_number,
            seller_name=row.seller_name,
            amount=row.amount,
            bought_on=row.bought_on,
            has_same_number=row.document_number.lower() == probe.document_number.lower(),
        )
        for correction, row in session.execute(query)
    )
