"""What a confirmed change writes, and how `Agency` is kept at what holds today."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, or_, select, update
from sqlalchemy.orm import Session

from storefront.agencies.beginnings import begin
from storefront.agencies.models import Agency, AgencyId
from storefront.agencies.tree_models import (
    AgencyChange,
    AgencyEdge,
    AgencyName,
    AgencySuccession,
    ChangeKind,
    SuccessionKind,
)
from storefront.agencies.tree_plans import CheckedChange, NewChange, edges_of_the_end
from storefront.agencies.tree_queries import edge_on, name_on, parent_on
from storefront.core.permissions import Actor


def is_behind(session: Session, *, today: date) -> bool:
    """Whether a change has begun that `bring_up_to_date` has not seen. For who locks nothing."""
    return session.scalar(_behind(today).limit(1)) is not None


def bring_up_to_date(session: Session, *, today: date) -> int:
    """Make `Agency.name` and `parent_id` what holds today; of how many they did not.

    Called again it does nothing: the worker does so for changes confirmed before their day.
    """
    late = session.scalars(_behind(today)).all()
    for agency_id in late:
        session.execute(
            update(Agency)
            .where(Agency.id == agency_id)
            .values(name=name_on(today), parent_id=parent_on(today)),
            execution_options={"synchronize_session": False},
        )
    if late:
        known = select(Agency).where(Agency.id.in_(late))
        session.scalars(known.execution_options(populate_existing=True)).all()
    return len(late)


def _behind(today: date) -> Select[AgencyId]:
    return (
        select(Agency.id)
        .where(
            edge_on(today).is_not(None),
            or_(Agency.name != name_on(today), Agency.parent_id.is_distinct_from(parent_on(today))),
        )
        .order_by(Agency.id)
    )


def write_down(
    session: Session,
    actor: Actor,
    change: AgencyChange,
    plan: NewChange,
    checked: CheckedChange,
    now: datetime,
) -> None:
    """Let the rows of a change, checked and decided, stand from its day on. Flushes."""
    recorded: dict[str, Any] = {
        "change_id": change.id,
        "recorded_by": actor.person_id,
        "recorded_at": now,
    }
    since = recorded | {"valid_from": plan.effective_on}
    agency = checked.agency
    if plan.kind is ChangeKind.RENAME:
        session.add(AgencyName(agency_id=agency.id, name=plan.new_name, **since))
    elif plan.kind is ChangeKind.MOVE:
        session.add(AgencyEdge(agency_id=agency.id, parent_id=change.new_parent_id, **since))
    elif plan.kind is ChangeKind.MERGE:
        ending = [part for part in checked.parts if part is not None]
        _end(session, ending, agency, SuccessionKind.MERGE, checked, since)
    else:
        heirs = _heirs(session, actor, change, plan, checked, now)
        _end(session, [agency], heirs[0], SuccessionKind.SPLIT, checked, since)
        for heir in heirs[1:]:
            session.add(_succession(agency, heir, SuccessionKind.SPLIT, since, takes_over=False))
    session.flush()


def _end(
    session: Session,
    ending: Collection[Agency],
    heir: Agency,
    kind: SuccessionKind,
    checked: CheckedChange,
    since: dict[str, Any],
) -> None:
    """Let agencies be no more from a day on, below who takes over; what was below them passes."""
    edges = edges_of_the_end(checked.tree, [each.id for each in ending], heir.id)
    for agency_id, parent_id in edges.items():
        session.add(AgencyEdge(agency_id=agency_id, parent_id=parent_id, **since))
    for old in ending:
        session.add(_succession(old, heir, kind, since, takes_over=True))
        old.ended_on = since["valid_from"]


def _succession(
    old: Agency, new: Agency, kind: SuccessionKind, since: dict[str, Any], *, takes_over: bool
) -> AgencySuccession:
    recorded = {name: value for name, value in since.items() if name != "valid_from"}
    return AgencySuccession(
        old_id=old.id,
        new_id=new.id,
        effective_on=since["valid_from"],
        kind=kind,
        takes_over=takes_over,
        **recorded,
    )


def _heirs(
    session: Session,
    actor: Actor,
    change: AgencyChange,
    plan: NewChange,
    checked: CheckedChange,
    now: datetime,
) -> list[Agency]:
    """Those that come of a split, in their order; the new ones stand where the old one stood."""
    old = checked.agency
    made = {
        part.code: Agency(
            code=part.code,
            name=part.name,
            kind=old.kind,
            parent_id=checked.tree[old.id].parent_id,
            address=old.address,
            is_practice=old.is_practice,
            request_days=old.request_days,
        )
        for part, known in zip(plan.parts, checked.parts, strict=True)
        if known is None
    }
    session.add_all(made.values())
    session.flush()
    begin(
        session,
        made.values(),
        on=plan.effective_on,
        recorded_by=actor.person_id,
        now=now,
        change_id=change.id,
    )
    return [known or made[part.code] for part, known in zip(plan.parts, checked.parts, strict=True)]
