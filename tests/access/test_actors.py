"""Who somebody is when they act: only what is confirmed, current and not ended counts."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from storefront.access.actors import find_actor
from storefront.accounts.models import CityRole, Person
from storefront.agencies.models import Agency, PlacementKind, PlacementRole
from storefront.core.database import transaction
from storefront.core.permissions import (
    CITY,
    Grant,
    PersonId,
    Role,
    Scope,
    agency_scope,
    shop_scope,
)
from storefront.sellers.models import Seller, SellerState, ShopStaff
from tests.agencies.made import TODAY, elsewhere
from tests.conftest import CountSelects
from tests.factories import NOON, agency, person, placed, shop, shop_actor, signed_up

DAY = timedelta(days=1)


@pytest.fixture
def health(session: Session) -> Agency:
    return agency(session)


def grants(session: Session, person_id: PersonId, today: date = TODAY) -> set[tuple[Role, Scope]]:
    actor = find_actor(session, person_id, today=today)
    assert actor is not None
    return {(grant.role, grant.scope) for grant in actor.grants}


def test_a_role_counts_in_the_agency_of_its_placement(session: Session, health: Agency) -> None:
    rina = placed(session, health, Role.BUYER, Role.TREASURER).person_id
    here = agency_scope(health.code)
    assert grants(session, rina) == {(Role.BUYER, here), (Role.TREASURER, here)}


@pytest.mark.parametrize(
    ("today", "counts"),
    [(TODAY - DAY, False), (TODAY, True), (TODAY + DAY, True), (TODAY + 2 * DAY, False)],
)
def test_a_role_counts_while_its_placement_lasts(
    session: Session, health: Agency, today: date, counts: bool
) -> None:
    rina = placed(session, health, Role.BUYER, since=TODAY, until=TODAY + DAY).person_id
    assert bool(grants(session, rina, today)) is counts


@pytest.mark.parametrize(
    "change",
    [{"confirmed_at": None, "confirmed_by": None}, {"ended_at": NOON}],
)
def test_a_role_that_waits_or_ended_does_not_count(
    session: Session, health: Agency, change: dict[str, object]
) -> None:
    rina = placed(session, health, Role.APPROVER).person_id
    with transaction(session):
        session.execute(update(PlacementRole).values(**change))
    assert grants(session, rina) == set()


def test_several_placements_shops_and_the_city_are_one_person(
    session: Session, health: Agency
) -> None:
    rina, seller = placed(session, health).person_id, shop(session)
    placed(
        session,
        elsewhere(session),
        Role.APPROVER,
        person_id=rina,
        kind=PlacementKind.ACTING,
    )
    with transaction(session):
        session.add(ShopStaff(seller_id=seller.id, person_id=rina, since=NOON))
        session.add(
            CityRole(
                person_id=rina,
                role=Role.AUDITOR,
                proposed_by="a",
                proposed_at=NOON,
                confirmed_by="b",
                confirmed_at=NOON,
            )
        )
    assert grants(session, rina) == {
        (Role.BUYER, agency_scope(health.code)),
        (Role.APPROVER, agency_scope("1.01.01")),
        (Role.SELLER, shop_scope(seller.id)),
        (Role.AUDITOR, CITY),
    }


@pytest.mark.parametrize("state", list(SellerState))
def test_staff_act_for_their_shop_unless_the_city_refused_it(
    session: Session, state: SellerState
) -> None:
    seller = shop(session)
    actor = shop_actor(session, seller)
    with transaction(session):
        session.execute(update(Seller).values(state=state))
    assert bool(grants(session, actor.person_id)) is (state is not SellerState.REFUSED)


def test_who_left_a_shop_acts_for_it_no_more(session: Session) -> None:
    actor = shop_actor(session, shop(session))
    with transaction(session):
        session.execute(update(ShopStaff).values(ended_at=NOON))
    assert grants(session, actor.person_id) == set()


def test_a_role_over_the_city_that_waits_or_ended_does_not_count(session: Session) -> None:
    for change in ({"confirmed_at": None, "confirmed_by": None}, {"ended_at": NOON}):
        admin = signed_up(session, Role.CITY_ADMIN, CITY)
        assert grants(session, admin.person_id) == {(Role.CITY_ADMIN, CITY)}
        with transaction(session):
            session.execute(
                update(CityRole).where(CityRole.person_id == admin.person_id).values(**change)
            )
        assert grants(session, admin.person_id) == set()


def test_somebody_without_a_role_is_an_actor_without_grants(session: Session) -> None:
    assert grants(session, person(session)) == set()


def test_unknown_and_closed_people_are_nobody(session: Session, health: Agency) -> None:
    rina = placed(session, health).person_id
    with transaction(session):
        session.execute(update(Person).values(is_active=False))
    assert find_actor(session, rina, today=TODAY) is None
    assert find_actor(session, PersonId("nobody"), today=TODAY) is None


def test_an_actor_is_one_query(
    session: Session, health: Agency, count_selects: CountSelects
) -> None:
    rina = placed(session, health, Role.BUYER, Role.APPROVER, Role.TREASURER).person_id
    with count_selects() as selects:
        actor = find_actor(session, rina, today=TODAY)
    assert actor is not None
    assert Grant(Role.BUYER, *agency_scope(health.code)) in actor.grants
    assert len(selects) == 1
