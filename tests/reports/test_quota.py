"""An agency's quota page: percentages with their rupiah, by which rule, of which state."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from storefront.core.database import transaction
from storefront.core.errors import NotFound
from storefront.core.permissions import OPERATOR
from storefront.quota.log import number
from storefront.quota.models import Amounts, EntryKind, Fund
from storefront.quota.periods import begin_in
from storefront.reports.quota import AgencyQuota, agency_quota
from storefront.sellers.models import SellerClass
from tests.conftest import CountSelects
from tests.factories import HEALTH, NOON, agency, budget
from tests.factories_orders import approved_order, around
from tests.factories_rules import adopted, terms
from tests.reports.made import booked, folded

CODE = HEALTH.agency_code
TODAY = NOON.date()
SMALL, OTHER, COOPERATIVE = SellerClass.SMALL, SellerClass.OTHER, SellerClass.COOPERATIVE


def quota(session: Session, code: str = CODE, year: int = 2026, today: date = TODAY) -> AgencyQuota:
    with transaction(session):
        number(session)
    return agency_quota(session, code, year, today=today)


def test_the_share_is_what_reached_classes_that_count_of_the_ceiling(session: Session) -> None:
    budget(session, agency(session), ceiling=1_000_000)
    booked(session, realised=250_000)
    booked(session, realised=57_000, committed=34_000, seller_class=COOPERATIVE)
    booked(session, realised=400_000, seller_class=OTHER)
    found = quota(session)
    assert (found.permille, found.permille_if_all) == (307, 341)
    assert (found.target_amount, found.missing_amount) == (400_000, 93_000)
    assert found.missing_if_all_amount == 59_000
    assert found.counted == Amounts(34_000, 307_000)
    assert found.whole == Amounts(34_000, 707_000)
    assert not found.is_reached


def test_small_enterprises_count_by_the_national_rule_shown_beside(session: Session) -> None:
    budget(session, agency(session), ceiling=1_000_000)
    booked(session, realised=300_000)
    booked(session, realised=63_000, seller_class=SMALL)
    found = quota(session)
    assert (found.permille, found.national_permille) == (300, 363)
    small = next(row for row in found.by_class if row.seller_class is SMALL)
    assert (small.counts, small.counts_nationally, small.permille) == (False, True, 63)


def test_without_a_budget_there_is_no_percentage_and_nothing_is_divided(session: Session) -> None:
    agency(session)
    booked(session, realised=100)
    found = quota(session)
    assert found.ceiling_amount is None
    assert found.permille is found.missing_amount is found.national_permille is None
    assert found.realised == 100


def test_a_budget_of_nothing_has_no_percentage_either(session: Session) -> None:
    budget(session, agency(session), ceiling=0)
    assert quota(session).permille is None


def test_a_target_is_reached_to_the_last_rupiah(session: Session) -> None:
    budget(session, agency(session), ceiling=1_001)
    booked(session, realised=400)
    assert (quota(session).missing_amount, quota(session).is_reached) == (1, False)
    booked(session, realised=1)
    assert quota(session).is_reached


def test_agencies_below_without_a_budget_are_summed_in_and_others_are_not(
    session: Session,
) -> None:
    above = agency(session)
    clinic = agency(session, "1.02.01.1", name="Puskesmas", parent=above)
    post_ = agency(session, "1.02.01.1.1", name="Pustu", parent=clinic)
    hospital = agency(session, "1.02.01.2", name="RSUD", parent=above)
    ward = agency(session, "1.02.01.2.1", name="Instalasi", parent=hospital)
    budget(session, above, ceiling=1_000)
    budget(session, hospital, ceiling=500)
    for unit, realised in ((above, 1), (clinic, 20), (post_, 300), (hospital, 4_000), (ward, 50)):
        booked(session, unit.code, realised=realised)
    assert quota(session).realised == 321
    assert [node.code for node in quota(session).included] == [clinic.code, post_.code]
    assert quota(session, hospital.code).realised == 4_050
    borrowing = quota(session, post_.code)
    assert (borrowing.realised, borrowing.permille) == (300, None)
    assert borrowing.borrowed_from is not None
    assert borrowing.borrowed_from.code == CODE


def test_months_are_the_periods_and_add_up(session: Session) -> None:
    budget(session, agency(session), ceiling=1_000)
    booked(session, realised=100, day=date(2026, 2, 3))
    booked(session, realised=50, committed=7, day=date(2026, 5, 4))
    booked(session, realised=999, day=date(2026, 5, 4), seller_class=OTHER)
    months = {row.month: row for row in quota(session, today=date(2026, 6, 1)).by_month}
    assert list(months) == [f"2026-{month:02}" for month in range(1, 7)]
    assert months["2026-05"].change == Amounts(7, 50)
    assert [row.realised_so_far for row in months.values()] == [0, 100, 100, 100, 150, 150]
    assert months["2026-06"].permille == 150


def test_the_rule_in_force_on_the_day_is_used_for_the_whole_year(session: Session) -> None:
    budget(session, agency(session), ceiling=1_000)
    booked(session, realised=100, seller_class=OTHER)
    said = terms(target_permille=500, seller_classes=frozenset({OTHER}))
    adopted(session, said, effective_on=date(2026, 11, 1))
    before, after = quota(session, today=date(2026, 10, 31)), quota(session)
    assert (before.realised, before.target_amount) == (0, 400)
    assert (after.realised, after.target_amount) == (100, 500)
    assert {row.seller_class for row in after.by_class if row.counts} == {OTHER}


def test_a_year_that_is_over_is_read_by_the_rule_of_its_last_day(session: Session) -> None:
    budget(session, agency(session), ceiling=1_000)
    adopted(session, terms(target_permille=500), effective_on=date(2027, 1, 1))
    found = quota(session, today=date(2027, 3, 1))
    assert (found.as_of, found.rule.version) == (date(2026, 12, 31), 1)


def test_what_orders_of_closed_years_took_is_shown_apart(session: Session) -> None:
    """Koreksi tahun lalu: per order, the negative part of what it sums to on the account."""
    agency(session)
    for order, realised, kind in (
        ("P-0-1", -30, EntryKind.REVERSE),
        ("P-0-1", 10, EntryKind.REALISE),
        ("P-0-2", 50, EntryKind.REALISE),
        ("P-0-2", -20, EntryKind.REVERSE),
    ):
        booked(session, realised=realised, order=order, kind=kind)
    found = quota(session)
    assert (found.realised, found.correction_amount) == (10, -20)


def test_last_years_share_stands_beside(session: Session) -> None:
    with transaction(session):
        begin_in(session, OPERATOR, year=2025)
    health = agency(session)
    budget(session, health, year=2025, ceiling=1_000)
    booked(session, realised=420, fiscal_year=2025)
    assert quota(session).last_year.permille == 420


def test_private_money_is_no_part_of_any_figure(session: Session) -> None:
    agency(session)
    booked(session, realised=99, fund=Fund.PERSONAL)
    assert quota(session).is_silent
    assert all(row.change == Amounts() for row in quota(session).by_month)


def test_the_sellers_of_a_class_are_those_with_money_committed_or_realised(
    session: Session,
) -> None:
    of = around(session)
    approved_order(session, of)
    approved_order(session, of)
    folded(session)
    micro = next(row for row in quota(session).by_class if row.seller_class is SellerClass.MICRO)
    assert (micro.sellers, micro.amounts.committed) == (1, 200_000)


def test_it_names_the_state_of_the_ledger_that_it_was_read_from(session: Session) -> None:
    agency(session)
    assert (quota(session).position.number, quota(session).position.recorded_at) == (0, None)
    booked(session, realised=1)
    with transaction(session):
        number(session)
    assert (quota(session).position.number, quota(session).position.recorded_at) == (1, NOON)


def test_an_agency_that_is_not_there_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        quota(session, "9.99")


def test_more_orders_and_agencies_are_no_more_questions(
    session: Session, count_selects: CountSelects
) -> None:
    above = agency(session)
    budget(session, above)
    booked(session, realised=1)
    quota(session)
    with count_selects() as before:
        quota(session)
    for at in range(4):
        below = agency(session, f"1.02.01.{at}", parent=above)
        booked(session, below.code, realised=1)
    with count_selects() as after:
        quota(session)
    assert len(after) == len(before)
