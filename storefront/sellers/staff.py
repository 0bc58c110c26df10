"""Who may act for a shop. People and logins are `accounts`'; here is only who belongs where."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.core import audit
from storefront.core.errors import NotFound
from storefront.core.permissions import CITY, Action, Actor, PersonId, allows, shop_scope
from storefront.sellers.models import Seller, SellerId, ShopStaff


def add_staff(
    session: Session, actor: Actor, seller_id: SellerId, person_id: PersonId, *, now: datetime
) -> ShopStaff:
    """Let a person act for a shop; return the row. Who already may, does so still.

    The city does this for the owner once a shop is verified; afterwards also the shop itself.
    Raises `NotFound` for another's shop.
    """
    _guard(session, actor, seller_id)
    staff = _find(session, seller_id, person_id)
    if staff is None:
        staff = ShopStaff(seller_id=seller_id, person_id=person_id, since=now)
        session.add(staff)
    elif staff.ended_at is None:
        return staff
    else:
        staff.since, staff.ended_at = now, None
    session.flush()
    details = {"person": person_id}
    audit.record(session, actor, "shop.staff_added", f"seller {seller_id}", details, now=now)
    return staff


def end_staff(
    session: Session, actor: Actor, seller_id: SellerId, person_id: PersonId, *, now: datetime
) -> None:
    """Let a person no longer act for a shop; the next request obeys.

    Raises `NotFound`, also for another's shop.
    """
    _guard(session, actor, seller_id)
    staff = _find(session, seller_id, person_id)
    if staff is None or staff.ended_at is not None:
        raise NotFound
    staff.ended_at = now
    session.flush()
    details = {"person": person_id}
    audit.record(session, actor, "shop.staff_ended", f"seller {seller_id}", details, now=now)


def _guard(session: Session, actor: Actor, seller_id: SellerId) -> None:
    """The shop's row is the lock: two who add the same person at once make one row."""
    may = allows(actor, Action.MANAGE_SELLERS, CITY) or allows(
        actor, Action.MANAGE_SHOP, shop_scope(seller_id)
    )
    locked = select(Seller.id).where(Seller.id == seller_id).with_for_update(key_share=True)
    if not may or session.scalar(locked) is None:
        raise NotFound


def _find(session: Session, seller_id: SellerId, person_id: PersonId) -> ShopStaff | None:
    return session.scalar(select(ShopStaff).filter_by(seller_id=seller_id, person_id=person_id))
