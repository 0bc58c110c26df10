"""The tree of agencies as it was on a day: names, kinds, parents, and who had taken over.

As known at an instant it is made of what was recorded by then; without one, of all that is known
now. So a figure that was told once is told the same again (docs/ledger.md, "As of, as known").
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import BindParameter, ColumnElement, ScalarSelect, Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from storefront.agencies.models import Agency, AgencyId, AgencyKind
from storefront.agencies.tree_models import (
    SINCE_EVER,
    AgencyEdge,
    AgencyKindSince,
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


def tree_on(
    session: Session, day: date, known_at: datetime | None = None
) -> dict[AgencyId, TreeNode]:
    """Every agency by its id, in the order of codes, as it was on a day. One query."""
    rows = session.execute(dated_agencies(day, known_at))
    return {row.id: TreeNode(**row._asdict()) for row in rows}


def dated_agencies(
    day: Day, known_at: datetime | None = None
) -> Select[
    AgencyId, str, str, AgencyKind, AgencyId | None, bool, bool, date | None, AgencyId | None,
    SuccessionKind | None,
]:  # fmt: skip
    """The columns of `TreeNode`, for a query that asks for more besides.

    Who began later than the day is among them, as it began: its entries are part of every sum. Who
    was not known yet is not: it could not have any.
    """
    edge = aliased(AgencyEdge)
    succeeded = and_(
        AgencySuccession.old_id == Agency.id,
        AgencySuccession.takes_over,
        AgencySuccession.effective_on <= day,
    )
    if known_at is not None:
        succeeded = and_(succeeded, AgencySuccession.recorded_at <= known_at)
    return (
        select(
            Agency.id,
            Agency.code,
            func.coalesce(name_on(day, known_at), _first(AgencyName.name, known_at)).label("name"),
            func.coalesce(
                _latest(AgencyKindSince.kind, day, known_at),
                _first(AgencyKindSince.kind, known_at),
                type_=AgencyKindSince.kind.type,
            ).label("kind"),
            edge.parent_id,
            Agency.is_practice,
            (edge.valid_from <= day).label("has_begun"),
            AgencySuccession.effective_on.label("ended_on"),
            AgencySuccession.new_id.label("heir_id"),
            AgencySuccession.kind.label("ended_by"),
        )
        .select_from(Agency)
        .join(
            edge,
            edge.id == func.coalesce(edge_on(day, known_at), _first(AgencyEdge.id, known_at)),
        )
        .outerjoin(AgencySuccession, succeeded)
        .order_by(Agency.code)
    )


def name_on(day: Day, known_at: datetime | None = None) -> ScalarSelect[str]:
    """What the query's `Agency` was called on a day; NULL where that was before it began."""
    return _latest(AgencyName.name, day, known_at)


def parent_on(day: Day) -> ScalarSelect[AgencyId | None]:
    """Below which agency the query's `Agency` stood on a day; NULL: below none, or not begun."""
    return _latest(AgencyEdge.parent_id, day)


def edge_on(day: Day, known_at: datetime | None = None) -> ScalarSelect[int]:
    """The row that says where the query's `Agency` stood on a day; NULL: it had not begun."""
    return _latest(AgencyEdge.id, day, known_at)


def _latest(
    column: InstrumentedAttribute[Found], day: Day, known_at: datetime | None = None
) -> ScalarSelect[Found]:
    """Of the dated rows that hold on a day the one that does: the latest day, then the last row."""
    dated = column.class_
    return (
        select(column)
        .where(
            dated.agency_id == Agency.id, dated.valid_from <= day, *_recorded_by(dated, known_at)
        )
        .order_by(dated.valid_from.desc(), dated.id.desc())
        .limit(1)
        .correlate(Agency)
        .scalar_subquery()
    )


def _first(column: InstrumentedAttribute[Found], known_at: datetime | None) -> ScalarSelect[Found]:
    """How an agency began."""
    dated = column.class_
    return (
        select(column)
        .where(dated.agency_id == Agency.id, *_recorded_by(dated, known_at))
        .order_by(dated.valid_from, dated.id)
        .limit(1)
        .correlate(Agency)
        .scalar_subquery()
    )


def _recorded_by(dated: Any, known_at: datetime | None) -> tuple[ColumnElement[bool], ...]:
    """That a row was known at an instant; what stands since ever always was."""
    if known_at is None:
        return ()
    return (or_(dated.recorded_at <= known_at, dated.valid_from == SINCE_EVER),)
