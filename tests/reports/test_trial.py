"""A rule tried before it is adopted."""

from datetime import date

from sqlalchemy.orm import Session

from storefront.core.database import transaction
from storefront.core.permissions import OPERATOR
from storefront.quota.periods import begin_in
from storefront.quota.rules import RuleTerms, rule_on
from storefront.reports.trial import ON_A_PAGE, Side, Trial, TrialSort, try_rule
from storefront.sellers.models import SellerClass
from tests.conftest import CountSelects
from tests.factories import NOON, agency, budget
from tests.factories_rules import COUNTED, exempted, terms
from tests.reports.made import booked

WITH_SMALL = terms(seller_classes=COUNTED | {SellerClass.SMALL})
TODAY = NOON.date()


def tried(session: Session, said: RuleTerms, year: int = 2026, **asked: object) -> Trial:
    session.rollback()
    return try_rule(session, said, year, today=TODAY, **asked)  # type: ignore[arg-type]


def four_agencies(session: Session) -> None:
    for code, micro, small in (("1", 300, 150), ("2", 450, 0), ("3", 100, 10), ("4", 0, 0)):
        budget(session, agency(session, code, name=f"Dinas {code}"), ceiling=1_000)
        if micro:
            booked(session, code, realised=micro)
        if small:
            booked(session, code, realised=small, seller_class=SellerClass.SMALL)


def test_who_would_reach_the_target_and_who_would_no_longer_is_counted(session: Session) -> None:
    four_agencies(session)
    found = tried(session, WITH_SMALL)
    assert found.sides == {Side.REACHES: 1, Side.FALLS: 0, Side.SAME: 3}
    assert (found.reached_now, found.reached_then) == (1, 2)
    stricter = tried(session, terms(target_permille=460))
    assert stricter.sides == {Side.REACHES: 0, Side.FALLS: 1, Side.SAME: 3}


def test_each_agencys_share_stands_by_both_rules_with_the_difference(session: Session) -> None:
    four_agencies(session)
    rows = {row.now.code: row for row in tried(session, WITH_SMALL).page.rows}
    assert (rows["1"].now.permille, rows["1"].then.permille) == (300, 450)
    assert (rows["1"].change_permille, rows["2"].change_permille) == (150, 0)
    assert tried(session, WITH_SMALL).city_then.permille == 252


def test_those_that_change_sides_come_first_or_as_it_is_sorted(session: Session) -> None:
    four_agencies(session)
    for sort, codes in (
        (TrialSort.CHANGE, ["1", "3", "2", "4"]),
        (TrialSort.NAME, ["1", "2", "3", "4"]),
        (TrialSort.NOW, ["2", "1", "3", "4"]),
        (TrialSort.THEN, ["1", "2", "3", "4"]),
    ):
        page = tried(session, WITH_SMALL, sort=sort).page
        assert [row.now.code for row in page.rows] == codes


def test_trying_a_rule_leaves_the_rule(session: Session) -> None:
    four_agencies(session)
    tried(session, WITH_SMALL)
    assert not session.new
    assert not session.dirty
    assert rule_on(session, date(2030, 1, 1)).version == 1


def test_last_year_is_tried_whole_with_its_own_rule_and_the_year_before_it(
    session: Session,
) -> None:
    with transaction(session):
        begin_in(session, OPERATOR, year=2024)
    unit = agency(session)
    for year, realised in ((2024, 500), (2025, 450)):
        budget(session, unit, year=year, ceiling=1_000)
        booked(session, realised=realised, fiscal_year=year, day=date(year, 5, 4))
    found = tried(session, terms(keeps_last_year=True), 2025)
    (row,) = found.page.rows
    assert (found.as_of, row.side) == (date(2025, 12, 31), Side.FALLS)
    assert (row.now.target_permille, row.then.target_permille) == (400, 500)


def test_an_exempt_agency_changes_no_side(session: Session) -> None:
    unit = agency(session)
    budget(session, unit, ceiling=1_000)
    booked(session, realised=300)
    exempted(session, unit)
    assert tried(session, terms(target_permille=100)).sides[Side.SAME] == 1


def test_a_trial_is_paged_and_costs_the_same_for_many_agencies(
    session: Session, count_selects: CountSelects
) -> None:
    four_agencies(session)
    with count_selects() as few:
        tried(session, terms(keeps_last_year=True))
    for at in range(ON_A_PAGE):
        budget(session, agency(session, f"9.{at:02}", name=f"Dinas {at}"), ceiling=1_000)
    with count_selects() as many:
        first = tried(session, terms(keeps_last_year=True))
    assert len(many) == len(few)
    assert (len(first.page.rows), first.page.has_next, first.page.total) == (ON_A_PAGE, True, 54)
    last = tried(session, WITH_SMALL, page=99)
    assert (last.page.number, len(last.page.rows)) == (2, 4)
