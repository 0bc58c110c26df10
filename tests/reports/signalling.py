"""Signals as the worker looks for them, from thresholds that a test's amounts reach."""

from datetime import datetime
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.core import database
from storefront.core.database import transaction
from storefront.core.permissions import CITY, Role
from storefront.reports import signals
from storefront.reports.signal_models import Signal, SignalKind
from storefront.reports.signal_thresholds import Threshold, set_threshold
from tests.factories import NOON, signed_up


def looked(session: Session, *, now: datetime = NOON) -> list[Signal]:
    session.rollback()
    write, read = partial(database.transaction, session), partial(database.snapshot, session)
    signals.refresh(write, read, now=now)
    session.rollback()
    session.expire_all()
    return list(session.scalars(select(Signal).order_by(Signal.id)))


def lowered(session: Session, kind: SignalKind, **figures: int) -> None:
    """A threshold that the amounts of these tests reach."""
    admin = signed_up(session, Role.CITY_ADMIN, CITY)
    wanted = {"amount": 0, "days": 0, "permille": 0, "least": 0} | figures
    with transaction(session):
        set_threshold(session, admin, Threshold(kind, NOON.date(), **wanted), now=NOON)
