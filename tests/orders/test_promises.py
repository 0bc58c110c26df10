"""When a piece would reach an office: what a product's page promises, checkout keeps."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy.orm import Session

from storefront.agencies.models import Holiday
from storefront.catalog import capacity
from storefront.catalog.models import Variant, VariantId
from storefront.catalog.product_page import VariantView
from storefront.core.calendar import city_day
from storefront.core.database import transaction
from storefront.orders.models import PickupPoint
from storefront.orders.promises import Promise, circumstances, promise
from storefront.quota.models import Fund
from tests.factories import NOON, budget, listed_variant, shop
from tests.orders.checkouts import OFFICIAL, OWN, buyer

THURSDAY, FRIDAY, MONDAY = date(2026, 11, 12), date(2026, 11, 13), date(2026, 11, 16)
AFTER_HOURS = datetime(2026, 11, 12, 9, 30, tzinfo=UTC)  # 16.30 in Jakarta


def promised(session: Session, variant_id: VariantId, now: datetime = NOON) -> Promise:
    variant = session.get_one(Variant, variant_id)
    view = VariantView(
        variant_id=variant.id,
        sku=variant.sku,
        name=variant.name,
        price_amount=variant.price_amount,
        was_amount=None,
        stock=10,
        stock_policy=variant.stock_policy,
        lead_days=variant.lead_days,
        daily_capacity=variant.daily_capacity,
    )
    around = circumstances(session, city_day(now))
    return promise(session, view, "Kopi", around=around, now=now)


def test_what_is_there_arrives_today_and_for_an_agency_tomorrow(session: Session) -> None:
    found = promised(session, listed_variant(session))
    assert (found.own_day, found.official_day) == (THURSDAY, FRIDAY)


def test_after_hours_nothing_arrives_today(session: Session) -> None:
    found = promised(session, listed_variant(session), AFTER_HOURS)
    assert (found.own_day, found.official_day) == (FRIDAY, MONDAY)


def test_a_holiday_is_no_day_of_delivery(session: Session) -> None:
    with transaction(session):
        session.add(Holiday(day=FRIDAY, name="Libur"))
    assert promised(session, listed_variant(session, lead_days=1)).own_day == MONDAY


def test_a_day_that_is_full_is_passed_over(session: Session) -> None:
    variant_id = listed_variant(session, daily_capacity=5, lead_days=1)
    with transaction(session):
        capacity.take_day(session, {variant_id: 5}, day=FRIDAY)
    found = promised(session, variant_id)
    assert (found.own_day, found.official_day) == (MONDAY, MONDAY)


def test_only_open_outlets_are_named(session: Session) -> None:
    with transaction(session):
        session.add(PickupPoint(code="X1", name="Galery Buka", is_open=True))
        session.add(PickupPoint(code="X2", name="Galery Tutup", is_open=False))
    outlets = promised(session, listed_variant(session)).outlets
    assert "Galery Buka" in outlets
    assert "Galery Tutup" not in outlets


@pytest.mark.parametrize("fund", list(Fund))
@pytest.mark.parametrize("lead_days", [0, 1, 3])
def test_checkout_proposes_the_day_that_was_promised(
    session: Session, lead_days: int, fund: Fund
) -> None:
    variant_id = listed_variant(session, seller=shop(session), lead_days=lead_days)
    who = buyer(session)
    budget(session, who.agency, line=50_000_000)
    who.gathers((variant_id, 1))
    wanted = replace(OFFICIAL if fund is Fund.OFFICIAL else OWN, fund=fund)
    (order,) = who.quote(wanted).orders
    found = promised(session, variant_id)
    day = found.official_day if fund is Fund.OFFICIAL else found.own_day
    assert order.deliver_on == day
