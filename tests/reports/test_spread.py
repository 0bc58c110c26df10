"""Where official money went: sums kept from the log, which are the balances to the rupiah."""

from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from storefront.catalog.models import Category
from storefront.core.database import transaction
from storefront.orders import fulfilment
from storefront.orders.agency_payments import pay
from storefront.orders.models import OrderLine
from storefront.quota import log
from storefront.quota.models import Amounts
from storefront.quota.rules import rule_on
from storefront.reports import folding, spread
from storefront.reports.models import CategorySum
from storefront.reports.reconciliation import IdentityKey, reconcile
from storefront.reports.spread import PartFigure, Spread
from storefront.sellers.models import SellerClass
from tests.conftest import CountSelects
from tests.factories import NOON
from tests.factories_orders import (
    Around,
    approved_order,
    around,
    found,
    paid_order,
    proof,
    received_order,
)
from tests.reports.made import booked, folded

TODAY = NOON.date()


@pytest.fixture
def of(session: Session) -> Around:
    return around(session)


def read(session: Session, of: Around, year: int = 2026) -> Spread:
    session.rollback()
    return spread.spread_of(session, [of.agency.code], year, rule_on(session, date(year, 12, 31)))


def amounts(parts: Sequence[PartFigure]) -> dict[str, Amounts]:
    return {part.key: part.amounts for part in parts}


def of_two_categories(session: Session, of: Around) -> str:
    """An order of 20,000 and 30,000, each for another root; its number."""
    number = approved_order(session, of, quantities=[2, 3])
    with transaction(session):
        order_id = found(session, number).id
        for position, path in ((1, "kuliner/kopi-teh/"), (2, "kriya/")):
            session.execute(
                update(OrderLine)
                .where(OrderLine.order_id == order_id, OrderLine.position == position)
                .values(category_path=path)
            )
        session.add_all(
            Category(slug=slug, name=slug.title(), path=f"{slug}/", position=at)
            for at, slug in enumerate(("kuliner", "kriya"))
        )
    return number


def test_an_orders_money_is_divided_among_its_categories(session: Session, of: Around) -> None:
    number = of_two_categories(session, of)
    folded(session)
    assert amounts(read(session, of).by_category) == {
        "kriya": Amounts(30_000, 0),
        "kuliner": Amounts(20_000, 0),
    }
    received_order(session, of, number)
    with transaction(session):
        pay(session, of.treasurer, number, proof=proof(50_000), now=NOON)
    folded(session)
    told = read(session, of)
    assert amounts(told.by_category) == {
        "kriya": Amounts(0, 30_000),
        "kuliner": Amounts(0, 20_000),
    }
    assert [part.name for part in told.by_category] == ["Kriya", "Kuliner"]


def test_what_comes_back_leaves_no_rupiah_behind(session: Session, of: Around) -> None:
    number = of_two_categories(session, of)
    received_order(session, of, number)
    for gross, paid in ((16_667, 16_667), (33_333, 50_000)):
        with transaction(session):
            pay(session, of.treasurer, number, proof=proof(gross), now=NOON)
        folded(session)
        assert spread.counted(read(session, of).by_category).realised == paid
    with transaction(session):
        fulfilment.take_back(session, of.seller, number, pieces={1: 2, 2: 3}, now=NOON)
    folded(session)
    assert all(part.amounts.realised == 0 for part in read(session, of).by_category)
    assert list(folding.fold_breaches(session)) == []


def test_sellers_are_counted_once_and_summed_by_their_district(
    session: Session, of: Around
) -> None:
    for _ in range(2):
        approved_order(session, of)
    folded(session)
    told = read(session, of)
    (part,) = told.by_district
    assert (part.name, part.sellers, part.amounts) == (of.shop.district, 1, Amounts(200_000, 0))
    assert spread.sellers_by_class(session, [of.agency.code], 2026) == {SellerClass.MICRO: 1}


def test_a_document_without_an_order_stands_by_itself(session: Session, of: Around) -> None:
    booked(session, of.agency.code, realised=500)
    folded(session)
    told = read(session, of)
    assert amounts(told.by_category) == {"": Amounts(0, 500)}
    assert spread.sellers_by_class(session, [of.agency.code], 2026) == {}


def test_what_does_not_count_is_in_no_part(session: Session, of: Around) -> None:
    booked(session, of.agency.code, realised=500, seller_class=SellerClass.OTHER)
    folded(session)
    assert read(session, of).by_category == ()
    assert list(folding.fold_breaches(session)) == []


def test_personal_money_is_not_folded(session: Session, of: Around) -> None:
    received_order(session, of, paid_order(session, of))
    assert folded(session) > 0
    assert session.scalars(select(CategorySum)).all() == []


def test_folding_again_adds_nothing_and_states_its_position(session: Session, of: Around) -> None:
    of_two_categories(session, of)
    assert folding.is_behind(session) is False  # nothing has a position yet
    with transaction(session):
        size = log.number(session)
    session.rollback()
    assert folding.is_behind(session)
    assert (folded(session), folded(session)) == (size, 0)
    assert read(session, of).position == size


@pytest.mark.usefixtures("of")
def test_a_sum_that_is_not_the_balance_is_named(session: Session, of: Around) -> None:
    approved_order(session, of)
    folded(session)
    with transaction(session):
        session.execute(text("UPDATE quota_seller_sums SET realised_amount = 1"))
    session.rollback()
    (told,) = map(str, folding.fold_breaches(session))
    assert told == (f"quota_seller_sums, {of.agency.code} 2026 micro: realised is 1, should be 0")
    (identity,) = [each for each in reconcile(session, now=NOON) if not each.holds]
    assert (identity.key, str(identity.breaches[0])) == (IdentityKey.ACCOUNTS, told)


def test_one_read_costs_the_same_however_many_orders(
    session: Session, of: Around, count_selects: CountSelects
) -> None:
    for _ in range(3):
        approved_order(session, of, quantities=[1])
    folded(session)
    rule = rule_on(session, TODAY)
    with count_selects() as selects:
        spread.spread_of(session, [of.agency.code], 2026, rule)
    assert len(selects) == 3


@given(
    st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=6),
    st.lists(st.integers(1, 10**9), min_size=1, max_size=5),
)
def test_parts_of_sums_that_rise_and_fall_always_make_the_whole(
    steps: list[int], weights: list[int]
) -> None:
    named = dict(enumerate(weights))
    parts = dict.fromkeys(named, 0)
    at = 0
    for step in steps:
        old = folding.parts_of(at, weights)
        at += step
        for key, (before, after) in enumerate(zip(old, folding.parts_of(at, weights), strict=True)):
            parts[key] += after - before
        assert sum(parts.values()) == at
