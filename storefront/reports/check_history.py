"""The kept runs of the check, as the auditor and the city read them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from storefront.accounts.models import PersonDetails
from storefront.core.errors import NotFound
from storefront.core.permissions import CITY, SYSTEM, Action, Actor, require
from storefront.reports.check_models import CheckFinding, CheckRun
from storefront.reports.checks import Finding

PAGE = 30
FRESH = timedelta(hours=36)
"""A night may be missed by some hours; after this something is wrong with the worker."""
MOST_FINDINGS = 1_500


@dataclass(frozen=True)
class RunRow:
    """A run of the check: when, in which state of the ledger, and how many breaches by subject."""

    number: int
    at: datetime
    duration_ms: int
    asked_by: str
    """A name; empty for the worker."""
    position: int
    root: str
    counts: Mapping[str, int]
    breach_count: int
    new_count: int

    @property
    def holds(self) -> bool:
        return self.breach_count == 0

    def is_stale(self, now: datetime) -> bool:
        """Whether a night passed without another run."""
        return now - self.at > FRESH


@dataclass(frozen=True)
class FoundRow:
    """A finding, and whether the run before did not have it."""

    finding: Finding
    is_new: bool


@dataclass(frozen=True)
class Run:
    """A run with what it found, in the order in which it was found."""

    row: RunRow
    found: tuple[FoundRow, ...]


@dataclass(frozen=True)
class RunPage:
    """Runs, the latest first. `next_before` leads to the earlier ones; None at the end."""

    rows: tuple[RunRow, ...]
    next_before: int | None


def last_run(session: Session, actor: Actor) -> RunRow | None:
    """The latest run; None before the first. One query. Raises `NotAllowed`."""
    require(actor, Action.SEE_CITY, CITY)
    row = session.execute(_runs().limit(1)).first()
    return _row(*row) if row else None


def find_run(session: Session, actor: Actor, number: int) -> Run:
    """A run and its findings: two queries. Raises `NotAllowed` or `NotFound`."""
    require(actor, Action.SEE_CITY, CITY)
    row = session.execute(_runs().where(CheckRun.number == number)).first()
    if row is None:
        raise NotFound
    query = (
        select(CheckFinding)
        .where(CheckFinding.run_number == number)
        .order_by(CheckFinding.id)
        .limit(MOST_FINDINGS)
    )
    return Run(_row(*row), tuple(_found(one) for one in session.scalars(query)))


def list_runs(session: Session, actor: Actor, *, before: int | None = None) -> RunPage:
    """A page of runs. One query. Raises `NotAllowed`."""
    require(actor, Action.SEE_CITY, CITY)
    query = _runs().limit(PAGE + 1)
    if before is not None:
        query = query.where(CheckRun.number < before)
    rows = [_row(run, name) for run, name in session.execute(query)]
    more = len(rows) > PAGE
    return RunPage(tuple(rows[:PAGE]), rows[PAGE - 1].number if more else None)


def _runs() -> Select[CheckRun, str]:
    return (
        select(CheckRun, PersonDetails.name)
        .outerjoin(PersonDetails, PersonDetails.person_id == CheckRun.asked_by)
        .order_by(CheckRun.number.desc())
    )


def _row(run: CheckRun, name: str | None) -> RunRow:
    who = "" if run.asked_by == SYSTEM.person_id else name or run.asked_by
    return RunRow(
        number=run.number,
        at=run.at,
        duration_ms=run.duration_ms,
        asked_by=who,
        position=run.position,
        root=run.root,
        counts=json.loads(run.counts),
        breach_count=run.breach_count,
        new_count=run.new_count,
    )


def _found(one: CheckFinding) -> FoundRow:
    finding = Finding(
        one.subject, one.place, one.what, one.kept_amount, one.due_amount, one.is_note
    )
    return FoundRow(finding, one.is_new)
