"""Employees as the store knows them, and the ways in which tests sign them in."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from storefront.accounts import passwords, processes
from storefront.accounts.models import Credential
from storefront.accounts.people import register
from storefront.core.database import UnitOfWork, transaction
from storefront.core.identifiers import Employment, Nip
from storefront.core.permissions import SYSTEM, Actor, PersonId
from tests.factories import NOON

KEY = b"the key of a store that stands in tests only"
PASSWORD = "kuda biru menari pelan"  # noqa: S105
HASH = passwords.hash_password(PASSWORD)
HERE, NEXT_DOOR, ELSEWHERE = "203.0.113.7", "203.0.113.99", "198.51.100.4"


@dataclass(frozen=True)
class Someone:
    """A person, and the logins by which they are known."""

    person_id: PersonId
    nip: str
    email: str

    @property
    def actor(self) -> Actor:
        return Actor(self.person_id, frozenset())


def someone(
    session: Session,
    name: str,
    nip: str,
    *,
    email: str | None = None,
    has_password: bool = False,
) -> Someone:
    """Somebody registered by number and address; without a password they were never in."""
    address = email or f"{nip}@bandung.example"
    with transaction(session):
        person = register(
            session,
            SYSTEM,
            name=name,
            email=address,
            nip=Nip(nip),
            employment=Employment.PNS,
            now=NOON,
        )
        if has_password:
            session.add(Credential(person_id=person.person_id, password_hash=HASH, changed_at=NOON))
    return Someone(person.person_id, nip, address)


def sign_in(
    unit: UnitOfWork,
    login: str,
    password: str = PASSWORD,
    *,
    device: str = "",
    address: str = HERE,
    now: datetime = NOON,
) -> PersonId:
    return processes.sign_in(
        unit,
        key=KEY,
        login=login,
        password=password,
        device=device,
        address=address,
        now=now,
    )
