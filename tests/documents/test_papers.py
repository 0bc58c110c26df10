"""Papers: what a person reads and what a machine reads in them is one, and always the same."""

import io
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import cast

import pytest
from pypdf import PdfReader

from storefront.core.rendering import PaperRenderer
from storefront.documents.papers import (
    Chart,
    ChartColumn,
    Fact,
    Lead,
    Letterhead,
    Report,
    Section,
    Sign,
    Table,
    TableColumn,
    number,
    permille,
    rupiah,
    words,
)

AT = datetime(2026, 11, 24, 3, tzinfo=UTC)
CLASSES = [
    [words("Usaha mikro"), number(1_186), rupiah(9_289_487_500), permille(240)],
    [words("Koperasi"), number(24), rupiah(-1_000), permille(None)],
]


@pytest.fixture(scope="module")
def papers() -> PaperRenderer:
    return PaperRenderer(Path("templates/documents").resolve())


def report(*sections: Section) -> Report:
    return Report(
        letterhead=Letterhead(
            "Pemerintah Kota Bandung", "Dinas Kesehatan", "Jl. Supratman", "Toko"
        ),
        title="Laporan kuota",
        subtitle="tahun anggaran 2026",
        day=date(2026, 11, 24),
        lead=Lead(permille(307), "sudah sampai ke usaha mikro dan koperasi."),
        sections=sections,
        signs=(Sign("Mengetahui", "dr. Anhar", "198201152008011006"), Sign("Pejabat pengadaan")),
        foot="Catatan kuota nomor 18.467",
    )


def rendered(papers: PaperRenderer, *sections: Section) -> PdfReader:
    return PdfReader(io.BytesIO(papers.render("report", report(*sections).as_data(), at=AT)))


def text_of(pdf: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in pdf.pages).split())


def classes(rows: Sequence[Sequence[object]] = CLASSES) -> Section:
    columns = [TableColumn("Kelas", figure=False), *map(TableColumn, ("Penjual", "Realisasi", "%"))]
    return Section("Menurut kelas", table=Table(columns, cast(Sequence[Sequence[None]], rows)))


def test_a_report_says_its_figures_as_people_write_them(papers: PaperRenderer) -> None:
    facts = Section("Ringkasan", facts=[Fact("Komitmen", rupiah(1_287_450_000), "12 pesanan")])
    told = text_of(rendered(papers, facts, classes()))
    for said in (
        "DINAS KESEHATAN",
        "30,7%",
        "Rp1.287.450.000",
        "12 pesanan",
        "1.186",
        "Rp9.289.487.500",
        "\N{MINUS SIGN}Rp1.000",
        "24,0%",
        "NIP 198201152008011006",
        "Catatan kuota nomor 18.467",
        "halaman 1 dari 1",
    ):
        assert said in told


def test_a_machine_reads_in_it_what_a_person_reads(papers: PaperRenderer) -> None:
    (attached,) = rendered(papers, classes()).attachments["data.json"]
    data = json.loads(attached)
    assert data["sections"][0]["table"]["rows"][0][2] == {"rupiah": 9_289_487_500}
    assert data["title"] == "Laporan kuota"


def test_the_same_data_gives_the_same_bytes_and_other_data_others(papers: PaperRenderer) -> None:
    data = report(classes()).as_data()
    once = papers.render("report", data, at=AT)
    other = replace(report(classes()), foot="Catatan kuota nomor 18.468").as_data()
    assert papers.render("report", other, at=AT) != once
    assert papers.render("report", data, at=AT) == once


def test_it_is_for_the_archive(papers: PaperRenderer) -> None:
    pdf = rendered(papers)
    metadata = pdf.xmp_metadata
    assert metadata is not None
    assert b"<pdfaid:part>3</pdfaid:part>" in metadata.stream.get_data()
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in metadata.stream.get_data()


def test_what_people_typed_is_text_whatever_it_looks_like(papers: PaperRenderer) -> None:
    nasty = '#panic("x") $x^2$ *b* `c` <script> \\u{1F600} @ref'
    assert nasty in text_of(rendered(papers, Section(nasty, text=[nasty])))


def test_a_long_table_goes_on_with_its_heading_on_the_next_page(papers: PaperRenderer) -> None:
    pdf = rendered(papers, classes(CLASSES * 60))
    assert len(pdf.pages) > 1
    assert "Penjual" in pdf.pages[1].extract_text()


def test_a_chart_is_drawn_from_its_figures_also_from_none(papers: PaperRenderer) -> None:
    months = [ChartColumn("Jan", 0, 20, "2%"), ChartColumn("Des", 0, 367, "37%", guess=True)]
    told = text_of(rendered(papers, Section("Jalan", chart=Chart(months, 400, "Target 40%"))))
    assert "Target 40%" in told
    assert "37%" in told
    nothing = Chart([ChartColumn("Jan", 0, 0, "")])
    assert "Jan" in text_of(rendered(papers, Section("Jalan", chart=nothing)))


def test_room_left_without_a_role_is_left_empty(papers: PaperRenderer) -> None:
    signed = replace(report(), signs=(Sign(""), Sign("Pejabat pengadaan"))).as_data()
    told = text_of(PdfReader(io.BytesIO(papers.render("report", signed, at=AT))))
    assert "Pejabat pengadaan," in told
    assert " , " not in told


def test_a_wide_table_keeps_its_names_on_a_line(papers: PaperRenderer) -> None:
    name = "Dinas Pemberdayaan Perempuan"
    figures = [rupiah(15_071_900_000)] * 4 + [permille(224)]
    columns = [TableColumn("Instansi", figure=False), *map(TableColumn, "abcde")]
    wide = Section("Instansi", table=Table(columns, [[words(name), *figures]]))
    page = rendered(papers, wide).pages[0]
    assert any(name in line for line in page.extract_text().splitlines())


def test_columns_without_words_stand_side_by_side(papers: PaperRenderer) -> None:
    many = [ChartColumn("", 0, 400 - at, "", over=at == 0) for at in range(67)]
    told = text_of(rendered(papers, Section("Batang", chart=Chart(many, 400, "Target 40%"))))
    assert told.index("Batang") < told.index("Target 40%") < told.index("Mengetahui")
