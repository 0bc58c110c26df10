"""Signing in, slowed down for who guesses (faults.md, "Accounts").

A try waits by the login together with the block of addresses it comes from, and by its address
alone; never by the login alone, or anybody could lock anybody out. A device on which the person
signed in before does not wait for others' failures. Unknown and known logins take the same way.
Where an account was tried too often from wherever, a password alone no longer lets a new device in.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from storefront.accounts.models import (
    Credential,
    KnownDevice,
    LoginFailure,
    Person,
    PersonDetails,
    PersonNumber,
)
from storefront.core import audit, outbox
from storefront.core.errors import N_, DomainError
from storefront.core.identifiers import digest, keyed_digest, looks_like_nip, plain_nip
from storefront.core.permissions import Actor, PersonId
from storefront.core.text import clean

REMEMBERED = timedelta(hours=1)
KEPT = timedelta(days=1)
FREE_FROM_A_BLOCK = 4
"""Of one login. A person who mistypes does not notice the delay."""
FREE_FROM_AN_ADDRESS = 20
"""Of all logins: a whole office may stand behind one address."""
FREE_OF_A_DEVICE = 10
LONGEST_WAIT_S = 900
LONGEST_WAIT_OF_AN_ADDRESS_S = 60
"""Shorter: colleagues who did nothing wait too."""
ALERT_AT = 20
"""Failures of one account in a day, from wherever: its owner is told, and a device that is new to
the account is asked for a code from the owner's mail too. Nobody is locked out."""
LOGIN_LENGTH = 254


class WrongLogin(DomainError):
    """One answer for an unknown login, a wrong password and an account not yet activated."""

    code = "wrong_login"
    message = N_("NIP/surel atau kata sandi salah. Belum pernah masuk? Aktifkan akun dahulu.")
    field = "login"


class TooManyTries(DomainError):
    """`wait_seconds` until another try is looked at."""

    code = "too_many_tries"
    message = N_("Terlalu banyak percobaan. Coba lagi dalam %(wait_seconds)d detik.")
    field = "login"

    def __init__(self, *, wait_seconds: int) -> None:
        super().__init__(wait_seconds=wait_seconds)
        self.wait_seconds = wait_seconds


@dataclass(frozen=True)
class Origin:
    """Where a try comes from, as keyed digests: an address is soon guessed from a plain one."""

    block: str
    address: str


@dataclass(frozen=True)
class Attempt:
    """A try that may be looked at. `failure_id` stands against it until it is known to fit."""

    failure_id: int
    login_digest: str
    origin: Origin
    person_id: PersonId | None
    password_hash: str | None
    is_known_device: bool


def begin_attempt(
    session: Session, *, key: bytes, login: str, device: str, address: str, now: datetime
) -> Attempt:
    """Let a try pass to where its password is looked at, and count it against its login.

    `device` is the random token of the browser's long-lived cookie, empty for none.
    Raises `TooManyTries`.
    """
    plain = plain_login(login)
    tried = _digest(key, "login", plain)
    origin = origin_of(key, address)
    person_id, password_hash = _find(session, plain)
    known = select(KnownDevice.id).where(
        KnownDevice.person_id == (person_id or ""),
        KnownDevice.device_digest == digest(device),
        KnownDevice.failures < FREE_OF_A_DEVICE,
    )
    is_known_device = session.scalar(known) is not None
    if not is_known_device:
        require_patience(session, tried, origin, now=now)
    failure_id = note_failure(session, tried, origin, now=now)
    session.execute(
        update(KnownDevice)
        .where(KnownDevice.id.in_(known))
        .values(failures=KnownDevice.failures + 1)
    )
    if person_id is not None:
        _alert(session, person_id, tried, now)
    return Attempt(failure_id, tried, origin, person_id, password_hash, is_known_device)


def needs_second_factor(session: Session, attempt: Attempt, *, now: datetime) -> bool:
    """Whether a password that fitted is not enough: it may be a guess that came true.

    Of who has no mail address nothing more can be asked.
    """
    if attempt.person_id is None or attempt.is_known_device:
        return False
    if _failures_in_a_day(session, attempt.login_digest, now) < ALERT_AT:
        return False
    return session.get_one(PersonDetails, attempt.person_id).email is not None


def finish_attempt(session: Session, attempt: Attempt, *, device: str, now: datetime) -> PersonId:
    """Note that a try's password fitted, and remember its device."""
    person_id = attempt.person_id
    if person_id is None:
        raise WrongLogin
    session.execute(
        delete(LoginFailure).where(
            LoginFailure.login_digest == attempt.login_digest,
            LoginFailure.block_digest == attempt.origin.block,
        )
    )
    return let_in(session, person_id, device=device, now=now)


def let_in(session: Session, person_id: PersonId, *, device: str, now: datetime) -> PersonId:
    """Note that somebody came in, and remember their device."""
    if device:
        _remember(session, person_id, digest(device), now)
    audit.record(session, Actor(person_id, frozenset()), "account.signed_in", person_id, now=now)
    return person_id


def require_patience(session: Session, tried: str, origin: Origin, *, now: datetime) -> None:
    """Raise `TooManyTries` while what was tried, or its origin, has to wait."""
    here = (LoginFailure.login_digest == tried) & (LoginFailure.block_digest == origin.block)
    from_address = LoginFailure.address_digest == origin.address
    wait = max(
        _wait(session, here, FREE_FROM_A_BLOCK, LONGEST_WAIT_S, now),
        _wait(session, from_address, FREE_FROM_AN_ADDRESS, LONGEST_WAIT_OF_AN_ADDRESS_S, now),
    )
    if wait > 0:
        raise TooManyTries(wait_seconds=wait)


def note_failure(session: Session, tried: str, origin: Origin, *, now: datetime) -> int:
    """Count a try; the id by which it can be taken back."""
    failure = LoginFailure(
        login_digest=tried, block_digest=origin.block, address_digest=origin.address, at=now
    )
    session.add(failure)
    session.flush()
    return failure.id


def forget_failure(session: Session, failure_id: int) -> None:
    """Take a try back that turned out to be right."""
    session.execute(delete(LoginFailure).where(LoginFailure.id == failure_id))


def purge_failures(session: Session, *, now: datetime) -> None:
    """Forget what was tried more than a day ago. The worker calls it."""
    session.execute(delete(LoginFailure).where(LoginFailure.at < now - KEPT))


def plain_login(typed: str) -> str:
    """A login as it is compared: a NIP without spaces and dots, an address in lower case."""
    bounded = clean(typed[: 2 * LOGIN_LENGTH])[:LOGIN_LENGTH]
    return plain_nip(bounded) if looks_like_nip(bounded) else bounded.lower()


def tried_digest(key: bytes, what: str, value: str) -> str:
    """What is counted for tries of another kind than a sign-in."""
    return _digest(key, what, value)


def origin_of(key: bytes, address: str) -> Origin:
    """Where an address belongs: with its /24 (IPv4) or /48 (IPv6)."""
    try:
        ip = ip_address(address.partition("%")[0])
    except ValueError:
        return Origin(_digest(key, "block", address), _digest(key, "address", address))
    mapped = getattr(ip, "ipv4_mapped", None)
    ip = mapped or ip
    bits = 24 if ip.version == 4 else 48  # noqa: PLR2004 - the versions are called so
    block = ip_network((ip, bits), strict=False)
    return Origin(_digest(key, "block", str(block)), _digest(key, "address", str(ip)))


def find_person(session: Session, login: str) -> PersonId | None:
    """Whose login it is; None for nobody's, and for a person who was closed out."""
    return _find(session, plain_login(login))[0]


def _find(session: Session, plain: str) -> tuple[PersonId | None, str | None]:
    of = (
        select(PersonNumber.person_id).where(PersonNumber.nip == plain)
        if looks_like_nip(plain)
        else select(PersonDetails.person_id).where(PersonDetails.email == plain)
    )
    row = session.execute(
        select(Person.person_id, Credential.password_hash)
        .outerjoin(Credential, Credential.person_id == Person.person_id)
        .where(Person.person_id == of.scalar_subquery(), Person.is_active)
    ).one_or_none()
    return (row.person_id, row.password_hash) if row else (None, None)


def _wait(
    session: Session, which: ColumnElement[bool], free: int, longest: int, now: datetime
) -> int:
    """Seconds to wait: 1, 2, 4 ... after each failure beyond the free ones."""
    count, last = session.execute(
        select(func.count(), func.max(LoginFailure.at)).where(
            which, LoginFailure.at > now - REMEMBERED
        )
    ).one()
    if count < free or last is None:
        return 0
    delay = min(2 ** min(count - free, 10), longest)
    left = (last + timedelta(seconds=delay) - now).total_seconds()
    return max(-int(-left // 1), 0)


def _alert(session: Session, person_id: PersonId, tried: str, now: datetime) -> None:
    count = _failures_in_a_day(session, tried, now)
    if count == ALERT_AT:
        outbox.put(session, "sign_in_alert", {"person": person_id, "tries": count}, now=now)


def _failures_in_a_day(session: Session, tried: str, now: datetime) -> int:
    within = LoginFailure.at > now - KEPT
    counted = select(func.count()).where(LoginFailure.login_digest == tried, within)
    return session.scalars(counted).one()


def _remember(session: Session, person_id: PersonId, device_digest: str, now: datetime) -> None:
    known = session.scalar(
        select(KnownDevice).filter_by(person_id=person_id, device_digest=device_digest)
    )
    if known is None:
        session.add(KnownDevice(person_id=person_id, device_digest=device_digest, seen_at=now))
    else:
        known.seen_at = now
        known.failures = 0
    session.flush()


def _digest(key: bytes, purpose: str, text: str) -> str:
    return keyed_digest(key, purpose, text).hex()
