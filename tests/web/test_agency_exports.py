"""Exports of the agency's side: the same bytes as the command line, for whoever may have them."""

import json
import os
from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from storefront.core.audit import AuditEntry
from storefront.core.permissions import Role
from storefront.exports.verification import differences, is_recorded
from tests.factories import NOON
from tests.factories_orders import Around, approved_order, around, paid_order
from tests.web.offices import Desk, staff

FORMATS = ("csv", "csv-id", "xlsx", "json")


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def of(session: Session) -> Around:
    return around(session)


@pytest.fixture(autouse=True)
def number(session: Session, of: Around) -> str:
    """There is something to export."""
    return approved_order(session, of)


@pytest.fixture
def downloads(tmp_path: Path) -> Path:
    folder = tmp_path / "unduhan"
    folder.mkdir()
    return folder


@pytest.fixture
def desk(app: Flask, session: Session) -> Desk:
    return staff(app, session, Role.PROCUREMENT)


def order(desk: Desk, **typed: object) -> TestResponse:
    """Ask for an export by the form."""
    return desk.send("/agency/exports", "/agency/exports", **typed)


def links(desk: Desk, answer: TestResponse) -> list[str]:
    """The two files' addresses on the page that the form leads to."""
    ready = desk.see(answer.location).split('id="made"')[1].split("</section>")[0]
    addresses = [part.split('"')[0] for part in ready.split('href="')[1:]]
    return [address for address in addresses if address.startswith("/agency/exports/")]


def status(desk: Desk, address: str) -> int:
    with desk.client.get(address) as answer:
        return answer.status_code


def fetched(desk: Desk, folder: Path, **typed: object) -> Path:
    """The file and its manifest, saved as a browser does; the file's path."""
    for address in links(desk, order(desk, **typed)):
        with desk.client.get(address) as answer:
            (folder / address.rsplit("/", 1)[1]).write_bytes(answer.data)
    return next(path for path in folder.iterdir() if not path.name.endswith(".manifest.json"))


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("kind", ["orders", "ledger", "quota"])
def test_a_file_and_its_manifest_verify(
    desk: Desk, session: Session, downloads: Path, kind: str, form: str
) -> None:
    file = fetched(desk, downloads, export=kind, format=form)
    assert differences(file) == []
    assert is_recorded(session, file)


@pytest.mark.parametrize("form", FORMATS)
def test_the_command_line_writes_the_same_bytes(
    app: Flask, desk: Desk, downloads: Path, tmp_path: Path, form: str
) -> None:
    file = fetched(desk, downloads, export="orders", format=form)
    target = tmp_path / "perintah"
    asked = f"export orders --agency 1.02.01 --year 2026 --format {form}"
    told = app.test_cli_runner().invoke(args=[*asked.split(), "-o", str(target)])
    assert told.exit_code == 0, told.output
    assert file.read_bytes() == target.read_bytes()
    beside = downloads / f"{file.name}.manifest.json"
    assert beside.read_bytes() == (tmp_path / "perintah.manifest.json").read_bytes()


def test_the_audit_log_hears_of_it(desk: Desk, session: Session) -> None:
    order(desk, export="orders", format="csv")
    entry = session.scalars(select(AuditEntry).filter_by(act="export.written")).one()
    assert entry.person_id == desk.person_id
    told = json.loads(entry.details)
    assert (told["agency"], told["year"], told["rows"]) == ("1.02.01", 2026, 1)


def test_what_was_written_stands_in_the_list_with_its_digest(desk: Desk, session: Session) -> None:
    order(desk, export="orders", format="csv")
    entry = session.scalars(select(AuditEntry).filter_by(act="export.written")).one()
    page = desk.see("/agency/exports")
    assert entry.subject in page
    assert "Rina Amelia" in page.split('id="before"')[1]


def test_a_personal_order_is_in_no_export(
    desk: Desk, session: Session, of: Around, downloads: Path
) -> None:
    personal = paid_order(session, of)
    text = fetched(desk, downloads, export="orders", format="csv").read_text()
    assert personal not in text


@pytest.mark.parametrize(
    ("typed", "message", "beside"),
    [
        (
            {"from": "2026-11-30", "to": "2026-11-01"},
            "sebelum tanggal awal",
            "to-error",
        ),
        ({"export": "quota", "from": "2026-11-02"}, "memuat bulan utuh", "from-error"),
        ({"from": "kemarin"}, "Tulis tanggal yang ada", "from-error"),
        ({"export": "people"}, "Pilih isi ekspor.", "export-error"),
        ({"format": "pdf"}, "Pilih csv, csv-id, xlsx, atau json.", "format-error"),
        ({"year": "1887"}, "Pilih tahun anggaran dari daftar.", "year-error"),
    ],
)
def test_a_refusal_stands_beside_its_field(
    desk: Desk, session: Session, typed: dict[str, str], message: str, beside: str
) -> None:
    answer = order(desk, **typed)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert message in answer.text.split(f'id="{beside}"')[1][:400]
    for name in ("from", "to"):
        if name in typed:
            assert f'value="{typed[name]}"' in answer.text
    assert session.scalars(select(AuditEntry).filter_by(act="export.written")).all() == []


def test_days_narrow_it(desk: Desk, downloads: Path, number: str) -> None:
    file = fetched(desk, downloads, export="orders", format="csv", **{"from": "2026-11-13"})
    assert file.name == "orders-1.02.01-2026-20261113.csv"
    assert number not in file.read_text()


def test_another_agencys_file_does_not_exist(app: Flask, session: Session, desk: Desk) -> None:
    addresses = links(desk, order(desk, export="orders", format="csv"))
    other = staff(app, session, Role.PROCUREMENT, "1.01.01")
    for address in addresses:
        assert status(other, address) == HTTPStatus.NOT_FOUND
    made = addresses[0].split("/")[3]
    assert 'id="made"' not in other.see(f"/agency/exports?made={made}")


def test_who_lost_the_role_gets_nothing_from_a_kept_address(
    app: Flask, session: Session, desk: Desk
) -> None:
    address = links(desk, order(desk, export="orders", format="csv"))[0]
    treasurer = staff(app, session, Role.TREASURER)
    assert status(treasurer, address) == HTTPStatus.FORBIDDEN


@pytest.mark.parametrize(
    "path",
    ["..%2f..%2fstore/x", f"{'0' * 64}/..%2f..%2fstore.db", f"{'0' * 64}/orders.csv", "x/y"],
)
def test_nothing_else_can_be_fetched(desk: Desk, path: str) -> None:
    answer = desk.client.get(f"/agency/exports/{path}")
    assert answer.status_code == HTTPStatus.NOT_FOUND


def test_files_go_after_a_day(app: Flask, desk: Desk) -> None:
    address = links(desk, order(desk, export="orders", format="csv"))[0]
    assert status(desk, address) == HTTPStatus.OK
    yesterday = (NOON - timedelta(hours=25)).timestamp()
    os.utime(Path(app.instance_path) / "exports" / address.split("/")[3], (yesterday, yesterday))
    order(desk, export="ledger", format="csv")
    assert status(desk, address) == HTTPStatus.NOT_FOUND
