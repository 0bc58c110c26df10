"""Which passwords are good enough, and how they are kept."""

import pytest
from sqlalchemy.orm import Session

from storefront.accounts import passwords, processes, sessions
from storefront.accounts.logins import FREE_FROM_A_BLOCK, TooManyTries
from storefront.accounts.passwords import (
    PasswordBlank,
    PasswordGuessable,
    PasswordTooLong,
    PasswordTooShort,
    PasswordUnreadable,
    check_password,
    fits,
    hash_password,
)
from storefront.accounts.processes import WrongPassword
from storefront.core.database import UnitOfWork, transaction
from storefront.core.errors import DomainError
from tests.accounts.people import HERE, KEY, PASSWORD, Someone, sign_in
from tests.factories import NOON
from tests.threads import in_threads

ABOUT = (
    "Siti Nurhaliza",
    "198703122010012003",
    "siti.n@bandung.example",
    "Salapak",
    "Kota Bandung",
)
NEW = "korek lampion gerimis sore"


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        ("", PasswordTooShort),
        ("sebelas-crt", PasswordTooShort),
        ("x" * 201, PasswordTooLong),
        ("x" * 10_000, PasswordTooLong),
        ("kuda biru\0 menari pelan", PasswordUnreadable),
        ("kuda biru\ud800 menari pelan", PasswordUnreadable),
        (" " * 20, PasswordBlank),
        ("\u3000" * 20, PasswordBlank),
        ("aaaaaaaaaaaaaaaa", PasswordGuessable),
        ("password12345", PasswordGuessable),
        ("merdeka17agustus", PasswordGuessable),
        ("bismillah123456", PasswordGuessable),
        ("persibbandung1933", PasswordGuessable),
        ("Siti Nurhaliza", PasswordGuessable),
        ("198703122010012003", PasswordGuessable),
        ("siti.n@bandung.example", PasswordGuessable),
        ("Salapak2026!!", PasswordGuessable),
    ],
)
def test_a_poor_password_is_refused_with_what_is_wrong(
    typed: str, refusal: type[DomainError]
) -> None:
    with pytest.raises(refusal) as refused:
        check_password(typed, about=ABOUT)
    assert refused.value.field == "password"


@pytest.mark.parametrize(
    "typed",
    [
        "kuda biru menari pelan",
        "Serlok-Bandung-2026",
        "xK9#mQ2$vL7p",
        "пароль из многих слов",
        "😀🐎🎻🧂🪁🛶🧭🪕🥥🦜🧵🪴",
        " kuda biru menari pelan " * 8,
    ],
)
def test_a_good_password_may_be_anything_that_can_be_typed(typed: str) -> None:
    check_password(typed, about=ABOUT)


def test_a_long_password_counts_to_its_last_character() -> None:
    long = "kuda biru menari pelan " * 8
    assert not fits(hash_password(long), f"{long[:-1]}!")


def test_one_letter_in_two_unicode_forms_is_one_password() -> None:
    assert fits(hash_password("caf\u00e9 di ujung jalan"), "cafe\u0301 di ujung jalan")


def test_a_hash_is_argon2_with_64_mib_and_never_twice_the_same() -> None:
    first, second = hash_password(PASSWORD), hash_password(PASSWORD)
    assert first.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert first != second


def test_a_broken_hash_fits_nothing() -> None:
    assert not fits("not a hash", PASSWORD)


def test_many_at_once_wait_their_turn_and_all_get_their_answer() -> None:
    known = hash_password(PASSWORD)
    answers = in_threads(3 * passwords.HASHES_AT_ONCE, lambda _number: fits(known, PASSWORD))
    assert all(answers)


def change(unit: UnitOfWork, of: Someone, current: str, password: str = NEW) -> None:
    processes.change_password(
        unit,
        of.actor,
        key=KEY,
        current=current,
        password=password,
        about=("Salapak",),
        address=HERE,
        now=NOON,
    )


def test_a_changed_password_ends_every_session(
    unit: UnitOfWork, session: Session, rina: Someone
) -> None:
    with transaction(session):
        keys = [sessions.begin(session, rina.person_id, device="", now=NOON) for _ in range(2)]
    change(unit, rina, PASSWORD)
    assert [sessions.find(session, key, now=NOON) for key in keys] == [None, None]
    assert sign_in(unit, rina.nip, NEW) == rina.person_id


def test_who_does_not_know_the_present_password_changes_nothing(
    unit: UnitOfWork, rina: Someone
) -> None:
    with pytest.raises(WrongPassword):
        change(unit, rina, "bukan kata sandinya")
    assert sign_in(unit, rina.nip, PASSWORD) == rina.person_id


def test_a_stolen_session_cannot_guess_the_password_at_full_speed(
    unit: UnitOfWork, rina: Someone
) -> None:
    for _ in range(FREE_FROM_A_BLOCK):
        with pytest.raises(WrongPassword):
            change(unit, rina, "bukan kata sandinya")
    with pytest.raises(TooManyTries):
        change(unit, rina, PASSWORD)


def test_ones_own_name_is_no_password_when_changing_either(unit: UnitOfWork, rina: Someone) -> None:
    with pytest.raises(PasswordGuessable):
        change(unit, rina, PASSWORD, "Rina Amelia 1987")
