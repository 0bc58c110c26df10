"""Who is reached, and in which language: addresses of people by what they are to an order."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from storefront.accounts.models import CityRole, Person, PersonDetails
from storefront.agencies.models import AgencyId, Placement, PlacementRole
from storefront.core.permissions import PersonId, Role
from storefront.sellers.models import SellerId, ShopStaff

MOST = 50
"""Of one message. An agency with more approvers than this has a different problem."""


MOST_OF_ALL = 5_000
"""Of a message to every agency."""


@dataclass(frozen=True)
class Recipient:
    """Somebody who can be written to."""

    person_id: PersonId | None
    name: str
    email: str
    language: str


def people(session: Session, person_ids: Iterable[PersonId]) -> list[Recipient]:
    """Those of the people who are active and have an address."""
    return _recipients(session, Person.person_id.in_(list(person_ids)))


def shop_staff(session: Session, seller_id: SellerId) -> list[Recipient]:
    """Whoever acts for a shop."""
    staff = select(ShopStaff.person_id).where(
        ShopStaff.seller_id == seller_id, ShopStaff.ended_at.is_(None)
    )
    return _recipients(session, Person.person_id.in_(staff))


def agency_staff(
    session: Session, agency_id: AgencyId, role: Role, *, today: date
) -> list[Recipient]:
    """Who holds a confirmed role in an agency today."""
    holders = _holders(role, today).where(Placement.agency_id == agency_id)
    return _recipients(session, Person.person_id.in_(holders))


def _holders(role: Role, today: date) -> Select[PersonId]:
    return (
        select(Placement.person_id)
        .join(PlacementRole, PlacementRole.placement_id == Placement.id)
        .where(
            Placement.valid_from <= today,
            or_(Placement.valid_to.is_(None), Placement.valid_to >= today),
            PlacementRole.role == role,
            PlacementRole.confirmed_at.is_not(None),
            PlacementRole.ended_at.is_(None),
        )
    )


def staff_of_all_agencies(session: Session, role: Role, *, today: date) -> list[Recipient]:
    """Who holds a confirmed role in any agency today, each once."""
    holders = _holders(role, today)
    return _recipients(session, Person.person_id.in_(holders), most=MOST_OF_ALL)


def city_staff(session: Session, role: Role) -> list[Recipient]:
    """Who holds a confirmed role over the city."""
    holders = select(CityRole.person_id).where(
        CityRole.role == role, CityRole.confirmed_at.is_not(None), CityRole.ended_at.is_(None)
    )
    return _recipients(session, Person.person_id.in_(holders))


def _recipients(
    session: Session, wanted: ColumnElement[bool], *, most: int = MOST
) -> list[Recipient]:
    query = (
        select(Person.person_id, PersonDetails.name, PersonDetails.email, Person.language)
        .join(PersonDetails, PersonDetails.person_id == Person.person_id)
        .where(wanted, Person.is_active, PersonDetails.email.is_not(None))
        .order_by(Person.person_id)
        .limit(most)
    )
    return [
        Recipient(row.person_id, row.name, row.email, row.language)
        for row in session.execute(query)
        if row.email
    ]
