"""How many of an agency's people took part in a month, and for how much: published once, or not.

Personal purchases are their buyers'. For everyone else they are sums per agency and closed month,
withheld where they would tell of persons (product.md, "Privacy"). No sum over agencies is
published: from it and the others' sums one could subtract what was withheld.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from storefront.agencies.models import Agency, Placement
from storefront.core.calendar import instant_of, month_after
from storefront.core.errors import N_, Conflict, DomainError
from storefront.core.permissions import PersonId
from storefront.orders.models import Order
from storefront.payments.models import GatewayRefund, RefundAllocation, RefundStatus
from storefront.programme.models import ParticipationMonth
from storefront.quota.models import Fund
from storefront.quota.periods import books_as_seen

FEWEST = 5
"""The rule of five: so many bought, and so many did not, or nothing is said."""


class MonthStillOpen(DomainError):
    code = "month_still_open"
    message = N_("Keikutsertaan bulan %(month)s baru diumumkan setelah bulannya ditutup.")


class MonthPublished(Conflict):
    code = "month_published"
    message = N_("Keikutsertaan bulan %(month)s sudah diumumkan dan tidak diubah lagi.")


class _Month(NamedTuple):
    """A month by the city's clock: from one instant on, before the other."""

    begins: datetime
    ends: datetime
    last_day: date


def publish_month(session: Session, month: str, *, now: datetime) -> list[ParticipationMonth]:
    """Publish a closed month (YYYY-MM) for every agency with people; what was published.

    The sum goes by the day of payment: what was paid in the month, less what went back in it, of
    whatever month's orders. A buyer is who had paid more than got back by the month's end.
    Raises `MonthStillOpen`, or `MonthPublished`: a later correction belongs to a later month.
    """
    if not books_as_seen(session).has_closed_month(month):
        raise MonthStillOpen(month=month)
    if session.scalar(select(ParticipationMonth.month).filter_by(month=month).limit(1)):
        raise MonthPublished(month=month)
    span = _span(month)
    amounts, buyers = _taken_part(session, span)
    staff = _staff(session, span)
    published = [
        _published(code, month, amounts[code], buyers[code], staff[code], now)
        for code in sorted({*staff, *amounts, *buyers})
    ]
    session.add_all(published)
    session.flush()
    return published


def _published(
    agency_code: str,
    month: str,
    amount: int,
    buyers: set[PersonId],
    staff: set[PersonId],
    now: datetime,
) -> ParticipationMonth:
    """Withheld both ways: few buyers are known by their number, and so is who alone did not."""
    is_withheld = len(buyers) < FEWEST or len(staff - buyers) < FEWEST
    return ParticipationMonth(
        agency_code=agency_code,
        month=month,
        is_withheld=is_withheld,
        buyers=None if is_withheld else len(buyers),
        realised_amount=None if is_withheld else amount,
        published_at=now,
    )


def _taken_part(
    session: Session, span: _Month
) -> tuple[Counter[str], defaultdict[str, set[PersonId]]]:
    """Rupiah and buyers by agency. An agency is the one frozen on the order."""
    amounts: Counter[str] = Counter()
    by_person: Counter[tuple[str, PersonId]] = Counter()
    for order_code, buyer, amount in _paid(session, span):
        amounts[order_code] += amount
        by_person[order_code, buyer] += amount
    for order_code, buyer, amount, is_of_the_month in _gone_back(session, span):
        amounts[order_code] -= amount
        if is_of_the_month:
            by_person[order_code, buyer] -= amount
    buyers: defaultdict[str, set[PersonId]] = defaultdict(set)
    for (code, buyer), amount in by_person.items():
        if amount > 0:
            buyers[code].add(buyer)
    return amounts, buyers


def _paid(session: Session, span: _Month) -> Iterable[tuple[str, PersonId, int]]:
    """What was paid in the month, whatever went back of it later."""
    paid = Order.paid_amount + Order.refunded_amount
    query = select(Order.agency_code, Order.buyer_id, paid).where(
        Order.fund == Fund.PERSONAL,
        Order.is_practice.is_(False),
        Order.paid_at >= span.begins,
        Order.paid_at < span.ends,
    )
    return session.execute(query)


def _gone_back(session: Session, span: _Month) -> Iterable[tuple[str, PersonId, int, bool]]:
    """What went back in the month, and whether it was also paid in it."""
    query = (
        select(
            Order.agency_code, Order.buyer_id, RefundAllocation.amount, Order.paid_at >= span.begins
        )
        .join(GatewayRefund, GatewayRefund.id == RefundAllocation.refund_id)
        .join(Order, Order.number == RefundAllocation.reference)
        .where(
            GatewayRefund.status == RefundStatus.SUCCEEDED,
            GatewayRefund.settled_at >= span.begins,
            GatewayRefund.settled_at < span.ends,
            Order.is_practice.is_(False),
        )
    )
    return session.execute(query)


def _staff(session: Session, span: _Month) -> defaultdict[str, set[PersonId]]:
    """Who was placed in each agency on the month's last day."""
    query = (
        select(Agency.code, Placement.person_id)
        .join(Placement, Placement.agency_id == Agency.id)
        .where(
            Agency.is_practice.is_(False),
            Placement.valid_from <= span.last_day,
            or_(Placement.valid_to.is_(None), Placement.valid_to >= span.last_day),
        )
    )
    staff: defaultdict[str, set[PersonId]] = defaultdict(set)
    for code, person_id in session.execute(query):
        staff[code].add(person_id)
    return staff


def _span(month: str) -> _Month:
    first = date.fromisoformat(f"{month}-01")
    next_first = date.fromisoformat(f"{month_after(month)}-01")
    return _Month(instant_of(first), instant_of(next_first), next_first - timedelta(days=1))
