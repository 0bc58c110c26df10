"""Signals in words: what each kind is, and its reason with the figures that raised it."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext

from storefront.core.errors import N_
from storefront.reports.signal_desk import SignalRow
from storefront.reports.signal_models import SignalKind, SignalStatus
from storefront.web import components
from storefront.web.errors import said

PER_PERCENT = 10
MEANINGS: Mapping[SignalKind, str] = {
    SignalKind.SPLIT: N_(
        "Beberapa permintaan ke satu penjual dalam waktu dekat, masing-masing di bawah batas, "
        "bersama-sama melewatinya. Bisa juga kebutuhan yang memang datang berurutan."
    ),
    SignalKind.YEAR_END: N_(
        "Bagian Desember dari realisasi setahun jauh di atas bulan biasa. Bisa juga kegiatan yang "
        "memang jatuh di akhir tahun, atau pembayaran yang terlambat."
    ),
    SignalKind.REVERSED: N_(
        "Belanja terhitung di satu bulan, lalu barang atau uangnya kembali di bulan sesudahnya. "
        "Bisa juga barang rusak yang wajar dikembalikan."
    ),
    SignalKind.CONTACT: N_(
        "Pembeli atau penyetuju memakai telepon, surel, atau alamat yang sama dengan toko atau "
        "pengelolanya. Kontaknya sendiri tidak ditampilkan. Bisa juga keluarga yang serumah tanpa "
        "kepentingan."
    ),
    SignalKind.PRICE: N_(
        "Harga satuan jauh di atas median barang yang kategori, satuan, dan kata pertama namanya "
        "sama pada tahun itu. Bisa juga mutu, ukuran, atau pesanan khusus."
    ),
}
REASONS: Mapping[SignalKind, str] = {
    SignalKind.SPLIT: N_(
        "%(count)s permintaan ke %(seller)s dalam %(days)s hari, masing-masing di bawah "
        "%(limit_amount)s, bersama %(sum_amount)s."
    ),
    SignalKind.YEAR_END: N_(
        "Desember memuat %(percent)s dari realisasi %(year_word)s: %(december_amount)s, "
        "%(fortnight_amount)s di antaranya sejak tanggal 18. Bulan lain rata-rata %(usual_amount)s."
    ),
    SignalKind.REVERSED: N_(
        "%(back_amount)s dari %(seller)s terhitung pada %(counted_month)s dan ditarik pada "
        "%(back_month)s."
    ),
    SignalKind.CONTACT: N_(
        "%(side_word)s dan %(seller)s memakai %(contacts)s yang sama: %(count)s pesanan, "
        "%(sum_amount)s."
    ),
    SignalKind.PRICE: N_(
        "%(product)s dari %(seller)s: %(price_amount)s per %(unit)s, %(percent)s dari median "
        "%(median_amount)s (n = %(lines)s baris, %(sellers)s penjual)."
    ),
}
SIDES = {"buyer": N_("Pembeli"), "approver": N_("Penyetuju")}
CONTACTS = {"phone": N_("telepon"), "email": N_("surel"), "address": N_("alamat")}
STATUSES: Mapping[SignalStatus, tuple[str, str, str]] = {
    SignalStatus.OPEN: (N_("Belum diperiksa"), "wait", "clock"),
    SignalStatus.LOOKED_AT: (N_("Sedang diperiksa"), "go", "eye"),
    SignalStatus.EXPLAINED: (N_("Sudah jelas"), "good", "circle-check"),
}


def reason(row: SignalRow) -> str:
    """Why a signal was raised, in one sentence with its figures."""
    facts: dict[str, Any] = dict(row.facts)
    if "permille" in facts:
        facts["percent"] = components.percent(facts["permille"] / PER_PERCENT, 0)
    if "year" in facts:
        facts["year_word"] = str(facts["year"])
    if "counted" in facts:
        facts["counted_month"] = _month(facts["counted"])
        facts["back_month"] = _month(facts["taken_back"])
    if "what" in facts:
        facts["side_word"] = SIDES[facts["side"]]
        facts["contacts"] = ", ".join(str(gettext(CONTACTS[kind])) for kind in facts["what"])
    return said(REASONS[row.kind], facts)


def _month(period: str) -> str:
    return str(components.month(date(int(period[:4]), int(period[5:]), 1)))
