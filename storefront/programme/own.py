"""One's own months: whether oneself took part. From one's own orders, and for oneself alone."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from storefront.core.calendar import city_day, instant_of, month_of
from storefront.core.permissions import Actor
from storefront.orders.models import Order
from storefront.programme.calendar import plan
from storefront.quota.models import Fund

MONTHS_SHOWN = 6
MOST_READ = 2_000


@dataclass(frozen=True)
class OwnMonth:
    """A month, and whether one bought in it with one's own money, and on its Serlok day."""

    month: str
    serlok_day: date | None
    has_bought: bool
    on_serlok_day: bool


def has_bought_this_month(session: Session, actor: Actor, *, today: date) -> bool:
    """Whether the actor bought something of their own this month and kept it. One read."""
    found = select(Order.id).where(*_kept(actor, since=month_of(today))).limit(1)
    return session.scalar(found) is not None


def own_months(
    session: Session, actor: Actor, *, today: date, months: int = MONTHS_SHOWN
) -> list[OwnMonth]:
    """The actor's last months, this one first. Three reads."""
    first = _months_before(month_of(today), months - 1)
    paid = (
        select(Order.paid_at)
        .where(*_kept(actor, since=first))
        .order_by(Order.id.desc())
        .limit(MOST_READ)
    )
    days = {city_day(at) for at in session.scalars(paid) if at is not None}
    active = {month_of(day) for day in days}
    return [
        OwnMonth(each.month, each.day, each.month in active, each.day in days)
        for each in reversed(plan(session, first, months))
    ]


def _kept(actor: Actor, *, since: str) -> tuple[ColumnElement[bool], ...]:
    return (
        Order.buyer_id == actor.person_id,
        Order.fund == Fund.PERSONAL,
        Order.is_practice.is_(False),
        Order.paid_at >= instant_of(date.fromisoformat(f"{since}-01")),
        Order.paid_amount > 0,
    )


def _months_before(month: str, count: int) -> str:
    """The month that lies so many before another."""
    months = int(month[:4]) * 12 + int(month[5:]) - 1 - count
    return f"{months // 12}-{months % 12 + 1:02}"
