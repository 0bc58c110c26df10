"""Proposing somebody for a role over the city by their mail address."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.accounts import codes, people
from storefront.accounts.grants import propose_city_role
from storefront.accounts.models import CityRole, CodePurpose, Credential, PersonDetails
from storefront.core.permissions import CITY, Action, Actor, Role, require


def propose_by_email(
    session: Session, actor: Actor, *, name: str, email: str, role: Role, now: datetime
) -> CityRole:
    """Propose a role for the person of an address; who is new is mailed a one-time code.

    Nothing counts before a second person confirmed it. Raises `NotAllowed`, `InvalidEmail` or
    `NameMissing`.
    """
    require(actor, Action.GRANT_CITY_ROLES, CITY)
    address = people.read_email(email)
    person_id = session.scalar(select(PersonDetails.person_id).filter_by(email=address))
    if person_id is None:
        person_id = people.register(session, actor, name=name, email=address, now=now).person_id
    if session.get(Credential, person_id) is None:
        codes.issue(session, actor, person_id, CodePurpose.ACTIVATE, now=now)
    return propose_city_role(session, actor, person_id, role, now=now)
