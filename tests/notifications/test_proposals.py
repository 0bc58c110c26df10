"""Who could be the second person hears that something waits; the first, and anybody else, not."""

from collections.abc import Callable, Iterator
from datetime import date

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.accounts.models import PersonDetails
from storefront.agencies.tree import propose_change
from storefront.agencies.tree_models import ChangeKind
from storefront.agencies.tree_plans import NewChange
from storefront.core.database import transaction
from storefront.core.permissions import CITY, Actor, PersonId, Role, agency_scope
from storefront.quota.closes import propose_close, refuse_close
from storefront.quota.exemptions import propose_exemption
from storefront.quota.rule_proposals import propose_rule
from tests.factories import HEALTH, NOON, agency, signed_up
from tests.factories_rules import BASIS, terms
from tests.notifications.mailing import told
from tests.quota.purchases import Hands
from tests.web.offices import desk_of

CODE = HEALTH.agency_code
FIRST_OPEN = date(2026, 1, 1)
Propose = Callable[[Session, Actor], object]


def close(session: Session, by: Actor) -> object:
    return propose_close(session, by, now=NOON)


def rule(session: Session, by: Actor) -> object:
    said = terms(target_permille=450)
    return propose_rule(session, by, said, effective_on=NOON.date(), basis=BASIS, now=NOON)


def exemption(session: Session, by: Actor) -> object:
    return propose_exemption(
        session,
        by,
        CODE,
        valid_from=NOON.date(),
        valid_to=date(2026, 12, 31),
        reason="Belanjanya obat.",
        document_number="SK 900",
        now=NOON,
    )


def change(session: Session, by: Actor) -> object:
    plan = NewChange(
        kind=ChangeKind.RENAME,
        agency_code=CODE,
        effective_on=NOON.date(),
        document_number="Perda 8/2026",
        new_name="Dinas Kesehatan dan Gizi",
    )
    return propose_change(session, by, plan, first_open=FIRST_OPEN, now=NOON)


CASES = [
    (close, "close_proposed", "/city/closes", "Januari 2026"),
    (rule, "rule_proposed", "/city/confirmations", "45,0%"),
    (exemption, "exemption_proposed", "/city/exemptions", "Belanjanya obat."),
    (change, "agency_change_proposed", "/city/changes/", "Perda 8/2026"),
]


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def first(session: Session) -> Actor:
    agency(session)
    return signed_up(session, Role.CITY_ADMIN, CITY)


@pytest.fixture
def second(session: Session) -> Actor:
    return signed_up(session, Role.CITY_ADMIN, CITY)


def address(session: Session, person_id: PersonId) -> str:
    return str(session.scalars(select(PersonDetails.email).filter_by(person_id=person_id)).one())


@pytest.mark.parametrize(("propose", "template", "path", "says"), CASES)
def test_the_city_is_told_what_waits_and_where_but_not_who_proposed_it(
    app: Flask,
    session: Session,
    first: Actor,
    second: Actor,
    propose: Propose,
    template: str,
    path: str,
    says: str,
) -> None:
    signed_up(session, Role.AUDITOR, CITY)
    with transaction(session):
        propose(session, first)
    (mail,) = [each for each in told(session) if each.template == template]
    assert mail.to_address == address(session, second.person_id)
    assert says in mail.subject + mail.body
    assert "Rina Amelia" in mail.body  # who proposed it
    link = next(word for word in mail.body.split() if word.startswith("https://toko.example"))
    assert link.startswith(f"https://toko.example{path}")
    desk_of(app, session, second.person_id).see(link.removeprefix("https://toko.example"))


def test_nobody_is_told_of_what_was_decided_meanwhile(
    session: Session, first: Actor, second: Actor
) -> None:
    with transaction(session):
        month = propose_close(session, first, now=NOON).month
    with transaction(session):
        refuse_close(session, second, month, now=NOON)
    assert not told(session)


def test_a_change_is_told_to_the_admins_of_its_agency_too_each_once(
    app: Flask, session: Session, first: Actor, second: Actor
) -> None:
    own = signed_up(session, Role.AGENCY_ADMIN, agency_scope(CODE))
    signed_up(session, Role.TREASURER, agency_scope(CODE))
    with transaction(session):
        change(session, first)
    mails = {each.to_address: each.body for each in told(session)}
    expected = {address(session, each.person_id) for each in (own, second)}
    assert mails.keys() == expected
    assert "https://toko.example/agency/\n" in mails[address(session, own.person_id)]
    assert "Dinas Kesehatan dan Gizi" in desk_of(app, session, own.person_id).see("/agency/")


def test_a_purchase_outside_the_store_is_told_to_whoever_decides_in_its_agency_and_to_the_city(
    app: Flask, session: Session, second: Actor
) -> None:
    hands = Hands(session)
    treasurer = signed_up(session, Role.TREASURER, agency_scope(CODE))
    signed_up(session, Role.APPROVER, agency_scope(agency(session, "9.01").code))
    hands.propose()
    mails = {each.to_address: each.body for each in told(session)}
    deciding = (hands.approver, treasurer, second)
    assert mails.keys() == {address(session, each.person_id) for each in deciding}
    body = mails[address(session, hands.approver.person_id)]
    link = next(word for word in body.split() if word.startswith("https://toko.example"))
    shown = desk_of(app, session, hands.approver.person_id)
    assert "NOTA/77" in shown.see(link.removeprefix("https://toko.example"))
