"""What a seller wants a product to be, and the bounds of it. Shape only: no database is asked."""

import re
from dataclasses import dataclass, replace
from typing import ClassVar

from storefront.catalog.models import StockPolicy, VariantId
from storefront.catalog.stock import MOST_PIECES
from storefront.core.errors import N_, DomainError
from storefront.core.text import clean, one_line

LONGEST_NAME = 120
LONGEST_DESCRIPTION = 5_000
LONGEST_UNIT = 20
LONGEST_VARIANT_NAME = 60
LONGEST_SKU = 40
MOST_AMOUNT = 10**12
MOST_LEAD_DAYS = 90
MOST_CAPACITY = 100_000
MOST_VARIANTS = 30

_SKU = re.compile(r"[A-Z0-9][A-Z0-9._/-]*")


class NameMissing(DomainError):
    code = "product_name_missing"
    message = N_("Isi nama barang, paling banyak %(most)s huruf.")
    field = "name"


class DescriptionTooLong(DomainError):
    code = "description_too_long"
    message = N_("Cerita barang paling banyak %(most)s huruf.")
    field = "description"


class UnitMissing(DomainError):
    code = "unit_missing"
    message = N_("Isi satuannya, misalnya bungkus atau kotak, paling banyak %(most)s huruf.")
    field = "unit"


class VariantCountOutOfBounds(DomainError):
    code = "variant_count_out_of_bounds"
    message = N_("Satu barang punya 1 sampai %(most)s varian.")
    field = "variants"


class VariantRefused(DomainError):
    """A variant is out of bounds. `row` is its place among those sent, counted from 0."""

    row: int
    input: ClassVar[str]
    """The field of the variant's own row that is to be put right."""
    field = "variants"

    def __init__(self, *, row: int, **details: object) -> None:
        super().__init__(row=row, **details)
        self.row = row


class VariantNameMissing(VariantRefused):
    code = "variant_name_missing"
    message = N_("Beri nama tiap varian, berbeda-beda, paling banyak %(most)s huruf.")
    input = "name"


class PriceOutOfBounds(VariantRefused):
    code = "price_out_of_bounds"
    message = N_("Isi harga dengan angka dari Rp1 sampai %(most_amount)s.")
    input = "price_amount"


class WasNotDearer(VariantRefused):
    code = "was_not_dearer"
    message = N_("Harga lama harus lebih tinggi daripada harga sekarang, atau kosongkan.")
    input = "was_amount"


class InvalidSku(VariantRefused):
    code = "invalid_sku"
    message = N_(
        "Kode barang berisi huruf, angka, titik, atau garis, paling banyak %(most)s. Boleh kosong."
    )
    input = "sku"


class VariantStockOutOfBounds(VariantRefused):
    code = "variant_stock_out_of_bounds"
    message = N_("Isi stok dengan angka 0 sampai %(most)s.")
    input = "stock"


class LeadDaysOutOfBounds(VariantRefused):
    code = "lead_days_out_of_bounds"
    message = N_("Isi lama membuat dengan angka 0 sampai %(most)s hari kerja.")
    input = "lead_days"


class CapacityOutOfBounds(VariantRefused):
    code = "daily_capacity_out_of_bounds"
    message = N_("Isi kemampuan per hari dengan angka 1 sampai %(most)s, atau kosongkan.")
    input = "daily_capacity"


@dataclass(frozen=True, kw_only=True)
class VariantWish:
    """A variant as a form sends it. Without `variant_id` it is a new one."""

    variant_id: VariantId | None = None
    name: str = ""
    sku: str = ""
    """Empty: the store makes one, or leaves the one there is."""
    price_amount: int
    was_amount: int | None = None
    stock_policy: StockPolicy = StockPolicy.COUNTED
    stock: int | None = None
    """Pieces counted in the shop; None: as they are (of a new variant: none)."""
    seen_stock: int | None = None
    """The pieces that the form showed, so that no sale made meanwhile is counted away."""
    lead_days: int = 0
    daily_capacity: int | None = None
    is_active: bool = True


@dataclass(frozen=True, kw_only=True)
class ProductWish:
    """A product as a form sends it. Variants that are not named stay as they are."""

    name: str
    category_slug: str
    description: str = ""
    unit: str
    is_halal: bool = False
    variants: tuple[VariantWish, ...]


def checked(wish: ProductWish) -> ProductWish:
    """The wish with its texts cleaned. Raises what its fields call for (above)."""
    name, unit = one_line(wish.name), one_line(wish.unit)
    description = clean(wish.description)
    if not _is_readable(name) or len(name) > LONGEST_NAME:
        raise NameMissing(most=LONGEST_NAME)
    if len(description) > LONGEST_DESCRIPTION:
        raise DescriptionTooLong(most=LONGEST_DESCRIPTION)
    if not _is_readable(unit) or len(unit) > LONGEST_UNIT:
        raise UnitMissing(most=LONGEST_UNIT)
    if not 1 <= len(wish.variants) <= MOST_VARIANTS:
        raise VariantCountOutOfBounds(most=MOST_VARIANTS)
    variants = tuple(_checked_variant(row, one) for row, one in enumerate(wish.variants))
    _refuse_like_names(variants)
    return replace(wish, name=name, unit=unit, description=description, variants=variants)


def _checked_variant(row: int, wish: VariantWish) -> VariantWish:
    name, sku = one_line(wish.name), one_line(wish.sku).upper()
    if len(name) > LONGEST_VARIANT_NAME:
        raise VariantNameMissing(row=row, most=LONGEST_VARIANT_NAME)
    if sku and (len(sku) > LONGEST_SKU or not _SKU.fullmatch(sku)):
        raise InvalidSku(row=row, most=LONGEST_SKU)
    if not 1 <= wish.price_amount <= MOST_AMOUNT:
        raise PriceOutOfBounds(row=row, most_amount=MOST_AMOUNT)
    if wish.was_amount is not None and not wish.price_amount < wish.was_amount <= MOST_AMOUNT:
        raise WasNotDearer(row=row)
    if wish.stock is not None and not 0 <= wish.stock <= MOST_PIECES:
        raise VariantStockOutOfBounds(row=row, most=MOST_PIECES)
    if not 0 <= wish.lead_days <= MOST_LEAD_DAYS:
        raise LeadDaysOutOfBounds(row=row, most=MOST_LEAD_DAYS)
    if wish.daily_capacity is not None and not 1 <= wish.daily_capacity <= MOST_CAPACITY:
        raise CapacityOutOfBounds(row=row, most=MOST_CAPACITY)
    return replace(wish, name=name, sku=sku)


def _refuse_like_names(variants: tuple[VariantWish, ...]) -> None:
    """A buyer chooses by name: of several active variants each has one, and its own."""
    active = [(row, one.name.casefold()) for row, one in enumerate(variants) if one.is_active]
    seen: set[str] = set()
    for row, name in active if len(active) > 1 else ():
        if not name or name in seen:
            raise VariantNameMissing(row=row, most=LONGEST_VARIANT_NAME)
        seen.add(name)


def _is_readable(text: str) -> bool:
    return any(c.isalnum() for c in text)
