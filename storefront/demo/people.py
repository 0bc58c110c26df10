"""The demo's civil servants: who they are, where they are placed, and what they may do there."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy.orm import Session

from storefront.accounts.models import (
    CityRole,
    Credential,
    Person,
    PersonDetails,
    PersonNumber,
)
from storefront.agencies.beginnings import begin
from storefront.agencies.models import (
    Agency,
    AgencyKind,
    Placement,
    PlacementKind,
    PlacementRole,
)
from storefront.core.calendar import instant_of
from storefront.core.database import Base
from storefront.core.identifiers import Employment, looks_like_nip
from storefront.core.permissions import NOBODY, OPERATOR, PersonId, Role
from storefront.core.text import slug
from storefront.demo import content
from storefront.demo.chance import Chance
from storefront.demo.content import DemoAgency, DemoPerson, DemoPosition
from storefront.demo.reorganisation import first_name

CROWDED = {"KB-D01": 44, "KB-D02": 44, "KB-D11": 26, "KB-D14": 24, "KB-R01": 22, "KB-D16": 20}
"""Agencies large enough that a month's participation may be shown (product.md, "Privacy")."""
LEAST, MOST = 7, 10
DEPUTY = "Imas Rohaeti, S.E., M.Si.", "kabid@kota.example"
WITHOUT_APPROVER = {"KB-R03"}
"""Its requests go to the agency above it."""
NEEDED = (
    (Role.APPROVER,),
    (Role.TREASURER,),
    (Role.PROCUREMENT, Role.AGENCY_ADMIN),
)


@dataclass(frozen=True)
class Employee:
    """A placed person, as the makers of orders know them."""

    person_id: PersonId
    name: str
    nip: str
    placement: Placement
    roles: frozenset[Role]
    home: str


@dataclass
class People:
    """Everybody in the demo city."""

    of_agency: dict[str, list[Employee]] = field(default_factory=lambda: defaultdict(list))
    by_login: dict[str, PersonId] = field(default_factory=dict)
    admin: PersonId = NOBODY.person_id
    deputy: PersonId = NOBODY.person_id
    """The city's other admin: what needs two people needs both."""

    def employee(self, login: str) -> tuple[str, Employee]:
        """Somebody by their NIP, and the code of their agency."""
        return next(
            (code, one) for code, here in self.of_agency.items() for one in here if one.nip == login
        )

    def holders(self, agency_code: str, role: Role) -> list[Employee]:
        return [one for one in self.of_agency[agency_code] if role in one.roles]


class Registrar:
    """Makes people, each with one hash of the shared password."""

    def __init__(self, session: Session, chance: Chance, password_hash: str, since: date) -> None:
        self._session = session
        self._chance = chance
        self._hash = password_hash
        self._since = instant_of(since)
        self._first_day = since
        self._serials: dict[str, int] = defaultdict(int)
        self._mails: set[str] = set()
        self._once_known: list[Base] = []
        self.people = People()

    def person(self, name: str, email: str | None) -> PersonId:
        """Somebody who can sign in."""
        person_id = PersonId(self._chance.opaque_id())
        details = PersonDetails(name=name, email=email, phone=self._phone())
        self._session.add(Person(person_id=person_id, created_at=self._since, details=details))
        self._once_known.append(
            Credential(person_id=person_id, password_hash=self._hash, changed_at=self._since)
        )
        if email:
            self.people.by_login[email] = person_id
        return person_id

    def write_down(self) -> None:
        """The people, and then what refers to them: no relationship tells the session the order."""
        self._session.flush()
        self._session.add_all(self._once_known)
        self._once_known.clear()
        self._session.flush()

    def city_role(self, person_id: PersonId, role: Role) -> None:
        self._once_known.append(
            CityRole(
                person_id=person_id,
                role=role,
                proposed_by=OPERATOR.person_id,
                proposed_at=self._since,
                confirmed_by=self.people.admin or person_id,
                confirmed_at=self._since,
            )
        )

    def employ_demo_person(self, demo: DemoPerson, agency: Agency) -> None:
        """One of the accounts that the README names."""
        roles = [Role(name) for name in demo.roles]
        self._employ(demo.name, demo.login, Employment.PNS, demo.position, roles, agency)

    def employ(self, demo: DemoAgency, agency: Agency, count: int) -> None:
        """Fill an agency up to a number of people, so that every needed role has somebody."""
        here = self.people.of_agency[demo.code]
        open_roles = [
            missing
            for roles in NEEDED
            if (
                missing := tuple(role for role in roles if not self.people.holders(demo.code, role))
            )
            and not (demo.code in WITHOUT_APPROVER and Role.APPROVER in roles)
        ]
        positions = content.positions_of(demo)
        while len(here) < count:
            extra = open_roles.pop() if open_roles else ()
            position = self._position(positions, extra)
            is_woman = self._chance.is_one_in(2)
            employment = (
                Employment.PPPK
                if not extra and position.employment != "pns" and self._chance.is_one_in(5)
                else Employment.PNS
            )
            nip = self._nip(employment, is_woman=is_woman)
            roles = [Role.BUYER, *extra]
            self._employ(
                self._name(is_woman=is_woman), nip, employment, position.name, roles, agency
            )

    def _employ(
        self,
        name: str,
        nip: str,
        employment: Employment,
        position: str,
        roles: Sequence[Role],
        agency: Agency,
    ) -> None:
        person_id = self.person(name, self._mail(name))
        self.people.by_login[nip] = person_id
        self._once_known.append(
            PersonNumber(nip=nip, person_id=person_id, employment=employment, since=self._first_day)
        )
        admin = self.people.admin
        placement = Placement(
            person_id=person_id,
            agency_id=agency.id,
            nip=nip,
            kind=PlacementKind.DEFINITIVE,
            position=position,
            valid_from=self._first_day - timedelta(days=self._chance.between(1, 900)),
            recorded_by=OPERATOR.person_id,
            recorded_at=self._since,
            roles=[
                PlacementRole(
                    role=role,
                    proposed_by=OPERATOR.person_id,
                    proposed_at=self._since,
                    confirmed_by=admin,
                    confirmed_at=self._since,
                )
                for role in roles
            ],
        )
        self._once_known.append(placement)
        street = self._chance.one_of(content.streets())
        house = f"{street.street} No. {self._chance.between(1, 140)}"
        home = f"{house}, {street.district} {street.postal_code}"
        self.people.of_agency[agency.code].append(
            Employee(person_id, name, nip, placement, frozenset(roles), home)
        )

    def _position(self, positions: Sequence[DemoPosition], extra: Sequence[Role]) -> DemoPosition:
        fitting = [one for one in positions if set(extra) & {Role(r) for r in one.roles}]
        pool = fitting if extra and fitting else positions
        return self._chance.weighted(pool, [one.weight for one in pool])

    def _name(self, *, is_woman: bool) -> str:
        given = self._chance.one_of(content.given_names(is_woman=is_woman))
        family = self._chance.one_of(content.family_names(is_woman=is_woman))
        title = (
            f", {self._chance.one_of(content.names('title_after'))}"
            if self._chance.is_one_in(3)
            else ""
        )
        return f"{given} {family}{title}"

    def _nip(self, employment: Employment, *, is_woman: bool) -> str:
        born = date(self._chance.between(1968, 1999), self._chance.between(1, 12), 1)
        born += timedelta(days=self._chance.between(0, 27))
        year = min(born.year + self._chance.between(22, 30), self._first_day.year - 1)
        middle = 1 if employment is Employment.PPPK else self._chance.between(1, 12)
        head = f"{born:%Y%m%d}{year}{middle:02}{2 if is_woman else 1}"
        self._serials[head] += 1
        return f"{head}{self._serials[head] + 20:03}"

    def _mail(self, name: str) -> str:
        stem = slug(name.partition(",")[0]).replace("-", ".")
        mail, number = f"{stem}@asn.example", 1
        while mail in self._mails:
            number += 1
            mail = f"{stem}{number}@asn.example"
        self._mails.add(mail)
        return mail

    def _phone(self) -> str:
        return f"0812{self._chance.between(10_000_000, 99_999_999)}"


def add_agencies(session: Session, *, since: date) -> dict[str, Agency]:
    """Every agency of the city's list, by code, in the tree since a day, as it was called then."""
    made: dict[str, Agency] = {}
    for demo in content.agencies():
        agency = Agency(
            code=demo.code,
            name=first_name(demo),
            kind=AgencyKind(demo.kind),
            parent_id=made[demo.parent_code].id if demo.parent_code else None,
            address=_address_of(demo),
        )
        session.add(agency)
        session.flush()
        made[demo.code] = agency
    by, at = OPERATOR.person_id, instant_of(since)
    begin(session, made.values(), on=since, recorded_by=by, now=at)
    return made


def _address_of(demo: DemoAgency) -> str:
    """An office on one of the streets of the city."""
    chance = Chance(f"address {demo.code}")
    street = chance.one_of(content.streets())
    return (
        f"{demo.name}, {street.street} No. {chance.between(1, 120)}, Bandung {street.postal_code}"
    )


def add_people(
    session: Session,
    agencies: dict[str, Agency],
    *,
    password_hash: str,
    since: date,
) -> Registrar:
    """The people of all agencies, the city's own, and the demo accounts."""
    registrar = Registrar(session, Chance("people"), password_hash, since)
    people = registrar.people
    by_login = {demo.login: demo for demo in content.people()}
    admin = by_login["admin@kota.example"]
    people.admin = registrar.person(admin.name, admin.login)
    registrar.city_role(people.admin, Role.CITY_ADMIN)
    for demo in content.people():
        if demo.agency_code and looks_like_nip(demo.login):
            registrar.employ_demo_person(demo, agencies[demo.agency_code])
        elif "auditor" in demo.roles:
            registrar.city_role(registrar.person(demo.name, demo.login), Role.AUDITOR)
        elif "cashier" in demo.roles:
            registrar.person(demo.name, demo.login)
    for agency in content.agencies():
        count = CROWDED.get(agency.code) or Chance(agency.code).between(LEAST, MOST)
        registrar.employ(agency, agencies[agency.code], count)
    people.deputy = registrar.person(*DEPUTY)
    registrar.city_role(people.deputy, Role.CITY_ADMIN)
    registrar.write_down()
    return registrar
