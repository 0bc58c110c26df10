"""Who a person is when they act: what they were granted, wherever it was granted."""

from datetime import date

from sqlalchemy import (
    BindParameter,
    Date,
    Select,
    String,
    and_,
    bindparam,
    cast,
    literal,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from storefront.accounts.models import CityRole, Person
from storefront.agencies.models import Agency, Placement, PlacementRole
from storefront.agencies.placements import current_on
from storefront.agencies.tree_models import AgencySuccession
from storefront.core.permissions import Actor, Grant, PersonId, Role, ScopeKind
from storefront.sellers.models import Seller, SellerState, ShopStaff


def find_actor(session: Session, person_id: PersonId, *, today: date) -> Actor | None:
    """The person as one who acts on a day of the city; None if unknown or closed. One query.

    A role in an agency counts while its placement is current, and once it is confirmed where it
    has to be, and so it does in the agencies that this one took over, from the day on which it did
    (product.md, "Attribution", 5); a shop's staff act for it unless the city refused it.
    """
    rows = session.execute(_GRANTED, {"person_id": person_id, "today": today}).all()
    grants = frozenset(
        Grant(Role(row.role), ScopeKind(row.kind), row.scope_id)
        for row in rows
        if row.role is not None
    )
    return Actor(person_id, grants) if rows else None


def _granted() -> Select[str | None, str, str]:
    """Made once, for every request of somebody who is signed in asks it."""
    person_id: BindParameter[PersonId] = bindparam("person_id")
    today: BindParameter[date] = bindparam("today", type_=Date())
    held = (
        select(cast(PlacementRole.role, String).label("role"), Placement.agency_id)
        .join(Placement, Placement.id == PlacementRole.placement_id)
        .where(
            Placement.person_id == person_id,
            current_on(today),
            PlacementRole.confirmed_at.is_not(None),
            PlacementRole.ended_at.is_(None),
        )
        .cte("held", recursive=True)
    )
    held = held.union(  # what ended has no buyers: nothing new is ordered for it
        select(held.c.role, AgencySuccession.old_id)
        .join(held, held.c.agency_id == AgencySuccession.new_id)
        .where(
            AgencySuccession.takes_over,
            AgencySuccession.effective_on <= today,
            held.c.role != Role.BUYER.value,
        )
    )
    placed = select(
        held.c.role, literal(ScopeKind.AGENCY.value).label("kind"), Agency.code.label("scope_id")
    ).join(Agency, Agency.id == held.c.agency_id)
    over_the_city = select(
        cast(CityRole.role, String), literal(ScopeKind.CITY.value), literal("")
    ).where(
        CityRole.person_id == person_id,
        CityRole.confirmed_at.is_not(None),
        CityRole.ended_at.is_(None),
    )
    in_shops = (
        select(literal(Role.SELLER.value), literal(ScopeKind.SHOP.value), cast(Seller.id, String))
        .join(ShopStaff, ShopStaff.seller_id == Seller.id)
        .where(
            ShopStaff.person_id == person_id,
            ShopStaff.ended_at.is_(None),
            Seller.state != SellerState.REFUSED,
        )
    )
    granted = union_all(placed, over_the_city, in_shops).subquery()
    return (
        select(granted.c.role, granted.c.kind, granted.c.scope_id)
        .select_from(Person)
        .outerjoin(granted, and_(literal(1) == 1))
        .where(Person.person_id == person_id, Person.is_active)
    )


_GRANTED = _granted()
