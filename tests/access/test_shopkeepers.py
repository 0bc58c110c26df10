"""A shop on its way: opened to its owner, closed for a time, opened again."""

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storefront.access.shopkeepers import reinstate_shop, suspend_shop, verify_shop
from storefront.accounts.models import Credential, PersonDetails
from storefront.catalog.models import Product, Variant, VariantId
from storefront.catalog.upkeep import differences
from storefront.core.database import transaction
from storefront.core.errors import NotAllowed
from storefront.core.outbox import due
from storefront.core.permissions import CITY, NOBODY, Actor, PersonId, Role
from storefront.sellers import applications
from storefront.sellers.models import Seller, SellerClass, SellerId, SellerState
from storefront.sellers.queries import staff_of
from storefront.sellers.verification import SellerStateChanged
from tests.factories import NOON, listed_variant, person, shop, signed_up
from tests.sellers.test_applications import WENING

HASH = "$argon2id$"
LATER = NOON + timedelta(days=1)


@pytest.fixture
def official(session: Session) -> Actor:
    return signed_up(session, Role.CITY_ADMIN, CITY)


@pytest.fixture
def applicant(session: Session) -> Seller:
    with transaction(session):
        return applications.apply(session, NOBODY, WENING, now=NOON)


def verify(session: Session, actor: Actor, seller_id: SellerId) -> None:
    with transaction(session):
        verify_shop(
            session,
            actor,
            seller_id,
            seller_class=SellerClass.MICRO,
            evidence="OSS 12 Mei 2026",
            valid_from=date(2026, 11, 12),
            valid_to=date(2026, 12, 31),
            now=NOON,
        )


def suspend(session: Session, actor: Actor, seller: Seller) -> None:
    with transaction(session):
        suspend_shop(session, actor, seller.id, reason="Aduan pembeli", now=NOON)


def topics(session: Session) -> list[str]:
    return [message.topic for message in due(session, now=LATER)]


def people(session: Session) -> int:
    return session.scalars(select(func.count()).select_from(PersonDetails)).one()


def is_visible(session: Session, variant_id: VariantId) -> bool:
    session.rollback()
    query = select(Product.is_visible).join(Product.variants).where(Variant.id == variant_id)
    return session.scalars(query).one()


def with_address(session: Session, person_id: PersonId, email: str) -> None:
    with transaction(session):
        session.get_one(PersonDetails, person_id).email = email


def test_a_verified_shop_gets_its_owner_who_is_mailed_a_way_in(
    session: Session, official: Actor, applicant: Seller
) -> None:
    verify(session, official, applicant.id)
    [owner] = staff_of(session, applicant.id)
    details = session.get_one(PersonDetails, owner)
    assert (details.name, details.email) == ("Teh Wening Sukaesih", "wening@penjual.example")
    assert topics(session).count("account_code_issued") == 1


def test_an_owner_who_has_an_account_is_that_person_and_needs_no_code(
    session: Session, official: Actor, applicant: Seller
) -> None:
    known = person(session)
    with_address(session, known, "wening@penjual.example")
    with transaction(session):
        session.add(Credential(person_id=known, password_hash=HASH, changed_at=NOON))
    before = people(session)
    verify(session, official, applicant.id)
    assert staff_of(session, applicant.id) == [known]
    assert people(session) == before
    assert "account_code_issued" not in topics(session)


def test_an_owner_who_never_signed_in_is_mailed_a_code_too(
    session: Session, official: Actor, applicant: Seller
) -> None:
    with_address(session, person(session), "wening@penjual.example")
    verify(session, official, applicant.id)
    assert topics(session).count("account_code_issued") == 1


def test_a_class_that_is_stated_again_lets_nobody_else_in(
    session: Session, official: Actor, applicant: Seller
) -> None:
    verify(session, official, applicant.id)
    owners = staff_of(session, applicant.id)
    with_address(session, owners[0], "pindah@penjual.example")
    verify(session, official, applicant.id)
    assert staff_of(session, applicant.id) == owners
    assert topics(session).count("account_code_issued") == 1


def test_the_goods_of_a_suspended_shop_are_hidden_until_it_is_reinstated(
    session: Session, official: Actor
) -> None:
    seller = shop(session)
    here, elsewhere = listed_variant(session, seller=seller), listed_variant(session)
    suspend(session, official, seller)
    assert (is_visible(session, here), is_visible(session, elsewhere)) == (False, True)
    with transaction(session):
        reinstate_shop(session, official, seller.id, now=LATER)
    assert is_visible(session, here)
    assert differences(session) == []


def test_only_an_open_shop_is_suspended_and_only_a_suspended_one_reinstated(
    session: Session, official: Actor
) -> None:
    seller = shop(session)
    with pytest.raises(SellerStateChanged), transaction(session):
        reinstate_shop(session, official, seller.id, now=NOON)
    suspend(session, official, seller)
    with pytest.raises(SellerStateChanged):
        suspend(session, official, seller)


def test_only_the_city_opens_and_closes_shops(session: Session, applicant: Seller) -> None:
    open_one, buyer = shop(session), signed_up(session)
    with pytest.raises(NotAllowed):
        verify(session, buyer, applicant.id)
    with pytest.raises(NotAllowed):
        suspend(session, buyer, open_one)
    with pytest.raises(NotAllowed), transaction(session):
        reinstate_shop(session, buyer, open_one.id, now=NOON)
    session.rollback()
    assert session.get_one(Seller, applicant.id).state is SellerState.APPLIED
    assert staff_of(session, applicant.id) == []
