"""What each term of a rule makes of the figures: base, funds, floor, and who is exempt."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from storefront.core.database import transaction
from storefront.core.permissions import OPERATOR
from storefront.programme.models import ParticipationMonth
from storefront.quota.models import Amounts, Fund
from storefront.quota.periods import begin_in
from storefront.quota.rule_models import RuleBase
from storefront.quota.rules import rule_on
from storefront.reports.city import AgencyState, CityQuota, city_quota
from storefront.reports.gain import share_of
from storefront.reports.quota import AgencyQuota, agency_quota
from storefront.sellers.models import SellerClass
from tests.factories import HEALTH, NOON, agency, budget
from tests.factories_rules import adopted, exempted, terms
from tests.reports.made import booked

CODE = HEALTH.agency_code
TODAY = NOON.date()
OTHER = SellerClass.OTHER
OFFICIAL_AND_PERSONAL = frozenset({Fund.OFFICIAL, Fund.PERSONAL})


def quota(session: Session, code: str = CODE, today: date = TODAY) -> AgencyQuota:
    session.rollback()
    return agency_quota(session, code, 2026, today=today)


def city(session: Session) -> CityQuota:
    session.rollback()
    return city_quota(session, 2026, today=TODAY)


def published(session: Session, month: str, amount: int | None, code: str = CODE) -> None:
    with transaction(session):
        session.add(
            ParticipationMonth(
                agency_code=code,
                month=month,
                is_withheld=amount is None,
                buyers=None if amount is None else 7,
                realised_amount=amount,
                published_at=NOON,
            )
        )


@pytest.fixture
def last_year(session: Session) -> None:
    """Dinas Kesehatan realised 43.1 % of its budget of 2025."""
    with transaction(session):
        begin_in(session, OPERATOR, year=2025)
    budget(session, agency(session), year=2025, ceiling=1_000_000)
    booked(session, realised=431_500, fiscal_year=2025, day=date(2025, 5, 4))


def test_by_what_was_realised_the_share_is_of_all_classes_and_needs_no_budget(
    session: Session,
) -> None:
    agency(session)
    booked(session, realised=300)
    booked(session, realised=500, seller_class=OTHER)
    adopted(session, terms(base=RuleBase.REALISED))
    found = quota(session)
    assert (found.base_amount, found.permille, found.target_amount) == (800, 375, 320)
    assert (found.missing_amount, found.ceiling_amount) == (20, None)
    assert city(session).rows[0].state is AgencyState.BELOW


def test_by_what_was_realised_commitments_of_every_class_would_widen_the_base(
    session: Session,
) -> None:
    agency(session)
    booked(session, realised=400, committed=100)
    booked(session, realised=600, committed=900, seller_class=OTHER)
    adopted(session, terms(base=RuleBase.REALISED))
    found = quota(session)
    assert (found.permille, found.is_reached) == (400, True)
    assert (found.permille_if_all, found.missing_if_all_amount) == (250, 300)


def test_by_what_was_realised_nothing_realised_is_no_percentage(session: Session) -> None:
    agency(session)
    adopted(session, terms(base=RuleBase.REALISED))
    found = quota(session)
    assert found.permille is found.target_amount is found.base_amount is None
    assert city(session).rows[0].state is AgencyState.SILENT


def test_who_spends_anothers_budget_is_measured_there_by_any_base(session: Session) -> None:
    above = agency(session)
    budget(session, above, ceiling=1_000)
    below = agency(session, "1.02.01.1", name="Puskesmas", parent=above)
    booked(session, below.code, realised=100)
    adopted(session, terms(base=RuleBase.REALISED))
    assert quota(session).base_amount == 100
    assert quota(session, below.code).base_amount is None
    rows = {row.code: row.state for row in city(session).rows}
    assert rows == {above.code: AgencyState.ABOVE, below.code: AgencyState.NO_BUDGET}


@pytest.mark.usefixtures("last_year")
def test_a_share_is_not_to_fall_below_last_years_where_the_rule_says_so(session: Session) -> None:
    budget(session, agency(session), ceiling=2_000_000)
    booked(session, realised=820_000)
    assert (quota(session).target_amount, quota(session).is_reached) == (800_000, True)
    adopted(session, terms(keeps_last_year=True))
    found = quota(session)
    assert (found.target_permille, found.target_amount, found.missing_amount) == (
        431,
        862_000,
        42_000,
    )
    (row,) = city(session).rows
    assert (row.target_permille, row.state) == (431, AgencyState.BELOW)
    assert city(session).target_permille == 400
    standing = share_of(session, CODE, 2026, rule=rule_on(session, TODAY), today=TODAY)
    assert standing is not None
    assert standing.target_permille == 431


@pytest.mark.usefixtures("last_year")
def test_last_year_is_measured_by_the_rule_that_keeps_it(session: Session) -> None:
    budget(session, agency(session), ceiling=1_000_000)
    booked(session, realised=400_000, fiscal_year=2025, seller_class=OTHER)
    adopted(session, terms(keeps_last_year=True, seller_classes=frozenset(SellerClass)))
    assert quota(session).target_permille == 831
    assert quota(session).last_year.permille == 431, "as it was judged then"


@pytest.mark.usefixtures("last_year")
def test_a_last_year_below_the_target_or_without_a_budget_lowers_nothing(
    session: Session,
) -> None:
    budget(session, agency(session), ceiling=1_000)
    unit = agency(session, "2", name="Dinas Baru")
    budget(session, unit, ceiling=1_000)
    adopted(session, terms(target_permille=500, keeps_last_year=True))
    assert quota(session).target_permille == 500
    assert quota(session, "2").target_permille == 500


def test_more_than_all_of_the_budget_asks_for_no_more_than_all(session: Session) -> None:
    with transaction(session):
        begin_in(session, OPERATOR, year=2025)
    budget(session, agency(session), year=2025, ceiling=1_000)
    budget(session, agency(session), ceiling=1_000)
    booked(session, realised=1_200, fiscal_year=2025, day=date(2025, 5, 4))
    adopted(session, terms(keeps_last_year=True))
    assert quota(session).target_permille == 1_000


def test_personal_money_counts_only_as_it_was_published_and_only_by_a_rule_that_says_so(
    session: Session,
) -> None:
    budget(session, agency(session), ceiling=1_000)
    booked(session, realised=300)
    booked(session, realised=990, fund=Fund.PERSONAL)
    published(session, "2026-08", 50)
    published(session, "2026-09", 40)
    published(session, "2026-10", None)
    published(session, "2025-10", 500)
    assert (quota(session).realised, city(session).realised) == (300, 300)
    adopted(session, terms(funds=OFFICIAL_AND_PERSONAL))
    found = quota(session)
    assert (found.counted, found.personal_amount) == (Amounts(0, 390), 90)
    assert found.whole == Amounts(0, 300)
    assert (city(session).realised, city(session).rows[0].realised) == (390, 390)


def test_personal_money_that_counts_is_part_of_what_was_realised(session: Session) -> None:
    agency(session)
    booked(session, realised=300, seller_class=OTHER)
    published(session, "2026-09", 100)
    adopted(session, terms(base=RuleBase.REALISED, funds=OFFICIAL_AND_PERSONAL))
    assert (quota(session).base_amount, quota(session).permille) == (400, 250)


def test_an_exempt_agency_has_figures_and_no_target(session: Session) -> None:
    unit = agency(session)
    budget(session, unit, ceiling=1_000)
    booked(session, realised=300)
    exempted(session, unit)
    found = quota(session)
    assert (found.permille, found.realised) == (300, 300)
    assert found.target_amount is found.missing_amount is found.missing_if_all_amount is None
    assert not found.is_reached
    assert found.exemption is not None
    assert found.exemption.document_number == "SK 900/17/2026"


def test_an_exempt_agency_is_neither_above_nor_below_and_stays_in_the_citys_sums(
    session: Session,
) -> None:
    unit = agency(session)
    budget(session, unit, ceiling=1_000)
    booked(session, realised=900)
    exempted(session, unit)
    found = city(session)
    assert found.states[AgencyState.EXEMPT] == 1
    assert found.states[AgencyState.ABOVE] == found.states[AgencyState.BELOW] == 0
    assert (found.ceiling_amount, found.realised, found.target_amount) == (1_000, 900, 400)


def test_whether_an_agency_is_exempt_is_asked_of_the_day_of_the_figure(session: Session) -> None:
    unit = agency(session)
    budget(session, unit, ceiling=1_000)
    exempted(session, unit, valid_from=date(2026, 11, 1), valid_to=date(2026, 11, 30))
    assert quota(session, today=date(2026, 10, 31)).target_amount == 400
    assert quota(session).target_amount is None
    assert quota(session, today=date(2026, 12, 1)).target_amount == 400
