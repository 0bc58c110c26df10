"""Roles over the whole city: proposed by one, confirmed by another, but for the very first."""

from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from storefront.accounts.models import CityRole, Credential
from storefront.core import audit, outbox
from storefront.core.deciding import AlreadyDecided, decide
from storefront.core.errors import N_, Conflict, NotAllowed, NotFound
from storefront.core.permissions import CITY, OPERATOR, Action, Actor, PersonId, Role, require


class NotTheSecondPerson(NotAllowed):
    """The proposer, the one it is about, or the command line."""

    code = "not_the_second_person"
    message = N_("Perlu orang kedua: pengusul dan penerima peran tidak dapat mengonfirmasi.")


class LastCityAdmin(Conflict):
    code = "last_city_admin"
    message = N_("Ini admin kota terakhir. Tunjuk penggantinya dahulu.")


def propose_city_role(
    session: Session, actor: Actor, person_id: PersonId, role: Role, *, now: datetime
) -> CityRole:
    """Propose `city_admin` or `auditor` for a person; one that stands already is returned.

    The command line's first city admin counts at once: nobody is there yet who could confirm.
    Raises `NotAllowed`.
    """
    require(actor, Action.GRANT_CITY_ROLES, CITY)
    standing = session.scalar(
        select(CityRole).where(
            CityRole.person_id == person_id, CityRole.role == role, CityRole.ended_at.is_(None)
        )
    )
    if standing is not None:
        return standing
    granted = CityRole(person_id=person_id, role=role, proposed_by=actor.person_id, proposed_at=now)
    admins = select(func.count()).where(CityRole.role == Role.CITY_ADMIN, counts())
    if actor == OPERATOR and role is Role.CITY_ADMIN and not session.scalar(admins):
        granted.confirmed_by, granted.confirmed_at = actor.person_id, now
    session.add(granted)
    session.flush()
    details = {"role": role.value, "counts": granted.confirmed_at is not None}
    audit.record(session, actor, "city_role.proposed", person_id, details, now=now)
    if granted.confirmed_at is None:
        outbox.put(session, "city_role_proposed", {"role": granted.id}, now=now)
    return granted


def confirm_city_role(session: Session, actor: Actor, role_id: int, *, now: datetime) -> CityRole:
    """Be the second person of a role over the city. From then on it counts.

    Raises `NotFound`, `NotTheSecondPerson`, or `AlreadyDecided`.
    """
    granted = _proposal(session, actor, role_id)
    if actor.person_id in {granted.proposed_by, granted.person_id, OPERATOR.person_id}:
        raise NotTheSecondPerson
    decided = _decide(session, role_id, confirmed_by=actor.person_id, confirmed_at=now)
    details = {"role": decided.role.value}
    audit.record(session, actor, "city_role.confirmed", decided.person_id, details, now=now)
    return decided


def refuse_city_role(session: Session, actor: Actor, role_id: int, *, now: datetime) -> CityRole:
    """Refuse a proposal, or take one's own back. Raises `NotFound` or `AlreadyDecided`."""
    _proposal(session, actor, role_id)
    decided = _decide(session, role_id, ended_at=now)
    details = {"role": decided.role.value}
    audit.record(session, actor, "city_role.refused", decided.person_id, details, now=now)
    return decided


def end_city_role(session: Session, actor: Actor, role_id: int, *, now: datetime) -> None:
    """End a role over the city; the last admin's only if they never came to have a password.

    Raises `NotFound`, `AlreadyDecided` or `LastCityAdmin`.
    """
    require(actor, Action.GRANT_CITY_ROLES, CITY)
    granted = session.get(CityRole, role_id, with_for_update=True)
    if granted is None:
        raise NotFound
    if granted.ended_at is not None:
        raise AlreadyDecided
    if granted.role is Role.CITY_ADMIN and granted.confirmed_at and _is_last(session, granted):
        raise LastCityAdmin
    granted.ended_at = now
    session.flush()
    details = {"role": granted.role.value}
    audit.record(session, actor, "city_role.ended", granted.person_id, details, now=now)


def counts() -> ColumnElement[bool]:
    """The condition that a role over the city counts."""
    return and_(CityRole.confirmed_at.is_not(None), CityRole.ended_at.is_(None))


def _proposal(session: Session, actor: Actor, role_id: int) -> CityRole:
    require(actor, Action.GRANT_CITY_ROLES, CITY)
    granted = session.get(CityRole, role_id)
    if granted is None:
        raise NotFound
    return granted


def _decide(session: Session, role_id: int, **decision: object) -> CityRole:
    waits = (CityRole.id == role_id, CityRole.confirmed_at.is_(None), CityRole.ended_at.is_(None))
    return decide(session, CityRole, *waits, **decision)


def _is_last(session: Session, granted: CityRole) -> bool:
    if session.get(Credential, granted.person_id) is None:
        return False
    others = select(func.count()).where(
        CityRole.role == Role.CITY_ADMIN, counts(), CityRole.id != granted.id
    )
    return not session.scalar(others)
