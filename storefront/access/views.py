"""Who looked at what, and the reason without which private data stays hidden.

faults.md, "Who may what": staff looks at private data only with a reason, for a time, logged, and
visible to the auditor.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from storefront.access.view_models import PrivateLook, ViewRecord
from storefront.accounts.models import PersonDetails
from storefront.core import audit
from storefront.core.calendar import instant_of
from storefront.core.errors import N_, DomainError
from storefront.core.permissions import CITY, Action, Actor, require
from storefront.core.text import one_line

LASTS = timedelta(minutes=30)
SHORTEST_REASON = 8
LONGEST_REASON = 300
LONGEST_SUBJECT = 80
PAGE = 50


class LookReasonNeeded(DomainError):
    code = "look_reason_needed"
    message = N_("Tulis alasannya, misalnya: memeriksa NPWP pendaftaran ini.")
    field = "look_reason"


class LookReasonTooLong(DomainError):
    code = "look_reason_too_long"
    message = N_("Paling panjang %(most)s huruf.")
    field = "look_reason"


@dataclass(frozen=True)
class Look:
    """A reason that holds, and until when."""

    reason: str
    until: datetime


@dataclass(frozen=True, kw_only=True)
class ViewFilter:
    """Which views: empty is all. Days are the city's, both included."""

    person: str = ""
    """Part of a name, or a whole opaque id."""
    subject: str = ""
    kind: str = ""
    first_day: date | None = None
    last_day: date | None = None
    before: int | None = None


@dataclass(frozen=True)
class ViewRow:
    """A view. `who` is a name; where there is none, the opaque id."""

    id: int
    at: datetime
    who: str
    kind: str
    subject: str
    reason: str


@dataclass(frozen=True)
class ViewPage:
    """Views, the latest first. `next_before` leads to the earlier ones; None at the end."""

    rows: tuple[ViewRow, ...]
    next_before: int | None


def record_view(
    session: Session, actor: Actor, kind: str, subject: str, *, reason: str = "", now: datetime
) -> None:
    """Note that somebody was shown a page of others' affairs: one INSERT."""
    session.add(
        ViewRecord(
            at=now,
            person_id=actor.person_id,
            kind=kind,
            subject=subject[:LONGEST_SUBJECT],
            reason=reason[:LONGEST_REASON],
        )
    )
    session.flush()


def begin_look(
    session: Session, actor: Actor, subject: str, reason: str, *, now: datetime
) -> PrivateLook:
    """Say why one needs to see private data of a subject; it is shown for half an hour.

    Raises `NotAllowed`, `LookReasonNeeded` or `LookReasonTooLong`.
    """
    require(actor, Action.LOOK_PRIVATELY, CITY)
    said = one_line(reason)
    if len(said) < SHORTEST_REASON:
        raise LookReasonNeeded
    if len(said) > LONGEST_REASON:
        raise LookReasonTooLong(most=LONGEST_REASON)
    look = PrivateLook(
        person_id=actor.person_id, subject=subject, reason=said, begun_at=now, until=now + LASTS
    )
    session.add(look)
    audit.record(session, actor, "private.looked", subject, {"reason": said}, now=now)
    return look


def current_look(session: Session, actor: Actor, subject: str, *, now: datetime) -> Look | None:
    """The actor's reason that still holds for a subject; None without. One query."""
    query = (
        select(PrivateLook)
        .where(
            PrivateLook.person_id == actor.person_id,
            PrivateLook.subject == subject,
            PrivateLook.until > now,
            PrivateLook.begun_at <= now,
        )
        .order_by(PrivateLook.until.desc())
        .limit(1)
    )
    found = session.scalar(query)
    return Look(found.reason, found.until) if found else None


def read_views(session: Session, actor: Actor, wanted: ViewFilter) -> ViewPage:
    """A page of who looked at what. One query. Raises `NotAllowed`."""
    require(actor, Action.AUDIT, CITY)
    query = (
        select(ViewRecord, PersonDetails.name)
        .outerjoin(PersonDetails, PersonDetails.person_id == ViewRecord.person_id)
        .where(*_conditions(wanted))
        .order_by(ViewRecord.id.desc())
        .limit(PAGE + 1)
    )
    rows = [
        ViewRow(one.id, one.at, name or one.person_id, one.kind, one.subject, one.reason)
        for one, name in session.execute(query)
    ]
    more = len(rows) > PAGE
    return ViewPage(tuple(rows[:PAGE]), rows[PAGE - 1].id if more else None)


def _conditions(wanted: ViewFilter) -> list[ColumnElement[bool]]:
    exactly: Mapping[str, ColumnElement[bool]] = {
        "kind": ViewRecord.kind == wanted.kind,
        "subject": ViewRecord.subject == wanted.subject[:LONGEST_SUBJECT],
    }
    conditions = [condition for name, condition in exactly.items() if getattr(wanted, name)]
    if wanted.person:
        asked = wanted.person[:LONGEST_SUBJECT]
        named = PersonDetails.name.icontains(asked, autoescape=True)
        conditions.append(named | (ViewRecord.person_id == asked))
    if wanted.first_day is not None:
        conditions.append(ViewRecord.at >= instant_of(wanted.first_day))
    if wanted.last_day is not None:
        conditions.append(ViewRecord.at < instant_of(wanted.last_day + timedelta(days=1)))
    if wanted.before is not None:
        conditions.append(ViewRecord.id < wanted.before)
    return conditions
