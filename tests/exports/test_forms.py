"""The forms of a file: the same bytes each time, and text that stays text."""

import json
import time
from datetime import timedelta

import openpyxl
import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from storefront.core.database import transaction
from storefront.exports.asked import ExportFormat
from storefront.exports.writers import TooManyRowsForXlsx, guarded
from storefront.orders import fulfilment
from storefront.orders.models import OrderLine
from tests.exports.made import LEDGER, ORDERS, Exporter
from tests.factories import NOON
from tests.factories_orders import Around, approved_order, around

DANGEROUS = ["=1+1", "+62812", "-1 kg", "@SUM(A1)", "\tkopi", "'kopi'"]


@pytest.fixture
def of(session: Session) -> Around:
    return around(session)


def named(session: Session, name: str) -> None:
    with transaction(session):
        session.execute(update(OrderLine).values(product_name=name))


@pytest.mark.parametrize("form", ExportFormat)
def test_the_same_position_gives_the_same_bytes(
    session: Session, of: Around, exporter: Exporter, form: ExportFormat
) -> None:
    approved_order(session, of)
    first = exporter.write(ORDERS, "satu", format=form)
    time.sleep(1.1 if form is ExportFormat.XLSX else 0)  # files tell time by the second
    second = exporter.write(ORDERS, "dua", format=form, now=NOON + timedelta(days=1))
    assert first == second
    assert (exporter.folder / "satu").read_bytes() == (exporter.folder / "dua").read_bytes()


@pytest.mark.parametrize("name", DANGEROUS)
def test_in_csv_what_begins_like_a_formula_is_guarded(
    session: Session, of: Around, exporter: Exporter, name: str
) -> None:
    approved_order(session, of)
    named(session, name)
    (row,) = exporter.rows(ORDERS)
    assert row["product_name"] == f"'{name}"


def test_taking_the_guard_off_gives_every_text_back() -> None:
    for text in [*DANGEROUS, "kopi", "", "''"]:
        assert guarded(text).removeprefix("'") == text


def test_a_negative_amount_stays_a_number_in_csv(
    session: Session, of: Around, exporter: Exporter
) -> None:
    number = approved_order(session, of)
    with transaction(session):
        fulfilment.decline(session, of.seller, number, reason="habis", now=NOON)
    assert [row["committed_change"] for row in exporter.rows(LEDGER)] == ["100000", "-100000"]


def test_csv_for_indonesia_has_semicolons_and_a_byte_order_mark(
    session: Session, of: Around, exporter: Exporter
) -> None:
    approved_order(session, of)
    exporter.write(ORDERS, format=ExportFormat.CSV_ID)
    content = (exporter.folder / "ekspor.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbforder_number;purchase_number;")


def test_csv_has_commas_and_no_byte_order_mark(
    session: Session, of: Around, exporter: Exporter
) -> None:
    approved_order(session, of)
    exporter.write(ORDERS)
    assert (exporter.folder / "ekspor.csv").read_bytes().startswith(b"order_number,purchase_number")


def test_json_is_one_object_a_line_with_numbers_and_nulls(
    session: Session, of: Around, exporter: Exporter
) -> None:
    approved_order(session, of, quantities=[1, 2])
    exporter.write(ORDERS, "ekspor.json", format=ExportFormat.JSON)
    lines = (exporter.folder / "ekspor.json").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    assert [row["line_total"] for row in rows] == [10_000, 20_000]
    assert rows[0]["paid_at"] is None


@pytest.mark.parametrize("name", DANGEROUS)
def test_in_xlsx_text_is_text_as_it_was_and_amounts_are_numbers(
    session: Session, of: Around, exporter: Exporter, name: str
) -> None:
    approved_order(session, of)
    named(session, name)
    exporter.write(ORDERS, "ekspor.xlsx", format=ExportFormat.XLSX)
    heading, row = openpyxl.load_workbook(exporter.folder / "ekspor.xlsx").worksheets[0].values
    cells = dict(zip(heading, row, strict=True))
    assert (cells["product_name"], cells["line_total"]) == (name, 100_000)
    assert cells["buyer_nip"] == of.placement.nip


def test_more_rows_than_a_spreadsheet_has_are_refused_before_they_are_lost(
    session: Session, of: Around, exporter: Exporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    approved_order(session, of, quantities=[1, 2])
    monkeypatch.setattr("storefront.exports.writers.MOST_XLSX_ROWS", 1)
    with pytest.raises(TooManyRowsForXlsx):
        exporter.write(ORDERS, format=ExportFormat.XLSX)
    assert list(exporter.folder.iterdir()) == []
