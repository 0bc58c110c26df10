"""Whose an order is: product.md, "Attribution", by the clock in Jakarta."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.agencies.models import Agency, Placement, PlacementId, PlacementKind
from storefront.agencies.placements import ChoosePlacement, NoPlacement, NotYourPlacement
from storefront.core.database import transaction
from storefront.core.errors import NotAllowed
from storefront.core.permissions import Role
from storefront.orders.checkout_request import CheckoutRequest
from storefront.orders.models import Order, OrderPeople, Purchase
from tests.factories import LONG_AGO, actor_of, agency, listed_variant, placed
from tests.orders.checkouts import OFFICIAL, OWN, Buyer

TODAY = date(2026, 11, 12)
NOON = datetime(2026, 11, 12, 5, 0, tzinfo=UTC)
BEFORE_MIDNIGHT = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)  # 31 December 23.30 in Jakarta
AFTER_MIDNIGHT = datetime(2026, 12, 31, 17, 30, tzinfo=UTC)  # 1 January 00.30 in Jakarta


@pytest.fixture
def health(session: Session) -> Agency:
    found = agency(session, "1.02.01", name="Dinas Kesehatan")
    placed(session, found, Role.APPROVER)
    return found


@pytest.fixture
def coblong(session: Session) -> Agency:
    found = agency(session, "7.01.01", name="Kecamatan Coblong")
    placed(session, found, Role.APPROVER)
    return found


def moving(
    session: Session, old: Agency, new: Agency, *, last_day: date, first_day: date
) -> tuple[Buyer, Placement, Placement]:
    """A buyer who serves in one agency to a day, and in another from a day."""
    before = placed(session, old, Role.BUYER, until=last_day)
    after = placed(session, new, Role.BUYER, person_id=before.person_id, since=first_day)
    both = actor_of(before, old).grants | actor_of(after, new).grants
    someone = Buyer(session, replace(actor_of(before, old), grants=both), old)
    someone.gathers((listed_variant(session, price=15_000), 1))
    return someone, before, after


def order_of(session: Session, purchase: Purchase) -> Order:
    session.rollback()
    return session.scalars(select(Order).filter_by(purchase_id=purchase.id)).one()


@pytest.mark.parametrize("wanted", [OWN, OFFICIAL], ids=["personal", "official"])
def test_a_buyer_who_moved_yesterday_buys_for_the_new_agency(
    session: Session, health: Agency, coblong: Agency, wanted: CheckoutRequest
) -> None:
    someone, _before, after = moving(
        session, health, coblong, last_day=date(2026, 11, 10), first_day=date(2026, 11, 11)
    )
    order = order_of(session, someone.places(wanted, now=NOON))
    assert (order.agency_code, order.placement_id) == ("7.01.01", after.id)


@pytest.mark.parametrize("wanted", [OWN, OFFICIAL], ids=["personal", "official"])
def test_a_buyer_who_moves_tomorrow_buys_for_the_old_agency(
    session: Session, health: Agency, coblong: Agency, wanted: CheckoutRequest
) -> None:
    someone, before, _after = moving(
        session, health, coblong, last_day=TODAY, first_day=date(2026, 11, 13)
    )
    order = order_of(session, someone.places(wanted, now=NOON))
    assert (order.agency_code, order.placement_id) == ("1.02.01", before.id)


def test_half_an_hour_before_the_new_year_the_old_placement_and_year_count(
    session: Session, health: Agency, coblong: Agency
) -> None:
    someone, _before, _after = moving(
        session, health, coblong, last_day=date(2026, 12, 31), first_day=date(2027, 1, 1)
    )
    order = order_of(session, someone.places(OWN, now=BEFORE_MIDNIGHT))
    assert (order.agency_code, order.budget_year) == ("1.02.01", 2026)


def test_half_an_hour_after_the_new_year_the_new_placement_and_year_count(
    session: Session, health: Agency, coblong: Agency
) -> None:
    someone, _before, _after = moving(
        session, health, coblong, last_day=date(2026, 12, 31), first_day=date(2027, 1, 1)
    )
    order = order_of(session, someone.places(OWN, now=AFTER_MIDNIGHT))
    assert (order.agency_code, order.budget_year) == ("7.01.01", 2027)


def test_a_request_of_the_last_evening_of_a_year_expires_with_the_year(
    session: Session, health: Agency
) -> None:
    someone = gathered(session, health)
    order = order_of(session, someone.places(OFFICIAL, now=BEFORE_MIDNIGHT))
    assert order.decide_by == datetime(2026, 12, 31, 17, 0, tzinfo=UTC)


def test_with_two_placements_the_buyer_chooses(
    session: Session, health: Agency, coblong: Agency
) -> None:
    someone, _first, second = with_two(session, health, coblong)
    order = order_of(session, someone.places(replace(OWN, placement_id=second.id), now=NOON))
    assert order.agency_code == "7.01.01"


def test_with_two_placements_none_is_taken_unsaid(
    session: Session, health: Agency, coblong: Agency
) -> None:
    someone, _first, _second = with_two(session, health, coblong)
    with pytest.raises(ChoosePlacement):
        someone.sends(replace(OWN, expected_total=15_000), now=NOON)


def test_with_two_placements_the_definitive_one_is_proposed(
    session: Session, health: Agency, coblong: Agency
) -> None:
    someone, first, _second = with_two(session, health, coblong)
    assert someone.quote(OWN, now=NOON).wanted.placement_id == first.id


def test_anothers_placement_is_not_found(session: Session, health: Agency, coblong: Agency) -> None:
    someone = gathered(session, health)
    others = placed(session, coblong)
    with pytest.raises(NotYourPlacement):
        someone.sends(replace(OWN, placement_id=others.id, expected_total=15_000), now=NOON)


def test_without_a_placement_nothing_is_ordered(session: Session, health: Agency) -> None:
    former = placed(session, health, Role.BUYER, since=LONG_AGO, until=date(2026, 11, 11))
    someone = Buyer(session, replace(actor_of(former, health), grants=frozenset()), health)
    someone.gathers((listed_variant(session, price=15_000), 1))
    with pytest.raises(NoPlacement):
        someone.sends(replace(OWN, expected_total=15_000), now=NOON)


def test_a_placement_without_the_buyers_role_orders_nothing(
    session: Session, health: Agency
) -> None:
    treasurer = placed(session, health, Role.TREASURER)
    someone = Buyer(session, actor_of(treasurer, health, Role.TREASURER), health)
    someone.gathers((listed_variant(session, price=15_000), 1))
    with pytest.raises(NotAllowed):
        someone.sends(replace(OWN, expected_total=15_000), now=NOON)


def test_the_role_counts_only_in_the_agency_of_its_placement(
    session: Session, health: Agency, coblong: Agency
) -> None:
    someone, _first, second = with_two(session, health, coblong, second_role=Role.PROCUREMENT)
    with pytest.raises(NotAllowed):
        someone.sends(replace(OWN, placement_id=second.id, expected_total=15_000), now=NOON)


def test_agency_and_buyer_stand_on_the_order_as_they_were(session: Session, health: Agency) -> None:
    below = agency(session, "1.02.01.003", name="UPT Puskesmas Dago", parent=health)
    someone = gathered(session, below)
    purchase = someone.places(OFFICIAL, now=NOON)
    with transaction(session):
        session.get_one(Agency, below.id).name = "UPT Lain"
    order = order_of(session, purchase)
    people = session.get_one(OrderPeople, order.id)
    assert (order.agency_name, order.parent_agency_code) == ("UPT Puskesmas Dago", "1.02.01")
    assert (people.buyer_name, people.buyer_position) == ("Rina Amelia", "Perencana Ahli Muda")
    assert people.buyer_nip == placement_of(session, order.placement_id).nip


def gathered(session: Session, at: Agency) -> Buyer:
    """A buyer of one placement, with a thing of Rp15.000 in the cart."""
    someone = Buyer(session, actor_of(placed(session, at, Role.BUYER), at), at)
    someone.gathers((listed_variant(session, price=15_000), 1))
    return someone


def with_two(
    session: Session, first_at: Agency, second_at: Agency, *, second_role: Role = Role.BUYER
) -> tuple[Buyer, Placement, Placement]:
    """A buyer with a definitive placement, and a younger acting one elsewhere."""
    first = placed(session, first_at, Role.BUYER)
    second = placed(
        session,
        second_at,
        second_role,
        person_id=first.person_id,
        since=date(2026, 6, 1),
        kind=PlacementKind.ACTING,
    )
    grants = actor_of(first, first_at).grants | actor_of(second, second_at, second_role).grants
    someone = Buyer(session, replace(actor_of(first, first_at), grants=grants), first_at)
    someone.gathers((listed_variant(session, price=15_000), 1))
    return someone, first, second


def placement_of(session: Session, placement_id: PlacementId) -> Placement:
    return session.get_one(Placement, placement_id)
