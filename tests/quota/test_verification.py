"""A past that was made another is found by whoever kept a checkpoint, and by nobody else."""

from base64 import b64decode
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from storefront.core import audit
from storefront.core.audit import AuditEntry
from storefront.core.database import transaction
from storefront.core.permissions import OPERATOR
from storefront.core.signed_notes import Signer, TreeHead
from storefront.core.tree_tiles import TreeTile
from storefront.extensions import db
from storefront.quota import checkpoints, log
from storefront.quota.ledger import post
from storefront.quota.models import Amounts, Checkpoint, EntryKind, QuotaKey, TreeName
from storefront.quota.verification import KeptNote, verify
from tests.databases import SIGNING_KEY
from tests.factories import HEALTH, NOON, movement, signed_up
from tests.quota.operators import cut, rewrite, triggers_lifted

SIGNER = Signer("localhost/ledger", b64decode(SIGNING_KEY))
STRANGER = Signer("localhost/ledger", bytes(32))


class Books:
    """A ledger that grows, and the checkpoints of it that somebody put away."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.actor = signed_up(session)
        self._orders = iter(range(1, 10_000))

    def grow(self, by: int, *, change: int = 1, key: QuotaKey = HEALTH) -> None:
        with transaction(self.session):
            for _ in range(by):
                number = f"P-{next(self._orders)}"
                order = movement(EntryKind.COMMIT, Amounts(change), order=number, key=key)
                post(self.session, self.actor, [order], now=NOON)
            log.number(self.session)

    def keep(self) -> KeptNote:
        with transaction(self.session):
            made = checkpoints.issue(self.session, SIGNER, now=NOON).ledger
        return KeptNote(f"kept-{made.size}.txt", made.note)


@pytest.fixture
def books(session: Session) -> Books:
    return Books(session)


def told(session: Session, *kept: KeptNote) -> str | None:
    session.rollback()
    session.expire_all()
    breach = verify(session, kept)
    return f"{breach.where}: {breach.what}" if breach else None


def test_a_log_that_was_only_added_to_extends_every_kept_checkpoint(books: Books) -> None:
    kept = []
    for by in (1, 4, 300):
        books.grow(by)
        kept.append(books.keep())
    books.grow(3)
    assert told(books.session, *kept) is None


def test_a_past_that_was_rewritten_and_sealed_anew_is_found_by_a_kept_checkpoint_alone(
    books: Books,
) -> None:
    books.grow(2)
    early = books.keep()
    books.grow(3)
    late = books.keep()
    books.grow(1)
    rewrite(books.session, 4, SIGNER)
    assert told(books.session) is None
    assert told(books.session, early) is None
    assert told(books.session, late, early) == (
        "checkpoint kept-5.txt: the ledger's log is not what it covered:"
        " rewritten between positions 3 and 5"
    )


def test_a_tail_that_was_cut_is_found_by_a_kept_checkpoint_alone(books: Books) -> None:
    books.grow(3)
    early = books.keep()
    books.grow(3)
    late = books.keep()
    cut(books.session, 4, SIGNER)
    assert told(books.session) is None
    assert told(books.session, early) is None
    assert told(books.session, early, late) == (
        "checkpoint kept-6.txt: covers 6 entries, the ledger's log holds 4:"
        " it was cut after position 4 or before"
    )


def test_a_log_that_goes_on_from_an_older_copy_is_found_by_a_kept_checkpoint_alone(
    books: Books,
) -> None:
    books.grow(2)
    before = books.keep()
    books.grow(3)
    lost = books.keep()
    cut(books.session, 2, SIGNER)  # what was restored holds neither entries nor checkpoints of then
    books.grow(5, change=2)
    after = books.keep()
    assert told(books.session, before, after) is None
    assert told(books.session, before, lost, after) == (
        "checkpoint kept-5.txt: the ledger's log is not what it covered:"
        " rewritten between positions 3 and 5"
    )


def test_it_is_known_to_256_positions_where_the_stored_hashes_were_left_as_they_were(
    books: Books,
) -> None:
    books.grow(512)
    books.grow(88, key=replace(HEALTH, fiscal_year=2027))
    kept = books.keep()
    session = books.session
    hashes = {row.number: row.hash for row in session.scalars(select(TreeTile))}
    rewrite(session, 300, SIGNER)
    assert "between positions 1 and 600" in str(told(session, kept))
    with triggers_lifted(session):
        for number, hash_ in hashes.items():
            session.execute(update(TreeTile).filter_by(number=number).values(hash=hash_))
    assert "between positions 257 and 512" in str(told(session, kept))
    assert told(session) == (
        "the ledger's log, positions 257 to 512: are not those over which a hash was stored"
    )


@pytest.mark.parametrize(
    ("note", "why"),
    [
        (STRANGER.sign(TreeHead("localhost/ledger", 2, bytes(32)).text), "no known key"),
        (SIGNER.sign(TreeHead("other.example/ledger", 2, bytes(32)).text), "its origin is other"),
        (SIGNER.sign("a poem\n"), "no checkpoint"),
        ("a letter", "no signed note"),
    ],
)
def test_a_note_that_is_not_this_stores_is_refused_and_named(
    books: Books, note: str, why: str
) -> None:
    books.grow(2)
    good = books.keep()
    assert str(told(books.session, good, KeptNote("forged.txt", note))).startswith(
        "checkpoint forged.txt: is refused: "
    )
    assert why in str(told(books.session, KeptNote("forged.txt", note)))


def test_a_note_whose_size_was_edited_is_refused(books: Books) -> None:
    books.grow(2)
    good = books.keep()
    edited = KeptNote("kept.txt", good.note.replace("\n2\n", "\n1\n"))
    assert "the signature of localhost/ledger does not hold" in str(told(books.session, edited))


def test_a_store_that_never_issued_one_refuses_any(books: Books) -> None:
    note = SIGNER.sign(TreeHead("localhost/ledger", 0, bytes(32)).text)
    assert "never issued" in str(told(books.session, KeptNote("kept.txt", note)))


def test_a_stored_hash_that_was_changed_is_found_without_a_kept_checkpoint(books: Books) -> None:
    books.grow(300)
    books.keep()
    with triggers_lifted(books.session):
        books.session.execute(update(TreeTile).values(hash=bytes(32)))
    assert told(books.session) == (
        "the ledger's log, positions 1 to 256: are not those over which a hash was stored"
    )


@pytest.mark.parametrize(
    ("column", "value", "what"),
    [
        ("root", "00" * 32, "does not say what its note says"),
        ("note", "no note", "is refused: this is no signed note"),
        (
            "note",
            SIGNER.sign(TreeHead("localhost/ledger", 2, bytes(32)).text),
            "does not say what its note says",
        ),
    ],
)
def test_a_checkpoint_on_record_that_was_changed_is_found(
    books: Books, column: str, value: str, what: str
) -> None:
    books.grow(2)
    books.keep()
    with triggers_lifted(books.session):
        ledgers = update(Checkpoint).filter_by(tree=TreeName.LEDGER)
        books.session.execute(ledgers.values({column: value}))
    assert told(books.session) == f"the ledger's log, checkpoint 2 on record: {what}"


def test_a_root_on_record_that_its_entries_do_not_have_is_found(books: Books) -> None:
    books.grow(2)
    books.keep()
    note = SIGNER.sign(TreeHead("localhost/ledger", 2, bytes(32)).text)
    with triggers_lifted(books.session):
        ledgers = update(Checkpoint).filter_by(tree=TreeName.LEDGER)
        books.session.execute(ledgers.values(root="00" * 32, note=note))
    assert told(books.session) == (
        "the ledger's log, checkpoint 2 on record: is not the root of what it covers"
    )


@pytest.fixture
def acts(books: Books) -> KeptNote:
    """A checkpoint of three acts."""
    with transaction(books.session):
        for number in range(3):
            audit.record(books.session, OPERATOR, "seller.verified", f"{number}", now=NOON)
        made = checkpoints.issue(books.session, SIGNER, now=NOON).audit
    return KeptNote("acts.txt", made.note)


def test_an_act_that_was_rewritten_is_found(books: Books, acts: KeptNote) -> None:
    assert told(books.session, acts) is None
    with triggers_lifted(books.session):
        books.session.execute(update(AuditEntry).filter_by(subject="1").values(subject="9"))
    assert told(books.session) == (
        "the audit log, checkpoint 3 on record: is not the root of what it covers"
    )
    assert told(books.session, acts) == (
        "checkpoint acts.txt: the audit log is not what it covered:"
        " rewritten between positions 1 and 3"
    )


@pytest.mark.usefixtures("acts")
def test_an_act_that_was_taken_out_is_found(books: Books) -> None:
    with triggers_lifted(books.session):
        books.session.execute(text("DELETE FROM audit_log_lines WHERE position = 2"))
    assert told(books.session) == "audit log, position 2: is missing"


@pytest.mark.usefixtures("acts")
def test_an_act_without_a_position_that_waits_for_none_is_found(books: Books) -> None:
    with transaction(books.session):
        entry = audit.record(books.session, OPERATOR, "seller.verified", "4", now=NOON)
    assert told(books.session) is None
    with transaction(books.session):
        books.session.execute(text("DELETE FROM audit_queue"))
    assert told(books.session) == (f"audit log, act {entry.id}: has no position and waits for none")


def command(app: Flask, *arguments: str) -> tuple[int, str]:
    told = app.test_cli_runner().invoke(args=["ledger", *arguments])
    with app.app_context():
        db.session.remove()
    return told.exit_code, told.output


def test_the_commands_write_a_checkpoint_and_hold_the_ledger_against_it(
    app: Flask, books: Books, tmp_path: Path
) -> None:
    books.grow(3)
    kept = tmp_path / "kept.txt"
    assert command(app, "checkpoint", "-o", str(kept))[0] == 0
    assert kept.read_text(encoding="utf-8").startswith("localhost/ledger\n3\n")
    acts = tmp_path / "acts.txt"
    assert command(app, "checkpoint", "--tree", "audit", "-o", str(acts))[0] == 0
    assert acts.read_text(encoding="utf-8").startswith("localhost/ledger/audit\n0\n")
    books.grow(1)
    both = ["--checkpoint", str(kept), "--checkpoint", str(acts)]
    code, output = command(app, "verify", *both)
    assert code == 0, output
    assert "The ledger holds, 4 entries" in output
    assert f"It extends the checkpoint {kept}." in output
    rewrite(books.session, 2, SIGNER)
    assert command(app, "verify")[0] == 0
    code, output = command(app, "verify", *both)
    assert code == 1
    assert f"checkpoint {kept}: the ledger's log is not what it covered" in output


def test_a_file_that_is_no_text_is_refused_and_named(
    app: Flask, books: Books, tmp_path: Path
) -> None:
    books.grow(1)
    books.keep()
    file = tmp_path / "picture.png"
    file.write_bytes(bytes(range(256)))
    code, output = command(app, "verify", "--checkpoint", str(file))
    assert code == 1
    assert f"checkpoint {file}: is refused" in output
