"""Somebody who collects every published figure, and knows every roster, learns of no person.

Months are simulated by chance, with agencies small and large, one below another, people who move
and orders that go back. What was published becomes equations over persons: who bought in which
month, who did so on its Serlok day. From them and their differences no figure may follow that is
about fewer than five (product.md, "Privacy").
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from itertools import combinations
from random import Random

import pytest
from sqlalchemy import inspect, or_, select
from sqlalchemy.orm import Session

from storefront.agencies.models import Agency, Placement
from storefront.core.calendar import city_day, instant_of, month_after, serlok_day
from storefront.core.database import transaction
from storefront.core.permissions import PersonId
from storefront.orders.models import Order
from storefront.programme.models import ParticipationMonth
from storefront.programme.participation import FEWEST
from storefront.quota.models import Fund
from tests.closings import month_closed
from tests.factories import agency, placed
from tests.factories_orders import around, found, placed_order

MONTHS = ("2026-01", "2026-02", "2026-03")
SIZES = {"A": 9, "A.1": 10, "A.2": 13, "B": 24, "C": 40}
PARENTS = {"A.1": "A", "A.2": "A"}
Unknown = tuple[str, str, PersonId]
"""What the attacker wants: `bought` or `on the day`, the month, whose."""


@dataclass(frozen=True)
class Equation:
    """What was shown: so many of these."""

    about: str
    of: frozenset[Unknown]
    total: int


@pytest.fixture(params=range(3))
def simulated(request: pytest.FixtureRequest, session: Session) -> Session:
    """Three closed months of a city, another one for each seed."""
    chance = Random(request.param)  # noqa: S311 - no secret
    people = dict(_people(session, chance))
    buys = [
        (code, buyer, at)
        for month in MONTHS
        for code, staff in people.items()
        for buyer, at in _buys(staff, month, chance)
    ]
    first = found(session, placed_order(session, around(session), fund=Fund.PERSONAL, price=10_000))
    columns = {each.key: getattr(first, each.key) for each in inspect(Order).column_attrs}
    own = {"id": None, "paid_amount": 10_000}
    with transaction(session):
        session.add_all(
            Order(
                **columns
                | own
                | {"number": f"P-{number}-9", "position": number, "agency_code": code}
                | {"buyer_id": buyer, "paid_at": at}
            )
            for number, (code, buyer, at) in enumerate(buys, 100)
        )
    for _ in MONTHS:
        month_closed(session)
    return session


def _people(session: Session, chance: Random) -> Iterator[tuple[str, list[PersonId]]]:
    """Agencies with their people; a few come and go during the months."""
    for code, size in SIZES.items():
        parent = agency(session, PARENTS[code]) if code in PARENTS else None
        here = agency(session, code, parent=parent)
        yield (
            code,
            [
                placed(
                    session,
                    here,
                    since=chance.choice((date(2020, 1, 1),) * 8 + (date(2026, 2, 10),)),
                    until=chance.choice((None,) * 8 + (date(2026, 3, 15),)),
                ).person_id
                for _ in range(size)
            ],
        )


def _buys(staff: list[PersonId], month: str, chance: Random) -> Iterator[tuple[PersonId, datetime]]:
    """Who buys, and when: some on the Serlok day, some on another, some on both."""
    first = date.fromisoformat(f"{month}-01")
    the_day = serlok_day(first.year, first.month)
    some = chance.choice((0.2, 0.5, 0.8, 0.95))
    for buyer in staff:
        if chance.random() < some:
            if chance.random() < 0.5:
                yield buyer, instant_of(the_day, time(10))
            if chance.random() < 0.6:
                yield buyer, instant_of(first + timedelta(days=chance.randrange(27)), time(10))


def shown(session: Session) -> list[Equation]:
    """Every published figure, over those whom the attacker knows to have been there."""
    equations = []
    for row in session.scalars(select(ParticipationMonth)):
        if row.is_withheld:
            assert (row.buyers, row.realised_amount, row.serlok_buyers) == (None, None, None)
            continue
        for kind, figure in (("bought", row.buyers), ("on the day", row.serlok_buyers)):
            if figure is not None:
                there = _there(session, row.agency_code, row.month)
                of = frozenset((kind, row.month, person) for person in there)
                about = f"{kind} {row.agency_code} {row.month}"
                equations.append(Equation(about, of, figure))
    return equations


def _there(session: Session, code: str, month: str) -> set[PersonId]:
    first = date.fromisoformat(f"{month}-01")
    after = date.fromisoformat(f"{month_after(month)}-01")
    query = (
        select(Placement.person_id)
        .join(Agency, Agency.id == Placement.agency_id)
        .where(
            Agency.code == code,
            Placement.valid_from < after,
            or_(Placement.valid_to.is_(None), Placement.valid_to >= first),
        )
    )
    return set(session.scalars(query))


def test_no_figure_is_about_fewer_than_five_on_either_side(simulated: Session) -> None:
    equations = shown(simulated)
    assert equations, "nothing was published: this test would show nothing"
    for each in equations:
        assert each.total >= FEWEST, each.about
        assert len(each.of) - each.total >= FEWEST, each.about


def test_nor_is_what_is_left_of_a_month_without_its_day(simulated: Session) -> None:
    """Who bought on the day is among who bought: the difference is about persons too."""
    rows = simulated.scalars(select(ParticipationMonth).filter_by(is_withheld=False)).all()
    for row in rows:
        if row.serlok_buyers is not None and row.buyers is not None:
            assert row.buyers - row.serlok_buyers >= FEWEST


def test_what_is_shown_is_what_was_bought(simulated: Session) -> None:
    """The attacker's equations are true ones: solving them would tell."""
    bought = {
        ("bought", f"{city_day(at):%Y-%m}", buyer)
        for at, buyer in simulated.execute(select(Order.paid_at, Order.buyer_id))
        if at is not None
    }
    checked = 0
    for each in shown(simulated):
        if each.about.startswith("bought"):
            assert each.total >= len(each.of & bought)
            checked += each.total == len(each.of & bought)
    assert checked


def test_no_person_follows_from_all_figures_together(simulated: Session) -> None:
    """Solved as a linear system: none of its solutions' rows is about one person."""
    for row in _reduced(shown(simulated)):
        assert sum(value != 0 for value in row.values()) >= FEWEST


def test_no_two_figures_differ_by_a_few_persons(simulated: Session) -> None:
    """Parent and child, one month and the next, a month and its day: as sets of unknowns."""
    for one, other in combinations(shown(simulated), 2):
        for larger, smaller in ((one, other), (other, one)):
            if smaller.of < larger.of:
                rest = larger.of - smaller.of
                assert min(len(rest), larger.total - smaller.total) >= FEWEST, (
                    f"{larger.about} less {smaller.about}"
                )


def _reduced(equations: list[Equation]) -> list[dict[Unknown, Fraction]]:
    """Gauss's elimination: the rows that are left, without their totals."""
    rows = [dict.fromkeys(sorted(each.of), Fraction(1)) for each in equations]
    done: list[tuple[Unknown, dict[Unknown, Fraction]]] = []
    for row in rows:
        left = dict(row)
        for pivot, earlier in done:
            factor = left.get(pivot, Fraction(0))
            if factor:
                left = _less(left, earlier, factor)
        if left:
            pivot = min(left)
            left = {key: value / left[pivot] for key, value in left.items()}
            done = [
                (own, _less(earlier, left, earlier.get(pivot, Fraction(0))))
                for own, earlier in done
            ]
            done.append((pivot, left))
    return [row for _pivot, row in done]


def _less(
    row: dict[Unknown, Fraction], other: dict[Unknown, Fraction], factor: Fraction
) -> dict[Unknown, Fraction]:
    keys = row.keys() | other.keys()
    left = {key: row.get(key, Fraction(0)) - factor * other.get(key, Fraction(0)) for key in keys}
    return {key: value for key, value in left.items() if value}
