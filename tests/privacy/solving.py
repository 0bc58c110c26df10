"""What can be learned from sums: which single unknowns, or small groups, they give away."""

from bisect import bisect_left
from collections.abc import Collection, Hashable, Iterable, Sequence
from fractions import Fraction
from itertools import combinations
from typing import Generic, TypeVar

Unknown = TypeVar("Unknown", bound=Hashable)


class Secrets(Generic[Unknown]):
    """Amounts of which every sum tells which of them it is made of.

    They are drawn so large and so random that two subsets hardly ever sum to the same; a number is
    looked up among all sums of one half of them against all sums of the other.
    """

    def __init__(self, amounts: dict[Unknown, int]) -> None:
        self._names = sorted(amounts, key=str)
        half = len(self._names) // 2
        self._left = _sums([amounts[name] for name in self._names[:half]])
        self._right = _sums([amounts[name] for name in self._names[half:]])
        self._half = half
        self.least = min(amounts.values())

    def read(self, number: int) -> frozenset[Unknown] | None:
        """Which amounts make up a number; None if none do."""
        for left, left_of in self._left:
            at = bisect_left(self._right, (number - left, 0))
            if at < len(self._right) and self._right[at][0] == number - left:
                chosen = left_of | self._right[at][1] << self._half
                return frozenset(
                    name for place, name in enumerate(self._names) if chosen >> place & 1
                )
        return None


def given_away(
    sums: Iterable[Collection[Unknown]], groups: Iterable[Collection[Unknown]]
) -> list[Collection[Unknown]]:
    """Those groups whose sum follows from the sums that are known, by any adding and subtracting.

    A group's sum follows exactly if its vector lies in the span of theirs.
    """
    known = [frozenset(each) for each in sums if each]
    wanted = [frozenset(each) for each in groups if each]
    unknowns = sorted(frozenset().union(*known, *wanted), key=str)
    place = {unknown: at for at, unknown in enumerate(unknowns)}
    basis: dict[int, list[Fraction]] = {}

    def vector(of: Collection[Unknown]) -> list[Fraction]:
        row = [Fraction(0)] * len(unknowns)
        for unknown in of:
            row[place[unknown]] = Fraction(1)
        return row

    for each in known:
        row = _reduced(vector(each), basis)
        pivot = next((at for at, value in enumerate(row) if value), None)
        if pivot is not None:
            basis[pivot] = [value / row[pivot] for value in row]
    return [each for each in wanted if not any(_reduced(vector(each), basis))]


def groups_up_to(people: Sequence[Unknown], most: int) -> Iterable[tuple[Unknown, ...]]:
    """Every group of so many people at most."""
    for size in range(1, most + 1):
        yield from combinations(people, size)


def _reduced(row: list[Fraction], basis: dict[int, list[Fraction]]) -> list[Fraction]:
    for pivot in sorted(basis):
        if factor := row[pivot]:
            row = [value - factor * other for value, other in zip(row, basis[pivot], strict=True)]
    return row


def _sums(amounts: Sequence[int]) -> list[tuple[int, int]]:
    """The sum of every subset with the subset itself, as bits, by the sum."""
    sums = [(0, 0)]
    for place, amount in enumerate(amounts):
        sums += [(total + amount, chosen | 1 << place) for total, chosen in sums]
    return sorted(sums)
