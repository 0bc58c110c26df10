"""A seller-to-be applies. It gives no login: the city verifies first (`verification.py`)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from storefront.core import audit, outbox
from storefront.core.errors import N_, DomainError
from storefront.core.identifiers import read_phone
from storefront.core.permissions import Actor
from storefront.core.slugs import insert_with_slug
from storefront.core.text import slug
from storefront.sellers.identity import (
    read_address,
    read_district,
    read_email,
    read_nib,
    read_npwp,
    read_owner_name,
    read_shop_name,
)
from storefront.sellers.models import Seller, SellerClass, SellerState

RESERVED_SLUGS = frozenset({"apply"})


class NibTaken(DomainError):
    code = "nib_taken"
    message = N_(
        "Usaha dengan NIB ini sudah mendaftar. Hubungi Dinas Koperasi UKM bila itu bukan Anda."
    )
    field = "nib"


@dataclass(frozen=True, kw_only=True)
class Application:
    """What a form sends. The class is only what the applicant says."""

    name: str
    owner_name: str
    nib: str
    npwp: str = ""
    claimed_class: SellerClass
    phone: str
    email: str
    district: str
    address: str = ""


def apply(session: Session, actor: Actor, application: Application, *, now: datetime) -> Seller:
    """Take an application in, from anybody; return the shop, which waits for the city.

    One that was refused may apply again under its NIB, with what is now said.
    Raises `NibTaken`, or what a field calls for (`identity.py`).
    """
    said = _read(application)
    seller = _refused_before(session, said["nib"])
    if seller is None:
        seller = Seller(**said, claimed_class=application.claimed_class, slug="", applied_at=now)
        _insert(session, seller)
    else:
        for name, value in said.items():
            setattr(seller, name, value)
        seller.claimed_class = application.claimed_class
        seller.state, seller.state_reason = SellerState.APPLIED, ""
        seller.applied_at = now
        session.flush()
    details = {"claimed_class": seller.claimed_class.value, "district": seller.district}
    audit.record(session, actor, "seller.applied", f"seller {seller.id}", details, now=now)
    outbox.put(session, "seller_applied", {"seller": seller.id}, now=now)
    return seller


def _read(application: Application) -> dict[str, str]:
    """In the order of the form, so that the first field at fault is the one complained of."""
    return {
        "name": read_shop_name(application.name),
        "owner_name": read_owner_name(application.owner_name),
        "nib": read_nib(application.nib),
        "npwp": read_npwp(application.npwp),
        "phone": read_phone(application.phone),
        "email": read_email(application.email),
        "district": read_district(application.district),
        "address": read_address(application.address),
    }


def _refused_before(session: Session, nib: str) -> Seller | None:
    """The refused shop of that NIB, locked; None if there is no shop of it at all."""
    query = select(Seller).where(Seller.nib == nib).with_for_update()
    seller = session.scalar(query.execution_options(populate_existing=True))
    if seller is not None and seller.state is not SellerState.REFUSED:
        raise NibTaken
    return seller


def _insert(session: Session, seller: Seller) -> None:
    try:
        insert_with_slug(session, seller, Seller.slug, slug(seller.name), reserved=RESERVED_SLUGS)
    except IntegrityError:  # another with this NIB came first, a moment ago
        raise NibTaken from None
