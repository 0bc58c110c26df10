"""Changes of the tree of agencies: renamed, moved, merged, split, each in two hands.

One person proposes with the document that orders it and the day from which it holds; a second one
confirms. What was recorded before stays; only days from the first open month on can change.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from storefront.agencies.grants import NotTheSecondPerson, is_second_person
from storefront.agencies.models import Agency
from storefront.agencies.tree_models import (
    AgencyChange,
    AgencyChangePart,
    ChangeKind,
    ChangeState,
)
from storefront.agencies.tree_plans import (
    CheckedChange,
    NewChange,
    Part,
    check_plan,
)
from storefront.agencies.tree_refusals import SameChangeWaits
from storefront.agencies.tree_writing import bring_up_to_date, write_down
from storefront.core import audit, outbox
from storefront.core.calendar import city_day
from storefront.core.deciding import decide
from storefront.core.errors import NotFound
from storefront.core.permissions import (
    CITY,
    Action,
    Actor,
    PersonId,
    Role,
    agency_scope,
    allows,
    require,
)
from storefront.core.text import one_line


def propose_change(
    session: Session, actor: Actor, plan: NewChange, *, first_open: date, now: datetime
) -> AgencyChange:
    """Propose a change; nothing of it holds until a second person confirms it.

    `first_open` is the first day of the first open month, kept open by the caller (`open_books`).
    Raises `NotAllowed`, `SameChangeWaits`, or what `check_plan` raises.
    """
    require(actor, Action.MANAGE_AGENCIES, CITY)
    plan = _cleaned(plan)
    _lock_tree(session)
    checked = check_plan(session, plan, first_open=first_open, today=city_day(now))
    if any(_is_same(each, plan, checked) for each in _waiting(session, plan, checked)):
        raise SameChangeWaits
    change = AgencyChange(
        kind=plan.kind,
        agency_id=checked.agency.id,
        effective_on=plan.effective_on,
        document_number=plan.document_number,
        new_name=plan.new_name if plan.kind is ChangeKind.RENAME else None,
        new_parent_id=checked.parent.id if checked.parent else None,
        state=ChangeState.PROPOSED,
        proposed_by=actor.person_id,
        proposed_at=now,
        parts=[
            AgencyChangePart(position=at, code=part.code, name=known.name if known else part.name)
            for at, (part, known) in enumerate(zip(plan.parts, checked.parts, strict=False), 1)
        ],
    )
    session.add(change)
    session.flush()
    outbox.put(session, "agency_change_proposed", {"change": change.id}, now=now)
    details = _details(change)
    audit.record(session, actor, "agency_change.proposed", plan.agency_code, details, now=now)
    return change


def confirm_change(
    session: Session, actor: Actor, change_id: int, *, first_open: date, now: datetime
) -> AgencyChange:
    """Be the second person of a change: from its day on it holds.

    A city admin is it, or an agency admin of an agency that it touches; never the proposer or the
    command line. Raises `NotFound`, `NotTheSecondPerson`, `AlreadyDecided`, or what `check_plan`
    raises where the tree or the books are no longer as they were.
    """
    _lock_tree(session)
    change, agency = _proposal(session, actor, change_id)
    if not _may_confirm(actor, {change.proposed_by}, change, agency):
        raise NotTheSecondPerson
    decided = _decide(session, change_id, ChangeState.CONFIRMED, actor.person_id, now)
    plan = _as_planned(session, decided, agency)
    checked = check_plan(session, plan, first_open=first_open, today=city_day(now))
    write_down(session, actor, decided, plan, checked, now)
    bring_up_to_date(session, today=city_day(now))
    details = _details(decided)
    audit.record(session, actor, "agency_change.confirmed", agency.code, details, now=now)
    return decided


def refuse_change(session: Session, actor: Actor, change_id: int, *, now: datetime) -> AgencyChange:
    """Refuse a change: by who could confirm it, or by its proposer, who takes it back.

    Raises `NotFound`, `NotTheSecondPerson` or `AlreadyDecided`.
    """
    change, agency = _proposal(session, actor, change_id)
    takes_back = actor.person_id == change.proposed_by
    if not takes_back and not _may_confirm(actor, set(), change, agency):
        raise NotTheSecondPerson
    decided = _decide(session, change_id, ChangeState.REFUSED, None, None)
    audit.record(session, actor, "agency_change.refused", agency.code, _details(decided), now=now)
    return decided


def _lock_tree(session: Session) -> None:
    """Let nobody else change the tree meanwhile. Orders and placements are not held up by it."""
    session.execute(select(Agency.id).order_by(Agency.id).with_for_update(key_share=True)).all()


def _waiting(session: Session, plan: NewChange, checked: CheckedChange) -> Iterable[AgencyChange]:
    """Proposals of that kind for the agency and the day; the tree is locked."""
    query = select(AgencyChange).filter_by(
        kind=plan.kind,
        agency_id=checked.agency.id,
        effective_on=plan.effective_on,
        state=ChangeState.PROPOSED,
    )
    return session.scalars(query.options(selectinload(AgencyChange.parts)))


def _is_same(change: AgencyChange, plan: NewChange, checked: CheckedChange) -> bool:
    """Whatever document orders it: confirmed twice, it would be done twice.

    Of a split the parts' order counts, for the first takes over, and what they are called.
    """
    waits = [(part.code, part.name) for part in change.parts]
    known = [each.name if each else "" for each in checked.parts]
    named = [(part.code, name or part.name) for part, name in zip(plan.parts, known, strict=False)]
    if plan.kind is not ChangeKind.SPLIT:
        waits, named = sorted(waits), sorted(named)
    return (
        (change.new_name or plan.new_name) == plan.new_name
        and change.new_parent_id == (checked.parent.id if checked.parent else None)
        and waits == named
    )


def _cleaned(plan: NewChange) -> NewChange:
    return replace(
        plan,
        document_number=one_line(plan.document_number),
        new_name=one_line(plan.new_name),
        new_parent_code=plan.new_parent_code.strip(),
        parts=tuple(Part(code=part.code.strip(), name=one_line(part.name)) for part in plan.parts),
    )


def _as_planned(session: Session, change: AgencyChange, agency: Agency) -> NewChange:
    parent = session.get(Agency, change.new_parent_id) if change.new_parent_id else None
    return NewChange(
        kind=change.kind,
        agency_code=agency.code,
        effective_on=change.effective_on,
        document_number=change.document_number,
        new_name=change.new_name or "",
        new_parent_code=parent.code if parent else "",
        parts=tuple(Part(code=part.code, name=part.name) for part in change.parts),
    )


def _proposal(session: Session, actor: Actor, change_id: int) -> tuple[AgencyChange, Agency]:
    """A change, for those who see proposals of an agency that it touches; else `NotFound`."""
    change = session.scalar(
        select(AgencyChange)
        .filter_by(id=change_id)
        .options(selectinload(AgencyChange.parts))
        .execution_options(populate_existing=True)
    )
    if change is None:
        raise NotFound
    agency = session.get_one(Agency, change.agency_id)
    codes = codes_touched(change, agency)
    if not any(allows(actor, Action.CONFIRM, agency_scope(code)) for code in codes):
        raise NotFound
    return change, agency


def _may_confirm(
    actor: Actor, parties: set[PersonId], change: AgencyChange, agency: Agency
) -> bool:
    return any(
        is_second_person(actor, parties, Role.AGENCY_ADMIN, code)
        for code in codes_touched(change, agency)
    )


def codes_touched(change: AgencyChange, agency: Agency) -> Iterable[str]:
    """The codes of the agencies that a change is about."""
    return [agency.code, *(part.code for part in change.parts)]


def _decide(
    session: Session,
    change_id: int,
    state: ChangeState,
    by: PersonId | None,
    at: datetime | None,
) -> AgencyChange:
    decide(
        session,
        AgencyChange,
        AgencyChange.id == change_id,
        AgencyChange.state == ChangeState.PROPOSED,
        state=state,
        confirmed_by=by,
        confirmed_at=at,
    )
    return session.scalars(
        select(AgencyChange)
        .filter_by(id=change_id)
        .options(selectinload(AgencyChange.parts))
        .execution_options(populate_existing=True)
    ).one()


def _details(change: AgencyChange) -> audit.Details:
    return {
        "change": change.id,
        "kind": change.kind.value,
        "effective_on": change.effective_on.isoformat(),
        "document": change.document_number,
        "new_name": change.new_name,
        "new_parent": change.new_parent_id,
        "parts": " ".join(part.code for part in change.parts),
    }
