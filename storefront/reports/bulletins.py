"""The monthly bulletin's figures: the city as of a closed month, as known at its close."""

from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.core.calendar import month_after
from storefront.core.errors import NotFound
from storefront.core.permissions import CITY, Action, Actor, require
from storefront.quota.closing_models import PeriodClose
from storefront.reports.city import CityQuota, city_quota
from storefront.reports.moments import Asked

MOST = 60
"""Bulletins of one list: five years."""


def closed_months(session: Session, actor: Actor) -> list[tuple[str, datetime]]:
    """The months of which there is a bulletin, with the close's time, the latest first.

    Raises `NotAllowed`.
    """
    require(actor, Action.SEE_CITY, CITY)
    query = (
        select(PeriodClose.month, PeriodClose.confirmed_at)
        .order_by(PeriodClose.month.desc())
        .limit(MOST)
    )
    return [(month, confirmed_at) for month, confirmed_at in session.execute(query)]


def bulletin_figures(session: Session, actor: Actor, month: str) -> CityQuota:
    """Every agency as of the month's last day; the same whenever asked.

    Call it inside a snapshot. Raises `NotAllowed`; `NotFound` for a month that is not closed.
    """
    require(actor, Action.SEE_CITY, CITY)
    close = session.get(PeriodClose, month)
    if close is None:
        raise NotFound
    last_day = date.fromisoformat(f"{month_after(month)}-01") - timedelta(days=1)
    asked = Asked(as_of=last_day, position=close.position, known_at=close.confirmed_at)
    return city_quota(session, last_day.year, today=last_day, asked=asked)
