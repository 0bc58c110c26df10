"""Checkpoints that others keep: issued, found again, and by whom they are signed."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from storefront.core import audit, merkle, outbox
from storefront.core.audit_positions import canonical
from storefront.core.database import transaction
from storefront.core.permissions import OPERATOR
from storefront.core.signed_notes import Signer, TreeHead, open_note
from storefront.quota import checkpoints
from storefront.quota.checkpoints import ISSUED, Issued
from storefront.quota.ledger import post
from storefront.quota.models import Amounts, Checkpoint, EntryKind, TreeName
from storefront.quota.seals import verify
from tests.factories import NOON, movement, signed_up
from tests.threads import in_threads

SIGNER = Signer("toko.example/ledger", bytes(range(32)))
NEXT_YEARS = Signer("toko.example/ledger", bytes(range(1, 33)))
LATER = NOON + timedelta(days=1)


@pytest.fixture
def orders() -> Iterator[int]:
    return iter(range(1, 10_000))


def grow(session: Session, numbers: Iterator[int], by: int = 1) -> list[str]:
    """Entries on one account; their seals."""
    actor = signed_up(session)
    with transaction(session):
        return [
            post(
                session,
                actor,
                [movement(EntryKind.COMMIT, Amounts(1), order=f"P-{next(numbers)}")],
                now=NOON,
            )[0].seal
            for _ in range(by)
        ]


def issue(session: Session, signer: Signer = SIGNER, *, now: datetime = NOON) -> Issued:
    with transaction(session):
        return checkpoints.issue(session, signer, now=now)


def head(checkpoint: Checkpoint, *signers: Signer) -> TreeHead:
    keys = [signer.key for signer in signers or (SIGNER,)]
    return TreeHead.parse(open_note(checkpoint.note, keys).text)


def test_a_checkpoint_signs_the_root_over_the_seals(
    session: Session, orders: Iterator[int]
) -> None:
    seals = grow(session, orders, by=3)
    root = merkle.root(bytes.fromhex(seal) for seal in seals)
    made = issue(session).ledger
    assert head(made) == TreeHead("toko.example/ledger", 3, root)
    assert (made.size, made.root, made.issued_at) == (3, root.hex(), NOON)


def test_the_same_size_has_one_checkpoint_however_often_it_is_asked_for(
    session: Session, orders: Iterator[int]
) -> None:
    grow(session, orders)
    first, again = issue(session), issue(session, now=LATER)
    assert again.ledger.note == first.ledger.note
    assert again.ledger.issued_at == NOON


def test_an_older_checkpoint_is_consistent_with_every_later_one(
    session: Session, orders: Iterator[int]
) -> None:
    seals = []
    for by in (1, 299, 300):
        seals += grow(session, orders, by=by)
        issue(session)
    leaves = [bytes.fromhex(seal) for seal in seals]
    for size in (1, 300, 600):
        found = checkpoints.find(session, size)
        assert found is not None
        assert bytes.fromhex(found.root) == merkle.root(leaves[:size])
    assert verify(session) is None


def test_the_last_one_is_found_and_the_last_before_a_position(
    session: Session, orders: Iterator[int]
) -> None:
    assert checkpoints.latest(session) is None
    for _ in range(2):
        grow(session, orders, by=2)
        issue(session)
    for up_to, size in ((None, 4), (4, 4), (3, 2)):
        found = checkpoints.latest(session, up_to=up_to)
        assert found is not None
        assert found.size == size
    assert checkpoints.latest(session, up_to=1) is None
    assert checkpoints.find(session, 3) is None


def test_the_audit_log_is_under_a_tree_of_its_own(session: Session) -> None:
    with transaction(session):
        acts = [
            audit.record(session, OPERATOR, "seller.verified", f"ä {n}", {"n": n}, now=NOON)
            for n in range(3)
        ]
    made = issue(session).audit

    root = merkle.root(sha256(canonical(act)).digest() for act in acts)
    assert head(made) == TreeHead("toko.example/ledger/audit", 3, root)
    assert canonical(acts[0]).decode() == (
        '{"act":"seller.verified","at":"2026-11-12T05:00:00.000000Z",'
        f'"details":"{{\\"n\\": 0}}","id":{acts[0].id},"person_id":"operator","subject":"ä 0"}}'
    )


def test_a_checkpoint_stays_verifiable_after_the_key_was_changed(
    session: Session, orders: Iterator[int]
) -> None:
    grow(session, orders)
    old = issue(session).ledger
    grow(session, orders)
    new = issue(session, NEXT_YEARS, now=LATER).ledger
    known = checkpoints.keys(session)
    assert known == [NEXT_YEARS.key, SIGNER.key]
    for made in (old, new):
        assert open_note(made.note, known).text.startswith("toko.example/ledger\n")


def test_the_origin_is_that_of_the_first_checkpoint_whatever_the_address_is_now(
    session: Session, orders: Iterator[int]
) -> None:
    grow(session, orders)
    issue(session)
    grow(session, orders)
    moved = Signer("new.example/ledger", SIGNER.seed)
    assert head(issue(session, moved).ledger).origin == "toko.example/ledger"
    assert checkpoints.keys(session) == [SIGNER.key]


def test_many_who_issue_at_once_make_one_checkpoint(
    engine: Engine, session: Session, orders: Iterator[int]
) -> None:
    grow(session, orders, by=300)

    def issue_one(_thread: int) -> None:
        with Session(engine) as own, transaction(own):
            checkpoints.issue_and_announce(own, SIGNER, now=NOON)

    in_threads(6, issue_one)
    page = checkpoints.list_checkpoints(session)
    assert [row.size for row in page.rows if row.tree is TreeName.LEDGER] == [300]
    assert len(outbox.due(session, now=NOON)) == 1


def test_whoever_is_to_keep_it_hears_of_it_once(session: Session, orders: Iterator[int]) -> None:
    grow(session, orders)
    issue(session)
    for _ in range(2):
        announce(session)
    (message,) = outbox.due(session, now=NOON)
    assert message.topic == ISSUED
    assert message.payload == {"ledger": 1, "audit": 0}


def test_one_is_due_when_a_log_has_grown_and_nothing_was_announced_since(
    session: Session, orders: Iterator[int]
) -> None:
    assert not checkpoints.is_due(session, since=NOON)
    grow(session, orders)
    assert checkpoints.is_due(session, since=NOON)
    issue(session)  # by hand: nobody heard of it
    assert checkpoints.is_due(session, since=NOON)
    announce(session)
    assert not checkpoints.is_due(session, since=NOON)
    assert not checkpoints.is_due(session, since=LATER)
    with transaction(session):
        audit.record(session, OPERATOR, "seller.verified", "1", now=LATER)
    assert not checkpoints.is_due(session, since=NOON)
    assert checkpoints.is_due(session, since=LATER)


def announce(session: Session) -> None:
    with transaction(session):
        checkpoints.issue_and_announce(session, SIGNER, now=NOON)


def test_the_list_has_both_logs_the_latest_first(session: Session, orders: Iterator[int]) -> None:
    for day in range(15):
        grow(session, orders)
        with transaction(session):
            audit.record(session, OPERATOR, "seller.verified", "1", now=NOON)
        issue(session, now=NOON + timedelta(days=day))
    first, second = (checkpoints.list_checkpoints(session, page=page) for page in (1, 2))
    assert [(row.tree.value, row.size) for row in first.rows[:3]] == [
        ("ledger", 15),
        ("audit", 15),
        ("ledger", 14),
    ]
    assert first.has_next
    assert [row.size for row in second.rows] == [3, 3, 2, 2, 1, 1]
