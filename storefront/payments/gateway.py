"""The payment gateway as the store sees it: whole rupiah, frozen answers, clear failures."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from storefront.core.errors import N_, DomainError
from storefront.payments.models import ChargeMethod, RefundOrigin, RefundStatus

CURRENCY = "idr"


class GatewayUnavailable(DomainError):
    """No answer in time, or none to be trusted.

    What was asked may have happened: asking again with the same idempotency key finds it.
    """

    code = "gateway_unavailable"
    message = N_(
        "Layanan pembayaran sedang tidak menjawab. Pesanan Anda tersimpan; coba lagi sebentar lagi."
    )


class GatewayRefused(DomainError):
    """The gateway understood and said no: nothing happened there. `code_given` is its reason."""

    code = "gateway_refused"
    message = N_("Layanan pembayaran menolak permintaan ini (%(code_given)s).")

    @property
    def code_given(self) -> str:
        return str(self.details["code_given"])


class ForgedEvent(Exception):
    """An event whose signature is missing, wrong or too old, or that cannot be read."""


class SessionStatus(StrEnum):
    UNPAID = "unpaid"
    PAID = "paid"
    EXPIRED = "expired"


class Subject(StrEnum):
    """What an event is about, as far as the store cares."""

    SESSION = "session"
    REFUND = "refund"
    NOTHING = "nothing"


@dataclass(frozen=True)
class OpenedSession:
    """Where the payer goes."""

    session_id: str
    url: str
    expires_at: datetime
    payment_intent: str | None


@dataclass(frozen=True)
class SessionState:
    """What the gateway says of a session now. `amount` is None where it is no whole rupiah."""

    session_id: str
    status: SessionStatus
    amount: int | None
    currency: str
    reference: str | None
    idempotency_key: str | None
    """The key it was opened with: finds the attempt when the answer to the opening was lost."""
    payment_intent: str | None
    method: ChargeMethod | None
    refunded_amount: int


@dataclass(frozen=True)
class RefundState:
    """What the gateway says of a refund or of a dispute now."""

    refund_id: str
    status: RefundStatus
    amount: int | None
    origin: RefundOrigin
    idempotency_key: str | None
    """The store's key; None for what was not asked by the store."""


@dataclass(frozen=True)
class GatewayNotice:
    """An event whose signature was right. A hint: it says where to look, not what is true."""

    event_id: str
    kind: str
    subject: Subject
    object_id: str | None
    """Of a session its id; of a refund or dispute the payment intent's."""


class PaymentGateway(Protocol):
    """What the store asks of a gateway, outside any transaction, in whole rupiah.

    Every call may raise `GatewayUnavailable` or `GatewayRefused`. One that repeats its
    `idempotency_key` is answered as before, and does nothing twice.
    """

    def open_session(
        self,
        *,
        reference: str,
        amount: int,
        description: str,
        success_url: str,
        cancel_url: str,
        idempotency_key: str,
        expires_at: datetime,
    ) -> OpenedSession: ...

    def fetch_session(self, session_id: str) -> SessionState: ...

    def expire_session(self, session_id: str) -> SessionState:
        """Close a session and read it again: only an answer that is not paid frees the stock."""
        ...

    def refund(
        self, *, payment_intent: str, amount: int, reference: str, idempotency_key: str
    ) -> RefundState:
        """Give back, or find what was given back for the key before, however long ago."""
        ...

    def fetch_refunds(self, payment_intent: str) -> list[RefundState]:
        """All refunds and disputes of a payment, whoever made them, the oldest first."""
        ...

    def read_event(self, payload: bytes, signature: str) -> GatewayNotice:
        """Verify first, then read. Raises `ForgedEvent`."""
        ...
