"""What must be told: at least once, later if need be, and never if its cause was taken back."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from storefront.core import outbox
from storefront.core.database import transaction
from storefront.core.outbox import MOST_ATTEMPTS
from tests.factories import NOON

HOUR = timedelta(hours=1)


def put(session: Session) -> int:
    with transaction(session):
        outbox.put(session, "order_placed", {"order": "P-1-1"}, now=NOON)
    return outbox.due(session, now=NOON)[0].id


def test_a_message_waits_until_it_is_handled(session: Session) -> None:
    message_id = put(session)
    assert [m.payload for m in outbox.due(session, now=NOON)] == [{"order": "P-1-1"}]
    with transaction(session):
        outbox.mark_handled(session, message_id, now=NOON)
    assert outbox.due(session, now=NOON + HOUR) == []


def test_what_was_rolled_back_is_never_told(session: Session) -> None:
    with pytest.raises(RuntimeError, match="midway"), transaction(session):
        outbox.put(session, "order_placed", {"order": "P-1-1"}, now=NOON)
        raise RuntimeError("midway")
    assert outbox.due(session, now=NOON) == []


def test_a_failed_message_comes_back_each_time_after_a_longer_wait(session: Session) -> None:
    message_id, now = put(session), NOON
    waits = []
    for _ in range(3):
        with transaction(session):
            outbox.mark_failed(session, message_id, "mail server down", now=now)
        assert outbox.due(session, now=now) == []
        waited = 1
        while not outbox.due(session, now=now + timedelta(seconds=waited)):
            waited += 1
        waits.append(waited)
        now += timedelta(seconds=waited)
    assert waits == [5, 20, 80]


def test_after_many_failures_a_message_stays_to_be_looked_at(session: Session) -> None:
    message_id = put(session)
    for _ in range(MOST_ATTEMPTS):
        with transaction(session):
            outbox.mark_failed(session, message_id, "no such order", now=NOON)
    assert outbox.due(session, now=NOON + timedelta(days=365)) == []


def test_a_topic_that_another_takes_is_left_to_it(session: Session) -> None:
    put(session)
    assert outbox.due(session, now=NOON, besides=("order_placed",)) == []
    assert len(outbox.due(session, now=NOON, besides=("order_paid",))) == 1


def test_what_is_leased_is_nobody_elses_until_the_lease_is_over(session: Session) -> None:
    message_id = put(session)
    with transaction(session):
        (leased,) = outbox.lease(session, "order_placed", until=NOON + HOUR, now=NOON)
        assert outbox.lease(session, "order_paid", until=NOON + HOUR, now=NOON) == []
    assert leased.id == message_id
    for another in (outbox.due(session, now=NOON), _leased(session, now=NOON)):
        assert another == []
    assert [each.id for each in _leased(session, now=NOON + HOUR)] == [message_id]


def _leased(session: Session, *, now: datetime) -> list[outbox.Message]:
    with transaction(session):
        return outbox.lease(session, "order_placed", until=now + HOUR, now=now)
