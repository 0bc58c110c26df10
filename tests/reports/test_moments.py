"""Figures as of a day and as known at a position: the same whenever they are asked again."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from storefront.agencies.models import Agency, BudgetRevision, RevisionState
from storefront.core.database import transaction
from storefront.core.errors import NotFound
from storefront.core.permissions import OPERATOR
from storefront.quota.models import Amounts, EntryKind
from storefront.quota.periods import close_month
from storefront.reports.city import CityQuota, city_quota
from storefront.reports.moments import Asked
from storefront.reports.quota import AgencyQuota, agency_quota
from storefront.sellers.models import SellerClass
from tests.conftest import CountSelects
from tests.factories import CONFIRMER, HEALTH, IMPORTER, NOON, agency
from tests.factories_rules import adopted, terms
from tests.reports.made import booked

CODE, TODAY = HEALTH.agency_code, NOON.date()
MAY, JUNE = date(2026, 5, 20), date(2026, 6, 10)


@pytest.fixture
def health(session: Session) -> Agency:
    """A budget from January, revised in June; entries in two months."""
    health = agency(session)
    revised(session, health, 1, 1_000, date(2026, 1, 2))
    revised(session, health, 2, 2_000, date(2026, 6, 1))
    booked(session, committed=50, realised=100, day=date(2026, 5, 4))
    booked(session, realised=30, day=date(2026, 5, 20))
    booked(session, realised=7, day=date(2026, 6, 10))
    booked(session, realised=500, day=date(2026, 6, 11), seller_class=SellerClass.OTHER)
    return health


def revised(
    session: Session,
    of: Agency,
    revision: int,
    total: int,
    effective_on: date,
    confirmed_at: datetime = datetime(2026, 1, 1, tzinfo=UTC),
) -> None:
    with transaction(session):
        session.add(
            BudgetRevision(
                agency_id=of.id,
                fiscal_year=2026,
                revision=revision,
                effective_on=effective_on,
                document_number=f"DPPA-{revision}",
                total_amount=total,
                state=RevisionState.CONFIRMED,
                proposed_by=IMPORTER,
                proposed_at=confirmed_at,
                confirmed_by=CONFIRMER,
                confirmed_at=confirmed_at,
            )
        )


def quota(session: Session, today: date = TODAY, year: int = 2026, **asked: Any) -> AgencyQuota:
    session.rollback()
    return agency_quota(session, CODE, year, today=today, asked=Asked(**asked))


def city(session: Session, **asked: Any) -> CityQuota:
    session.rollback()
    return city_quota(session, 2026, today=TODAY, asked=Asked(**asked))


@pytest.mark.usefixtures("health")
@pytest.mark.parametrize(
    ("day", "counted"),
    [
        (date(2026, 5, 3), Amounts()),
        (date(2026, 5, 4), Amounts(50, 100)),
        (date(2026, 5, 19), Amounts(50, 100)),
        (date(2026, 5, 31), Amounts(50, 130)),
        (date(2026, 6, 9), Amounts(50, 130)),
        (date(2026, 6, 10), Amounts(50, 137)),
        (TODAY, Amounts(50, 137)),
    ],
)
def test_as_of_a_day_what_was_booked_before_its_month_or_happened_in_it_counts(
    session: Session, day: date, counted: Amounts
) -> None:
    assert quota(session, as_of=day).counted == counted
    assert quota(session, as_of=day, position=4).counted == counted  # by entries, one by one
    assert city(session, as_of=day).counted == counted
    assert city(session, as_of=day, position=4).counted == counted


@pytest.mark.usefixtures("health")
def test_what_is_booked_in_a_later_month_is_not_there_as_of_an_earlier_day(
    session: Session,
) -> None:
    """A day of May that was told after May was closed stands in the first open month."""
    with transaction(session):
        while close_month(session, OPERATOR, now=NOON) < "2026-05":
            pass
    booked(session, realised=1_000, day=date(2026, 5, 6))
    assert quota(session, as_of=date(2026, 5, 31)).realised == 130
    assert quota(session, as_of=date(2026, 6, 1)).realised == 1_130


@pytest.mark.usefixtures("health")
def test_the_ceiling_is_that_of_the_revisions_effective_by_the_day(session: Session) -> None:
    before, after = quota(session, as_of=date(2026, 5, 31)), quota(session, as_of=date(2026, 6, 1))
    assert (before.ceiling_amount, before.target_amount) == (1_000, 400)
    assert before.revision is not None
    assert before.revision.document_number == "DPPA-1"
    assert (after.ceiling_amount, after.target_amount) == (2_000, 800)
    assert quota(session, as_of=date(2026, 1, 1)).ceiling_amount is None
    assert city(session, as_of=date(2026, 5, 31)).ceiling_amount == 1_000


def test_what_is_learned_later_changes_nothing_that_was_known_before(
    session: Session, health: Agency
) -> None:
    """Entries, a close, a rule and a budget revision that all reach back behind the day."""
    known_at = NOON + timedelta(minutes=1)
    asked: dict[str, Any] = {"as_of": TODAY, "position": 4, "known_at": known_at}
    before, city_before = quota(session, **asked), city(session, **asked)
    assert (before.realised, before.ceiling_amount) == (137, 2_000)
    booked(session, realised=900, day=date(2026, 5, 5))
    booked(session, realised=-4, day=date(2026, 5, 5), kind=EntryKind.REVERSE, order="P-1-1")
    revised(session, health, 3, 9_000, date(2026, 5, 1), NOON + timedelta(hours=1))
    with transaction(session):
        close_month(session, OPERATOR, now=NOON)
    later = NOON + timedelta(hours=1)
    said = terms(target_permille=900, seller_classes=frozenset())
    adopted(session, said, effective_on=date(2026, 11, 1), now=later)
    assert quota(session, **asked) == before
    assert city(session, **asked) == city_before
    now = quota(session)
    assert (now.ceiling_amount, now.target_permille, now.realised) == (9_000, 900, 0)


@pytest.mark.usefixtures("health")
def test_what_orders_took_and_which_sellers_stood_is_that_of_the_moment(session: Session) -> None:
    booked(session, realised=-9, day=JUNE, kind=EntryKind.REVERSE, order="P-OLD-1")
    booked(session, realised=9, day=date(2026, 7, 1), kind=EntryKind.REALISE, order="P-OLD-1")
    assert quota(session).correction_amount == 0
    assert quota(session, as_of=JUNE).correction_amount == -9
    assert quota(session, as_of=TODAY, position=5).correction_amount == -9
    assert quota(session, as_of=MAY).correction_amount == 0


@pytest.mark.usefixtures("health")
def test_a_year_that_is_over_is_asked_for_any_day_after_it(session: Session) -> None:
    january = date(2027, 1, 20)
    found = quota(session, today=january)
    assert (found.at.as_of, found.as_of) == (january, date(2026, 12, 31))
    assert quota(session, today=january, year=2027).last_year.realised == 137


@pytest.mark.usefixtures("health")
def test_the_position_asked_for_is_named_with_its_time(session: Session) -> None:
    assert quota(session, position=2).position.number == 2
    assert quota(session, position=2).position.recorded_at == NOON
    assert quota(session, position=0).realised == 0
    with pytest.raises(NotFound):
        quota(session, position=5)


@pytest.mark.usefixtures("health")
def test_todays_page_adds_up_no_entries(session: Session, count_selects: CountSelects) -> None:
    """So what it reads is the same for ten orders and for ten thousand."""
    quota(session)
    with count_selects() as selects:
        quota(session)
        city(session)
        city(session, as_of=date(2026, 5, 31))
    assert not [sql for sql in selects if "ledger_entries" in sql and "sum(" in sql.lower()]
