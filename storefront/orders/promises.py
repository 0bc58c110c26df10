"""When something ordered now would reach an office: what a product's page can promise."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from storefront.catalog.product_page import VariantView
from storefront.orders.delivery import (
    Made,
    earliest_day,
    first_day_with_room,
    holidays_from,
    pickup_points,
)


@dataclass(frozen=True)
class Circumstances:
    """What a promise rests on besides the goods: the days nobody delivers, the open outlets."""

    holidays: frozenset[date]
    outlets: tuple[str, ...]


@dataclass(frozen=True)
class Promise:
    """The first days on which a piece can arrive, and where it can be fetched instead."""

    own_day: date
    """Bought with own money, now."""
    official_day: date
    """Bought for the agency: an approver must say yes first."""
    outlets: tuple[str, ...]


def circumstances(session: Session, day: date) -> Circumstances:
    """What holds from a day on. Two reads."""
    outlets = tuple(outlet.name for outlet in pickup_points(session))
    return Circumstances(holidays_from(session, day), outlets)


def promise(
    session: Session,
    variant: VariantView,
    product_name: str,
    *,
    around: Circumstances,
    now: datetime,
) -> Promise:
    """What holds for one piece of a variant, as checkout would propose it.

    It reads only of what is made to order, up to a number of pieces a day.
    """
    holidays = around.holidays
    own_day, official_day = (
        earliest_day(variant.lead_days, is_decided=is_decided, holidays=holidays, now=now)
        for is_decided in (False, True)
    )
    if variant.daily_capacity:
        made = [Made(variant.variant_id, product_name, 1, variant.daily_capacity)]
        own_day, official_day = (
            first_day_with_room(session, made, from_day=day, holidays=holidays)
            for day in (own_day, official_day)
        )
    return Promise(own_day, official_day, around.outlets)
