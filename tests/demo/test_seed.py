"""The demo city on the days that are hard: the seed satisfies what the store itself must."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storefront import create_app
from storefront.agencies.holidays import holidays_of
from storefront.agencies.models import BudgetLine
from storefront.agencies.tree_models import AgencyChange
from storefront.agencies.tree_queries import tree_on
from storefront.core.audit import AuditEntry
from storefront.core.calendar import city_day, month_after, month_of
from storefront.core.database import transaction
from storefront.demo import content
from storefront.demo.seed import NotEmpty, seed
from storefront.extensions import db
from storefront.orders.approvals import may_exceed
from storefront.orders.models import Order, OrderEvent, OrderStatus
from storefront.orders.words import Event
from storefront.payments.models import AgencyPayment
from storefront.programme.calendar import serlok_day_of
from storefront.programme.models import ParticipationMonth, SerlokDay
from storefront.quota.closing_models import PeriodClose
from storefront.quota.correction_models import Correction
from storefront.quota.exemptions import exemptions_on
from storefront.quota.models import Checkpoint, EntryKind, Fund, LedgerEntry, LogLine, TreeName
from storefront.quota.periods import books_as_seen
from storefront.quota.seals import verify
from storefront.reports.reconciliation import reconcile
from storefront.sellers.models import Seller
from tests.closings import SIGNER
from tests.databases import FreshDatabase, settings_for, sqlite_databases

MIDSUMMER = date(2026, 7, 15)
PICTURES = {product.picture: "0" * 64 for product in content.products()}


def seeded(session: Session, today: date) -> None:
    with transaction(session) as unit:
        seed(unit, PICTURES, signer=SIGNER, today=today, progress=lambda _what: None)


@pytest.fixture(scope="module")
def midsummer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """The demo of a day in July, made once for those who only read it."""
    folder = tmp_path_factory.mktemp("midsummer")
    with sqlite_databases(folder) as fresh:
        app = create_app(settings_for(fresh(), folder))
        with app.app_context():
            engine = db.engine
        with Session(engine, expire_on_commit=False) as session:
            seeded(session, MIDSUMMER)
            yield session
        engine.dispose()


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
    assert states == ["approved", "approved", "proposed", "proposed"]
    closed = session.scalars(select(PeriodClose).order_by(PeriodClose.month)).all()
    assert [month_after(close.month) for close in closed][-1] == first_open
    assert sorted({close.position for close in closed}) == [close.position for close in closed]
    exempt = exemptions_on(session, today)
    assert len(exempt) == 1
    waiting = session.scalars(select(AgencyChange.state).order_by(AgencyChange.id)).all()
    assert waiting == ["confirmed", "confirmed", "proposed"]
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


def test_months_were_closed_as_they_went_by(midsummer: Session) -> None:
    closes = midsummer.scalars(select(PeriodClose).order_by(PeriodClose.month)).all()
    recorded = _recorded(midsummer)
    for close in closes:
        assert close.proposed_by != close.confirmed_by
        assert month_of(city_day(close.confirmed_at)) == month_after(close.month)
        known = sum(at <= close.confirmed_at for at in recorded)
        assert close.position == known
        note = midsummer.get_one(Checkpoint, (TreeName.LEDGER, close.checkpoint_size))
        assert note.issued_at == close.confirmed_at
    assert recorded == sorted(recorded)
    acts = midsummer.scalars(select(AuditEntry.at).order_by(AuditEntry.id)).all()
    assert acts == sorted(acts)


def test_a_proof_that_came_late_is_booked_in_the_month_that_was_open(midsummer: Session) -> None:
    late = midsummer.scalars(
        select(LedgerEntry).where(
            LedgerEntry.kind == EntryKind.REALISE,
            LedgerEntry.period > func.substr(LedgerEntry.occurred_on, 1, 7),
        )
    ).all()
    assert len({entry.period for entry in late}) > 2
    for entry in late:
        paid = midsummer.scalars(select(AgencyPayment).filter_by(reference=entry.reference)).one()
        assert paid.paid_on == entry.occurred_on
        close = midsummer.get_one(PeriodClose, month_of(entry.occurred_on))
        assert close.confirmed_at < entry.recorded_at
        assert entry.period == month_of(city_day(entry.recorded_at))


def test_agencies_rest_on_days_off_and_one_asks_for_more_than_its_line_holds(
    midsummer: Session,
) -> None:
    days_off = holidays_of(midsummer, 2026)
    assert any(name.startswith("Hari Raya Idul Fitri") for name in days_off.values())
    office = OrderEvent.event.in_([Event.SUBMIT, Event.APPROVE, Event.REJECT, Event.PAY])
    query = (
        select(OrderEvent.at)
        .join(Order, Order.id == OrderEvent.order_id)
        .where(Order.fund == Fund.OFFICIAL, office)
    )
    worked = {city_day(at) for at in midsummer.scalars(query)}
    assert not worked & set(days_off)
    assert all(day.weekday() < 5 for day in worked)
    asked = midsummer.scalars(select(Order).where(Order.exception_reason != "")).one()
    line = midsummer.get_one(BudgetLine, asked.budget_line_id)
    taken = line.committed_amount + line.spent_amount
    assert asked.status is OrderStatus.SUBMITTED
    assert taken + asked.budget_amount > line.ceiling_amount
    assert may_exceed(midsummer, asked)


@pytest.mark.parametrize("fresh_database", ["sqlite"], indirect=True)
def test_the_same_day_makes_the_same_city(
    midsummer: Session, fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    again = create_app(settings_for(fresh_database(), tmp_path / "again"))
    with again.app_context(), Session(db.engine) as other:
        seeded(other, MIDSUMMER)
        for tree in TreeName:
            roots = select(Checkpoint.size, Checkpoint.root).filter_by(tree=tree).order_by("size")
            assert midsummer.execute(roots).all() == other.execute(roots).all()
        db.engine.dispose()


def test_its_orders_stand_in_every_state_and_it_is_made_once(midsummer: Session) -> None:
    statuses = set(midsummer.scalars(select(Order.status).distinct()))
    assert statuses == set(OrderStatus) - {OrderStatus.DRAFT}
    silent = midsummer.scalars(
        select(Seller.name).where(
            Seller.first_order_at.is_(None),
            ~select(Order.id).where(Order.seller_id == Seller.id).exists(),
            Seller.state == "active",
        )
    ).all()
    assert len(silent) == 1
    with pytest.raises(NotEmpty), transaction(midsummer) as unit:
        seed(unit, PICTURES, signer=SIGNER, today=MIDSUMMER, progress=lambda _what: None)


def test_an_agency_was_merged_and_another_renamed_last_july(midsummer: Session) -> None:
    before, after = (
        {node.code: node for node in tree_on(midsummer, date(2025, month, 15)).values()}
        for month in (6, 8)
    )
    assert before["KB-B01"].name == "Badan Perencanaan Pembangunan Daerah"
    assert after["KB-B01"].name.endswith("Riset dan Inovasi Daerah")
    assert before["KB-L01"].ended_on is None
    assert after["KB-L01"].heir_id == after["KB-B01"].id
    frozen = select(Order.agency_name).where(Order.agency_code == "KB-B01").distinct()
    assert set(midsummer.scalars(frozen)) == {before["KB-B01"].name, after["KB-B01"].name}


def _recorded(session: Session) -> list[datetime]:
    """When each entry was recorded, in the order of the log."""
    query = select(LedgerEntry.recorded_at).join(LogLine, LogLine.entry_id == LedgerEntry.id)
    return list(session.scalars(query.order_by(LogLine.position)))
