"""Purchases outside the store: contained in every figure, and shown apart beside it."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy.orm import Session

from storefront.core.database import transaction
from storefront.exports.asked import ExportKind, ExportRequest
from storefront.exports.quota import COLUMNS, sheet
from storefront.quota.log import number
from storefront.quota.models import EntryKind
from storefront.quota.off_platform import propose_reversal
from storefront.reports.city import city_quota
from storefront.reports.moments import NOW, Asked
from storefront.reports.quota import AgencyQuota, agency_quota
from storefront.reports.reconciliation import IdentityKey, reconcile
from storefront.sellers.models import SellerClass
from tests.factories import NOON, budget, shop
from tests.quota.purchases import Hands
from tests.reports.made import booked

TODAY = NOON.date()
BOUGHT = 1_250_000


@pytest.fixture
def hands(session: Session) -> Hands:
    """An agency that realised 300,000 in October by an order."""
    hands = Hands(session)
    budget(session, hands.agency, ceiling=10_000_000)
    booked(session, realised=300_000, day=date(2026, 10, 2), kind=EntryKind.REALISE)
    return hands


def approved(session: Session, hands: Hands, **changed: Any) -> int:
    """A purchase from a micro-enterprise of the store."""
    return hands.approved(seller_nib=shop(session).nib, **changed)


def figures(session: Session, asked: Asked = NOW) -> AgencyQuota:
    with transaction(session):
        number(session)
    return agency_quota(session, "1.02.01", 2026, today=TODAY, asked=asked)


def test_it_counts_and_is_shown_apart_by_class_and_month(session: Session, hands: Hands) -> None:
    approved(session, hands)
    found = figures(session)
    assert (found.realised, found.off_platform_amount) == (300_000 + BOUGHT, BOUGHT)
    micro = next(each for each in found.by_class if each.seller_class is SellerClass.MICRO)
    assert (micro.amounts.realised, micro.off_platform_amount) == (300_000 + BOUGHT, BOUGHT)
    october = next(each for each in found.by_month if each.month == "2026-10")
    assert (october.change.realised, october.off_platform_amount) == (300_000 + BOUGHT, BOUGHT)


def test_of_a_seller_who_does_not_count_it_is_shown_at_its_class_alone(
    session: Session, hands: Hands
) -> None:
    hands.approved()
    found = figures(session)
    assert (found.realised, found.off_platform_amount) == (300_000, 0)
    other = next(each for each in found.by_class if each.seller_class is SellerClass.OTHER)
    assert other.off_platform_amount == BOUGHT


def test_a_day_before_it_shows_none_of_it(session: Session, hands: Hands) -> None:
    approved(session, hands)
    before = figures(session, Asked(as_of=date(2026, 10, 19)))
    assert (before.realised, before.off_platform_amount) == (300_000, 0)
    after = figures(session, Asked(as_of=date(2026, 10, 20)))
    assert after.off_platform_amount == BOUGHT


def test_what_was_known_before_it_shows_none_of_it(session: Session, hands: Hands) -> None:
    with transaction(session):
        position = number(session)
    approved(session, hands)
    assert figures(session, Asked(position=position)).off_platform_amount == 0
    assert figures(session).off_platform_amount == BOUGHT


def test_a_purchase_taken_back_is_no_correction_of_last_year(
    session: Session, hands: Hands
) -> None:
    correction_id = approved(session, hands)
    with transaction(session):
        opposite = propose_reversal(
            session, hands.proposer, correction_id, reason="Pesanan toko", now=NOON
        ).id
    hands.approve(opposite)
    for found in (figures(session), figures(session, Asked(as_of=date(2026, 11, 1)))):
        assert (found.realised, found.off_platform_amount) == (300_000, 0)
        assert found.correction_amount == 0
    identities = {identity.key: identity for identity in reconcile(session, now=NOON)}
    assert identities[IdentityKey.ACCOUNTS].holds


def test_the_city_shows_it_apart_for_each_agency_and_in_all(session: Session, hands: Hands) -> None:
    approved(session, hands)
    schools = Hands(session, "1.01.01")
    budget(session, schools.agency, ceiling=10_000_000)
    with transaction(session):
        number(session)
    found = city_quota(session, 2026, today=TODAY)
    shown = {row.code: row.off_platform_amount for row in found.rows}
    assert shown == {"1.02.01": BOUGHT, "1.01.01": 0}
    assert found.off_platform_amount == BOUGHT


def test_the_export_has_it_in_a_column_of_its_own(session: Session, hands: Hands) -> None:
    approved(session, hands)
    with transaction(session):
        number(session)
    request = ExportRequest(kind=ExportKind.QUOTA, agency_code="1.02.01", year=2026)
    (row,) = sheet(session, request, now=NOON).rows
    told = dict(zip(COLUMNS, row, strict=True))
    assert (told["month"], told["realised"], told["off_platform"]) == (
        "2026-10",
        300_000 + BOUGHT,
        BOUGHT,
    )
