"""One-time codes: for who has no password or forgot it, and to prove more than a password.

The token is the row's random id and an HMAC of it under the app's key. It is made again where it
is needed (in the mail, on the printed slip), so neither the database nor the outbox holds it, and
whoever imported a roster never sees it (product.md, "Official orders").
"""

import hmac
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from storefront.accounts.logins import (
    find_person,
    note_failure,
    origin_of,
    plain_login,
    tried_digest,
)
from storefront.accounts.models import (
    CodePurpose,
    Credential,
    LoginFailure,
    OneTimeCode,
    Person,
    PersonDetails,
    PersonNumber,
)
from storefront.core import audit, outbox
from storefront.core.errors import N_, Conflict, DomainError
from storefront.core.identifiers import CROCKFORD, crockford, keyed_digest, read_crockford
from storefront.core.permissions import SYSTEM, Actor, PersonId

LIFE = {
    CodePurpose.ACTIVATE: timedelta(days=7),
    CodePurpose.RESET: timedelta(hours=1),
    CodePurpose.SIGN_IN: timedelta(minutes=15),
}
FOR_A_PASSWORD = frozenset({CodePurpose.ACTIVATE, CodePurpose.RESET})
LIFE_PRINTED = timedelta(days=30)
MOST_TRIES = 5
RESETS_AN_HOUR = 3
RESETS_OF_AN_ADDRESS = 30

_ID_LENGTH = 8
_PROOF_LENGTH = 20
_GROUP = 4


class CodeRefused(DomainError):
    """One answer for a code that is wrong, used, too old, or went to an address since changed."""

    code = "code_refused"
    message = N_(
        "Kode ini tidak berlaku: salah ketik, sudah dipakai, atau lewat waktu. Minta lagi."
    )
    field = "token"


class NoWayToSend(Conflict):
    code = "no_way_to_send"
    message = N_("%(name)s belum memiliki surel. Isi surelnya, atau minta slip cetak dari kota.")
    field = "email"


def issue(
    session: Session,
    actor: Actor,
    person_id: PersonId,
    purpose: CodePurpose,
    *,
    now: datetime,
    printed: bool = False,
) -> OneTimeCode:
    """Make a code for a person, and have it mailed to their own address unless it is printed.

    Codes issued before it for the same purpose are void. The caller's door has asked whether the
    actor may. Raises `NoWayToSend` for a person without an address.
    """
    details = session.get_one(PersonDetails, person_id)
    if details.email is None and not printed:
        raise NoWayToSend(name=details.name)
    session.execute(
        update(OneTimeCode)
        .where(
            OneTimeCode.person_id == person_id,
            OneTimeCode.purpose == purpose,
            OneTimeCode.used_at.is_(None),
            OneTimeCode.expires_at > now,
        )
        .values(expires_at=now)
    )
    code = OneTimeCode(
        person_id=person_id,
        purpose=purpose,
        sent_to=None if printed else details.email,
        created_at=now,
        expires_at=now + (LIFE_PRINTED if printed else LIFE[purpose]),
    )
    session.add(code)
    session.flush()
    if not printed:
        outbox.put(session, "account_code_issued", {"code": code.id}, now=now)
    how = {"purpose": purpose.value, "printed": printed}
    audit.record(session, actor, "code.issued", person_id, how, now=now)
    return code


def issue_first(
    session: Session, actor: Actor, person_ids: Sequence[PersonId], *, now: datetime
) -> None:
    """Mail their first codes to many people at once who are new, and have an address."""
    addresses: dict[PersonId, str | None] = {}
    for start in range(0, len(person_ids), 500):
        asked = person_ids[start : start + 500]
        query = select(PersonDetails.person_id, PersonDetails.email)
        found = session.execute(query.where(PersonDetails.person_id.in_(asked)))
        addresses |= {row.person_id: row.email for row in found}
    codes = [
        OneTimeCode(
            person_id=person_id,
            purpose=CodePurpose.ACTIVATE,
            sent_to=email,
            created_at=now,
            expires_at=now + LIFE[CodePurpose.ACTIVATE],
        )
        for person_id, email in addresses.items()
        if email is not None
    ]
    session.add_all(codes)
    session.flush()
    for code in codes:
        outbox.put(session, "account_code_issued", {"code": code.id}, now=now)
    if codes:
        audit.record(session, actor, "codes.issued", "activation", {"count": len(codes)}, now=now)


def request_code(session: Session, *, key: bytes, login: str, address: str, now: datetime) -> None:
    """Mail a code to whoever asks by their login: to reset a password, or to set the first one.

    The caller is told nothing, whether the login is known, has an address, or asked too often:
    one text for all.
    """
    plain = plain_login(login)
    asked = tried_digest(key, "reset", plain)
    origin = origin_of(key, address)
    of_login = _recently(session, LoginFailure.login_digest, asked, now)
    asker = tried_digest(key, "resets from", origin.address)
    of_address = _recently(session, LoginFailure.block_digest, asker, now)
    session.add(LoginFailure(login_digest=asked, block_digest=asker, address_digest=asker, at=now))
    session.flush()
    if of_login >= RESETS_AN_HOUR or of_address >= RESETS_OF_AN_ADDRESS:
        return
    person_id = find_person(session, plain)
    if person_id is None or session.get_one(PersonDetails, person_id).email is None:
        return
    has_password = session.get(Credential, person_id) is not None
    purpose = CodePurpose.RESET if has_password else CodePurpose.ACTIVATE
    issue(session, SYSTEM, person_id, purpose, now=now)


def token_of(code_id: int, *, key: bytes) -> str:
    """What a link or slip carries: 28 characters in groups of four, 100 of its bits a proof."""
    plain = crockford(code_id, _ID_LENGTH) + _proof(code_id, key)
    return "-".join(plain[at : at + _GROUP] for at in range(0, len(plain), _GROUP))


def check(
    session: Session,
    purposes: Collection[CodePurpose],
    *,
    key: bytes,
    token: str,
    address: str,
    now: datetime,
) -> OneTimeCode | None:
    """The code that a token opens, or None; what does not fit counts against code and origin.

    It raises nothing, or what it counted would be rolled back with it.
    """
    code_id, proof = _read(token)
    code = session.get(OneTimeCode, code_id, populate_existing=True) if code_id else None
    if code and code.purpose in purposes and is_usable(session, code, now=now):
        if hmac.compare_digest(proof, _proof(code.id, key)):
            return code
        session.execute(
            update(OneTimeCode).where(OneTimeCode.id == code.id).values(tries=OneTimeCode.tries + 1)
        )
    note_failure(session, tried_digest(key, "code", token[:64]), origin_of(key, address), now=now)
    return None


def is_usable(session: Session, code: OneTimeCode, *, now: datetime) -> bool:
    """Whether a code may still be used, if its proof fits."""
    details = session.get_one(PersonDetails, code.person_id)
    is_active = session.get_one(Person, code.person_id).is_active
    return (
        is_active
        and code.used_at is None
        and now < code.expires_at
        and code.tries < MOST_TRIES
        and code.sent_to in {None, details.email}
    )


def use(session: Session, code_id: int, *, now: datetime) -> PersonId:
    """Use a code up: the first wins. Raises `CodeRefused` for a second, or one void by now.

    With it all other codes of the person are void.
    """
    same_address = exists().where(
        PersonDetails.person_id == OneTimeCode.person_id,
        (OneTimeCode.sent_to.is_(None)) | (OneTimeCode.sent_to == PersonDetails.email),
    )
    person_id = session.scalar(
        update(OneTimeCode)
        .where(
            OneTimeCode.id == code_id,
            OneTimeCode.used_at.is_(None),
            OneTimeCode.expires_at > now,
            same_address,
        )
        .values(used_at=now)
        .returning(OneTimeCode.person_id),
        execution_options={"synchronize_session": False},
    )
    if person_id is None:
        raise CodeRefused
    session.execute(
        update(OneTimeCode)
        .where(OneTimeCode.person_id == person_id, OneTimeCode.used_at.is_(None))
        .values(expires_at=now),
        execution_options={"synchronize_session": False},
    )
    return PersonId(person_id)


def known_of(session: Session, person_id: PersonId) -> list[str]:
    """What others may know of a person, and so must not be their password."""
    details = session.get_one(PersonDetails, person_id)
    numbers = session.scalars(select(PersonNumber.nip).filter_by(person_id=person_id))
    return [details.name, details.email or "", details.phone, *numbers]


def _recently(
    session: Session, column: InstrumentedAttribute[str], asked: str, now: datetime
) -> int:
    within = LoginFailure.at > now - timedelta(hours=1)
    return session.scalars(select(func.count()).where(column == asked, within)).one()


def _proof(code_id: int, key: bytes) -> str:
    proof = keyed_digest(key, "one-time code", str(code_id))
    return crockford(int.from_bytes(proof), _PROOF_LENGTH)


def _read(token: str) -> tuple[int | None, str]:
    """The id and the proof that a token says; no id where it is none."""
    plain = read_crockford(token[:64])
    if len(plain) != _ID_LENGTH + _PROOF_LENGTH or not set(plain) <= set(CROCKFORD):
        return None, ""
    code_id = 0
    for character in plain[:_ID_LENGTH]:
        code_id = code_id * 32 + CROCKFORD.index(character)
    return code_id, plain[_ID_LENGTH:]
