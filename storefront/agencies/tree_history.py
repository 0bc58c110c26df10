"""Changes of the tree: those that wait, those of an agency, and its names and parents by day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, exists, false, or_, select
from sqlalchemy.orm import Session, aliased, selectinload

from storefront.accounts.models import PersonDetails
from storefront.agencies.models import Agency, AgencyId
from storefront.agencies.tree_models import (
    AgencyChange,
    AgencyChangePart,
    AgencyEdge,
    AgencyName,
    ChangeKind,
    ChangeState,
)
from storefront.core.errors import NotFound
from storefront.core.permissions import CITY, OPERATOR, Action, Actor, Role, allows

LONGEST_LIST = 200


@dataclass(frozen=True, kw_only=True)
class ChangeRow:
    """A change with who stands behind it. `proposed_by_name` is None for the command line."""

    change_id: int
    kind: ChangeKind
    agency_code: str
    agency_name: str
    """As it is called today."""
    effective_on: date
    document_number: str
    new_name: str | None
    new_parent_name: str | None
    parts: tuple[tuple[str, str], ...]
    """Code and name, in the document's order."""
    state: ChangeState
    proposed_by_name: str | None
    proposed_at: datetime
    confirmed_by_name: str | None
    confirmed_at: datetime | None


@dataclass(frozen=True)
class Since:
    """A name, or the name of who was above (None: nobody), from a day on, and by which document."""

    text: str | None
    since: date
    document_number: str | None
    """None: its beginning in the store."""


def find_change(session: Session, actor: Actor, change_id: int) -> ChangeRow:
    """A change, for the city, the auditor, and an agency admin whom it touches.

    Raises `NotFound`.
    """
    found = _changes(session, (AgencyChange.id == change_id) & _seen_by(actor))
    if not found:
        raise NotFound
    return found[0]


def pending_changes(session: Session, actor: Actor) -> list[ChangeRow]:
    """The changes that this actor could confirm, by the rule of `confirm_change`. Two queries."""
    is_asked = allows(actor, Action.MANAGE_AGENCIES, CITY) or actor.scopes(Role.AGENCY_ADMIN)
    if not is_asked or actor.person_id == OPERATOR.person_id:
        return []
    return _changes(
        session,
        (AgencyChange.state == ChangeState.PROPOSED)
        & (AgencyChange.proposed_by != actor.person_id)
        & _seen_by(actor),
    )


def all_changes(session: Session, actor: Actor) -> list[ChangeRow]:
    """All changes that this actor may see, the latest day first. Two queries."""
    return _changes(session, _seen_by(actor))


def changes_of(session: Session, code: str) -> list[ChangeRow]:
    """All changes that name an agency, the latest day first. Two queries."""
    return _changes(session, _touches([code]))


def names_of(session: Session, agency_id: AgencyId) -> list[Since]:
    """What an agency was called, the latest first. One query."""
    query = (
        select(AgencyName.name, AgencyName.valid_from, AgencyChange.document_number)
        .outerjoin(AgencyChange, AgencyChange.id == AgencyName.change_id)
        .where(AgencyName.agency_id == agency_id)
        .order_by(AgencyName.valid_from.desc(), AgencyName.id.desc())
        .limit(LONGEST_LIST)
    )
    return _one_a_day([Since(*row) for row in session.execute(query)])


def parents_of(session: Session, agency_id: AgencyId) -> list[Since]:
    """Below whom it stood, by the name of today, the latest first. One query."""
    parent = aliased(Agency)
    query = (
        select(parent.name, AgencyEdge.valid_from, AgencyChange.document_number)
        .outerjoin(parent, parent.id == AgencyEdge.parent_id)
        .outerjoin(AgencyChange, AgencyChange.id == AgencyEdge.change_id)
        .where(AgencyEdge.agency_id == agency_id)
        .order_by(AgencyEdge.valid_from.desc(), AgencyEdge.id.desc())
        .limit(LONGEST_LIST)
    )
    return _one_a_day([Since(*row) for row in session.execute(query)])


def _one_a_day(rows: Sequence[Since]) -> list[Since]:
    """Without those that a later row of the same day corrected."""
    by_day: dict[date, Since] = {}
    for row in rows:
        by_day.setdefault(row.since, row)
    return list(by_day.values())


def _seen_by(actor: Actor) -> ColumnElement[bool]:
    if allows(actor, Action.SEE_CITY, CITY):
        return AgencyChange.id.is_not(None)
    codes = actor.scopes(Role.AGENCY_ADMIN)
    return _touches(codes) if codes else false()


def _touches(codes: Sequence[str]) -> ColumnElement[bool]:
    return or_(
        AgencyChange.agency_id.in_(select(Agency.id).where(Agency.code.in_(codes))),
        exists().where(
            AgencyChangePart.change_id == AgencyChange.id, AgencyChangePart.code.in_(codes)
        ),
    )


def _changes(session: Session, which: ColumnElement[bool]) -> list[ChangeRow]:
    proposer, confirmer, parent = aliased(PersonDetails), aliased(PersonDetails), aliased(Agency)
    query = (
        select(AgencyChange, Agency, parent.name, proposer.name, confirmer.name)
        .join(Agency, Agency.id == AgencyChange.agency_id)
        .outerjoin(parent, parent.id == AgencyChange.new_parent_id)
        .outerjoin(proposer, proposer.person_id == AgencyChange.proposed_by)
        .outerjoin(confirmer, confirmer.person_id == AgencyChange.confirmed_by)
        .where(which)
        .order_by(AgencyChange.effective_on.desc(), AgencyChange.id.desc())
        .limit(LONGEST_LIST)
        .options(selectinload(AgencyChange.parts))
    )
    return [
        ChangeRow(
            change_id=change.id,
            kind=change.kind,
            agency_code=agency.code,
            agency_name=agency.name,
            effective_on=change.effective_on,
            document_number=change.document_number,
            new_name=change.new_name,
            new_parent_name=parent_name,
            parts=tuple((part.code, part.name) for part in change.parts),
            state=change.state,
            proposed_by_name=by,
            proposed_at=change.proposed_at,
            confirmed_by_name=confirmed_by,
            confirmed_at=change.confirmed_at,
        )
        for change, agency, parent_name, by, confirmed_by in session.execute(query)
    ]
