"""The first password, and a forgotten one: by a code that only its owner gets."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from storefront.accounts import processes, sessions
from storefront.accounts.codes import (
    MOST_TRIES,
    RESETS_AN_HOUR,
    CodeRefused,
    NoWayToSend,
    issue,
    request_code,
    token_of,
)
from storefront.accounts.logins import FREE_FROM_AN_ADDRESS, TooManyTries, WrongLogin
from storefront.accounts.models import CodePurpose, OneTimeCode, PersonDetails
from storefront.accounts.passwords import PasswordGuessable, PasswordTooShort
from storefront.accounts.people import change_contact
from storefront.core.database import UnitOfWork, transaction
from storefront.core.outbox import OutboxMessage
from storefront.core.permissions import SYSTEM, PersonId
from tests.accounts.people import ELSEWHERE, HERE, KEY, PASSWORD, Someone, sign_in, someone
from tests.factories import NOON

NEW = "korek lampion gerimis sore"
DAY = timedelta(days=1)


@pytest.fixture
def asep(session: Session) -> Someone:
    """An employee who was never in."""
    return someone(session, "Asep Saepudin", "197905052005011004")


def coded(
    session: Session,
    of: Someone,
    purpose: CodePurpose = CodePurpose.ACTIVATE,
    *,
    printed: bool = False,
) -> str:
    """The token of a new code, as its mail or slip says it."""
    with transaction(session):
        code = issue(session, SYSTEM, of.person_id, purpose, now=NOON, printed=printed)
    return token_of(code.id, key=KEY)


def redeem(
    unit: UnitOfWork,
    token: str,
    password: str = NEW,
    *,
    address: str = HERE,
    after: timedelta = timedelta(),
) -> PersonId:
    return processes.redeem(
        unit,
        key=KEY,
        token=token,
        password=password,
        about=("Salapak", "Kota Bandung"),
        address=address,
        now=NOON + after,
    )


def test_a_code_sets_the_first_password(unit: UnitOfWork, session: Session, asep: Someone) -> None:
    assert redeem(unit, coded(session, asep)) == asep.person_id
    assert sign_in(unit, asep.nip, NEW) == asep.person_id


def test_a_code_is_read_as_people_type_it(
    unit: UnitOfWork, session: Session, asep: Someone
) -> None:
    typed = coded(session, asep, printed=True).lower().replace("-", " ").replace("0", "o")
    assert redeem(unit, typed) == asep.person_id


def test_a_code_works_once(unit: UnitOfWork, session: Session, asep: Someone) -> None:
    token = coded(session, asep)
    redeem(unit, token)
    assert session.scalars(select(OneTimeCode.used_at)).one() == NOON
    with pytest.raises(CodeRefused):
        redeem(unit, token, "payung bocor di halte")


def test_a_code_expires(unit: UnitOfWork, session: Session, asep: Someone) -> None:
    mailed, reset = coded(session, asep), coded(session, asep, CodePurpose.RESET)
    with pytest.raises(CodeRefused):
        redeem(unit, reset, after=timedelta(hours=1))
    with pytest.raises(CodeRefused):
        redeem(unit, mailed, after=7 * DAY)


def test_a_printed_code_lives_longer_than_a_mailed_one(
    unit: UnitOfWork, session: Session, asep: Someone
) -> None:
    assert redeem(unit, coded(session, asep, printed=True), after=29 * DAY) == asep.person_id


def test_a_new_code_makes_the_old_one_void(
    unit: UnitOfWork, session: Session, asep: Someone
) -> None:
    old, new = coded(session, asep), coded(session, asep)
    with pytest.raises(CodeRefused):
        redeem(unit, old)
    assert redeem(unit, new) == asep.person_id


def test_a_code_mailed_to_an_address_that_changed_is_void(
    unit: UnitOfWork, session: Session, asep: Someone
) -> None:
    token = coded(session, asep)
    with transaction(session):
        change_contact(session, asep.actor, email="baru@bandung.example", phone="", now=NOON)
    with pytest.raises(CodeRefused):
        redeem(unit, token)


def test_an_address_changed_behind_the_stores_back_voids_its_codes_too(
    unit: UnitOfWork, session: Session, asep: Someone
) -> None:
    token = coded(session, asep)
    with transaction(session):
        session.get_one(PersonDetails, asep.person_id).email = "lain@bandung.example"
    with pytest.raises(CodeRefused):
        redeem(unit, token)


@pytest.mark.parametrize("token", ["", "x", "0000-" * 7, "a\0b", "\ud800" * 28, "é" * 10_000])
def test_what_is_no_code_is_refused(unit: UnitOfWork, token: str) -> None:
    with pytest.raises(CodeRefused):
        redeem(unit, token)


def test_a_code_guessed_too_often_is_void(
    unit: UnitOfWork, session: Session, asep: Someone
) -> None:
    token = coded(session, asep)
    for number in range(MOST_TRIES):
        wrong = token[:-1] + ("0" if token[-1] != "0" else "1")
        with pytest.raises(CodeRefused):
            redeem(unit, wrong, address=f"10.{number}.0.1")
    with pytest.raises(CodeRefused):
        redeem(unit, token, address=ELSEWHERE)


def test_who_guesses_codes_has_to_wait(unit: UnitOfWork, session: Session, asep: Someone) -> None:
    token = coded(session, asep)
    for number in range(FREE_FROM_AN_ADDRESS):
        with pytest.raises(CodeRefused):
            redeem(unit, f"{number}")
    with pytest.raises(TooManyTries):
        redeem(unit, token)
    assert redeem(unit, token, address=ELSEWHERE) == asep.person_id


def test_a_token_of_another_key_opens_nothing(
    unit: UnitOfWork, session: Session, asep: Someone
) -> None:
    with transaction(session):
        code = issue(session, SYSTEM, asep.person_id, CodePurpose.ACTIVATE, now=NOON)
    with pytest.raises(CodeRefused):
        redeem(unit, token_of(code.id, key=b"the key of another store"))


def test_neither_database_nor_outbox_holds_a_token(session: Session, asep: Someone) -> None:
    token = coded(session, asep)
    stored = [*session.execute(select(OneTimeCode.__table__)).all()]
    stored += session.execute(text("SELECT topic, payload FROM outbox")).all()
    for form in (token, token.replace("-", ""), token[-8:]):
        assert form not in str(stored)


def test_a_poor_password_leaves_the_code_as_it_was(
    unit: UnitOfWork, session: Session, asep: Someone
) -> None:
    token = coded(session, asep)
    for password, refusal in (("pendek", PasswordTooShort), (asep.nip, PasswordGuessable)):
        with pytest.raises(refusal):
            redeem(unit, token, password)
    assert redeem(unit, token) == asep.person_id


def test_a_reset_ends_every_session_and_the_old_password(
    unit: UnitOfWork, session: Session, rina: Someone
) -> None:
    with transaction(session):
        key = sessions.begin(session, rina.person_id, device="a thief's", now=NOON)
    redeem(unit, coded(session, rina, CodePurpose.RESET))
    assert sessions.find(session, key, now=NOON) is None
    with pytest.raises(WrongLogin):
        sign_in(unit, rina.nip, PASSWORD)


def test_a_code_goes_to_the_persons_own_address_by_the_outbox(
    session: Session, asep: Someone
) -> None:
    coded(session, asep)
    code = session.scalars(select(OneTimeCode)).one()
    message = session.scalars(select(OutboxMessage)).one()
    assert code.sent_to == asep.email
    assert (message.topic, message.payload) == ("account_code_issued", f'{{"code": {code.id}}}')


def test_a_printed_code_is_mailed_to_nobody(session: Session, asep: Someone) -> None:
    coded(session, asep, printed=True)
    assert session.scalars(select(OutboxMessage)).all() == []


def test_without_an_address_nothing_can_be_mailed(session: Session, asep: Someone) -> None:
    with transaction(session):
        change_contact(session, asep.actor, email=None, phone="", now=NOON)
    with pytest.raises(NoWayToSend), transaction(session):
        issue(session, SYSTEM, asep.person_id, CodePurpose.ACTIVATE, now=NOON)


def asked(
    session: Session, login: str, *, times: int = 1, address: str = HERE
) -> list[OneTimeCode]:
    """What asking for a code by a login leaves behind."""
    for _ in range(times):
        with transaction(session):
            request_code(session, key=KEY, login=login, address=address, now=NOON)
    return list(session.scalars(select(OneTimeCode)))


def test_who_has_a_password_gets_a_code_to_reset_it(session: Session, rina: Someone) -> None:
    assert [code.purpose for code in asked(session, rina.email)] == [CodePurpose.RESET]


def test_who_was_never_in_gets_a_first_code(session: Session, asep: Someone) -> None:
    assert [code.purpose for code in asked(session, asep.nip)] == [CodePurpose.ACTIVATE]


def test_asking_for_an_unknown_login_is_silent(session: Session) -> None:
    assert asked(session, "199001012015022007") == []


def test_nobody_is_flooded_with_codes(session: Session, rina: Someone) -> None:
    codes = []
    for number in range(RESETS_AN_HOUR + 3):
        codes = asked(session, rina.nip, address=f"10.{number}.0.1")
    assert len(codes) == RESETS_AN_HOUR
