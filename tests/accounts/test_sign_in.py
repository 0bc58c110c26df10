"""Signing in, and how guessers are slowed down (faults.md, "Accounts")."""

from datetime import datetime, timedelta
from unittest.mock import Mock

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from storefront.accounts import passwords, processes
from storefront.accounts.codes import CodeRefused, issue, token_of
from storefront.accounts.logins import (
    ALERT_AT,
    FREE_FROM_A_BLOCK,
    FREE_FROM_AN_ADDRESS,
    FREE_OF_A_DEVICE,
    LONGEST_WAIT_S,
    TooManyTries,
    WrongLogin,
    begin_attempt,
    purge_failures,
)
from storefront.accounts.models import CodePurpose, LoginFailure, OneTimeCode, Person, PersonDetails
from storefront.accounts.processes import SecondFactorNeeded
from storefront.core.database import UnitOfWork, transaction
from storefront.core.errors import DomainError
from storefront.core.outbox import OutboxMessage
from storefront.core.permissions import SYSTEM, PersonId
from tests.accounts.people import (
    ELSEWHERE,
    HERE,
    KEY,
    NEXT_DOOR,
    PASSWORD,
    Someone,
    sign_in,
    someone,
)
from tests.factories import NOON

WRONG, NEW = "bukan kata sandinya", "korek lampion gerimis sore"
SECOND = timedelta(seconds=1)


def fail(
    unit: UnitOfWork,
    login: str,
    times: int = 1,
    *,
    device: str = "",
    address: str = HERE,
    now: datetime = NOON,
) -> None:
    """So many tries as a wrong password leaves them: counted before it is looked at."""
    for _ in range(times):
        with unit() as session:
            begin_attempt(session, key=KEY, login=login, device=device, address=address, now=now)


def test_a_wrong_password_is_refused_and_counted(
    unit: UnitOfWork, session: Session, rina: Someone
) -> None:
    with pytest.raises(WrongLogin):
        sign_in(unit, rina.nip, WRONG)
    assert session.scalar(select(func.count()).select_from(LoginFailure)) == 1


@pytest.mark.parametrize(
    "typed", ["198703122010012003", " 19870312 201001 2 003", "198703122010012003@BANDUNG.example "]
)
def test_a_nip_with_or_without_spaces_and_an_address_are_logins(
    unit: UnitOfWork, rina: Someone, typed: str
) -> None:
    assert sign_in(unit, typed) == rina.person_id


def test_a_number_alone_gets_nobody_in(unit: UnitOfWork, session: Session) -> None:
    never_in = someone(session, "Asep Saepudin", "197905052005011004")
    for password in ("", never_in.nip, WRONG):
        with pytest.raises(WrongLogin):
            sign_in(unit, never_in.nip, password)


def test_unknown_known_and_closed_get_the_same_answer(
    unit: UnitOfWork, session: Session, rina: Someone
) -> None:
    closed = someone(session, "Ujang", "198201152008011006", has_password=True)
    with transaction(session):
        session.execute(
            update(Person).where(Person.person_id == closed.person_id).values(is_active=False)
        )
    answers = set()
    for login, password in (
        (rina.nip, WRONG),
        ("199001012015022007", WRONG),
        ("nobody@bandung.example", WRONG),
        (closed.nip, PASSWORD),
    ):
        with pytest.raises(WrongLogin) as refusal:
            sign_in(unit, login, password)
        answers.add(str(refusal.value))
    assert len(answers) == 1


def test_an_unknown_login_costs_as_much_as_a_known_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """In full, at the cost of a password set today: a clock would measure the load as well."""
    hasher = Mock(wraps=PasswordHasher())
    monkeypatch.setattr(passwords, "_HASHER", hasher)
    set_today = passwords.hash_password(PASSWORD)
    assert not passwords.fits(None, WRONG)
    [(compared, _)] = [call.args for call in hasher.verify.call_args_list]
    assert extract_parameters(compared) == extract_parameters(set_today)
    with pytest.raises(VerifyMismatchError):
        PasswordHasher().verify(compared, WRONG)


def test_an_unknown_login_waits_like_a_known_one(unit: UnitOfWork, rina: Someone) -> None:
    waits = []
    for login, address in ((rina.nip, HERE), ("nobody@bandung.example", ELSEWHERE)):
        fail(unit, login, FREE_FROM_A_BLOCK, address=address)
        with pytest.raises(TooManyTries) as refusal:
            sign_in(unit, login, WRONG, address=address)
        waits.append(refusal.value.wait_seconds)
    assert waits == [1, 1]


def test_each_failure_doubles_the_wait_and_it_ends(unit: UnitOfWork, rina: Someone) -> None:
    fail(unit, rina.nip, FREE_FROM_A_BLOCK)
    fail(unit, rina.nip, now=NOON + SECOND)
    with pytest.raises(TooManyTries) as refusal:
        sign_in(unit, rina.nip, now=NOON + SECOND)
    assert refusal.value.wait_seconds == 2
    assert sign_in(unit, rina.nip, now=NOON + 3 * SECOND) == rina.person_id


def test_the_wait_has_an_end_however_often_it_was_tried(unit: UnitOfWork, rina: Someone) -> None:
    fail(unit, rina.nip, FREE_FROM_A_BLOCK)
    now, waits = NOON, []
    for _ in range(12):
        with pytest.raises(TooManyTries) as refusal:
            fail(unit, rina.nip, now=now)
        waits.append(refusal.value.wait_seconds)
        now += timedelta(seconds=waits[-1])
        fail(unit, rina.nip, now=now)
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, LONGEST_WAIT_S, LONGEST_WAIT_S]


def test_neighbours_of_one_block_share_the_delay_and_others_do_not(
    unit: UnitOfWork, rina: Someone
) -> None:
    fail(unit, rina.nip, FREE_FROM_A_BLOCK)
    with pytest.raises(TooManyTries):
        sign_in(unit, rina.nip, address=NEXT_DOOR)
    assert sign_in(unit, rina.nip, address=ELSEWHERE) == rina.person_id


def test_of_ipv6_the_first_48_bits_are_one_block(unit: UnitOfWork, rina: Someone) -> None:
    fail(unit, rina.nip, FREE_FROM_A_BLOCK, address="2001:db8:1:2::1")
    with pytest.raises(TooManyTries):
        sign_in(unit, rina.nip, address="2001:db8:1:ffff::9")
    assert sign_in(unit, rina.nip, address="2001:db8:2::1") == rina.person_id


def test_one_address_that_tries_many_logins_has_to_wait(unit: UnitOfWork, rina: Someone) -> None:
    for number in range(FREE_FROM_AN_ADDRESS):
        fail(unit, f"orang{number}@bandung.example")
    with pytest.raises(TooManyTries):
        sign_in(unit, rina.nip)
    assert sign_in(unit, rina.nip, address=NEXT_DOOR) == rina.person_id


def test_a_device_that_was_in_before_does_not_wait(unit: UnitOfWork, rina: Someone) -> None:
    sign_in(unit, rina.nip, device="rinas phone")
    fail(unit, rina.nip, FREE_FROM_A_BLOCK)
    with pytest.raises(TooManyTries):
        sign_in(unit, rina.nip, device="a guessed phone")
    assert sign_in(unit, rina.nip, device="rinas phone") == rina.person_id


def test_a_device_of_one_person_helps_with_no_other_login(
    unit: UnitOfWork, session: Session, rina: Someone
) -> None:
    attacker = someone(session, "Tono", "198201152008011006", has_password=True)
    sign_in(unit, attacker.nip, device="tonos phone")
    fail(unit, rina.nip, FREE_FROM_A_BLOCK, device="tonos phone")
    with pytest.raises(TooManyTries):
        sign_in(unit, rina.nip, WRONG, device="tonos phone")


def test_a_known_device_that_guesses_on_and_on_waits_like_any_other(
    unit: UnitOfWork, rina: Someone
) -> None:
    sign_in(unit, rina.nip, device="a stolen phone")
    fail(unit, rina.nip, FREE_OF_A_DEVICE, device="a stolen phone")
    with pytest.raises(TooManyTries):
        sign_in(unit, rina.nip, WRONG, device="a stolen phone")


def tried_from_everywhere(unit: UnitOfWork, of: Someone, times: int = ALERT_AT) -> None:
    for number in range(times):
        fail(unit, of.nip, address=f"10.{number}.0.1")


def confirm(unit: UnitOfWork, token: str, *, after: timedelta = timedelta()) -> PersonId:
    return processes.confirm_sign_in(
        unit, key=KEY, token=token, device="a new phone", address=ELSEWHERE, now=NOON + after
    )


def mailed(session: Session) -> str:
    """The token of the one code that was made."""
    session.rollback()
    return token_of(session.scalars(select(OneTimeCode.id)).one(), key=KEY)


def test_an_account_tried_from_everywhere_is_alerted_once_and_never_locked(
    unit: UnitOfWork, session: Session, rina: Someone
) -> None:
    sign_in(unit, rina.nip, device="rinas phone")
    tried_from_everywhere(unit, rina, ALERT_AT + 5)
    alerts = session.scalars(select(OutboxMessage.topic).filter_by(topic="sign_in_alert")).all()
    assert len(alerts) == 1
    assert sign_in(unit, rina.nip, device="rinas phone", address=ELSEWHERE) == rina.person_id


def test_a_guess_that_came_true_needs_the_owners_mail_too(
    unit: UnitOfWork, session: Session, rina: Someone
) -> None:
    tried_from_everywhere(unit, rina)
    with pytest.raises(SecondFactorNeeded):
        sign_in(unit, rina.nip, device="a new phone", address=ELSEWHERE)
    token = mailed(session)
    assert confirm(unit, token) == rina.person_id
    with pytest.raises(CodeRefused):
        confirm(unit, token)
    assert sign_in(unit, rina.nip, device="a new phone", address=ELSEWHERE) == rina.person_id


def test_a_wrong_password_is_answered_alike_however_often_it_was_tried(
    unit: UnitOfWork, session: Session, rina: Someone
) -> None:
    tried_from_everywhere(unit, rina)
    with pytest.raises(WrongLogin):
        sign_in(unit, rina.nip, WRONG, address=ELSEWHERE)
    assert session.scalar(select(func.count()).select_from(OneTimeCode)) == 0


def test_who_has_no_address_is_let_in_by_the_password(unit: UnitOfWork, session: Session) -> None:
    tono = someone(session, "Tono", "198201152008011006", has_password=True)
    with transaction(session):
        session.get_one(PersonDetails, tono.person_id).email = None
    tried_from_everywhere(unit, tono)
    assert sign_in(unit, tono.nip, address=ELSEWHERE) == tono.person_id


def test_a_code_to_sign_in_sets_no_password_and_ends_soon(
    unit: UnitOfWork, session: Session, rina: Someone
) -> None:
    tried_from_everywhere(unit, rina)
    with pytest.raises(SecondFactorNeeded):
        sign_in(unit, rina.nip, address=ELSEWHERE)
    token = mailed(session)
    with pytest.raises(CodeRefused):
        processes.redeem(
            unit, key=KEY, token=token, password=NEW, about=(), address=ELSEWHERE, now=NOON
        )
    with pytest.raises(CodeRefused):
        confirm(unit, token, after=timedelta(minutes=15))


def test_a_code_for_a_password_lets_nobody_in(unit: UnitOfWork, rina: Someone) -> None:
    with unit() as writing:
        code = issue(writing, SYSTEM, rina.person_id, CodePurpose.RESET, now=NOON)
        token = token_of(code.id, key=KEY)
    with pytest.raises(CodeRefused):
        confirm(unit, token)


def test_a_success_clears_what_was_mistyped_before(
    unit: UnitOfWork, session: Session, rina: Someone
) -> None:
    fail(unit, rina.nip, 2)
    sign_in(unit, rina.nip)
    assert session.scalar(select(func.count()).select_from(LoginFailure)) == 0


def test_failures_are_kept_as_digests_and_only_for_a_day(
    unit: UnitOfWork, session: Session, rina: Someone
) -> None:
    fail(unit, rina.nip)
    kept = session.scalars(select(LoginFailure)).one()
    shown = f"{kept.login_digest} {kept.block_digest} {kept.address_digest}"
    assert rina.nip not in shown
    assert HERE not in shown
    with transaction(session):
        purge_failures(session, now=NOON + timedelta(hours=24, seconds=1))
    assert session.scalar(select(func.count()).select_from(LoginFailure)) == 0


@pytest.mark.parametrize("password", ["x" * 10_000, "a\0b", " " * 20])
def test_strange_passwords_are_just_wrong(unit: UnitOfWork, rina: Someone, password: str) -> None:
    with pytest.raises(WrongLogin):
        sign_in(unit, rina.nip, password)


@pytest.mark.parametrize("login", ["", "' OR 1=1 --", "%", "x" * 10_000, "a\0b", "\ud800", "😀"])
def test_strange_logins_are_just_wrong(unit: UnitOfWork, login: str) -> None:
    with pytest.raises(WrongLogin):
        sign_in(unit, login)


@pytest.mark.parametrize(
    "address", ["", "unix:", "999.1.1.1", "fe80::1%eth0", "::ffff:203.0.113.7"]
)
def test_an_address_of_any_kind_can_be_counted(
    unit: UnitOfWork, rina: Someone, address: str
) -> None:
    assert sign_in(unit, rina.nip, address=address) == rina.person_id


def test_refusals_say_what_to_do() -> None:
    refusals: list[DomainError] = [WrongLogin(), TooManyTries(wait_seconds=8)]
    assert all(refusal.field == "login" for refusal in refusals)
    assert "8 detik" in str(refusals[1])
