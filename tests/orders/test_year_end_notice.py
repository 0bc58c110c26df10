"""What is said in December of an order is what the turn of the year then does to it."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from storefront.core.calendar import city_day, instant_of
from storefront.core.database import transaction
from storefront.core.permissions import CITY, Actor, Role
from storefront.orders import fulfilment, year_end
from storefront.orders.expiry import expire_request
from storefront.orders.models import OrderStatus, WaitsFor, YearEndChoice
from storefront.orders.year_end import Outcome
from storefront.orders.year_end_notice import YearEndNotice, year_end_notice
from tests.conftest import CountSelects
from tests.factories import NOON, budget, signed_up
from tests.factories_orders import (
    Around,
    approved_order,
    around,
    found,
    paid_order,
    placed_order,
    planned_line,
    received_order,
)

NEW_YEAR = instant_of(date(2027, 1, 1))
FIRST, LAST = date(2026, 12, 1), city_day(NEW_YEAR - timedelta(seconds=1))
CANCEL, CARRY = YearEndChoice.CANCEL, YearEndChoice.CARRY


@pytest.fixture
def of(session: Session) -> Around:
    """The next year has a budget, and no line for the order's activity and account."""
    made = around(session)
    budget(session, made.agency, year=2027)
    return made


def sent(session: Session, of: Around, pieces: int | None = None) -> str:
    """An order of ten, of which so many were sent."""
    number = approved_order(session, of)
    with transaction(session):
        fulfilment.accept(session, of.seller, number, now=NOON)
        wanted = None if pieces is None else {1: pieces}
        fulfilment.ship(session, of.seller, number, pieces=wanted, now=NOON)
    return number


def sent_in_part(session: Session, of: Around) -> str:
    return sent(session, of, pieces=4)


def received(session: Session, of: Around) -> str:
    return received_order(session, of, approved_order(session, of))


def chosen(session: Session, of: Around, number: str, choice: YearEndChoice) -> None:
    with transaction(session):
        year_end.choose(
            session, of.approver, of.agency.code, [number], choice, now=instant_of(FIRST)
        )


def said(
    session: Session, of: Around, number: str, day: date, actor: Actor | None = None
) -> YearEndNotice | None:
    session.rollback()
    return year_end_notice(session, actor or of.approver, number, today=day)


def turn(session: Session) -> None:
    session.rollback()
    while due := year_end.orders_to_deal_with(session, now=NEW_YEAR):
        for number in due:
            with transaction(session):
                year_end.deal_with(session, number, now=NEW_YEAR)


def happened(session: Session, number: str) -> Outcome:
    """What became of an order, by its row alone."""
    order = found(session, number)
    if order.status is OrderStatus.CANCELLED:
        return Outcome.CANCEL
    assert order.budget_year == 2027
    is_cut = any(line.cancelled_quantity for line in order.lines)
    return Outcome.CANCEL_REST if is_cut else Outcome.CARRY


@pytest.mark.parametrize("day", [FIRST, LAST])
@pytest.mark.parametrize("choice", [None, CANCEL, CARRY])
@pytest.mark.parametrize(
    ("make", "room", "lacks"),
    [
        (approved_order, 0, WaitsFor.LINE),
        (sent_in_part, 0, WaitsFor.LINE),
        (sent_in_part, 40_000, WaitsFor.LINE),
        (sent_in_part, 100_000, None),
        (sent, 0, WaitsFor.LINE),
        (sent, 99_999, WaitsFor.LINE),
        (received, 100_000, None),
    ],
)
def test_it_is_what_the_worker_does(
    session: Session,
    of: Around,
    make: Callable[[Session, Around], str],
    room: int,
    lacks: WaitsFor | None,
    choice: YearEndChoice | None,
    day: date,
) -> None:
    number = make(session, of)
    if room:
        planned_line(session, of, room)
    if choice is CARRY or (choice and make in {approved_order, sent_in_part}):
        chosen(session, of, number, choice)
    notice = said(session, of, number, day)
    assert notice is not None
    turn(session)
    assert notice.outcome is happened(session, number)
    assert notice.lacks is found(session, number).waits_for
    if notice.outcome is Outcome.CARRY:
        assert notice.lacks is lacks


def test_a_request_is_told_that_it_expires(session: Session, of: Around) -> None:
    number = placed_order(session, of)
    notice = said(session, of, number, LAST)
    assert notice is not None
    assert (notice.outcome, notice.chosen_at_agency) == (None, None)
    with transaction(session):
        expire_request(session, number, now=NEW_YEAR)
    assert found(session, number).status is OrderStatus.EXPIRED


def test_nothing_is_said_before_december_nor_of_what_is_over(session: Session, of: Around) -> None:
    number, gone = approved_order(session, of), approved_order(session, of)
    with transaction(session):
        fulfilment.cancel(session, of.buyer, gone, now=NOON)
    assert said(session, of, number, date(2026, 11, 30)) is None
    assert said(session, of, number, date(2027, 1, 1)) is None
    assert said(session, of, gone, FIRST) is None


def test_nothing_is_said_of_ones_own_money_and_nothing_to_who_may_not_see(
    session: Session, of: Around
) -> None:
    own, official = paid_order(session, of), approved_order(session, of)
    assert said(session, of, own, FIRST, of.buyer) is None
    assert said(session, of, official, FIRST, signed_up(session, Role.CITY_ADMIN, CITY)) is None


def test_the_approver_may_choose_and_the_seller_hears_nothing_of_the_budget(
    session: Session, of: Around
) -> None:
    number = sent_in_part(session, of)
    by_reader = {
        name: said(session, of, number, FIRST, actor)
        for name, actor in (
            ("approver", of.approver), ("treasurer", of.treasurer), ("buyer", of.buyer),
            ("seller", of.seller),
        )
    }  # fmt: skip
    told = {
        name: (notice.chosen_at_agency, notice.lacks)
        for name, notice in by_reader.items()
        if notice
    }
    assert told == {
        "approver": (of.agency.code, WaitsFor.LINE),
        "treasurer": (None, WaitsFor.LINE),
        "buyer": (None, WaitsFor.LINE),
        "seller": (None, None),
    }


def test_of_what_was_sent_whole_there_is_nothing_to_choose(session: Session, of: Around) -> None:
    notice = said(session, of, sent(session, of), FIRST)
    assert notice is not None
    assert (notice.can_cancel, notice.chosen_at_agency) == (False, None)


def test_it_costs_nothing_outside_december_and_the_same_for_many_lines(
    session: Session, of: Around, count_selects: CountSelects
) -> None:
    few, many = approved_order(session, of), approved_order(session, of, quantities=(1, 2, 3, 4))
    with count_selects() as none:
        year_end_notice(session, of.approver, few, today=date(2026, 11, 30))
    with count_selects() as of_few:
        year_end_notice(session, of.approver, few, today=FIRST)
    with count_selects() as of_many:
        year_end_notice(session, of.approver, many, today=FIRST)
    assert none == []
    assert len(of_many) == len(of_few)
