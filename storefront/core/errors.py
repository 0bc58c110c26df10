"""What a verb may raise: a refusal that the domain foresaw, in words that a person can be shown."""

from typing import ClassVar


def N_(message: str) -> str:  # noqa: N802 - gettext's name for "extract now, translate later"
    return message


class DomainError(Exception):
    """A refusal. It rolls the unit of work back, and becomes a message at the field it names.

    `code` is for programs (API, logs); `message` is the id that the roof translates and fills with
    `details`; `field` is the input to put right, where one is at fault.
    """

    code: ClassVar[str]
    message: ClassVar[str]
    field: ClassVar[str | None] = None

    def __init__(self, **details: object) -> None:
        super().__init__(self.message % details)
        self.details = details


class Conflict(DomainError):
    """What was asked for no longer fits what is: somebody acted meanwhile. HTTP 409."""


class NotAllowed(DomainError):
    code = "not_allowed"
    message = N_("Anda tidak berwenang melakukan ini.")


class NotFound(DomainError):
    """Also for what is another's: whoever asks must not learn that it exists."""

    code = "not_found"
    message = N_("Yang Anda cari tidak ada, atau bukan milik Anda.")


class Busy(DomainError):
    """The wait for a lock was too long. Nothing was written: the same request may be sent again."""

    code = "busy"
    message = N_("Sedang ramai dan permintaan Anda belum diproses. Silakan coba lagi sebentar.")
