"""Names for things: random numbers of purchases, opaque ids of people, and what a NIP says."""

import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256
from typing import NewType

from storefront.core.errors import N_, DomainError

DECEMBER = 12
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

PHONE_DIGITS = range(8, 16)

Nip = NewType("Nip", str)
"""18 digits that name a civil servant, and prove nothing."""


class Employment(StrEnum):
    PNS = "pns"
    PPPK = "pppk"


class InvalidNip(DomainError):
    code = "invalid_nip"
    message = N_("NIP %(nip)s tidak sah: %(why)s")
    field = "nip"


class InvalidPhone(DomainError):
    code = "invalid_phone"
    message = N_("Isi nomor telepon yang bisa dihubungi, 8 sampai 15 angka.")
    field = "phone"


@dataclass(frozen=True)
class NipParts:
    """What the digits say."""

    born_on: date
    is_woman: bool


def opaque_id() -> str:
    """16 random hex digits: all that other tables know of a person."""
    return secrets.token_hex(8)


def random_id() -> int:
    """40 random bits: a key that cannot be counted up to, nor be given twice in a lifetime."""
    return secrets.randbits(40)


def purchase_number() -> str:
    """`P-` and 10 random Crockford base-32 characters (product.md, "Money, time")."""
    return "P-" + "".join(secrets.choice(CROCKFORD) for _ in range(10))


def order_number(purchase: str, position: int) -> str:
    """The number of a purchase's order: positions count from 1."""
    return f"{purchase}-{position}"


def secret_token() -> str:
    """What a link or a cookie carries; only its `digest` is kept."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """SHA-256 of a token, 64 hex digits. Enough for what is random; passwords use Argon2."""
    return sha256(token.encode()).hexdigest()


def keyed_digest(key: bytes, purpose: str, text: str) -> bytes:
    """HMAC-SHA-256 of a text under the app's key, for what could be guessed from a plain digest.

    `purpose` keeps apart what the one key is used for.
    """
    return hmac.digest(key, f"{purpose}\0{text}".encode(errors="surrogatepass"), "sha256")


def crockford(number: int, length: int) -> str:
    """A number as so many Crockford base-32 characters; what is above them is cut off."""
    return "".join(CROCKFORD[number >> 5 * place & 31] for place in reversed(range(length)))


def read_crockford(typed: str) -> str:
    """What was typed of a code, as it was printed: upper case, O as 0, I and L as 1."""
    plain = re.sub(r"[\s.\-]", "", typed).upper()
    return plain.translate(str.maketrans("OIL", "011"))


def read_phone(typed: str) -> str:
    """A phone number as digits, a leading + kept. Raises `InvalidPhone`."""
    phone = re.sub(r"[\s.()\-]", "", typed)
    digits = phone.removeprefix("+")
    if not (digits.isascii() and digits.isdigit()) or len(digits) not in PHONE_DIGITS:
        raise InvalidPhone
    return phone


def plain_nip(typed: str) -> str:
    """What was typed, without the spaces and dots that NIPs are written with."""
    return re.sub(r"[\s.]", "", typed)


def looks_like_nip(typed: str) -> bool:
    return re.fullmatch(r"[0-9]{18}", plain_nip(typed)) is not None


def read_nip(typed: str, employment: Employment) -> tuple[Nip, NipParts]:
    """A number by the form of its employment (product.md, "Facts of the field").

    PNS: birth date, month of appointment, gender, serial. PPPK: birth date, year of appointment,
    number of agreements, gender, serial; its digits 13-14 are not a month.
    Raises `InvalidNip`, which says what is wrong.
    """
    nip = plain_nip(typed)
    if re.fullmatch(r"[0-9.]+[eE]\+?[0-9]+", typed.strip()):
        raise InvalidNip(
            nip=typed,
            why=N_("dibulatkan oleh Excel; format kolomnya sebagai teks lalu isi ulang"),
        )
    if not re.fullmatch(r"[0-9]{18}", nip):
        raise InvalidNip(nip=typed, why=N_("harus 18 angka"))
    try:
        born_on = date(int(nip[:4]), int(nip[4:6]), int(nip[6:8]))
    except ValueError:
        raise InvalidNip(nip=typed, why=N_("tanggal lahir (angka 1-8) tidak ada")) from None
    year, month_or_agreements = int(nip[8:12]), int(nip[12:14])
    if not born_on.year + 15 <= year <= born_on.year + 70:
        raise InvalidNip(nip=typed, why=N_("tahun pengangkatan (angka 9-12) tidak cocok"))
    if employment is Employment.PNS and not 1 <= month_or_agreements <= DECEMBER:
        raise InvalidNip(nip=typed, why=N_("bulan pengangkatan (angka 13-14) tidak ada"))
    if employment is Employment.PPPK and month_or_agreements < 1:
        raise InvalidNip(nip=typed, why=N_("jumlah perjanjian kerja (angka 13-14) tidak ada"))
    if nip[14] not in "12":
        raise InvalidNip(nip=typed, why=N_("jenis kelamin (angka 15) harus 1 atau 2"))
    return Nip(nip), NipParts(born_on, is_woman=nip[14] == "2")
