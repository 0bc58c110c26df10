"""Is an export what was written? Its manifest says what, the audit log says that it was."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from config import Settings
from storefront import create_app
from storefront.core.audit import AuditEntry
from storefront.core.database import transaction
from storefront.core.signed_notes import Signer
from storefront.exports.asked import ExportFormat, ExportKind
from storefront.exports.manifest import digest_of, path_beside
from storefront.quota import checkpoints
from tests.databases import settings_for
from tests.exports.made import LEDGER, ORDERS, QUOTA, Exporter
from tests.factories import NOON
from tests.factories_orders import approved_order, around


@pytest.fixture
def written(session: Session, exporter: Exporter) -> Path:
    approved_order(session, around(session), quantities=[1, 2])
    exporter.write(ORDERS)
    return exporter.folder / "ekspor.csv"


def verify(app: Flask, file: Path) -> tuple[int, str]:
    told = app.test_cli_runner().invoke(args=["export", "verify", str(file)])
    return told.exit_code, told.output


def edit(file: Path, old: str, new: str) -> None:
    content = file.read_text(encoding="utf-8")
    assert old in content
    file.write_text(content.replace(old, new), encoding="utf-8")


def test_the_manifest_has_exactly_the_keys_of_the_contract(written: Path) -> None:
    manifest = json.loads(path_beside(written).read_bytes())
    assert list(manifest) == [
        "filter",
        "columns",
        "rows",
        "totals",
        "ledger_position",
        "checkpoint",
        "last_order_event",
        "rule_version",
        "sha256",
    ]
    assert manifest["rows"] == 2
    assert manifest["totals"]["line_total"] == 30_000
    assert (manifest["ledger_position"], manifest["checkpoint"]) == (1, None)
    assert manifest["sha256"] == digest_of(written)


def test_the_manifest_names_the_last_checkpoint_up_to_its_position(
    session: Session, exporter: Exporter
) -> None:
    of = around(session)
    signer = Signer("localhost/ledger", bytes(32))
    approved_order(session, of)
    with transaction(session):
        made = checkpoints.issue(session, signer, now=NOON).ledger
    approved_order(session, of)
    first, again = (exporter.write(LEDGER, agency_code=None) for _ in range(2))
    _, size, root = made.note.split("\n")[:3]
    assert first.checkpoint == f"{size} {root}"
    assert (size, first.ledger_position) == ("1", 2)
    assert again.as_bytes() == first.as_bytes()
    with transaction(session):
        checkpoints.issue(session, signer, now=NOON)
    later = exporter.write(LEDGER, agency_code=None)
    assert later.sha256 == first.sha256
    assert str(later.checkpoint).startswith("2 ")


def test_the_audit_log_keeps_who_exported_what(session: Session, written: Path) -> None:
    (entry,) = session.scalars(select(AuditEntry).filter_by(act="export.written"))
    told = json.loads(entry.details)
    assert (entry.person_id, entry.subject) == ("operator", digest_of(written))
    assert (told["export"], told["agency"], told["year"], told["rows"]) == (
        "orders",
        "1.02.01",
        2026,
        2,
    )


@pytest.mark.parametrize("kind", [ORDERS, LEDGER, QUOTA])
@pytest.mark.parametrize("form", ExportFormat)
@pytest.mark.usefixtures("written")
def test_every_export_as_written_is_accepted(
    app: Flask, exporter: Exporter, kind: ExportKind, form: ExportFormat
) -> None:
    exporter.write(kind, "utuh", format=form)
    code, told = verify(app, exporter.folder / "utuh")
    assert (code, told.endswith("as written, by its manifest and by the audit log\n")) == (0, True)


def test_an_export_without_rows_is_accepted(app: Flask, exporter: Exporter) -> None:
    for form in ExportFormat:
        exporter.write(ORDERS, "kosong", agency_code=None, format=form)
        assert verify(app, exporter.folder / "kosong")[0] == 0


def test_an_edited_file_is_refused_with_what_differs(app: Flask, written: Path) -> None:
    edit(written, ",20000,", ",29000,")
    code, told = verify(app, written)
    assert code == 1
    assert "sha256: stated" in told
    assert "totals: stated" in told


def test_an_edited_file_with_an_edited_manifest_is_refused(app: Flask, written: Path) -> None:
    old_digest = digest_of(written)
    edit(written, ",20000,0,", ",29000,0,")
    edit(path_beside(written), old_digest, digest_of(written))
    edit(path_beside(written), '"line_total": 30000', '"line_total": 39000')
    code, told = verify(app, written)
    assert code == 1
    assert "the audit log has no record of this file" in told


def test_an_edited_manifest_of_an_untouched_file_is_refused(app: Flask, written: Path) -> None:
    edit(path_beside(written), '"year": 2026', '"year": 2025')
    code, told = verify(app, written)
    assert code == 1
    assert "the audit log has no record" in told


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_bytes(b"{}")])
def test_without_a_readable_manifest_nothing_is_believed(
    app: Flask, written: Path, spoil: Callable[[Path], object]
) -> None:
    spoil(path_beside(written))
    assert verify(app, written)[0] == 1


@pytest.mark.parametrize("fresh_database", ["sqlite"], indirect=True)
def test_without_a_database_its_authenticity_is_not_checked(written: Path, tmp_path: Path) -> None:
    elsewhere: Settings = settings_for(f"sqlite:///{tmp_path / 'none.sqlite3'}", tmp_path)
    code, told = verify(create_app(elsewhere), written)
    assert code == 0
    assert "unchanged since its manifest, authenticity not checked" in told
    assert not (tmp_path / "none.sqlite3").exists()


def test_the_command_writes_the_same_bytes_as_the_page(
    app: Flask, exporter: Exporter, written: Path
) -> None:
    target = exporter.folder / "perintah.csv"
    arguments = ["--agency", "1.02.01", "--year", "2026", "--format", "csv", "-o", str(target)]
    told = app.test_cli_runner().invoke(args=["export", "orders", *arguments])
    assert told.exit_code == 0, told.output
    assert target.read_bytes() == written.read_bytes()
    assert path_beside(target).read_bytes() == path_beside(written).read_bytes()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--all", "--format", "ocds"], "tidak tersedia di versi ini"),
        (["--all", "--agency", "1.02.01"], "either --agency CODE or --all"),
        ([], "either --agency CODE or --all"),
        (["--agency", "9.99"], "tidak ada"),
        (["--all", "--from", "2026-02-01", "--to", "2026-01-01"], "sebelum tanggal awal"),
    ],
)
def test_the_command_says_why_it_cannot(
    app: Flask, tmp_path: Path, arguments: list[str], says: str
) -> None:
    target = tmp_path / "x.csv"
    told = app.test_cli_runner().invoke(
        args=["export", "orders", *arguments, "--year", "2026", "-o", str(target)]
    )
    assert told.exit_code != 0
    assert says in told.output
    assert not target.exists()
