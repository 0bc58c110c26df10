"""Entries on the accounts that a report reads."""

from dataclasses import replace
from datetime import date
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from storefront.core.database import transaction
from storefront.core.permissions import SYSTEM
from storefront.quota import log
from storefront.quota.ledger import post
from storefront.quota.log import number
from storefront.quota.models import Amounts, EntryKind
from storefront.reports import folding
from tests.factories import HEALTH, NOON, movement

_numbers = count(1)


def booked(
    session: Session,
    code: str = HEALTH.agency_code,
    *,
    committed: int = 0,
    realised: int = 0,
    day: date = date(2026, 5, 4),
    order: str | None = None,
    kind: EntryKind = EntryKind.ADJUST,
    **key: Any,
) -> None:
    """An entry of such an account, numbered; `key` are the parts of it that are not as usual."""
    at = next(_numbers)
    made = movement(
        kind,
        Amounts(committed, realised),
        order=order or f"DOK-{at}",
        cause=f"event {at}",
        key=replace(HEALTH, agency_code=code, **key),
    )
    made = replace(made, event=replace(made.event, occurred_on=day))
    with transaction(session):
        post(session, SYSTEM, [made], now=NOON)
        number(session)


def folded(session: Session) -> int:
    """Bring the sums up to the last entry; how many lines of the log were taken for it."""
    with transaction(session):
        log.number(session)
    taken = 0
    while True:
        with transaction(session):
            step = folding.fold(session)
        if not step:
            return taken
        taken += step
