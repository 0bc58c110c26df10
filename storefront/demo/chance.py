"""Chance that repeats: the same day gives the same city."""

import random
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import TypeVar

from storefront.core.calendar import instant_of
from storefront.core.identifiers import CROCKFORD

Thing = TypeVar("Thing")


class Chance:
    """A sequence of choices that follows from its name alone."""

    def __init__(self, name: str) -> None:
        self._random = random.Random(name)  # noqa: S311 - a demo's, and it must repeat

    def between(self, least: int, most: int) -> int:
        return self._random.randint(least, most)

    def part(self) -> float:
        return self._random.random()

    def is_one_in(self, count: float) -> bool:
        return self._random.random() < 1 / count

    def one_of(self, things: Sequence[Thing]) -> Thing:
        return things[self._random.randrange(len(things))]

    def weighted(self, things: Sequence[Thing], weights: Sequence[float]) -> Thing:
        return self._random.choices(things, weights)[0]

    def some_of(self, things: Sequence[Thing], count: int) -> list[Thing]:
        return self._random.sample(list(things), min(count, len(things)))

    def opaque_id(self) -> str:
        return self._random.randbytes(8).hex()

    def salt(self) -> bytes:
        return self._random.randbytes(16)

    def purchase_number(self) -> str:
        return "P-" + "".join(self._random.choice(CROCKFORD) for _ in range(10))

    def within(self, least: timedelta, most: timedelta) -> timedelta:
        span = int((most - least).total_seconds())
        return least + timedelta(seconds=self._random.randint(0, span))

    def office_hour(self, day: date) -> datetime:
        """An instant in working hours of a day in the city."""
        return instant_of(day, time(8, 0)) + timedelta(seconds=self._random.randint(0, 8 * 3600))

    def waking_hour(self, day: date) -> datetime:
        return instant_of(day, time(6, 0)) + timedelta(seconds=self._random.randint(0, 15 * 3600))
