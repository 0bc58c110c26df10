"""At which moment a figure is asked: as of a day, by period, and as known, by ledger position.

Product.md: a figure of a year's accounts as of day D sums the entries whose period is before D's
month, or in it with `occurred_on` up to D; as known goes by position. Asked for the same day and
position, a figure is the same for ever: entries are only added; rules, exemptions, budget
revisions, published sums and the tree of agencies are believed only as they stood at
the position's time.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from storefront.core.calendar import month_after, month_of
from storefront.core.errors import NotFound
from storefront.quota import log
from storefront.quota.closing_models import PeriodClose, QuotaMonth
from storefront.quota.models import EntryKind, LedgerEntry, LogLine, QuotaAccount
from storefront.quota.months import realised_of


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What a page is asked for; nothing named is now."""

    as_of: date | None = None
    position: int | None = None
    known_at: datetime | None = None


NOW = Asked()


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A day, and what was known: nothing named is all that is known now."""

    as_of: date
    position: int | None = None
    """Entries up to this one of the log."""
    known_at: datetime | None = None
    """Rules, exemptions, budget revisions, published sums and the tree as they stood then."""
    first_open: str = field(default="", compare=False)
    """Of a position: the first month that no close up to it had closed; empty: none had. It says
    how the figure is read, not what it is: a later close may find no entry behind the position."""
    is_current: bool = False
    """Whether `as_of` is today or later: no numbered entry lies behind it."""

    @property
    def month(self) -> str:
        return month_of(self.as_of)

    @property
    def summed_until(self) -> str:
        """The month before which running sums answer, whole months as they are kept now.

        A month that is over by the day; and of a position one that was closed by then, for no entry
        is ever booked in it again: what it comes to now is what it came to at the close.
        """
        is_whole = self.is_current or self._ends_its_month
        over = month_after(self.month) if is_whole else self.month
        return over if self.position is None else min(over, self.first_open)

    @property
    def _ends_its_month(self) -> bool:
        following = date.fromisoformat(f"{month_after(self.month)}-01")
        return self.as_of.toordinal() + 1 == following.toordinal()


def moment(session: Session, asked: Asked, *, today: date) -> Moment:
    """The moment that is asked for.

    A position without a time is taken at the time of its last entry; who asks for what a close knew
    names the close's own. Raises `NotFound` for a position that the log has not reached.
    """
    known_at = asked.known_at
    if asked.position is not None and known_at is None:
        known_at = _recorded_at(session, asked.position)
    day = asked.as_of or today
    return Moment(
        as_of=day,
        position=asked.position,
        known_at=known_at,
        first_open=_first_open(session, asked.position),
        is_current=day >= today,
    )


def position_of(session: Session, at: Moment) -> log.Position:
    """The state of the ledger that a moment is read from."""
    if at.position is None:
        return log.latest(session)
    return log.Position(at.position, _recorded_at(session, at.position))


def counts_by(at: Moment) -> tuple[ColumnElement[bool], ...]:
    """The conditions on an entry (joined with its line of the log) that a moment includes it."""
    entry = LedgerEntry
    in_time = or_(
        entry.period < at.month,
        and_(entry.period == at.month, entry.occurred_on <= at.as_of),
    )
    if at.position is None:
        return (in_time,)
    return (in_time, LogLine.position <= at.position)


def movements(at: Moment, *accounts: ColumnElement[bool]) -> list[Select[*tuple[Any, ...]]]:
    """What accounts sum to per month, as one or two selects that share no entry.

    Each gives agency code, seller class, period, committed, realised, and what of it is of
    purchases outside the store. Months that are over, and closed by the position, are read from
    running sums; only what was booked in later ones is added up from entries.
    """
    until = at.summed_until
    later = _of_entries(LedgerEntry.period.between(until, at.month), *counts_by(at), *accounts)
    if not until:
        return [later]
    summed = _of_months(QuotaMonth.period < until, *accounts)
    return [summed] if until > at.month else [summed, later]


def _of_months(*conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            QuotaAccount.agency_code,
            QuotaAccount.seller_class,
            QuotaMonth.period.label("period"),
            QuotaMonth.committed_change.label("committed"),
            QuotaMonth.realised_change.label("realised"),
            QuotaMonth.off_platform_change.label("off_platform"),
        )
        .join(QuotaMonth, QuotaMonth.account_id == QuotaAccount.id)
        .where(*conditions)
    )


def _of_entries(*conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            QuotaAccount.agency_code,
            QuotaAccount.seller_class,
            LedgerEntry.period.label("period"),
            LedgerEntry.committed_change.label("committed"),
            LedgerEntry.realised_change.label("realised"),
            realised_of(EntryKind.ADJUST).label("off_platform"),
        )
        .join(LedgerEntry, LedgerEntry.account_id == QuotaAccount.id)
        .join(LogLine, LogLine.entry_id == LedgerEntry.id)
        .where(*conditions)
    )


def _first_open(session: Session, position: int | None) -> str:
    """The month after the last that was closed by a position; empty: none was."""
    if position is None:
        return ""
    closed = select(func.max(PeriodClose.month)).where(PeriodClose.position <= position)
    last = session.scalar(closed)
    return month_after(last) if last else ""


def _recorded_at(session: Session, position: int) -> datetime | None:
    """When an entry was recorded; None before the first. Raises `NotFound`."""
    if position == 0:
        return None
    recorded_at = session.scalar(
        select(LedgerEntry.recorded_at)
        .join(LogLine, LogLine.entry_id == LedgerEntry.id)
        .where(LogLine.position == position)
    )
    if recorded_at is None:
        raise NotFound
    return recorded_at
