"""What the acts of the log are called, and what the log keeps of each, in the auditor's words.

The act's own name stands beside its words: it is what the log holds, and what is searched for.
"""

import re
from collections.abc import Mapping
from datetime import date

from flask_babel import gettext as _

from storefront.core import audit
from storefront.core.errors import N_
from storefront.core.permissions import OPERATOR, SYSTEM, PersonId
from storefront.web.components import day_plain, rupiah

ACTS: Mapping[str, str] = {
    "account.signed_in": N_("Masuk"),
    "agencies.imported": N_("Daftar instansi diimpor"),
    "agency.over_ceiling": N_("Pilihan instansi untuk permintaan di atas pagu diubah"),
    "agency.reminded": N_("Instansi diingatkan tentang rencananya"),
    "agency_change.confirmed": N_("Perubahan susunan dikonfirmasi"),
    "agency_change.proposed": N_("Perubahan susunan diusulkan"),
    "agency_change.refused": N_("Perubahan susunan ditolak"),
    "budget.applied": N_("Pagu mulai berlaku"),
    "budget.confirmed": N_("Pagu dikonfirmasi"),
    "budget.proposed": N_("Pagu diusulkan"),
    "budget.refused": N_("Pagu ditolak"),
    "budgets.imported": N_("Pagu diimpor"),
    "categories.imported": N_("Kategori barang diimpor"),
    "check.asked": N_("Pemeriksaan buku diminta"),
    "city_role.confirmed": N_("Peran kota dikonfirmasi"),
    "city_role.ended": N_("Peran kota diakhiri"),
    "city_role.proposed": N_("Peran kota diusulkan"),
    "city_role.refused": N_("Peran kota ditolak"),
    "close.proposed": N_("Penutupan bulan diusulkan"),
    "close.refused": N_("Penutupan bulan ditolak"),
    "code.issued": N_("Kode aktivasi dibuat"),
    "codes.issued": N_("Kode aktivasi dibuat untuk banyak pegawai"),
    "correction.approved": N_("Koreksi disetujui"),
    "correction.proposed": N_("Koreksi diusulkan"),
    "correction.refused": N_("Koreksi ditolak"),
    "exemption.confirmed": N_("Pengecualian dikonfirmasi"),
    "exemption.ended": N_("Pengecualian diakhiri"),
    "exemption.proposed": N_("Pengecualian diusulkan"),
    "exemption.refused": N_("Pengecualian ditolak"),
    "expense_accounts.imported": N_("Kode rekening belanja diimpor"),
    "export.written": N_("Ekspor ditulis"),
    "holiday.added": N_("Hari libur ditambahkan"),
    "holiday.filled": N_("Hari libur setahun diisi"),
    "holiday.removed": N_("Hari libur dihapus"),
    "holiday.renamed": N_("Hari libur diganti namanya"),
    "month.closed": N_("Bulan ditutup"),
    "order.approved_above": N_("Permintaan di atas pagu disetujui dengan alasan"),
    "password.set": N_("Kata sandi dipasang"),
    "person.contact_changed": N_("Kontak pegawai diubah"),
    "person.numbered": N_("Nomor pegawai dicatat"),
    "person.registered": N_("Pegawai didaftarkan"),
    "placement.added": N_("Penempatan dicatat"),
    "placement.ended": N_("Penempatan diakhiri"),
    "placement.moved": N_("Pegawai dipindahkan"),
    "private.looked": N_("Data pribadi dibuka dengan alasan"),
    "product.changed": N_("Barang diubah"),
    "product.created": N_("Barang dibuat"),
    "product.picture.added": N_("Foto barang ditambahkan"),
    "product.picture.removed": N_("Foto barang dihapus"),
    "product.pictures.ordered": N_("Urutan foto barang diubah"),
    "product.put_up": N_("Barang ditayangkan"),
    "product.take_down": N_("Barang diturunkan"),
    "refund.allocated": N_("Dana kembali dialokasikan"),
    "role.confirmed": N_("Peran dikonfirmasi"),
    "role.ended": N_("Peran diakhiri"),
    "role.proposed": N_("Peran diusulkan"),
    "role.refused": N_("Peran ditolak"),
    "roster.imported": N_("Daftar pegawai diimpor"),
    "rule.adopted": N_("Aturan kuota ditetapkan"),
    "rule.proposed": N_("Aturan kuota diusulkan"),
    "rule.refused": N_("Aturan kuota ditolak"),
    "seller.applied": N_("Penjual mendaftar"),
    "seller.class_revoked": N_("Kelas penjual dicabut"),
    "seller.refuse": N_("Pendaftaran penjual ditolak"),
    "seller.reinstate": N_("Toko dibuka kembali"),
    "seller.suspend": N_("Toko ditutup sementara"),
    "seller.verified": N_("Kelas penjual diverifikasi"),
    "serlok_day.cancelled": N_("Hari Serlok ditiadakan"),
    "serlok_day.moved": N_("Hari Serlok dipindahkan"),
    "session.ended": N_("Satu perangkat dikeluarkan"),
    "sessions.ended": N_("Semua perangkat dikeluarkan"),
    "shop.changed": N_("Profil toko diubah"),
    "shop.staff_added": N_("Pengelola toko ditambahkan"),
    "shop.staff_ended": N_("Pengelola toko dilepas"),
    "signal.noted": N_("Isyarat ditanggapi"),
    "signal.threshold_set": N_("Ambang isyarat diubah"),
    "year_end.chosen": N_("Pilihan akhir tahun dibuat"),
}
"""Each act that the store records; the tests hold it against the code."""

NOBODY: Mapping[PersonId, str] = {
    OPERATOR.person_id: N_("baris perintah"),
    SYSTEM.person_id: N_("sistem"),
}

_RUPIAH = frozenset({"amount", "total", "committed", "realised"})
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DETAILS: Mapping[str, str] = {
    "agency": N_("instansi"),
    "amount": N_("jumlah"),
    "basis": N_("dasar"),
    "before": N_("sebelumnya"),
    "bought_on": N_("tanggal beli"),
    "choice": N_("pilihan"),
    "code": N_("kode"),
    "day": N_("hari"),
    "document": N_("dokumen"),
    "document_number": N_("dokumen"),
    "effective_on": N_("berlaku"),
    "ended_on": N_("berakhir"),
    "evidence": N_("bukti"),
    "file": N_("berkas"),
    "from": N_("dari"),
    "kind": N_("jenis"),
    "ledger_position": N_("catatan kuota nomor"),
    "lines": N_("baris"),
    "month": N_("bulan"),
    "name": N_("nama"),
    "new_name": N_("nama baru"),
    "new_parent": N_("induk baru"),
    "note": N_("tanggapan"),
    "over_amount": N_("lewat pagu"),
    "parts": N_("bagian"),
    "person": N_("orang"),
    "reason": N_("alasan"),
    "refusal": N_("alasan penolakan"),
    "revision": N_("versi"),
    "role": N_("peran"),
    "rows": N_("baris"),
    "rule_version": N_("aturan versi"),
    "seller": N_("penjual"),
    "seller_class": N_("kelas penjual"),
    "status": N_("keadaan"),
    "to": N_("menjadi"),
    "total": N_("jumlah"),
    "total_amount": N_("jumlah"),
    "valid_from": N_("mulai"),
    "valid_to": N_("sampai"),
    "version": N_("versi"),
    "year": N_("tahun"),
}


def act_word(act: str) -> str:
    """What was done; an act without a word is shown by its own name."""
    return str(_(ACTS[act])) if act in ACTS else act


def who_word(who: str) -> str:
    """Who did it: a name or an opaque id, or what stands for nobody in particular."""
    return str(_(NOBODY[PersonId(who)])) if who in NOBODY else who


def detail_words(details: audit.Details) -> list[tuple[str, str]]:
    """What the log keeps of an act, by its words; what is empty is left out."""
    return [
        (str(_(_DETAILS[name])) if name in _DETAILS else name, _said(name, value))
        for name, value in details.items()
        if value not in (None, "")
    ]


def _said(name: str, value: object) -> str:
    match value:
        case bool():
            return str(_("ya") if value else _("tidak"))
        case int() if name in _RUPIAH or name.endswith("_amount"):
            return rupiah(value)
        case int():
            return str(value)
        case str() if _DAY.fullmatch(value):
            return day_plain(date.fromisoformat(value))
        case _:
            return str(value)
