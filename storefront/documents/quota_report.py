"""An agency's quota report: the quota page as a paper with its letterhead."""

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
    day_in_words,
    foot_of,
    grouped,
    month_in_words,
    month_short,
    one_decimal,
    percent_in_words,
    share_head,
)
from storefront.quota.rule_models import RuleBase
from storefront.reports.forecast import Method
from storefront.reports.outlook import Outlook
from storefront.reports.quota import AgencyQuota
from storefront.reports.spread import PartFigure, Spread
from storefront.sellers.words import CLASSES

DECEMBER = 12
METHODS = {
    Method.SHAPE: "pola tahun lalu",
    Method.EVEN: "rata-rata bulan yang sudah lewat",
}


def quota_report(
    figures: AgencyQuota,
    spread: Spread | None,
    ahead: Outlook | None,
    *,
    letterhead: Letterhead,
    checkpoint: str | None,
) -> Report:
    """The paper. `spread` and `ahead` are of now, so a report of a past day is without them."""
    return Report(
        letterhead=letterhead,
        title="Laporan kuota"
        if figures.is_exempt
        else f"Laporan kuota {percent_in_words(figures.target_permille)}",
        subtitle=(
            f"{figures.agency_name} · {figures.agency_code} · tahun anggaran {figures.fiscal_year},"
            f" sampai {day_in_words(figures.as_of)}"
        ),
        day=figures.as_of,
        lead=Lead(permille(figures.permille), _in_a_sentence(figures)),
        sections=[
            Section("Ringkasan", facts=list(_facts(figures, ahead)), text=list(_notes(figures))),
            _by_month(figures, ahead),
            _by_class(figures),
            *_spread(spread, figures),
        ],
        signs=(Sign("Mengetahui"), Sign("Pejabat pengadaan")),
        foot=foot_of(figures.position.number, figures.rule.version, checkpoint),
    )


def _in_a_sentence(figures: AgencyQuota) -> str:
    target = percent_in_words(figures.target_permille)
    if figures.base_amount is None:
        lacks = "pagu belum diisi" if figures.base is RuleBase.BUDGET else "belum ada realisasi"
        return f"sudah sampai ke penjual yang dihitung belum dapat dibagi: {lacks}."
    whole = "pagu" if figures.base is RuleBase.BUDGET else "realisasi semua kelas"
    says = f"{whole} Rp{grouped(figures.base_amount)} sudah sampai ke penjual yang dihitung."
    if figures.exemption is not None:
        held = figures.exemption
        return (
            f"{says} Instansi ini dikecualikan dari target sampai {day_in_words(held.last_day)}"
            f" ({held.document_number}): {held.reason}"
        )
    if figures.missing_amount:
        return f"{says} Kurang Rp{grouped(figures.missing_amount)} lagi untuk mencapai {target}."
    return f"{says} Target {target} terlewati sebesar Rp{grouped(figures.beyond_amount or 0)}."


def _facts(figures: AgencyQuota, ahead: Outlook | None) -> Iterable[Fact]:
    yield Fact("Realisasi", rupiah(figures.realised))
    yield from fact_outside(figures)
    yield Fact("Komitmen", rupiah(figures.counted.committed), "sudah disetujui, belum selesai")
    yield Fact("Pagu", rupiah(figures.ceiling_amount), _revision(figures))
    yield Fact("Bila semua komitmen jadi", permille(figures.permille_if_all))
    yield Fact(
        f"Tahun {figures.fiscal_year - 1}",
        permille(figures.last_year.permille),
        f"realisasi Rp{grouped(figures.last_year.realised)}",
    )
    if ahead and ahead.forecast:
        bounds = f"antara {one_decimal(ahead.low_permille)} dan {one_decimal(ahead.high_permille)}"
        if ahead.permille is None:
            bounds = ""
        shown = (
            rupiah(ahead.forecast.amount) if ahead.permille is None else permille(ahead.permille)
        )
        yield Fact("Perkiraan 31 Desember", shown, bounds)
    if ahead and ahead.pace:
        yield Fact("Perlu setiap bulan", rupiah(ahead.pace.monthly_amount), "sampai Desember")
    if figures.correction_amount:
        yield Fact("Koreksi tahun lalu", rupiah(figures.correction_amount))


def _notes(figures: AgencyQuota) -> Iterable[str]:
    if figures.included:
        names = ", ".join(node.name for node in figures.included)
        yield f"Termasuk {names}, yang tidak memiliki pagu sendiri."
    if figures.borrowed_from:
        yield (
            f"Memakai pagu {figures.borrowed_from.name}: belanjanya dihitung pada kuota instansi"
            " itu, dan angka di sini adalah bagiannya."
        )


def _revision(figures: AgencyQuota) -> str:
    revision = figures.revision
    if revision is None:
        return ""
    return f"{revision.document_number}, {day_in_words(revision.effective_on)}"


def _by_month(figures: AgencyQuota, ahead: Outlook | None) -> Section:
    """The way to the target: thousandths of the base where there is one, else rupiah."""
    has_base = bool(figures.base_amount)
    columns, before = [], 0
    for month in figures.by_month:
        after = (month.permille or 0) if has_base else month.realised_so_far
        text = f"{after // 10}%" if has_base else ""
        columns.append(ChartColumn(month_short(month.month), before, after, text))
        before = after
    if ahead and ahead.permille is not None and figures.as_of.month < DECEMBER:
        guess = f"{ahead.permille // 10}%"
        columns.append(ChartColumn("Des", 0, ahead.permille, guess, guess=True))
    has_target = has_base and not figures.is_exempt
    target = figures.target_permille if has_target else 0
    says = (
        f"Target {percent_in_words(target)}, Rp{grouped(figures.target_amount or 0)}"
        if has_target
        else ""
    )
    rows = [
        [
            words(month_in_words(month.month)),
            rupiah(month.change.committed),
            rupiah(month.change.realised),
            *cell_outside(month, figures.by_month),
            rupiah(month.realised_so_far),
            permille(month.permille),
        ]
        for month in figures.by_month
    ]
    apart = head_outside(figures.by_month)
    heads = ("Komitmen", "Realisasi", *apart, "Kumulatif", share_head(figures.base))
    return Section(
        "Bulan demi bulan",
        text=list(_about_forecast(ahead)),
        chart=Chart(columns, target, says),
        table=_table("Bulan", heads, rows),
    )


def _about_forecast(ahead: Outlook | None) -> Iterable[str]:
    if ahead and ahead.forecast:
        made = ahead.forecast
        yield (
            f"Perkiraan akhir tahun dihitung dari {made.months_over} bulan yang sudah lewat menurut"
            f" {METHODS[made.method]}. Cara yang sama, dipakai {made.checked_months} bulan sebelum"
            f" bulan terakhir yang lewat, meleset {one_decimal(made.error_permille)}."
        )


def _by_class(figures: AgencyQuota) -> Section:
    rows = [
        [
            words(CLASSES[each.seller_class] + ("" if each.counts else " (tidak dihitung)")),
            number(each.sellers),
            rupiah(each.amounts.realised),
            *cell_outside(each, figures.by_class),
            rupiah(each.amounts.committed),
            permille(each.permille),
        ]
        for each in figures.by_class
    ]
    apart = head_outside(figures.by_class)
    outside = sum(each.off_platform_amount for each in figures.by_class)
    total = [
        words("Semua belanja"),
        number(sum(each.sellers for each in figures.by_class)),
        rupiah(figures.whole.realised),
        *([rupiah(outside)] if apart else []),
        rupiah(figures.whole.committed),
        permille(figures.whole_permille),
    ]
    heads = ("Penjual", "Realisasi", *apart, "Komitmen", share_head(figures.base))
    return Section("Menurut kelas penjual", table=_table("Kelas penjual", heads, rows, total))


def _spread(spread: Spread | None, figures: AgencyQuota) -> Iterable[Section]:
    if spread is None:
        return
    for heading, label, parts, unknown in (
        ("Menurut jenis barang", "Jenis barang", spread.by_category, "Di luar toko"),
        ("Menurut kecamatan penjual", "Kecamatan", spread.by_district, "Tidak tercatat"),
    ):
        if parts:
            yield Section(heading, table=_parts(label, parts, unknown, figures))


def _parts(label: str, parts: Sequence[PartFigure], unknown: str, figures: AgencyQuota) -> Table:
    rows = [
        [
            words(part.name or unknown),
            rupiah(part.amounts.realised),
            rupiah(part.amounts.committed),
        ]
        for part in parts
    ]
    total = [words("Yang dihitung"), rupiah(figures.realised), rupiah(figures.counted.committed)]
    return _table(label, ("Realisasi", "Komitmen"), rows, total)


def _table(
    first: str,
    figures: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    total: Sequence[Cell] | None = None,
) -> Table:
    columns = [TableColumn(first, figure=False), *map(TableColumn, figures)]
    return Table(columns, rows, total)
