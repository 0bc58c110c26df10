"""Closing a month: the books first, then what may be said of private purchases in it."""

from datetime import datetime

from sqlalchemy.orm import Session

from storefront.core.permissions import Actor
from storefront.core.signed_notes import Signer
from storefront.programme.participation import publish_month
from storefront.quota.closes import confirm_close
from storefront.quota.closing_models import PeriodClose


def close_and_publish(
    session: Session, actor: Actor, month: str, *, signer: Signer, now: datetime
) -> PeriodClose:
    """Be the second person of a month's close, and publish its participation.

    Raises what `confirm_close` raises.
    """
    close = confirm_close(session, actor, month, signer=signer, now=now)
    publish_month(session, month, now=now)
    return close
