"""The check of everything that can be checked: all seals, and what is kept in two places.

It looks in one snapshot, which nobody waits for, and writes what it found afterwards, in a moment.
So it is handed how to open units of work, as `orders/processes.py` is.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import islice

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.core import audit_positions, outbox, tree_tiles
from storefront.core.calendar import city_day, instant_of
from storefront.core.database import UnitOfWork
from storefront.core.numbering import next_number
from storefront.core.permissions import PersonId
from storefront.quota import log, verification
from storefront.reports.check_models import CheckFinding, CheckRun
from storefront.reports.reconciliation import Identity, reconcile

BROKEN = "check_broken"
"""Outbox topic, payload `{"run": number}`: a run found what the one before had not."""
SEALS = "seals"
NIGHT = time(1, 0)
MOST_KEPT = 200
"""Findings of one subject that a run keeps; it counts them all."""
LONGEST = 200
Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Finding:
    """One thing that does not hold; or, as a note, that waits for somebody."""

    subject: str
    """`seals`, or the key of an identity."""
    place: str
    what: str
    kept_amount: int | None = None
    due_amount: int | None = None
    is_note: bool = False

    @property
    def sign(self) -> tuple[str, str, str]:
        """What makes it the same finding in the next run, though its figures have moved on."""
        return self.subject, self.place, self.what


@dataclass(frozen=True)
class Look:
    """What was found, and in which state of the ledger."""

    position: int
    root: str
    findings: tuple[Finding, ...]
    counts: dict[str, int]


def check(
    transaction: UnitOfWork, snapshot: UnitOfWork, asked_by: PersonId, *, clock: Clock
) -> CheckRun:
    """Look at everything now and keep what was found: the worker's, of itself or as it was asked.

    Who may ask: `check_requests.ask`. What is new is told to auditors and city admins by mail.
    """
    began = clock()
    with transaction() as session:
        log.number(session)
        audit_positions.number(session)
    with snapshot() as session:
        found = look(session, now=began)
    with transaction() as session:
        return _keep(session, asked_by, found, began=began, ended=clock())


def is_due(session: Session, *, now: datetime) -> bool:
    """Whether no run has looked since the last night began."""
    tonight = instant_of(city_day(now), NIGHT)
    night = tonight if tonight <= now else tonight - timedelta(days=1)
    last = session.scalar(select(CheckRun.at).order_by(CheckRun.number.desc()).limit(1))
    return last is None or last < night


def look(session: Session, *, now: datetime) -> Look:
    """Seals, logs, stored hashes and identities, in the state that is seen. Nothing is written."""
    broken = list(islice(verification.breaches(session), MOST_KEPT))
    identities = reconcile(session, now=now)
    size = log.latest(session).number
    counts = {SEALS: len(broken)} | {one.key.value: len(one.breaches) for one in identities}
    return Look(
        position=size,
        root=tree_tiles.root_at(session, log.LEDGER_TREE, size).hex(),
        findings=(
            *(Finding(SEALS, each.where[:LONGEST], each.what[:LONGEST]) for each in broken),
            *(finding for identity in identities for finding in _findings(identity)),
        ),
        counts=counts,
    )


def _findings(identity: Identity) -> Iterator[Finding]:
    key = identity.key.value
    for each in identity.breaches[:MOST_KEPT]:
        figures = (None, None) if each.is_private else (each.kept, each.due)
        yield Finding(key, each.where[:LONGEST], each.what, *figures)
    for note in identity.notes[:MOST_KEPT]:
        place, _, what = note.partition(": ")
        yield Finding(key, place[:LONGEST], what[:LONGEST], is_note=True)


def _keep(
    session: Session, asked_by: PersonId, found: Look, *, began: datetime, ended: datetime
) -> CheckRun:
    """Write the run under the lock of its number, so that each knows the one before."""
    number = next_number(session, issuer="store", kind="check", year=0)
    before = _signs(session, number - 1)
    breaches = [one for one in found.findings if not one.is_note]
    new = {one.sign for one in breaches} - before
    run = CheckRun(
        number=number,
        at=began,
        duration_ms=round((ended - began).total_seconds() * 1_000),
        asked_by=asked_by,
        position=found.position,
        root=found.root,
        counts=json.dumps(found.counts, sort_keys=True),
        breach_count=sum(found.counts.values()),
        new_count=len(new),
    )
    session.add(run)
    session.flush()
    session.add_all(_rows(number, found.findings, new))
    if new:
        outbox.put(session, BROKEN, {"run": number}, now=ended)
    session.flush()
    return run


def _signs(session: Session, number: int) -> set[tuple[str, str, str]]:
    query = select(CheckFinding.subject, CheckFinding.place, CheckFinding.what).where(
        CheckFinding.run_number == number, CheckFinding.is_note.is_(False)
    )
    return {(row.subject, row.place, row.what) for row in session.execute(query)}


def _rows(
    number: int, findings: Iterable[Finding], new: set[tuple[str, str, str]]
) -> Iterator[CheckFinding]:
    for one in findings:
        yield CheckFinding(
            run_number=number,
            subject=one.subject,
            place=one.place,
            what=one.what,
            kept_amount=one.kept_amount,
            due_amount=one.due_amount,
            is_note=one.is_note,
            is_new=not one.is_note and one.sign in new,
        )
