"""On which day of a month the programme takes place: its second Thursday, or as the city says.

`core/calendar.py: serlok_day` is the rule; the city moves or cancels a day with a reason, and what
it decided is kept, version by version (product.md, "Money, time"). Everything that asks for a
Serlok day asks here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from storefront.agencies.holidays import holidays_between
from storefront.core import audit
from storefront.core.calendar import (
    city_day,
    is_working_day,
    month_after,
    month_of,
    serlok_day,
    working_days_after,
)
from storefront.core.errors import N_, Conflict, DomainError, NotFound
from storefront.core.permissions import CITY, Action, Actor, require
from storefront.core.text import one_line
from storefront.programme.models import SerlokDay

MONTHS_AHEAD = 12
"""How far the calendar looks, and the city may plan."""
LONGEST_REASON = 300


class SerlokDayBegun(DomainError):
    code = "serlok_day_begun"
    message = N_("Hari Serlok %(day)s sudah dimulai atau lewat, jadi tidak dapat diubah lagi.")
    field = "day"


class SerlokDayNotAhead(DomainError):
    code = "serlok_day_not_ahead"
    message = N_("Pilih hari setelah hari ini.")
    field = "day"


class SerlokDayOfOtherMonth(DomainError):
    code = "serlok_day_of_other_month"
    message = N_("Hari Serlok tetap di bulannya sendiri. Pilih tanggal di bulan yang sama.")
    field = "day"


class SerlokDayOff(DomainError):
    code = "serlok_day_off"
    message = N_("%(day)s hari libur (%(why_word)s). Hari kerja terdekat: %(suggested)s.")
    field = "day"


class SerlokDayUnchanged(DomainError):
    code = "serlok_day_unchanged"
    message = N_("Hari Serlok bulan itu memang sudah begitu.")
    field = "day"


class SerlokReasonNeeded(DomainError):
    code = "serlok_reason_needed"
    message = N_("Tulis alasannya, paling panjang %(most)d huruf; semua orang membacanya.")
    field = "reason"


class SerlokDayChanged(Conflict):
    code = "serlok_day_changed"
    message = N_("Hari Serlok bulan itu baru saja diubah orang lain. Lihat keadaannya dulu.")


@dataclass(frozen=True, kw_only=True)
class SerlokMonth:
    """A month of the programme as it is planned now."""

    month: str
    default_day: date
    day: date | None
    """None: cancelled."""
    version: int = 0
    """How often the city decided of it."""
    reason: str | None = None
    day_off: str | None = None
    """Why the city does not work on the day: a holiday's name, or `WEEKEND`."""
    suggested: date | None = None
    """On a day off: the nearest working day of the month, later ones first."""

    @property
    def is_moved(self) -> bool:
        return self.day is not None and self.day != self.default_day


WEEKEND = N_("akhir pekan")


def serlok_day_of(session: Session, month: str) -> date | None:
    """The Serlok day of a month (YYYY-MM); None where it was cancelled. One read."""
    return _day(month, _decided(session, month, month).get(month))


def next_serlok_day(session: Session, day: date) -> date | None:
    """The first Serlok day that is not before a day; None if a year of them is cancelled. One read.

    To be shown, it is read through `web/shop/recent.py`.
    """
    months = _months(month_of(day), MONTHS_AHEAD + 1)
    decided = _decided(session, months[0], months[-1])
    days = (_day(month, decided.get(month)) for month in months)
    return next((each for each in days if each is not None and each >= day), None)


def plan(session: Session, first_month: str, count: int = MONTHS_AHEAD) -> list[SerlokMonth]:
    """So many months from one on, with what stands against their days. Two reads."""
    months = _months(first_month, count)
    decided = _decided(session, months[0], months[-1])
    ends = date.fromisoformat(f"{months[0]}-01"), _last_day(months[-1])
    days_off = holidays_between(session, *ends)
    return [_planned(month, decided.get(month), days_off) for month in months]


def history(session: Session, first_month: str, last_month: str) -> list[SerlokDay]:
    """What was decided of some months, the last decision first."""
    query = (
        select(SerlokDay)
        .where(SerlokDay.month.between(first_month, last_month))
        .order_by(SerlokDay.id.desc())
    )
    return list(session.scalars(query))


def move_day(
    session: Session,
    actor: Actor,
    month: str,
    day: date,
    *,
    reason: str,
    seen: int,
    now: datetime,
    despite_day_off: bool = False,
) -> SerlokDay:
    """Hold a month's Serlok day on another day of that month, one that is still ahead.

    `seen` is the version that whoever decides has before them. Raises `NotAllowed`, `NotFound` for
    a month that is not planned, `SerlokDayChanged`, `SerlokDayBegun`, `SerlokDayOfOtherMonth`,
    `SerlokDayNotAhead`, `SerlokDayUnchanged`, `SerlokReasonNeeded`, or, unless it is meant,
    `SerlokDayOff(why_word, suggested)`.
    """
    planned = _open_for_change(session, actor, month, seen=seen, now=now)
    if month_of(day) != month:
        raise SerlokDayOfOtherMonth
    if day <= city_day(now):
        raise SerlokDayNotAhead
    if day == planned.day:
        raise SerlokDayUnchanged
    days_off = holidays_between(session, date.fromisoformat(f"{month}-01"), _last_day(month))
    why = _day_off(day, days_off)
    if why is not None and not despite_day_off:
        raise SerlokDayOff(day=day, why_word=why, suggested=suggest(day, days_off) or "-")
    return _decide(session, actor, planned, day, reason, now=now)


def cancel_day(
    session: Session, actor: Actor, month: str, *, reason: str, seen: int, now: datetime
) -> SerlokDay:
    """Hold none in a month. Raises as `move_day` does."""
    planned = _open_for_change(session, actor, month, seen=seen, now=now)
    if planned.day is None:
        raise SerlokDayUnchanged
    return _decide(session, actor, planned, None, reason, now=now)


def suggest(day: date, days_off: Mapping[date, str]) -> date | None:
    """The working day next to a day off in the same month: the next one, else the one before."""
    after = working_days_after(day, 1, days_off)
    if month_of(after) == month_of(day):
        return after
    before = day - timedelta(days=1)
    while month_of(before) == month_of(day):
        if is_working_day(before, days_off):
            return before
        before -= timedelta(days=1)
    return None


def _open_for_change(
    session: Session, actor: Actor, month: str, *, seen: int, now: datetime
) -> SerlokMonth:
    require(actor, Action.RUN_PROGRAMME, CITY)
    if month not in _months(month_of(city_day(now)), MONTHS_AHEAD):
        raise NotFound
    (planned,) = plan(session, month, 1)
    if planned.version != seen:
        raise SerlokDayChanged
    if planned.day is not None and planned.day <= city_day(now):
        raise SerlokDayBegun(day=planned.day)
    return planned


def _decide(
    session: Session,
    actor: Actor,
    planned: SerlokMonth,
    day: date | None,
    reason: str,
    *,
    now: datetime,
) -> SerlokDay:
    said = one_line(reason)
    if not 0 < len(said) <= LONGEST_REASON:
        raise SerlokReasonNeeded(most=LONGEST_REASON)
    row = SerlokDay(
        month=planned.month,
        version=planned.version + 1,
        day_number=day.day if day else None,
        reason=said,
        decided_by=actor.person_id,
        decided_at=now,
    )
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:  # two at once: the version is the later one's no more
        raise SerlokDayChanged from error
    details = {
        "before": planned.day.isoformat() if planned.day else None,
        "day": day.isoformat() if day else None,
        "reason": said,
    }
    act = "serlok_day.moved" if day else "serlok_day.cancelled"
    audit.record(session, actor, act, planned.month, details, now=now)
    return row


_DECIDED = (
    select(SerlokDay)
    .where(SerlokDay.month.between(bindparam("first"), bindparam("last")))
    .order_by(SerlokDay.month, SerlokDay.version)
)


def _decided(session: Session, first: str, last: str) -> dict[str, SerlokDay]:
    """What stands of each month: its last version."""
    rows = session.scalars(_DECIDED, {"first": first, "last": last})
    return {row.month: row for row in rows}


def _day(month: str, decided: SerlokDay | None) -> date | None:
    first = date.fromisoformat(f"{month}-01")
    if decided is None:
        return serlok_day(first.year, first.month)
    return first.replace(day=decided.day_number) if decided.day_number else None


def _planned(month: str, decided: SerlokDay | None, days_off: Mapping[date, str]) -> SerlokMonth:
    day = _day(month, decided)
    why = _day_off(day, days_off) if day else None
    return SerlokMonth(
        month=month,
        default_day=serlok_day(int(month[:4]), int(month[5:])),
        day=day,
        version=decided.version if decided else 0,
        reason=decided.reason if decided else None,
        day_off=why,
        suggested=suggest(day, days_off) if day and why else None,
    )


def _day_off(day: date, days_off: Mapping[date, str]) -> str | None:
    if day in days_off:
        return days_off[day]
    return None if is_working_day(day, ()) else WEEKEND


def _months(first: str, count: int) -> list[str]:
    months = [first]
    while len(months) < count:
        months.append(month_after(months[-1]))
    return months


def _last_day(month: str) -> date:
    return date.fromisoformat(f"{month_after(month)}-01") - timedelta(days=1)
