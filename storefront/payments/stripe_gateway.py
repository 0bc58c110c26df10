"""Stripe behind our protocol. Here alone rupiah are multiplied by 100, and Stripe's names occur."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import stripe

from storefront.payments.breaker import Breaker
from storefront.payments.gateway import (
    CURRENCY,
    ForgedEvent,
    GatewayNotice,
    GatewayRefused,
    GatewayUnavailable,
    OpenedSession,
    RefundState,
    SessionState,
    SessionStatus,
    Subject,
)
from storefront.payments.models import ChargeMethod, RefundOrigin, RefundStatus

if TYPE_CHECKING:
    from stripe.params.checkout import SessionCreateParams

_log = logging.getLogger(__name__)

MINOR_UNITS = 100
"""Rupiah have two decimals at Stripe: Rp15.000 is 1500000 there (stack.md, trap 5)."""

OLDEST_EVENT_S = 300

_UNREADABLE = (ValueError, TypeError, KeyError, AttributeError)
"""What reading a body raises that is no event, whoever signed it."""

_SESSION_EVENTS = frozenset(
    {
        "checkout.session.completed",
        "checkout.session.expired",
        "checkout.session.async_payment_succeeded",
        "checkout.session.async_payment_failed",
    }
)
_REFUND_EVENTS = ("charge.refund", "refund.", "charge.dispute.")

_REFUND_STATUS: Mapping[str, RefundStatus] = {
    "succeeded": RefundStatus.SUCCEEDED,
    "failed": RefundStatus.FAILED,
    "canceled": RefundStatus.FAILED,
}
_DISPUTE_STATUS: Mapping[str, RefundStatus] = {
    "lost": RefundStatus.SUCCEEDED,
    "won": RefundStatus.FAILED,
    "warning_closed": RefundStatus.FAILED,
    "prevented": RefundStatus.FAILED,
}


@dataclass(frozen=True)
class StripeAccount:
    """How to reach an account, and how long to wait for it."""

    secret_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)
    api_base: str = stripe.DEFAULT_API_BASE
    connect_s: float = 3.05
    answer_s: float = 8.0
    retries: int = 1
    """Of the SDK, each with the same idempotency key."""


class StripeGateway:
    """`PaymentGateway` by Stripe's official SDK and its Checkout Sessions."""

    def __init__(self, account: StripeAccount, *, breaker: Breaker | None = None) -> None:
        self._webhook_secret = account.webhook_secret
        self._breaker = breaker or Breaker()
        self._stripe = stripe.StripeClient(
            account.secret_key,
            base_addresses={"api": account.api_base},
            http_client=stripe.RequestsClient(timeout=(account.connect_s, account.answer_s)),
            max_network_retries=account.retries,
        )

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
    ) -> OpenedSession:
        names = {"reference": reference, "idempotency_key": idempotency_key}
        params: SessionCreateParams = {
            "mode": "payment",
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": CURRENCY,
                        "unit_amount": amount * MINOR_UNITS,
                        "product_data": {"name": description},
                    },
                }
            ],
            "client_reference_id": reference,
            "metadata": names,
            "payment_intent_data": {"metadata": names, "description": description},
            "success_url": success_url,
            "cancel_url": cancel_url,
            "expires_at": int(expires_at.timestamp()),
            "locale": "id",
        }
        with self._asking():
            session = self._stripe.v1.checkout.sessions.create(
                params, {"idempotency_key": idempotency_key}
            )
        return OpenedSession(
            session_id=session.id,
            url=session.url or "",
            expires_at=datetime.fromtimestamp(session.expires_at, UTC),
            payment_intent=_id_of(session.payment_intent),
        )

    def fetch_session(self, session_id: str) -> SessionState:
        with self._asking():
            session = self._stripe.v1.checkout.sessions.retrieve(
                session_id, {"expand": ["payment_intent.latest_charge"]}
            )
        return _session_state(session)

    def expire_session(self, session_id: str) -> SessionState:
        # Refused where it is paid or expired already: what it is, the reading says.
        with suppress(GatewayRefused), self._asking():
            self._stripe.v1.checkout.sessions.expire(session_id)
        return self.fetch_session(session_id)

    def refund(
        self, *, payment_intent: str, amount: int, reference: str, idempotency_key: str
    ) -> RefundState:
        # Stripe forgets keys after a day, and until then repeats what it said first. The refund
        # itself bears the key, so that one asked for again is found, as it stands by now.
        for known in self.fetch_refunds(payment_intent):
            if known.idempotency_key == idempotency_key:
                return known
        with self._asking():
            refund = self._stripe.v1.refunds.create(
                {
                    "payment_intent": payment_intent,
                    "amount": amount * MINOR_UNITS,
                    "metadata": {"reference": reference, "idempotency_key": idempotency_key},
                },
                {"idempotency_key": idempotency_key},
            )
        return _refund_state(refund)

    def fetch_refunds(self, payment_intent: str) -> list[RefundState]:
        with self._asking():
            refunds = self._stripe.v1.refunds.list({"payment_intent": payment_intent, "limit": 100})
            disputes = self._stripe.v1.disputes.list(
                {"payment_intent": payment_intent, "limit": 100}
            )
            found = [(r.created, _refund_state(r)) for r in refunds.auto_paging_iter()]
            found += [(d.created, _dispute_state(d)) for d in disputes.auto_paging_iter()]
        return [state for _, state in sorted(found, key=lambda it: (it[0], it[1].refund_id))]

    def read_event(self, payload: bytes, signature: str) -> GatewayNotice:
        try:
            event = self._stripe.construct_event(
                payload, signature, self._webhook_secret, tolerance=OLDEST_EVENT_S
            )
            return _notice(event.to_dict())
        except (stripe.SignatureVerificationError, *_UNREADABLE) as error:
            raise ForgedEvent from error

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Turn the SDK's errors into ours, and ask nobody who did not answer just now."""
        if not self._breaker.lets_through():
            raise GatewayUnavailable
        try:
            yield
        except (stripe.InvalidRequestError, stripe.CardError) as error:
            self._breaker.succeeded()
            raise GatewayRefused(code_given=error.code or error.param or "invalid") from error
        except stripe.StripeError as error:
            _log.warning("payment gateway: %s %s", type(error).__name__, error.http_status)
            if _is_down(error):
                self._breaker.failed()
            else:  # our key is wrong, or one idempotency key asks for two things: mended by hand
                self._breaker.succeeded()
            raise GatewayUnavailable from error
        self._breaker.succeeded()


def _is_down(error: stripe.StripeError) -> bool:
    if isinstance(error, stripe.APIConnectionError | stripe.RateLimitError):
        return True
    return error.http_status is None or error.http_status >= 500  # noqa: PLR2004


def _session_state(session: stripe.checkout.Session) -> SessionState:
    status = SessionStatus.UNPAID
    if session.payment_status == "paid":
        status = SessionStatus.PAID
    elif session.status == "expired":
        status = SessionStatus.EXPIRED
    names = _names_of(session)
    intent = session.payment_intent
    charge = _charge_of(intent)
    return SessionState(
        session_id=session.id,
        status=status,
        amount=_rupiah(session.amount_total),
        currency=session.currency or "",
        reference=names.get("reference"),
        idempotency_key=names.get("idempotency_key"),
        payment_intent=_id_of(intent),
        method=_method_of(charge) if charge else None,
        refunded_amount=charge.amount_refunded // MINOR_UNITS if charge else 0,
    )


def _charge_of(intent: str | stripe.PaymentIntent | None) -> stripe.Charge | None:
    charge = intent.latest_charge if isinstance(intent, stripe.PaymentIntent) else None
    return charge if isinstance(charge, stripe.Charge) else None


def _refund_state(refund: stripe.Refund) -> RefundState:
    key = _names_of(refund).get("idempotency_key")
    return RefundState(
        refund_id=refund.id,
        status=_REFUND_STATUS.get(refund.status or "", RefundStatus.PENDING),
        amount=_rupiah(refund.amount),
        origin=RefundOrigin.STORE if key else RefundOrigin.GATEWAY,
        idempotency_key=key,
    )


def _dispute_state(dispute: stripe.Dispute) -> RefundState:
    """A dispute holds its amount until it is decided; lost, the money is gone as by a refund."""
    return RefundState(
        refund_id=dispute.id,
        status=_DISPUTE_STATUS.get(dispute.status, RefundStatus.PENDING),
        amount=_rupiah(dispute.amount),
        origin=RefundOrigin.DISPUTE,
        idempotency_key=None,
    )


def _notice(event: dict[str, Any]) -> GatewayNotice:
    kind, subject, about = str(event["type"]), Subject.NOTHING, event["data"]["object"]
    object_id = about.get("id")
    if event.get("account"):  # another account's, sent to a platform: none of ours
        pass
    elif kind in _SESSION_EVENTS:
        subject = Subject.SESSION
    elif kind.startswith(_REFUND_EVENTS) and about.get("payment_intent"):
        subject, object_id = Subject.REFUND, about["payment_intent"]
    return GatewayNotice(str(event["id"]), kind, subject, object_id)


def _names_of(thing: stripe.checkout.Session | stripe.Refund) -> dict[str, str]:
    metadata: Any = thing.metadata
    return dict(metadata.to_dict()) if metadata else {}


def _method_of(charge: stripe.Charge) -> ChargeMethod:
    """`payment_method` knows two words (contract.md): whatever is no QRIS goes by card."""
    details = charge.payment_method_details
    return ChargeMethod.QRIS if details and str(details.type) == "qris" else ChargeMethod.CARD


def _rupiah(minor: int | None) -> int | None:
    """Whole rupiah of an amount, or None: a part of a rupiah equals nothing that was asked."""
    if minor is None or minor % MINOR_UNITS:
        return None
    return minor // MINOR_UNITS


def _id_of(thing: str | stripe.PaymentIntent | None) -> str | None:
    return thing.id if isinstance(thing, stripe.PaymentIntent) else thing
