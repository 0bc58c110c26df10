"""The sandbox's memory belongs to all workers: what one writes, another reads."""

import subprocess
import sys
from pathlib import Path

from storefront.payments.gateway import SessionStatus
from storefront.payments.sandbox.state import SandboxState
from storefront.payments.sandbox.wire import standing_calls
from storefront.payments.stripe_gateway import StripeGateway
from tests.payments.openings import opened
from tests.threads import in_threads

ANOTHER_WORKER = """
import sys
from pathlib import Path
from storefront.payments.sandbox import payer
from tests.payments.conftest import NOON, Clock, sandbox_at
payer.pay(sandbox_at(Path(sys.argv[1]), Clock(NOON)), sys.argv[2])
"""


def test_what_another_process_was_paid_is_paid_here(gateway: StripeGateway, tmp_path: Path) -> None:
    session = opened(gateway)
    subprocess.run(
        [sys.executable, "-c", ANOTHER_WORKER, str(tmp_path), session.session_id], check=True
    )
    assert gateway.fetch_session(session.session_id).status is SessionStatus.PAID


def test_eight_threads_with_one_key_open_one_session(
    gateway: StripeGateway, sandbox: SandboxState
) -> None:
    def attempt(_: int) -> str:
        while True:
            try:
                return opened(gateway).session_id
            except Exception:  # noqa: BLE001, S112 - 409 while the first still runs
                continue

    assert len(set(in_threads(8, attempt))) == 1
    with sandbox.records() as records:
        assert len(records.all("checkout.session")) == 1


def test_the_mock_does_not_keep_the_calls_that_it_answered(gateway: StripeGateway) -> None:
    for number in range(20):
        opened(gateway, key=f"pay-{number}")
    assert standing_calls() <= 1
