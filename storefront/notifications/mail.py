"""Mail: written once for each message and person, sent until it has left."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.core.database import UnitOfWork
from storefront.core.outbox import Message
from storefront.core.paging import PAGE_SIZE, Page
from storefront.core.rendering import MailRenderer
from storefront.notifications.models import Mail
from storefront.notifications.topics import letters_for

LEASE = timedelta(minutes=2)
"""How long a sender may take before another tries: longer than any time limit of a mail server."""
MOST_ATTEMPTS = 12
SECRET_TEMPLATES = ("code_activate", "code_reset")


class MailRefused(Exception):
    """The mail server did not take a mail; the message says why."""


@dataclass(frozen=True)
class Outgoing:
    """A mail on its way. `key` is the same at every attempt: a stable Message-ID."""

    key: str
    to_address: str
    subject: str
    body: str


class Sender(Protocol):
    """What takes mails out of the house. Raises `MailRefused`."""

    def send(self, mail: Outgoing) -> None: ...


LinkOfCode = Callable[[int], str]
"""The path of a one-time code's link, made from the row's id and the app's key."""


def write(
    session: Session,
    message: Message,
    renderer: MailRenderer,
    link_of_code: LinkOfCode,
    *,
    public_url: str,
    today: date,
    now: datetime,
) -> int:
    """Write the mails of a message in this unit of work; how many were new.

    Called again for the same message it writes nothing: a message and an address are one mail.
    """
    known = set(session.scalars(select(Mail.to_address).where(Mail.outbox_id == message.id)))
    new = 0
    for letter in letters_for(session, message, today=today):
        if letter.to.email in known:
            continue
        path = letter.path if letter.code_id is None else link_of_code(letter.code_id)
        rendered = renderer.render(
            letter.template,
            letter.to.language,
            name=letter.to.name,
            link=f"{public_url}{path}",
            **letter.values,
        )
        session.add(
            Mail(
                outbox_id=message.id,
                person_id=letter.to.person_id,
                to_address=letter.to.email,
                template=letter.template,
                subject=rendered.subject[:200],
                body=rendered.body,
                written_at=now,
                due_at=now,
            )
        )
        known.add(letter.to.email)
        new += 1
    session.flush()
    return new


def send_due(transaction: UnitOfWork, sender: Sender, *, now: datetime, keep_secrets: bool) -> int:
    """Send what waits, each mail outside any transaction; how many left.

    A mail is leased before it is sent, so that two workers do not send it twice. A link that sets
    a password is blanked once it has left, unless it is to be looked at (`keep_secrets`: the demo).
    """
    sent = 0
    for mail_id, outgoing in _lease(transaction, now):
        try:
            sender.send(outgoing)
        except MailRefused as refusal:
            with transaction() as session:
                mail = session.get_one(Mail, mail_id)
                mail.last_error = str(refusal)[:500]
                mail.due_at = now + timedelta(seconds=30) * 2**mail.attempts
            continue
        with transaction() as session:
            mail = session.get_one(Mail, mail_id)
            mail.sent_at = now
            if mail.template in SECRET_TEMPLATES and not keep_secrets:
                mail.body = ""
        sent += 1
    return sent


def _lease(transaction: UnitOfWork, now: datetime) -> list[tuple[int, Outgoing]]:
    with transaction() as session:
        query = (
            select(Mail)
            .where(Mail.sent_at.is_(None), Mail.due_at <= now, Mail.attempts < MOST_ATTEMPTS)
            .order_by(Mail.id)
            .limit(50)
            .with_for_update(skip_locked=True)
        )
        leased = []
        for mail in session.scalars(query):
            mail.attempts += 1
            mail.due_at = now + LEASE
            outgoing = Outgoing(
                f"{mail.outbox_id}.{mail.id}", mail.to_address, mail.subject, mail.body
            )
            leased.append((mail.id, outgoing))
    return leased


@dataclass(frozen=True)
class MailRow:
    """A mail as the demo's mailbox shows it."""

    id: int
    to_address: str
    subject: str
    body: str
    written_at: datetime
    sent_at: datetime | None


def list_mails(session: Session, *, to: str = "", page: int = 1) -> Page[MailRow]:
    """A page of mails, newest first, of one address or of all."""
    query = select(Mail).order_by(Mail.id.desc()).limit(PAGE_SIZE + 1)
    if to:
        query = query.where(Mail.to_address == to.strip().lower())
    rows = [
        MailRow(row.id, row.to_address, row.subject, row.body, row.written_at, row.sent_at)
        for row in session.scalars(query.offset((page - 1) * PAGE_SIZE))
    ]
    return Page(rows[:PAGE_SIZE], page, has_next=len(rows) > PAGE_SIZE)
