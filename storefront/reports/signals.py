"""Refreshing the signals: looked for in a snapshot, kept afterwards with what was said of them."""

import heapq
import json
from collections.abc import Iterable, Iterator
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.core.calendar import city_day, fiscal_year
from storefront.core.database import UnitOfWork
from storefront.reports.signal_finders import Raised, split_orders, taken_back, year_end_surges
from storefront.reports.signal_likeness import high_prices, shared_contacts
from storefront.reports.signal_models import Signal, SignalKind, SignalStatus
from storefront.reports.signal_thresholds import thresholds_on

MOST_KEPT = 500
"""Signals of one kind and look, the heaviest first: more than that nobody reads."""


def refresh(transaction: UnitOfWork, snapshot: UnitOfWork, *, now: datetime) -> int:
    """Look at this year and the last; how many hold. What no longer does is kept, and said so.

    It is handed how to open units of work, as `reports/checks.py` is: looking locks nothing.
    """
    with snapshot() as session:
        raised = look(session, now=now)
    with transaction() as session:
        keep(session, raised, now=now)
    return len(raised)


def look(session: Session, *, now: datetime) -> list[Raised]:
    """All signals of this year and the last, by the thresholds in force today."""
    today = city_day(now)
    this_year = fiscal_year(today)
    first_year = this_year - 1
    due = thresholds_on(session, today)
    years = {"first_year": first_year, "last_year": this_year}
    found = (  # the kinds with the most signals first: the newest is on top of the list
        high_prices(session, due[SignalKind.PRICE], **years),
        year_end_surges(session, due[SignalKind.YEAR_END], first_year=first_year, now=now),
        taken_back(session, due[SignalKind.REVERSED], first_year=first_year),
        shared_contacts(session, due[SignalKind.CONTACT], first_year=first_year),
        split_orders(session, due[SignalKind.SPLIT], first_year=first_year),
    )
    return [one for finder in found for one in _heaviest(finder)]


def keep(session: Session, raised: Iterable[Raised], *, now: datetime) -> None:
    """Write what was raised: new ones open, known ones with today's figures and their notes."""
    known = {(one.kind, one.identity): one for one in _of_the_look(session, now)}
    for one in raised:
        signal = known.pop((one.kind, one.identity), None)
        if signal is None:
            signal = Signal(
                kind=one.kind,
                identity=one.identity,
                agency_code=one.agency_code,
                seller_id=one.seller_id,
                first_seen_at=now,
                status=SignalStatus.OPEN,
            )
            session.add(signal)
        signal.year = one.year
        signal.facts = json.dumps(one.facts, sort_keys=True, ensure_ascii=False)
        signal.orders = json.dumps(one.orders)
        signal.last_seen_at = now
        signal.holds = True
    for gone in known.values():
        gone.holds = False
    session.flush()


def _of_the_look(session: Session, now: datetime) -> Iterator[Signal]:
    """Signals of the years that are looked at, in the order of their ids, locked."""
    first_year = fiscal_year(city_day(now)) - 1
    query = select(Signal).where(Signal.year >= first_year).order_by(Signal.id).with_for_update()
    yield from session.scalars(query)


def _heaviest(found: Iterator[Raised]) -> list[Raised]:
    return heapq.nlargest(MOST_KEPT, found, key=lambda one: (one.weight, one.identity))
