"""Events of the gateway: each noted once, handled until it is done."""

from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from storefront.payments.gateway import GatewayNotice
from storefront.payments.models import GatewayEvent


def note_event(session: Session, notice: GatewayNotice, *, now: datetime) -> bool:
    """Note an event; False where it is known and was handled.

    One that is known but was never handled to the end (the process died, the gateway did not
    answer) is True again: what it leads to fetches the object and does nothing twice.
    """
    known = select(GatewayEvent.handled_at).filter_by(provider_event_id=notice.event_id)
    row = session.execute(known).one_or_none()
    if row is None:
        try:
            with session.begin_nested():
                session.execute(
                    insert(GatewayEvent).values(
                        provider_event_id=notice.event_id,
                        kind=notice.kind[:80],
                        object_id=notice.object_id,
                        received_at=now,
                    )
                )
        except IntegrityError:  # its twin was noted meanwhile
            row = session.execute(known).one()
    return row is None or row.handled_at is None


def record_event_handled(
    session: Session, notice: GatewayNotice, *, outcome: str, now: datetime
) -> None:
    """Note what an event led to. The first outcome stays."""
    session.execute(
        update(GatewayEvent)
        .where(GatewayEvent.provider_event_id == notice.event_id, GatewayEvent.handled_at.is_(None))
        .values(handled_at=now, outcome=outcome[:80])
        .execution_options(synchronize_session="fetch")
    )
