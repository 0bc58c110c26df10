"""Placements begun, moved and ended. What an order froze stays as it is (product.md, rule 2)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from storefront.accounts.models import Person, PersonNumber
from storefront.agencies.grants import IN_AN_AGENCY, NotARoleHere, PlacementOver, new_role, tell_of
from storefront.agencies.models import Agency, AgencyId, Placement, PlacementId, PlacementKind
from storefront.agencies.reach import agency_in_reach, reaches
from storefront.core import audit, outbox
from storefront.core.calendar import city_day
from storefront.core.errors import N_, Conflict, DomainError, NotFound
from storefront.core.permissions import Action, Actor, PersonId, Role
from storefront.core.text import clean

FIRST_DAY, LAST_DAY = date(1950, 1, 1), date(2100, 12, 31)
POSITION_LENGTH = 160
ONE_DAY = timedelta(days=1)
RECORDED_LATE = "placement_recorded_late"
"""Told when a placement says something of days that are over: orders may stand elsewhere."""


@dataclass(frozen=True, kw_only=True)
class NewPlacement:
    """Where somebody is to serve, under which number, from a day to a day, both included."""

    agency_id: AgencyId
    nip: str
    kind: PlacementKind
    position: str
    valid_from: date
    valid_to: date | None = None
    roles: frozenset[Role] = frozenset()


class AgencyOutOfReach(DomainError):
    code = "agency_out_of_reach"
    message = N_(
        "Instansi tujuan di luar wewenang Anda. Akhiri penempatan ini, lalu instansi tujuan"
        " menambahkannya; atau minta admin kota memindahkannya."
    )
    field = "agency_id"


class DatesImpossible(DomainError):
    code = "dates_impossible"
    message = N_("Tanggal selesai tidak boleh sebelum tanggal mulai %(valid_from)s.")
    field = "valid_to"


class DayOutOfBounds(DomainError):
    code = "day_out_of_bounds"
    message = N_("Tanggal harus antara tahun 1950 dan 2100.")
    field = "valid_from"


class PositionMissing(DomainError):
    code = "position_missing"
    message = N_("Isi jabatan, paling banyak %(longest)d karakter.")
    field = "position"


class NumberNotTheirs(DomainError):
    code = "number_not_theirs"
    message = N_("NIP %(nip)s bukan milik orang ini.")
    field = "nip"


class DefinitiveOverlap(Conflict):
    """One definitive placement at a time; acting ones stand beside it."""

    code = "definitive_overlap"
    message = N_(
        "Orang ini sudah memiliki penempatan definitif pada tanggal itu. Akhiri dahulu, atau catat"
        " sebagai pelaksana tugas (acting)."
    )
    field = "valid_from"


class AlreadyActingThere(Conflict):
    code = "already_acting_there"
    message = N_("Orang ini sudah menjadi pelaksana tugas di instansi itu pada tanggal tersebut.")
    field = "valid_from"


class PlacedAfterTheEnd(DomainError):
    """Nobody is placed anew in an agency that was merged or split."""

    code = "placed_after_the_end"
    message = N_("%(name)s tidak ada lagi sejak %(ended_on)s. Pilih instansi penerusnya.")
    field = "agency_id"


class MoveTooEarly(DomainError):
    code = "move_too_early"
    message = N_("Pindah paling cepat sehari setelah penempatan lama mulai, %(valid_from)s.")
    field = "valid_from"


def add_placement(
    session: Session, actor: Actor, person_id: PersonId, wanted: NewPlacement, *, now: datetime
) -> Placement:
    """Place a known person in an agency, with their roles there.

    Roles that need a second person wait for one. Raises `NotFound`, `NumberNotTheirs`,
    `PositionMissing`, `DatesImpossible`, `DayOutOfBounds`, `NotARoleHere`, `PlacedAfterTheEnd`,
    `DefinitiveOverlap` or `AlreadyActingThere`.
    """
    agency = agency_in_reach(session, actor, Action.MANAGE_ROSTER, wanted.agency_id)
    _lock(session, person_id)
    placement = _place(session, actor, person_id, wanted, now=now)
    details = _details(placement, agency)
    audit.record(session, actor, "placement.added", person_id, details, now=now)
    return placement


def move_placement(
    session: Session,
    actor: Actor,
    placement_id: PlacementId,
    wanted: NewPlacement,
    *,
    now: datetime,
) -> Placement:
    """End a placement the day before, and begin the new one: for who may act on both agencies.

    No role moves along: those named are proposed anew. Raises as `add_placement`, and
    `AgencyOutOfReach`, `MoveTooEarly` or `PlacementOver`.
    """
    old, agency = _own(session, actor, placement_id)
    if not reaches(session, actor, Action.MANAGE_ROSTER, wanted.agency_id):
        raise AgencyOutOfReach
    if wanted.valid_from <= old.valid_from:
        raise MoveTooEarly(valid_from=old.valid_from)
    if old.valid_to is not None and old.valid_to < wanted.valid_from - ONE_DAY:
        raise PlacementOver
    old.valid_to = wanted.valid_from - ONE_DAY
    session.flush()
    placement = _place(session, actor, old.person_id, wanted, now=now)
    there = session.get_one(Agency, wanted.agency_id)
    details: audit.Details = {**_details(placement, there), "left": agency.code}
    audit.record(session, actor, "placement.moved", old.person_id, details, now=now)
    return placement


def end_placement(
    session: Session, actor: Actor, placement_id: PlacementId, *, last_day: date, now: datetime
) -> Placement:
    """Set the last day of a placement; its roles count until then, and no longer.

    A day that lies behind is a late record: it changes no order that stands, and is told
    (`tell_if_late`). Raises `NotFound`,
    `DatesImpossible`, or an overlap where the day is later than it was.
    """
    placement, agency = _own(session, actor, placement_id)
    before, placement.valid_to = placement.valid_to, last_day
    _check(session, placement)
    session.flush()
    first = min(last_day, before or last_day) + ONE_DAY
    last = None if before is None else max(last_day, before)
    tell_if_late(session, placement.person_id, first, last, now=now)
    details = _details(placement, agency)
    audit.record(session, actor, "placement.ended", placement.person_id, details, now=now)
    return placement


def tell_if_late(
    session: Session, person_id: PersonId, first: date, last: date | None, *, now: datetime
) -> None:
    """Tell that a person's placements say something new of days that began before today."""
    today = city_day(now)
    if first < today:
        until = min(last or today, today)
        days = {"person": person_id, "from": first.isoformat(), "to": until.isoformat()}
        outbox.put(session, RECORDED_LATE, days, now=now)


def overlaps(first: date, last: date | None) -> ColumnElement[bool]:
    """The condition that a placement shares a day with a span; no last day: without end."""
    begins_in_time = Placement.valid_from <= last if last else Placement.valid_from.is_not(None)
    return and_(begins_in_time, or_(Placement.valid_to.is_(None), Placement.valid_to >= first))


def _own(session: Session, actor: Actor, placement_id: PlacementId) -> tuple[Placement, Agency]:
    """A placement under its person's lock, for who manages its agency; else `NotFound`."""
    placement = session.get(Placement, placement_id)
    if placement is None:
        raise NotFound
    agency = agency_in_reach(session, actor, Action.MANAGE_ROSTER, placement.agency_id)
    _lock(session, placement.person_id)
    session.refresh(placement)
    return placement, agency


def _place(
    session: Session, actor: Actor, person_id: PersonId, wanted: NewPlacement, *, now: datetime
) -> Placement:
    """The placement, once it breaks no rule. The caller holds the person's lock."""
    position = " ".join(clean(wanted.position).split())
    if not 0 < len(position) <= POSITION_LENGTH:
        raise PositionMissing(longest=POSITION_LENGTH)
    unknown = wanted.roles - IN_AN_AGENCY
    if unknown:
        raise NotARoleHere(role=min(unknown).value)
    agency = session.get_one(Agency, wanted.agency_id)
    if agency.ended_on is not None and agency.ended_on <= wanted.valid_from:
        raise PlacedAfterTheEnd(name=agency.name, ended_on=agency.ended_on)
    number = session.get(PersonNumber, wanted.nip)
    if number is None or number.person_id != person_id:
        raise NumberNotTheirs(nip=wanted.nip)
    placement = Placement(
        person_id=person_id,
        agency_id=wanted.agency_id,
        nip=wanted.nip,
        kind=wanted.kind,
        position=position,
        valid_from=wanted.valid_from,
        valid_to=wanted.valid_to,
        recorded_by=actor.person_id,
        recorded_at=now,
    )
    _check(session, placement)
    session.add(placement)
    session.flush()
    granted = [new_role(actor, placement.id, role, now=now) for role in sorted(wanted.roles)]
    session.add_all(granted)
    session.flush()
    for role in granted:
        tell_of(session, role, now=now)
    others = select(Placement.id).where(
        Placement.person_id == person_id, Placement.id != placement.id
    )
    if session.scalar(others.limit(1)) is not None:  # else there can be no order of theirs
        tell_if_late(session, person_id, placement.valid_from, placement.valid_to, now=now)
    return placement


def _lock(session: Session, person_id: PersonId) -> None:
    """Let nobody else place the person meanwhile. Taken before every other lock."""
    query = select(Person.person_id).where(Person.person_id == person_id, Person.is_active)
    if session.scalar(query.with_for_update()) is None:
        raise NotFound


def _check(session: Session, placement: Placement) -> None:
    first, last = placement.valid_from, placement.valid_to
    if not FIRST_DAY <= first <= LAST_DAY or (last is not None and last > LAST_DAY):
        raise DayOutOfBounds
    if last is not None and last < first:
        raise DatesImpossible(valid_from=first)
    others = select(Placement.id).where(
        Placement.person_id == placement.person_id,
        Placement.kind == placement.kind,
        overlaps(first, last),
    )
    if placement.id is not None:
        others = others.where(Placement.id != placement.id)
    if placement.kind is PlacementKind.ACTING:
        others = others.where(Placement.agency_id == placement.agency_id)
    with session.no_autoflush:
        clash = session.scalar(others.limit(1))
    if clash is not None:
        is_acting = placement.kind is PlacementKind.ACTING
        raise AlreadyActingThere if is_acting else DefinitiveOverlap


def _details(placement: Placement, agency: Agency) -> audit.Details:
    return {
        "placement": placement.id,
        "agency": agency.code,
        "kind": placement.kind.value,
        "from": placement.valid_from.isoformat(),
        "to": placement.valid_to.isoformat() if placement.valid_to else None,
    }
