"""Months that two people of the city closed."""

from datetime import datetime

from sqlalchemy.orm import Session

from storefront.core.database import transaction
from storefront.core.permissions import CITY, OPERATOR, Actor, Role
from storefront.core.signed_notes import Signer
from storefront.programme.closing import close_and_publish
from storefront.quota.closes import propose_close
from storefront.quota.closing_models import PeriodClose
from tests.factories import NOON, signed_up

SIGNER = Signer("toko.example/ledger", bytes(range(32)))


def month_closed(session: Session, by: Actor | None = None, *, now: datetime = NOON) -> PeriodClose:
    """The first open month, proposed by the command line and confirmed by a city admin."""
    by = by or signed_up(session, Role.CITY_ADMIN, CITY)
    with transaction(session):
        proposed = propose_close(session, OPERATOR, now=now)
        return close_and_publish(session, by, proposed.month, signer=SIGNER, now=now)


def closed_until(session: Session, month: str, *, now: datetime = NOON) -> list[PeriodClose]:
    """Every month from the first open one to this one."""
    by = signed_up(session, Role.CITY_ADMIN, CITY)
    closed = [month_closed(session, by, now=now)]
    while closed[-1].month < month:
        closed.append(month_closed(session, by, now=now))
    return closed
