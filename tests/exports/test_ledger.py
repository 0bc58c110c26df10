"""The ledger export, and the script that recomputes its seals without the store."""

import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from storefront.core.database import transaction
from storefront.exports.asked import ExportFormat
from storefront.quota.ledger import Movement, post
from storefront.quota.models import Amounts, EntryKind, Fund
from storefront.sellers.models import SellerClass
from tests.exports.made import LEDGER, Exporter
from tests.factories import HEALTH, NOON, agency, movement, signed_up

CONTRACT = (
    "position, account_seq, agency_code, fiscal_year, fund, seller_class, kind, cause,"
    " committed_change, realised_change, committed_after, realised_after, order_number,"
    " occurred_on, period, recorded_at, recorded_by, reason, rule_version, snapshot_sha256, salt,"
    " prev_seal, seal"
)
SCRIPT = Path(__file__).parents[2] / "docs" / "verify_ledger.py"
COOPERATIVE = replace(HEALTH, seller_class=SellerClass.COOPERATIVE)
READABLE = [ExportFormat.CSV, ExportFormat.CSV_ID, ExportFormat.JSON]


def entry(at: int, change: Amounts, kind: EntryKind, **of: object) -> Movement:
    made = movement(kind, change, order=f"P-0-{at}", cause=f"event {at}")
    event = replace(made.event, **{k: v for k, v in of.items() if k != "key"})  # type: ignore[arg-type]
    return replace(made, event=event, key=of.get("key", HEALTH))  # type: ignore[arg-type]


@pytest.fixture
def posted(session: Session) -> None:
    """Five entries of two official accounts, with reasons that spreadsheets would misread."""
    agency(session)
    actor = signed_up(session)
    october = date(2026, 10, 30)
    movements = [
        entry(1, Amounts(100), EntryKind.COMMIT, reason="=rapat", occurred_on=october),
        entry(2, Amounts(50), EntryKind.COMMIT, reason="'kutip'"),
        entry(3, Amounts(-50), EntryKind.RELEASE, reason='batal; "tidak jadi"\nbesok'),
        entry(4, Amounts(-100, 100), EntryKind.REALISE, reason=""),
        entry(5, Amounts(70), EntryKind.COMMIT, reason="é", key=COOPERATIVE),
        entry(6, Amounts(0, 5), EntryKind.REALISE, key=replace(HEALTH, fund=Fund.PERSONAL)),
        entry(7, Amounts(9), EntryKind.COMMIT, key=replace(HEALTH, fiscal_year=2027)),
        entry(8, Amounts(9), EntryKind.COMMIT, key=replace(HEALTH, agency_code="1.01.01")),
    ]
    for one in movements:
        with transaction(session):
            post(session, actor, [one], now=NOON + timedelta(microseconds=7))


def verified(file: Path, *options: str) -> tuple[int, str]:
    command = [sys.executable, "-I", "-S", str(SCRIPT), str(file), *options]
    told = subprocess.run(command, check=False, capture_output=True, text=True)
    return told.returncode, told.stdout + told.stderr


@pytest.mark.usefixtures("posted")
def test_the_columns_are_those_of_the_contract_in_its_order(exporter: Exporter) -> None:
    assert ", ".join(exporter.rows(LEDGER)[0]) == CONTRACT


@pytest.mark.usefixtures("posted")
def test_it_holds_official_entries_of_the_agency_and_year_by_position(exporter: Exporter) -> None:
    rows = exporter.rows(LEDGER)
    assert [row["position"] for row in rows] == ["1", "2", "3", "4", "5"]
    assert {row["fund"] for row in rows} == {"official"}
    assert rows[3]["realised_change"] == "100"
    assert rows[0]["recorded_at"] == "2026-11-12T05:00:00.000007Z"
    everybody = exporter.rows(LEDGER, agency_code=None)
    assert [row["position"] for row in everybody] == ["1", "2", "3", "4", "5", "8"]


@pytest.mark.usefixtures("posted")
def test_from_and_to_go_by_the_day_of_the_fact(exporter: Exporter) -> None:
    rows = exporter.rows(LEDGER, first_day=date(2026, 10, 1), last_day=date(2026, 10, 30))
    assert [row["position"] for row in rows] == ["1"]


@pytest.mark.usefixtures("posted")
def test_the_manifest_sums_the_changes(exporter: Exporter) -> None:
    made = exporter.write(LEDGER)
    assert made.totals == {"committed_change": 70, "realised_change": 100}
    assert (made.rows, made.ledger_position) == (5, 8)


@pytest.mark.parametrize("form", READABLE)
@pytest.mark.usefixtures("posted")
def test_the_script_recomputes_every_seal_with_the_standard_library_alone(
    exporter: Exporter, form: ExportFormat
) -> None:
    exporter.write(LEDGER, "buku", format=form, agency_code=None)
    code, told = verified(exporter.folder / "buku")
    assert told == "All seals hold: 6 entries of 3 accounts, up to position 8.\n"
    assert code == 0


@pytest.mark.parametrize("form", READABLE)
@pytest.mark.parametrize(
    ("old", "new"),
    [("rapat", "rapet"), ("2026-10-30", "2026-10-31"), ("P-0-3", "P-0-9"), ("micro", "small")],
)
@pytest.mark.usefixtures("posted")
def test_the_script_finds_what_was_edited(
    exporter: Exporter, form: ExportFormat, old: str, new: str
) -> None:
    exporter.write(LEDGER, "buku", format=form)
    file = exporter.folder / "buku"
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    code, told = verified(file)
    assert code == 1
    assert "BROKEN" in told


@pytest.mark.parametrize("line", [1, 2, 4])
@pytest.mark.usefixtures("posted")
def test_the_script_finds_what_was_taken_out_but_for_a_tail(exporter: Exporter, line: int) -> None:
    exporter.write(LEDGER, "buku", format=ExportFormat.JSON)
    file = exporter.folder / "buku"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    del lines[line - 1]
    file.write_text("".join(lines), encoding="utf-8")
    is_tail = line == 4  # the last of its account: only a position that others keep shows that
    assert verified(file)[0] == (0 if is_tail else 1)


@pytest.mark.usefixtures("posted")
def test_the_script_says_when_an_export_of_some_days_has_gaps(exporter: Exporter) -> None:
    exporter.write(LEDGER, first_day=date(2026, 11, 1))
    file = exporter.folder / "ekspor.csv"
    code, told = verified(file)
    assert (code, "stands where entry 1 should" in told) == (1, True)
    assert verified(file, "--partial")[0] == 0


@pytest.mark.usefixtures("posted")
def test_the_script_refuses_what_is_no_ledger_export(exporter: Exporter) -> None:
    exporter.write(LEDGER, "buku.xlsx", format=ExportFormat.XLSX)
    (exporter.folder / "lain.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    for name in ("buku.xlsx", "lain.csv", "tidak-ada.csv"):
        assert verified(exporter.folder / name)[0] == 2
    assert verified(exporter.folder / "lain.csv", "--unknown")[0] == 2
