"""The audit log as the auditor reads it: who did what to what, and when."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from storefront.accounts.models import PersonDetails
from storefront.core.audit import AuditEntry
from storefront.core.calendar import instant_of
from storefront.core.permissions import CITY, Action, Actor, require

PAGE = 50
LONGEST_WORD = 80


@dataclass(frozen=True, kw_only=True)
class ActFilter:
    """Which acts: empty is all. Days are the city's, both included."""

    act: str = ""
    """The beginning of an act: `seller`, or the whole: `seller.verified`."""
    without: str = ""
    """Leave out acts that begin so: `account.`, people who came in."""
    subject: str = ""
    """The whole of a number, code or id."""
    person: str = ""
    """Part of a name, or a whole opaque id."""
    first_day: date | None = None
    last_day: date | None = None
    before: int | None = None


@dataclass(frozen=True)
class ActRow:
    """An act. `who` is a name; where there is none, the id by which the log knows the person."""

    id: int
    at: datetime
    who: str
    act: str
    subject: str
    details: Mapping[str, str | int | bool | None]


@dataclass(frozen=True)
class ActPage:
    """Acts, the latest first. `next_before` leads to the earlier ones; None at the end."""

    rows: tuple[ActRow, ...]
    next_before: int | None


def read_acts(session: Session, actor: Actor, wanted: ActFilter) -> ActPage:
    """A page of the log. One query. Raises `NotAllowed`."""
    require(actor, Action.AUDIT, CITY)
    query = (
        select(AuditEntry, PersonDetails.name)
        .outerjoin(PersonDetails, PersonDetails.person_id == AuditEntry.person_id)
        .where(*_conditions(wanted))
        .order_by(AuditEntry.id.desc())
        .limit(PAGE + 1)
    )
    rows = [
        ActRow(
            entry.id,
            entry.at,
            name or entry.person_id,
            entry.act,
            entry.subject,
            json.loads(entry.details),
        )
        for entry, name in session.execute(query)
    ]
    more = len(rows) > PAGE
    return ActPage(tuple(rows[:PAGE]), rows[PAGE - 1].id if more else None)


def _conditions(wanted: ActFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.act:
        conditions.append(AuditEntry.act.startswith(wanted.act[:LONGEST_WORD], autoescape=True))
    if wanted.without:
        conditions.append(~AuditEntry.act.startswith(wanted.without, autoescape=True))
    if wanted.subject:
        conditions.append(AuditEntry.subject == wanted.subject[:LONGEST_WORD])
    if wanted.person:
        asked = wanted.person[:LONGEST_WORD]
        named = PersonDetails.name.icontains(asked, autoescape=True)
        conditions.append(named | (AuditEntry.person_id == asked))
    if wanted.first_day is not None:
        conditions.append(AuditEntry.at >= instant_of(wanted.first_day))
    if wanted.last_day is not None:
        conditions.append(AuditEntry.at < instant_of(wanted.last_day + timedelta(days=1)))
    if wanted.before is not None:
        conditions.append(AuditEntry.id < wanted.before)
    return conditions
