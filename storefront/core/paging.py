"""Pages of long lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Row_co = TypeVar("Row_co", covariant=True)

PAGE_SIZE = 24
LAST_PAGE = 400
"""Who is further down wants a filter, not the next page; and no offset grows without end."""


@dataclass(frozen=True)
class Page(Generic[Row_co]):
    """The rows of one page, and where it stands. `total` is None where counting would cost."""

    rows: Sequence[Row_co]
    number: int
    has_next: bool
    total: int | None = None
    size: int = PAGE_SIZE

    @property
    def first(self) -> int:
        """The position of the first row shown, counted from 1."""
        return (self.number - 1) * self.size + 1

    @property
    def last(self) -> int:
        return self.first + len(self.rows) - 1

    @property
    def pages(self) -> int | None:
        return None if self.total is None else max(-(-self.total // self.size), 1)


def page_number(asked: int | None) -> int:
    """The nearest page number that may exist."""
    return min(max(asked or 1, 1), LAST_PAGE)
