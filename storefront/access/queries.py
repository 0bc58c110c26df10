"""What pages say of the person who is signed in."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import String, bindparam, select
from sqlalchemy.orm import Session

from storefront.accounts.models import CityRole, Person, PersonDetails
from storefront.accounts.queries import CityRoleRow, pending_city_roles
from storefront.agencies.models import PlacementRole
from storefront.agencies.placements import CurrentPlacement, placements_on
from storefront.agencies.queries import RevisionRow, pending_revisions
from storefront.agencies.roster_queries import PendingRole, pending_roles
from storefront.agencies.tree_history import ChangeRow, pending_changes
from storefront.core.permissions import Actor, PersonId, Role
from storefront.quota.exemptions import ExemptionRow, pending_exemptions
from storefront.quota.rule_proposals import ProposalRow, pending_rules
from storefront.sellers.models import Seller, SellerId, SellerState, ShopStaff


@dataclass(frozen=True)
class PlacedAs:
    """A current placement, and the roles that count there."""

    placement: CurrentPlacement
    roles: tuple[Role, ...]


@dataclass(frozen=True)
class ShopOf:
    """A shop for which the person acts."""

    seller_id: SellerId
    slug: str
    name: str
    state: SellerState


@dataclass(frozen=True)
class Pending:
    """What waits for this actor as the second person."""

    roles: tuple[PendingRole, ...]
    revisions: tuple[RevisionRow, ...]
    city_roles: tuple[CityRoleRow, ...]
    changes: tuple[ChangeRow, ...]
    """Of the tree of agencies."""
    rules: tuple[ProposalRow, ...]
    exemptions: tuple[ExemptionRow, ...]

    @property
    def count(self) -> int:
        waiting = (
            self.roles,
            self.revisions,
            self.city_roles,
            self.changes,
            self.rules,
            self.exemptions,
        )
        return sum(len(each) for each in waiting)


@dataclass(frozen=True)
class Identity:
    """Who is signed in, and for whom they may act today. `nip` is that of the first placement."""

    person_id: PersonId
    name: str
    email: str | None
    language: str
    nip: str | None
    placements: tuple[PlacedAs, ...]
    shops: tuple[ShopOf, ...]
    city_roles: tuple[Role, ...]


_person = bindparam("person_id", type_=String)
_DETAILS = (
    select(PersonDetails, Person.language)
    .join(Person, Person.person_id == PersonDetails.person_id)
    .where(Person.person_id == _person)
)
_ROLES_THERE = (
    select(PlacementRole.placement_id, PlacementRole.role)
    .where(
        PlacementRole.placement_id.in_(bindparam("placement_ids", expanding=True)),
        PlacementRole.confirmed_at.is_not(None),
        PlacementRole.ended_at.is_(None),
    )
    .order_by(PlacementRole.id)
)
_SHOPS = (
    select(Seller.id, Seller.slug, Seller.name, Seller.state)
    .join(ShopStaff, ShopStaff.seller_id == Seller.id)
    .where(
        ShopStaff.person_id == _person,
        ShopStaff.ended_at.is_(None),
        Seller.state != SellerState.REFUSED,
    )
    .order_by(Seller.name, Seller.id)
)
_CITY_ROLES = (
    select(CityRole.role)
    .where(
        CityRole.person_id == _person,
        CityRole.confirmed_at.is_not(None),
        CityRole.ended_at.is_(None),
    )
    .order_by(CityRole.role)
)


def find_identity(session: Session, person_id: PersonId, *, today: date) -> Identity:
    """The signed-in person by name, in five queries whatever they hold.

    Raises `NoResultFound` for an unknown person: ask `find_actor` first.
    """
    own = {"person_id": person_id}
    details, language = session.execute(_DETAILS, own).one()
    placements = placements_on(session, person_id, today)
    roles: dict[int, list[Role]] = {place.placement_id: [] for place in placements}
    for placement_id, role in session.execute(_ROLES_THERE, {"placement_ids": list(roles)}):
        roles[placement_id].append(role)
    shops = session.execute(_SHOPS, own).all()
    city_roles = session.scalars(_CITY_ROLES, own).all()
    return Identity(
        person_id=person_id,
        name=details.name,
        email=details.email,
        language=language,
        nip=placements[0].nip if placements else None,
        placements=tuple(PlacedAs(p, tuple(roles[p.placement_id])) for p in placements),
        shops=tuple(ShopOf(*shop) for shop in shops),
        city_roles=tuple(dict.fromkeys(city_roles)),
    )


def pending_for(session: Session, actor: Actor) -> Pending:
    """All that the actor could confirm: roles, budgets, changes of the tree, rules, exemptions.

    A number of queries that stays the same.
    """
    return Pending(
        roles=tuple(pending_roles(session, actor)),
        revisions=tuple(pending_revisions(session, actor)),
        city_roles=tuple(pending_city_roles(session, actor)),
        changes=tuple(pending_changes(session, actor)),
        rules=tuple(pending_rules(session, actor)),
        exemptions=tuple(pending_exemptions(session, actor)),
    )
