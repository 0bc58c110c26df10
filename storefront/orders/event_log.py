"""The order of facts: each event's position among all, given after its commit.

As with the ledger's log (`quota/log.py`), a number given on insert is not in the order of commits:
a reader who stopped at 10 would never see 9. So positions are given afterwards, without gaps.
"""

from contextlib import suppress

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from storefront.core.numbering import NumberSeries
from storefront.orders.models import OrderEvent

SERIES = {"issuer": "orders", "kind": "events", "year": 0}
BATCH = 5_000


def number(session: Session) -> int:
    """Give the next positions to committed events without one; how many have one then.

    One at a time, under the series' lock, and at most `BATCH` a call. Events of one order keep
    their order: they were written under its lock.
    """
    series = _locked_series(session)
    young = session.scalars(
        select(OrderEvent.id)
        .where(OrderEvent.position.is_(None))
        .order_by(OrderEvent.id)
        .limit(BATCH)
    ).all()
    if young:
        first = series.last_number + 1
        positions = [{"id": id_, "position": at} for at, id_ in enumerate(young, first)]
        session.execute(update(OrderEvent), positions)
        series.last_number += len(young)
        session.flush()
    return series.last_number


def has_unnumbered(session: Session) -> bool:
    """Whether an event is seen that has no position yet."""
    query = select(OrderEvent.id).where(OrderEvent.position.is_(None)).limit(1)
    return session.scalar(query) is not None


def last(session: Session) -> int:
    """The last position given, as this session sees it."""
    query = select(NumberSeries.last_number).filter_by(**SERIES)
    return session.scalar(query) or 0


def _locked_series(session: Session) -> NumberSeries:
    query = (
        select(NumberSeries)
        .filter_by(**SERIES)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    series = session.scalar(query)
    if series is None:
        with suppress(IntegrityError), session.begin_nested():  # another may be opening it too
            session.execute(insert(NumberSeries).values(**SERIES, last_number=0))
        series = session.scalars(query).one()
    return series
