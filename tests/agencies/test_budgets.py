"""The budget's counters: a ceiling that nobody passes, not even two at once."""

from collections import Counter
from threading import Barrier

import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from storefront.agencies.budgets import (
    CeilingReached,
    bearing_year,
    change,
    find_bearing_year,
    find_line,
)
from storefront.agencies.models import Agency, BudgetLine, BudgetYear
from storefront.agencies.queries import lines_of
from storefront.core.database import transaction
from tests.agencies.made import below, elsewhere
from tests.factories import agency, budget
from tests.threads import in_threads

ACTIVITY, ACCOUNT = "1.02.02.2.02", "5.1.02.01.01.0052"


@pytest.fixture
def health(session: Session) -> Agency:
    return agency(session)


def line_of(session: Session, year_id: int) -> int:
    line = find_line(session, year_id, ACTIVITY, ACCOUNT)
    assert line is not None
    return line.line_id


def moved(session: Session, year_id: int, line_id: int | None, committed: int, spent: int) -> None:
    with transaction(session):
        change(session, year_id=year_id, line_id=line_id, committed=committed, spent=spent)


def standing(session: Session, year_id: int) -> list[tuple[int, int]]:
    """What is committed and spent, of the year and of its lines."""
    session.rollback()
    figures = [
        *session.execute(
            select(BudgetYear.committed_amount, BudgetYear.spent_amount).filter_by(id=year_id)
        ),
        *session.execute(
            select(BudgetLine.committed_amount, BudgetLine.spent_amount)
            .filter_by(budget_year_id=year_id)
            .order_by(BudgetLine.id)
        ),
    ]
    return [(row[0], row[1]) for row in figures]


def test_year_and_line_rise_together_to_the_last_rupiah(session: Session, health: Agency) -> None:
    year = budget(session, health, ceiling=1_000, line=600).id
    moved(session, year, line_of(session, year), 600, 0)
    assert standing(session, year) == [(600, 0), (600, 0)]


def test_a_line_that_is_full_says_by_how_much_and_nothing_is_written(
    session: Session, health: Agency
) -> None:
    year = budget(session, health, ceiling=1_000, line=600).id
    line = line_of(session, year)
    moved(session, year, line, 500, 0)
    with pytest.raises(CeilingReached) as refusal:
        moved(session, year, line, 150, 0)
    assert (refusal.value.over, refusal.value.left) == (50, 100)
    assert standing(session, year) == [(500, 0), (500, 0)]


def test_a_year_that_is_full_refuses_too(session: Session, health: Agency) -> None:
    year = budget(session, health, ceiling=500, line=600).id
    with pytest.raises(CeilingReached) as refusal:
        moved(session, year, line_of(session, year), 501, 0)
    assert (refusal.value.over, refusal.value.left) == (1, 500)


def test_what_is_spent_counts_against_the_ceiling_as_what_is_committed(
    session: Session, health: Agency
) -> None:
    year = budget(session, health, ceiling=1_000).id
    moved(session, year, None, 600, 0)
    moved(session, year, None, -600, 600)
    with pytest.raises(CeilingReached):
        moved(session, year, None, 401, 0)


def test_after_a_cut_what_is_committed_can_be_paid_and_released_but_not_added_to(
    session: Session, health: Agency
) -> None:
    year = budget(session, health, ceiling=1_000).id
    moved(session, year, None, 800, 0)
    with transaction(session):
        session.execute(update(BudgetYear).values(ceiling_amount=500))
    moved(session, year, None, -300, 300)
    moved(session, year, None, -100, 0)
    with pytest.raises(CeilingReached) as refusal:
        moved(session, year, None, 1, 0)
    assert (refusal.value.over, refusal.value.left) == (201, -200)
    assert standing(session, year) == [(400, 300)]


def test_without_a_budget_there_is_no_ceiling(session: Session, health: Agency) -> None:
    with transaction(session):
        ref = bearing_year(session, health.id, 2026)
    assert ref.ceiling_amount is None
    moved(session, ref.year_id, None, 10**14, 0)
    assert standing(session, ref.year_id) == [(10**14, 0)]


def test_no_counter_falls_below_nought(session: Session, health: Agency) -> None:
    year = budget(session, health, ceiling=1_000).id
    with pytest.raises(IntegrityError):
        moved(session, year, None, -1, 0)


def test_no_change_writes_nothing(session: Session, health: Agency) -> None:
    year = budget(session, health, ceiling=0).id
    moved(session, year, None, 0, 0)
    assert standing(session, year) == [(0, 0)]


def test_an_agency_without_a_budget_of_its_own_uses_the_nearest_above(
    session: Session, health: Agency
) -> None:
    ward = below(session, below(session, health))
    budget(session, health, ceiling=1_000)
    budget(session, elsewhere(session), ceiling=9_999)
    with transaction(session):
        ref = bearing_year(session, ward.id, 2026)
    assert (ref.agency_id, ref.ceiling_amount) == (health.id, 1_000)


def test_its_own_budget_wins_over_one_above(session: Session, health: Agency) -> None:
    clinic = below(session, health)
    budget(session, health, ceiling=1_000)
    own = budget(session, clinic, ceiling=10).id
    with transaction(session):
        assert bearing_year(session, clinic.id, 2026).year_id == own


def test_a_budget_of_another_year_bears_nothing(session: Session, health: Agency) -> None:
    budget(session, health, year=2025)
    assert find_bearing_year(session, health.id, 2026) is None


def test_a_page_opens_no_counters(session: Session, health: Agency) -> None:
    assert find_bearing_year(session, health.id, 2026) is None
    assert session.scalars(select(BudgetYear.id)).all() == []


def test_counters_opened_by_many_at_once_are_one_row(engine: Engine, health: Agency) -> None:
    agency_id = health.id

    def open_it(_thread: int) -> int:
        with Session(engine) as own, transaction(own):
            return bearing_year(own, agency_id, 2026).year_id

    assert len(set(in_threads(8, open_it))) == 1


def test_a_line_says_what_is_left(session: Session, health: Agency) -> None:
    year = budget(session, health, ceiling=1_000, line=600).id
    moved(session, year, line_of(session, year), 200, 0)
    moved(session, year, line_of(session, year), -50, 50)
    (line,) = lines_of(session, health.id, 2026)
    assert (line.ceiling_amount, line.committed_amount, line.spent_amount) == (600, 150, 50)
    assert line.left_amount == 400
    assert line.expense_account_name == "Makanan dan Minuman Rapat"
    assert find_line(session, year, ACTIVITY, "9.9") is None


def test_of_eight_requests_for_a_lines_last_rupiah_one_wins(
    engine: Engine, session: Session, health: Agency
) -> None:
    year = budget(session, health, ceiling=10_000, line=100).id
    line = line_of(session, year)

    def approve(_thread: int) -> str:
        try:
            with Session(engine) as own, transaction(own):
                change(own, year_id=year, line_id=line, committed=100, spent=0)
        except CeilingReached as refusal:
            return f"refused by {refusal.over}"
        return "committed"

    assert Counter(in_threads(8, approve)) == {"committed": 1, "refused by 100": 7}
    assert standing(session, year) == [(100, 0), (100, 0)]


def test_without_the_conditional_update_the_last_rupiah_is_committed_by_everybody(
    engine: Engine, session: Session, health: Agency
) -> None:
    """What `change` would be if it looked first and wrote afterwards."""
    year = budget(session, health, ceiling=100).id
    everybody_looked = Barrier(8)

    def approve(_thread: int) -> str:
        with Session(engine) as own:
            ceiling, seen = own.execute(
                select(BudgetYear.ceiling_amount, BudgetYear.committed_amount).filter_by(id=year)
            ).one()
        everybody_looked.wait(timeout=10)
        if (ceiling or 0) - seen < 100:
            return "refused"
        with Session(engine) as own, transaction(own):
            own.execute(
                update(BudgetYear).values(committed_amount=BudgetYear.committed_amount + 100)
            )
        return "committed"

    assert Counter(in_threads(8, approve)) == {"committed": 8}
    assert standing(session, year) == [(800, 0)]
