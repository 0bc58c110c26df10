"""The reminder of the year's end: to each agency with open orders, on 1 and 15 December, once."""

from contextlib import suppress
from datetime import date, datetime

from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from storefront.agencies.models import Agency, AgencyId
from storefront.core import outbox
from storefront.core.calendar import city_day, fiscal_year
from storefront.orders.models import Order, YearEndReminder
from storefront.orders.year_end import DECEMBER, open_in

TOPIC = "year_end_reminder"
DAYS = (15, 1)
"""Of December, the later one first."""


def remind_agencies(session: Session, *, now: datetime) -> int:
    """Write the reminders that are due to the outbox; how many. Called again it writes none.

    Who was down on the day itself is reminded when the worker comes back, of the later day only.
    """
    today = city_day(now)
    due_on = next((day for day in _days(today) if day <= today), None)
    if due_on is None:
        return 0
    year = fiscal_year(today)
    query = (
        select(Agency.id, Agency.code, func.count(Order.id), func.sum(Order.committed_amount))
        .join(Order, Order.agency_id == Agency.id)
        .where(
            open_in(year),
            Agency.id.not_in(select(YearEndReminder.agency_id).filter_by(due_on=due_on)),
        )
        .group_by(Agency.id, Agency.code)
        .order_by(Agency.id)
    )
    written = 0
    for agency_id, code, count, held in session.execute(query).all():
        if not _is_first(session, agency_id, due_on, now):
            continue
        payload: dict[str, str | int] = {
            "agency": code,
            "year": year,
            "count": count,
            "amount": int(held),
        }
        outbox.put(session, TOPIC, payload, now=now)
        written += 1
    session.flush()
    return written


def _days(today: date) -> list[date]:
    if today.month != DECEMBER:
        return []
    return [date(today.year, DECEMBER, day) for day in DAYS]


def _is_first(session: Session, agency_id: AgencyId, due_on: date, now: datetime) -> bool:
    """Whether nobody else wrote it: another worker may be at it too."""
    with suppress(IntegrityError), session.begin_nested():
        session.execute(
            insert(YearEndReminder).values(agency_id=agency_id, due_on=due_on, written_at=now)
        )
        return True
    return False
