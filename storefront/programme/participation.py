"""How many of an agency's people took part in a month, and for how much: published once, or not.

Personal purchases are their buyers'. For everyone else they are sums per agency and closed month,
withheld where they would tell of persons (product.md, "Privacy"). No sum over agencies is
published: from it and the others' sums one could subtract what was withheld. docs/programme.md has
a worked example.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from storefront.agencies.models import Agency, Placement
from storefront.core.calendar import city_day, instant_of, month_after
from storefront.core.errors import N_, Conflict, DomainError
from storefront.core.permissions import PersonId
from storefront.orders.models import Order
from storefront.payments.models import GatewayRefund, RefundAllocation, RefundStatus
from storefront.programme.calendar import serlok_day_of
from storefront.programme.models import ParticipationMonth
from storefront.quota.models import EntryKind, Fund, LedgerEntry, QuotaAccount
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
    """A month by the city's clock: from one instant on, before the other. And its Serlok day."""

    begins: datetime
    ends: datetime
    first_day: date
    last_day: date
    serlok_day: date | None


class _Staff(NamedTuple):
    """Who was placed in an agency on any day of the month, and who of them on its last."""

    ever: set[PersonId]
    at_end: set[PersonId]


class _Bought(NamedTuple):
    """An agency's private purchases in the month."""

    amount: int
    buyers: set[PersonId]
    on_serlok_day: set[PersonId]
    """Those of the buyers who paid, that day, for something they kept."""


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
    span = _span(session, month)
    bought = _bought(session, span)
    staff = _staff(session, span)
    published = [
        _published(code, month, span, bought[code], staff[code], now)
        for code in sorted({*staff, *bought})
    ]
    session.add_all(published)
    session.flush()
    return published


def _published(
    agency_code: str, month: str, span: _Month, bought: _Bought, staff: _Staff, now: datetime
) -> ParticipationMonth:
    """Withheld both ways: few buyers are known by their number, and so is who alone did not.

    Who did not is counted three ways, and the least counts: of those there at the month's end, of
    all who were there in it, and as the two published numbers' difference (a buyer may have left).
    """
    buyers = len(bought.buyers)
    did_not = min(
        len(staff.at_end - bought.buyers),
        len(staff.ever - bought.buyers),
        len(staff.ever) - buyers,
    )
    is_withheld = buyers < FEWEST or did_not < FEWEST
    on_day = len(bought.on_serlok_day)
    shows_day = not is_withheld and on_day >= FEWEST and buyers - on_day >= FEWEST
    return ParticipationMonth(
        agency_code=agency_code,
        month=month,
        is_withheld=is_withheld,
        buyers=None if is_withheld else buyers,
        realised_amount=None if is_withheld else bought.amount,
        published_at=now,
        staff=len(staff.ever),
        serlok_day=span.serlok_day,
        serlok_buyers=on_day if shows_day else None,
    )


def _bought(session: Session, span: _Month) -> defaultdict[str, _Bought]:
    """Rupiah and buyers by agency: the one frozen on the order, or where an approved move took it.

    Who took part on the Serlok day is one of the month's buyers: who sent all of it back is none.
    """
    amounts: Counter[str] = Counter()
    by_person: Counter[tuple[str, PersonId]] = Counter()
    on_day: Counter[tuple[str, PersonId]] = Counter()
    for code, buyer, amount, paid_at in _paid(session, span):
        amounts[code] += amount
        by_person[code, buyer] += amount
        if city_day(paid_at) == span.serlok_day:
            on_day[code, buyer] += amount
    for code, buyer, amount, was_paid_at in _gone_back(session, span):
        amounts[code] -= amount
        if was_paid_at is not None and was_paid_at >= span.begins:
            by_person[code, buyer] -= amount
            if city_day(was_paid_at) == span.serlok_day:
                on_day[code, buyer] -= amount
    found: defaultdict[str, _Bought] = defaultdict(lambda: _Bought(0, set(), set()))
    for code, amount in amounts.items():
        found[code] = _Bought(amount, set(), set())
    for (code, buyer), amount in by_person.items():
        if amount > 0:
            found[code].buyers.add(buyer)
            if on_day[code, buyer] > 0:
                found[code].on_serlok_day.add(buyer)
    return found


def _paid(session: Session, span: _Month) -> Iterable[tuple[str, PersonId, int, datetime]]:
    """What was paid in the month and when, whatever went back of it later."""
    paid = Order.paid_amount + Order.refunded_amount
    query = select(_agency(), Order.buyer_id, paid, Order.paid_at).where(
        Order.fund == Fund.PERSONAL,
        Order.is_practice.is_(False),
        Order.paid_at >= span.begins,
        Order.paid_at < span.ends,
    )
    return session.execute(query)


def _gone_back(
    session: Session, span: _Month
) -> Iterable[tuple[str, PersonId, int, datetime | None]]:
    """What went back in the month, and when it had been paid."""
    query = (
        select(_agency(), Order.buyer_id, RefundAllocation.amount, Order.paid_at)
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


def _agency() -> ColumnElement[str]:
    """Whose the query's `Order` is now: a placement that was recorded late takes it along.

    Only what the ledger held when the move was approved was moved; the rest stays as it was frozen.
    """
    moved_to = (
        select(QuotaAccount.agency_code)
        .join(LedgerEntry, LedgerEntry.account_id == QuotaAccount.id)
        .where(
            LedgerEntry.reference == Order.number,
            LedgerEntry.kind == EntryKind.MOVE,
            LedgerEntry.realised_change > 0,
        )
        .order_by(LedgerEntry.id.desc())
        .limit(1)
        .correlate(Order)
        .scalar_subquery()
    )
    return func.coalesce(moved_to, Order.agency_code)


def _staff(session: Session, span: _Month) -> defaultdict[str, _Staff]:
    """Who was placed in each agency in the month, and on its last day."""
    query = (
        select(Agency.code, Placement.person_id, Placement.valid_to)
        .join(Placement, Placement.agency_id == Agency.id)
        .where(
            Agency.is_practice.is_(False),
            Placement.valid_from <= span.last_day,
            or_(Placement.valid_to.is_(None), Placement.valid_to >= span.first_day),
        )
    )
    staff: defaultdict[str, _Staff] = defaultdict(lambda: _Staff(set(), set()))
    for code, person_id, valid_to in session.execute(query):
        staff[code].ever.add(person_id)
        if valid_to is None or valid_to >= span.last_day:
            staff[code].at_end.add(person_id)
    return staff


def _span(session: Session, month: str) -> _Month:
    first = date.fromisoformat(f"{month}-01")
    next_first = date.fromisoformat(f"{month_after(month)}-01")
    return _Month(
        begins=instant_of(first),
        ends=instant_of(next_first),
        first_day=first,
        last_day=next_first - timedelta(days=1),
        serlok_day=serlok_day_of(session, month),
    )
