"""What a roster changes: worked out in memory over what was read at once, then written at once.

The NIP names a person: who is known by it is not made anew. What somebody else entered is not
overwritten, least of all an address, for whoever holds it can set the password.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from storefront.accounts.codes import issue_first
from storefront.accounts.models import Credential, Person, PersonDetails, PersonNumber
from storefront.agencies.grants import new_role, tell_of
from storefront.agencies.imports import in_parts
from storefront.agencies.models import AgencyId, Placement, PlacementKind, PlacementRole
from storefront.agencies.moves import tell_if_late
from storefront.agencies.roster_rows import RosterEntry
from storefront.core.calendar import city_day
from storefront.core.errors import N_
from storefront.core.identifiers import opaque_id
from storefront.core.permissions import CITY, Action, Actor, PersonId, Role, allows
from storefront.core.tabular import RowError


@dataclass(frozen=True)
class RosterImported:
    """What a roster brought. `slips`: new people without an address, for whom the city prints."""

    people: int
    placements: int
    unchanged: int
    roles_waiting: int
    mails: int
    slips: int


@dataclass
class _Known:
    """A person as the plan sees them: from the database, or from an earlier row."""

    person_id: PersonId
    name: str
    email: str | None
    is_new: bool
    is_active: bool = True
    has_password: bool = False
    numbers: dict[str, RosterEntry | None] = field(default_factory=dict)
    placements: list[Placement] = field(default_factory=list)
    gets_address: bool = False


class RosterPlan:
    """The plan of a roster's entries; `errors` where it cannot be carried out."""

    def __init__(
        self,
        session: Session,
        actor: Actor,
        units: Mapping[str, AgencyId],
        entries: Sequence[RosterEntry],
        now: datetime,
    ) -> None:
        self.session, self.actor, self.now = session, actor, now
        self.errors: list[RowError] = []
        self.reach = None if allows(actor, Action.MANAGE_ROSTER, CITY) else set(units.values())
        self.by_nip: dict[str, _Known] = {}
        self.by_email: dict[str, _Known] = {}
        self.new_placements: list[tuple[_Known, Placement, RosterEntry]] = []
        self.more_roles: list[tuple[Placement, Role]] = []
        self.unchanged = 0
        self._read(entries)
        for entry in entries:
            known = self._person(entry)
            if known is not None:
                self._place(known, entry)

    def carry_out(self) -> RosterImported:
        """Write it, and return what it came to."""
        session, people = self.session, self._people()
        new = [known for known in people if known.is_new]
        session.add_all(Person(person_id=k.person_id, created_at=self.now) for k in new)
        session.flush()
        session.add_all(
            PersonDetails(person_id=k.person_id, name=k.name, email=k.email) for k in new
        )
        addressed = [known for known in people if known.gets_address]
        for known in addressed:
            session.get_one(PersonDetails, known.person_id).email = known.email
        session.add_all(
            PersonNumber(
                nip=nip,
                person_id=known.person_id,
                employment=entry.employment,
                since=city_day(self.now),
            )
            for known in people
            for nip, entry in known.numbers.items()
            if entry is not None
        )
        session.flush()
        roles = self._write_placements()
        waiting = [role for role in roles if role.confirmed_at is None]
        for role in waiting:
            tell_of(session, role, now=self.now)
        mailed = [k.person_id for k in (*new, *addressed) if k.email]
        issue_first(session, self.actor, mailed, now=self.now)
        return RosterImported(
            people=len(new),
            placements=len(self.new_placements),
            unchanged=self.unchanged,
            roles_waiting=len(waiting),
            mails=len(mailed),
            slips=sum(known.email is None for known in new),
        )

    def _write_placements(self) -> list[PlacementRole]:
        self.session.add_all(placement for _, placement, _ in self.new_placements)
        self.session.flush()
        wanted = [(p, role) for _, p, entry in self.new_placements for role in entry.roles]
        roles = [
            new_role(self.actor, placement.id, role, now=self.now)
            for placement, role in (*wanted, *self.more_roles)
        ]
        self.session.add_all(roles)
        self.session.flush()
        for known, placement, _ in self.new_placements:
            if len(known.placements) > 1:  # who had none before can have no order
                first, last = placement.valid_from, placement.valid_to
                tell_if_late(self.session, known.person_id, first, last, now=self.now)
        return roles

    def _people(self) -> list[_Known]:
        return list({known.person_id: known for known in self.by_nip.values()}.values())

    def _wrong(self, entry: RosterEntry, column: str, message: str, **details: object) -> None:
        self.errors.append(RowError(entry.row, column, message, details))

    def _person(self, entry: RosterEntry) -> _Known | None:
        """Whom a row is about: known by the number, else by the address if both may be one's."""
        known = self.by_nip.get(entry.nip)
        if known is None and entry.email:
            known = self.by_email.get(entry.email)
            if known is not None and not _may_be_one(known, entry):
                self._wrong(
                    entry,
                    "email",
                    N_("Surel %(email)s sudah dipakai akun lain."),
                    email=entry.email,
                )
                return None
        if known is None:
            known = _Known(PersonId(opaque_id()), entry.name, entry.email, is_new=True)
        if not known.is_active:
            self._wrong(entry, "nip", N_("Akun dengan NIP ini ditutup. Hubungi admin kota."))
            return None
        if entry.email and not self._address_fits(known, entry):
            return None
        known.numbers.setdefault(entry.nip, entry)
        self.by_nip[entry.nip] = known
        if known.email:
            self.by_email[known.email] = known
        return known

    def _address_fits(self, known: _Known, entry: RosterEntry) -> bool:
        """Whether the row's address is the person's, or may become it."""
        if known.email == entry.email:
            return True
        if known.email is not None:
            message = N_("NIP ini terdaftar dengan surel lain. Hanya pemiliknya dapat mengubahnya.")
            self._wrong(entry, "email", message)
            return False
        other = self.by_email.get(entry.email or "")
        if other is not None and other is not known:
            self._wrong(
                entry, "email", N_("Surel %(email)s sudah dipakai akun lain."), email=entry.email
            )
            return False
        serves_elsewhere = self.reach is not None and any(
            placement.agency_id not in self.reach for placement in known.placements
        )
        if known.has_password or serves_elsewhere:
            message = N_("NIP ini sudah terdaftar tanpa surel. Minta admin kota mencetak slip.")
            self._wrong(entry, "email", message)
            return False
        known.email = entry.email
        known.gets_address = not known.is_new
        return True

    def _place(self, known: _Known, entry: RosterEntry) -> None:
        for placement in known.placements:
            is_same_kind = placement.kind is entry.kind
            is_here = placement.agency_id == entry.agency_id
            if not is_same_kind or not entry.shares_a_day(placement.valid_from, placement.valid_to):
                continue
            if _is_that(placement, entry):
                self._again(placement, entry)
                return
            if entry.kind is PlacementKind.DEFINITIVE or is_here:
                message = N_("Orang ini sudah memiliki penempatan pada tanggal itu. Akhiri dahulu.")
                self._wrong(entry, "from", message)
                return
        placement = Placement(
            person_id=known.person_id,
            agency_id=entry.agency_id,
            nip=entry.nip,
            kind=entry.kind,
            position=entry.position,
            valid_from=entry.valid_from,
            valid_to=entry.valid_to,
            recorded_by=self.actor.person_id,
            recorded_at=self.now,
        )
        known.placements.append(placement)
        self.new_placements.append((known, placement, entry))

    def _again(self, placement: Placement, entry: RosterEntry) -> None:
        """A row that stands already: in this file that is a mistake, in the database it is not."""
        if placement.id is None:
            self._wrong(entry, "nip", N_("Baris ini sudah ada di berkas yang sama."))
            return
        self.unchanged += 1
        held = {role.role for role in placement.roles if role.ended_at is None}
        self.more_roles += [(placement, role) for role in entry.roles if role not in held]

    def _read(self, entries: Sequence[RosterEntry]) -> None:
        """Everybody whom the rows could be about, with their numbers, addresses and placements."""
        session = self.session
        ids: set[PersonId] = set()
        for nips in in_parts([entry.nip for entry in entries]):
            ids.update(
                session.scalars(select(PersonNumber.person_id).where(PersonNumber.nip.in_(nips)))
            )
        for emails in in_parts([entry.email for entry in entries if entry.email]):
            ids.update(
                session.scalars(
                    select(PersonDetails.person_id).where(PersonDetails.email.in_(emails))
                )
            )
        for part in in_parts(sorted(ids)):
            self._read_people(part)

    def _read_people(self, ids: Sequence[PersonId]) -> None:
        session = self.session
        # Locked in the order of their ids: nobody else places them meanwhile.
        people = session.scalars(
            select(Person)
            .where(Person.person_id.in_(ids))
            .order_by(Person.person_id)
            .with_for_update()
        ).all()
        details = {
            row.person_id: row
            for row in session.scalars(
                select(PersonDetails).where(PersonDetails.person_id.in_(ids))
            )
        }
        with_password = set(
            session.scalars(select(Credential.person_id).where(Credential.person_id.in_(ids)))
        )
        placements = _by_person(session, ids)
        known_by_id = {
            person.person_id: _Known(
                person.person_id,
                details[person.person_id].name,
                details[person.person_id].email,
                is_new=False,
                is_active=person.is_active,
                has_password=person.person_id in with_password,
                placements=placements[person.person_id],
            )
            for person in people
        }
        for known in known_by_id.values():
            if known.email:
                self.by_email[known.email] = known
        numbers = session.scalars(select(PersonNumber).where(PersonNumber.person_id.in_(ids)))
        for number in numbers:
            known_by_id[number.person_id].numbers[number.nip] = None
            self.by_nip[number.nip] = known_by_id[number.person_id]


def _by_person(session: Session, ids: Sequence[PersonId]) -> defaultdict[PersonId, list[Placement]]:
    found: defaultdict[PersonId, list[Placement]] = defaultdict(list)
    query = (
        select(Placement)
        .where(Placement.person_id.in_(ids))
        .order_by(Placement.id)
        .options(selectinload(Placement.roles))
    )
    for placement in session.scalars(query):
        found[placement.person_id].append(placement)
    return found


def _may_be_one(known: _Known, entry: RosterEntry) -> bool:
    """Whether a new number can be the same person's: born the same day, of the same gender.

    A PPPK gets a new number with a new agreement; birth and gender stay what they are.
    """
    born = f"{entry.says.born_on:%Y%m%d}"
    return bool(known.numbers) and all(
        nip[:8] == born and (nip[14] == "2") is entry.says.is_woman for nip in known.numbers
    )


def _is_that(placement: Placement, entry: RosterEntry) -> bool:
    return (
        placement.agency_id == entry.agency_id
        and placement.nip == entry.nip
        and placement.valid_from == entry.valid_from
        and placement.valid_to == entry.valid_to
    )
