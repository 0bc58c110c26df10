"""A first code for somebody who was placed and never came in: to their own mail, no other."""

from datetime import datetime

from sqlalchemy.orm import Session

from storefront.accounts.codes import issue
from storefront.accounts.models import CodePurpose, Credential, OneTimeCode
from storefront.agencies.models import Placement, PlacementId
from storefront.agencies.reach import agency_in_reach
from storefront.agencies.slips import AlreadyActivated
from storefront.core.errors import NotFound
from storefront.core.permissions import Action, Actor


def mail_first_code(
    session: Session, actor: Actor, placement_id: PlacementId, *, now: datetime
) -> OneTimeCode:
    """Mail a new code to a placed person; codes before it are void.

    Whoever manages the roster asks for it and never sees it. Raises `NotFound`, `AlreadyActivated`
    or `NoWayToSend`.
    """
    placement = session.get(Placement, placement_id)
    if placement is None:
        raise NotFound
    agency_in_reach(session, actor, Action.MANAGE_ROSTER, placement.agency_id)
    if session.get(Credential, placement.person_id) is not None:
        raise AlreadyActivated
    return issue(session, actor, placement.person_id, CodePurpose.ACTIVATE, now=now)
