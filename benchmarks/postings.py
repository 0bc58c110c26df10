"""Postings to the ledger a second: to one account that all want, and spread over a hundred.

Beside each the same rows written by hand: the account locked and moved, the entry and its place in
the queue inserted, one commit; no seal, no books, no check that the cause is new.
"""

import secrets
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session, sessionmaker

from benchmarks.databases import databases_of, filling
from benchmarks.table import Row, Value, share
from storefront.core.database import transaction
from storefront.core.permissions import SYSTEM
from storefront.quota.ledger import Event, Movement, post
from storefront.quota.models import (
    NO_SEAL,
    Amounts,
    EntryKind,
    LedgerEntry,
    QuotaAccount,
    QuotaKey,
    UnnumberedEntry,
)
from tests.factories import HEALTH, NOON, SNAPSHOT

WRITERS = 4
SECONDS = 6
MANY = 100

_numbers = count(1)
Write = Callable[[Session, QuotaKey, int], None]


def run(engine: str) -> list[Row]:
    """By hand and by the store, on one account and on a hundred, each in a new database."""
    rows = []
    for accounts in (1, MANY):
        by_hand = _rate(engine, _by_hand, accounts)
        by_store = _rate(engine, _by_the_store, accounts)
        name = "one account" if accounts == 1 else f"{accounts} accounts"
        columns: dict[str, Value] = {
            "by hand/s": by_hand,
            "posted/s": by_store,
            "of by hand": share(by_store / by_hand),
        }
        rows.append(Row(name, columns))
    return rows


def _rate(engine: str, write: Write, accounts: int) -> float:
    keys = [replace(HEALTH, agency_code=f"{number:03}") for number in range(accounts)]
    with databases_of(engine) as (fresh, folder), filling(fresh(), folder) as (_app, session):
        with transaction(session):
            session.execute(insert(QuotaAccount), [vars(key) for key in keys])
        sessions = sessionmaker(session.get_bind())
        done = [0] * WRITERS
        until = time.monotonic() + SECONDS

        def work(at: int) -> None:
            turns = _turns(keys, at)
            with sessions() as own:
                while time.monotonic() < until:
                    write(own, next(turns), next(_numbers))
                    done[at] += 1

        begun = time.monotonic()
        threads = [threading.Thread(target=work, args=(at,)) for at in range(WRITERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return sum(done) / (time.monotonic() - begun)


def _turns(keys: list[QuotaKey], at: int) -> Iterator[QuotaKey]:
    for number in count(at):
        yield keys[number * 7 % len(keys)]


def _by_the_store(session: Session, key: QuotaKey, number: int) -> None:
    event = Event(
        reference=f"B{number:09}-1",
        cause="approve 1",
        occurred_on=NOON.date(),
        rule_version=1,
        snapshot_sha256=SNAPSHOT,
    )
    with transaction(session):
        post(session, SYSTEM, [Movement(event, key, EntryKind.COMMIT, Amounts(15_000))], now=NOON)


def _by_hand(session: Session, key: QuotaKey, number: int) -> None:
    of = {name: getattr(QuotaAccount, name) == value for name, value in vars(key).items()}
    with transaction(session):
        account = session.execute(
            select(QuotaAccount.id).where(*of.values()).with_for_update()
        ).one()
        moved = session.execute(
            update(QuotaAccount)
            .where(QuotaAccount.id == account.id)
            .values(
                committed_amount=QuotaAccount.committed_amount + 15_000,
                entry_count=QuotaAccount.entry_count + 1,
            )
            .returning(QuotaAccount.entry_count, QuotaAccount.committed_amount)
            .execution_options(synchronize_session=False)
        ).one()
        entry: dict[str, Any] = {
            "account_id": account.id,
            "account_seq": moved.entry_count,
            "kind": EntryKind.COMMIT,
            "committed_change": 15_000,
            "realised_change": 0,
            "committed_after": moved.committed_amount,
            "realised_after": 0,
            "reference": f"B{number:09}-1",
            "cause": "approve 1",
            "occurred_on": NOON.date(),
            "period": f"{NOON:%Y-%m}",
            "recorded_at": NOON,
            "recorded_by": SYSTEM.person_id,
            "reason": "",
            "rule_version": 1,
            "snapshot_sha256": SNAPSHOT,
            "salt": secrets.token_bytes(16),
            "seal": NO_SEAL,
        }
        made = session.execute(insert(LedgerEntry).values(entry).returning(LedgerEntry.id))
        session.execute(insert(UnnumberedEntry).values(entry_id=made.scalar_one()))
