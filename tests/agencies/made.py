"""What tests of agencies start from: numbers that are valid, people behind them, actors."""

from datetime import date

from sqlalchemy.orm import Session

from storefront.accounts.people import register
from storefront.agencies.models import Agency, Placement, PlacementKind
from storefront.agencies.moves import NewPlacement, add_placement
from storefront.core.database import transaction
from storefront.core.identifiers import Employment, Nip
from storefront.core.permissions import (
    CITY,
    SYSTEM,
    Actor,
    Grant,
    PersonId,
    Role,
    ScopeKind,
)
from tests.factories import LONG_AGO, NOON, agency, placed, signed_up

TODAY = date(2026, 11, 12)


def nip(serial: int) -> Nip:
    """A valid number of a woman born on 12 March 1987, a PNS since January 2010."""
    return Nip(f"198703122010012{serial:03}")


def employee(session: Session, serial: int = 3, name: str = "Rina Amelia") -> PersonId:
    """Somebody known by a number, and placed nowhere."""
    with transaction(session):
        return register(
            session,
            SYSTEM,
            name=name,
            email=f"orang{serial}@bandung.example",
            nip=nip(serial),
            employment=Employment.PNS,
            now=NOON,
        ).person_id


def city_admin(session: Session) -> Actor:
    return signed_up(session, Role.CITY_ADMIN, CITY)


def staff(session: Session, role: Role, at: Agency | None = None) -> Actor:
    """Somebody who holds a role in an agency today."""
    return holding(placed(session, at, role), role, at or agency(session))


def holding(placement: Placement, role: Role, at: Agency) -> Actor:
    return Actor(placement.person_id, frozenset({Grant(role, ScopeKind.AGENCY, at.code)}))


def elsewhere(session: Session) -> Agency:
    return agency(session, "1.01.01", name="Dinas Pendidikan")


def below(session: Session, parent: Agency) -> Agency:
    return agency(session, f"{parent.code}.01", name="Puskesmas Dago", parent=parent)


def wanted(
    at: Agency,
    serial: int = 3,
    *roles: Role,
    since: date = LONG_AGO,
    until: date | None = None,
    kind: PlacementKind = PlacementKind.DEFINITIVE,
) -> NewPlacement:
    return NewPlacement(
        agency_id=at.id,
        nip=nip(serial),
        kind=kind,
        position="Perencana Ahli Muda",
        valid_from=since,
        valid_to=until,
        roles=frozenset(roles),
    )


def put(session: Session, by: Actor, person_id: PersonId, placement: NewPlacement) -> Placement:
    with transaction(session):
        return add_placement(session, by, person_id, placement, now=NOON)
