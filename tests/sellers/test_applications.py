"""A seller-to-be applies."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storefront.core.database import transaction
from storefront.core.errors import DomainError
from storefront.core.identifiers import InvalidPhone, read_phone
from storefront.core.outbox import due
from storefront.core.permissions import NOBODY
from storefront.sellers import applications, identity
from storefront.sellers.applications import Application, NibTaken
from storefront.sellers.identity import (
    InvalidAddress,
    InvalidEmail,
    InvalidNib,
    InvalidNpwp,
    InvalidOwnerName,
    InvalidShopName,
    UnknownDistrict,
    districts,
)
from storefront.sellers.models import Seller, SellerClass, SellerState
from tests.factories import NOON

WENING = Application(
    name="Kopi Wening",
    owner_name="Teh Wening Sukaesih",
    nib="1234 5678 90123",
    npwp="09.254.294.3-407.000",
    claimed_class=SellerClass.MICRO,
    phone="0812-3456-7890",
    email="Wening@Penjual.example",
    district="Coblong",
    address="Jl. Dago No. 1",
)


def applied(session: Session, application: Application = WENING) -> Seller:
    with transaction(session):
        return applications.apply(session, NOBODY, application, now=NOON)


def test_an_application_waits_for_the_city_which_is_told(session: Session) -> None:
    seller = applied(session)
    assert (seller.state, seller.slug) == (SellerState.APPLIED, "kopi-wening")
    assert [(told.topic, told.payload) for told in due(session, now=NOON)] == [
        ("seller_applied", {"seller": seller.id})
    ]


def test_numbers_are_kept_as_digits(session: Session) -> None:
    seller = applied(session)
    assert (seller.nib, seller.npwp, seller.phone) == (
        "1234567890123",
        "092542943407000",
        "081234567890",
    )
    assert seller.email == "wening@penjual.example"


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"name": " "}, InvalidShopName),
        ({"name": "w" * 121}, InvalidShopName),
        ({"owner_name": "123"}, InvalidOwnerName),
        ({"nib": "123456789012"}, InvalidNib),
        ({"nib": "12345678901234"}, InvalidNib),
        ({"nib": "1.23457E+12"}, InvalidNib),
        ({"nib": "١٢٣٤٥٦٧٨٩٠١٢٣"}, InvalidNib),
        ({"npwp": "12345"}, InvalidNpwp),
        ({"phone": "0812"}, InvalidPhone),
        ({"phone": "telepon"}, InvalidPhone),
        ({"email": "wening"}, InvalidEmail),
        ({"email": "a@b@c.id"}, InvalidEmail),
        ({"email": "wening@contoh"}, InvalidEmail),
        ({"district": "Menteng"}, UnknownDistrict),
        ({"address": "j" * 401}, InvalidAddress),
    ],
)
def test_what_is_wrong_is_refused_at_its_field(
    session: Session, said: dict[str, str], refusal: type[DomainError]
) -> None:
    with pytest.raises(refusal) as refused:
        applied(session, replace(WENING, **said))  # type: ignore[arg-type]
    assert refused.value.field in said
    assert session.scalars(select(Seller)).all() == []


def test_who_has_no_tax_number_leaves_it_empty(session: Session) -> None:
    assert applied(session, replace(WENING, npwp="")).npwp == ""


def test_a_business_number_applies_once(session: Session) -> None:
    applied(session)
    with pytest.raises(NibTaken):
        applied(session, replace(WENING, name="Kopi Lain"))


def test_who_was_refused_may_apply_again(session: Session) -> None:
    seller = applied(session)
    with transaction(session):
        session.execute(update(Seller).values(state=SellerState.REFUSED, state_reason="NIB lama"))
    again = applied(session, replace(WENING, owner_name="Wening S."))
    assert (again.id, again.state, again.state_reason) == (seller.id, SellerState.APPLIED, "")
    assert again.owner_name == "Wening S."


def test_shops_of_one_name_have_different_addresses(session: Session) -> None:
    applied(session)
    assert applied(session, replace(WENING, nib="9876543210987")).slug == "kopi-wening-2"


def test_the_applications_own_address_is_nobodys(session: Session) -> None:
    assert applied(session, replace(WENING, name="Apply!")).slug == "apply-2"


def test_the_city_has_thirty_districts() -> None:
    assert len(districts()) == 30
    assert "Ujungberung" in districts()


@pytest.mark.parametrize(
    "read",
    [
        identity.read_nib,
        identity.read_npwp,
        read_phone,
        identity.read_email,
        identity.read_shop_name,
        identity.read_owner_name,
        identity.read_district,
        identity.read_address,
    ],
)
def test_whatever_is_typed_is_read_or_refused(read: object) -> None:
    @given(st.text(max_size=50))
    def typed(text: str) -> None:
        try:
            kept = read(text)  # type: ignore[operator]
        except DomainError:
            return
        assert read(kept) == kept  # type: ignore[operator]

    typed()
