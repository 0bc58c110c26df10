"""The forecast of a year's end: reckoned by hand, and its error measured, not assumed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storefront.reports.forecast import Forecast, Method, Pace, foresee

LATE = [10, 20, 30, 40, 50, 60, 70, 80, 100, 120, 150, 300]
"""A year in which as much was spent in December as up to November."""


def foreseen(finished: list[int], last_year: list[int] | None = None, **also: int) -> Forecast:
    found = foresee(
        finished,
        now=also.get("now", finished[-1]),
        open_commitments=also.get("open_commitments", 0),
        last_year=last_year or [],
    )
    assert found is not None
    return found


def test_a_year_that_runs_as_the_last_one_did_ends_as_it_did_and_the_error_is_nought() -> None:
    found = foreseen([each * 2 for each in LATE[:10]], LATE)
    assert found.method is Method.SHAPE
    assert (found.amount, found.low_amount, found.high_amount) == (600, 600, 600)
    assert (found.error_permille, found.checked_months) == (0, 2)


def test_the_worked_example_of_the_docs() -> None:
    """Ten months are over, so the method is put back two months: from 88 it foretold 132."""
    found = foreseen([9, 18, 30, 41, 52, 63, 75, 88, 104, 120], LATE)
    assert found.amount == 120 * 300 // 120
    assert found.error_permille == 100  # 132 foretold, 120 came
    assert (found.low_amount, found.high_amount) == (270, 330)


def test_without_a_last_year_the_months_so_far_are_taken_as_even() -> None:
    found = foreseen([100, 200, 300])
    assert (found.method, found.amount, found.error_permille) == (Method.EVEN, 1_200, 0)


def test_a_last_year_that_had_hardly_begun_by_then_is_no_shape() -> None:
    assert foreseen([5, 9, 12], [0, 0, 1, *[400] * 9]).method is Method.EVEN


def test_what_is_committed_is_taken_to_be_realised() -> None:
    found = foreseen([100, 200, 300], now=350, open_commitments=2_000)
    assert found.amount == 2_350


def test_the_lower_bound_is_never_below_what_stands_already() -> None:
    found = foreseen([100, 105, 106, 107, 400], now=950)
    assert found.low_amount >= 950


@pytest.mark.parametrize("finished", [[], [100], [0, 0, 0], list(range(1, 13))])
def test_too_little_or_a_year_that_is_over_is_not_foretold(finished: list[int]) -> None:
    assert foresee(finished, now=100, open_commitments=0, last_year=LATE) is None


def test_the_monthly_amount_reaches_the_target_to_the_rupiah() -> None:
    pace = Pace(missing_amount=100, months_left=3)
    assert pace.monthly_amount == 34


@given(
    st.lists(st.integers(0, 10**12), min_size=2, max_size=11),
    st.lists(st.integers(0, 10**12), min_size=12, max_size=12),
    st.integers(0, 10**12),
)
def test_whatever_the_months_the_bounds_hold_the_forecast(
    steps: list[int], last_steps: list[int], committed: int
) -> None:
    finished = [sum(steps[: n + 1]) for n in range(len(steps))]
    last_year = [sum(last_steps[: n + 1]) for n in range(12)]
    found = foresee(finished, now=finished[-1], open_commitments=committed, last_year=last_year)
    if found is not None:
        assert finished[-1] <= found.low_amount <= found.amount <= found.high_amount
        assert found.amount >= finished[-1] + committed
