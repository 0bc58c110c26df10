"""docs/programme.md, "A worked example", step by step."""

from collections.abc import Sequence
from datetime import date, datetime, time

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.core.calendar import instant_of
from storefront.core.database import transaction
from storefront.core.permissions import PersonId
from storefront.programme.models import ParticipationMonth
from tests.factories import agency, placed
from tests.factories_orders import Around, around, found
from tests.programme.test_participation import bought, colleagues, gone_back, published

SERLOK_DAY = instant_of(date(2026, 1, 8), time(10))
ANOTHER_DAY = instant_of(date(2026, 1, 20), time(10))
SIZE, AROUND = 25, 3


@pytest.fixture
def of(session: Session) -> Around:
    return around(session)


@pytest.fixture
def dinas(session: Session, of: Around) -> list[PersonId]:
    """Twenty-five people, with the three who stand around the orders."""
    return [of.buyer.person_id, *colleagues(session, SIZE - AROUND)]


def buy(session: Session, of: Around, by: Sequence[PersonId], *, at: datetime) -> list[str]:
    return bought(session, of, by, at=at)


def test_eleven_of_twenty_five_six_of_them_on_the_day(
    session: Session, of: Around, dinas: list[PersonId]
) -> None:
    buy(session, of, dinas[:6], at=SERLOK_DAY)
    buy(session, of, dinas[6:11], at=ANOTHER_DAY)
    row = published(session)["2026-01"]
    assert (row.staff, row.buyers, row.serlok_buyers) == (25, 11, 6)


def test_a_seventh_on_the_day_withholds_the_day_and_not_the_month(
    session: Session, of: Around, dinas: list[PersonId]
) -> None:
    buy(session, of, dinas[:7], at=SERLOK_DAY)
    buy(session, of, dinas[7:11], at=ANOTHER_DAY)
    row = published(session)["2026-01"]
    assert (row.buyers, row.serlok_buyers) == (11, None)


def test_twenty_one_of_twenty_five_are_withheld(
    session: Session, of: Around, dinas: list[PersonId]
) -> None:
    buy(session, of, dinas[:21], at=instant_of(date(2026, 2, 10)))
    row = published(session, months=2)["2026-02"]
    assert (row.staff, row.is_withheld, row.buyers) == (25, True, None)


def test_what_goes_back_in_march_leaves_january_as_it_was(
    session: Session, of: Around, dinas: list[PersonId]
) -> None:
    january = buy(session, of, dinas[:11], at=ANOTHER_DAY)
    buy(session, of, dinas[:11], at=instant_of(date(2026, 3, 10)))
    gone_back(session, january[0], at=instant_of(date(2026, 3, 12)))
    rows = published(session, months=3)
    assert (rows["2026-01"].buyers, rows["2026-01"].realised_amount) == (11, 110_000)
    assert (rows["2026-03"].buyers, rows["2026-03"].realised_amount) == (11, 100_000)


def test_a_small_agency_below_is_never_shown_and_no_sum_with_it(
    session: Session, of: Around, dinas: list[PersonId]
) -> None:
    bidang = agency(session, "1.02.01.1", name="Bidang B", parent=of.agency)
    people = [placed(session, bidang).person_id for _ in range(9)]
    numbers = buy(session, of, [*dinas[:11], *people[:5]], at=ANOTHER_DAY)
    below = numbers[11:]
    with transaction(session):
        for number in below:
            found(session, number).agency_code = bidang.code
    published(session)
    shown = session.execute(
        select(ParticipationMonth.agency_code, ParticipationMonth.buyers).order_by("agency_code")
    )
    assert [tuple(row) for row in shown] == [(of.agency.code, 11), (bidang.code, None)]
