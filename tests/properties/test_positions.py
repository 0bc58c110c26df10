"""What is read of a past position by closed months is what its entries add up to, one by one."""

from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storefront.core.calendar import instant_of
from storefront.core.permissions import CITY, Actor, Role
from storefront.quota.closing_models import PeriodClose
from storefront.quota.models import Amounts, EntryKind, LedgerEntry, LogLine, QuotaAccount
from storefront.quota.periods import books_as_seen
from storefront.reports.moments import Asked, Moment, counts_by, moment
from storefront.reports.sums import official, read_by_class_and_month, read_off_platform
from storefront.sellers.models import SellerClass
from tests.closings import month_closed
from tests.factories import signed_up
from tests.reports.made import booked

YEAR_END = date(2026, 12, 31)
CODE = "9.99"
Sums = dict[tuple[SellerClass, str], Amounts]

booking = st.tuples(
    st.integers(0, 40), st.integers(1, 99), st.sampled_from(SellerClass), st.booleans()
)
"""Days since the first open month began, rupiah, whose class, and whether it was outside."""
steps = st.lists(st.one_of(booking, booking, booking, booking, st.none()), min_size=6, max_size=14)
"""None: a month is closed."""


@given(
    history=steps, asked=st.lists(st.tuples(st.integers(0, 99), st.integers(0, 150)), min_size=5)
)
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_of_any_day_and_position_closed_months_give_what_the_entries_add_up_to(
    session: Session,
    history: list[tuple[int, int, SellerClass, bool] | None],
    asked: list[tuple[int, int]],
) -> None:
    admin = signed_up(session, Role.CITY_ADMIN, CITY)
    began = books_as_seen(session).first_day
    for step in history:
        _happen(session, admin, step)
    last = session.scalar(select(func.max(LogLine.position))) or 0
    closes = list(session.scalars(select(PeriodClose.position)))
    for which, days in asked:
        positions = [*closes, *range(last + 1)]
        day = min(began + timedelta(days=days), YEAR_END)
        at = moment(
            session,
            Asked(as_of=day, position=positions[which % len(positions)]),
            today=YEAR_END,
        )
        assert _read(session, at) == _added_up(session, at)
        assert sum(read_off_platform(session, 2026, at, [CODE]).values()) == _outside(session, at)


def _happen(
    session: Session, admin: Actor, step: tuple[int, int, SellerClass, bool] | None
) -> None:
    session.rollback()
    first = books_as_seen(session).first_day
    if first.month > 9:  # the year's last months stay open for what is booked
        return
    if step is None:
        month_closed(session, admin, now=instant_of(first + timedelta(days=45)))
        return
    days, amount, seller_class, is_outside = step
    booked(
        session,
        CODE,
        committed=0 if is_outside else amount,
        realised=amount,
        day=first + timedelta(days=days - 10),  # some are of a month that is closed
        kind=EntryKind.ADJUST if is_outside else EntryKind.MOVE,
        seller_class=seller_class,
    )


def _read(session: Session, at: Moment) -> Sums:
    sums = read_by_class_and_month(session, 2026, at, [CODE])
    return {key: amounts for key, amounts in sums.items() if amounts}


def _added_up(session: Session, at: Moment) -> Sums:
    query = (
        select(
            QuotaAccount.seller_class,
            LedgerEntry.period,
            func.sum(LedgerEntry.committed_change),
            func.sum(LedgerEntry.realised_change),
        )
        .join(LedgerEntry, LedgerEntry.account_id == QuotaAccount.id)
        .join(LogLine, LogLine.entry_id == LedgerEntry.id)
        .where(*official(2026, [CODE]), *counts_by(at))
        .group_by(QuotaAccount.seller_class, LedgerEntry.period)
    )
    return {
        (seller_class, period): Amounts(int(committed), int(realised))
        for seller_class, period, committed, realised in session.execute(query)
    }


def _outside(session: Session, at: Moment) -> int:
    query = (
        select(func.sum(LedgerEntry.realised_change))
        .join(QuotaAccount, LedgerEntry.account_id == QuotaAccount.id)
        .join(LogLine, LogLine.entry_id == LedgerEntry.id)
        .where(*official(2026, [CODE]), *counts_by(at), LedgerEntry.kind == EntryKind.ADJUST)
    )
    return int(session.scalar(query) or 0)
