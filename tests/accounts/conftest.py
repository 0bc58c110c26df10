"""What tests of accounts are given: somebody who can sign in, and units of work to do it in."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from storefront.core.database import UnitOfWork, transaction
from tests.accounts.people import Someone, someone


@pytest.fixture
def unit(engine: Engine) -> UnitOfWork:
    """A unit of work on a session of its own, as a face opens it."""

    @contextmanager
    def opened() -> Iterator[Session]:
        with Session(engine, expire_on_commit=False) as session, transaction(session):
            yield session

    return opened


@pytest.fixture
def rina(session: Session) -> Someone:
    """An employee who has set a password."""
    return someone(session, "Rina Amelia", "198703122010012003", has_password=True)
