"""Money from outside: attempts at the gateway, its refunds and events, and agencies' payments.

Nothing here knows of orders: a reference is the text of a purchase's or an order's number.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import NewType

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storefront.core.database import Base, BigId, Rupiah
from storefront.core.permissions import PersonId

PaymentId = NewType("PaymentId", int)
RefundId = NewType("RefundId", int)


class GatewayPaymentStatus(StrEnum):
    PENDING = "pending"
    """Written; the gateway has not answered yet."""
    OPEN = "open"
    """The gateway has a session that the payer may use."""
    SETTLED = "settled"
    EXPIRED = "expired"
    FAILED = "failed"
    """The gateway refused to open it, or the payer's bank refused for good."""
    SUPERSEDED = "superseded"
    """Closed by the store before its time: the buyer cancelled, or pays anew."""


class ChargeMethod(StrEnum):
    CARD = "card"
    QRIS = "qris"


class RefundStatus(StrEnum):
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class RefundOrigin(StrEnum):
    STORE = "store"
    GATEWAY = "gateway"
    """Made by hand at the gateway."""
    DISPUTE = "dispute"
    """The payer's bank took the money back, or asks for it."""


class AgencyMethod(StrEnum):
    UP_GU = "up_gu"
    LS = "ls"
    KKPD = "kkpd"


class GatewayPayment(Base):
    """One attempt to be paid for a purchase. Written before the gateway is called."""

    __tablename__ = "gateway_payments"
    __table_args__ = (
        UniqueConstraint("reference", "attempt"),
        CheckConstraint("attempt >= 1", name="attempt_counts_from_1"),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint(
            "refunded_amount >= 0 AND refunded_amount <= amount", name="refunded_within_amount"
        ),
        CheckConstraint(
            "(status = 'settled') = (settled_at IS NOT NULL)", name="settled_with_its_time"
        ),
        CheckConstraint(
            "status <> 'open' OR provider_session_id IS NOT NULL", name="open_with_its_session"
        ),
        CheckConstraint("refunded_amount = 0 OR status = 'settled'", name="refunded_once_settled"),
        Index(None, "status", "expires_at", "id"),
    )

    id: Mapped[PaymentId] = mapped_column(BigId, primary_key=True)
    reference: Mapped[str] = mapped_column(String(40))
    """The purchase's number."""
    attempt: Mapped[int]
    amount: Mapped[Rupiah]
    status: Mapped[GatewayPaymentStatus]
    idempotency_key: Mapped[str] = mapped_column(String(80), unique=True)
    provider_session_id: Mapped[str | None] = mapped_column(String(255), unique=True)
    redirect_url: Mapped[str | None] = mapped_column(String(2_000))
    payment_intent_id: Mapped[str | None] = mapped_column(String(255), unique=True)
    charge_method: Mapped[ChargeMethod | None]
    refunded_amount: Mapped[Rupiah] = mapped_column(default=0)
    """Given back, asked back or held: what may still be refunded is the rest."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    noted: Mapped[str | None] = mapped_column(String(500))
    """What a person should look at: an amount that differs, a refusal of the gateway."""


class GatewayRefund(Base):
    """Money that goes back, asked by the store or seen at the gateway."""

    __tablename__ = "gateway_refunds"
    __table_args__ = (
        UniqueConstraint("reference", "cause"),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint(
            "(status = 'pending') = (settled_at IS NULL)", name="decided_with_its_time"
        ),
        Index(None, "status", "id"),
        Index(None, "allocated_at", "id"),
    )

    id: Mapped[RefundId] = mapped_column(BigId, primary_key=True)
    payment_id: Mapped[PaymentId] = mapped_column(ForeignKey("gateway_payments.id"), index=True)
    origin: Mapped[RefundOrigin]
    reference: Mapped[str] = mapped_column(String(40))
    """The order's number; of one made at the gateway, the purchase's."""
    cause: Mapped[str] = mapped_column(String(80))
    """Why, unique for the reference, so that asking twice is asking once."""
    amount: Mapped[Rupiah]
    status: Mapped[RefundStatus]
    idempotency_key: Mapped[str] = mapped_column(String(80), unique=True)
    provider_refund_id: Mapped[str | None] = mapped_column(String(70), unique=True)
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    """When it succeeded or failed."""
    allocated_at: Mapped[datetime | None]
    """When it was said whose money it is; None is a hold (faults.md, "Payments")."""
    allocated_by: Mapped[PersonId | None] = mapped_column(String(16))


class RefundAllocation(Base):
    """The part of a refund that belongs to one order."""

    __tablename__ = "gateway_refund_allocations"
    __table_args__ = (
        UniqueConstraint("refund_id", "reference"),
        CheckConstraint("amount > 0", name="amount_positive"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    refund_id: Mapped[RefundId] = mapped_column(ForeignKey("gateway_refunds.id"))
    reference: Mapped[str] = mapped_column(String(40), index=True)
    amount: Mapped[Rupiah]


class GatewayEvent(Base):
    """An event that came in. It is a hint: what is true is fetched."""

    __tablename__ = "gateway_events"
    __table_args__ = (
        CheckConstraint("(handled_at IS NULL) = (outcome IS NULL)", name="handled_with_outcome"),
        Index(None, "handled_at", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    provider_event_id: Mapped[str] = mapped_column(String(255), unique=True)
    kind: Mapped[str] = mapped_column(String(80))
    object_id: Mapped[str | None] = mapped_column(String(255))
    received_at: Mapped[datetime]
    handled_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(80))


class AgencyPayment(Base):
    """What an agency paid for an order, outside the store, as its treasurer recorded it."""

    __tablename__ = "agency_payments"
    __table_args__ = (
        UniqueConstraint("reference", "proof_number"),
        CheckConstraint("gross_amount > 0", name="gross_positive"),
        CheckConstraint(
            "withheld_amount >= 0 AND withheld_amount <= gross_amount", name="withheld_within_gross"
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    reference: Mapped[str] = mapped_column(String(40))
    """The order's number."""
    method: Mapped[AgencyMethod]
    paid_on: Mapped[date]
    """The date on the proof: the day of the fact."""
    proof_number: Mapped[str] = mapped_column(String(80))
    gross_amount: Mapped[Rupiah]
    withheld_amount: Mapped[Rupiah] = mapped_column(default=0)
    recorded_by: Mapped[PersonId] = mapped_column(String(16))
    recorded_at: Mapped[datetime]

    @property
    def net_amount(self) -> int:
        """What reached the seller: gross less taxes withheld."""
        return self.gross_amount - self.withheld_amount
