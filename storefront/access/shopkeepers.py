"""Opening a verified shop to its owner: the shop, the person behind it, and their way in."""

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.accounts import codes, people
from storefront.accounts.models import CodePurpose, Credential, PersonDetails
from storefront.catalog.listing import refresh_visibility
from storefront.core.permissions import Actor, PersonId
from storefront.sellers import staff, verification
from storefront.sellers.models import Seller, SellerClass, SellerId
from storefront.sellers.queries import staff_of


def verify_shop(
    session: Session,
    actor: Actor,
    seller_id: SellerId,
    *,
    seller_class: SellerClass,
    evidence: str,
    valid_from: date,
    valid_to: date,
    now: datetime,
) -> None:
    """State a shop's class; the first time also let its owner in.

    The owner is the person with the application's address: an existing account, or a new one that
    is mailed a one-time code. Raises what `sellers.verification.verify` raises.
    """
    verification.verify(
        session,
        actor,
        seller_id,
        seller_class=seller_class,
        evidence=evidence,
        valid_from=valid_from,
        valid_to=valid_to,
        now=now,
    )
    refresh_visibility(session, seller_id)
    if not staff_of(session, seller_id):
        owner = _owner_of(session, actor, session.get_one(Seller, seller_id), now)
        staff.add_staff(session, actor, seller_id, owner, now=now)
        if session.get(Credential, owner) is None:
            codes.issue(session, actor, owner, CodePurpose.ACTIVATE, now=now)


def suspend_shop(
    session: Session, actor: Actor, seller_id: SellerId, *, reason: str, now: datetime
) -> None:
    """Close a shop for the time being and hide its goods. Raises what `suspend` raises."""
    verification.suspend(session, actor, seller_id, reason=reason, now=now)
    refresh_visibility(session, seller_id)


def reinstate_shop(session: Session, actor: Actor, seller_id: SellerId, *, now: datetime) -> None:
    """Open a suspended shop again and show its goods. Raises what `reinstate` raises."""
    verification.reinstate(session, actor, seller_id, now=now)
    refresh_visibility(session, seller_id)


def _owner_of(session: Session, actor: Actor, seller: Seller, now: datetime) -> PersonId:
    email = people.read_email(seller.email)
    known = session.scalar(select(PersonDetails.person_id).filter_by(email=email))
    if known is not None:
        return known
    person = people.register(
        session, actor, name=seller.owner_name, email=email, phone=seller.phone, now=now
    )
    return person.person_id
