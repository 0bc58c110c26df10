"""Whether the ledger is what it says it is, also against checkpoints that somebody else kept.

Seals, balances, positions and stored hashes can all be made anew by whoever owns the database and
the key. A checkpoint that lies elsewhere can't: the log must still begin with what it covered.
"""

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.core import audit_positions, tree_tiles
from storefront.core.merkle import Span
from storefront.core.signed_notes import NoteRefused, TreeHead, VerifierKey, open_note
from storefront.core.tree_tiles import Walked
from storefront.quota import checkpoints, log, seals
from storefront.quota.checkpoints import TREES, origin_of
from storefront.quota.models import Checkpoint, TreeName
from storefront.quota.seals import Breach

SAYS = {TreeName.LEDGER: "the ledger's log", TreeName.AUDIT: "the audit log"}


@dataclass(frozen=True)
class KeptNote:
    """A checkpoint as somebody kept it, and what they call it: a file's name."""

    name: str
    note: str


@dataclass(frozen=True)
class _Kept:
    """A kept checkpoint whose signature holds."""

    name: str
    head: TreeHead


def verify(
    session: Session, kept: Sequence[KeptNote] = (), *, trusted: Iterable[VerifierKey] = ()
) -> Breach | None:
    """The first of `breaches`."""
    with closing(breaches(session, kept, trusted=trusted)) as found:
        return next(found, None)


def breaches(
    session: Session, kept: Sequence[KeptNote] = (), *, trusted: Iterable[VerifierKey] = ()
) -> Generator[Breach]:
    """Look at everything, in one state of the database: all that does not hold.

    Triggers, seals, balances and the log (`seals.breaches`); the positions of the audit log; that
    both logs still extend every kept checkpoint; and the stored hashes and checkpoints of both
    trees. `trusted`: keys that count besides those that are on record.
    """
    yield from seals.breaches(session)
    if gap := audit_positions.first_gap(session):
        yield Breach(f"audit log, position {gap}", "is missing")
    if forgotten := audit_positions.first_forgotten(session):
        yield Breach(f"audit log, act {forgotten}", "has no position and waits for none")
    yield from _trees(session, kept, trusted)


def _trees(
    session: Session, kept: Sequence[KeptNote], trusted: Iterable[VerifierKey]
) -> Iterator[Breach]:
    keys = [*checkpoints.keys(session), *trusted]
    name = checkpoints.frozen_name(session)
    by_tree: dict[TreeName, list[_Kept]] = {tree: [] for tree in TREES}
    for each in kept:
        try:
            tree, head = _read(each.note, keys, name)
        except NoteRefused as refusal:
            yield Breach(f"checkpoint {each.name}", f"is refused: {refusal}")
        else:
            by_tree[tree].append(_Kept(each.name, head))
    sizes = {
        TreeName.LEDGER: log.latest(session).number,
        TreeName.AUDIT: audit_positions.size(session),
    }
    for tree, size in sizes.items():
        yield from _tree(session, tree, size, by_tree[tree], keys)


def _read(note: str, keys: Sequence[VerifierKey], name: str | None) -> tuple[TreeName, TreeHead]:
    """Which tree a note is of, and what it says. Raises `NoteRefused`."""
    if name is None:
        raise NoteRefused("this store has never issued a checkpoint")
    head = TreeHead.parse(open_note(note, keys).text)
    for tree in TREES:
        if head.origin == origin_of(tree, name):
            return tree, head
    raise NoteRefused(f"its origin is {head.origin}, this store's is {name}")


def _tree(
    session: Session,
    tree: TreeName,
    size: int,
    kept: Sequence[_Kept],
    keys: Sequence[VerifierKey],
) -> Iterator[Breach]:
    stored = session.scalars(
        select(Checkpoint).filter_by(tree=tree).order_by(Checkpoint.size)
    ).all()
    sizes = [each.head.size for each in kept] + [each.size for each in stored]
    walked = tree_tiles.walk(session, TREES[tree], size, sizes)
    if breach := _first_kept(session, tree, size, kept, walked):
        yield breach
    yield from _wrong_hashes(tree, walked)
    yield from _wrong_checkpoints(session, tree, stored, walked.roots, keys)


def _first_kept(
    session: Session, tree: TreeName, size: int, kept: Sequence[_Kept], walked: Walked
) -> Breach | None:
    """The smallest kept checkpoint that the log does not extend, and where it left it."""
    reached = 0
    for each in sorted(kept, key=lambda one: one.head.size):
        head = each.head
        where = f"checkpoint {each.name}"
        if head.size > size:
            return Breach(
                where,
                f"covers {head.size} entries, {SAYS[tree]} holds {size}:"
                f" it was cut after position {size} or before",
            )
        if walked.roots[head.size] != head.root:
            at = _where_changed(session, tree, Span(reached, head.size), head, walked)
            return Breach(
                where,
                f"{SAYS[tree]} is not what it covered: rewritten between positions"
                f" {at.first + 1} and {at.last}",
            )
        reached = head.size
    return None


def _where_changed(
    session: Session, tree: TreeName, within: Span, head: TreeHead, walked: Walked
) -> Span:
    """As near as it can be told: the first stored hash that no longer fits, if it is believable.

    Stored hashes that lead to the kept root are those of the time; else they were made anew, and
    only what lies between two kept checkpoints is known.
    """
    if tree_tiles.root_at(session, TREES[tree], head.size) == head.root:
        for span in walked.wrong:
            if span.last > within.first and span.first < within.last:
                return Span(max(span.first, within.first), min(span.last, within.last))
    return within


def _wrong_hashes(tree: TreeName, walked: Walked) -> Iterator[Breach]:
    for span in walked.wrong:
        yield Breach(
            f"{SAYS[tree]}, positions {span.first + 1} to {span.last}",
            "are not those over which a hash was stored",
        )


def _wrong_checkpoints(
    session: Session,
    tree: TreeName,
    stored: Sequence[Checkpoint],
    roots: Mapping[int, bytes],
    keys: Sequence[VerifierKey],
) -> Iterator[Breach]:
    name = checkpoints.frozen_name(session) or ""
    for each in stored:
        where = f"{SAYS[tree]}, checkpoint {each.size} on record"
        try:
            head = TreeHead.parse(open_note(each.note, keys).text)
        except NoteRefused as refusal:
            yield Breach(where, f"is refused: {refusal}")
            continue
        if head != TreeHead(origin_of(tree, name), each.size, bytes.fromhex(each.root)):
            yield Breach(where, "does not say what its note says")
        elif each.size not in roots:
            yield Breach(where, "covers more than the log holds")
        elif roots[each.size] != head.root:
            yield Breach(where, "is not the root of what it covers")
