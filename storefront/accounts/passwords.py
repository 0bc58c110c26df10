"""Passwords: which are good enough, and how they are kept."""

import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.orm import Session
from zxcvbn import zxcvbn

from storefront.accounts.models import Credential
from storefront.accounts.sessions import end_all
from storefront.core import audit
from storefront.core.errors import N_, Busy, DomainError
from storefront.core.permissions import Actor, PersonId
from storefront.core.text import words

SHORTEST = 12
LONGEST = 200
LOOKED_AT = 72
"""zxcvbn raises above it (stack.md, trap 10); the rest can only make a password better."""
GOOD_ENOUGH = 4
"""Of 4: two words from the list and a year are 3, and fall within the hour."""
HASHES_AT_ONCE = 4
"""Each takes 64 MiB (stack.md, trap 12): a crowd waits its turn instead of filling the memory."""
TURN_S = 10.0

_COMMON_WORDS = Path(__file__).with_name("common_words.txt").read_text(encoding="utf-8").split()
"""What guessers try first here: zxcvbn knows English, and rates `merdeka17agustus` 4 of 4."""
_HASHER = PasswordHasher()
_TURNS = BoundedSemaphore(HASHES_AT_ONCE)
_NOBODYS = (
    "$argon2id$v=19$m=65536,t=3,p=4$c29tZWJvZHlzLXNhbHQtMQ"
    "$7yJ6JkN0cUPvQo2VGq1pm1Wn6vRrC0kF0iV1d3mZxSg"
)
"""What is compared where nobody can sign in, so that the answer takes as long. It fits nothing."""


class PasswordTooShort(DomainError):
    code = "password_too_short"
    message = N_("Kata sandi minimal %(shortest)d karakter. Kalimat pendek mudah diingat.")
    field = "password"


class PasswordTooLong(DomainError):
    code = "password_too_long"
    message = N_("Kata sandi maksimal %(longest)d karakter.")
    field = "password"


class PasswordUnreadable(DomainError):
    code = "password_unreadable"
    message = N_("Kata sandi memuat karakter yang tidak dapat diketik. Ketik ulang.")
    field = "password"


class PasswordBlank(DomainError):
    code = "password_blank"
    message = N_("Kata sandi tidak boleh hanya berisi spasi.")
    field = "password"


class PasswordGuessable(DomainError):
    """Also for one's own name, NIP or mail, and the store's and the city's words."""

    code = "password_guessable"
    message = N_(
        "Kata sandi ini mudah ditebak. Gabungkan beberapa kata yang tidak berhubungan, tanpa nama,"
        " NIP, atau kata umum."
    )
    field = "password"


def check_password(password: str, *, about: Sequence[str]) -> None:
    """Refuse a password that is too short, too long, unreadable, blank or guessable.

    `about` is what others know of the person and the store: names, numbers, addresses.
    """
    if len(password) > LONGEST:
        raise PasswordTooLong(longest=LONGEST)
    if any(unicodedata.category(c) in {"Cc", "Cs"} for c in password):
        raise PasswordUnreadable
    if password and not password.strip():
        raise PasswordBlank
    if len(password) < SHORTEST:
        raise PasswordTooShort(shortest=SHORTEST)
    known = [word for text in about for word in (text, *words(text)) if word]
    known += _COMMON_WORDS
    if zxcvbn(password[:LOOKED_AT], user_inputs=known)["score"] < GOOD_ENOUGH:
        raise PasswordGuessable


def hash_password(password: str) -> str:
    """The Argon2 hash of a password. Slow by intent: call it outside of any transaction.

    Raises `Busy` when too many wait.
    """
    with _turn():
        return _HASHER.hash(_normal(password))


def fits(password_hash: str | None, password: str) -> bool:
    """Whether a password is the one that was hashed; without a hash as slow, and never.

    Raises `Busy` when too many wait.
    """
    if len(password) > LONGEST:
        return False
    with _turn():
        try:
            return _HASHER.verify(password_hash or _NOBODYS, _normal(password))
        except (VerificationError, InvalidHashError):
            return False


def set_password(
    session: Session, actor: Actor, person_id: PersonId, password_hash: str, *, now: datetime
) -> None:
    """Keep a new hash, and end every session: whoever came in by the old one is out."""
    credential = session.get(Credential, person_id, with_for_update=True)
    if credential is None:
        session.add(Credential(person_id=person_id, password_hash=password_hash, changed_at=now))
    else:
        credential.password_hash = password_hash
        credential.changed_at = now
    end_all(session, person_id, now=now)
    audit.record(session, actor, "password.set", person_id, now=now)


def _normal(password: str) -> bytes:
    """One Unicode form, so that a phone's é and a computer's are the same."""
    return unicodedata.normalize("NFC", password).encode(errors="surrogatepass")


@contextmanager
def _turn() -> Iterator[None]:
    if not _TURNS.acquire(timeout=TURN_S):
        raise Busy
    try:
        yield
    finally:
        _TURNS.release()
