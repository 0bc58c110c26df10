"""Placements recorded late, and the worker's look for the orders that they touch."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from storefront.accounts.models import PersonNumber
from storefront.agencies.models import Agency, Placement, PlacementKind
from storefront.agencies.moves import NewPlacement, move_placement
from storefront.core import outbox
from storefront.core.database import transaction
from storefront.core.identifiers import Employment
from storefront.core.permissions import Actor
from storefront.orders.affected import late_told, note_late
from tests.factories import LONG_AGO, NOON
from tests.factories_orders import Around

COBLONG = "7.01.01"
FIRST_OCTOBER = date(2026, 10, 1)


def placement_there(of: Around, there: Agency, since: date = FIRST_OCTOBER) -> NewPlacement:
    return NewPlacement(
        agency_id=there.id,
        nip=of.placement.nip,
        kind=PlacementKind.DEFINITIVE,
        position="Perencana",
        valid_from=since,
    )


def move_buyer(session: Session, of: Around, city: Actor, there: Agency) -> Placement:
    number_of(session, of)
    with transaction(session):
        wanted = placement_there(of, there)
        return move_placement(session, city, of.placement.id, wanted, now=NOON)


def number_of(session: Session, of: Around) -> None:
    """The buyer's number is known, so that a page may name it."""
    with transaction(session):
        session.add(
            PersonNumber(
                nip=of.placement.nip,
                person_id=of.buyer.person_id,
                employment=Employment.PNS,
                since=LONG_AGO,
            )
        )


def told(session: Session, *, now: datetime = NOON) -> int:
    """What the worker does with late records that the outbox tells; how many orders it found."""
    session.rollback()
    late = [each for each in outbox.due(session, now=now) if each.topic.endswith("recorded_late")]
    touched = 0
    for message in late:
        with transaction(session):
            touched += note_late(session, late_told(message.payload), now=now)
            outbox.mark_handled(session, message.id, now=now)
    return touched
