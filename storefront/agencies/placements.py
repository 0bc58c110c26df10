"""Who is placed where: the attribution of every order rests on it (product.md, "Attribution")."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, case, or_, select
from sqlalchemy.orm import Session, aliased

from storefront.agencies.models import Agency, AgencyId, Placement, PlacementId, PlacementKind
from storefront.core.errors import N_, DomainError, NotFound
from storefront.core.permissions import PersonId


class NoPlacement(DomainError):
    code = "no_placement"
    message = N_(
        "Anda tidak memiliki penempatan yang berlaku hari ini, sehingga belum dapat memesan."
        " Hubungi admin instansi Anda."
    )


class ChoosePlacement(DomainError):
    code = "choose_placement"
    message = N_("Pilih salah satu penempatan Anda yang berlaku hari ini.")
    field = "placement_id"


class NotYourPlacement(NotFound):
    code = "not_your_placement"
    field = "placement_id"


@dataclass(frozen=True)
class CurrentPlacement:
    """A placement with what an order freezes of it."""

    placement_id: PlacementId
    person_id: PersonId
    nip: str
    kind: PlacementKind
    position: str
    agency_id: AgencyId
    agency_code: str
    agency_name: str
    agency_address: str
    parent_agency_code: str | None
    is_practice: bool
    request_days: int


def current_on(day: date | BindParameter[date]) -> ColumnElement[bool]:
    """The condition that a placement holds on a day; its first and last day are both included."""
    return and_(
        Placement.valid_from <= day, or_(Placement.valid_to.is_(None), Placement.valid_to >= day)
    )


_parent = aliased(Agency)
_PLACEMENTS_ON = (
    select(Placement, Agency, _parent.code)
    .join(Agency, Agency.id == Placement.agency_id)
    .outerjoin(_parent, _parent.id == Agency.parent_id)
    .where(Placement.person_id == bindparam("person_id"), current_on(bindparam("day")))
    .order_by(
        case((Placement.kind == PlacementKind.DEFINITIVE, 0), else_=1),
        Placement.valid_from.desc(),
        Placement.id.desc(),
    )
)


def placements_on(session: Session, person_id: PersonId, day: date) -> list[CurrentPlacement]:
    """Where a person is placed on a day of the city: the definitive one first, then the latest."""
    rows = session.execute(_PLACEMENTS_ON, {"person_id": person_id, "day": day})
    return [_as_current(placement, agency, code) for placement, agency, code in rows]


def placement_for(
    session: Session, person_id: PersonId, day: date, chosen: PlacementId | None
) -> CurrentPlacement:
    """The placement to which an order of a day belongs: the only one, or the one chosen.

    Raises `NoPlacement`; `ChoosePlacement` where there are several and none was chosen, or the one
    chosen is over; `NotYourPlacement` for another person's.
    """
    current = placements_on(session, person_id, day)
    if not current:
        raise NoPlacement
    if chosen is None and len(current) == 1:
        return current[0]
    for placement in current:
        if placement.placement_id == chosen:
            return placement
    own = select(Placement.id).filter_by(id=chosen, person_id=person_id)
    if chosen is not None and session.scalar(own) is None:
        raise NotYourPlacement
    raise ChoosePlacement


def _as_current(placement: Placement, agency: Agency, parent_code: str | None) -> CurrentPlacement:
    return CurrentPlacement(
        placement_id=placement.id,
        person_id=placement.person_id,
        nip=placement.nip,
        kind=placement.kind,
        position=placement.position,
        agency_id=agency.id,
        agency_code=agency.code,
        agency_name=agency.name,
        agency_address=agency.address,
        parent_agency_code=parent_code,
        is_practice=agency.is_practice,
        request_days=agency.request_days,
    )
