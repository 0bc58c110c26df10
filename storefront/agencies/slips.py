"""Codes on paper, for employees without an address: printed by the city, handed over in person."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.accounts.codes import issue
from storefront.accounts.models import CodePurpose, Credential, OneTimeCode
from storefront.agencies.models import Placement
from storefront.core.errors import N_, Conflict, NotAllowed, NotFound
from storefront.core.permissions import CITY, OPERATOR, Action, Actor, PersonId, require


class SlipForOwnEntry(NotAllowed):
    """Whoever entered a person must not see their code, or one made up could be used."""

    code = "slip_for_own_entry"
    message = N_("Anda sendiri yang mencatat orang ini; slipnya dicetak admin kota lain.")


class AlreadyActivated(Conflict):
    code = "already_activated"
    message = N_("Akun ini sudah aktif. Pemiliknya dapat meminta kata sandi baru lewat surel.")


def print_slip(
    session: Session, actor: Actor, person_id: PersonId, *, now: datetime
) -> OneTimeCode:
    """A code to be printed for a person who was placed but never came in; codes before it are void.

    Raises `NotAllowed`, `NotFound`, `SlipForOwnEntry` or `AlreadyActivated`.
    """
    require(actor, Action.MANAGE_AGENCIES, CITY)
    entered_by = set(
        session.scalars(select(Placement.recorded_by).where(Placement.person_id == person_id))
    )
    if not entered_by:
        raise NotFound
    if actor.person_id in entered_by | {OPERATOR.person_id}:
        raise SlipForOwnEntry
    if session.get(Credential, person_id) is not None:
        raise AlreadyActivated
    return issue(session, actor, person_id, CodePurpose.ACTIVATE, now=now, printed=True)
