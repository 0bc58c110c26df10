"""What imports have in common: all or nothing, and a try that keeps nothing."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

from sqlalchemy.orm import Session

Item = TypeVar("Item")

ASKED_AT_ONCE = 500
"""Values in one IN: SQLite has bounds, and a plan for a hundred thousand is no plan."""


@contextmanager
def kept_if(session: Session, keep: bool) -> Iterator[None]:
    """Do what is inside for good, or only to see that it could be done."""
    with session.begin_nested() as savepoint:
        yield
        session.flush()
        if not keep:
            savepoint.rollback()
            session.expunge_all()  # nothing of what was tried may be taken for true


def in_parts(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """The items in parts that one query can ask for."""
    for start in range(0, len(items), ASKED_AT_ONCE):
        yield items[start : start + ASKED_AT_ONCE]
