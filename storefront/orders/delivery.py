"""How goods reach the buyer: by which way, for how much, and when at the earliest."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from storefront.agencies.models import Holiday
from storefront.catalog import capacity
from storefront.catalog.models import DayCapacity, VariantId
from storefront.core.calendar import (
    city_day,
    city_time,
    instant_of,
    is_working_day,
    working_day_before,
    working_days_after,
)
from storefront.core.errors import N_, DomainError
from storefront.orders.expiry import LAST_CALL
from storefront.orders.models import Delivery, PickupPoint
from storefront.sellers.models import Seller

FURTHEST = timedelta(days=180)
"""Later than this nobody promises a delivery."""


class TooEarly(DomainError):
    code = "too_early"
    message = N_("%(seller_name)s dapat mengirim paling cepat %(earliest)s.")
    field = "deliver_on"


class TooLate(DomainError):
    code = "too_late"
    message = N_("Pilih hari kirim paling lambat %(latest)s.")
    field = "deliver_on"


class NotMadeInADay(DomainError):
    code = "not_made_in_a_day"
    message = N_("%(product_name)s dibuat paling banyak %(capacity)d sehari. Kurangi jumlahnya.")
    field = "quantity"


class OutletUnknown(DomainError):
    code = "outlet_unknown"
    message = N_("Pilih outlet tempat mengambil barang.")
    field = "outlet_code"


class AddressMissing(DomainError):
    code = "address_missing"
    message = N_("Tulis alamat tujuan pengiriman.")
    field = "address"


TakenDays = Mapping[tuple[VariantId, date], int]
"""Pieces promised, by variant and delivery day."""


@dataclass(frozen=True)
class Made:
    """A variant that is made to order: how many are wanted, and how many a day can be made."""

    variant_id: VariantId
    product_name: str
    quantity: int
    daily_capacity: int | None


def fee(seller: Seller, delivery: Delivery, goods_amount: int) -> int:
    """What the seller takes for bringing goods of an amount, in rupiah. Fetching is free."""
    free_from = seller.free_delivery_from_amount
    if delivery is Delivery.PICKUP or (free_from is not None and goods_amount >= free_from):
        return 0
    if delivery is Delivery.OFFICE:
        return seller.office_delivery_amount
    return seller.home_delivery_amount


def earliest_day(
    lead_days: int, *, is_decided: bool, holidays: Collection[date], now: datetime
) -> date:
    """The first day on which goods can arrive: after so many working days.

    Not today any more once offices close. `is_decided`: an approver must say yes first, so there
    must be time to.
    """
    today = city_day(now)
    day = capacity.earliest_day(lead_days, today, holidays)
    if day == today and city_time(now).time() >= LAST_CALL:
        day = working_days_after(today, 1, holidays)
    while is_decided and decision_closes(day, holidays) <= now:
        day = working_days_after(day, 1, holidays)
    return day


def decision_closes(deliver_on: date, holidays: Collection[date]) -> datetime:
    """Until when a request must be approved so that its goods come in time."""
    return instant_of(working_day_before(deliver_on, holidays), LAST_CALL)


def first_day_with_room(
    session: Session, made: Sequence[Made], *, from_day: date, holidays: Collection[date]
) -> date:
    """The first working day on which all that is made to order can be made. One read, or none.

    Raises `NotMadeInADay` where no day ever can.
    """
    taken = taken_days(session, made, from_day=from_day)
    return free_day(made, taken, from_day=from_day, holidays=holidays)


def free_day(
    made: Sequence[Made], taken: TakenDays, *, from_day: date, holidays: Collection[date]
) -> date:
    """The same by what is known of the days.

    Raises `NotMadeInADay` where no day ever can; the latest day that may be asked for, if all are
    full until then.
    """
    limited = [(item, item.daily_capacity) for item in made if item.daily_capacity is not None]
    for item, capacity_a_day in limited:
        if item.quantity > capacity_a_day:
            raise NotMadeInADay(product_name=item.product_name, capacity=capacity_a_day)
    day, last = from_day, from_day + FURTHEST
    while day < last:
        if is_working_day(day, holidays) and all(
            taken.get((item.variant_id, day), 0) + item.quantity <= capacity_a_day
            for item, capacity_a_day in limited
        ):
            return day
        day += timedelta(days=1)
    return last


def taken_days(session: Session, made: Sequence[Made], *, from_day: date) -> TakenDays:
    """How many pieces are promised already of what has a limit. One read, or none."""
    ids = {item.variant_id for item in made if item.daily_capacity is not None}
    if not ids:
        return {}
    query = select(DayCapacity.variant_id, DayCapacity.day, DayCapacity.taken).where(
        DayCapacity.variant_id.in_(ids), DayCapacity.day >= from_day
    )
    return {(variant_id, day): pieces for variant_id, day, pieces in session.execute(query)}


def check_day(day: date, *, earliest: date, seller_name: str, today: date) -> None:
    """Raise `TooEarly` or `TooLate` where nobody could deliver on a day."""
    if day < earliest:
        raise TooEarly(seller_name=seller_name, earliest=earliest)
    if day > today + FURTHEST:
        raise TooLate(latest=today + FURTHEST)


_HOLIDAYS = select(Holiday.day).where(Holiday.day.between(bindparam("first"), bindparam("last")))
_OPEN_POINTS = select(PickupPoint).filter_by(is_open=True).order_by(PickupPoint.name)


def holidays_from(session: Session, day: date) -> frozenset[date]:
    """The days on which the city does not work, as far as a delivery may lie ahead."""
    until = day + 2 * FURTHEST
    ahead = {"first": day - timedelta(days=14), "last": until}
    return frozenset(session.scalars(_HOLIDAYS, ahead))


def pickup_points(session: Session) -> list[PickupPoint]:
    """The outlets where goods can be fetched, by name."""
    return list(session.scalars(_OPEN_POINTS))
