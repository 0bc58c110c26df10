"""Closing a month: the books first, then what may be said of private purchases in it."""

from datetime import datetime

from sqlalchemy.orm import Session

from storefront.core.permissions import Actor
from storefront.programme.participation import publish_month
from storefront.quota.periods import close_month


def close_and_publish(session: Session, actor: Actor, *, now: datetime) -> str:
    """Close the first open month, publish its participation, and return it (YYYY-MM).

    Raises what `close_month` raises: `NotAllowed`, `MonthNotOver`, `CommitmentStands`.
    """
    month = close_month(session, actor, now=now)
    publish_month(session, month, now=now)
    return month
