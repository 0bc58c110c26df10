"""People: made known to the store, reached, and numbered."""

from datetime import datetime

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from storefront.accounts.models import OneTimeCode, Person, PersonDetails, PersonNumber
from storefront.core import audit
from storefront.core.calendar import city_day
from storefront.core.errors import N_, Conflict, DomainError
from storefront.core.identifiers import Employment, Nip, read_phone
from storefront.core.permissions import Actor, PersonId
from storefront.core.text import clean

NAME_LENGTH = 120
EMAIL_LENGTH = 254
PHONE_LENGTH = 20


class InvalidEmail(DomainError):
    code = "invalid_email"
    message = N_("Surel %(email)s tidak sah. Contoh: nama@bandung.go.id")
    field = "email"


class EmailTaken(Conflict):
    code = "email_taken"
    message = N_("Surel %(email)s sudah dipakai akun lain.")
    field = "email"


class NumberTaken(Conflict):
    code = "number_taken"
    message = N_("NIP %(nip)s sudah terdaftar atas orang lain.")
    field = "nip"


class NameMissing(DomainError):
    code = "name_missing"
    message = N_("Isi nama, paling banyak %(longest)d karakter.")
    field = "name"


def register(
    session: Session,
    actor: Actor,
    *,
    name: str,
    email: str | None,
    phone: str = "",
    nip: Nip | None = None,
    employment: Employment | None = None,
    now: datetime,
) -> Person:
    """Make a person known. They cannot sign in before a one-time code gave them a password.

    The caller's door has asked whether the actor may. Raises `NameMissing`, `InvalidEmail`,
    `EmailTaken` or `NumberTaken`.
    """
    person = Person(created_at=now)
    session.add(person)
    session.flush()
    details = PersonDetails(
        person_id=person.person_id, name=read_name(name), phone=clean(phone)[:PHONE_LENGTH]
    )
    session.add(details)
    session.flush()
    if email:
        _take_email(session, details, read_email(email))
    if nip is not None and employment is not None:
        add_number(session, actor, person.person_id, nip, employment, now=now)
    audit.record(session, actor, "person.registered", person.person_id, now=now)
    return person


def add_number(
    session: Session,
    actor: Actor,
    person_id: PersonId,
    nip: Nip,
    employment: Employment,
    *,
    now: datetime,
) -> PersonNumber:
    """Note another number of a person. Theirs already: returned as it is. Raises `NumberTaken`."""
    number = session.get(PersonNumber, nip)
    if number is not None:
        if number.person_id != person_id:
            raise NumberTaken(nip=nip)
        return number
    number = PersonNumber(nip=nip, person_id=person_id, employment=employment, since=city_day(now))
    try:
        with session.begin_nested():  # another may be noting it too
            session.add(number)
    except IntegrityError:
        raise NumberTaken(nip=nip) from None
    audit.record(session, actor, "person.numbered", person_id, now=now)
    return number


def change_contact(
    session: Session, actor: Actor, *, email: str | None, phone: str, now: datetime
) -> None:
    """Change where one is reached.

    Whoever holds the address can reset the password: where it changes, the face asks for the
    present one first (`processes.prove`). A code on its way to the old address is void.
    Raises `InvalidEmail`, `EmailTaken` or `InvalidPhone`.
    """
    told = read_phone(phone) if phone.strip() else ""
    details = session.get_one(PersonDetails, actor.person_id)
    wanted = read_email(email) if email else None
    if wanted != details.email:
        if wanted:
            _take_email(session, details, wanted)
        else:
            details.email = None
        session.execute(
            update(OneTimeCode)
            .where(
                OneTimeCode.person_id == actor.person_id,
                OneTimeCode.sent_to.is_not(None),
                OneTimeCode.used_at.is_(None),
            )
            .values(expires_at=now)
        )
    details.phone = told
    session.flush()
    audit.record(session, actor, "person.contact_changed", actor.person_id, now=now)


def choose_language(session: Session, actor: Actor, language: str) -> None:
    """Keep the language in which the person is written to: `id` or `en`, anything else is `id`."""
    person = session.get_one(Person, actor.person_id)
    person.language = "en" if language == "en" else "id"
    session.flush()


def read_email(typed: str) -> str:
    """An address in the one form in which it is kept: lower case. Raises `InvalidEmail`."""
    try:
        checked = validate_email(clean(typed), check_deliverability=False)
    except EmailNotValidError:
        raise InvalidEmail(email=typed[:60]) from None
    return checked.normalized.lower()


def read_name(typed: str) -> str:
    """A name on one line. Raises `NameMissing` for none, or one that is too long."""
    name = " ".join(clean(typed).split())
    if not 0 < len(name) <= NAME_LENGTH:
        raise NameMissing(longest=NAME_LENGTH)
    return name


def _take_email(session: Session, details: PersonDetails, email: str) -> None:
    """Make an address a person's. Of two who want it at once one gets it."""
    try:
        with session.begin_nested():
            details.email = email
    except IntegrityError:
        raise EmailTaken(email=email) from None
