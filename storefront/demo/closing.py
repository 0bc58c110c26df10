"""The demo's closed months: each proposed and confirmed in the first days of the next."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from storefront.core.permissions import Actor
from storefront.core.signed_notes import Signer
from storefront.demo.timeline import Act, Calendar
from storefront.programme.closing import close_and_publish
from storefront.quota.closes import propose_close


def closes(
    session: Session, calendar: Calendar, *, proposer: Actor, confirmer: Actor, signer: Signer
) -> Iterator[Act]:
    """Two people of the city close month after month, and publish who took part in each."""

    def propose(at: datetime) -> None:
        propose_close(session, proposer, now=at)

    def confirm(month: str, at: datetime) -> None:
        close_and_publish(session, confirmer, month, signer=signer, now=at)

    for planned in calendar.closes:
        yield Act(planned.proposed_at, propose)
        yield Act(planned.confirmed_at, partial(confirm, planned.month))
