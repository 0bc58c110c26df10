"""Address parts that must be unique in their table."""

from collections.abc import Collection
from secrets import token_hex

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute, Session

from storefront.core.database import Base

NUMBERED_UP_TO = 9


def insert_with_slug(
    session: Session,
    row: Base,
    column: InstrumentedAttribute[str],
    base: str,
    *,
    reserved: Collection[str] = (),
) -> None:
    """Insert a row under the slug, or where that is taken or reserved the next of it that is not.

    Of two that come at once the second gets a random ending: the table's UNIQUE decides. Raises
    IntegrityError for whatever else the row violates.
    """
    setattr(row, column.key, _free(session, column, base, reserved))
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        setattr(row, column.key, _random(base))
        session.add(row)
        session.flush()


def _free(
    session: Session,
    column: InstrumentedAttribute[str],
    base: str,
    reserved: Collection[str],
) -> str:
    candidates = [base, *(f"{base}-{number}" for number in range(2, NUMBERED_UP_TO + 1))]
    taken = {*reserved, *session.scalars(select(column).where(column.in_(candidates)))}
    return next((slug for slug in candidates if slug not in taken), _random(base))


def _random(base: str) -> str:
    return f"{base[:60]}-{token_hex(4)}"
