"""Who may do what, and where. One table, asked once, at the door of a verb."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, NewType

from storefront.core.errors import NotAllowed

PersonId = NewType("PersonId", str)
"""Random, and all that other tables know of a person: name and NIP can be erased behind it."""


class Role(StrEnum):
    BUYER = "buyer"
    APPROVER = "approver"
    TREASURER = "treasurer"
    PROCUREMENT = "procurement"
    AGENCY_ADMIN = "agency_admin"
    SELLER = "seller"
    CASHIER = "cashier"
    CITY_ADMIN = "city_admin"
    AUDITOR = "auditor"


class ScopeKind(StrEnum):
    CITY = "city"
    AGENCY = "agency"
    SHOP = "shop"
    OUTLET = "outlet"


class Action(StrEnum):
    SHOP = "shop"
    """Fill a cart and buy, for oneself or for the agency of one's placement."""
    APPROVE = "approve"
    PAY = "pay"
    CHOOSE_YEAR_END = "choose_year_end"
    """Say which open orders are cancelled, and which carried, when their budget year ends."""
    SEE_AGENCY_ORDERS = "see_agency_orders"
    SEE_QUOTA = "see_quota"
    EXPORT = "export"
    MANAGE_ROSTER = "manage_roster"
    PROPOSE_BUDGET = "propose_budget"
    SEE_BUDGET = "see_budget"
    CONFIRM = "confirm"
    """Be the second person of a grant, a budget revision, or a purchase outside the store."""
    RECORD_PURCHASE = "record_purchase"
    """Propose that a purchase made outside the store be counted, or be counted no more."""
    CORRECT_ATTRIBUTION = "correct_attribution"
    """Propose, and as another person approve, that orders move to another agency or class."""
    MANAGE_SHOP = "manage_shop"
    MANAGE_SELLERS = "manage_sellers"
    LOOK_PRIVATELY = "look_privately"
    """See contact data of others for a while, for a reason that is kept."""
    MANAGE_AGENCIES = "manage_agencies"
    GRANT_CITY_ROLES = "grant_city_roles"
    """Propose, confirm and end roles over the whole city."""
    SEE_CITY = "see_city"
    CLOSE_MONTH = "close_month"
    CHANGE_RULES = "change_rules"
    REMIND_AGENCIES = "remind_agencies"
    """Write to agencies that are behind plan."""
    RUN_PROGRAMME = "run_programme"
    """Move or cancel a Serlok day, and keep the list of holidays."""
    ALLOCATE_REFUND = "allocate_refund"
    """Say to which orders a refund made at the gateway belongs."""
    AUDIT = "audit"


class Scope(NamedTuple):
    """Where an act takes place: the agency, shop or outlet that it touches, or the whole city."""

    kind: ScopeKind
    id: str


CITY = Scope(ScopeKind.CITY, "")


def agency_scope(code: str) -> Scope:
    """An agency, by its code, which never changes."""
    return Scope(ScopeKind.AGENCY, code)


def shop_scope(seller_id: int) -> Scope:
    return Scope(ScopeKind.SHOP, str(seller_id))


@dataclass(frozen=True)
class Grant:
    """A role, and where it counts: an approver of one agency is nobody in the next."""

    role: Role
    scope_kind: ScopeKind
    scope_id: str

    @property
    def scope(self) -> Scope:
        return Scope(self.scope_kind, self.scope_id)


@dataclass(frozen=True)
class Actor:
    """Who acts: a copy, not a row, so that it stays true across transactions of one request."""

    person_id: PersonId
    grants: frozenset[Grant]

    def scopes(self, role: Role) -> list[str]:
        """The ids of the agencies, shops or outlets in which a role is held, sorted."""
        return sorted(grant.scope_id for grant in self.grants if grant.role is role)


NOBODY = Actor(PersonId(""), frozenset())
SYSTEM = Actor(PersonId("system"), frozenset())
"""The worker, for what happens by the clock or by the gateway."""
OPERATOR = Actor(
    PersonId("operator"),
    frozenset({Grant(Role.CITY_ADMIN, ScopeKind.CITY, "")}),
)
"""Whoever runs the command line. May propose, and is never the second person: `confirm` says so."""

_AGENCY_STAFF = frozenset(
    {Role.APPROVER, Role.TREASURER, Role.PROCUREMENT, Role.AGENCY_ADMIN, Role.AUDITOR}
)

ALLOWED: Mapping[Action, frozenset[Role]] = {
    Action.SHOP: frozenset({Role.BUYER}),
    Action.APPROVE: frozenset({Role.APPROVER}),
    Action.PAY: frozenset({Role.TREASURER}),
    Action.CHOOSE_YEAR_END: frozenset({Role.APPROVER}),  # the PPK, who made the commitment
    Action.SEE_AGENCY_ORDERS: _AGENCY_STAFF,
    Action.SEE_QUOTA: _AGENCY_STAFF | {Role.CITY_ADMIN, Role.AUDITOR},
    Action.EXPORT: frozenset({Role.PROCUREMENT, Role.AUDITOR, Role.CITY_ADMIN}),
    Action.MANAGE_ROSTER: frozenset({Role.AGENCY_ADMIN, Role.CITY_ADMIN}),
    Action.PROPOSE_BUDGET: frozenset({Role.AGENCY_ADMIN, Role.CITY_ADMIN}),
    Action.SEE_BUDGET: _AGENCY_STAFF | {Role.CITY_ADMIN, Role.AUDITOR},
    Action.CONFIRM: frozenset({Role.CITY_ADMIN, Role.APPROVER, Role.TREASURER, Role.AGENCY_ADMIN}),
    Action.RECORD_PURCHASE: frozenset({Role.PROCUREMENT, Role.AGENCY_ADMIN}),
    Action.CORRECT_ATTRIBUTION: frozenset({Role.CITY_ADMIN}),
    Action.MANAGE_SHOP: frozenset({Role.SELLER}),
    Action.MANAGE_SELLERS: frozenset({Role.CITY_ADMIN}),
    Action.LOOK_PRIVATELY: frozenset({Role.CITY_ADMIN}),
    Action.MANAGE_AGENCIES: frozenset({Role.CITY_ADMIN}),
    Action.GRANT_CITY_ROLES: frozenset({Role.CITY_ADMIN}),
    Action.SEE_CITY: frozenset({Role.CITY_ADMIN, Role.AUDITOR}),
    Action.CLOSE_MONTH: frozenset({Role.CITY_ADMIN}),
    Action.CHANGE_RULES: frozenset({Role.CITY_ADMIN}),
    Action.REMIND_AGENCIES: frozenset({Role.CITY_ADMIN}),
    Action.RUN_PROGRAMME: frozenset({Role.CITY_ADMIN}),
    Action.ALLOCATE_REFUND: frozenset({Role.CITY_ADMIN}),
    Action.AUDIT: frozenset({Role.AUDITOR}),
}


def allows(actor: Actor, action: Action, scope: Scope) -> bool:
    """Whether the actor may. A grant over the city reaches all of it."""
    reaching = (g for g in actor.grants if g.scope in {scope, CITY})
    return any(grant.role in ALLOWED[action] for grant in reaching)


def require(actor: Actor, action: Action, scope: Scope) -> None:
    """Let the actor pass, or raise `NotAllowed`."""
    if not allows(actor, action, scope):
        raise NotAllowed


def allows_anywhere(actor: Actor, action: Action) -> bool:
    return any(grant.role in ALLOWED[action] for grant in actor.grants)


def require_anywhere(actor: Actor, action: Action) -> None:
    """The same for an act that touches no agency yet, such as filling a cart."""
    if not allows_anywhere(actor, action):
        raise NotAllowed
