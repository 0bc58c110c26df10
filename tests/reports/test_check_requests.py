"""A check that is asked for: by whom, once, and again where a worker was lost over it."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from storefront.accounts.models import PersonDetails
from storefront.core import outbox
from storefront.core.database import transaction
from storefront.core.errors import NotAllowed
from storefront.core.permissions import CITY, Actor, PersonId, Role
from storefront.reports.check_requests import ASKED, LONGEST, CheckRequest, ask, find_request, take
from tests.factories import NOON, actor_of, agency, placed, signed_up

SECOND = timedelta(seconds=1)


@pytest.fixture
def auditor(session: Session) -> Actor:
    return signed_up(session, Role.AUDITOR, CITY)


def asked(session: Session, actor: Actor, *, now: datetime = NOON) -> bool:
    with transaction(session):
        return ask(session, actor, now=now)


def taken(session: Session, *, now: datetime) -> tuple[PersonId | None, int]:
    """Who asked, and how many messages the run would answer."""
    with transaction(session):
        by, messages = take(session, now=now)
    return by, len(messages)


def test_it_is_asked_for_once_however_often_one_asks(session: Session, auditor: Actor) -> None:
    assert asked(session, auditor)
    assert not asked(session, signed_up(session, Role.AUDITOR, CITY))
    assert taken(session, now=NOON) == (auditor.person_id, 1)
    assert not asked(session, auditor, now=NOON + SECOND), "while it is being made"


def test_requests_that_slipped_in_at_the_same_moment_are_one_run(
    session: Session, auditor: Actor
) -> None:
    with transaction(session):
        for _ in range(2):
            outbox.put(session, ASKED, {"by": auditor.person_id}, now=NOON)
    assert taken(session, now=NOON) == (auditor.person_id, 2)
    assert taken(session, now=NOON) == (None, 0)


def test_one_sees_who_asked_since_when_and_whether_it_is_begun(
    session: Session, auditor: Actor
) -> None:
    assert find_request(session, auditor, now=NOON) is None
    asked(session, auditor)
    name = session.get_one(PersonDetails, auditor.person_id).name
    assert find_request(session, auditor, now=NOON) == CheckRequest(NOON, name, is_begun=False)
    taken(session, now=NOON + SECOND)
    begun = find_request(session, auditor, now=NOON + SECOND)
    assert begun == CheckRequest(NOON, name, is_begun=True)


def test_what_a_worker_was_lost_over_is_taken_by_another(session: Session, auditor: Actor) -> None:
    asked(session, auditor)
    taken(session, now=NOON)
    assert taken(session, now=NOON + LONGEST - SECOND) == (None, 0)
    assert taken(session, now=NOON + LONGEST) == (auditor.person_id, 1)


def test_what_failed_too_often_keeps_nobody_from_asking_anew(
    session: Session, auditor: Actor
) -> None:
    asked(session, auditor)
    (message,) = outbox.due(session, now=NOON)
    with transaction(session):
        for _ in range(outbox.MOST_ATTEMPTS):
            outbox.mark_failed(session, message.id, "the disk is full", now=NOON)
    assert find_request(session, auditor, now=NOON) is None
    assert asked(session, auditor)


def test_only_an_auditor_asks(session: Session) -> None:
    unit = agency(session)
    officer = actor_of(placed(session, unit), unit, Role.PROCUREMENT)
    for somebody in (officer, signed_up(session, Role.CITY_ADMIN, CITY)):
        with pytest.raises(NotAllowed):
            asked(session, somebody)
    with pytest.raises(NotAllowed):
        find_request(session, officer, now=NOON)
