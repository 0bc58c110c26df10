"""What the clock does to orders: requests expire, parcels count as received.

The worker asks for what is due, bounded and in the order of ids, and takes each in a transaction
of its own: one order's lock at a time, and one bad row holds up no other.
"""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from storefront.core import outbox
from storefront.core.calendar import (
    city_day,
    fiscal_year,
    instant_of,
    working_day_before,
    working_days_after,
)
from storefront.core.permissions import SYSTEM
from storefront.orders.effects import RECEIVED_AFTER
from storefront.orders.fulfilment import receive
from storefront.orders.lifecycle import apply, locked
from storefront.orders.models import FulfilmentStatus, Order, OrderStatus
from storefront.orders.words import Event
from storefront.quota.models import Fund

LAST_CALL = time(16)
"""On the working day before delivery a seller must know."""
REMINDED_AFTER = timedelta(days=5)
ON_ITS_WAY = (
    FulfilmentStatus.PARTIALLY_SHIPPED,
    FulfilmentStatus.SHIPPED,
    FulfilmentStatus.PARTIALLY_RECEIVED,
)


def decide_by(
    placed_at: datetime,
    deliver_on: date | None,
    request_days: int,
    holidays: Collection[date],
) -> datetime:
    """Until when a request can be approved (product.md, "Official orders" and "Year end").

    To the end of so many working days after it was placed; 16.00 of the working day before its
    delivery day, and the end of the year, if those are sooner.
    """
    placed_on = city_day(placed_at)
    last_day = working_days_after(placed_on, request_days, holidays)
    ends = [
        instant_of(last_day + timedelta(days=1)),
        instant_of(date(fiscal_year(placed_on) + 1, 1, 1)),
    ]
    if deliver_on is not None:
        ends.append(instant_of(working_day_before(deliver_on, holidays), LAST_CALL))
    return min(ends)


def requests_to_expire(session: Session, *, now: datetime, limit: int = 100) -> list[str]:
    """Numbers of requests that nobody decided in time, or before their budget year was over."""
    return _numbers(
        session,
        Order.status == OrderStatus.SUBMITTED,
        (Order.decide_by <= now) | (Order.budget_year < fiscal_year(city_day(now))),
        limit=limit,
    )


def expire_request(session: Session, number: str, *, now: datetime) -> bool:
    """Expire a request, if it still waits; its stock goes back. False if somebody decided."""
    order = locked(session, SYSTEM, number)
    if order.status is not OrderStatus.SUBMITTED or not is_late(order, now=now):
        return False
    apply(session, SYSTEM, order, Event.EXPIRE, now=now)
    return True


def is_late(order: Order, *, now: datetime) -> bool:
    """Whether the time to decide on a request has passed."""
    if order.budget_year < fiscal_year(city_day(now)):
        return True  # a request not approved by 31 December expires (product.md, "Year end")
    return order.decide_by is not None and order.decide_by <= now


def parcels_to_remind_of(session: Session, *, now: datetime, limit: int = 100) -> list[str]:
    """Numbers of personal orders that soon count as received, and whose buyer was not told."""
    return _numbers(
        session,
        Order.status == OrderStatus.PLACED,
        Order.fulfilment_status.in_(ON_ITS_WAY),
        Order.receive_by <= now + RECEIVED_AFTER - REMINDED_AFTER,
        Order.reminded_at.is_(None),
        limit=limit,
    )


def remind(session: Session, number: str, *, now: datetime) -> bool:
    """Have the buyer reminded to confirm, once. False if it was done or is no longer needed."""
    order = locked(session, SYSTEM, number)
    if order.reminded_at is not None or not _is_on_its_way(order):
        return False
    order.reminded_at = now
    outbox.put(session, "receive_reminder", {"order": order.number}, now=now)
    session.flush()
    return True


def parcels_to_receive(session: Session, *, now: datetime, limit: int = 100) -> list[str]:
    """Numbers of personal orders that were shipped so long ago that they count as received."""
    return _numbers(
        session,
        Order.status == OrderStatus.PLACED,
        Order.fulfilment_status.in_(ON_ITS_WAY),
        Order.receive_by <= now,
        limit=limit,
    )


def count_as_received(session: Session, number: str, *, now: datetime) -> bool:
    """Let what was sent of a personal order count as received. False if it is no longer due."""
    order = locked(session, SYSTEM, number)
    if not _is_on_its_way(order) or order.receive_by is None or order.receive_by > now:
        return False
    if all(line.received_quantity == line.shipped_quantity for line in order.lines):
        order.receive_by = None  # all that was sent has been confirmed; the rest has its own time
        session.flush()
        return False
    receive(session, SYSTEM, number, now=now)
    return True


def _is_on_its_way(order: Order) -> bool:
    return (
        order.fund is Fund.PERSONAL
        and order.status is OrderStatus.PLACED
        and order.fulfilment_status in ON_ITS_WAY
    )


def _numbers(session: Session, *conditions: ColumnElement[bool], limit: int) -> list[str]:
    query = select(Order.number).where(*conditions).order_by(Order.id).limit(limit)
    return list(session.scalars(query))
