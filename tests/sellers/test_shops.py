"""Shops as everybody, the city and their own people see and change them."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from storefront.core.database import transaction
from storefront.core.errors import DomainError, NotFound
from storefront.core.identifiers import InvalidPhone
from storefront.core.permissions import CITY, Actor, Role
from storefront.sellers.identity import UnknownDistrict
from storefront.sellers.models import Seller, SellerClass, SellerState
from storefront.sellers.profile import (
    DeliveryAmountOutOfBounds,
    FreeFromOutOfBounds,
    HomeDeliveryAmountOutOfBounds,
    Profile,
    ShopDescriptionTooLong,
    change_profile,
    note_first_order,
)
from storefront.sellers.queries import (
    SellerFilter,
    count_sellers,
    find_seller,
    find_shop,
    list_sellers,
    newcomers,
    shops_of,
    staff_of,
)
from storefront.sellers.staff import add_staff, end_staff
from tests.conftest import CountSelects
from tests.factories import NOON, person, shop, shop_actor, signed_up

TODAY = date(2026, 11, 12)
PROFILE = Profile(
    phone="0812 3456 789",
    email="wening@penjual.example",
    district="Ujungberung",
    address="Jl. Dago No. 1",
    description="Disangrai tiap Senin.\n\nDi Dago.",
    office_delivery_amount=8_000,
    home_delivery_amount=12_000,
    free_delivery_from_amount=150_000,
)


@pytest.fixture
def wening(session: Session) -> Seller:
    return shop(session, "Kopi Wening")


@pytest.fixture
def keeper(session: Session, wening: Seller) -> Actor:
    return shop_actor(session, wening)


def let(session: Session, seller: Seller, **values: object) -> None:
    with transaction(session):
        session.execute(update(Seller).where(Seller.id == seller.id).values(**values))


def test_a_shop_changes_its_own_profile(session: Session, wening: Seller, keeper: Actor) -> None:
    with transaction(session):
        change_profile(session, keeper, wening.id, PROFILE, now=NOON)
    page = find_shop(session, wening.slug, today=TODAY)
    assert (page.district, page.description) == ("Ujungberung", PROFILE.description)
    assert page.free_delivery_from_amount == 150_000


@pytest.mark.parametrize(
    ("profile", "refusal"),
    [
        (replace(PROFILE, phone="x"), InvalidPhone),
        (replace(PROFILE, district="Menteng"), UnknownDistrict),
        (replace(PROFILE, description="d" * 3_001), ShopDescriptionTooLong),
        (replace(PROFILE, office_delivery_amount=-1), DeliveryAmountOutOfBounds),
        (replace(PROFILE, home_delivery_amount=10**12), HomeDeliveryAmountOutOfBounds),
        (replace(PROFILE, free_delivery_from_amount=0), FreeFromOutOfBounds),
    ],
)
def test_a_profile_out_of_bounds_is_refused_and_nothing_changed(
    session: Session,
    wening: Seller,
    keeper: Actor,
    profile: Profile,
    refusal: type[DomainError],
) -> None:
    with pytest.raises(refusal), transaction(session):
        change_profile(session, keeper, wening.id, profile, now=NOON)
    assert find_shop(session, wening.slug, today=TODAY).district == "Coblong"


def test_another_shops_profile_is_not_found(session: Session, wening: Seller) -> None:
    stranger = shop_actor(session, shop(session))
    with pytest.raises(NotFound), transaction(session):
        change_profile(session, stranger, wening.id, PROFILE, now=NOON)


@pytest.mark.parametrize("state", [SellerState.APPLIED, SellerState.SUSPENDED, SellerState.REFUSED])
def test_only_an_active_shop_has_a_page(
    session: Session, wening: Seller, state: SellerState
) -> None:
    let(session, wening, state=state)
    with pytest.raises(NotFound):
        find_shop(session, wening.slug, today=TODAY)


def test_who_waits_longest_for_the_city_comes_first(session: Session) -> None:
    active, late, early = (shop(session, name) for name in ("Aktif", "Baru", "Lama"))
    let(session, late, state=SellerState.APPLIED, applied_at=NOON)
    let(session, early, state=SellerState.APPLIED, applied_at=NOON - timedelta(days=9))
    let(session, active, applied_at=NOON - timedelta(days=99))
    page = list_sellers(session, SellerFilter(), today=TODAY)
    assert [row.name for row in page.rows] == ["Lama", "Baru", "Aktif"]


def test_the_citys_list_is_filtered_by_state_class_and_name(session: Session) -> None:
    shop(session, "Kopi Wening")
    cooperative = shop(session, "Koperasi Mekar", seller_class=SellerClass.COOPERATIVE)
    let(session, shop(session, "Tutup"), state=SellerState.SUSPENDED)

    def names(wanted: SellerFilter) -> list[str]:
        return [row.name for row in list_sellers(session, wanted, today=TODAY).rows]

    assert names(SellerFilter(state=SellerState.SUSPENDED)) == ["Tutup"]
    assert names(SellerFilter(seller_class=SellerClass.COOPERATIVE)) == ["Koperasi Mekar"]
    assert names(SellerFilter(q="mekar")) == ["Koperasi Mekar"]
    assert names(SellerFilter(q=cooperative.nib[-5:])) == ["Koperasi Mekar"]
    assert names(SellerFilter(q="%")) == []


@pytest.mark.parametrize("sellers", [1, 26])
def test_the_citys_list_takes_three_reads(
    session: Session, count_selects: CountSelects, sellers: int
) -> None:
    for _ in range(sellers):
        shop(session)
    with count_selects() as selects:
        page = list_sellers(session, SellerFilter(), today=TODAY)
    assert (len(selects), page.total) == (3, sellers)


def test_states_are_counted_for_the_tabs(session: Session) -> None:
    shop(session)
    let(session, shop(session), state=SellerState.APPLIED)
    counted = count_sellers(session)
    assert (counted[SellerState.ACTIVE], counted[SellerState.APPLIED]) == (1, 1)
    assert counted[SellerState.REFUSED] == 0


def test_a_shops_file_holds_every_word_on_its_class(
    session: Session, wening: Seller, keeper: Actor
) -> None:
    file = find_seller(session, wening.id, today=TODAY)
    assert [word.seller_class for word in file.verifications] == [SellerClass.MICRO]
    assert file.staff == (keeper.person_id,)


def test_the_first_order_is_remembered_once(session: Session, wening: Seller) -> None:
    shop(session, "Belum laku")
    with transaction(session):
        note_first_order(session, wening.id, now=NOON)
        note_first_order(session, wening.id, now=NOON + timedelta(days=1))
    assert [one.name for one in newcomers(session, today=TODAY)] == ["Kopi Wening"]
    assert find_seller(session, wening.id, today=TODAY).seller.first_order_at == NOON


def test_a_person_acts_for_a_shop_until_it_ends(session: Session, wening: Seller) -> None:
    official = signed_up(session, Role.CITY_ADMIN, CITY)
    owner = person(session)
    with transaction(session):
        add_staff(session, official, wening.id, owner, now=NOON)
        add_staff(session, official, wening.id, owner, now=NOON)
    assert shops_of(session, [owner]) == {owner: [wening.id]}
    with transaction(session):
        end_staff(session, official, wening.id, owner, now=NOON)
    assert staff_of(session, wening.id) == []


def test_who_came_back_acts_again(session: Session, wening: Seller, keeper: Actor) -> None:
    helper = person(session)
    with transaction(session):
        add_staff(session, keeper, wening.id, helper, now=NOON)
        end_staff(session, keeper, wening.id, helper, now=NOON)
        add_staff(session, keeper, wening.id, helper, now=NOON)
    assert helper in staff_of(session, wening.id)


def test_nobody_joins_anothers_shop(session: Session, wening: Seller) -> None:
    stranger = shop_actor(session, shop(session))
    with pytest.raises(NotFound), transaction(session):
        add_staff(session, stranger, wening.id, stranger.person_id, now=NOON)


def test_whose_place_has_ended_cannot_be_ended_again(
    session: Session, wening: Seller, keeper: Actor
) -> None:
    helper = person(session)
    with pytest.raises(NotFound), transaction(session):
        end_staff(session, keeper, wening.id, helper, now=NOON)
