"""What a change of the tree may be: each rule that it can break, by itself or against the tree."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.agencies.models import Agency, AgencyId
from storefront.agencies.reach import DEEPEST
from storefront.agencies.tree_models import DOCUMENT_LENGTH, AgencyEdge, AgencyName, ChangeKind
from storefront.agencies.tree_queries import TreeNode, tree_on
from storefront.agencies.tree_refusals import (
    AgencyNotBegun,
    AgencyOver,
    ChangeTooEarly,
    ChangeTooFar,
    DocumentMissing,
    LaterChangeStands,
    NameMissing,
    ParentUnknown,
    PartsWrong,
    PartUnknown,
    PartUnnamed,
    PracticeMixed,
    SameName,
    SameParent,
    TreeImpossible,
)
from storefront.core.errors import NotFound

CODE_LENGTH, NAME_LENGTH = 20, 160
FARTHEST = timedelta(days=2 * 366)
LEAST_OF_A_SPLIT = 2
MOST_PARTS = 20
TO_BE_MADE = AgencyId(-1)
"""Stands for the agency that a split makes, before it has an id."""


@dataclass(frozen=True, kw_only=True)
class Part:
    """Of a merger one that ends; of a split one that comes of it, which may be new by this name."""

    code: str
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class NewChange:
    """A change as a document orders it. `agency_code`: renamed, moved, split, or merged into."""

    kind: ChangeKind
    agency_code: str
    effective_on: date
    document_number: str
    new_name: str = ""
    new_parent_code: str = ""
    """Of a move; empty: to the top."""
    parts: tuple[Part, ...] = ()
    """Of a split the first takes over what is open."""


@dataclass(frozen=True, kw_only=True)
class CheckedChange:
    """A change that breaks no rule, with the tree of its day."""

    agency: Agency
    parent: Agency | None
    parts: tuple[Agency | None, ...]
    """In the order of the plan's; None: to be made by it."""
    tree: Mapping[AgencyId, TreeNode]


def check_plan(
    session: Session, plan: NewChange, *, first_open: date, today: date
) -> CheckedChange:
    """The plan with what it names, if it breaks no rule; the caller holds the tree's lock.

    Nothing may change before `first_open`, the first day of the first open month: the figures of
    closed months stay as they were. Raises `NotFound` or what `tree_refusals.py` lists.
    """
    _check_alone(plan, first_open, today)
    agency = session.scalar(select(Agency).filter_by(code=plan.agency_code))
    if agency is None:
        raise NotFound
    tree = tree_on(session, plan.effective_on)
    _check_lives(agency, tree)
    parent: Agency | None = None
    parts: tuple[Agency | None, ...] = ()
    edges: dict[AgencyId, AgencyId | None] = {}
    if plan.kind is ChangeKind.RENAME:
        if tree[agency.id].name == plan.new_name:
            raise SameName
    elif plan.kind is ChangeKind.MOVE:
        parent = _parent(session, plan, tree)
        parent_id = parent.id if parent else None
        if tree[agency.id].parent_id == parent_id:
            raise SameParent
        edges[agency.id] = parent_id
    else:
        parts = _parts(session, plan, agency, tree)
        ending = [agency] if plan.kind is ChangeKind.SPLIT else [p for p in parts if p]
        heir = parts[0] if plan.kind is ChangeKind.SPLIT else agency
        _check_nothing_later(session, ending, plan.effective_on)
        if heir is None:
            edges[TO_BE_MADE] = tree[agency.id].parent_id
        heir_id = heir.id if heir else TO_BE_MADE
        edges |= edges_of_the_end(tree, [each.id for each in ending], heir_id)
    if _is_impossible(session, plan.effective_on, edges):
        raise TreeImpossible(deepest=DEEPEST)
    return CheckedChange(agency=agency, parent=parent, parts=parts, tree=tree)


def edges_of_the_end(
    tree: Mapping[AgencyId, TreeNode], ending: Iterable[AgencyId], heir: AgencyId
) -> dict[AgencyId, AgencyId | None]:
    """Where those stand from the day on that end: below their heir, and so what was below them."""
    over = set(ending)
    below = {node.id for node in tree.values() if node.parent_id in over and node.ended_on is None}
    edges: dict[AgencyId, AgencyId | None] = dict.fromkeys(sorted(over | below), heir)
    edges.pop(heir, None)
    return edges


def _check_alone(plan: NewChange, first_open: date, today: date) -> None:
    if not 0 < len(plan.document_number) <= DOCUMENT_LENGTH:
        raise DocumentMissing(longest=DOCUMENT_LENGTH)
    if plan.effective_on < first_open:
        raise ChangeTooEarly(first=first_open)
    if plan.effective_on > today + FARTHEST:
        raise ChangeTooFar(last=today + FARTHEST)
    if plan.kind is ChangeKind.RENAME and not 0 < len(plan.new_name) <= NAME_LENGTH:
        raise NameMissing(longest=NAME_LENGTH)
    if plan.kind in {ChangeKind.MERGE, ChangeKind.SPLIT}:
        least = LEAST_OF_A_SPLIT if plan.kind is ChangeKind.SPLIT else 1
        codes = {part.code for part in plan.parts}
        is_one_twice = len(codes) < len(plan.parts) or plan.agency_code in codes
        if is_one_twice or not least <= len(codes) <= MOST_PARTS:
            raise PartsWrong(least=least, most=MOST_PARTS)


def _check_lives(agency: Agency, tree: Mapping[AgencyId, TreeNode]) -> None:
    if agency.ended_on is not None:
        raise AgencyOver(name=agency.name, ended_on=agency.ended_on)
    if not tree[agency.id].has_begun:
        raise AgencyNotBegun(name=agency.name)


def _parent(session: Session, plan: NewChange, tree: Mapping[AgencyId, TreeNode]) -> Agency | None:
    if not plan.new_parent_code:
        return None
    parent = session.scalar(select(Agency).filter_by(code=plan.new_parent_code))
    if parent is None or parent.ended_on is not None or not tree[parent.id].has_begun:
        raise ParentUnknown(parent_code=plan.new_parent_code)
    if parent.code == plan.agency_code:
        raise TreeImpossible(deepest=DEEPEST)
    return parent


def _parts(
    session: Session, plan: NewChange, agency: Agency, tree: Mapping[AgencyId, TreeNode]
) -> tuple[Agency | None, ...]:
    codes = [part.code for part in plan.parts]
    known = {
        each.code: each for each in session.scalars(select(Agency).filter(Agency.code.in_(codes)))
    }
    for part in plan.parts:
        found = known.get(part.code)
        if found is None and plan.kind is ChangeKind.SPLIT:
            if not _could_be_a_code(part.code) or not 0 < len(part.name) <= NAME_LENGTH:
                raise PartUnnamed(part_code=part.code)
        elif found is None or found.ended_on is not None or not tree[found.id].has_begun:
            raise PartUnknown(part_code=part.code)
        elif found.is_practice != agency.is_practice:
            raise PracticeMixed
    return tuple(known.get(code) for code in codes)


def _could_be_a_code(code: str) -> bool:
    return 0 < len(code) <= CODE_LENGTH and code.isascii() and not set(code) & set(" /\t")


def _check_nothing_later(session: Session, ending: Iterable[Agency], day: date) -> None:
    """Who ends is not to be moved, renamed or stood below after its end."""
    for agency in ending:
        edges = select(AgencyEdge.id).where(
            (AgencyEdge.agency_id == agency.id) | (AgencyEdge.parent_id == agency.id),
            AgencyEdge.valid_from > day,
        )
        names = select(AgencyName.id).where(
            AgencyName.agency_id == agency.id, AgencyName.valid_from > day
        )
        for later in (edges, names):
            if session.scalar(later.limit(1)) is not None:
                raise LaterChangeStands(name=agency.name)


def _is_impossible(
    session: Session, day: date, changed: Mapping[AgencyId, AgencyId | None]
) -> bool:
    """Whether the tree would be a ring or too deep, that day or on a later one that is known."""
    if not changed:
        return False
    rows = [
        (valid_from, agency_id, parent_id)
        for valid_from, agency_id, parent_id in session.execute(
            select(AgencyEdge.valid_from, AgencyEdge.agency_id, AgencyEdge.parent_id).order_by(
                AgencyEdge.valid_from, AgencyEdge.id
            )
        )
    ]
    parents: dict[AgencyId, AgencyId | None] = {}
    at = 0
    for step in sorted({day, *(first for first, _, _ in rows if first > day)}):
        while at < len(rows) and rows[at][0] <= step:
            parents[rows[at][1]] = rows[at][2]
            at += 1
        if step == day:
            parents.update(changed)
        if any(_leads_too_far(parents, agency_id) for agency_id in parents):
            return True
    return False


def _leads_too_far(parents: Mapping[AgencyId, AgencyId | None], agency_id: AgencyId) -> bool:
    at: AgencyId | None = agency_id
    for _ in range(DEEPEST + 1):
        if at is None:
            return False
        at = parents.get(at)
    return at is not None
