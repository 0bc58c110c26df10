"""People as they are made known, reached and numbered."""

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from storefront.accounts.models import Person, PersonDetails
from storefront.accounts.people import (
    EmailTaken,
    InvalidEmail,
    NameMissing,
    NumberTaken,
    add_number,
    change_contact,
    choose_language,
    register,
)
from storefront.accounts.queries import find_own_account
from storefront.core.database import UnitOfWork, transaction
from storefront.core.identifiers import Employment, Nip
from storefront.core.permissions import SYSTEM
from tests.accounts.people import Someone, sign_in, someone
from tests.conftest import CountSelects
from tests.factories import NOON
from tests.threads import in_threads


def test_an_address_is_kept_in_one_form(session: Session) -> None:
    with transaction(session):
        person = register(session, SYSTEM, name="Tono", email=" Tono@Bandung.EXAMPLE", now=NOON)
    details = session.get_one(PersonDetails, person.person_id)
    assert details.email == "tono@bandung.example"


@pytest.mark.parametrize(
    "email",
    ["x", "a@b", "a b@c.example", "a@c\n.example", "x" * 300 + "@c.example", "<script>@c.example"],
)
def test_what_is_no_address_is_refused(session: Session, email: str) -> None:
    with pytest.raises(InvalidEmail), transaction(session):
        register(session, SYSTEM, name="Tono", email=email, now=NOON)


@pytest.mark.parametrize("name", ["", "  ", "\0", "x" * 121])
def test_a_person_has_a_name(session: Session, name: str) -> None:
    with pytest.raises(NameMissing), transaction(session):
        register(session, SYSTEM, name=name, email=None, now=NOON)


def test_an_address_is_one_persons(session: Session, rina: Someone) -> None:
    with pytest.raises(EmailTaken), transaction(session):
        register(session, SYSTEM, name="Tono", email=rina.email.upper(), now=NOON)
    tono = someone(session, "Tono", "198201152008011006")
    with pytest.raises(EmailTaken), transaction(session):
        change_contact(session, tono.actor, email=rina.email, phone="", now=NOON)


def test_a_person_may_have_several_numbers_and_sign_in_by_each(
    unit: UnitOfWork, session: Session, rina: Someone
) -> None:
    second = Nip("198703122023212001")
    with transaction(session):
        add_number(session, SYSTEM, rina.person_id, second, Employment.PPPK, now=NOON)
    assert {sign_in(unit, nip) for nip in (rina.nip, second)} == {rina.person_id}


def test_a_number_is_one_persons(session: Session, rina: Someone) -> None:
    tono = someone(session, "Tono", "198201152008011006")
    with pytest.raises(NumberTaken), transaction(session):
        add_number(session, SYSTEM, tono.person_id, Nip(rina.nip), Employment.PNS, now=NOON)


def test_a_changed_address_is_the_new_login(
    unit: UnitOfWork, session: Session, rina: Someone
) -> None:
    with transaction(session):
        change_contact(
            session, rina.actor, email="rina@baru.example", phone="0812 3456 789", now=NOON
        )
    assert sign_in(unit, "rina@baru.example") == rina.person_id


def test_of_many_who_take_one_address_at_once_one_gets_it(engine: Engine) -> None:
    def take(_thread: int) -> str:
        try:
            with Session(engine) as own, transaction(own):
                register(own, SYSTEM, name="Tono", email="tono@bandung.example", now=NOON)
        except EmailTaken:
            return "taken"
        return "registered"

    assert sorted(in_threads(4, take)) == ["registered", *["taken"] * 3]


@pytest.mark.parametrize(("chosen", "kept"), [("en", "en"), ("id", "id"), ("xx", "id")])
def test_an_unknown_language_is_the_default(
    session: Session, rina: Someone, chosen: str, kept: str
) -> None:
    with transaction(session):
        choose_language(session, rina.actor, chosen)
    assert session.get_one(Person, rina.person_id).language == kept


def test_ones_own_data_is_two_queries(
    session: Session, rina: Someone, count_selects: CountSelects
) -> None:
    with count_selects() as selects:
        own = find_own_account(session, rina.actor)
    assert (own.name, own.email, [number.nip for number in own.numbers]) == (
        "Rina Amelia",
        rina.email,
        [rina.nip],
    )
    assert len(selects) == 2
