"""What others must hear of: a row written with its cause, handed on afterwards, at least once.

The row is the enqueue (stack.md, trap 7): who writes it inside a unit of work needs no broker, and
what was rolled back is never told. A handler must bear being called twice for one message.
"""

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, Index, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storefront.core.database import Base, BigId

Payload = Mapping[str, str | int]
Handler = Callable[["Message"], None]

MOST_ATTEMPTS = 10
FIRST_WAIT = timedelta(seconds=5)


class OutboxMessage(Base):
    """A message, and how far it came."""

    __tablename__ = "outbox"
    __table_args__ = (
        CheckConstraint("attempts >= 0", name="attempts_not_negative"),
        Index(None, "handled_at", "due_at", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    topic: Mapped[str] = mapped_column(String(60))
    payload: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    handled_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(String(500))


@dataclass(frozen=True)
class Message:
    """A message as its handler gets it; `id` is the same at every attempt."""

    id: int
    topic: str
    payload: dict[str, str | int]
    written_at: datetime


@dataclass(frozen=True)
class Waiting:
    """A message that nobody handled yet. `due_at` lies ahead while it is leased, or put off."""

    message: Message
    due_at: datetime


def put(session: Session, topic: str, payload: Payload, *, now: datetime) -> None:
    """Write a message in the unit of work of what it tells."""
    session.add(
        OutboxMessage(
            topic=topic,
            payload=json.dumps(dict(payload), sort_keys=True, ensure_ascii=False),
            written_at=now,
            due_at=now,
        )
    )


def due(
    session: Session, *, now: datetime, besides: Collection[str] = (), limit: int = 100
) -> list[Message]:
    """Messages that wait and are due, oldest first; `besides` are topics that others take."""
    query = (
        select(OutboxMessage)
        .where(
            OutboxMessage.handled_at.is_(None),
            OutboxMessage.due_at <= now,
            OutboxMessage.topic.not_in(besides),
        )
        .order_by(OutboxMessage.id)
        .limit(limit)
    )
    return [_message(row) for row in session.scalars(query)]


def find_waiting(session: Session, topic: str) -> Waiting | None:
    """The oldest message of a topic that nobody handled and that is still tried."""
    query = (
        select(OutboxMessage)
        .where(
            OutboxMessage.handled_at.is_(None),
            OutboxMessage.topic == topic,
            OutboxMessage.attempts < MOST_ATTEMPTS,
        )
        .order_by(OutboxMessage.id)
        .limit(1)
    )
    row = session.scalar(query)
    return Waiting(_message(row), row.due_at) if row else None


def lease(session: Session, topic: str, *, until: datetime, now: datetime) -> list[Message]:
    """Take all messages of a topic that are due, oldest first, for work longer than a transaction.

    Unless they are marked as handled or failed by then, another may take them after `until`.
    """
    query = (
        select(OutboxMessage)
        .where(
            OutboxMessage.handled_at.is_(None),
            OutboxMessage.due_at <= now,
            OutboxMessage.topic == topic,
        )
        .order_by(OutboxMessage.id)
        .with_for_update()
    )
    rows = session.scalars(query).all()
    for row in rows:
        row.due_at = until
    session.flush()
    return [_message(row) for row in rows]


def last(session: Session, topic: str) -> Message | None:
    """The message of a topic that was written last, handled or not."""
    query = select(OutboxMessage).filter_by(topic=topic).order_by(OutboxMessage.id.desc()).limit(1)
    row = session.scalar(query)
    return _message(row) if row else None


def mark_handled(session: Session, message_id: int, *, now: datetime) -> None:
    """Note that a message reached its handler."""
    row = session.get_one(OutboxMessage, message_id, with_for_update=True)
    row.handled_at = now
    row.last_error = None
    session.flush()


def mark_failed(session: Session, message_id: int, error: str, *, now: datetime) -> None:
    """Note a failure: the message comes back later, each time after a longer wait.

    After `MOST_ATTEMPTS` it stays, undelivered and visible, and is not tried again by itself.
    """
    row = session.get_one(OutboxMessage, message_id, with_for_update=True)
    row.attempts += 1
    row.last_error = error[:500]
    wait = FIRST_WAIT * 4 ** (row.attempts - 1) if row.attempts < MOST_ATTEMPTS else timedelta(3650)
    row.due_at = now + wait
    session.flush()


def _message(row: OutboxMessage) -> Message:
    return Message(row.id, row.topic, json.loads(row.payload), row.written_at)
