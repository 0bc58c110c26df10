"""Files that people bring, as their spreadsheets write them, and as attackers do."""

import csv
import io
import tracemalloc
import zipfile
from datetime import date

import pytest
from openpyxl import Workbook

from storefront.core import tabular
from storefront.core.errors import DomainError
from storefront.core.tabular import (
    ColumnRepeated,
    ColumnsMissing,
    FileTooLarge,
    FileUnreadable,
    QuoteUnclosed,
    TooManyRows,
    guard,
    read_day,
    read_table,
    read_whole,
    unguard,
)

COLUMNS = ("nip", "name")
TEXT = "nip,name\n198703122010012003,Siti Résmi\n"


def xlsx(*rows: tuple[object, ...]) -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(list(row))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def repacked(content: bytes, **parts: bytes) -> bytes:
    """An XLSX with some of its parts exchanged."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in {*old.namelist(), *parts}:
            new.writestr(name, parts[name] if name in parts else old.read(name))
    return file.getvalue()


def sheet_of(rows: str) -> bytes:
    head = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    )
    return f"{head}{rows}</sheetData></worksheet>".encode()


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"]
)
def test_a_csv_is_read_whatever_its_encoding(encoding: str) -> None:
    table = read_table(TEXT.encode(encoding), columns=COLUMNS)
    assert table.rows[0].cells == {"nip": "198703122010012003", "name": "Siti Résmi"}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_a_csv_is_read_whatever_its_delimiter(delimiter: str, newline: str) -> None:
    text = TEXT.replace(",", delimiter).replace("\n", newline)
    assert read_table(text.encode(), columns=COLUMNS).rows[0]["name"] == "Siti Résmi"


def test_excels_own_word_on_its_delimiter_is_obeyed() -> None:
    table = read_table(f"sep=;\r\n{TEXT.replace(',', ';')}".encode(), columns=COLUMNS)
    assert table.rows[0]["nip"] == "198703122010012003"


def test_rows_are_numbered_as_the_spreadsheet_shows_them() -> None:
    text = 'nip,name\n1,"two\nlines"\n\n,,\n2,next\n'
    table = read_table(text.encode(), columns=COLUMNS)
    assert [(row.number, row["name"]) for row in table.rows] == [(2, "two\nlines"), (5, "next")]


def test_columns_are_found_by_name_in_any_order_and_others_passed_over() -> None:
    table = read_table(b" NAME ,more,Nip\nSiti,x,1\n", columns=COLUMNS)
    assert table.rows[0].cells == {"nip": "1", "name": "Siti"}


def test_an_optional_column_may_be_missing() -> None:
    table = read_table(TEXT.encode(), columns=COLUMNS, optional=("phone",))
    assert table.rows[0]["phone"] == ""


def test_missing_columns_are_named() -> None:
    with pytest.raises(ColumnsMissing, match="name"):
        read_table(b"nip;nama\n1;Siti\n", columns=COLUMNS)


def test_a_column_may_not_stand_there_twice() -> None:
    with pytest.raises(ColumnRepeated, match="nip"):
        read_table(b"nip,name,nip\n1,Siti,2\n", columns=COLUMNS)


def test_a_quote_that_is_never_closed_is_told_with_its_row() -> None:
    with pytest.raises(QuoteUnclosed, match="baris 3"):
        read_table(b'nip,name\n1,Siti\n2,"Budi\n3,Ani\n', columns=COLUMNS)


def test_more_cells_than_columns_is_an_error_of_its_row() -> None:
    table = read_table(b"nip,name\n1,Siti\n2,Budi,S.E.\n", columns=COLUMNS)
    assert [error.row for error in table.errors] == [3]


def test_a_cell_without_end_is_an_error_of_its_row_and_column() -> None:
    table = read_table(f"nip,name\n1,{'x' * 5_000}\n".encode(), columns=COLUMNS)
    assert [(error.row, error.column) for error in table.errors] == [(2, "name")]


def test_nul_and_direction_marks_do_not_get_through() -> None:
    table = read_table("nip,name\n1,Si\0ti\u202e\n".encode(), columns=COLUMNS)
    assert table.rows[0]["name"] == "Siti"


def test_a_hundred_thousand_rows_are_read_and_one_more_refused() -> None:
    full = "nip,name\n" + "1,a\n" * tabular.MOST_ROWS
    assert len(read_table(full.encode(), columns=COLUMNS).rows) == tabular.MOST_ROWS
    with pytest.raises(TooManyRows, match="100000"):
        read_table(f"{full}1,a\n".encode(), columns=COLUMNS)


def test_a_file_without_end_is_refused_by_its_size() -> None:
    with pytest.raises(FileTooLarge):
        read_table(b" " * (tabular.MOST_BYTES + 1), columns=COLUMNS)


@pytest.mark.parametrize(
    "content",
    [
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0\0\0",  # an .xls of old
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"PK\x03\x04 no zip at all",
        repacked(xlsx(COLUMNS), **{"xl/workbook.xml": b"<not really"}),
    ],
)
def test_what_is_no_table_is_refused(content: bytes) -> None:
    with pytest.raises(FileUnreadable):
        read_table(content, columns=COLUMNS)


def test_an_empty_file_has_no_columns() -> None:
    with pytest.raises(ColumnsMissing):
        read_table(b"", columns=COLUMNS)


def test_an_xlsx_gives_the_same_rows_as_a_csv() -> None:
    table = read_table(xlsx(COLUMNS, ("198703122010012003", "Siti Résmi")), columns=COLUMNS)
    assert table.rows == read_table(TEXT.encode(), columns=COLUMNS).rows


def test_values_of_a_sheet_become_text_that_people_type() -> None:
    sheet = xlsx(("nip", "name"), (1_500_000.0, date(2026, 1, 2)), (12, date(2026, 1, 2)), (0.5,))
    cells = [tuple(row.cells.values()) for row in read_table(sheet, columns=COLUMNS).rows]
    assert cells == [("1500000", "2026-01-02"), ("12", "2026-01-02"), ("0.5", "")]


def test_a_nip_kept_as_a_number_shows_that_it_was_rounded() -> None:
    rows = sheet_of(
        '<row r="1"><c r="A1" t="inlineStr"><is><t>nip</t></is></c>'
        '<c r="B1" t="inlineStr"><is><t>name</t></is></c></row>'
        '<row r="2"><c r="A2"><v>1.98703122010012E+17</v></c></row>'
    )
    content = repacked(xlsx(COLUMNS), **{"xl/worksheets/sheet1.xml": rows})
    assert read_table(content, columns=COLUMNS).rows[0]["nip"] == "1.98703E+17"


def test_of_a_formula_only_its_value_is_taken() -> None:
    rows = sheet_of(
        '<row r="1"><c r="A1" t="inlineStr"><is><t>nip</t></is></c>'
        '<c r="B1" t="inlineStr"><is><t>name</t></is></c></row>'
        '<row r="2"><c r="A2"><f>1+1</f><v>2</v></c><c r="B2"><f>WEBSERVICE("x")</f></c></row>'
    )
    content = repacked(xlsx(COLUMNS), **{"xl/worksheets/sheet1.xml": rows})
    assert read_table(content, columns=COLUMNS).rows[0].cells == {"nip": "2", "name": ""}


def test_of_merged_cells_the_first_has_the_value() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(COLUMNS)
    sheet.append((1, "Siti"))
    sheet.append((2, None))
    sheet.merge_cells("B2:B3")
    file = io.BytesIO()
    book.save(file)
    rows = read_table(file.getvalue(), columns=COLUMNS).rows
    assert [row["name"] for row in rows] == ["Siti", ""]


def test_a_zip_bomb_is_refused_before_it_unpacks() -> None:
    bomb = repacked(xlsx(COLUMNS), **{"xl/sharedStrings.xml": b" " * 200_000_000})
    assert len(bomb) < 1_000_000
    tracemalloc.start()
    with pytest.raises(FileTooLarge):
        read_table(bomb, columns=COLUMNS)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5_000_000


def test_a_sheet_that_claims_rows_without_end_is_refused() -> None:
    rows = sheet_of(
        '<row r="1"><c r="A1" t="inlineStr"><is><t>nip</t></is></c>'
        '<c r="B1" t="inlineStr"><is><t>name</t></is></c></row>'
        '<row r="99999999999"><c r="A99999999999"><v>1</v></c></row>'
    )
    content = repacked(xlsx(COLUMNS), **{"xl/worksheets/sheet1.xml": rows})
    with pytest.raises((TooManyRows, FileUnreadable)):
        read_table(content, columns=COLUMNS)


def test_entities_that_grow_are_refused() -> None:
    laughs = (
        b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b'<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row></sheetData>'
        b"</worksheet>"
    )
    content = repacked(xlsx(COLUMNS), **{"xl/worksheets/sheet1.xml": laughs})
    with pytest.raises(FileUnreadable):
        read_table(content, columns=COLUMNS)


@pytest.mark.parametrize("text", ["=1+1", "+62", "-1", "@x", "\tx", "\rx", "'=1", "'", "x", ""])
def test_a_guarded_text_is_no_formula_and_comes_back_whole(text: str) -> None:
    guarded = guard(text)
    assert not guarded.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert unguard(guarded) == text


def test_a_negative_number_stays_a_number() -> None:
    file = io.StringIO()
    csv.writer(file).writerow([guard(-5), guard("-5"), guard(None)])
    assert file.getvalue() == "-5,'-5,\r\n"


@pytest.mark.parametrize(
    "typed", ["", "2026-02-30", "2/1/2026", "46024", "2026-1-2", "\u0662\u0660\u0662\u0666-01-02"]
)
def test_what_is_no_day_is_none(typed: str) -> None:
    assert read_day(typed) is None


@pytest.mark.parametrize("typed", ["", "-1", "1.5", "1,000", "1e9", "\u0661\u0662", "1" * 16, " 1"])
def test_what_is_no_whole_number_is_none(typed: str) -> None:
    assert read_whole(typed) is None


def test_days_and_whole_numbers_are_read() -> None:
    assert (read_day("2028-02-29"), read_whole("0150")) == (date(2028, 2, 29), 150)


def test_every_refusal_names_the_file() -> None:
    refusals = [FileUnreadable, FileTooLarge, TooManyRows, QuoteUnclosed, ColumnsMissing]
    assert {refusal.field for refusal in refusals if issubclass(refusal, DomainError)} == {"file"}
