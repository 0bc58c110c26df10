"""Merkle trees as RFC 9162 (2.1) hashes them: roots, proofs, and what checks the proofs.

Who keeps a root can tell a changed leaf. Everything here is arithmetic on bytes: where the leaves
come from, and what of the tree is stored, is `core/tree_tiles.py`.

A node of the tree of `size` leaves is named by the run of leaves that stands below it, its `Span`.
A proof is a list of spans, so it can be read off a tree of which only parts are at hand.
"""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from typing import NamedTuple


class Span(NamedTuple):
    """The leaves from `first` up to, not including, `last`, counted from 0."""

    first: int
    last: int


def root(leaves: Iterable[bytes]) -> bytes:
    """The hash of a whole tree (2.1.1)."""
    return fold([sha256(b"\x00" + leaf).digest() for leaf in leaves])


def fold(row: list[bytes]) -> bytes:
    """The root over a row of subtrees of one size, a power of two; the last may be smaller.

    Pairs are joined, and an odd one out waits: that is the RFC's split at the largest power of
    two, without its recursion.
    """
    if not row:
        return sha256().digest()
    while len(row) > 1:
        pairs = zip(row[::2], row[1::2], strict=False)
        joined = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
        if len(row) % 2:
            joined.append(row[-1])
        row = joined
    return row[0]


class Frontier:
    """The right edge of a growing tree: roots on the way, without keeping what lies to the left."""

    def __init__(self) -> None:
        self._edge: list[tuple[int, bytes]] = []  # whole subtrees, the highest first

    def add(self, subtree: bytes) -> None:
        """Take in the next subtree; all have one size, a power of two."""
        height = 0
        while self._edge and self._edge[-1][0] == height:
            subtree, height = _join(self._edge.pop()[1], subtree), height + 1
        self._edge.append((height, subtree))

    def root(self, tail: bytes | None = None) -> bytes:
        """The root over what was taken in, and a last smaller subtree where there is one."""
        row = [node for _, node in self._edge]
        reached = tail if tail is not None else row.pop() if row else fold([])
        for node in reversed(row):
            reached = _join(node, reached)
        return reached


def inclusion_spans(index: int, size: int) -> list[Span]:
    """The nodes whose hashes lead from the leaf at an index to the root (2.1.3.1)."""
    if not 0 <= index < size:
        raise IndexError(index)
    return list(_siblings(index, 0, size))


def consistency_spans(old: int, new: int) -> list[Span]:
    """The nodes that show that the tree of `old` leaves was only added to (2.1.4.1)."""
    if not 0 < old <= new:
        raise IndexError(old)
    if old == new:
        return []
    level = _trailing_zeros(old)  # the old tree ends in a whole subtree of this height
    index = (old >> level) - 1
    own = [] if index == 0 else [_span(index, level, new)]  # else the verifier holds its root
    return [*own, *_siblings(index, level, new)]


def inclusion_proof(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """An inclusion proof of a tree that is at hand as a whole."""
    return [root(leaves[first:last]) for first, last in inclusion_spans(index, len(leaves))]


def consistency_proof(leaves: Sequence[bytes], old: int) -> list[bytes]:
    """A consistency proof of a tree that is at hand as a whole."""
    return [root(leaves[first:last]) for first, last in consistency_spans(old, len(leaves))]


def included_root(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes | None:
    """The root to which an inclusion proof leads; None where it has not the right length.

    The leaf is in the tree if this is the tree's root (2.1.3.2).
    """
    if not 0 <= index < size:
        return None
    reached, at, last, rest = sha256(b"\x00" + leaf).digest(), index, size - 1, list(proof)
    while last:
        if at % 2 or at < last:  # it has a sibling at this height
            if not rest:
                return None
            beside = rest.pop(0)
            reached = _join(beside, reached) if at % 2 else _join(reached, beside)
        at, last = at >> 1, last >> 1
    return None if rest else reached


def is_consistent(
    old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether a proof shows that the tree of `old` leaves begins the tree of `new` (2.1.4.2)."""
    if old == new:
        return old_root == new_root and not proof
    if not 0 < old < new:
        return False
    level = _trailing_zeros(old)
    at, last, rest = (old >> level) - 1, (new - 1) >> level, list(proof)
    if at == 0:
        before = after = old_root
    elif rest:
        before = after = rest.pop(0)
    else:
        return False
    while last:
        if at % 2 or at < last:
            if not rest:
                return False
            beside = rest.pop(0)
            if at % 2:
                before, after = _join(beside, before), _join(beside, after)
            else:
                after = _join(after, beside)
        at, last = at >> 1, last >> 1
    return not rest and (before, after) == (old_root, new_root)


def _siblings(index: int, level: int, size: int) -> Iterator[Span]:
    """What stands beside the way from a node up to the root, from below."""
    last = (size - 1) >> level
    while last:
        if index % 2:
            yield _span(index - 1, level, size)
        elif index < last:
            yield _span(index + 1, level, size)
        index, last, level = index >> 1, last >> 1, level + 1


def _span(index: int, level: int, size: int) -> Span:
    return Span(index << level, min((index + 1) << level, size))


def _trailing_zeros(number: int) -> int:
    return (number & -number).bit_length() - 1


def _join(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()
