"""The ground under every table: base class, column types, engines, and the one unit of work."""

import fcntl
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, ClassVar, TextIO

import sqlalchemy as sa
from sqlalchemy import event, orm
from sqlalchemy.exc import DBAPIError

from storefront.core.errors import Busy

BigId = sa.BigInteger().with_variant(sa.Integer, "sqlite")
"""64-bit keys. SQLite counts up by itself only where the type is called INTEGER."""

Rupiah = Annotated[int, orm.mapped_column(sa.BigInteger)]
"""Whole rupiah."""

UnitOfWork = Callable[[], AbstractContextManager[orm.Session]]
"""What a process is handed that needs several transactions: each call opens one."""

_WRITES = "storefront_writes"
_QUEUE = "storefront_queue"
_COMMITTED = {"isolation_level": "READ COMMITTED"}
_ONE_STATE = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


class UtcDateTime(sa.TypeDecorator[datetime]):
    """An instant, kept in UTC. A naive datetime is refused: nobody knows which day it means."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


CheckedString = sa.Enum(
    StrEnum,
    native_enum=False,
    create_constraint=True,
    length=20,
    values_callable=lambda kinds: [kind.value for kind in kinds],
)
"""A StrEnum as VARCHAR, with a CHECK named for its class: the same on both engines."""


class Base(orm.DeclarativeBase):
    """What every table derives from.

    The types stand in a registry, not in `type_annotation_map`: Flask-SQLAlchemy 3.1 copies this
    class's body into its own base, and SQLAlchemy 2.1 refuses a copied map beside a registry.
    """

    registry: ClassVar[orm.registry] = orm.registry(
        metadata=sa.MetaData(
            naming_convention={
                "pk": "pk_%(table_name)s",
                "fk": "fk_%(table_name)s_%(column_0_name)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ix": "ix_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
            }
        ),
        type_annotation_map={datetime: UtcDateTime(), StrEnum: CheckedString},
    )


@contextmanager
def transaction(session: orm.Session) -> Iterator[orm.Session]:
    """The one unit of work: all that is written inside becomes true at its end, or none of it.

    A read already begun on the session is ended first, and what it loaded is forgotten: SQLite
    cannot turn a read transaction into a write one while others write, and nothing seen before
    the lock may be believed after it. Nothing is retried here; only the caller knows if it may be.

    Raises `Busy` when a lock is not had in time, whatever the engine calls that.
    """
    begun = session.get_transaction()
    if begun is not None and begun.origin is orm.SessionTransactionOrigin.BEGIN:
        raise RuntimeError("transactions do not nest: hand the session down instead")
    session.rollback()
    queue: _WriterQueue | None = session.get_bind().get_execution_options().get(_QUEUE)
    try:
        with queue.turn() if queue else nullcontext(), session.begin():
            session.connection(execution_options={_WRITES: True} | _isolated(session, _COMMITTED))
            yield session
    except DBAPIError as error:
        if _waited_in_vain(error):
            raise Busy from error
        raise


@contextmanager
def snapshot(session: orm.Session) -> Iterator[orm.Session]:
    """Reads that all see one state, however long they take. Nothing is to be written inside.

    A read already begun on the session is ended first, as in `transaction`.
    """
    begun = session.get_transaction()
    if begun is not None and begun.origin is orm.SessionTransactionOrigin.BEGIN:
        raise RuntimeError("transactions do not nest: hand the session down instead")
    session.rollback()
    with session.begin():
        session.connection(execution_options=_isolated(session, _ONE_STATE))
        yield session


def reading(engine: sa.Engine) -> sa.Engine:
    """The engine for what is read outside a unit of work, each statement for itself.

    On PostgreSQL that spares a page the BEGIN and ROLLBACK around its reads, two of its ways to the
    server; they promised nothing, for READ COMMITTED sees each statement's own state anyway.
    """
    if engine.dialect.name != "postgresql":
        return engine
    return engine.execution_options(isolation_level="AUTOCOMMIT")


def _isolated(session: orm.Session, options: Mapping[str, object]) -> dict[str, object]:
    """What PostgreSQL needs to be told; SQLite's readers see one state anyway."""
    return dict(options) if session.get_bind().dialect.name == "postgresql" else {}


def written(number: int) -> sa.BindParameter[int]:
    """A whole number that stands in the statement itself, so that each one is planned for it."""
    return sa.literal(number, sa.BigInteger, literal_execute=True)


def prepare_engine(engine: sa.Engine, *, lock_wait_ms: int = 5_000) -> None:
    """Teach an engine its dialect's manners. Call once, before its first connection."""
    prepare = {"sqlite": _prepare_sqlite, "postgresql": _prepare_postgresql}
    prepare[engine.dialect.name](engine, lock_wait_ms)


class _WriterQueue:
    """Lets one writer at a time come to an SQLite file: docs/operations.md, "Measured".

    SQLite's own waiters sleep and look again, ever more rarely, so that some wait for seconds.
    """

    def __init__(self, database: str, wait_s: float) -> None:
        self._file = Path(f"{database}-writer")
        self._wait_s = wait_s
        self._threads = threading.Lock()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait first for the threads of this process, then for other processes, or be `Busy`."""
        until = time.monotonic() + self._wait_s
        if not self._threads.acquire(timeout=self._wait_s):
            raise Busy
        try:
            with self._file.open("a") as file:  # anew: a forked process would share the lock
                while not _locked(file):
                    if time.monotonic() > until:
                        raise Busy
                    time.sleep(0.001)
                yield
        finally:
            self._threads.release()


def _locked(file: TextIO) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


def _prepare_sqlite(engine: sa.Engine, lock_wait_ms: int) -> None:
    if engine.url.database not in {None, "", ":memory:"} and "uri" not in engine.url.query:
        queue = _WriterQueue(str(engine.url.database), lock_wait_ms / 1_000)
        engine.update_execution_options(**{_QUEUE: queue})

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself; `begin` does
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",  # a paid order must outlive a power cut
            "foreign_keys = ON",
            "recursive_triggers = ON",  # or INSERT OR REPLACE slips past a DELETE trigger
            f"busy_timeout = {lock_wait_ms}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        writes = connection.get_execution_options().get(_WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _prepare_postgresql(engine: sa.Engine, lock_wait_ms: int) -> None:
    @event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        # LOCAL, for a pooler in transaction mode hands the server connection to others afterwards.
        options = connection.get_execution_options()
        if options.get(_WRITES, False):
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = {lock_wait_ms}")


def _waited_in_vain(error: DBAPIError) -> bool:
    """Busy on SQLite; lock not available, deadlock or serialisation failure on PostgreSQL."""
    primary_code = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    sqlstate = getattr(error.orig, "sqlstate", None)
    return primary_code == sqlite3.SQLITE_BUSY or sqlstate in {"55P03", "40P01", "40001"}
