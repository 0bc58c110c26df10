"""When something ordered now would reach an office: what a product's page can promise."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from storefront.catalog.product_page import VariantView
from storefront.core.calendar import city_day
from storefront.orders.delivery import (
    Made,
    earliest_day,
    first_day_with_room,
    holidays_from,
    pickup_points,
)


@dataclass(frozen=True)
class Promise:
    """The first days on which a piece can arrive, and where it can be fetched instead."""

    own_day: date
    """Bought with own money, now."""
    official_day: date
    """Bought for the agency: an approver must say yes first."""
    outlets: Sequence[str]


def promise(session: Session, variant: VariantView, product_name: str, *, now: datetime) -> Promise:
    """What holds for one piece of a variant, as checkout would propose it. Four reads at most."""
    holidays = holidays_from(session, city_day(now))
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
    outlets = [outlet.name for outlet in pickup_points(session)]
    return Promise(own_day, official_day, outlets)
