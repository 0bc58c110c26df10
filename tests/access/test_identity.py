"""What pages say of who is signed in, and what waits for them."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from storefront.access.queries import find_identity, pending_for
from storefront.accounts.grants import propose_city_role
from storefront.agencies.budget_plans import NewRevision
from storefront.agencies.grants import propose_role
from storefront.agencies.models import Agency, PlacementKind
from storefront.agencies.revisions import propose_revision
from storefront.core.database import transaction
from storefront.core.permissions import CITY, Role
from storefront.sellers.models import ShopStaff
from tests.agencies.made import TODAY, city_admin, elsewhere, staff
from tests.conftest import CountSelects
from tests.factories import NOON, agency, person, placed, shop, signed_up


@pytest.fixture
def health(session: Session) -> Agency:
    return agency(session)


def test_it_names_the_person_and_each_place_with_its_roles(
    session: Session, health: Agency
) -> None:
    rina = placed(session, health, Role.BUYER, Role.PROCUREMENT).person_id
    placed(session, elsewhere(session), Role.APPROVER, person_id=rina, kind=PlacementKind.ACTING)
    identity = find_identity(session, rina, today=TODAY)
    assert identity.name == "Rina Amelia"
    assert [(at.placement.agency_code, at.roles) for at in identity.placements] == [
        (health.code, (Role.BUYER, Role.PROCUREMENT)),
        ("1.01.01", (Role.APPROVER,)),
    ]
    assert identity.nip == identity.placements[0].placement.nip


def test_a_placement_that_is_over_is_not_named(session: Session, health: Agency) -> None:
    rina = placed(session, health, until=TODAY - timedelta(days=1)).person_id
    identity = find_identity(session, rina, today=TODAY)
    assert (identity.placements, identity.nip) == ((), None)


def test_it_names_shops_and_roles_over_the_city(session: Session) -> None:
    admin, seller = signed_up(session, Role.CITY_ADMIN, CITY), shop(session, "Kopi Manglayang")
    with transaction(session):
        session.add(ShopStaff(seller_id=seller.id, person_id=admin.person_id, since=NOON))
    identity = find_identity(session, admin.person_id, today=TODAY)
    assert [one.name for one in identity.shops] == ["Kopi Manglayang"]
    assert identity.city_roles == (Role.CITY_ADMIN,)


def test_it_is_five_queries_whatever_somebody_holds(
    session: Session, health: Agency, count_selects: CountSelects
) -> None:
    plain = person(session)
    busy = placed(session, health, Role.BUYER, Role.APPROVER).person_id
    for number in range(4):
        at = agency(session, f"9.{number}")
        placed(session, at, Role.TREASURER, person_id=busy, kind=PlacementKind.ACTING)
    counts = []
    for person_id in (plain, busy):
        session.expunge_all()
        with count_selects() as selects:
            find_identity(session, person_id, today=TODAY)
        counts.append(len(selects))
    assert counts == [5, 5]


def test_all_that_waits_for_somebody_is_counted_together(session: Session, health: Agency) -> None:
    by, other = city_admin(session), city_admin(session)
    placement, newcomer = placed(session, health), person(session)
    plan = NewRevision(
        agency_id=health.id,
        fiscal_year=2026,
        revision=1,
        effective_on=TODAY,
        document_number="DPA/1",
        total_amount=1,
    )
    with transaction(session):
        propose_role(session, by, placement.id, Role.APPROVER, now=NOON)
        propose_revision(session, by, plan, now=NOON)
        propose_city_role(session, by, newcomer, Role.AUDITOR, now=NOON)
    assert pending_for(session, other).count == 3
    assert pending_for(session, by).count == 0
    assert pending_for(session, staff(session, Role.BUYER, health)).count == 0
