"""An attacker with every role, who keeps every page and export of every month, and can subtract.

Private purchases have amounts so large and so random that any sum of them, wherever it is shown,
tells what it is a sum of. What all roles together were shown over the months is then a system of
linear equations; nobody's month, nor that of four people together, may follow from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from random import Random

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from storefront.agencies.models import Agency
from storefront.core.database import transaction
from storefront.core.permissions import CITY, PersonId, Role, agency_scope, shop_scope
from storefront.orders.agency_payments import pay
from tests.closings import closed_until
from tests.factories import actor_of, agency, budget, placed, shop, signed_up
from tests.factories_orders import (
    Around,
    approved_order,
    around,
    paid_order,
    proof,
    received_order,
)
from tests.privacy.crawling import everything, numbers_in
from tests.privacy.solving import Secrets, given_away, groups_up_to
from tests.web.browsing import sign_in

Unknown = tuple[str, str, str]
"""An agency, one of its people, and a month."""
MONTHS = ("2026-01", "2026-02")
FEBRUARY = datetime(2026, 2, 2, 5, tzinfo=UTC)
MOMENTS = (
    (datetime(2026, 2, 3, 5, tzinfo=UTC), None),
    (datetime(2026, 2, 20, 5, tzinfo=UTC), "2026-01"),
    (datetime(2026, 3, 20, 5, tzinfo=UTC), "2026-02"),
)
"""When the attacker looks, and the last month that is closed by then."""
BUYERS = {"1.01": 5, "1.01.1": 5, "2.01": 5, "3.01": 2}
"""Agencies, each with how many of its people buy every month. The second lies below the first."""
IDLE = {"1.01": 0, "1.01.1": 4, "2.01": 5, "3.01": 5}
"""How many never buy, besides the attacker's people and who works in the first: in one too few."""
STAFF = (
    *((role, "1.01") for role in (Role.APPROVER, Role.PROCUREMENT, Role.AGENCY_ADMIN)),
    *((Role.PROCUREMENT, "2.01"), (Role.PROCUREMENT, "3.01"), (Role.BUYER, "3.01")),
)
SMALL_GROUP = 4


@dataclass(frozen=True)
class World:
    """What was bought in private, under which numbers, and everybody on the attacker's side."""

    amounts: Mapping[Unknown, int]
    numbers: frozenset[str]
    attackers: tuple[PersonId, ...]

    def groups(self) -> list[tuple[Unknown, ...]]:
        """Whose sums must not follow: each person's, in a month and in all, and small groups'."""
        people = sorted({(code, one) for code, one, _month in self.amounts})
        whole = [tuple((*one, month) for month in MONTHS) for one in people]
        of_months = [
            group
            for code in BUYERS
            for month in MONTHS
            for group in groups_up_to(
                [key for key in self.amounts if (key[0], key[2]) == (code, month)], SMALL_GROUP
            )
            if len(group) < BUYERS[code]
        ]
        return [*whole, *of_months]


@pytest.fixture
def world(session: Session) -> World:
    of = around(session, code="1.01")
    below = agency(session, "1.01.1", parent=of.agency)
    offices = {"1.01": of.agency, "1.01.1": below}
    for code in ("2.01", "3.01"):
        offices[code] = agency(session, code)
        budget(session, offices[code], ceiling=1_000_000_000)
    for code, idle in IDLE.items():
        for _ in range(idle):
            placed(session, offices[code])
    bought = [
        _bought(session, of, unit, code, number)
        for code, unit in offices.items()
        for number in range(BUYERS[code])
    ]
    official = received_order(session, of, approved_order(session, of, now=FEBRUARY), now=FEBRUARY)
    with transaction(session):
        pay(session, of.treasurer, official, proof=proof(100_000, on=FEBRUARY.date()), now=FEBRUARY)
    elsewhere = shop_scope(shop(session).id)
    scopes = [(role, agency_scope(code)) for role, code in STAFF]
    scopes += [(Role.CITY_ADMIN, CITY), (Role.AUDITOR, CITY), (Role.SELLER, elsewhere)]
    return World(
        amounts={key: amount for each in bought for key, amount, _number in each},
        numbers=frozenset(number for each in bought for _key, _amount, number in each),
        attackers=tuple(signed_up(session, role, scope).person_id for role, scope in scopes),
    )


def _bought(
    session: Session, of: Around, unit: Agency, code: str, number: int
) -> list[tuple[Unknown, int, str]]:
    """Somebody new of an agency buys in each month: whose month, for how much, which order."""
    dice = Random(f"{code} {number}")  # noqa: S311 - the same each time
    placement = placed(session, unit)
    own = replace(of, agency=unit, placement=placement, buyer=actor_of(placement, unit))
    made: list[tuple[Unknown, int, str]] = []
    for month in MONTHS:
        now = datetime.fromisoformat(f"{month}-12T05:00:00+00:00")
        price = dice.randrange(10**11, 10**12)
        order = paid_order(session, own, quantities=[1], price=price, now=now)
        received_order(session, own, order, now=now)
        made.append(((code, str(number), month), price, order))
    return made


@dataclass
class Attack:
    """What was shown so far: sums of private amounts, and orders by their numbers."""

    secrets: Secrets[Unknown]
    numbers: frozenset[str]
    sums: set[frozenset[Unknown]] = field(default_factory=set)
    orders: set[str] = field(default_factory=set)

    def look(self, client: FlaskClient) -> None:
        """Keep everything that a browser reaches, and read it."""
        for text in everything(client):
            self.orders |= {number for number in self.numbers if number in text}
            for shown in numbers_in(text):
                if shown >= self.secrets.least and (found := self.secrets.read(shown)):
                    self.sums.add(found)


def test_nobodys_private_month_follows_from_all_that_all_were_shown(
    app: Flask, session: Session, world: World
) -> None:
    attack = Attack(Secrets(dict(world.amounts)), world.numbers)
    shown: list[set[frozenset[Unknown]]] = []
    for now, closed in MOMENTS:
        with time_machine.travel(now, tick=False):
            if closed is not None:
                closed_until(session, closed, now=now)
            for person_id in world.attackers:
                attack.look(sign_in(app, session, person_id, now=now))
            attack.look(app.test_client())
        shown.append(set(attack.sums))
    published = [
        frozenset(key for key in world.amounts if (key[0], key[2]) == (code, month))
        for month in MONTHS
        for code in ("1.01", "2.01")
    ]
    for found, known in zip(shown, ([], published[:2], published), strict=True):
        assert found >= set(known)
        assert len(given_away(known, found)) == len(found)  # only what follows from those
    assert attack.orders == set()
    assert given_away(attack.sums, world.groups()) == []


def test_the_attack_would_find_a_month_that_one_more_sum_gives_away(world: World) -> None:
    secrets = Secrets(dict(world.amounts))
    of_january = [key for key in world.amounts if (key[0], key[2]) == ("1.01", "2026-01")]
    page = f"Rp{sum(world.amounts[key] for key in of_january[1:]):,}".replace(",", ".")
    (number,) = numbers_in(page)
    found = secrets.read(number)
    assert found == frozenset(of_january[1:])
    assert frozenset(of_january[:1]) in given_away([of_january, found], world.groups())
