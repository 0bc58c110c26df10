"""Who may have an export, whose, and in which days."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from storefront.core.errors import NotAllowed, NotFound
from storefront.core.permissions import CITY, Role, Scope
from storefront.exports.asked import DaysInDisorder, ExportRequest, WholeMonthsOnly
from tests.exports.made import ORDERS, QUOTA, Exporter
from tests.factories import HEALTH_AGENCY, agency, shop, shop_actor, signed_up

SCHOOLS = "1.01.01"


@pytest.mark.parametrize(
    ("role", "scope"),
    [(Role.PROCUREMENT, HEALTH_AGENCY), (Role.CITY_ADMIN, CITY), (Role.AUDITOR, CITY)],
)
def test_an_agencys_records_are_for_its_procurement_the_city_and_the_auditor(
    session: Session, exporter: Exporter, role: Role, scope: Scope
) -> None:
    agency(session)
    exporter.actor = signed_up(session, role, scope)
    assert exporter.write(ORDERS).rows == 0


@pytest.mark.parametrize("role", [Role.BUYER, Role.APPROVER, Role.TREASURER, Role.AGENCY_ADMIN])
def test_other_roles_of_the_agency_are_not_allowed(
    session: Session, exporter: Exporter, role: Role
) -> None:
    exporter.actor = signed_up(session, role)
    with pytest.raises(NotAllowed):
        exporter.write(ORDERS)


@pytest.mark.parametrize("code", [SCHOOLS, "9.99.99"])
def test_another_agency_is_not_found_whether_or_not_there_is_one(
    session: Session, exporter: Exporter, code: str
) -> None:
    agency(session, SCHOOLS)
    exporter.actor = signed_up(session, Role.PROCUREMENT)
    with pytest.raises(NotFound):
        exporter.write(ORDERS, agency_code=code)


def test_every_agency_at_once_is_for_the_city(session: Session, exporter: Exporter) -> None:
    exporter.actor = signed_up(session, Role.PROCUREMENT)
    with pytest.raises(NotAllowed):
        exporter.write(ORDERS, agency_code=None)


def test_a_shops_scope_of_the_same_name_is_no_agencys(session: Session, exporter: Exporter) -> None:
    seller = shop(session)
    agency(session, str(seller.id))
    exporter.actor = shop_actor(session, seller)
    with pytest.raises(NotFound):
        exporter.write(ORDERS, agency_code=str(seller.id))


def test_days_in_disorder_are_refused() -> None:
    with pytest.raises(DaysInDisorder):
        request(first_day=date(2026, 5, 2), last_day=date(2026, 5, 1))


@pytest.mark.parametrize("days", [{"first_day": date(2026, 5, 2)}, {"last_day": date(2026, 2, 27)}])
def test_the_quota_export_goes_by_whole_months(days: dict[str, date]) -> None:
    with pytest.raises(WholeMonthsOnly):
        request(**days)


def request(first_day: date | None = None, last_day: date | None = None) -> ExportRequest:
    return ExportRequest(
        kind=QUOTA, agency_code=None, year=2026, first_day=first_day, last_day=last_day
    )
