"""An export is of one state of the ledger, also while others go on writing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from storefront.core import database
from storefront.core.errors import Busy
from storefront.core.permissions import OPERATOR, Actor
from storefront.exports import writing
from storefront.exports.asked import ExportRequest
from storefront.exports.manifest import Manifest
from storefront.exports.writing import write
from storefront.quota.ledger import post
from storefront.quota.models import Amounts, EntryKind
from tests.exports.made import LEDGER
from tests.factories import NOON, agency, movement, signed_up

REQUEST = ExportRequest(kind=LEDGER, agency_code=None, year=2026)


@dataclass
class Busyness:
    """A store in which somebody else posts at chosen moments."""

    engine: Engine
    actor: Actor
    orders: Iterator[int]

    def post(self) -> None:
        made = movement(EntryKind.COMMIT, Amounts(1), order=f"P-{next(self.orders)}")
        with Session(self.engine) as own, database.transaction(own):
            post(own, self.actor, [made], now=NOON)

    def write(
        self,
        target: Path,
        *,
        before_looking: Callable[[], None] = lambda: None,
        while_writing: Callable[[int], None] | None = None,
    ) -> Manifest:
        @contextmanager
        def transaction() -> Iterator[Session]:
            with Session(self.engine) as own, database.transaction(own):
                yield own

        @contextmanager
        def snapshot() -> Iterator[Session]:
            before_looking()
            with Session(self.engine) as own, database.snapshot(own):
                yield own

        return write(
            transaction, snapshot, OPERATOR, REQUEST, target, now=NOON, progress=while_writing
        )


@pytest.fixture
def store(engine: Engine, session: Session) -> Busyness:
    agency(session)
    store = Busyness(engine, signed_up(session), count(1))
    for _ in range(3):
        store.post()
    return store


def test_what_is_posted_between_numbering_and_looking_is_numbered_first(
    store: Busyness, tmp_path: Path
) -> None:
    moments = iter([store.post])

    def once() -> None:
        next(moments, lambda: None)()

    made = store.write(tmp_path / "buku.csv", before_looking=once)
    assert (made.rows, made.ledger_position) == (4, 4)


def test_where_the_state_never_stands_still_the_export_asks_to_come_again(
    store: Busyness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "MOST_TRIES", 3)
    with pytest.raises(Busy):
        store.write(tmp_path / "buku.csv", before_looking=store.post)
    assert not (tmp_path / "buku.csv").exists()


def test_what_is_posted_while_rows_are_written_is_not_in_it(
    store: Busyness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "PROGRESS_EVERY", 1)
    heard: list[int] = []

    def post_and_note(rows: int) -> None:
        heard.append(rows)
        store.post()

    made = store.write(tmp_path / "buku.csv", while_writing=post_and_note)
    assert (made.rows, made.ledger_position, heard) == (3, 3, [1, 2, 3])


def test_an_export_that_is_stopped_leaves_nothing_behind(
    store: Busyness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writing, "PROGRESS_EVERY", 1)
    folder = tmp_path / "exports"
    folder.mkdir()

    def stop(_rows: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.write(folder / "buku.csv", while_writing=stop)
    assert list(folder.iterdir()) == []
