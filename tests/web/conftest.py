"""What tests by page begin with: noon, an order's surroundings, and the city's people at work."""

from collections.abc import Iterator

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from storefront.core.permissions import Role
from tests.factories import NOON
from tests.factories_orders import Around, around
from tests.web.offices import Desk, city_desk


@pytest.fixture
def at_noon() -> Iterator[None]:
    """Asked for by a file's `pytestmark`: the clock stands while its tests run."""
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def of(session: Session) -> Around:
    return around(session)


@pytest.fixture
def admin(app: Flask, session: Session) -> Desk:
    return city_desk(app, session, Role.CITY_ADMIN)


@pytest.fixture
def auditor(app: Flask, session: Session) -> Desk:
    return city_desk(app, session, Role.AUDITOR)
