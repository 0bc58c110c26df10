"""What an outbox becomes: every message written as mail, as the worker does."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from config import ROOT
from storefront.core import outbox
from storefront.core.database import transaction
from storefront.core.outbox import Message
from storefront.core.rendering import MailRenderer
from storefront.notifications import mail
from storefront.notifications.models import Mail
from tests.factories import NOON

RENDERER = MailRenderer(
    ROOT / "templates" / "mail",
    ROOT / "storefront" / "translations",
    store_name="Salapak",
    city_name="Kota Bandung",
)


def told(session: Session) -> list[Mail]:
    """Everything in the outbox, written as mail."""
    with transaction(session):
        for message in outbox.due(session, now=NOON + timedelta(days=30)):
            write(session, message)
    return list(session.scalars(select(Mail).order_by(Mail.id)))


def write(session: Session, message: Message) -> int:
    """One message's mails; how many are new."""
    return mail.write(
        session,
        message,
        RENDERER,
        lambda code_id: f"/activate?token={code_id}",
        public_url="https://toko.example",
        today=NOON.date(),
        now=NOON,
    )
