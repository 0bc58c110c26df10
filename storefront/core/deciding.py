"""What one person proposed and another decides: of two who decide at once, one does."""

from typing import TypeVar

from sqlalchemy import ColumnElement, update
from sqlalchemy.orm import Session

from storefront.core.database import Base
from storefront.core.errors import N_, Conflict, NotAllowed
from storefront.core.permissions import OPERATOR, Actor, PersonId

Proposal = TypeVar("Proposal", bound=Base)


class AlreadyDecided(Conflict):
    code = "already_decided"
    message = N_("Usulan ini sudah diputuskan orang lain.")


class SecondCityAdminNeeded(NotAllowed):
    """The proposer, or the command line, would be the second hand too."""

    code = "second_city_admin_needed"
    message = N_("Perlu admin kota kedua: pengusul tidak dapat mengonfirmasi usulannya sendiri.")


def require_second_hand(actor: Actor, proposed_by: PersonId) -> None:
    """What the city decides in two hands. Raises `SecondCityAdminNeeded`."""
    if actor.person_id in {proposed_by, OPERATOR.person_id}:
        raise SecondCityAdminNeeded


def decide(
    session: Session, kind: type[Proposal], *waits: ColumnElement[bool], **decision: object
) -> Proposal:
    """Write a decision into the one proposal that still waits, and return it as it is now.

    `waits` says which it is and that nobody decided it yet: the database asks that once more
    while it writes, so no lock is needed before. Raises `AlreadyDecided`.
    """
    decided: Proposal | None = session.scalar(
        update(kind).where(*waits).values(**decision).returning(kind),
        execution_options={"synchronize_session": False, "populate_existing": True},
    )
    if decided is None:
        raise AlreadyDecided
    return decided
