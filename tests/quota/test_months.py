"""Running sums of months: exactly what the numbered entries come to, and nothing that waits."""

from datetime import date

import flask_migrate
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from storefront.core.database import transaction
from storefront.core.permissions import SYSTEM
from storefront.quota.closing_models import QuotaCorrection, QuotaMonth
from storefront.quota.ledger import post
from storefront.quota.log import number
from storefront.quota.models import Amounts, EntryKind, Fund
from storefront.reports.month_sums import month_breaches
from storefront.sellers.models import SellerClass
from tests.factories import NOON, movement
from tests.reports.made import booked

MAY, JUNE = date(2026, 5, 4), date(2026, 6, 30)
MonthRow = tuple[str, int, int, int, int]


def months(session: Session) -> list[MonthRow]:
    """Period, committed, realised, and of realised what was reversed and off-platform."""
    session.rollback()
    rows = session.scalars(select(QuotaMonth).order_by(QuotaMonth.account_id, QuotaMonth.period))
    return [
        (
            row.period,
            row.committed_change,
            row.realised_change,
            row.reversed_change,
            row.off_platform_change,
        )
        for row in rows
    ]


def corrections(session: Session) -> dict[str, int]:
    session.rollback()
    return {row.reference: row.realised_amount for row in session.scalars(select(QuotaCorrection))}


def a_year(session: Session) -> None:
    """Entries of two months, two accounts, each kind that months tell apart."""
    booked(session, committed=100, day=MAY, kind=EntryKind.COMMIT, order="P-1-1")
    booked(session, committed=-60, realised=60, day=MAY, kind=EntryKind.REALISE, order="P-1-1")
    booked(session, realised=-10, day=JUNE, kind=EntryKind.REVERSE, order="P-1-1")
    booked(session, realised=-7, day=JUNE, kind=EntryKind.REVERSE, order="P-OLD-1")
    booked(session, realised=5, day=JUNE, kind=EntryKind.ADJUST)
    booked(session, realised=3, day=MAY, fund=Fund.PERSONAL, seller_class=SellerClass.OTHER)


def test_a_month_sums_what_was_booked_in_it_and_tells_reversals_and_paper_apart(
    session: Session,
) -> None:
    a_year(session)
    assert months(session) == [
        ("2026-05", 40, 60, 0, 0),
        ("2026-06", 0, -12, -17, 5),
        ("2026-05", 0, 3, 0, 3),
    ]


def test_what_has_no_position_yet_is_in_no_month(session: Session) -> None:
    booked(session, realised=1, day=MAY)
    with transaction(session):
        post(session, SYSTEM, [movement(EntryKind.COMMIT, Amounts(9))], now=NOON)
    assert months(session) == [("2026-05", 0, 1, 0, 1)]
    with transaction(session):
        assert number(session) == 2
    assert months(session)[-1] == ("2026-11", 9, 0, 0, 0)


def test_many_entries_numbered_at_once_are_folded_once_each(session: Session) -> None:
    for at in range(3):
        with transaction(session):
            made = movement(EntryKind.COMMIT, Amounts(at + 1), order=f"P-{at}-1")
            post(session, SYSTEM, [made], now=NOON)
    for _again in range(2):
        with transaction(session):
            number(session)
        assert months(session) == [("2026-11", 6, 0, 0, 0)]


def test_an_order_that_took_more_than_it_gave_is_kept_until_it_gave_enough(
    session: Session,
) -> None:
    a_year(session)
    assert corrections(session) == {"P-OLD-1": -7}
    booked(session, realised=4, kind=EntryKind.REALISE, order="P-OLD-1")
    assert corrections(session) == {"P-OLD-1": -3}
    booked(session, realised=3, kind=EntryKind.REALISE, order="P-OLD-1")
    assert corrections(session) == {}


def test_a_ledger_that_was_there_before_gets_the_same_sums_by_the_migration(
    app: Flask, session: Session
) -> None:
    a_year(session)
    before = (months(session), corrections(session))
    session.rollback()
    with app.app_context():
        flask_migrate.downgrade(revision="0006")
        flask_migrate.upgrade()
    assert (months(session), corrections(session)) == before


def test_a_month_or_correction_that_was_tampered_with_is_named(session: Session) -> None:
    a_year(session)
    assert list(month_breaches(session)) == []
    session.rollback()
    with transaction(session):
        session.execute(
            text("UPDATE quota_months SET realised_change = 61 WHERE realised_change = 60")
        )
        session.execute(text("DELETE FROM quota_months WHERE off_platform_change = 3"))
        session.execute(text("UPDATE quota_corrections SET realised_amount = -1"))
    assert [str(breach) for breach in month_breaches(session)] == [
        "1.02.01 2026 official micro, month 2026-05: realised_change is 61, should be 60",
        "1.02.01 2026 personal other, month 2026-05: realised_change is 0, should be 3",
        "1.02.01 2026 personal other, month 2026-05: off_platform_change is 0, should be 3",
        "1.02.01 2026 official micro, correction of P-OLD-1: realised_amount is -1, should be -7",
    ]
