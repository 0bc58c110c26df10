"""The city's monthly bulletin: every agency against its target, as a closed month left them."""

from collections.abc import Iterable, Sequence

from storefront.documents.outside import cell_outside, fact_outside, head_outside
from storefront.documents.papers import (
    Cell,
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
from storefront.documents.wording import (
    foot_of,
    grouped,
    month_in_words,
    percent_in_words,
    share_head,
)
from storefront.quota.rule_models import RuleBase
from storefront.reports.city import AgencyState, CityQuota, CityRow

STATES = {
    AgencyState.ABOVE: "melewati target",
    AgencyState.BELOW: "di bawah target",
    AgencyState.SILENT: "belum ada pesanan",
    AgencyState.NO_BUDGET: "tanpa pagu sendiri",
    AgencyState.EXEMPT: "dikecualikan dari target",
}


def bulletin(
    figures: CityQuota, month: str, *, letterhead: Letterhead, checkpoint: str | None
) -> Report:
    """The paper of a closed month, from figures as of its last day, as known at its close."""
    target = percent_in_words(figures.target_permille)
    return Report(
        letterhead=letterhead,
        title=f"Buletin belanja lokal {month_in_words(month)}",
        subtitle=f"Tahun anggaran {figures.fiscal_year}, Januari sampai {month_in_words(month)}",
        day=figures.as_of,
        lead=Lead(permille(figures.permille), _in_a_sentence(figures, target)),
        sections=[
            Section("Ringkasan", facts=list(_facts(figures))),
            *_agencies(figures, target),
            *_bought_outside(figures),
        ],
        signs=(Sign(""), Sign("Kepala Dinas Koperasi dan UKM")),
        foot=foot_of(figures.position.number, figures.rule.version, checkpoint),
    )


def _in_a_sentence(figures: CityQuota, target: str) -> str:
    over, every = figures.states[AgencyState.ABOVE], figures.agencies
    if figures.missing_amount is None:
        return "belum dapat dihitung: belum ada pagu yang diisi."
    whole = "pagu belanja barang dan jasa kota"
    if figures.base is RuleBase.REALISED:
        whole = "realisasi kota, semua kelas"
    says = (
        f"{whole}, Rp{grouped(figures.base_amount or 0)}, sudah sampai"
        f" ke penjual yang dihitung. {over} dari {every} instansi melewati {target}."
    )
    if figures.missing_amount:
        return f"{says} Seluruh kota masih kurang Rp{grouped(figures.missing_amount)}."
    return says


def _facts(figures: CityQuota) -> Iterable[Fact]:
    yield Fact("Realisasi", rupiah(figures.realised))
    yield from fact_outside(figures)
    yield Fact("Komitmen", rupiah(figures.counted.committed))
    yield Fact("Menurut Inpres 2/2022", permille(figures.national_permille), "usaha kecil dihitung")
    for state, count in figures.states.items():
        if count or state is not AgencyState.EXEMPT:
            yield Fact(f"Instansi {STATES[state]}", number(count))


def _agencies(figures: CityQuota, target: str) -> Iterable[Section]:
    """Those with a budget, the highest share first; then, by name, those without one."""
    with_budget = [row for row in figures.rows if row.base_amount is not None]
    if with_budget:
        yield _picture(with_budget, figures, target)
        yield Section("Instansi dengan pagu", table=_with_budget(with_budget, figures, target))
    without = [
        row for row in figures.rows if row.base_amount is None and row.realised and row.counts_in
    ]
    if without:
        yield Section(
            "Instansi tanpa pagu sendiri",
            text=["Dihitung pada kuota instansi di atasnya."],
            table=Table(
                [
                    TableColumn("Instansi", figure=False),
                    TableColumn("Dihitung di"),
                    TableColumn("Realisasi"),
                    *map(TableColumn, head_outside(without)),
                ],
                [
                    [
                        words(row.name),
                        words(row.counts_in or ""),
                        rupiah(row.realised),
                        *cell_outside(row, without),
                    ]
                    for row in without
                ],
            ),
        )


def _picture(rows: Sequence[CityRow], figures: CityQuota, target: str) -> Section:
    """The agencies of the table, in its order; who is exempt is in the table alone."""
    columns = [
        ChartColumn("", 0, row.permille or 0, "", over=row.state is AgencyState.ABOVE)
        for row in rows
        if not row.is_exempt
    ]
    return Section(
        "Setiap instansi satu batang",
        text=["Urut dari bagian tertinggi, seperti tabel di bawah. Kuning: target tercapai."],
        chart=Chart(columns, figures.target_permille, f"Target {target}"),
    )


def _with_budget(rows: Sequence[CityRow], figures: CityQuota, target: str) -> Table:
    heads = ("Pagu", "Realisasi", "Komitmen", share_head(figures.base), f"Kurang ke {target}")
    body: list[Sequence[Cell]] = [
        [
            words(row.name),
            rupiah(row.ceiling_amount),
            rupiah(row.realised),
            rupiah(row.counted.committed),
            permille(row.permille),
            rupiah(row.missing_amount),
        ]
        for row in rows
    ]
    total: Sequence[Cell] = [
        words("Seluruh kota"),
        rupiah(figures.ceiling_amount),
        rupiah(figures.realised),
        rupiah(figures.counted.committed),
        permille(figures.permille),
        rupiah(figures.missing_amount),
    ]
    return Table([TableColumn("Instansi", figure=False), *map(TableColumn, heads)], body, total)


def _bought_outside(figures: CityQuota) -> Iterable[Section]:
    """Whose figure contains how much of it: a table of its own, for theirs is full.

    An agency that is summed in one above it stands with that one, so the rows make the whole.
    """
    rows = [row for row in figures.rows if row.off_platform_amount and row.counts_in is None]
    if rows:
        body = [
            [words(row.name), rupiah(row.realised), rupiah(row.off_platform_amount)] for row in rows
        ]
        total = [
            words("Seluruh kota"),
            rupiah(figures.realised),
            rupiah(figures.off_platform_amount),
        ]
        columns = [
            TableColumn("Instansi", figure=False),
            TableColumn("Realisasi"),
            TableColumn("Di antaranya luar toko"),
        ]
        yield Section(
            "Di luar toko",
            text=["Dicatat instansi dengan bukti dan disetujui orang kedua; termasuk di atas."],
            table=Table(columns, body, total),
        )
