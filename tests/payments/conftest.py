"""The sandbox, with Stripe's own code over it, and a clock that stands until a test moves it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storefront.payments.sandbox.state import SandboxState
from storefront.payments.sandbox.wire import start_sandbox
from storefront.payments.stripe_gateway import StripeAccount, StripeGateway

NOON = datetime(2026, 11, 12, 5, 0, tzinfo=UTC)  # in Jakarta
API_BASE = "https://api.stripe.com"
SECRET_KEY = "sk_test_of_the_tests"  # noqa: S105
WEBHOOK_SECRET = "whsec_of_the_tests"  # noqa: S105


@dataclass
class Clock:
    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
def sandbox(tmp_path: Path, clock: Clock) -> SandboxState:
    state = sandbox_at(tmp_path, clock)
    start_sandbox(state, api_base=API_BASE)
    return state


def sandbox_at(folder: Path, clock: Clock) -> SandboxState:
    return SandboxState(
        path=folder / "sandbox.sqlite3",
        secret_key=SECRET_KEY,
        webhook_secret=WEBHOOK_SECRET,
        clock=clock,
        page_address="http://localhost/sandbox/pay",
        webhook_address="http://localhost/webhooks/stripe",
    )


@pytest.fixture
def gateway(sandbox: SandboxState) -> StripeGateway:  # noqa: ARG001 - it must stand first
    return StripeGateway(account())


def account(
    api_base: str = API_BASE, *, secret_key: str = SECRET_KEY, answer_s: float = 8.0
) -> StripeAccount:
    return StripeAccount(secret_key, WEBHOOK_SECRET, api_base, answer_s=answer_s, retries=0)
