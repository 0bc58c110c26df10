"""The mock's memory: one SQLite file of its own, shared by all workers, apart from the store's."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from storefront.payments.sandbox import objects
from storefront.payments.sandbox.forms import Json

KEY_LIFE_S = 24 * 3600
"""Stripe forgets idempotency keys after a day."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL,
    payment_intent TEXT, body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS objects_by_intent ON objects (payment_intent, kind);
CREATE TABLE IF NOT EXISTS keys (
    key TEXT PRIMARY KEY, request TEXT NOT NULL, begun_at INTEGER NOT NULL,
    status INTEGER, answer TEXT
);
CREATE TABLE IF NOT EXISTS webhooks (
    seq INTEGER PRIMARY KEY, event_id TEXT NOT NULL, body TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, due_at INTEGER NOT NULL, delivered_at INTEGER
);
CREATE INDEX IF NOT EXISTS webhooks_due ON webhooks (delivered_at, due_at);
CREATE TABLE IF NOT EXISTS mood (one INTEGER PRIMARY KEY CHECK (one = 1), mood TEXT NOT NULL);
"""


class Mood(StrEnum):
    """How the mock behaves, to see what the store makes of it."""

    FINE = "fine"
    DOWN = "down"
    LIMITING = "limiting"
    SLOW = "slow"
    LOSING = "losing"
    """It does what it is asked, and the answer gets lost."""


@dataclass(frozen=True)
class KeptAnswer:
    """What an idempotency key was used for; `status` and `answer` are None while that runs."""

    request: str
    begun_at: int
    status: int | None
    answer: str | None


@dataclass(frozen=True)
class WaitingWebhook:
    seq: int
    body: str
    attempts: int


@dataclass(frozen=True)
class SandboxState:
    """An account at the mock: where it remembers, by which key it is reached, whom it tells."""

    path: Path
    secret_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    clock: Callable[[], datetime]
    page_address: str
    """Of the payment page, without the session's id."""
    webhook_address: str

    def __post_init__(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with closing(self._connect()) as connection:
            connection.executescript(_SCHEMA)

    @contextmanager
    def records(self) -> Iterator["Records"]:
        """A unit of work on the memory: all of it or, raising, none. One at a time."""
        with closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield Records(connection, int(self.clock().timestamp()), self.page_address)
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def behave(self, mood: Mood) -> None:
        """From now on, for all workers."""
        with self.records() as records:
            records.connection.execute("INSERT OR REPLACE INTO mood VALUES (1, ?)", (mood,))

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=10, isolation_level=None)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection


@dataclass(frozen=True)
class Records:
    """What is read and written in one unit of work, and the second it happens in."""

    connection: sqlite3.Connection
    now: int
    page_address: str

    def find(self, kind: str, object_id: str) -> Json | None:
        row = self.connection.execute(
            "SELECT body FROM objects WHERE id = ? AND kind = ?", (object_id, kind)
        ).fetchone()
        return dict(json.loads(row[0])) if row else None

    def of_intent(self, kind: str, intent_id: str) -> list[Json]:
        """What belongs to a payment intent, the newest first, as Stripe lists."""
        rows = self.connection.execute(
            "SELECT body FROM objects WHERE payment_intent = ? AND kind = ? ORDER BY seq DESC",
            (intent_id, kind),
        )
        return [json.loads(body) for (body,) in rows]

    def all(self, kind: str) -> list[Json]:
        rows = self.connection.execute(
            "SELECT body FROM objects WHERE kind = ? ORDER BY seq DESC", (kind,)
        )
        return [json.loads(body) for (body,) in rows]

    def put(self, thing: Json) -> Json:
        """Keep an object, new or changed."""
        self.connection.execute(
            "INSERT INTO objects (id, kind, payment_intent, body) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET body = excluded.body",
            (thing["id"], thing["object"], thing.get("payment_intent"), json.dumps(thing)),
        )
        return thing

    def tell(self, kind: str, about: Json, *, api_version: str | None = None) -> None:
        """Queue an event. It is sent later by the worker, never inside the request it tells of."""
        event = self.put(objects.event(kind, about, api_version=api_version, created=self.now))
        self.connection.execute(
            "INSERT INTO webhooks (event_id, body, due_at) VALUES (?, ?, ?)",
            (event["id"], json.dumps(event), self.now),
        )

    def mood(self) -> Mood:
        row = self.connection.execute("SELECT mood FROM mood").fetchone()
        return Mood(row[0]) if row else Mood.FINE

    def kept_answer(self, key: str) -> KeptAnswer | None:
        self.connection.execute("DELETE FROM keys WHERE begun_at < ?", (self.now - KEY_LIFE_S,))
        row = self.connection.execute(
            "SELECT request, begun_at, status, answer FROM keys WHERE key = ?", (key,)
        ).fetchone()
        return KeptAnswer(*row) if row else None

    def begin_key(self, key: str, request: str) -> None:
        self.connection.execute(
            "INSERT OR REPLACE INTO keys (key, request, begun_at) VALUES (?, ?, ?)",
            (key, request, self.now),
        )

    def keep_answer(self, key: str, status: int, answer: str) -> None:
        self.connection.execute(
            "UPDATE keys SET status = ?, answer = ? WHERE key = ?", (status, answer, key)
        )

    def forget_key(self, key: str) -> None:
        self.connection.execute("DELETE FROM keys WHERE key = ?", (key,))
