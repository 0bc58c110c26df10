"""Which gateway there is: Stripe itself, or Stripe's code over the sandbox's mock."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from storefront.payments.gateway import PaymentGateway
from storefront.payments.sandbox.state import SandboxState
from storefront.payments.sandbox.wire import start_sandbox
from storefront.payments.stripe_gateway import StripeAccount, StripeGateway


@dataclass(frozen=True)
class SandboxPlace:
    """Where the sandbox keeps its memory, and where the store that it serves is reached."""

    folder: Path
    store_address: str
    app_secret: str
    clock: Callable[[], datetime]


def stripe(account: StripeAccount) -> PaymentGateway:
    """Stripe itself."""
    return StripeGateway(account)


def sandbox(account: StripeAccount, place: SandboxPlace) -> tuple[PaymentGateway, SandboxState]:
    """The same gateway, with the mock answering in this process, and the mock's account.

    Keys that `account` leaves empty are derived from the app's secret, so that all workers have
    the same and nobody outside knows them.
    """
    account = replace(
        account,
        secret_key=account.secret_key or f"sk_test_{_derived(place, 'secret key')}",
        webhook_secret=account.webhook_secret or f"whsec_{_derived(place, 'webhook secret')}",
    )
    state = SandboxState(
        path=place.folder / "sandbox.sqlite3",
        secret_key=account.secret_key,
        webhook_secret=account.webhook_secret,
        clock=place.clock,
        page_address=f"{place.store_address}/sandbox/pay",
        webhook_address=f"{place.store_address}/webhooks/stripe",
    )
    start_sandbox(state, api_base=account.api_base)
    return StripeGateway(account), state


def _derived(place: SandboxPlace, what: str) -> str:
    text = f"sandbox {what} of {place.folder}"
    return hmac.new(place.app_secret.encode(), text.encode(), hashlib.sha256).hexdigest()[:32]
