"""The city's rule by its dates."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from storefront.core.database import transaction
from storefront.core.errors import NotAllowed
from storefront.core.permissions import CITY, Actor, Role
from storefront.quota.periods import close_month
from storefront.quota.rules import (
    RuleInClosedMonth,
    RuleOfThatDayExists,
    RuleTerms,
    adopt,
    differences_from_first,
    rule_on,
)
from storefront.sellers.models import SellerClass
from tests.factories import NOON, signed_up

WITH_SMALL = RuleTerms(
    target_permille=450,
    seller_classes=frozenset({SellerClass.MICRO, SellerClass.SMALL}),
    seller_monthly_cap_amount=0,
)
JULY = date(2026, 7, 1)


@pytest.fixture
def admin(session: Session) -> Actor:
    return signed_up(session, Role.CITY_ADMIN, CITY)


def test_a_new_rule_is_in_force_from_its_day_on(session: Session, admin: Actor) -> None:
    with transaction(session):
        assert adopt(session, admin, WITH_SMALL, effective_on=JULY, now=NOON).version == 2
    assert rule_on(session, date(2026, 6, 30)).version == 1
    rule = rule_on(session, JULY)
    assert (rule.version, rule.target_permille) == (2, 450)
    assert rule.counts(SellerClass.SMALL)
    assert not rule.counts(SellerClass.COOPERATIVE)


def test_a_closed_month_keeps_the_rule_it_closed_with(session: Session, admin: Actor) -> None:
    with transaction(session):
        close_month(session, admin, now=NOON)
    with pytest.raises(RuleInClosedMonth), transaction(session):
        adopt(session, admin, WITH_SMALL, effective_on=date(2026, 1, 31), now=NOON)


def test_one_day_has_one_rule(session: Session, admin: Actor) -> None:
    with transaction(session):
        adopt(session, admin, WITH_SMALL, effective_on=JULY, now=NOON)
    with pytest.raises(RuleOfThatDayExists), transaction(session):
        adopt(session, admin, WITH_SMALL, effective_on=JULY, now=NOON)


def test_only_the_city_changes_the_rule(session: Session) -> None:
    auditor = signed_up(session, Role.AUDITOR, CITY)
    with pytest.raises(NotAllowed), transaction(session):
        adopt(session, auditor, WITH_SMALL, effective_on=JULY, now=NOON)


def test_settings_that_differ_from_the_first_rule_are_named(session: Session) -> None:
    assert differences_from_first(session, rule_on(session, JULY)) == {}
    assert differences_from_first(session, WITH_SMALL) == {
        "target_permille": ("400", "450"),
        "seller_classes": ("cooperative,micro", "micro,small"),
        "seller_monthly_cap_amount": ("30000000", "0"),
    }
