"""Agencies in words: their kinds, and how they stand against the target."""

from collections.abc import Mapping

from storefront.agencies.models import AgencyKind
from storefront.core.errors import N_
from storefront.reports.city import AgencyState

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
