"""What checks find, in the auditor's words; rows are named as the store knows them."""

from collections.abc import Mapping

from storefront.core.errors import N_

DIFFERENCES: Mapping[str, str] = {
    "committed": N_("komitmen"),
    "realised": N_("realisasi"),
    "spent": N_("terpakai"),
    "paid": N_("dibayar"),
    "paid by its agency": N_("dibayar instansinya"),
    "withheld": N_("pajak dipungut"),
    "documents as sealed": N_("surat dan buktinya tidak seperti saat disegel"),
    "stock": N_("stok"),
    "taken": N_("diambil dari stok"),
    "seal does not match": N_("segelnya tidak cocok dengan isinya"),
    "balances do not follow from the entry before": N_("saldonya tidak menyambung"),
    "account does not match its last entry": N_("akun tidak sama dengan catatan terakhirnya"),
    "is not as it was created": N_("pengaman basis data hilang atau diubah"),
    "is missing or out of order": N_("nomornya hilang atau tidak urut"),
    "has no position and waits for none": N_("catatan ini tidak bernomor"),
    "a refund is not allocated yet": N_("dana kembali belum dialokasikan"),
}
"""What differs; what has no word here is shown as it is."""
