"""Several years beside each other, each by its own budget and rule."""

from datetime import date

from sqlalchemy.orm import Session

from storefront.core.database import transaction
from storefront.core.permissions import OPERATOR
from storefront.quota.periods import begin_in
from storefront.reports.years import CityYears, city_years
from tests.conftest import CountSelects
from tests.factories import HEALTH, agency, budget
from tests.reports.made import booked

CODE = HEALTH.agency_code
TODAY = date(2026, 6, 30)


def years_of(session: Session, today: date = TODAY) -> CityYears:
    session.rollback()
    return city_years(session, today=today)


def test_each_year_stands_by_its_own_budget(session: Session) -> None:
    with transaction(session):
        begin_in(session, OPERATOR, year=2025)
    unit = agency(session)
    budget(session, unit, year=2025, ceiling=1_000_000)
    budget(session, unit, year=2026, ceiling=2_000_000)
    booked(session, realised=400_000, fiscal_year=2025, day=date(2025, 7, 1))
    booked(session, realised=500_000, day=date(2026, 2, 1))
    found = years_of(session)
    assert found.years == (2025, 2026)
    (row,) = found.rows
    assert [share and share.permille for share in row.shares] == [400, 250]
    assert [each.permille for each in found.whole] == [400, 250]


def test_a_young_store_has_one_year_and_an_old_one_its_last_five(session: Session) -> None:
    assert years_of(session).years == (2026,)
    budget(session, agency(session), year=2019, ceiling=5)
    assert years_of(session).years == (2022, 2023, 2024, 2025, 2026)


def test_the_cost_does_not_grow_with_agencies(
    session: Session, count_selects: CountSelects
) -> None:
    counts = []
    for number in (1, 6):
        for each in range(number):
            budget(session, agency(session, f"2.{number}.{each}"), ceiling=1_000)
        session.rollback()
        with count_selects() as selects:
            city_years(session, today=TODAY)
        counts.append(len(selects))
    assert counts[0] == counts[1]


def test_each_further_year_costs_the_same_few_reads(
    session: Session, count_selects: CountSelects
) -> None:
    counts = []
    for first in (2026, 2025, 2024, 2023, 2022):
        budget(session, agency(session), year=first, ceiling=1_000)
        session.rollback()
        with count_selects() as selects:
            assert len(city_years(session, today=TODAY).years) == 2026 - first + 1
        counts.append(len(selects))
    assert counts == [12, 22, 32, 42, 52]
