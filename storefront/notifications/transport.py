"""How a mail leaves the house: by SMTP; or, in the demo and in tests, not at all."""

import smtplib
from email.message import EmailMessage
from email.utils import parseaddr
from urllib.parse import unquote, urlsplit

from storefront.notifications.mail import MailRefused, Outgoing, Sender

TIMEOUT_S = 20


class Kept:
    """Sends nothing: the mail stays in its table, where `/dev/mail` shows it."""

    def send(self, mail: Outgoing) -> None:
        del mail


class Smtp:
    """Sends through a mail server: `smtp://` with STARTTLS where it is offered, or `smtps://`."""

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        self._tls = parts.scheme == "smtps"
        self._host = parts.hostname or "localhost"
        self._port = parts.port or (465 if self._tls else 25)
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        self._sender = sender

    def send(self, mail: Outgoing) -> None:
        """Raises `MailRefused` for whatever the server or the line to it says."""
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = mail.to_address
        message["Subject"] = mail.subject
        domain = parseaddr(self._sender)[1].partition("@")[2]
        message["Message-ID"] = f"<{mail.key}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.body)
        opened = smtplib.SMTP_SSL if self._tls else smtplib.SMTP
        try:
            with opened(self._host, self._port, timeout=TIMEOUT_S) as server:
                server.ehlo()
                if not self._tls and server.has_extn("starttls"):
                    server.starttls()
                if self._user:
                    server.login(self._user, self._password)
                server.send_message(message)
        except (smtplib.SMTPException, OSError) as error:
            raise MailRefused(str(error)) from error


def sender_for(mail_url: str, mail_from: str) -> Sender:
    """The way out that the settings name."""
    return Smtp(mail_url, mail_from) if mail_url else Kept()
