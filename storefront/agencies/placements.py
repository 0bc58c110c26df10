"""Who is placed where: the attribution of every order rests on it (product.md, "Attribution")."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Date,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session, aliased

from storefront.agencies.models import Agency, AgencyId, Placement, PlacementId, PlacementKind
from storefront.agencies.tree_models import AgencySuccession
from storefront.agencies.tree_queries import name_on, parent_on
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


class AgencyEnded(NoPlacement):
    """Placed only where there is no agency any more: whoever took over places them anew."""

    code = "agency_ended"
    message = N_(
        "%(name)s tidak ada lagi sejak %(ended_on)s. Sebelum memesan, minta admin instansi"
        " memindahkan penempatan Anda ke penerusnya, %(heir_name)s."
    )


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
    ended_on: date | None
    """From which day on the agency is no more; None: it goes on."""


def current_on(day: date | BindParameter[date]) -> ColumnElement[bool]:
    """The condition that a placement holds on a day; its first and last day are both included."""
    return and_(
        Placement.valid_from <= day, or_(Placement.valid_to.is_(None), Placement.valid_to >= day)
    )


_parent = aliased(Agency)
_day: BindParameter[date] = bindparam("day", type_=Date())
_PLACEMENTS_ON = (
    select(Placement, Agency, func.coalesce(name_on(_day), Agency.name), _parent.code)
    .join(Agency, Agency.id == Placement.agency_id)
    .outerjoin(_parent, _parent.id == parent_on(_day))
    .where(Placement.person_id == bindparam("person_id"), current_on(_day))
    .order_by(
        case((Placement.kind == PlacementKind.DEFINITIVE, 0), else_=1),
        Placement.valid_from.desc(),
        Placement.id.desc(),
    )
)


def placements_on(session: Session, person_id: PersonId, day: date) -> list[CurrentPlacement]:
    """Where a person is placed on a day of the city: the definitive one first, then the latest.

    Name and parent of the agency are those of the day. One query.
    """
    rows = session.execute(_PLACEMENTS_ON, {"person_id": person_id, "day": day})
    return [_as_current(*row) for row in rows]


def orderable_placements(
    session: Session, person_id: PersonId, day: date
) -> list[CurrentPlacement]:
    """Those to which an order of the day can belong: in agencies that go on, the usual one first.

    Raises `NoPlacement`, or `AgencyEnded` where there are others only.
    """
    current = placements_on(session, person_id, day)
    going_on = [each for each in current if each.ended_on is None or day < each.ended_on]
    if going_on:
        return going_on
    if not current:
        raise NoPlacement
    over = current[0]
    heir = aliased(Agency)
    heir_name = session.scalar(
        select(heir.name)
        .join(AgencySuccession, AgencySuccession.new_id == heir.id)
        .where(AgencySuccession.old_id == over.agency_id, AgencySuccession.takes_over)
    )
    raise AgencyEnded(name=over.agency_name, ended_on=over.ended_on, heir_name=heir_name)


@dataclass(frozen=True)
class PlacedSpan:
    """From when to when somebody is placed where, both included, as recorded now."""

    agency_code: str
    valid_from: date
    valid_to: date | None

    def covers(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or self.valid_to >= day)


def spans_of(session: Session, person_id: PersonId) -> list[PlacedSpan]:
    """All placements of a person, in the order of `placements_on`: the definitive ones first."""
    query = (
        select(Agency.code, Placement.valid_from, Placement.valid_to)
        .join(Agency, Agency.id == Placement.agency_id)
        .where(Placement.person_id == person_id)
        .order_by(
            case((Placement.kind == PlacementKind.DEFINITIVE, 0), else_=1),
            Placement.valid_from.desc(),
            Placement.id.desc(),
        )
    )
    return [PlacedSpan(*row) for row in session.execute(query)]


def placement_for(
    session: Session, person_id: PersonId, day: date, chosen: PlacementId | None
) -> CurrentPlacement:
    """The placement to which an order of a day belongs: the only one, or the one chosen.

    Raises `NoPlacement`; `AgencyEnded`; `ChoosePlacement` where there are several and none was
    chosen, or the one chosen is over; `NotYourPlacement` for another person's.
    """
    current = orderable_placements(session, person_id, day)
    if chosen is None and len(current) == 1:
        return current[0]
    for placement in current:
        if placement.placement_id == chosen:
            return placement
    own = select(Placement.id).filter_by(id=chosen, person_id=person_id)
    if chosen is not None and session.scalar(own) is None:
        raise NotYourPlacement
    raise ChoosePlacement


def _as_current(
    placement: Placement, agency: Agency, agency_name: str, parent_code: str | None
) -> CurrentPlacement:
    return CurrentPlacement(
        placement_id=placement.id,
        person_id=placement.person_id,
        nip=placement.nip,
        kind=placement.kind,
        position=placement.position,
        agency_id=agency.id,
        agency_code=agency.code,
        agency_name=agency_name,
        agency_address=agency.address,
        parent_agency_code=parent_code,
        is_practice=agency.is_practice,
        request_days=agency.request_days,
        ended_on=agency.ended_on,
    )
