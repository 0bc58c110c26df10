"""Where the parts of a chart lie."""

import pytest

from storefront.web.charts import (
    COLUMN_FOOT,
    COLUMN_TOP,
    Bar,
    Column,
    bar_parts,
    city_plot,
    column_plot,
    parts_of,
    spark_points,
)


def test_a_bar_is_as_long_as_its_share() -> None:
    parts = bar_parts(30.74, 3.33, 40)
    assert (parts.realised, parts.committed, parts.target) == (30.74, 3.33, 40)
    assert parts.committed_from == 30.74


@pytest.mark.parametrize(("realised", "committed"), [(130, 5), (98, 9), (-4, 2), (0, 300)])
def test_a_bar_never_leaves_its_frame(realised: float, committed: float) -> None:
    parts = bar_parts(realised, committed, 40, added=3)
    assert min(parts.realised, parts.committed, parts.added) >= 0
    assert parts.added_from + parts.added <= 100


def test_an_order_of_a_few_rupiah_can_still_be_seen_on_the_bar() -> None:
    assert bar_parts(30, 3, 40, added=0.001).added == 0.6
    assert bar_parts(30, 3, 40).added == 0


def test_the_target_is_on_the_scale_though_no_month_reached_it() -> None:
    plot = column_plot([Column("Jan", 0, 1, "1%"), Column("Feb", 1, 20, "20%")], target=40)
    assert plot.target_y == COLUMN_TOP
    assert plot.columns[1].new_y > COLUMN_TOP
    assert plot.columns[1].old_height + plot.columns[1].new_height == pytest.approx(
        (COLUMN_FOOT - COLUMN_TOP) / 2, abs=0.2
    )


def test_marks_are_round_and_leave_the_target_free() -> None:
    plot = column_plot([Column("Jan", 0, 31, "31%")], target=40)
    assert [mark.value for mark in plot.marks] == [10, 20, 30]


def test_a_chart_of_rupiah_has_round_marks_too() -> None:
    plot = column_plot([Column("Jan", 0, 7_300_000_000, "Rp7,3 M")])
    assert [mark.value for mark in plot.marks] == [2 * 10**9, 4 * 10**9, 6 * 10**9]


def test_a_chart_of_nothing_still_stands() -> None:
    assert column_plot([]).columns == ()
    assert city_plot([], 40).bars == ()
    assert column_plot([Column("Jan", 0, 0, "")]).columns[0].new_height == 0


def test_a_label_stands_above_the_targets_line_rather_than_in_it() -> None:
    plot = column_plot([Column("Des", 0, 39, "39%", is_guess=True)], target=40)
    assert plot.target_y is not None
    assert plot.columns[0].text_y == plot.target_y - 7


def test_a_commitment_stands_on_the_realised_part() -> None:
    placed = city_plot([Bar("Dinas Kesehatan", 30, 4)], 40).bars[0]
    assert placed.committed_y + placed.committed_height == pytest.approx(placed.realised_y, abs=0.2)


def test_a_sparkline_stays_in_its_box_and_wants_two_values() -> None:
    assert spark_points([5]) == ""
    assert spark_points([5, 5, 5]) == "0.0,26.0 50.0,26.0 100.0,26.0"
    assert spark_points([0, 10]) == "0.0,26.0 100.0,4.0"


def test_parts_are_bars_over_the_longest_and_never_less_than_none() -> None:
    parts = parts_of([("Kuliner", "Rp40", 40), ("Jasa", "Rp10", 10), ("Kriya", "-Rp5", -5)])
    assert [part.width for part in parts] == [100, 25, 0]
    assert parts_of([("Kuliner", "Rp0", 0)])[0].width == 0
