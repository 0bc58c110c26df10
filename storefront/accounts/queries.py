"""Reads about people and their roles over the city."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from storefront.accounts.grants import counts
from storefront.accounts.models import CityRole, Credential, Person, PersonDetails, PersonNumber
from storefront.core.identifiers import Employment
from storefront.core.permissions import CITY, OPERATOR, Action, Actor, PersonId, Role, allows

LONGEST_LIST = 200


@dataclass(frozen=True)
class NumberRow:
    """One of a person's NIPs."""

    nip: str
    employment: Employment
    since: date


@dataclass(frozen=True)
class OwnAccount:
    """What the store holds of the person who asks."""

    person_id: PersonId
    name: str
    email: str | None
    phone: str
    language: str
    created_at: datetime
    password_changed_at: datetime | None
    numbers: tuple[NumberRow, ...]


@dataclass(frozen=True)
class CityRoleRow:
    """A role over the city, with who holds it and who proposed it (None: the command line)."""

    role_id: int
    role: Role
    person_id: PersonId
    name: str
    email: str | None
    proposed_by_name: str | None
    proposed_at: datetime
    counts: bool


def find_own_account(session: Session, actor: Actor) -> OwnAccount:
    """The person's own data. Two queries."""
    person, details, changed_at = session.execute(
        select(Person, PersonDetails, Credential.changed_at)
        .join(PersonDetails, PersonDetails.person_id == Person.person_id)
        .outerjoin(Credential, Credential.person_id == Person.person_id)
        .where(Person.person_id == actor.person_id)
    ).one()
    numbers = session.scalars(
        select(PersonNumber)
        .filter_by(person_id=actor.person_id)
        .order_by(PersonNumber.since.desc(), PersonNumber.nip)
    )
    return OwnAccount(
        person_id=person.person_id,
        name=details.name,
        email=details.email,
        phone=details.phone,
        language=person.language,
        created_at=person.created_at,
        password_changed_at=changed_at,
        numbers=tuple(NumberRow(row.nip, row.employment, row.since) for row in numbers),
    )


def city_roles(session: Session, actor: Actor) -> list[CityRoleRow]:
    """Roles over the city that count or wait, for who may grant them. One query."""
    if not allows(actor, Action.GRANT_CITY_ROLES, CITY):
        return []
    proposer = aliased(PersonDetails)
    rows = session.execute(
        select(CityRole, PersonDetails.name, PersonDetails.email, proposer.name)
        .join(PersonDetails, PersonDetails.person_id == CityRole.person_id)
        .outerjoin(proposer, proposer.person_id == CityRole.proposed_by)
        .where(CityRole.ended_at.is_(None))
        .order_by(CityRole.id)
        .limit(LONGEST_LIST)
    )
    return [
        CityRoleRow(
            role_id=row.id,
            role=row.role,
            person_id=row.person_id,
            name=name,
            email=email,
            proposed_by_name=by,
            proposed_at=row.proposed_at,
            counts=row.confirmed_at is not None,
        )
        for row, name, email, by in rows
    ]


def pending_city_roles(session: Session, actor: Actor) -> list[CityRoleRow]:
    """Those that this actor could confirm, by the rule of `confirm_city_role`."""
    if actor.person_id == OPERATOR.person_id or not allows(actor, Action.GRANT_CITY_ROLES, CITY):
        return []
    waiting = session.execute(
        select(CityRole.id).where(
            ~counts(),
            CityRole.ended_at.is_(None),
            CityRole.proposed_by != actor.person_id,
            CityRole.person_id != actor.person_id,
        )
    ).scalars()
    confirmable = set(waiting)
    return [row for row in city_roles(session, actor) if row.role_id in confirmable]
