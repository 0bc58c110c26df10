"""Opening a session, as most tests of the gateway begin."""

from datetime import datetime, timedelta

from storefront.payments.gateway import OpenedSession
from storefront.payments.stripe_gateway import StripeGateway
from tests.payments.conftest import NOON


def opened(
    gateway: StripeGateway,
    *,
    reference: str = "P-7K3M9Q2T4V",
    amount: int = 15_000,
    key: str = "pay-1",
    expires_at: datetime = NOON + timedelta(minutes=31),
) -> OpenedSession:
    return gateway.open_session(
        reference=reference,
        amount=amount,
        description=f"Pembelian {reference}",
        success_url="http://localhost/purchases/P-7K3M9Q2T4V?session={CHECKOUT_SESSION_ID}",
        cancel_url="http://localhost/purchases/P-7K3M9Q2T4V",
        idempotency_key=key,
        expires_at=expires_at,
    )
