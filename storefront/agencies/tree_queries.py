"""The tree of agencies as it was on a day: names, parents, and who had taken over from whom."""

from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from sqlalchemy import BindParameter, ScalarSelect, Select, and_, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from storefront.agencies.models import Agency, AgencyId, AgencyKind
from storefront.agencies.tree_models import (
    AgencyEdge,
    AgencyName,
    AgencySuccession,
    SuccessionKind,
)

Day = date | BindParameter[date]
Found = TypeVar("Found")


@dataclass(frozen=True, kw_only=True)
class TreeNode:
    """An agency as it was on a day."""

    id: AgencyId
    code: str
    name: str
    kind: AgencyKind
    parent_id: AgencyId | None
    is_practice: bool
    has_begun: bool
    """False: it began later, and stands where it was to begin."""
    ended_on: date | None
    """From which day on it was no more, where that had come; else None."""
    heir_id: AgencyId | None
    """Who had taken over from it."""
    ended_by: SuccessionKind | None


def tree_on(session: Session, day: date) -> dict[AgencyId, TreeNode]:
    """Every agency by its id, in the order of codes, as it was on a day. One query."""
    return {row.id: TreeNode(**row._asdict()) for row in session.execute(dated_agencies(day))}


def dated_agencies(
    day: Day,
) -> Select[
    AgencyId, str, str, AgencyKind, AgencyId | None, bool, bool, date | None, AgencyId | None,
    SuccessionKind | None,
]:  # fmt: skip
    """The columns of `TreeNode`, for a query that asks for more besides.

    Who began later than the day is among them, as it began: its entries are part of every sum.
    """
    edge = aliased(AgencyEdge)
    return (
        select(
            Agency.id,
            Agency.code,
            func.coalesce(name_on(day), Agency.name).label("name"),
            Agency.kind,
            edge.parent_id,
            Agency.is_practice,
            (edge.valid_from <= day).label("has_begun"),
            AgencySuccession.effective_on.label("ended_on"),
            AgencySuccession.new_id.label("heir_id"),
            AgencySuccession.kind.label("ended_by"),
        )
        .select_from(Agency)
        .join(edge, edge.id == func.coalesce(edge_on(day), _first_edge()))
        .outerjoin(
            AgencySuccession,
            and_(
                AgencySuccession.old_id == Agency.id,
                AgencySuccession.takes_over,
                AgencySuccession.effective_on <= day,
            ),
        )
        .order_by(Agency.code)
    )


def name_on(day: Day) -> ScalarSelect[str]:
    """What the query's `Agency` was called on a day; NULL where that was before it began."""
    return (
        select(AgencyName.name)
        .where(AgencyName.agency_id == Agency.id, AgencyName.valid_from <= day)
        .order_by(AgencyName.valid_from.desc(), AgencyName.id.desc())
        .limit(1)
        .correlate(Agency)
        .scalar_subquery()
    )


def parent_on(day: Day) -> ScalarSelect[AgencyId | None]:
    """Below which agency the query's `Agency` stood on a day; NULL: below none, or not begun."""
    return _edges(AgencyEdge.parent_id, day)


def edge_on(day: Day) -> ScalarSelect[int]:
    """The row that says where the query's `Agency` stood on a day; NULL: it had not begun."""
    return _edges(AgencyEdge.id, day)


def _edges(column: InstrumentedAttribute[Found], day: Day) -> ScalarSelect[Found]:
    return (
        select(column)
        .where(AgencyEdge.agency_id == Agency.id, AgencyEdge.valid_from <= day)
        .order_by(AgencyEdge.valid_from.desc(), AgencyEdge.id.desc())
        .limit(1)
        .correlate(Agency)
        .scalar_subquery()
    )


def _first_edge() -> ScalarSelect[int]:
    return (
        select(AgencyEdge.id)
        .where(AgencyEdge.agency_id == Agency.id)
        .order_by(AgencyEdge.valid_from, AgencyEdge.id)
        .limit(1)
        .correlate(Agency)
        .scalar_subquery()
    )
