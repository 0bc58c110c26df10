"""What only an owner of the database can do, and hide: seals and checks are there for that case."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.orm import Session

from storefront.core.append_only import definitions
from storefront.core.database import transaction


@contextmanager
def triggers_lifted(session: Session) -> Iterator[None]:
    """A unit of work in which nothing is append-only; afterwards all stands as before."""
    dialect = session.get_bind().dialect.name
    with transaction(session):
        for name in definitions(dialect):
            session.execute(text(drop_trigger(name, dialect)))
        yield
        for statement in definitions(dialect).values():
            session.execute(text(statement))


def drop_trigger(name: str, dialect: str) -> str:
    """The statement that takes a trigger away."""
    table = "" if dialect == "sqlite" else f" ON {name.partition('_refuse_')[0]}"
    return f"DROP TRIGGER {name}{table}"


def tamper(session: Session, *statements: str) -> None:
    """Change rows behind the store's back."""
    with triggers_lifted(session):
        for statement in statements:
            session.execute(text(statement))
