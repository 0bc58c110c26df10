"""The auditor's desk of signals: the list, one of them, and what is said of it.

A note is the auditor's own: it changes no record, and the next look keeps it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from storefront.accounts.models import PersonDetails
from storefront.agencies.models import Agency
from storefront.core import audit
from storefront.core.errors import N_, DomainError, NotFound
from storefront.core.permissions import CITY, Action, Actor, require
from storefront.core.text import clean
from storefront.reports.signal_models import Signal, SignalKind, SignalNote, SignalStatus
from storefront.sellers.models import Seller

PAGE = 30
LONGEST_NOTE = 1_000
MOST_NOTES = 200


class NoteNeeded(DomainError):
    """Who calls a signal explained says how."""

    code = "note_needed"
    message = N_("Tulis apa yang Anda temukan.")
    field = "text"


class NoteTooLong(DomainError):
    code = "note_too_long"
    message = N_("Paling panjang %(most)s huruf.")
    field = "text"


@dataclass(frozen=True, kw_only=True)
class SignalFilter:
    """Which signals: empty is all. Those that no longer hold are left out unless asked for."""

    kind: SignalKind | None = None
    agency_code: str = ""
    status: SignalStatus | None = None
    with_past: bool = False
    before: int | None = None


@dataclass(frozen=True)
class SignalRow:
    """A signal with its reason in figures, and the names of whom it is about."""

    id: int
    kind: SignalKind
    agency_code: str
    agency_name: str
    seller_id: int | None
    seller_name: str
    year: int
    facts: Mapping[str, Any]
    orders: tuple[str, ...]
    first_seen_at: datetime
    last_seen_at: datetime
    holds: bool
    status: SignalStatus


@dataclass(frozen=True)
class NoteRow:
    """What somebody wrote, and the status it left."""

    at: datetime
    who: str
    status: SignalStatus
    text: str


@dataclass(frozen=True)
class SignalFile:
    """A signal and its notes, the newest first."""

    row: SignalRow
    notes: tuple[NoteRow, ...]


@dataclass(frozen=True)
class SignalPage:
    """Signals, the latest first. `next_before` leads to the earlier ones; None at the end."""

    rows: tuple[SignalRow, ...]
    next_before: int | None


def list_signals(session: Session, actor: Actor, wanted: SignalFilter) -> SignalPage:
    """A page of signals. One query. Raises `NotAllowed`."""
    require(actor, Action.AUDIT, CITY)
    query = _signals().where(*_conditions(wanted))
    if wanted.before is not None:
        query = query.where(Signal.id < wanted.before)
    query = query.order_by(Signal.id.desc()).limit(PAGE + 1)
    rows = [_row(*row) for row in session.execute(query)]
    more = len(rows) > PAGE
    return SignalPage(tuple(rows[:PAGE]), rows[PAGE - 1].id if more else None)


def count_signals(session: Session, actor: Actor) -> Mapping[SignalKind, int]:
    """How many of each kind hold and nobody has looked at. One query. Raises `NotAllowed`."""
    require(actor, Action.AUDIT, CITY)
    query = (
        select(Signal.kind, func.count())
        .where(Signal.status == SignalStatus.OPEN, Signal.holds.is_(True))
        .group_by(Signal.kind)
    )
    found = {kind: count for kind, count in session.execute(query)}  # noqa: C416 - typed
    return {kind: found.get(kind, 0) for kind in SignalKind}


def find_signal(session: Session, actor: Actor, signal_id: int) -> SignalFile:
    """A signal and its notes: two queries. Raises `NotAllowed` or `NotFound`."""
    require(actor, Action.AUDIT, CITY)
    row = session.execute(_signals().where(Signal.id == signal_id)).first()
    if row is None:
        raise NotFound
    notes = (
        select(SignalNote, PersonDetails.name)
        .outerjoin(PersonDetails, PersonDetails.person_id == SignalNote.written_by)
        .where(SignalNote.signal_id == signal_id)
        .order_by(SignalNote.id.desc())
        .limit(MOST_NOTES)
    )
    return SignalFile(
        _row(*row),
        tuple(
            NoteRow(note.at, name or note.written_by, note.status, note.text)
            for note, name in session.execute(notes)
        ),
    )


def note_signal(
    session: Session,
    actor: Actor,
    signal_id: int,
    *,
    status: SignalStatus,
    text: str,
    now: datetime,
) -> SignalNote:
    """Write what was found, and where the signal stands by it.

    Raises `NotAllowed`, `NotFound`, `NoteNeeded` or `NoteTooLong`.
    """
    require(actor, Action.AUDIT, CITY)
    signal = session.get(Signal, signal_id, with_for_update=True, populate_existing=True)
    if signal is None:
        raise NotFound
    said = clean(text)
    if not said and status is not SignalStatus.LOOKED_AT:
        raise NoteNeeded
    if len(said) > LONGEST_NOTE:
        raise NoteTooLong(most=LONGEST_NOTE)
    note = SignalNote(
        signal_id=signal_id, at=now, written_by=actor.person_id, status=status, text=said
    )
    session.add(note)
    signal.status = status
    session.flush()
    details = {"status": status.value, "note": note.id}
    audit.record(session, actor, "signal.noted", str(signal_id), details, now=now)
    return note


def _signals() -> Select[Signal, str, str]:
    return (
        select(Signal, Agency.name, Seller.name)
        .outerjoin(Agency, Agency.code == Signal.agency_code)
        .outerjoin(Seller, Seller.id == Signal.seller_id)
    )


def _conditions(wanted: SignalFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.kind is not None:
        conditions.append(Signal.kind == wanted.kind)
    if wanted.agency_code:
        conditions.append(Signal.agency_code == wanted.agency_code)
    if wanted.status is not None:
        conditions.append(Signal.status == wanted.status)
    if not wanted.with_past:
        conditions.append(Signal.holds.is_(True))
    return conditions


def _row(signal: Signal, agency_name: str | None, seller_name: str | None) -> SignalRow:
    return SignalRow(
        id=signal.id,
        kind=signal.kind,
        agency_code=signal.agency_code,
        agency_name=agency_name or signal.agency_code,
        seller_id=signal.seller_id,
        seller_name=seller_name or "",
        year=signal.year,
        facts=json.loads(signal.facts),
        orders=tuple(json.loads(signal.orders)),
        first_seen_at=signal.first_seen_at,
        last_seen_at=signal.last_seen_at,
        holds=signal.holds,
        status=signal.status,
    )
