"""What needs two short transactions with the hashing of a password between them.

A hash takes a tenth of a second: inside a transaction it would keep every writer waiting. And what
is counted against a guesser is committed before the refusal is raised, or it would roll back too.
"""

from collections.abc import Sequence
from datetime import datetime

from storefront.accounts import codes, logins, passwords
from storefront.accounts.codes import CodeRefused
from storefront.accounts.logins import WrongLogin
from storefront.accounts.models import CodePurpose, Credential
from storefront.core.database import UnitOfWork
from storefront.core.errors import N_, DomainError
from storefront.core.permissions import SYSTEM, Actor, PersonId


class WrongPassword(DomainError):
    """The present password, asked for before a new one, or before a new address."""

    code = "wrong_password"
    message = N_("Kata sandi saat ini salah.")
    field = "current_password"


class SecondFactorNeeded(DomainError):
    """The password fitted, and a code is on its way to the person's mail address."""

    code = "second_factor_needed"
    message = N_(
        "Akun ini sering dicoba hari ini. Kami mengirim kode ke surel Anda; berlaku 15 menit."
    )


def sign_in(
    transaction: UnitOfWork,
    *,
    key: bytes,
    login: str,
    password: str,
    device: str,
    address: str,
    now: datetime,
) -> PersonId:
    """Whose login and password these are. The face then begins their session.

    `key` is the app's; `device` the random token of the browser's long-lived cookie (empty: none).
    Raises `TooManyTries(wait_seconds)`, or `WrongLogin`, the same for unknown and known in text
    and time; `SecondFactorNeeded`, after which `confirm_sign_in` lets them in.
    """
    with transaction() as session:
        attempt = logins.begin_attempt(
            session, key=key, login=login, device=device, address=address, now=now
        )
    if not passwords.fits(attempt.password_hash, password):
        raise WrongLogin
    with transaction() as session:
        person_id = attempt.person_id
        if person_id is None or not logins.needs_second_factor(session, attempt, now=now):
            return logins.finish_attempt(session, attempt, device=device, now=now)
        codes.issue(session, SYSTEM, person_id, CodePurpose.SIGN_IN, now=now)
    raise SecondFactorNeeded


def confirm_sign_in(
    transaction: UnitOfWork, *, key: bytes, token: str, device: str, address: str, now: datetime
) -> PersonId:
    """Who comes in by the code that a sign-in had mailed to them.

    Raises `TooManyTries` or `CodeRefused`.
    """
    with transaction() as session:
        origin = logins.origin_of(key, address)
        tried = logins.tried_digest(key, "code", token[:64])
        logins.require_patience(session, tried, origin, now=now)
        code = codes.check(
            session, {CodePurpose.SIGN_IN}, key=key, token=token, address=address, now=now
        )
        if code is not None:
            person_id = codes.use(session, code.id, now=now)
            return logins.let_in(session, person_id, device=device, now=now)
    raise CodeRefused


def redeem(
    transaction: UnitOfWork,
    *,
    key: bytes,
    token: str,
    password: str,
    about: Sequence[str],
    address: str,
    now: datetime,
) -> PersonId:
    """Set a password by a one-time code, and return whose it is; all their sessions have ended.

    `about`: words of the store that must not be a password. Raises `TooManyTries`, `CodeRefused`,
    or what `check_password` raises, which leaves the code usable.
    """
    with transaction() as session:
        origin = logins.origin_of(key, address)
        tried = logins.tried_digest(key, "code", token[:64])
        logins.require_patience(session, tried, origin, now=now)
        code = codes.check(
            session, codes.FOR_A_PASSWORD, key=key, token=token, address=address, now=now
        )
        known = codes.known_of(session, code.person_id) if code else []
    if code is None:
        raise CodeRefused
    passwords.check_password(password, about=[*known, *about])
    password_hash = passwords.hash_password(password)
    with transaction() as session:
        person_id = codes.use(session, code.id, now=now)
        passwords.set_password(
            session, Actor(person_id, frozenset()), person_id, password_hash, now=now
        )
        return person_id


def change_password(
    transaction: UnitOfWork,
    actor: Actor,
    *,
    key: bytes,
    current: str,
    password: str,
    about: Sequence[str],
    address: str,
    now: datetime,
) -> None:
    """Change one's own password; every session ends, also this one: the face begins a new one.

    Raises `TooManyTries`, `WrongPassword`, or what `check_password` raises.
    """
    prove(transaction, actor, key=key, password=current, address=address, now=now)
    with transaction() as session:
        known = codes.known_of(session, actor.person_id)
    passwords.check_password(password, about=[*known, *about])
    password_hash = passwords.hash_password(password)
    with transaction() as session:
        passwords.set_password(session, actor, actor.person_id, password_hash, now=now)


def prove(
    transaction: UnitOfWork,
    actor: Actor,
    *,
    key: bytes,
    password: str,
    address: str,
    now: datetime,
) -> None:
    """Let pass who knows the password of the session they use; tries are counted like sign-ins.

    Raises `TooManyTries` or `WrongPassword`.
    """
    with transaction() as session:
        tried = logins.tried_digest(key, "proof", actor.person_id)
        origin = logins.origin_of(key, address)
        logins.require_patience(session, tried, origin, now=now)
        failure_id = logins.note_failure(session, tried, origin, now=now)
        credential = session.get(Credential, actor.person_id)
        password_hash = credential.password_hash if credential else None
    if not passwords.fits(password_hash, password):
        raise WrongPassword
    with transaction() as session:
        logins.forget_failure(session, failure_id)
