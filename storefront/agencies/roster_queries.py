"""Reads about who serves where, and which roles wait for a second person."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, exists, false, func, or_, select, true
from sqlalchemy.orm import Session, aliased, selectinload

from storefront.accounts.models import Credential, PersonDetails
from storefront.agencies.grants import COUNTS_AT_ONCE
from storefront.agencies.models import (
    Agency,
    Placement,
    PlacementId,
    PlacementKind,
    PlacementRole,
)
from storefront.agencies.placements import current_on
from storefront.agencies.reach import agency_by_code, agency_in_reach, ids_below
from storefront.core.errors import NotFound
from storefront.core.identifiers import plain_nip
from storefront.core.paging import PAGE_SIZE, Page, page_number
from storefront.core.permissions import (
    CITY,
    OPERATOR,
    Action,
    Actor,
    Grant,
    PersonId,
    Role,
)
from storefront.core.text import clean

LONGEST_LIST = 200
LONGEST_QUESTION = 100


class When(StrEnum):
    CURRENT = "current"
    COMING = "coming"
    PAST = "past"
    ALL = "all"


@dataclass(frozen=True, kw_only=True)
class RosterFilter:
    """Which placements to show: of an agency and those below it."""

    agency_code: str
    question: str = ""
    """Part of a name, or the beginning of a NIP."""
    role: Role | None = None
    """Held or waiting."""
    not_activated: bool = False
    """Only who has never set a password."""
    when: When = When.CURRENT
    page: int = 1


@dataclass(frozen=True)
class RoleRow:
    """A role of a placement that counts, or waits for a second person."""

    role_id: int
    role: Role
    counts: bool


@dataclass(frozen=True)
class RosterRow:
    """A placement as an agency's admin sees it."""

    placement_id: PlacementId
    person_id: PersonId
    nip: str
    name: str
    has_email: bool
    is_activated: bool
    position: str
    kind: PlacementKind
    agency_code: str
    agency_name: str
    valid_from: date
    valid_to: date | None
    roles: tuple[RoleRow, ...]


@dataclass(frozen=True)
class PendingRole:
    """A role that waits for a second person. `proposed_by_name` is None for the command line."""

    role_id: int
    role: Role
    person_id: PersonId
    name: str
    nip: str
    position: str
    agency_code: str
    agency_name: str
    valid_from: date
    valid_to: date | None
    proposed_by_name: str | None
    proposed_at: datetime


def list_roster(
    session: Session, actor: Actor, wanted: RosterFilter, *, today: date
) -> Page[RosterRow]:
    """A page of placements by name, whoever may manage the roster. Raises `NotFound`.

    The same number of queries whatever the number of rows.
    """
    agency = agency_by_code(session, actor, Action.MANAGE_ROSTER, wanted.agency_code)
    which = and_(
        Placement.agency_id.in_(ids_below(agency.id)),
        _when(wanted.when, today),
        _asked(clean(wanted.question)[:LONGEST_QUESTION]),
        _holding(wanted.role),
        _not_activated() if wanted.not_activated else true(),
    )
    number = page_number(wanted.page)
    total = session.scalars(
        select(func.count(Placement.id))
        .join(PersonDetails, PersonDetails.person_id == Placement.person_id)
        .where(which)
    ).one()
    rows = _rows(session, which, offset=(number - 1) * PAGE_SIZE, limit=PAGE_SIZE + 1)
    return Page(rows[:PAGE_SIZE], number, has_next=len(rows) > PAGE_SIZE, total=total)


def find_placement(session: Session, actor: Actor, placement_id: PlacementId) -> RosterRow:
    """One placement, for who may manage its agency's roster. Raises `NotFound`."""
    placement = session.get(Placement, placement_id)
    if placement is None:
        raise NotFound
    agency_in_reach(session, actor, Action.MANAGE_ROSTER, placement.agency_id)
    return _rows(session, Placement.id == placement_id, offset=0, limit=1)[0]


def placements_of(session: Session, person_id: PersonId) -> list[RosterRow]:
    """All placements of a person, the latest first, for that person. Two queries."""
    rows = _rows(session, Placement.person_id == person_id, offset=0, limit=LONGEST_LIST)
    return sorted(rows, key=lambda row: (row.valid_from, row.placement_id), reverse=True)


def pending_roles(session: Session, actor: Actor) -> list[PendingRole]:
    """The roles that this actor could confirm, by the rule of `confirm_role`. One query."""
    if actor.person_id == OPERATOR.person_id:
        return []
    own = or_(
        false(),
        *(
            and_(PlacementRole.role == role, Agency.code.in_(actor.scopes(role)))
            for role in Role
            if role not in COUNTS_AT_ONCE and actor.scopes(role)
        ),
    )
    is_city_admin = Grant(Role.CITY_ADMIN, *CITY) in actor.grants
    proposer = aliased(PersonDetails)
    query = (
        select(PlacementRole, Placement, PersonDetails.name, Agency, proposer.name)
        .join(Placement, Placement.id == PlacementRole.placement_id)
        .join(PersonDetails, PersonDetails.person_id == Placement.person_id)
        .join(Agency, Agency.id == Placement.agency_id)
        .outerjoin(proposer, proposer.person_id == PlacementRole.proposed_by)
        .where(
            PlacementRole.confirmed_at.is_(None),
            PlacementRole.ended_at.is_(None),
            PlacementRole.proposed_by != actor.person_id,
            Placement.person_id != actor.person_id,
            true() if is_city_admin else own,
        )
        .order_by(PlacementRole.proposed_at, PlacementRole.id)
        .limit(LONGEST_LIST)
    )
    return [
        PendingRole(
            role_id=role.id,
            role=role.role,
            person_id=placement.person_id,
            name=name,
            nip=placement.nip,
            position=placement.position,
            agency_code=agency.code,
            agency_name=agency.name,
            valid_from=placement.valid_from,
            valid_to=placement.valid_to,
            proposed_by_name=by,
            proposed_at=role.proposed_at,
        )
        for role, placement, name, agency, by in session.execute(query)
    ]


def _rows(
    session: Session, which: ColumnElement[bool], *, offset: int, limit: int
) -> list[RosterRow]:
    query = (
        select(Placement, PersonDetails, Agency, Credential.person_id)
        .join(PersonDetails, PersonDetails.person_id == Placement.person_id)
        .join(Agency, Agency.id == Placement.agency_id)
        .outerjoin(Credential, Credential.person_id == Placement.person_id)
        .where(which)
        .order_by(PersonDetails.name, Placement.id)
        .offset(offset)
        .limit(limit)
        .options(selectinload(Placement.roles))
        .execution_options(populate_existing=True)
    )
    return [
        RosterRow(
            placement_id=placement.id,
            person_id=placement.person_id,
            nip=placement.nip,
            name=details.name,
            has_email=details.email is not None,
            is_activated=credential is not None,
            position=placement.position,
            kind=placement.kind,
            agency_code=agency.code,
            agency_name=agency.name,
            valid_from=placement.valid_from,
            valid_to=placement.valid_to,
            roles=tuple(
                RoleRow(role.id, role.role, role.confirmed_at is not None)
                for role in sorted(placement.roles, key=lambda role: role.id)
                if role.ended_at is None
            ),
        )
        for placement, details, agency, credential in session.execute(query)
    ]


def _when(when: When, today: date) -> ColumnElement[bool]:
    conditions: dict[When, ColumnElement[bool]] = {
        When.CURRENT: current_on(today),
        When.COMING: Placement.valid_from > today,
        When.PAST: Placement.valid_to < today,
        When.ALL: true(),
    }
    return conditions[when]


def _asked(question: str) -> ColumnElement[bool]:
    if not question:
        return true()
    digits = plain_nip(question)
    if digits.isdecimal():
        return Placement.nip.startswith(digits, autoescape=True)
    return PersonDetails.name.icontains(question, autoescape=True)


def _not_activated() -> ColumnElement[bool]:
    credential = aliased(Credential)  # the list joins the table itself
    return ~exists().where(credential.person_id == Placement.person_id)


def _holding(role: Role | None) -> ColumnElement[bool]:
    if role is None:
        return true()
    return exists().where(
        PlacementRole.placement_id == Placement.id,
        PlacementRole.role == role,
        PlacementRole.ended_at.is_(None),
    )
