"""What a shop may change of itself. Its name, NIB and class are the city's to verify."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storefront.core import audit
from storefront.core.errors import N_, DomainError, NotFound
from storefront.core.identifiers import read_phone
from storefront.core.permissions import Action, Actor, allows, shop_scope
from storefront.core.text import clean
from storefront.sellers.identity import (
    read_address,
    read_district,
    read_email,
    read_npwp,
)
from storefront.sellers.models import Seller, SellerId

LONGEST_DESCRIPTION = 3_000
MOST_AMOUNT = 100_000_000


class ShopDescriptionTooLong(DomainError):
    code = "shop_description_too_long"
    message = N_("Cerita toko paling banyak %(most)s huruf.")
    field = "description"


class DeliveryAmountOutOfBounds(DomainError):
    code = "delivery_amount_out_of_bounds"
    message = N_("Isi ongkos antar dengan angka Rp0 sampai %(most_amount)s.")
    field = "office_delivery_amount"


class HomeDeliveryAmountOutOfBounds(DeliveryAmountOutOfBounds):
    field = "home_delivery_amount"


class FreeFromOutOfBounds(DeliveryAmountOutOfBounds):
    code = "free_from_out_of_bounds"
    message = N_("Isi batas gratis antar dengan angka Rp1 sampai %(most_amount)s, atau kosongkan.")
    field = "free_delivery_from_amount"


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What the shop's form sends."""

    phone: str
    email: str
    district: str
    address: str
    description: str = ""
    npwp: str = ""
    office_delivery_amount: int = 0
    home_delivery_amount: int = 0
    free_delivery_from_amount: int | None = None
    """From this sum of goods on delivery is free; None: never."""


def change_profile(
    session: Session, actor: Actor, seller_id: SellerId, profile: Profile, *, now: datetime
) -> Seller:
    """Let the actor's shop be as its form says; return it.

    Raises `NotFound` (also for another's shop), or what a field calls for (here, `identity.py`).
    """
    query = select(Seller).where(Seller.id == seller_id).with_for_update(key_share=True)
    seller = session.scalar(query.execution_options(populate_existing=True))
    if seller is None or not allows(actor, Action.MANAGE_SHOP, shop_scope(seller_id)):
        raise NotFound
    _check_amounts(profile)
    description = clean(profile.description)
    if len(description) > LONGEST_DESCRIPTION:
        raise ShopDescriptionTooLong(most=LONGEST_DESCRIPTION)
    seller.phone = read_phone(profile.phone)
    seller.email = read_email(profile.email)
    seller.district = read_district(profile.district)
    seller.address = read_address(profile.address)
    seller.npwp = read_npwp(profile.npwp)
    seller.description = description
    seller.office_delivery_amount = profile.office_delivery_amount
    seller.home_delivery_amount = profile.home_delivery_amount
    seller.free_delivery_from_amount = profile.free_delivery_from_amount
    session.flush()
    audit.record(session, actor, "shop.changed", f"seller {seller_id}", now=now)
    return seller


def note_first_order(session: Session, seller_id: SellerId, *, now: datetime) -> None:
    """Remember when a shop got its first order; later ones change nothing."""
    session.execute(
        update(Seller)
        .where(Seller.id == seller_id, Seller.first_order_at.is_(None))
        .values(first_order_at=now)
    )


def _check_amounts(profile: Profile) -> None:
    if not 0 <= profile.office_delivery_amount <= MOST_AMOUNT:
        raise DeliveryAmountOutOfBounds(most_amount=MOST_AMOUNT)
    if not 0 <= profile.home_delivery_amount <= MOST_AMOUNT:
        raise HomeDeliveryAmountOutOfBounds(most_amount=MOST_AMOUNT)
    free_from = profile.free_delivery_from_amount
    if free_from is not None and not 1 <= free_from <= MOST_AMOUNT:
        raise FreeFromOutOfBounds(most_amount=MOST_AMOUNT)
