"""Figures explained: what each is called, how it comes about, what each step reckons."""

from collections.abc import Mapping

from flask_babel import gettext as _

from storefront.core.errors import N_
from storefront.reports.explained_figures import (
    OF_CATEGORIES,
    OF_DISTRICTS,
    Figure,
    Question,
    read_district,
)
from storefront.reports.explained_steps import Sign, StepName
from storefront.sellers.models import SellerClass
from storefront.web.components import month as month_name
from storefront.web.words import class_word

TITLES = {
    Figure.REALISED: N_("Realisasi yang dihitung"),
    Figure.COMMITTED: N_("Komitmen yang dihitung"),
    Figure.IF_ALL: N_("Bila semua komitmen jadi"),
    Figure.CEILING: N_("Pagu"),
    Figure.TARGET: N_("Target"),
    Figure.MISSING: N_("Kurang ke target"),
    Figure.BEYOND: N_("Melebihi target"),
    Figure.WHOLE: N_("Belanja semua kelas"),
    Figure.NATIONAL: N_("Realisasi menurut Inpres 2/2022"),
    Figure.OF_CLASS: N_("Realisasi %(part)s"),
    Figure.OF_MONTH: N_("Realisasi %(part)s"),
    Figure.UP_TO_MONTH: N_("Realisasi sampai %(part)s"),
    Figure.LAST_YEAR: N_("Realisasi tahun lalu"),
    Figure.CORRECTION: N_("Koreksi tahun lalu"),
    Figure.BASE: N_("Realisasi semua kelas"),
    Figure.MISSING_IF_ALL: N_("Kurang bila semua komitmen jadi"),
    Figure.COMMITTED_OF_CLASS: N_("Komitmen %(part)s"),
    Figure.COMMITTED_WHOLE: N_("Komitmen semua kelas"),
    Figure.OFF_PLATFORM: N_("Belanja luar toko"),
    Figure.SELLERS: N_("Penjual yang dipakai"),
    Figure.CATEGORY: N_("Realisasi %(part)s"),
    Figure.COMMITTED_OF_CATEGORY: N_("Komitmen %(part)s"),
    Figure.DISTRICT: N_("Realisasi di %(part)s"),
    Figure.COMMITTED_OF_DISTRICT: N_("Komitmen di %(part)s"),
    Figure.FORECAST: N_("Perkiraan 31 Desember"),
    Figure.FORECAST_LOW: N_("Batas bawah perkiraan"),
    Figure.FORECAST_HIGH: N_("Batas atas perkiraan"),
    Figure.MONTHLY: N_("Perlu setiap bulan"),
    Figure.LAST_YEAR_UNTIL: N_("Realisasi tahun lalu sampai %(part)s"),
}
"""What each figure is called."""
FORMULAS = {
    Figure.REALISED: N_(
        "Jumlah realisasi semua catatan belanja dinas pada kelas penjual yang dihitung."
    ),
    Figure.COMMITTED: N_(
        "Jumlah komitmen semua catatan belanja dinas pada kelas penjual yang dihitung: yang"
        " disetujui dan belum dibelanjakan."
    ),
    Figure.IF_ALL: N_("Realisasi ditambah komitmen, pada kelas penjual yang dihitung."),
    Figure.CEILING: N_("Pagu belanja barang dan jasa menurut perubahan terakhir yang berlaku."),
    Figure.TARGET: N_("Persentase target dikali dasarnya menurut aturan, dibulatkan ke atas."),
    Figure.MISSING: N_("Target dikurangi realisasi yang dihitung; nol bila sudah tercapai."),
    Figure.BEYOND: N_("Realisasi yang dihitung dikurangi target; nol bila belum tercapai."),
    Figure.WHOLE: N_("Jumlah realisasi semua catatan belanja dinas, semua kelas penjual."),
    Figure.NATIONAL: N_(
        "Jumlah realisasi kelas yang dihitung instruksi nasional: usaha kecil ikut dihitung."
    ),
    Figure.OF_CLASS: N_("Jumlah realisasi catatan belanja dinas pada kelas penjual ini."),
    Figure.OF_MONTH: N_("Jumlah realisasi catatan dengan periode bulan ini, kelas yang dihitung."),
    Figure.UP_TO_MONTH: N_(
        "Jumlah realisasi catatan dengan periode sampai bulan ini, kelas yang dihitung."
    ),
    Figure.LAST_YEAR: N_(
        "Jumlah realisasi akun tahun anggaran sebelumnya, menurut aturan hari terakhirnya."
    ),
    Figure.CORRECTION: N_(
        "Per pesanan, bagian negatif dari jumlah catatannya pada akun tahun ini: yang ditarik"
        " kembali dari pesanan tahun yang sudah ditutup."
    ),
    Figure.BASE: N_(
        "Jumlah realisasi semua kelas penjual: menurut aturan, target adalah bagian darinya."
    ),
    Figure.MISSING_IF_ALL: N_(
        "Target dikurangi realisasi dan komitmen yang dihitung; nol bila tercapai setelah semua"
        " komitmen jadi."
    ),
    Figure.COMMITTED_OF_CLASS: N_(
        "Jumlah komitmen catatan belanja dinas pada kelas penjual ini: yang disetujui dan belum"
        " dibelanjakan."
    ),
    Figure.COMMITTED_WHOLE: N_("Jumlah komitmen semua catatan belanja dinas, semua kelas penjual."),
    Figure.OFF_PLATFORM: N_(
        "Jumlah realisasi dokumen belanja di luar toko, masing-masing dicatat dengan bukti dan"
        " disetujui orang kedua. Sudah termasuk dalam realisasi."
    ),
    Figure.SELLERS: N_(
        "Banyaknya penjual yang pesanannya masih berisi komitmen atau realisasi, dihitung sekali"
        " dalam setiap kelas."
    ),
    Figure.CATEGORY: N_(
        "Dari setiap pesanan, bagian barang jenis ini: jumlah pesanan dibagi menurut harga"
        " barangnya, tepat sampai rupiah terakhir."
    ),
    Figure.COMMITTED_OF_CATEGORY: N_(
        "Dari komitmen setiap pesanan, bagian barang jenis ini: dibagi menurut harga barangnya,"
        " tepat sampai rupiah terakhir."
    ),
    Figure.DISTRICT: N_(
        "Jumlah realisasi catatan dari penjual yang beralamat di sini ketika alamat halaman ini"
        " dibuat. Penjualnya ikut tertulis dalam alamatnya, jadi penjual yang pindah tidak"
        " mengubahnya."
    ),
    Figure.COMMITTED_OF_DISTRICT: N_(
        "Jumlah komitmen catatan dari penjual yang beralamat di sini ketika alamat halaman ini"
        " dibuat. Penjualnya ikut tertulis dalam alamatnya, jadi penjual yang pindah tidak"
        " mengubahnya."
    ),
    Figure.FORECAST: N_(
        "Yang lebih besar: hasil hitungan dari bulan yang sudah lewat, atau yang sudah"
        " direalisasikan dan disetujui."
    ),
    Figure.FORECAST_LOW: N_(
        "Perkiraan dikurangi seberapa jauh cara yang sama pernah meleset; tidak kurang dari yang"
        " sudah direalisasikan."
    ),
    Figure.FORECAST_HIGH: N_("Perkiraan ditambah seberapa jauh cara yang sama pernah meleset."),
    Figure.MONTHLY: N_(
        "Kekurangan setelah semua komitmen jadi, dibagi bulan yang tersisa termasuk bulan ini,"
        " dibulatkan ke atas."
    ),
    Figure.LAST_YEAR_UNTIL: N_(
        "Jumlah realisasi akun tahun anggaran sebelumnya sampai akhir bulan ini; sampai Desember"
        " termasuk yang dicatat sesudahnya. Perkiraan membandingkannya dengan tahun ini."
    ),
}
"""How each figure comes about, in a sentence."""
STEPS = {
    StepName.IF_ALL: N_("Realisasi ditambah komitmen"),
    StepName.TARGET: N_("Target: bagian yang diminta, dari dasarnya; dibulatkan ke atas"),
    StepName.TARGET_IF_ALL: N_("Target bila semua komitmen jadi: dasarnya ikut bertambah"),
    StepName.MISSING: N_("Target dikurangi realisasi yang dihitung"),
    StepName.BEYOND: N_("Realisasi yang dihitung dikurangi target"),
    StepName.MISSING_IF_ALL: N_("Target dikurangi realisasi dan komitmen yang dihitung"),
    StepName.MONTHLY: N_("Dibagi bulan yang tersisa, dibulatkan ke atas"),
    StepName.SHAPE: N_(
        "Realisasi sampai bulan terakhir yang lewat, dikali tahun lalu sampai Desember, dibagi"
        " tahun lalu sampai bulan yang sama"
    ),
    StepName.EVEN: N_("Rata-rata bulan yang sudah lewat, untuk dua belas bulan"),
    StepName.STANDS: N_("Yang sudah ada: realisasi ditambah komitmen; perkiraan tidak di bawahnya"),
    StepName.PUT_BACK: N_(
        "Cara ini diuji: seandainya dipakai lebih awal, inilah perkiraannya untuk %(month)s"
    ),
    StepName.OFF: N_("Yang sebenarnya terjadi sampai %(month)s berbeda sebesar"),
    StepName.SPREAD: N_("Sebesar itu pula perkiraan ini dapat meleset"),
    StepName.LOW: N_("Batas bawah, tidak kurang dari realisasi sekarang"),
    StepName.HIGH: N_("Batas atas"),
}
"""What each step of a formula reckons."""
SIGNS = {
    Sign.PLUS: "+",
    Sign.LESS: "\N{MINUS SIGN}",
    Sign.TIMES: "\N{MULTIPLICATION SIGN}",
    Sign.OVER: "\N{DIVISION SIGN}",
}


def title_of(question: Question, categories: Mapping[str, str]) -> str:
    """A figure by its name; `categories`: what root categories are called, by their slugs."""
    part = question.part
    if question.figure in OF_CATEGORIES:
        return str(_(TITLES[question.figure], part=category_word(part, categories)))
    if question.figure in OF_DISTRICTS:
        return str(_(TITLES[question.figure], part=read_district(part)[0] or _("tidak tercatat")))
    if part in set(SellerClass):
        part = class_word(SellerClass(part)).lower()
    elif part:
        part = month_name(part)
    title = str(_(TITLES[question.figure], part=part))
    return f"{title}, {part}" if part and part not in title else title


def category_word(slug: str, categories: Mapping[str, str]) -> str:
    """What a root category is called; without a slug: what no order of the store stands behind."""
    return categories.get(slug, slug) if slug else str(_("di luar toko"))
