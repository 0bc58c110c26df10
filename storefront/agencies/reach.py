"""How far an actor's roles reach: into their agency, and into those below it."""

from sqlalchemy import CTE, BindParameter, Select, literal, select
from sqlalchemy.orm import Session

from storefront.agencies.models import Agency, AgencyId
from storefront.core.errors import NotFound
from storefront.core.permissions import CITY, Action, Actor, agency_scope, allows

DEEPEST = 8
"""Of the tree of agencies. A ring, should one ever stand in the table, ends here too."""


def above(agency_id: AgencyId | BindParameter[AgencyId]) -> CTE:
    """An agency and those above it, as rows of (`id`, `steps` up)."""
    up = (
        select(Agency.id, Agency.parent_id, literal(0).label("steps"))
        .where(Agency.id == agency_id)
        .cte("above", recursive=True)
    )
    return up.union_all(
        select(Agency.id, Agency.parent_id, up.c.steps + 1)
        .join(up, Agency.id == up.c.parent_id)
        .where(up.c.steps < DEEPEST)
    )


def below(agency_id: AgencyId) -> CTE:
    """An agency and those below it, as rows of (`id`, `steps` down)."""
    down = (
        select(Agency.id, literal(0).label("steps"))
        .where(Agency.id == agency_id)
        .cte("below", recursive=True)
    )
    return down.union_all(
        select(Agency.id, down.c.steps + 1)
        .join(down, Agency.parent_id == down.c.id)
        .where(down.c.steps < DEEPEST)
    )


def ids_below(agency_id: AgencyId) -> Select[tuple[AgencyId]]:
    """The ids of an agency and of those below it, for an IN."""
    return select(below(agency_id).c.id)


def reaches(session: Session, actor: Actor, action: Action, agency_id: AgencyId) -> bool:
    """Whether the actor may, by a role in the agency, in one above it, or over the city."""
    if allows(actor, action, CITY):
        return True
    up = above(agency_id)
    codes = session.scalars(select(Agency.code).join(up, up.c.id == Agency.id))
    return any(allows(actor, action, agency_scope(code)) for code in codes)


def agency_in_reach(session: Session, actor: Actor, action: Action, agency_id: AgencyId) -> Agency:
    """The agency, for who may act on it; for anybody else it does not exist: `NotFound`."""
    agency = session.get(Agency, agency_id)
    if agency is None or not reaches(session, actor, action, agency_id):
        raise NotFound
    return agency


def agency_by_code(session: Session, actor: Actor, action: Action, code: str) -> Agency:
    """The same by the agency's code."""
    agency_id = session.scalar(select(Agency.id).where(Agency.code == code))
    if agency_id is None:
        raise NotFound
    return agency_in_reach(session, actor, action, agency_id)
