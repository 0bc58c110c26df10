"""Checkpoints over a million entries: the first, one after a few hundred more, a proof; and verify.

The million is made by doubling, so its seals repeat and are not of what they seal: a tree does not
ask. The tree's tiles are kept as entries get their positions (`quota/log.number`), so the first
checkpoint finds them; what making all of them at once takes, as after an upgrade, is a row of its
own without a limit. What `verify` walks is sealed as the ledger seals it.
"""

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import String, cast, func, insert, literal, select, update
from sqlalchemy.orm import Session

from benchmarks.databases import databases_of, filling
from benchmarks.table import Row
from storefront.core import tree_tiles
from storefront.core.database import snapshot, transaction
from storefront.core.signed_notes import Signer
from storefront.quota import checkpoints
from storefront.quota.log import LEDGER_TREE
from storefront.quota.models import (
    NO_SEAL,
    EntryKind,
    LedgerEntry,
    LogLine,
    Mark,
    MarkName,
    QuotaAccount,
    UnnumberedEntry,
)
from storefront.quota.seals import seal_of
from storefront.quota.verification import verify
from tests.factories import HEALTH, NOON, SNAPSHOT

ENTRIES = 1_000_000
WALKED = 100_000
FIRST = 1_000
MORE = 300
TIMES = 7
MOST_S = 3.0
MOST_MORE_S = 0.05
SIGNER = Signer("bench.example/ledger", bytes(range(32)))


class Took(NamedTuple):
    """By the clock, and of the processor in this process.

    What other work on the machine adds is the difference; on PostgreSQL the server's part too.
    """

    seconds: float
    cpu: float


def run(engine: str) -> list[Row]:
    return [*_checkpoints(engine), _verify(engine)]


def _checkpoints(engine: str) -> Iterator[Row]:
    with databases_of(engine) as (fresh, folder):
        url = fresh()
        with filling(url, folder) as (_app, session):
            _fill(session, FIRST)
            _double(session, ENTRIES)
        with filling(url, folder) as (_app, session):
            with transaction(session):
                made = _took(partial(tree_tiles.keep_tiles, session, LEDGER_TREE, ENTRIES))
            yield _row("all tiles at once", made)
            _add(session, MORE)
            yield _row("the first", _took(partial(_issue, session)), most=MOST_S)
            later = []
            for _ in range(TIMES):
                _add(session, MORE)
                later.append(_took(partial(_issue, session)))
            yield _row(f"after {MORE} more", sorted(later)[TIMES // 2], most=MOST_MORE_S)
            for name in (tree_tiles.inclusion, tree_tiles.consistency):
                proof = partial(name, session, LEDGER_TREE, ENTRIES // 3, ENTRIES)
                yield _row(f"{name.__name__} proof", _took(proof))


def _verify(engine: str) -> Row:
    with databases_of(engine) as (fresh, folder):
        url = fresh()
        with filling(url, folder) as (_app, session):
            _fill(session, WALKED)
            _issue(session)
        with filling(url, folder) as (_app, session):
            begun = time.perf_counter()
            with snapshot(session):
                breach = verify(session)
            seconds = time.perf_counter() - begun
    if breach is not None:
        raise RuntimeError(f"{breach.where}: {breach.what}")
    return Row(
        "ledger verify", {"entries": WALKED, "entries/s": WALKED / seconds}, WALKED / seconds
    )


def _row(name: str, took: Took, *, most: float | None = None) -> Row:
    """`value` and `floor` are per second: a limit in seconds is a floor for how often."""
    columns = {
        "entries": ENTRIES,
        "ms": took.seconds * 1_000,
        "of it CPU here": took.cpu * 1_000,
        "at most ms": most and most * 1_000,
    }
    return Row(name, columns, 1 / took.seconds, most and 1 / most)


def _took(work: Callable[[], object]) -> Took:
    begun, cpu = time.perf_counter(), time.process_time()
    work()
    return Took(time.perf_counter() - begun, time.process_time() - cpu)


def _issue(session: Session) -> None:
    with transaction(session):
        checkpoints.issue(session, SIGNER, now=NOON)


def _fill(session: Session, size: int) -> None:
    """So many entries of one account, sealed one after the other."""
    account = QuotaAccount(**vars(HEALTH), committed_amount=size, entry_count=size)
    with transaction(session):
        session.add(account)
        session.flush()
        seal, rows = NO_SEAL, []
        for number in range(1, size + 1):
            row = _entry(account.id, number)
            seal = row["seal"] = seal_of(LedgerEntry(**row), HEALTH, seal)
            rows.append(row)
        account.last_seal = seal
        session.flush()
        session.execute(insert(LedgerEntry), rows)
        lines = [{"position": row["id"], "entry_id": row["id"]} for row in rows]
        session.execute(insert(LogLine), lines)
        session.execute(update(Mark).filter_by(name=MarkName.LOG_SIZE).values(value=size))


def _double(session: Session, size: int) -> None:
    """As many again and again, in the database itself, until there are enough."""
    names = LedgerEntry.__table__.columns.keys()
    with transaction(session):
        count = FIRST
        while count < size:
            more = min(count, size - count)
            made = {
                "id": LedgerEntry.id + count,
                "account_seq": LedgerEntry.account_seq + count,
                "cause": literal("more ") + cast(LedgerEntry.id + count, String),
            }
            columns: list[Any] = [made.get(name, getattr(LedgerEntry, name)) for name in names]
            copied = select(*columns).where(LedgerEntry.id <= more)
            session.execute(insert(LedgerEntry).from_select(names, copied))
            count += more
        lines = select(LedgerEntry.id, LedgerEntry.id).where(LedgerEntry.id > FIRST)
        session.execute(insert(LogLine).from_select(["position", "entry_id"], lines))
        session.execute(update(Mark).filter_by(name=MarkName.LOG_SIZE).values(value=size))


def _add(session: Session, more: int) -> None:
    """Entries that wait for their position."""
    with transaction(session):
        last = session.scalars(select(func.max(LedgerEntry.id))).one()
        account_id = session.scalars(select(QuotaAccount.id)).one()
        rows = [_entry(account_id, number) for number in range(last + 1, last + 1 + more)]
        session.execute(insert(LedgerEntry), rows)
        session.execute(insert(UnnumberedEntry), [{"entry_id": row["id"]} for row in rows])


def _entry(account_id: int, number: int) -> dict[str, Any]:
    return {
        "id": number,
        "account_id": account_id,
        "account_seq": number,
        "kind": EntryKind.COMMIT,
        "committed_change": 1,
        "realised_change": 0,
        "committed_after": number,
        "realised_after": 0,
        "reference": f"B{number:09}-1",
        "cause": "approved",
        "occurred_on": NOON.date(),
        "period": f"{NOON:%Y-%m}",
        "recorded_at": NOON,
        "recorded_by": "importer",
        "reason": "rapat",
        "rule_version": 1,
        "snapshot_sha256": SNAPSHOT,
        "salt": bytes(16),
        "seal": f"{number:064x}",
    }
