"""Roles in an agency. Those that spend or grant count once a second person has confirmed them."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.agencies.models import Agency, Placement, PlacementId, PlacementRole
from storefront.agencies.reach import agency_in_reach
from storefront.core import audit, outbox
from storefront.core.calendar import city_day
from storefront.core.deciding import AlreadyDecided, decide
from storefront.core.errors import N_, Conflict, DomainError, NotAllowed, NotFound
from storefront.core.permissions import (
    CITY,
    OPERATOR,
    Action,
    Actor,
    Grant,
    PersonId,
    Role,
    ScopeKind,
    agency_scope,
    allows,
)

IN_AN_AGENCY = frozenset(
    {Role.BUYER, Role.APPROVER, Role.TREASURER, Role.PROCUREMENT, Role.AGENCY_ADMIN}
)
COUNTS_AT_ONCE = frozenset({Role.BUYER, Role.PROCUREMENT})


class NotARoleHere(DomainError):
    code = "not_a_role_here"
    message = N_("%(role)s bukan peran di instansi.")
    field = "role"


class PlacementOver(Conflict):
    code = "placement_over"
    message = N_("Penempatan ini sudah berakhir, sehingga perannya tidak dapat diubah.")


class NotTheSecondPerson(NotAllowed):
    code = "not_the_second_person"
    message = N_(
        "Perlu orang kedua: admin kota lain, atau pemegang peran yang sama di instansi itu."
        " Pengusul dan penerima peran tidak dapat mengonfirmasi."
    )


def propose_role(
    session: Session, actor: Actor, placement_id: PlacementId, role: Role, *, now: datetime
) -> PlacementRole:
    """Give a placement a role: buyer and procurement count at once, the others once confirmed.

    One that stands or waits already is returned as it is.
    Raises `NotFound`, `NotARoleHere` or `PlacementOver`.
    """
    placement = session.get(Placement, placement_id, with_for_update=True)
    if placement is None:
        raise NotFound
    agency = agency_in_reach(session, actor, Action.MANAGE_ROSTER, placement.agency_id)
    if role not in IN_AN_AGENCY:
        raise NotARoleHere(role=role.value)
    if placement.valid_to is not None and placement.valid_to < city_day(now):
        raise PlacementOver
    standing = session.scalar(
        select(PlacementRole).filter_by(placement_id=placement_id, role=role, ended_at=None)
    )
    if standing is not None:
        return standing
    granted = new_role(actor, placement_id, role, now=now)
    session.add(granted)
    session.flush()
    tell_of(session, granted, now=now)
    details = {"role": role.value, "agency": agency.code}
    audit.record(session, actor, "role.proposed", placement.person_id, details, now=now)
    return granted


def new_role(
    actor: Actor, placement_id: PlacementId, role: Role, *, now: datetime
) -> PlacementRole:
    """The row of a role that somebody proposes."""
    by, at = (actor.person_id, now) if role in COUNTS_AT_ONCE else (None, None)
    return PlacementRole(
        placement_id=placement_id,
        role=role,
        proposed_by=actor.person_id,
        proposed_at=now,
        confirmed_by=by,
        confirmed_at=at,
    )


def tell_of(session: Session, granted: PlacementRole, *, now: datetime) -> None:
    """Let those hear of a role who could be its second person, if it needs one."""
    if granted.confirmed_at is None:
        outbox.put(session, "role_proposed", {"role": granted.id}, now=now)


def confirm_role(session: Session, actor: Actor, role_id: int, *, now: datetime) -> PlacementRole:
    """Be the second person of a role. From then on it counts.

    A city admin is it, or who holds the same role in the same agency; never the proposer, the one
    who gets the role, or the command line (product.md, "Official orders").
    Raises `NotFound`, `NotTheSecondPerson`, `PlacementOver` or `AlreadyDecided`.
    """
    granted, placement, agency = _proposal(session, actor, role_id)
    parties = {granted.proposed_by, placement.person_id}
    if not is_second_person(actor, parties, granted.role, agency.code):
        raise NotTheSecondPerson
    if placement.valid_to is not None and placement.valid_to < city_day(now):
        raise PlacementOver
    decided = _decide(session, role_id, confirmed_by=actor.person_id, confirmed_at=now)
    details = {"role": decided.role.value, "agency": agency.code}
    audit.record(session, actor, "role.confirmed", placement.person_id, details, now=now)
    return decided


def refuse_role(session: Session, actor: Actor, role_id: int, *, now: datetime) -> PlacementRole:
    """Refuse a role that waits: by who could confirm it, or by the proposer, who takes it back.

    Raises `NotFound`, `NotTheSecondPerson` or `AlreadyDecided`.
    """
    granted, placement, agency = _proposal(session, actor, role_id)
    takes_back = actor.person_id == granted.proposed_by
    if not takes_back and not is_second_person(actor, set(), granted.role, agency.code):
        raise NotTheSecondPerson
    decided = _decide(session, role_id, ended_at=now)
    details = {"role": decided.role.value, "agency": agency.code}
    audit.record(session, actor, "role.refused", placement.person_id, details, now=now)
    return decided


def end_role(session: Session, actor: Actor, role_id: int, *, now: datetime) -> None:
    """Take a role away, confirmed or waiting: the next request obeys. Raises as `confirm_role`."""
    granted = session.get(PlacementRole, role_id, with_for_update=True)
    if granted is None:
        raise NotFound
    placement = session.get_one(Placement, granted.placement_id)
    agency = agency_in_reach(session, actor, Action.MANAGE_ROSTER, placement.agency_id)
    if granted.ended_at is not None:
        raise AlreadyDecided
    granted.ended_at = now
    session.flush()
    details = {"role": granted.role.value, "agency": agency.code}
    audit.record(session, actor, "role.ended", placement.person_id, details, now=now)


def is_second_person(actor: Actor, parties: set[PersonId], role: Role, agency_code: str) -> bool:
    """Whether somebody may stand beside those who are party to a proposal."""
    if actor.person_id in parties | {OPERATOR.person_id}:
        return False
    city_admin = Grant(Role.CITY_ADMIN, *CITY)
    return not actor.grants.isdisjoint({city_admin, Grant(role, ScopeKind.AGENCY, agency_code)})


def _proposal(
    session: Session, actor: Actor, role_id: int
) -> tuple[PlacementRole, Placement, Agency]:
    """A role that somebody proposed, for those who see proposals of its agency; else `NotFound`."""
    granted = session.get(PlacementRole, role_id)
    if granted is None:
        raise NotFound
    placement = session.get_one(Placement, granted.placement_id)
    agency = session.get_one(Agency, placement.agency_id)
    may_see = allows(actor, Action.CONFIRM, agency_scope(agency.code))
    if not may_see and actor.person_id != granted.proposed_by:
        raise NotFound
    return granted, placement, agency


def _decide(session: Session, role_id: int, **decision: object) -> PlacementRole:
    waits = (
        PlacementRole.id == role_id,
        PlacementRole.confirmed_at.is_(None),
        PlacementRole.ended_at.is_(None),
    )
    return decide(session, PlacementRole, *waits, **decision)
