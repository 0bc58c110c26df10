"""The league and the lists: published figures only, bands of size, and nobody is shamed."""

from fractions import Fraction

import pytest
from sqlalchemy.orm import Session

from storefront.programme.league import League, league
from storefront.programme.queries import ParticipationSort, city_participation, months_of
from tests.conftest import CountSelects
from tests.programme.made import publish

SEPTEMBER, OCTOBER = "2026-09", "2026-10"


def read(session: Session) -> League:
    found = league(session)
    assert found is not None
    return found


def places(session: Session) -> list[list[tuple[int, str]]]:
    """Place and name, band by band."""
    return [[(row.place, row.agency_name) for row in band.rows] for band in read(session).bands]


def test_a_small_agency_wins_among_its_own_size(session: Session) -> None:
    publish(session, "K", OCTOBER, staff=12, buyers=7)
    publish(session, "L", OCTOBER, staff=24, buyers=6)
    publish(session, "B", OCTOBER, staff=100, buyers=90)
    publish(session, "M", OCTOBER, staff=99, buyers=9)
    assert places(session) == [
        [(1, "Dinas K"), (2, "Dinas L")],
        [(1, "Dinas M")],
        [(1, "Dinas B")],
    ]


def test_the_same_share_is_the_same_place(session: Session) -> None:
    publish(session, "A", OCTOBER, staff=12, buyers=6)
    publish(session, "B", OCTOBER, staff=20, buyers=10)
    publish(session, "C", OCTOBER, staff=20, buyers=5)
    assert places(session) == [[(1, "Dinas A"), (1, "Dinas B"), (3, "Dinas C")]]


def test_who_is_withheld_is_neither_ranked_nor_named(session: Session) -> None:
    publish(session, "A", OCTOBER, buyers=6)
    publish(session, "B", OCTOBER)
    assert places(session) == [[(1, "Dinas A")]]


def test_what_was_published_without_its_size_is_not_ranked(session: Session) -> None:
    publish(session, "A", OCTOBER, staff=None, buyers=6)
    assert read(session).bands == ()


def test_rising_counts_from_the_published_month_before(session: Session) -> None:
    for code, before, now in (("A", 5, 9), ("B", 9, 5), ("C", 5, 6), ("D", None, 9)):
        publish(session, code, SEPTEMBER, buyers=before)
        publish(session, code, OCTOBER, buyers=now)
    risen = [(row.place, row.agency_name, row.risen_by) for row in read(session).risen]
    assert risen == [(1, "Dinas A", Fraction(4, 20)), (2, "Dinas C", Fraction(1, 20))]


def test_before_the_first_month_there_is_no_league(session: Session) -> None:
    assert league(session) is None


def test_the_league_is_of_the_last_month_and_two_reads(
    session: Session, count_selects: CountSelects
) -> None:
    counts = []
    for code in ("A", "B", "C"):
        publish(session, code, SEPTEMBER, buyers=15)
        publish(session, code, OCTOBER, buyers=5)
        with count_selects() as selects:
            assert read(session).month == OCTOBER
        counts.append(len(selects))
    assert counts == [2, 2, 2]


@pytest.mark.parametrize(
    ("sort", "codes"),
    [
        (ParticipationSort.SHARE, ["B", "A", "C"]),
        (ParticipationSort.SERLOK, ["A", "B", "C"]),
        (ParticipationSort.SIZE, ["C", "A", "B"]),
        (ParticipationSort.NAME, ["A", "B", "C"]),
    ],
)
def test_the_citys_list_is_sorted_and_what_is_withheld_comes_last(
    session: Session, sort: ParticipationSort, codes: list[str]
) -> None:
    publish(session, "A", OCTOBER, staff=30, buyers=11, on_serlok_day=6)
    publish(session, "B", OCTOBER, staff=20, buyers=9)
    publish(session, "C", OCTOBER, staff=40)
    listed = city_participation(session, sort=sort)
    assert [row.agency_code for row in listed.rows] == codes
    assert (listed.month, listed.shown) == (OCTOBER, 2)


def test_an_agency_sees_its_own_months_the_last_first(session: Session) -> None:
    publish(session, "A", SEPTEMBER, buyers=12, on_serlok_day=7)
    publish(session, "A", OCTOBER)
    publish(session, "B", OCTOBER, buyers=12)
    shown = [(row.month, row.share, row.serlok_share) for row in months_of(session, "A")]
    assert shown == [(OCTOBER, None, None), (SEPTEMBER, Fraction(12, 20), Fraction(7, 20))]


def test_which_agency_can_never_be_shown_is_known_by_its_size(session: Session) -> None:
    publish(session, "A", OCTOBER, staff=9)
    publish(session, "B", OCTOBER, staff=10)
    small = [row.is_too_small for code in ("A", "B") for row in months_of(session, code)]
    assert small == [True, False]
