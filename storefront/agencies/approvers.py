"""Who decides on an agency's requests (product.md, "Official orders")."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from storefront.accounts.models import Person, PersonDetails
from storefront.agencies.models import Agency, AgencyId, Placement, PlacementRole
from storefront.agencies.placements import current_on
from storefront.agencies.reach import above
from storefront.core.errors import N_, DomainError
from storefront.core.permissions import PersonId, Role

MOST_NAMES = 20


class NoApprover(DomainError):
    code = "no_approver"
    message = N_(
        "Belum ada PPK/KPA yang dapat menyetujui permintaan instansi Anda. Hubungi admin instansi."
    )


@dataclass(frozen=True)
class ApprovingAgency:
    """The agency whose approvers decide, and their names in order."""

    agency_id: AgencyId
    code: str
    name: str
    approvers: tuple[str, ...]


_up = above(bindparam("agency_id"))
_APPROVERS = (
    select(Agency.id, Agency.code, Agency.name, PersonDetails.name)
    .join(_up, _up.c.id == Agency.id)
    .join(Placement, Placement.agency_id == Agency.id)
    .join(PlacementRole, PlacementRole.placement_id == Placement.id)
    .join(Person, Person.person_id == Placement.person_id)
    .join(PersonDetails, PersonDetails.person_id == Placement.person_id)
    .where(
        current_on(bindparam("day")),
        Person.is_active,
        Placement.person_id != bindparam("besides"),
        PlacementRole.role == Role.APPROVER,
        PlacementRole.confirmed_at.is_not(None),
        PlacementRole.ended_at.is_(None),
    )
    .order_by(_up.c.steps, PersonDetails.name, Placement.id)
    .limit(MOST_NAMES)
)


def approving_agency(
    session: Session, agency_id: AgencyId, day: date, *, besides: PersonId
) -> ApprovingAgency:
    """The nearest agency, from this one up, with an approver on that day who is not the buyer.

    Only a confirmed role of a current placement makes an approver. One query.
    Raises `NoApprover`.
    """
    given = {"agency_id": agency_id, "day": day, "besides": besides}
    rows = session.execute(_APPROVERS, given).all()
    if not rows:
        raise NoApprover
    nearest_id, code, name, _first = rows[0]
    names = (approver for at, _, _, approver in rows if at == nearest_id)
    return ApprovingAgency(nearest_id, code, name, tuple(dict.fromkeys(names)))
