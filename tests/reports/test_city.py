"""Every agency against its target."""

from datetime import date

from sqlalchemy.orm import Session

from storefront.agencies.models import AgencyKind
from storefront.reports.city import AgencyState, CityQuota, CitySort, city_quota
from tests.conftest import CountSelects
from tests.factories import NOON, agency, budget
from tests.reports.made import booked

ABOVE, BELOW = AgencyState.ABOVE, AgencyState.BELOW
SILENT, NO_BUDGET = AgencyState.SILENT, AgencyState.NO_BUDGET
EXEMPT = AgencyState.EXEMPT


def city(session: Session, **asked: object) -> CityQuota:
    session.rollback()
    return city_quota(session, 2026, today=NOON.date(), **asked)  # type: ignore[arg-type]


def five_agencies(session: Session) -> None:
    for code, name, ceiling, realised in (
        ("1", "Dinas Sosial", 1_000, 450),
        ("2", "Dinas Arsip", 1_000, 300),
        ("3", "Dinas Kesehatan", 9_000, 0),
        ("4", "Dinas Pangan", None, 70),
    ):
        unit = agency(session, code, name=name)
        budget(session, unit, ceiling=ceiling)
        if realised:
            booked(session, code, realised=realised)
    agency(session, "5", name="Dinas Baru")


def test_agencies_are_above_below_silent_or_without_a_budget(session: Session) -> None:
    five_agencies(session)
    found = city(session)
    assert {row.code: row.state for row in found.rows} == {
        "1": ABOVE,
        "2": BELOW,
        "3": SILENT,
        "4": NO_BUDGET,
        "5": NO_BUDGET,
    }
    assert found.states == {ABOVE: 1, BELOW: 1, SILENT: 1, NO_BUDGET: 2, EXEMPT: 0}
    assert found.agencies == 5


def test_the_citys_figure_is_of_all_accounts_and_all_budgets(session: Session) -> None:
    five_agencies(session)
    found = city(session)
    assert (found.ceiling_amount, found.realised) == (11_000, 820)
    assert (found.permille, found.missing_amount) == (74, 3_580)


def test_what_is_summed_into_an_agency_above_counts_once_for_the_city(session: Session) -> None:
    above = agency(session, "1", name="Kecamatan Coblong")
    budget(session, above, ceiling=1_000)
    below = agency(session, "1.1", name="Kelurahan Dago", parent=above)
    booked(session, below.code, realised=100)
    found = city(session)
    rows = {row.code: row for row in found.rows}
    assert (rows["1"].realised, rows["1.1"].realised, found.realised) == (100, 100, 100)
    assert (rows["1"].counts_in, rows["1.1"].counts_in) == (None, "1")


def test_who_reaches_the_target_once_all_commitments_come_true_is_counted(
    session: Session,
) -> None:
    budget(session, agency(session, "1"), ceiling=1_000)
    booked(session, "1", realised=300, committed=100)
    assert city(session).reached_if_all == 1


def test_practice_agencies_count_nowhere(session: Session) -> None:
    unit = agency(session, "LATIHAN", is_practice=True)
    budget(session, unit, ceiling=1_000)
    booked(session, unit.code, realised=500)
    found = city(session)
    assert (found.rows, found.realised, found.ceiling_amount) == ((), 0, None)


def test_rows_are_sorted_as_asked_and_by_code_within_what_is_equal(session: Session) -> None:
    five_agencies(session)
    for sort, codes in (
        (CitySort.SHARE, ["1", "2", "3", "4", "5"]),
        (CitySort.REALISED, ["1", "2", "4", "3", "5"]),
        (CitySort.MISSING, ["3", "2", "1", "4", "5"]),
        (CitySort.NAME, ["2", "5", "3", "4", "1"]),
    ):
        assert [row.code for row in city(session, sort=sort).rows] == codes


def test_rows_of_a_kind_or_state_are_shown_alone_and_the_counts_stay(session: Session) -> None:
    five_agencies(session)
    assert [row.code for row in city(session, state=SILENT).rows] == ["3"]
    assert city(session, kind=AgencyKind.BADAN).rows == ()
    assert city(session, kind=AgencyKind.BADAN).kinds[AgencyKind.DINAS] == 5


def test_another_year_is_another_figure(session: Session) -> None:
    five_agencies(session)
    booked(session, "1", realised=5, fiscal_year=2027, day=date(2026, 11, 2))
    session.rollback()
    assert city_quota(session, 2027, today=date(2027, 2, 1)).realised == 5


def test_more_agencies_are_no_more_questions(session: Session, count_selects: CountSelects) -> None:
    five_agencies(session)
    with count_selects() as before:
        city(session)
    for at in range(10):
        budget(session, agency(session, f"9.{at}"), ceiling=1_000)
        booked(session, f"9.{at}", realised=at + 1)
    with count_selects() as after:
        city(session)
    assert len(after) == len(before)
