"""What a `move` posts, and whose account the order's later events find (docs/ledger.md)."""

from datetime import date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.core.calendar import city_day
from storefront.core.database import transaction
from storefront.quota.ledger import CauseTold, Event, YearClosed
from storefront.quota.models import Amounts, QuotaAccount
from storefront.quota.moves import Attribution, Move, move
from storefront.quota.seals import verify
from storefront.sellers.models import SellerClass
from tests.factories import HEALTH, SNAPSHOT, signed_up
from tests.quota.test_settle import DECEMBER, JANUARY, LATER, MAY, Order, close_through

COBLONG = "7.01.01"
TO_COBLONG = Attribution(COBLONG, SellerClass.MICRO)
Moved = tuple[str, int, str, int, int]
"""Agency, year, class, change of committed and of realised."""


@pytest.fixture
def order(session: Session) -> Order:
    return Order(session, signed_up(session))


def moved(
    session: Session,
    order: Order,
    to: Attribution = TO_COBLONG,
    *,
    document: str = "KOR/0001/1.02.01/2026",
    now: datetime = LATER,
) -> list[Moved]:
    event = Event(
        reference=order.standing.reference,
        cause=f"move {document}",
        occurred_on=city_day(now),
        rule_version=1,
        snapshot_sha256=SNAPSHOT,
        reason="SK mutasi terlambat dicatat",
    )
    with transaction(session):
        entries = move(session, order.actor, [Move(event, to)], now=now)
        posted = []
        for entry in entries:
            key = session.get_one(QuotaAccount, entry.account_id).key
            assert entry.kind == "move"
            posted.append(
                (
                    key.agency_code,
                    key.fiscal_year,
                    key.seller_class.value,
                    entry.committed_change,
                    entry.realised_change,
                )
            )
        return posted


def held(session: Session) -> dict[tuple[str, int], Amounts]:
    session.rollback()
    accounts = session.scalars(select(QuotaAccount).order_by(QuotaAccount.id))
    return {(a.agency_code, a.fiscal_year): a.balances for a in accounts}


def test_a_move_takes_committed_and_realised_alike(session: Session, order: Order) -> None:
    order.tell(agreed=100)
    order.tell(accepted=60, paid=60)
    assert moved(session, order) == [
        ("1.02.01", 2026, "micro", -40, -60),
        (COBLONG, 2026, "micro", 40, 60),
    ]
    assert held(session) == {("1.02.01", 2026): Amounts(), (COBLONG, 2026): Amounts(40, 60)}
    assert verify(session) is None


def test_a_class_found_false_moves_within_the_agency(session: Session, order: Order) -> None:
    order.tell(agreed=100, accepted=100, paid=100)
    to_other = Attribution(HEALTH.agency_code, SellerClass.OTHER)
    assert moved(session, order, to_other) == [
        ("1.02.01", 2026, "micro", 0, -100),
        ("1.02.01", 2026, "other", 0, 100),
    ]


def test_what_comes_after_a_move_follows_the_account_that_holds_the_order(
    session: Session, order: Order
) -> None:
    order.tell(agreed=100)
    order.tell(accepted=60, paid=60)
    moved(session, order)
    order.tell(accepted=100, paid=100)
    assert held(session)[COBLONG, 2026] == Amounts(0, 100)
    order.tell(accepted=90, agreed=90)
    order.tell(paid=90)
    assert held(session) == {("1.02.01", 2026): Amounts(), (COBLONG, 2026): Amounts(0, 90)}


def test_a_commitment_is_carried_on_the_new_agencys_accounts(
    session: Session, order: Order
) -> None:
    order.tell(DECEMBER, agreed=100, accepted=100)
    moved(session, order)
    assert order.tell(JANUARY, paid=100) == [
        ("carry", 2026, -100, 0),
        ("carry", 2027, 100, 0),
        ("realise", 2027, -100, 100),
    ]
    assert held(session)[COBLONG, 2027] == Amounts(0, 100)


def test_after_all_went_back_a_failed_refund_returns_to_who_held_it_last(
    session: Session, order: Order
) -> None:
    order.tell(agreed=100, accepted=100, paid=100, is_open=False)
    moved(session, order)
    order.tell(paid=0)
    assert held(session)[COBLONG, 2026] == Amounts()
    order.tell(paid=100)
    assert held(session)[COBLONG, 2026] == Amounts(0, 100)


def test_each_year_moves_on_its_own_account(session: Session, order: Order) -> None:
    order.tell(DECEMBER, agreed=100, accepted=60, paid=60)
    order.tell(JANUARY, accepted=80, paid=80)
    assert moved(session, order) == [
        ("1.02.01", 2026, "micro", 0, -60),
        ("1.02.01", 2027, "micro", -20, -20),
        (COBLONG, 2026, "micro", 0, 60),
        (COBLONG, 2027, "micro", 20, 20),
    ]


def test_what_stands_in_a_closed_year_stays(session: Session, order: Order) -> None:
    order.tell(DECEMBER, agreed=100, accepted=60, paid=60)
    order.tell(JANUARY, accepted=80, paid=80)
    close_through(session, "2026-12")
    assert moved(session, order) == [
        ("1.02.01", 2027, "micro", -20, -20),
        (COBLONG, 2027, "micro", 20, 20),
    ]
    assert held(session)["1.02.01", 2026] == Amounts(0, 60)
    order.tell(date(2027, 3, 1), accepted=10, paid=10, agreed=10, is_open=False)
    assert held(session) == {
        ("1.02.01", 2026): Amounts(0, 60),
        ("1.02.01", 2027): Amounts(),
        (COBLONG, 2027): Amounts(0, -50),
    }


def test_an_order_that_stands_in_closed_years_alone_does_not_move(
    session: Session, order: Order
) -> None:
    order.tell(agreed=100, accepted=100, paid=100)
    close_through(session, "2026-12")
    with pytest.raises(YearClosed):
        moved(session, order)


def test_an_order_already_there_posts_nothing(session: Session, order: Order) -> None:
    order.tell(agreed=100)
    moved(session, order)
    assert moved(session, order, document="KOR/0002/1.02.01/2026") == []


def test_a_document_moves_an_order_once(session: Session, order: Order) -> None:
    order.tell(agreed=100)
    moved(session, order)
    with pytest.raises(CauseTold):
        moved(session, order, Attribution(HEALTH.agency_code, SellerClass.MICRO))


def test_a_move_is_booked_in_the_month_of_its_approval(session: Session, order: Order) -> None:
    order.tell(MAY, agreed=100)
    moved(session, order)
    entry = order.last_entry()
    assert (entry.occurred_on, entry.period) == (city_day(LATER), "2028-01")
