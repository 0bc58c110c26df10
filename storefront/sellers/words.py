"""What people call the enterprise classes: message ids, for pages, mails and papers alike."""

from collections.abc import Collection, Mapping, Sequence

from storefront.core.errors import N_
from storefront.sellers.models import SellerClass

CLASSES: Mapping[SellerClass, str] = {
    SellerClass.MICRO: N_("Usaha mikro"),
    SellerClass.SMALL: N_("Usaha kecil"),
    SellerClass.COOPERATIVE: N_("Koperasi"),
    SellerClass.OTHER: N_("Lainnya"),
}


def class_ids(classes: Collection[SellerClass]) -> Sequence[str]:
    """The message ids of some classes, in the order in which people name them."""
    return [word for each, word in CLASSES.items() if each in classes]
