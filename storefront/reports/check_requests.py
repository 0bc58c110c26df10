"""A check that an auditor wants to see now: asked for on a page, made by the worker.

Looking at everything takes minutes where the ledger is large, so no page waits for it. The wish is
a message of the outbox that only the job of the checks takes; all that wait when it comes by are
answered by one run.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.accounts.models import PersonDetails
from storefront.core import audit, outbox
from storefront.core.outbox import Message
from storefront.core.permissions import CITY, Action, Actor, PersonId, require

ASKED = "check_asked"
"""Outbox topic, payload `{"by": person_id}`."""
LONGEST = timedelta(hours=1)
"""No run takes so long: a worker that has not answered by then is gone, and another begins anew."""


@dataclass(frozen=True)
class CheckRequest:
    """A check that was asked for and is not made yet."""

    asked_at: datetime
    who: str
    """A name, else the opaque id."""
    is_begun: bool
    """Whether a worker has taken it."""


def ask(session: Session, actor: Actor, *, now: datetime) -> bool:
    """Ask for a check. False where one is asked for already. Raises `NotAllowed`."""
    require(actor, Action.AUDIT, CITY)
    if outbox.find_waiting(session, ASKED) is not None:
        return False
    outbox.put(session, ASKED, {"by": actor.person_id}, now=now)
    audit.record(session, actor, "check.asked", "ledger", now=now)
    session.flush()
    return True


def find_request(session: Session, actor: Actor, *, now: datetime) -> CheckRequest | None:
    """The check that is asked for; None where none is. At most two queries. Raises `NotAllowed`."""
    require(actor, Action.SEE_CITY, CITY)
    waiting = outbox.find_waiting(session, ASKED)
    if waiting is None:
        return None
    by = _asker(waiting.message)
    name = session.scalar(select(PersonDetails.name).filter_by(person_id=by))
    return CheckRequest(waiting.message.written_at, name or by, waiting.due_at > now)


def take(session: Session, *, now: datetime) -> tuple[PersonId | None, list[int]]:
    """Who asked first for a check (None: nobody), and the messages that the next run answers."""
    taken = outbox.lease(session, ASKED, until=now + LONGEST, now=now)
    return (_asker(taken[0]) if taken else None), [message.id for message in taken]


def _asker(message: Message) -> PersonId:
    return PersonId(str(message.payload["by"]))
