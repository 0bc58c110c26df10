"""What is stored of a tree: the hashes of its whole subtrees of 256 leaves.

With them a root or a proof of any size reads one row for every 256 leaves and at most some runs of
leaves: of a million leaves 3,906 rows. Rows are only ever added; `walk` finds a wrong one.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from sqlalchemy import CheckConstraint, LargeBinary, String, func, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storefront.core import merkle
from storefront.core.database import Base, BigId
from storefront.core.merkle import Frontier, Span

WIDTH = 256


class TreeTile(Base):
    """The hash of the leaves from `number` * 256 on, 256 of them. Triggers refuse to change it."""

    __tablename__ = "tree_tiles"
    __table_args__ = (CheckConstraint("number >= 0", name="number_not_negative"),)

    tree: Mapped[str] = mapped_column(String(20), primary_key=True)
    number: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary(32))


@dataclass(frozen=True)
class Tree:
    """A tree by its name, and how its leaves are read: those of a span, in order."""

    name: str
    leaves: Callable[[Session, Span], Iterable[bytes]]


class Walked(NamedTuple):
    """What a walk over all leaves found."""

    roots: dict[int, bytes]
    """At each of the sizes asked for that the leaves reach."""
    wrong: list[Span]
    """The leaves under each stored hash that is missing or does not follow from them."""


def keep_tiles(session: Session, tree: Tree, size: int) -> None:
    """Store the hashes of the subtrees that became whole. One at a time: the caller locks."""
    last = select(func.max(TreeTile.number)).where(TreeTile.tree == tree.name)
    known = session.scalar(last)
    first = 0 if known is None else known + 1
    young = Span(first * WIDTH, size // WIDTH * WIDTH)
    rows = [
        {"tree": tree.name, "number": number, "hash": hash_}
        for number, hash_ in enumerate(_runs(tree.leaves(session, young)), first)
    ]
    if rows:
        session.execute(insert(TreeTile), rows)


def root_at(session: Session, tree: Tree, size: int) -> bytes:
    """The root of the tree of the first `size` leaves."""
    return _root_of(session, tree, Span(0, size))


def inclusion(session: Session, tree: Tree, index: int, size: int) -> list[bytes]:
    """What leads from the leaf at an index, counted from 0, to the root at a size."""
    return [_root_of(session, tree, span) for span in merkle.inclusion_spans(index, size)]


def consistency(session: Session, tree: Tree, old: int, new: int) -> list[bytes]:
    """What shows that the tree of `old` leaves begins the tree of `new`."""
    return [_root_of(session, tree, span) for span in merkle.consistency_spans(old, new)]


def walk(session: Session, tree: Tree, size: int, sizes: Iterable[int]) -> Walked:
    """Read every leaf, and hold what is stored against it; the roots at some sizes on the way."""
    stored = _stored(session, tree)
    ahead = max(stored, default=-1)
    due = sorted(set(sizes), reverse=True)
    roots, wrong, edge, first = {}, [], Frontier(), 0
    while due and due[-1] == 0:
        roots[due.pop()] = edge.root()
    for number, run in enumerate(_batches(tree.leaves(session, Span(0, size)))):
        first, last = number * WIDTH, number * WIDTH + len(run)
        while due and due[-1] <= last:
            at = due.pop()
            roots[at] = edge.root(merkle.root(run[: at - first]))
        if len(run) == WIDTH:
            whole = merkle.root(run)
            edge.add(whole)
            if number <= ahead and stored.pop(number, None) != whole:
                wrong.append(Span(first, last))
    wrong += [Span(number * WIDTH, (number + 1) * WIDTH) for number in sorted(stored)]
    return Walked(roots, wrong)


def _root_of(session: Session, tree: Tree, span: Span) -> bytes:
    if span.last - span.first < WIDTH:
        return merkle.root(tree.leaves(session, span))
    query = (
        select(TreeTile.hash)
        .where(
            TreeTile.tree == tree.name,
            TreeTile.number >= span.first // WIDTH,
            TreeTile.number < span.last // WIDTH,
        )
        .order_by(TreeTile.number)
    )
    with session.connection().execute(query) as result:
        row = [bytes(hash_) for (hash_,) in result.cursor.fetchall()]  # thousands, and no Rows made
    rest = Span(span.first + len(row) * WIDTH, span.last)
    return merkle.fold(row + list(_runs(tree.leaves(session, rest))))


def _runs(leaves: Iterable[bytes]) -> Iterator[bytes]:
    """The hash of each run of 256 leaves; the last may be shorter."""
    return (merkle.root(run) for run in _batches(leaves))


def _batches(leaves: Iterable[bytes]) -> Iterator[list[bytes]]:
    left = iter(leaves)
    while run := list(islice(left, WIDTH)):
        yield run


def _stored(session: Session, tree: Tree) -> dict[int, bytes]:
    query = select(TreeTile.number, TreeTile.hash).where(TreeTile.tree == tree.name)
    return {row.number: row.hash for row in session.execute(query)}
