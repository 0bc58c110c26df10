"""From which figures on signals are raised: dated, set by the city, read by the auditor."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.accounts.models import PersonDetails
from storefront.core import audit
from storefront.core.calendar import city_day
from storefront.core.errors import N_, DomainError
from storefront.core.permissions import CITY, Action, Actor, require
from storefront.reports.signal_models import SignalKind, SignalThreshold

MOST_SHOWN = 100
MOST_AMOUNT = 1_000_000_000_000
BOUNDS = {"amount": (0, MOST_AMOUNT), "days": (1, 366), "permille": (1, 100_000), "least": (2, 999)}
USES: Mapping[SignalKind, tuple[str, ...]] = {
    SignalKind.SPLIT: ("amount", "days"),
    SignalKind.YEAR_END: ("amount", "permille"),
    SignalKind.REVERSED: ("amount",),
    SignalKind.CONTACT: ("amount",),
    SignalKind.PRICE: ("amount", "permille", "least"),
}
"""Which figures a kind asks for; the others are nought."""


class ThresholdOutOfBounds(DomainError):
    code = "threshold_out_of_bounds"
    message = N_("Isi angka antara %(least)s dan %(most)s.")

    def __init__(self, field: str, least: int, most: int) -> None:
        super().__init__(least=least, most=most)
        self.field = field  # type: ignore[misc]


class ThresholdInThePast(DomainError):
    """What was looked for on a day that is over stays what it was."""

    code = "threshold_in_the_past"
    message = N_("Ambang berlaku paling cepat hari ini.")
    field = "since"


@dataclass(frozen=True)
class Threshold:
    """What is in force of one kind."""

    kind: SignalKind
    since: date
    amount: int
    days: int
    permille: int
    least: int


@dataclass(frozen=True)
class ThresholdRow:
    """A threshold, with who set it; empty for the one of the installation."""

    threshold: Threshold
    set_by: str
    set_at: datetime


def thresholds_on(session: Session, day: date) -> Mapping[SignalKind, Threshold]:
    """What is in force on a day, for every kind. One query."""
    query = (
        select(SignalThreshold)
        .where(SignalThreshold.since <= day)
        .order_by(SignalThreshold.since, SignalThreshold.id)
    )
    return {row.kind: _threshold(row) for row in session.scalars(query)}  # the latest stays


def set_threshold(session: Session, actor: Actor, wanted: Threshold, *, now: datetime) -> None:
    """Add a version. Raises `NotAllowed`, `ThresholdOutOfBounds`, `ThresholdInThePast`."""
    require(actor, Action.CHANGE_RULES, CITY)
    if wanted.since < city_day(now):
        raise ThresholdInThePast
    figures = {name: getattr(wanted, name) for name in USES[wanted.kind]}
    for name, figure in figures.items():
        least, most = BOUNDS[name]
        if wanted.kind is SignalKind.SPLIT:
            least = 1  # without a limit nothing can be split
        if not least <= figure <= most:
            raise ThresholdOutOfBounds(name, least, most)
    nought = dict.fromkeys(BOUNDS, 0)
    session.add(
        SignalThreshold(
            kind=wanted.kind,
            since=wanted.since,
            set_by=actor.person_id,
            set_at=now,
            **nought | figures,
        )
    )
    since = {"since": wanted.since.isoformat()}
    audit.record(session, actor, "signal.threshold_set", wanted.kind, figures | since, now=now)


def list_thresholds(session: Session, actor: Actor) -> list[ThresholdRow]:
    """All versions, the latest first, bounded. For the city and the auditor."""
    require(actor, Action.SEE_CITY, CITY)
    query = (
        select(SignalThreshold, PersonDetails.name)
        .outerjoin(PersonDetails, PersonDetails.person_id == SignalThreshold.set_by)
        .order_by(SignalThreshold.id.desc())
        .limit(MOST_SHOWN)
    )
    return [
        ThresholdRow(_threshold(row), name or "", row.set_at)
        for row, name in session.execute(query)
    ]


def _threshold(row: SignalThreshold) -> Threshold:
    return Threshold(row.kind, row.since, row.amount, row.days, row.permille, row.least)
