"""The demo city on the days that are hard: the seed satisfies what the store itself must."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storefront.agencies.holidays import holidays_of
from storefront.agencies.tree_queries import tree_on
from storefront.core.database import transaction
from storefront.demo import content
from storefront.demo.closing import close_past_months
from storefront.demo.seed import NotEmpty, seed
from storefront.orders.models import Order, OrderStatus
from storefront.programme.calendar import serlok_day_of
from storefront.programme.models import ParticipationMonth, SerlokDay
from storefront.quota.correction_models import Correction
from storefront.quota.models import LedgerEntry
from storefront.quota.periods import books_as_seen
from storefront.quota.seals import verify
from storefront.reports.reconciliation import reconcile
from storefront.sellers.models import Seller
from tests.closings import SIGNER

PICTURES = {product.picture: "0" * 64 for product in content.products()}


def seeded(session: Session, today: date) -> None:
    with transaction(session) as unit:
        seed(unit, PICTURES, today=today, progress=lambda _what: None)
    close_past_months(lambda: transaction(session), signer=SIGNER, today=today)


@pytest.mark.parametrize("fresh_database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("today", "first_open"),
    [
        (date(2026, 1, 2), "2025-12"),
        (date(2028, 2, 29), "2028-01"),
        (date(2026, 7, 15), "2026-06"),
        (date(2026, 12, 31), "2026-11"),
    ],
)
def test_the_demo_is_whole_on_any_day(session: Session, today: date, first_open: str) -> None:
    seeded(session, today)
    assert verify(session) is None
    now = datetime(2029, 1, 1, tzinfo=UTC)
    assert [identity.key for identity in reconcile(session, now=now) if identity.breaches] == []
    assert books_as_seen(session).first_open == first_open
    states = session.scalars(select(Correction.state).order_by(Correction.id)).all()
    assert states == ["approved", "proposed", "proposed"]
    placed = session.scalars(select(func.max(Order.placed_at))).one()
    assert placed.date() <= today
    published = session.scalars(select(func.count()).select_from(ParticipationMonth)).one()
    assert published > 0
    moved = session.scalars(select(SerlokDay.month)).all()
    assert f"{today.year - 1}-12" in moved
    assert all(serlok_day_of(session, month) is not None for month in moved)
    assert holidays_of(session, today.year + 1)


@pytest.mark.parametrize("fresh_database", ["postgresql"], indirect=True)
def test_the_demo_is_whole_on_postgresql_too(session: Session) -> None:
    seeded(session, date(2026, 11, 24))
    assert verify(session) is None
    now = datetime(2027, 1, 1, tzinfo=UTC)
    assert [identity.key for identity in reconcile(session, now=now) if identity.breaches] == []


@pytest.mark.parametrize("fresh_database", ["sqlite"], indirect=True)
def test_the_same_day_makes_the_same_city_and_its_orders_stand_in_every_state(
    app: Flask, session: Session, tmp_path: Path
) -> None:
    del app, tmp_path
    seeded(session, date(2026, 11, 24))
    first = session.scalars(select(LedgerEntry.seal).order_by(LedgerEntry.id).limit(50)).all()
    assert (
        first[0]
        == session.scalars(select(LedgerEntry.seal).order_by(LedgerEntry.id).limit(1)).one()
    )
    statuses = set(session.scalars(select(Order.status).distinct()))
    assert statuses == set(OrderStatus) - {OrderStatus.DRAFT}
    silent = session.scalars(
        select(Seller.name).where(
            Seller.first_order_at.is_(None),
            ~select(Order.id).where(Order.seller_id == Seller.id).exists(),
            Seller.state == "active",
        )
    ).all()
    assert len(silent) == 1
    with pytest.raises(NotEmpty), transaction(session) as unit:
        seed(unit, PICTURES, today=date(2026, 11, 24), progress=lambda _what: None)


@pytest.mark.parametrize("fresh_database", ["sqlite"], indirect=True)
def test_an_agency_was_merged_and_another_renamed_last_july(session: Session) -> None:
    seeded(session, date(2026, 3, 2))
    before, after = (
        {node.code: node for node in tree_on(session, date(2025, month, 15)).values()}
        for month in (6, 8)
    )
    assert before["KB-B01"].name == "Badan Perencanaan Pembangunan Daerah"
    assert after["KB-B01"].name.endswith("Riset dan Inovasi Daerah")
    assert before["KB-L01"].ended_on is None
    assert after["KB-L01"].heir_id == after["KB-B01"].id
    frozen = select(Order.agency_name).where(Order.agency_code == "KB-B01").distinct()
    assert set(session.scalars(frozen)) == {before["KB-B01"].name, after["KB-B01"].name}
