"""Proofs to take away, checked by the script that needs Python's standard library alone."""

import json
import subprocess
import sys
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from importlib import util
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from storefront.core import audit
from storefront.core.database import transaction
from storefront.core.permissions import OPERATOR
from storefront.core.signed_notes import Signer, TreeHead
from storefront.extensions import db
from storefront.quota.ledger import post
from storefront.quota.models import Amounts, EntryKind, Fund
from tests.databases import SIGNING_KEY
from tests.exports.made import LEDGER, Exporter
from tests.factories import HEALTH, NOON, agency, movement, signed_up
from tests.quota.operators import rewrite

SCRIPT = Path(__file__).parents[2] / "docs" / "verify_ledger.py"
SIGNER = Signer("localhost/ledger", b64decode(SIGNING_KEY))
KEY = str(SIGNER.key)
STRANGER = Signer("localhost/ledger", bytes(32))
RFC_8032 = [  # 7.1: secret key, public key, message, signature
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701c"
            "f9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0"
            "f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f76098"
            "4dc6594a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
]


def verified(*arguments: object) -> tuple[int, str]:
    command = [sys.executable, "-I", "-S", str(SCRIPT), *map(str, arguments)]
    told = subprocess.run(command, check=False, capture_output=True, text=True)
    return told.returncode, told.stdout + told.stderr


def script() -> Any:
    """The script as a module."""
    found = util.spec_from_file_location("verify_ledger", SCRIPT)
    assert found is not None
    assert found.loader is not None
    module = util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("public", "message", "signature"), RFC_8032)
def test_the_scripts_ed25519_passes_the_rfcs_vectors(
    public: str, message: str, signature: str
) -> None:
    verifies = script().verifies
    key, text, signed = (bytes.fromhex(each) for each in (public, message, signature))
    assert verifies(key, text, signed)
    assert not verifies(key, text + b"x", signed)
    for at in (0, 31, 32, 63):
        changed = bytes([*signed[:at], signed[at] ^ 1, *signed[at + 1 :]])
        assert not verifies(key, text, changed)
    assert not verifies(key, text, signed[:-1])
    too_large = signed[:32] + (int.from_bytes(signed[32:], "little") + script().ORDER).to_bytes(
        32, "little"
    )
    assert not verifies(key, text, too_large)


Ledger = Callable[..., Path]


@pytest.fixture
def ledger(app: Flask, tmp_path: Path) -> Ledger:
    """`flask ledger ... -o FILE`: the file, or the refusal as an assertion."""

    def run(name: str, *arguments: object) -> Path:
        file = tmp_path / name
        command = ["ledger", *map(str, arguments), "-o", str(file)]
        told = app.test_cli_runner().invoke(args=command)
        with app.app_context():
            db.session.remove()
        assert told.exit_code == 0, told.output
        return file

    return run


@pytest.fixture
def grow(session: Session) -> Callable[[int], None]:
    """Orders of two entries each; every third one is a personal order."""
    agency(session)
    actor = signed_up(session)
    numbers = iter(range(1, 1_000))

    def run(orders: int) -> None:
        with transaction(session):
            for _ in range(orders):
                number = next(numbers)
                name, fund = f"P-{number}-1", Fund.PERSONAL if number % 3 == 0 else Fund.OFFICIAL
                key = replace(HEALTH, fund=fund)
                steps = (
                    (EntryKind.COMMIT, Amounts(5), "approved"),
                    (EntryKind.REALISE, Amounts(-5, 5), "paid"),
                )
                for kind, change, cause in steps:
                    made = movement(kind, change, order=name, cause=cause, key=key)
                    post(session, actor, [made], now=NOON)

    return run


def edit(file: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    content = json.loads(file.read_bytes())
    change(content)
    file.write_text(json.dumps(content), encoding="utf-8")
    return file


def test_an_orders_entries_are_shown_to_stand_in_the_log(
    grow: Callable[[int], None], ledger: Ledger
) -> None:
    grow(140)
    file = ledger("order.json", "prove", "--order", "p-2-1")
    proof = json.loads(file.read_bytes())
    assert [entry["cause"] for entry in proof["entries"]] == ["approved", "paid"]
    assert proof["key"] == KEY
    code, told = verified("--proof", file, "--key", KEY)
    assert "2 entries of order P-2-1 stand in the log of 280." in told
    assert code == 0


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda proof: proof["entries"][0].update(reason="x"), "seal does not match"),
        (lambda proof: proof["entries"][0].update(position=4), "is not in the log"),
        (lambda proof: proof["entries"][0]["inclusion"].pop(), "is not in the log"),
        (lambda proof: proof["entries"][1]["inclusion"].append("00" * 32), "is not in the log"),
        (lambda proof: proof.update(order="P-4-1"), "is of another order"),
        (lambda proof: proof.update(entries=[]), "it has no entries"),
        (
            lambda proof: proof.update(checkpoint=proof["checkpoint"].replace("\n14\n", "\n15\n")),
            "signature of localhost/ledger on its checkpoint does not hold",
        ),
        (
            lambda proof: proof.update(
                checkpoint=STRANGER.sign(TreeHead("localhost/ledger", 14, bytes(32)).text)
            ),
            "not signed by the key that you gave",
        ),
    ],
)
def test_a_proof_of_an_order_that_was_changed_is_found(
    grow: Callable[[int], None],
    ledger: Ledger,
    change: Callable[[dict[str, Any]], object],
    why: str,
) -> None:
    grow(7)
    file = edit(ledger("order.json", "prove", "--order", "P-2-1"), change)
    code, told = verified("--proof", file, "--key", KEY)
    assert why in told
    assert "BROKEN" in told
    assert code == 1


def test_a_kept_checkpoint_is_shown_to_be_extended_by_the_proven_one(
    grow: Callable[[int], None], ledger: Ledger
) -> None:
    grow(3)
    kept = ledger("kept.txt", "checkpoint")
    grow(150)
    order = ledger("order.json", "prove", "--order", "P-151-1")
    code, told = verified("--proof", order, "--key", KEY, "--checkpoint", kept)
    assert "ask for `ledger prove --from 6 --to 306`" in told
    assert code == 1
    both = ledger("both.json", "prove", "--from", 6, "--to", 306)
    proofs = ("--proof", order, "--proof", both, "--checkpoint", kept)
    code, told = verified(*proofs, "--key", KEY)
    assert f"{kept}: the log of 306 that was proven extends it." in told
    assert code == 0
    broken = edit(both, lambda proof: proof["hashes"].reverse())
    code, told = verified("--proof", order, "--proof", broken, "--checkpoint", kept, "--key", KEY)
    assert "the log of 306 does not extend the log of 6" in told
    assert code == 1


def test_an_export_is_held_against_all_seals_and_a_kept_checkpoint(
    grow: Callable[[int], None], ledger: Ledger, exporter: Exporter, tmp_path: Path
) -> None:
    grow(4)
    kept = ledger("kept.txt", "checkpoint")
    grow(3)
    leaves = ledger("leaves.json", "prove", "--leaves")
    grow(1)
    exporter.write(LEDGER, "buku.csv")
    keys = tmp_path / "keys.txt"
    keys.write_text(f"{STRANGER.key}\n{KEY}\n", encoding="utf-8")
    export = exporter.folder / "buku.csv"
    given = ("--proof", leaves, "--checkpoint", kept, "--key", keys)
    code, told = verified(export, *given)
    assert code == 0, told
    assert "these are all 14 seals of the log." in told
    assert f"{kept}: the seals up to 8 are those that it covers." in told
    assert "All seals hold: 12 entries of 1 accounts, up to position 16." in told
    assert "10 of them stand where the checkpoint covers them; 2 are younger than it." in told


def test_an_export_of_a_past_that_was_rewritten_is_found_by_what_was_kept(
    session: Session,
    grow: Callable[[int], None],
    ledger: Ledger,
    exporter: Exporter,
) -> None:
    grow(4)
    kept = ledger("kept.txt", "checkpoint")
    before = ledger("before.json", "prove", "--leaves")
    rewrite(session, 3, SIGNER)
    after = ledger("after.json", "prove", "--leaves")
    exporter.write(LEDGER, "buku.csv")
    export = exporter.folder / "buku.csv"
    assert verified(export)[0] == 0
    assert verified(export, "--proof", after, "--key", KEY)[0] == 0
    code, told = verified(export, "--proof", before, "--key", KEY)
    assert "is not the entry that the checkpoint covers at this position" in told
    assert code == 1
    code, told = verified("--proof", after, "--key", KEY, "--checkpoint", kept)
    assert f"BROKEN  {kept}: there are two logs of 8: the past was rewritten" in told
    assert code == 1


def test_the_audit_logs_checkpoints_are_consistent_too(session: Session, ledger: Ledger) -> None:
    for _ in range(2):
        with transaction(session):
            for number in range(3):
                audit.record(session, OPERATOR, "seller.verified", f"{number}", now=NOON)
        kept = ledger("kept.txt", "checkpoint", "--tree", "audit")
    file = ledger("both.json", "prove", "--tree", "audit", "--from", 3, "--to", 6)
    code, told = verified("--proof", file, "--key", KEY, "--checkpoint", kept)
    assert "the log of 6 extends the log of 3." in told
    assert code == 0


def test_what_cannot_be_proved_is_refused(
    app: Flask, grow: Callable[[int], None], tmp_path: Path
) -> None:
    grow(3)
    for arguments, code in (
        (["--order", "P-9-9"], 1),
        (["--order", "P-3-1"], 1),  # a personal order's
        (["--from", "1", "--to", "2"], 1),
        (["--from", "1"], 2),
        ([], 2),
        (["--order", "P-1-1", "--leaves"], 2),
    ):
        command = ["ledger", "prove", *arguments, "-o", str(tmp_path / "proof.json")]
        told = app.test_cli_runner().invoke(args=command)
        assert told.exit_code == code, told.output
        with app.app_context():
            db.session.remove()
    assert not (tmp_path / "proof.json").exists()


def test_the_script_refuses_what_it_cannot_read(tmp_path: Path) -> None:
    file = tmp_path / "file"
    for content in ("no json", "[]", "{}", '{"proof": "x", "checkpoint": "a poem"}'):
        file.write_text(content, encoding="utf-8")
        assert verified("--proof", file, "--key", KEY)[0] == 2, content
    assert verified("--proof", file, "--key", "no+key+AAAA")[0] == 2
    assert verified("--proof", file)[0] == 2
    assert verified("--checkpoint", file, "--key", KEY)[0] == 2
    assert verified()[0] == 2
