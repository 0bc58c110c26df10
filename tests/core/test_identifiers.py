"""What a number says, and what random names look like."""

import re

import pytest

from storefront.core.identifiers import (
    Employment,
    InvalidNip,
    crockford,
    keyed_digest,
    looks_like_nip,
    order_number,
    plain_nip,
    purchase_number,
    read_crockford,
    read_nip,
)

PNS, PPPK = Employment.PNS, Employment.PPPK
DEMO = [
    "198703122010012003",
    "197905052005011004",
    "198811202012012005",
    "198201152008011006",
    "199001012015022007",
    "197706062003121008",
    "198504142009021002",
]


@pytest.mark.parametrize("nip", DEMO)
def test_the_demos_numbers_are_those_of_pns(nip: str) -> None:
    assert read_nip(nip, PNS)[0] == nip


def test_a_number_says_birth_and_gender() -> None:
    nip, parts = read_nip("19860926 201505 1 001", PNS)
    assert nip == "198609262015051001"
    assert (parts.born_on.isoformat(), parts.is_woman) == ("1986-09-26", False)


def test_a_pppks_digits_13_and_14_are_no_month() -> None:
    assert read_nip("199203152022212005", PPPK)[0] == "199203152022212005"
    with pytest.raises(InvalidNip, match="bulan pengangkatan"):
        read_nip("199203152022212005", PNS)


def test_a_pppk_has_at_least_one_agreement() -> None:
    with pytest.raises(InvalidNip, match="perjanjian kerja"):
        read_nip("199203152022002005", PPPK)


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("1.98703E+17", "dibulatkan oleh Excel"),
        ("1.98703122010012e+17", "dibulatkan oleh Excel"),
        ("", "18 angka"),
        ("19870312201001200", "18 angka"),
        ("1987031220100120031", "18 angka"),
        ("١٩٨٧٠٣١٢٢٠١٠٠١٢٠٠٣", "18 angka"),
        ("198702302010012003", "tanggal lahir"),
        ("198713122010012003", "tanggal lahir"),
        ("198703121990012003", "tahun pengangkatan"),
        ("198703122010132003", "bulan pengangkatan"),
        ("198703122010002003", "bulan pengangkatan"),
        ("198703122010013003", "jenis kelamin"),
        ("198703122010010003", "jenis kelamin"),
    ],
)
def test_a_wrong_number_is_refused_with_what_is_wrong(typed: str, why: str) -> None:
    with pytest.raises(InvalidNip, match=why):
        read_nip(typed, PNS)


def test_spaces_and_dots_do_not_matter() -> None:
    typed = " 19870312.201001 2\u00a0003 "
    assert plain_nip(typed) == DEMO[0]
    assert looks_like_nip(typed)
    assert not looks_like_nip("siti@bandung.go.id")


def test_a_purchase_is_random_and_its_orders_count_from_it() -> None:
    number = purchase_number()
    assert re.fullmatch(r"P-[0-9A-HJKMNP-TV-Z]{10}", number)
    assert order_number(number, 2) == f"{number}-2"
    assert len({purchase_number() for _ in range(100)}) == 100


def test_a_printed_code_is_read_as_people_type_it() -> None:
    assert read_crockford("ab1o-cil 2") == "AB10C112"
    assert crockford(32**2 + 31, 4) == "010Z"


def test_what_one_key_is_used_for_is_kept_apart() -> None:
    key = b"k" * 32
    assert keyed_digest(key, "code", "1") != keyed_digest(key, "address", "1")
    assert keyed_digest(key, "code", "1") != keyed_digest(b"o" * 32, "code", "1")
