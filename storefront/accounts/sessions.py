"""Devices that are signed in. The cookie carries a random key; only its digest is kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BindParameter, ColumnElement, and_, bindparam, select, update
from sqlalchemy.orm import Session

from storefront.accounts.models import Person, SignInSession
from storefront.core import audit
from storefront.core.errors import NotFound
from storefront.core.identifiers import digest, secret_token
from storefront.core.permissions import Actor, PersonId
from storefront.core.text import clean

UNUSED_FOR = timedelta(days=14)
AT_MOST = timedelta(days=90)
SEEN_EVERY = timedelta(minutes=10)
DEVICE_LENGTH = 200


@dataclass(frozen=True)
class FoundSession:
    """Whose a key is. `is_stale`: it is time to `touch` it."""

    person_id: PersonId
    is_stale: bool


@dataclass(frozen=True)
class DeviceRow:
    """A device as its owner sees it. `session_id` may stand in a form: it opens nothing."""

    session_id: str
    device: str
    created_at: datetime
    seen_at: datetime
    is_this: bool


def begin(
    session: Session,
    person_id: PersonId,
    *,
    device: str,
    now: datetime,
    replaces: str | None = None,
) -> str:
    """Sign a device in, and return the key for its cookie: a new one at each sign-in.

    `replaces` is the key that the browser brought: its session ends, so that one that somebody
    else had planted there is worth nothing.
    """
    if replaces:
        end(session, replaces, now=now)
    key = secret_token()
    epoch = session.scalars(select(Person.session_epoch).filter_by(person_id=person_id)).one()
    session.add(
        SignInSession(
            key_digest=digest(key),
            person_id=person_id,
            epoch=epoch,
            device=clean(device)[:DEVICE_LENGTH],
            created_at=now,
            seen_at=now,
        )
    )
    session.flush()
    return key


def find(session: Session, key: str, *, now: datetime) -> FoundSession | None:
    """Whose session a key opens, if it still does. One query."""
    given = {"key_digest": digest(key), "used_after": now - UNUSED_FOR, "after": now - AT_MOST}
    row = session.execute(_OPENED_BY, given).one_or_none()
    if row is None:
        return None
    return FoundSession(row.person_id, is_stale=row.seen_at <= now - SEEN_EVERY)


def touch(session: Session, key: str, *, now: datetime) -> None:
    """Note that a device was seen; no more often than every ten minutes."""
    session.execute(
        update(SignInSession)
        .where(SignInSession.key_digest == digest(key), SignInSession.seen_at <= now - SEEN_EVERY)
        .values(seen_at=now)
    )


def end(session: Session, key: str, *, now: datetime) -> None:
    """Sign this device out. A key that opens nothing is let be."""
    _end(session, SignInSession.key_digest == digest(key), now=now)


def end_one(session: Session, actor: Actor, session_id: str, *, now: datetime) -> None:
    """Sign another of one's own devices out. Raises `NotFound` for what is not one's own."""
    own = select(SignInSession).filter_by(key_digest=session_id, person_id=actor.person_id)
    if session.scalar(own) is None:
        raise NotFound
    _end(session, SignInSession.key_digest == session_id, now=now)
    audit.record(session, actor, "session.ended", actor.person_id, now=now)


def end_all(session: Session, person_id: PersonId, *, now: datetime) -> None:
    """Sign a person out everywhere: the epoch rises, so that no session begun before it counts."""
    session.execute(
        update(Person)
        .where(Person.person_id == person_id)
        .values(session_epoch=Person.session_epoch + 1)
    )
    _end(session, SignInSession.person_id == person_id, now=now)


def log_out_everywhere(session: Session, actor: Actor, *, now: datetime) -> None:
    """`end_all` as an act of the person."""
    end_all(session, actor.person_id, now=now)
    audit.record(session, actor, "sessions.ended", actor.person_id, now=now)


def devices_of(
    session: Session, actor: Actor, *, key: str = "", now: datetime, limit: int = 50
) -> list[DeviceRow]:
    """Where one is signed in, the last seen first; `key` is that of the device that asks."""
    rows = session.scalars(
        select(SignInSession)
        .join(Person, Person.person_id == SignInSession.person_id)
        .where(SignInSession.person_id == actor.person_id, _is_open(now))
        .order_by(SignInSession.seen_at.desc(), SignInSession.key_digest)
        .limit(limit)
    )
    this = digest(key)
    return [
        DeviceRow(row.key_digest, row.device, row.created_at, row.seen_at, row.key_digest == this)
        for row in rows
    ]


def _is_open(now: datetime) -> ColumnElement[bool]:
    return _opens(now - UNUSED_FOR, now - AT_MOST)


def _opens(
    used_after: datetime | BindParameter[datetime], after: datetime | BindParameter[datetime]
) -> ColumnElement[bool]:
    return and_(
        SignInSession.ended_at.is_(None),
        SignInSession.epoch == Person.session_epoch,
        SignInSession.seen_at > used_after,
        SignInSession.created_at > after,
        Person.is_active,
    )


def _end(session: Session, which: ColumnElement[bool], *, now: datetime) -> None:
    session.execute(
        update(SignInSession).where(which, SignInSession.ended_at.is_(None)).values(ended_at=now)
    )


_OPENED_BY = (
    select(SignInSession.person_id, SignInSession.seen_at)
    .join(Person, Person.person_id == SignInSession.person_id)
    .where(
        SignInSession.key_digest == bindparam("key_digest"),
        _opens(bindparam("used_after"), bindparam("after")),
    )
)
