"""Events of the gateway, each noted once and handled to its end."""

from datetime import timedelta

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from storefront.core.database import transaction
from storefront.payments.events import note_event, record_event_handled
from storefront.payments.gateway import GatewayNotice, Subject
from storefront.payments.models import GatewayEvent
from storefront.payments.queries import events_unhandled
from tests.payments.conftest import NOON
from tests.threads import in_threads

NOTICE = GatewayNotice("evt_1", "checkout.session.completed", Subject.SESSION, "cs_1")


def note(session: Session) -> bool:
    with transaction(session):
        return note_event(session, NOTICE, now=NOON)


def test_an_event_that_was_handled_is_known(session: Session) -> None:
    assert note(session)
    with transaction(session):
        record_event_handled(session, NOTICE, outcome="settled", now=NOON)
    assert not note(session)


def test_an_event_that_nobody_finished_is_handled_when_it_comes_again(session: Session) -> None:
    assert note(session)
    assert [event.provider_event_id for event in events_unhandled(session)] == ["evt_1"]
    assert note(session)


def test_the_first_outcome_stays(session: Session) -> None:
    note(session)
    for outcome, now in (("settled", NOON), ("ignored", NOON + timedelta(days=1))):
        with transaction(session):
            record_event_handled(session, NOTICE, outcome=outcome, now=now)
    event = session.scalars(select(GatewayEvent)).one()
    assert (event.outcome, event.handled_at) == ("settled", NOON)


def test_an_event_that_comes_eight_times_at_once_is_one_row(
    session: Session, engine: Engine
) -> None:
    def come(_: int) -> bool:
        with Session(engine) as own:
            return note(own)

    assert all(in_threads(8, come))
    assert session.scalar(select(func.count(GatewayEvent.id))) == 1
