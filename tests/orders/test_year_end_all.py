"""A choice for all that is open, and sums over all: nothing is left out, however many there are."""

from contextlib import AbstractContextManager
from datetime import date

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storefront.core.calendar import instant_of
from storefront.core.database import transaction
from storefront.orders import fulfilment
from storefront.orders.models import Order, YearEndChoice, YearEndDecision
from storefront.orders.parties import ShopOfOnesOwn
from storefront.orders.year_end import NothingChosen, Outcome, choose
from storefront.orders.year_end_all import choose_for_all
from storefront.orders.year_end_view import year_end
from storefront.sellers.models import ShopStaff
from tests.conftest import CountSelects
from tests.factories import NOON
from tests.factories_orders import Around, approved_order, around, received_order

DECEMBER = instant_of(date(2026, 12, 3))
CANCEL, CARRY = YearEndChoice.CANCEL, YearEndChoice.CARRY


@pytest.fixture
def of(session: Session) -> Around:
    return around(session, years=(2026, 2027))


def kept(session: Session) -> int:
    session.rollback()
    return session.scalars(select(func.count()).select_from(YearEndDecision)).one()


def sent_in_part(session: Session, of: Around) -> str:
    number = approved_order(session, of)
    with transaction(session):
        fulfilment.accept(session, of.seller, number, now=NOON)
        fulfilment.ship(session, of.seller, number, pieces={1: 6}, now=NOON)
    return number


def test_all_are_chosen_in_batches_until_none_is_left(session: Session, of: Around) -> None:
    for _ in range(5):
        approved_order(session, of)
    received = received_order(session, of, approved_order(session, of))
    opened = 0

    def counted() -> AbstractContextManager[Session]:
        nonlocal opened
        opened += 1
        return transaction(session)

    made = choose_for_all(counted, of.approver, of.agency.code, CANCEL, now=DECEMBER, at_once=2)
    assert (made.orders, made.left_out) == (5, (received,))
    assert kept(session) == 5
    assert opened == 5, "one that looks, three batches, and one that finds none left"


def test_of_none_there_is_nothing_to_choose(session: Session, of: Around) -> None:
    with pytest.raises(NothingChosen):
        choose_for_all(
            lambda: transaction(session), of.approver, of.agency.code, CARRY, now=DECEMBER
        )


def test_a_shop_of_ones_own_in_a_later_batch_leaves_nothing_chosen(
    session: Session, of: Around
) -> None:
    approved_order(session, of)
    other = around(session, code="1.02.01.03", parent=of.agency)
    number = approved_order(session, other)
    with transaction(session):
        order = session.scalars(select(Order).filter_by(number=number)).one()
        order.approval_agency_id = of.agency.id
        session.add(ShopStaff(seller_id=other.shop.id, person_id=of.approver.person_id, since=NOON))
    with pytest.raises(ShopOfOnesOwn):
        choose_for_all(
            lambda: transaction(session),
            of.approver,
            of.agency.code,
            CARRY,
            now=DECEMBER,
            at_once=1,
        )
    assert kept(session) == 0


def test_the_sums_are_over_all_and_those_of_the_rows(session: Session, of: Around) -> None:
    for _ in range(30):
        first = approved_order(session, of)
    sent_in_part(session, of)
    received_order(session, of, approved_order(session, of))
    with transaction(session):
        choose(session, of.approver, of.agency.code, [first], CARRY, now=DECEMBER)
    pages = [year_end(session, of.approver, of.agency.code, 2026, page=at) for at in (1, 2)]
    rows = [row for each in pages for row in each.page.rows]
    assert len(rows) == 32
    for each in pages:
        assert (each.orders, each.chosen, each.page.total) == (32, 1, 32)
        assert each.freed_amount == sum(row.freed_amount for row in rows)
        assert each.carried_amount == sum(row.carried_amount for row in rows)
        assert each.by_outcome == {Outcome.CANCEL: 29, Outcome.CANCEL_REST: 1, Outcome.CARRY: 2}
    assert [each.page.has_next for each in pages] == [True, False]


def test_a_page_costs_six_reads_and_one_for_the_lines_of_those_sent_in_part(
    session: Session, of: Around, count_selects: CountSelects
) -> None:
    costs = []
    for make in (approved_order, approved_order, sent_in_part, sent_in_part):
        make(session, of)
        session.rollback()
        with count_selects() as selects:
            year_end(session, of.approver, of.agency.code, 2026)
        costs.append(len(selects))
    assert costs == [6, 6, 7, 7]
