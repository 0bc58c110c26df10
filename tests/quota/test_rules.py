"""The city's rule by its dates, and how it changes: in two hands."""

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from storefront.core.database import transaction
from storefront.core.deciding import AlreadyDecided, SecondCityAdminNeeded
from storefront.core.errors import NotAllowed, NotFound
from storefront.core.permissions import CITY, OPERATOR, Actor, Role
from storefront.quota.models import Fund
from storefront.quota.periods import close_month
from storefront.quota.rule_models import RuleBase
from storefront.quota.rule_proposals import (
    BasisMissing,
    OfficialAlwaysCounts,
    RuleInClosedMonth,
    RuleOfThatDayExists,
    confirm_rule,
    pending_rules,
    propose_rule,
    refuse_rule,
    waiting_rules,
)
from storefront.quota.rules import (
    changed_terms,
    differences_from_first,
    rule_on,
    rule_versions,
)
from storefront.sellers.models import SellerClass
from tests.conftest import CountSelects
from tests.factories import NOON, signed_up
from tests.factories_rules import BASIS, adopted, terms

WITH_SMALL = terms(
    base=RuleBase.REALISED,
    target_permille=450,
    seller_classes=frozenset({SellerClass.MICRO, SellerClass.SMALL}),
    funds=frozenset({Fund.OFFICIAL, Fund.PERSONAL}),
    keeps_last_year=True,
    seller_monthly_cap_amount=0,
)
JULY = date(2026, 7, 1)


@pytest.fixture
def admin(session: Session) -> Actor:
    return signed_up(session, Role.CITY_ADMIN, CITY)


@pytest.fixture
def second(session: Session) -> Actor:
    return signed_up(session, Role.CITY_ADMIN, CITY)


def proposed(session: Session, by: Actor, **other: object) -> int:
    said: dict[str, object] = {"effective_on": JULY, "basis": BASIS} | other
    with transaction(session):
        return propose_rule(session, by, WITH_SMALL, now=NOON, **said).id  # type: ignore[arg-type]


def confirmed(session: Session, by: Actor, proposal_id: int) -> int:
    with transaction(session):
        return confirm_rule(session, by, proposal_id, now=NOON).version


def test_a_proposed_rule_holds_once_another_city_admin_confirms_it_from_its_day_on(
    session: Session, admin: Actor, second: Actor
) -> None:
    proposal = proposed(session, admin)
    assert rule_on(session, JULY).version == 1
    assert confirmed(session, second, proposal) == 2
    assert rule_on(session, date(2026, 6, 30)).version == 1
    rule = rule_on(session, JULY)
    assert rule.version == 2
    assert changed_terms(rule, WITH_SMALL) == ()
    assert rule.counts(SellerClass.SMALL)
    assert not rule.counts(SellerClass.COOPERATIVE)
    assert rule.counts_personal


def test_who_proposed_a_rule_never_confirms_it_and_neither_does_the_command_line(
    session: Session, admin: Actor
) -> None:
    proposal = proposed(session, admin)
    for hand in (admin, OPERATOR):
        with pytest.raises(SecondCityAdminNeeded):
            confirmed(session, hand, proposal)
    assert rule_on(session, JULY).version == 1


def test_the_database_too_wants_two_hands(session: Session, admin: Actor) -> None:
    proposal = proposed(session, admin)
    with pytest.raises(DBAPIError), transaction(session):
        session.execute(
            text(
                "UPDATE quota_rule_proposals SET state = 'confirmed', decided_by = proposed_by"
                " WHERE id = :id"
            ),
            {"id": proposal},
        )


@pytest.mark.parametrize(
    "statement",
    ["UPDATE quota_rules SET target_permille = 100", "DELETE FROM quota_rules"],
)
def test_a_version_is_never_changed(session: Session, statement: str) -> None:
    with pytest.raises(DBAPIError), transaction(session):
        session.execute(text(statement))


def test_a_proposal_is_decided_once(session: Session, admin: Actor, second: Actor) -> None:
    proposal = proposed(session, admin)
    confirmed(session, second, proposal)
    with pytest.raises(AlreadyDecided):
        confirmed(session, second, proposal)
    with pytest.raises(NotFound):
        confirmed(session, second, proposal + 1)


def test_a_refused_proposal_leaves_the_rule_and_frees_its_day(
    session: Session, admin: Actor, second: Actor
) -> None:
    waiting = proposed(session, admin)
    with transaction(session):
        refuse_rule(session, admin, waiting, now=NOON)
    assert waiting_rules(session, second) == []
    assert confirmed(session, second, proposed(session, admin)) == 2


def test_a_closed_month_keeps_the_rule_it_closed_with(
    session: Session, admin: Actor, second: Actor
) -> None:
    waiting = proposed(session, admin, effective_on=date(2026, 1, 15))
    with transaction(session):
        close_month(session, admin, now=NOON)
    with pytest.raises(RuleInClosedMonth):
        proposed(session, admin, effective_on=date(2026, 1, 31))
    with pytest.raises(RuleInClosedMonth):
        confirmed(session, second, waiting)


def test_one_day_has_one_rule_and_one_proposal(session: Session, admin: Actor) -> None:
    adopted(session, WITH_SMALL, effective_on=JULY)
    with pytest.raises(RuleOfThatDayExists):
        proposed(session, admin)
    proposed(session, admin, effective_on=date(2026, 8, 1))
    with pytest.raises(RuleOfThatDayExists):
        proposed(session, admin, effective_on=date(2026, 8, 1))


def test_a_rule_names_what_it_follows(session: Session, admin: Actor) -> None:
    for basis in ("  ", "x" * 201):
        with pytest.raises(BasisMissing):
            proposed(session, admin, basis=basis)


def test_official_money_always_counts(session: Session, admin: Actor) -> None:
    said = terms(funds=frozenset({Fund.PERSONAL}))
    with pytest.raises(OfficialAlwaysCounts), transaction(session):
        propose_rule(session, admin, said, effective_on=JULY, basis=BASIS, now=NOON)


def test_only_the_city_changes_the_rule(session: Session, admin: Actor) -> None:
    auditor = signed_up(session, Role.AUDITOR, CITY)
    with pytest.raises(NotAllowed):
        proposed(session, auditor)
    with pytest.raises(NotAllowed):
        confirmed(session, auditor, proposed(session, admin))
    assert pending_rules(session, auditor) == []


def test_what_waits_is_seen_by_all_and_confirmable_by_others(
    session: Session, admin: Actor, second: Actor
) -> None:
    proposed(session, admin)
    assert [row.effective_on for row in waiting_rules(session, admin)] == [JULY]
    assert pending_rules(session, admin) == []
    assert [row.basis for row in pending_rules(session, second)] == [BASIS]


def test_versions_say_where_they_come_from_in_one_query(
    session: Session, count_selects: CountSelects
) -> None:
    adopted(session, WITH_SMALL, effective_on=JULY)
    session.rollback()
    with count_selects() as selects:
        newest, first = rule_versions(session)
    assert len(selects) == 1
    assert (newest.basis, newest.proposed_by_name, newest.adopted_at) == (
        BASIS,
        "Rina Amelia",
        NOON,
    )
    assert (first.version, first.proposed_at, first.basis) == (1, None, "")


def test_settings_that_differ_from_the_first_rule_are_named(session: Session) -> None:
    assert differences_from_first(session, rule_on(session, JULY)) == {}
    assert differences_from_first(session, WITH_SMALL) == {
        "target_permille": ("400", "450"),
        "seller_classes": ("cooperative,micro", "micro,small"),
        "seller_monthly_cap_amount": ("30000000", "0"),
    }
