"""What a shop says of itself, read and checked: numbers, names, how to reach it."""

import re
from functools import cache
from pathlib import Path

from storefront.core.errors import N_, DomainError
from storefront.core.text import one_line

NIB_DIGITS = 13
NPWP_DIGITS = frozenset({15, 16})
LONGEST_NAME = 120
LONGEST_ADDRESS = 400
LONGEST_EMAIL = 254

_SEPARATORS = re.compile(r"[\s.\-]")
_ROUNDED = re.compile(r"[0-9.,]+[eE]\+?[0-9]+")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_DISTRICTS = Path(__file__).parent / "data" / "districts.txt"


class InvalidNib(DomainError):
    code = "invalid_nib"
    message = N_("NIB terdiri dari 13 angka, seperti di OSS.")
    field = "nib"


class InvalidNpwp(DomainError):
    code = "invalid_npwp"
    message = N_("NPWP terdiri dari 15 atau 16 angka. Kosongkan bila belum ada.")
    field = "npwp"


class InvalidShopName(DomainError):
    code = "invalid_shop_name"
    message = N_("Isi nama usaha, paling banyak %(most)s huruf.")
    field = "name"


class InvalidOwnerName(DomainError):
    code = "invalid_owner_name"
    message = N_("Isi nama pemilik atau ketua, paling banyak %(most)s huruf.")
    field = "owner_name"


class InvalidEmail(DomainError):
    code = "invalid_email"
    message = N_("Isi alamat surel yang lengkap, misalnya nama@contoh.id.")
    field = "email"


class UnknownDistrict(DomainError):
    code = "unknown_district"
    message = N_("Pilih kecamatan tempat usaha dari daftar.")
    field = "district"


class InvalidAddress(DomainError):
    code = "invalid_address"
    message = N_("Alamat paling banyak %(most)s huruf.")
    field = "address"


@cache
def districts() -> tuple[str, ...]:
    """The city's districts (kecamatan), by name."""
    return tuple(_DISTRICTS.read_text(encoding="utf-8").split("\n")[:-1])


def read_nib(typed: str) -> str:
    """The 13 digits of a business number. Raises `InvalidNib`."""
    nib = _SEPARATORS.sub("", typed)
    if _ROUNDED.fullmatch(typed.strip()) or not _is_digits(nib) or len(nib) != NIB_DIGITS:
        raise InvalidNib
    return nib


def read_npwp(typed: str) -> str:
    """The 15 or 16 digits of a tax number, or nothing where there is none.

    Kept as they are: a 16-digit number has no check digit to mend (stack.md, trap 10).
    Raises `InvalidNpwp`.
    """
    npwp = _SEPARATORS.sub("", typed)
    if npwp and (not _is_digits(npwp) or len(npwp) not in NPWP_DIGITS):
        raise InvalidNpwp
    return npwp


def read_shop_name(typed: str) -> str:
    """A shop's name. Raises `InvalidShopName`."""
    name = one_line(typed)
    if not _is_readable(name):
        raise InvalidShopName(most=LONGEST_NAME)
    return name


def read_owner_name(typed: str) -> str:
    """The name of whom the shop belongs to, or who heads it. Raises `InvalidOwnerName`."""
    name = one_line(typed)
    if not _is_readable(name):
        raise InvalidOwnerName(most=LONGEST_NAME)
    return name


def read_email(typed: str) -> str:
    """An address to write to, in lower case. Raises `InvalidEmail`."""
    email = one_line(typed).lower()
    if len(email) > LONGEST_EMAIL or not email.isascii() or not _EMAIL.fullmatch(email):
        raise InvalidEmail
    return email


def read_district(typed: str) -> str:
    """One of the city's districts. Raises `UnknownDistrict`."""
    name = one_line(typed)
    if name not in districts():
        raise UnknownDistrict
    return name


def read_address(typed: str) -> str:
    """Where the shop is. Raises `InvalidAddress`."""
    address = one_line(typed)
    if len(address) > LONGEST_ADDRESS:
        raise InvalidAddress(most=LONGEST_ADDRESS)
    return address


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _is_readable(name: str) -> bool:
    return len(name) <= LONGEST_NAME and any(c.isalpha() for c in name)
