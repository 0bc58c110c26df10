"""Agencies without a target, for a time and a reason."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from storefront.core.database import transaction
from storefront.core.deciding import AlreadyDecided, SecondCityAdminNeeded
from storefront.core.errors import DomainError, NotAllowed, NotFound
from storefront.core.permissions import CITY, OPERATOR, Actor, Role
from storefront.quota.exemptions import (
    ExemptAlready,
    ExemptionDocumentMissing,
    ExemptionEndsFirst,
    ExemptionInClosedMonth,
    ExemptionReasonMissing,
    confirm_exemption,
    end_exemption,
    exemptions_on,
    list_exemptions,
    pending_exemptions,
    propose_exemption,
    refuse_exemption,
)
from storefront.quota.periods import close_month
from storefront.quota.rule_models import ProposalState
from tests.factories import NOON, agency, signed_up
from tests.factories_rules import exempted

MARCH, JUNE = date(2026, 3, 1), date(2026, 6, 30)


@pytest.fixture
def admin(session: Session) -> Actor:
    return signed_up(session, Role.CITY_ADMIN, CITY)


def proposed(session: Session, by: Actor, **other: object) -> int:
    said: dict[str, object] = {
        "valid_from": MARCH,
        "valid_to": JUNE,
        "reason": "Belanjanya obat.",
        "document_number": "SK 900",
    }
    unit = agency(session)
    with transaction(session):
        made = propose_exemption(
            session,
            by,
            unit.code,
            now=NOON,
            **(said | other),  # type: ignore[arg-type]
        )
        return made.id


def test_an_agency_is_exempt_from_the_first_to_the_last_day_both_included(
    session: Session,
) -> None:
    unit = agency(session)
    exempted(session, unit, valid_from=MARCH, valid_to=JUNE)
    for day, holds in (
        (date(2026, 2, 28), False),
        (MARCH, True),
        (JUNE, True),
        (date(2026, 7, 1), False),
    ):
        assert (unit.id in exemptions_on(session, day)) == holds
    held = exemptions_on(session, MARCH)[unit.id]
    assert (held.document_number, held.last_day) == ("SK 900/17/2026", JUNE)


def test_one_person_exempts_nobody(session: Session, admin: Actor) -> None:
    waiting = proposed(session, admin)
    for hand in (admin, OPERATOR):
        with pytest.raises(SecondCityAdminNeeded), transaction(session):
            confirm_exemption(session, hand, waiting, now=NOON)
    assert exemptions_on(session, MARCH) == {}
    assert pending_exemptions(session, admin) == []


def test_one_that_is_refused_never_holds(session: Session, admin: Actor) -> None:
    waiting = proposed(session, admin)
    with transaction(session):
        refuse_exemption(session, admin, waiting, now=NOON)
    second = signed_up(session, Role.CITY_ADMIN, CITY)
    with pytest.raises(AlreadyDecided), transaction(session):
        confirm_exemption(session, second, waiting, now=NOON)
    assert exemptions_on(session, MARCH) == {}
    assert proposed(session, admin) != waiting


@pytest.mark.parametrize(
    ("other", "refusal"),
    [
        ({"reason": " "}, ExemptionReasonMissing),
        ({"reason": "x" * 401}, ExemptionReasonMissing),
        ({"document_number": ""}, ExemptionDocumentMissing),
        ({"valid_to": date(2026, 2, 1)}, ExemptionEndsFirst),
        ({"valid_from": date(2025, 12, 31)}, ExemptionInClosedMonth),
    ],
)
def test_what_is_wrong_is_refused(
    session: Session, admin: Actor, other: dict[str, object], refusal: type[DomainError]
) -> None:
    with pytest.raises(refusal):
        proposed(session, admin, **other)


def test_two_exemptions_of_an_agency_do_not_overlap(session: Session, admin: Actor) -> None:
    exempted(session, agency(session), valid_from=MARCH, valid_to=JUNE)
    with pytest.raises(ExemptAlready):
        proposed(session, admin, valid_from=JUNE, valid_to=date(2026, 12, 31))
    proposed(session, admin, valid_from=date(2026, 7, 1), valid_to=date(2026, 12, 31))


def test_what_was_ended_holds_no_longer_from_that_day_on(session: Session, admin: Actor) -> None:
    unit, today = agency(session), NOON.date()
    standing = exempted(session, unit)
    with transaction(session):
        end_exemption(session, admin, standing.id, now=NOON)
    assert unit.id in exemptions_on(session, date(2026, 11, 11))
    assert unit.id not in exemptions_on(session, today)
    (row,) = list_exemptions(session, admin)
    assert (row.state, row.is_ended, row.holds_on(today)) == (ProposalState.CONFIRMED, True, False)
    with pytest.raises(AlreadyDecided), transaction(session):
        end_exemption(session, admin, standing.id, now=NOON)


def test_a_month_that_closed_meanwhile_keeps_its_target(session: Session, admin: Actor) -> None:
    second = signed_up(session, Role.CITY_ADMIN, CITY)
    waiting = proposed(session, admin, valid_from=date(2026, 1, 1))
    with transaction(session):
        close_month(session, admin, now=NOON)
    with pytest.raises(ExemptionInClosedMonth), transaction(session):
        confirm_exemption(session, second, waiting, now=NOON)


def test_only_the_city_exempts(session: Session, admin: Actor) -> None:
    auditor = signed_up(session, Role.AUDITOR, CITY)
    with pytest.raises(NotAllowed):
        proposed(session, auditor)
    assert list_exemptions(session, auditor) == []
    with pytest.raises(NotFound), transaction(session):
        confirm_exemption(session, admin, 999, now=NOON)
