"""Months that close, and what is booked where then."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from storefront.core.audit import AuditEntry
from storefront.core.database import transaction
from storefront.core.errors import NotAllowed
from storefront.core.permissions import CITY, Actor, Role
from storefront.quota.ledger import post
from storefront.quota.log import number
from storefront.quota.models import Amounts, EntryKind, LedgerEntry, LogLine
from storefront.quota.periods import (
    Books,
    LedgerHasBegun,
    MonthNotOver,
    begin_in,
    books_as_seen,
    close_month,
)
from tests.factories import NOON, movement, signed_up
from tests.threads import in_threads


@pytest.fixture
def admin(session: Session) -> Actor:
    return signed_up(session, Role.CITY_ADMIN, CITY)


@pytest.mark.parametrize(
    ("occurred_on", "fiscal_year", "period"),
    [
        (date(2026, 12, 30), 2026, "2026-12"),
        (date(2026, 11, 30), 2026, "2026-12"),
        (date(2027, 1, 3), 2026, "2027-01"),
        (date(2026, 12, 30), 2027, "2027-01"),
    ],
)
def test_a_period_is_an_open_month_and_never_before_its_accounts_january(
    occurred_on: date, fiscal_year: int, period: str
) -> None:
    assert Books("2026-12").period_for(occurred_on, fiscal_year) == period


def test_months_close_in_their_order_and_the_log_says_at_which_position(
    session: Session, admin: Actor
) -> None:
    with transaction(session):
        post(session, admin, [movement(EntryKind.COMMIT, Amounts(1))], now=NOON)
    with transaction(session):
        assert [close_month(session, admin, now=NOON) for _ in range(2)] == ["2026-01", "2026-02"]
    assert books_as_seen(session).first_open == "2026-03"
    noted = session.scalars(select(AuditEntry).filter_by(act="month.closed")).all()
    assert [(row.subject, row.details) for row in noted] == [
        ("2026-01", '{"ledger_position": 1}'),
        ("2026-02", '{"ledger_position": 1}'),
    ]


@pytest.mark.parametrize(
    "now", [datetime(2026, 1, 31, 16, 59, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)]
)
def test_a_month_that_is_not_over_in_the_city_does_not_close(
    session: Session, admin: Actor, now: datetime
) -> None:
    with pytest.raises(MonthNotOver), transaction(session):
        close_month(session, admin, now=now)


def test_a_month_closes_from_its_citys_midnight_on(session: Session, admin: Actor) -> None:
    with transaction(session):
        midnight = datetime(2026, 1, 31, 17, 0, tzinfo=UTC)
        assert close_month(session, admin, now=midnight) == "2026-01"


def test_only_the_city_closes_a_month(session: Session) -> None:
    officer = signed_up(session, Role.PROCUREMENT)
    with pytest.raises(NotAllowed), transaction(session):
        close_month(session, officer, now=NOON)


def test_an_empty_ledger_can_begin_in_an_earlier_year(session: Session, admin: Actor) -> None:
    with transaction(session):
        begin_in(session, admin, year=2025)
    assert books_as_seen(session).first_open == "2025-01"


def test_a_ledger_that_has_begun_keeps_its_first_month(session: Session, admin: Actor) -> None:
    with transaction(session):
        post(session, admin, [movement(EntryKind.COMMIT, Amounts(1))], now=NOON)
    with pytest.raises(LedgerHasBegun), transaction(session):
        begin_in(session, admin, year=2025)


def test_what_is_posted_while_months_close_is_booked_in_a_month_that_was_open(
    engine: Engine, session: Session, admin: Actor
) -> None:
    january = date(2026, 1, 5)

    def close_or_post(thread: int) -> None:
        for at in range(6):
            with Session(engine) as own, transaction(own):
                if thread == 0:
                    close_month(own, admin, now=NOON)
                    continue
                made = movement(EntryKind.COMMIT, Amounts(1), order=f"SP-{thread}-{at}")
                dated = replace(made, event=replace(made.event, occurred_on=january))
                post(own, admin, [dated], now=NOON)

    in_threads(5, close_or_post)
    with transaction(session):
        number(session)
    booked = session.execute(
        select(LogLine.position, LedgerEntry.period).join(
            LedgerEntry, LedgerEntry.id == LogLine.entry_id
        )
    ).all()
    closings = session.scalars(select(AuditEntry).filter_by(act="month.closed")).all()
    for closing in closings:
        at = json.loads(closing.details)["ledger_position"]
        assert all(period > closing.subject for position, period in booked if position > at)
    assert (len(booked), len(closings)) == (24, 6)
