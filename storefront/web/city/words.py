"""Words for what the city's pages narrow lists by."""

from collections.abc import Mapping

from storefront.agencies.models import AgencyKind
from storefront.core.errors import N_
from storefront.reports.city import AgencyState
from storefront.sellers.models import SellerState

KINDS: Mapping[AgencyKind, str] = {
    AgencyKind.SECRETARIAT: N_("Sekretariat"),
    AgencyKind.INSPECTORATE: N_("Inspektorat"),
    AgencyKind.DINAS: N_("Dinas"),
    AgencyKind.BADAN: N_("Badan"),
    AgencyKind.HOSPITAL: N_("Rumah sakit"),
    AgencyKind.KECAMATAN: N_("Kecamatan"),
    AgencyKind.KELURAHAN: N_("Kelurahan"),
    AgencyKind.UNIT: N_("Satuan"),
    AgencyKind.BUMD: N_("BUMD"),
}
STATES: Mapping[AgencyState, str] = {
    AgencyState.ABOVE: N_("Melewati target"),
    AgencyState.BELOW: N_("Di bawah target"),
    AgencyState.SILENT: N_("Belum ada pesanan"),
    AgencyState.NO_BUDGET: N_("Tanpa pagu sendiri"),
    AgencyState.EXEMPT: N_("Dikecualikan"),
}
SELLER_STATES: Mapping[SellerState, tuple[str, str, str]] = {
    SellerState.APPLIED: (N_("Menunggu verifikasi"), "wait", "clock"),
    SellerState.ACTIVE: (N_("Berjualan"), "good", "check"),
    SellerState.SUSPENDED: (N_("Dihentikan sementara"), "bad", "circle-alert"),
    SellerState.REFUSED: (N_("Ditolak"), "x", "x"),
}
"""A shop's state in words, and how its pill looks."""
