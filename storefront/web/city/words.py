"""Words for what the city's pages narrow lists by."""

from collections.abc import Mapping

from storefront.core.errors import N_
from storefront.sellers.models import SellerState

SELLER_STATES: Mapping[SellerState, tuple[str, str, str]] = {
    SellerState.APPLIED: (N_("Menunggu verifikasi"), "wait", "clock"),
    SellerState.ACTIVE: (N_("Berjualan"), "good", "check"),
    SellerState.SUSPENDED: (N_("Dihentikan sementara"), "bad", "circle-alert"),
    SellerState.REFUSED: (N_("Ditolak"), "x", "x"),
}
"""A shop's state in words, and how its pill looks."""
