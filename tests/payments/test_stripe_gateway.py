"""The gateway's own code, over the mock: what the store hears, and in which unit."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from time import monotonic

import pytest

from storefront.payments.breaker import Breaker
from storefront.payments.gateway import (
    GatewayRefused,
    GatewayUnavailable,
    SessionStatus,
)
from storefront.payments.models import ChargeMethod, RefundOrigin, RefundStatus
from storefront.payments.sandbox import payer
from storefront.payments.sandbox.state import Mood, SandboxState
from storefront.payments.stripe_gateway import StripeGateway
from tests.payments.conftest import Clock, account
from tests.payments.openings import opened

pytestmark = pytest.mark.usefixtures("sandbox")


def test_a_paid_session_is_told_in_whole_rupiah_with_its_reference(
    gateway: StripeGateway, sandbox: SandboxState
) -> None:
    session = opened(gateway, amount=15_000)
    assert gateway.fetch_session(session.session_id).status is SessionStatus.UNPAID
    payer.pay(sandbox, session.session_id, "qris")
    state = gateway.fetch_session(session.session_id)
    assert (state.status, state.amount, state.currency) == (SessionStatus.PAID, 15_000, "idr")
    assert (state.reference, state.idempotency_key) == ("P-7K3M9Q2T4V", "pay-1")
    assert state.method is ChargeMethod.QRIS
    assert state.payment_intent == session.payment_intent


def test_rupiah_are_hundredths_at_stripe(gateway: StripeGateway, sandbox: SandboxState) -> None:
    session = opened(gateway, amount=15_000)
    with sandbox.records() as records:
        kept = records.find("checkout.session", session.session_id)
    assert kept
    assert kept["amount_total"] == 1_500_000


def test_an_amount_that_is_no_whole_rupiah_equals_nothing_that_was_asked(
    gateway: StripeGateway, sandbox: SandboxState
) -> None:
    session = opened(gateway, amount=15_000)
    with sandbox.records() as records:
        kept = records.find("checkout.session", session.session_id) or {}
        records.put(kept | {"amount_total": 1_500_050})
    assert gateway.fetch_session(session.session_id).amount is None


def test_the_same_key_opens_the_same_session(gateway: StripeGateway) -> None:
    assert opened(gateway).session_id == opened(gateway).session_id


def test_a_lost_answer_is_found_by_its_key(gateway: StripeGateway, sandbox: SandboxState) -> None:
    sandbox.behave(Mood.LOSING)
    with pytest.raises(GatewayUnavailable):
        opened(gateway)
    sandbox.behave(Mood.FINE)
    found = opened(gateway)
    with sandbox.records() as records:
        assert [s["id"] for s in records.all("checkout.session")] == [found.session_id]


def test_a_key_used_for_another_request_is_no_proof_that_nothing_happened(
    gateway: StripeGateway,
) -> None:
    opened(gateway, amount=15_000)
    with pytest.raises(GatewayUnavailable):
        opened(gateway, amount=16_000)


def test_an_opening_too_late_for_its_end_is_refused(gateway: StripeGateway, clock: Clock) -> None:
    clock.passes(minutes=2)
    with pytest.raises(GatewayRefused, match="expires_at"):
        opened(gateway)


def test_a_closed_session_is_read_again_as_expired(gateway: StripeGateway) -> None:
    session = opened(gateway)
    assert gateway.expire_session(session.session_id).status is SessionStatus.EXPIRED
    assert gateway.expire_session(session.session_id).status is SessionStatus.EXPIRED


def test_closing_a_session_that_was_just_paid_says_paid(
    gateway: StripeGateway, sandbox: SandboxState
) -> None:
    session = opened(gateway)
    payer.pay(sandbox, session.session_id)
    assert gateway.expire_session(session.session_id).status is SessionStatus.PAID


def test_a_refund_of_the_store_is_told_from_one_made_by_hand(
    gateway: StripeGateway, sandbox: SandboxState
) -> None:
    session = opened(gateway, amount=15_000)
    payer.pay(sandbox, session.session_id)
    intent = session.payment_intent or ""
    ours = gateway.refund(
        payment_intent=intent, amount=4_000, reference="P-7K3M9Q2T4V-1", idempotency_key="back-1"
    )
    payer.refund_by_hand(sandbox, session.session_id, 1_000)
    found = gateway.fetch_refunds(intent)
    assert {(r.origin, r.amount, r.idempotency_key) for r in found} == {
        (RefundOrigin.STORE, 4_000, "back-1"),
        (RefundOrigin.GATEWAY, 1_000, None),
    }
    assert ours.status is RefundStatus.SUCCEEDED
    assert gateway.fetch_session(session.session_id).refunded_amount == 5_000


def test_a_refund_asked_twice_with_one_key_is_made_once(
    gateway: StripeGateway, sandbox: SandboxState
) -> None:
    session = opened(gateway, amount=15_000)
    payer.pay(sandbox, session.session_id)
    for _ in range(2):
        gateway.refund(
            payment_intent=session.payment_intent or "",
            amount=4_000,
            reference="P-7K3M9Q2T4V-1",
            idempotency_key="back-1",
        )
    assert gateway.fetch_session(session.session_id).refunded_amount == 4_000


def test_a_refund_is_found_when_stripe_has_long_forgotten_its_key(
    gateway: StripeGateway, sandbox: SandboxState, clock: Clock
) -> None:
    session = opened(gateway, amount=15_000)
    payer.pay(sandbox, session.session_id)

    def ask() -> str:
        return gateway.refund(
            payment_intent=session.payment_intent or "",
            amount=4_000,
            reference="P-7K3M9Q2T4V-1",
            idempotency_key="back-1",
        ).refund_id

    first = ask()
    clock.passes(minutes=25 * 60)
    assert ask() == first


def test_a_refund_asked_for_again_is_told_as_it_stands_by_now(
    gateway: StripeGateway, sandbox: SandboxState
) -> None:
    session = opened(gateway, amount=15_000)
    payer.pay(sandbox, session.session_id)
    asking = {
        "payment_intent": session.payment_intent or "",
        "reference": "P-7K3M9Q2T4V-1",
        "idempotency_key": "back-1",
    }
    payer.fail_refund(sandbox, gateway.refund(amount=4_000, **asking).refund_id)
    assert gateway.refund(amount=4_000, **asking).status is RefundStatus.FAILED


def test_more_than_paid_is_refused(gateway: StripeGateway, sandbox: SandboxState) -> None:
    session = opened(gateway, amount=15_000)
    payer.pay(sandbox, session.session_id)
    with pytest.raises(GatewayRefused, match="amount"):
        gateway.refund(
            payment_intent=session.payment_intent or "",
            amount=15_001,
            reference="P-7K3M9Q2T4V-1",
            idempotency_key="back-1",
        )


def test_many_refunds_are_read_page_by_page(gateway: StripeGateway, sandbox: SandboxState) -> None:
    session = opened(gateway, amount=15_000)
    payer.pay(sandbox, session.session_id)
    for _ in range(105):
        payer.refund_by_hand(sandbox, session.session_id, 10)
    assert len(gateway.fetch_refunds(session.payment_intent or "")) == 105


@pytest.mark.parametrize(
    ("is_won", "status"), [(True, RefundStatus.FAILED), (False, RefundStatus.SUCCEEDED)]
)
def test_a_dispute_holds_the_money_until_it_is_decided(
    gateway: StripeGateway, sandbox: SandboxState, *, is_won: bool, status: RefundStatus
) -> None:
    session = opened(gateway, amount=15_000)
    payer.pay(sandbox, session.session_id)
    dispute_id = payer.dispute(sandbox, session.session_id)
    (held,) = gateway.fetch_refunds(session.payment_intent or "")
    assert (held.origin, held.status, held.amount) == (
        RefundOrigin.DISPUTE,
        RefundStatus.PENDING,
        15_000,
    )
    payer.decide_dispute(sandbox, dispute_id, is_won=is_won)
    (decided,) = gateway.fetch_refunds(session.payment_intent or "")
    assert decided.status is status


@pytest.mark.parametrize("mood", [Mood.DOWN, Mood.LIMITING, Mood.SLOW, Mood.LOSING])
def test_a_gateway_without_an_answer_is_unavailable(
    gateway: StripeGateway, sandbox: SandboxState, mood: Mood
) -> None:
    sandbox.behave(mood)
    with pytest.raises(GatewayUnavailable):
        opened(gateway)


def test_a_wrong_secret_key_proves_nothing_about_earlier_requests() -> None:
    stranger = StripeGateway(account(secret_key="sk_test_of_a_stranger"))  # noqa: S106
    with pytest.raises(GatewayUnavailable):
        opened(stranger)


def test_the_breaker_leaves_a_silent_gateway_alone_and_tries_it_after_a_pause(
    sandbox: SandboxState,
) -> None:
    seconds = [0.0]
    breaker = Breaker(most_failures=2, pause_s=30, clock=lambda: seconds[0])
    gateway = StripeGateway(account(), breaker=breaker)
    sandbox.behave(Mood.DOWN)
    for _ in range(2):
        with pytest.raises(GatewayUnavailable):
            opened(gateway)
    sandbox.behave(Mood.FINE)
    with pytest.raises(GatewayUnavailable):
        opened(gateway)
    seconds[0] = 31
    assert opened(gateway).session_id
    assert opened(gateway).session_id


def test_while_the_breaker_tries_the_others_wait() -> None:
    seconds = [0.0]
    breaker = Breaker(most_failures=1, pause_s=30, clock=lambda: seconds[0])
    breaker.failed()
    seconds[0] = 31
    assert [breaker.lets_through(), breaker.lets_through()] == [True, False]


def test_refusals_do_not_open_the_breaker() -> None:
    gateway = StripeGateway(account(), breaker=Breaker(most_failures=1))
    with pytest.raises(GatewayRefused):
        gateway.fetch_session("cs_test_nobody")
    assert opened(gateway).session_id


def test_nobody_waits_longer_than_the_limit_for_an_answer() -> None:
    with real_server(answer=None) as (address, _):
        gateway = StripeGateway(account(address, answer_s=0.1))
        begun = monotonic()
        with pytest.raises(GatewayUnavailable):
            opened(gateway)
        assert monotonic() - begun < 5  # the server would keep silent for ten


def test_other_addresses_than_stripes_are_reached_as_before() -> None:
    with real_server(answer=b"no object of Stripe's") as (address, paths):
        with pytest.raises(GatewayUnavailable):
            opened(StripeGateway(account(address)))
        assert paths == ["/v1/checkout/sessions"]


@contextmanager
def real_server(*, answer: bytes | None) -> Iterator[tuple[str, list[str]]]:
    """A server on a socket that answers so, or keeps silent; its address, and what it was asked."""
    asked: list[str] = []
    is_over = threading.Event()

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)
            if answer is None:
                is_over.wait(10)
                return
            self.send_response(HTTPStatus.INTERNAL_SERVER_ERROR)
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Answering)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        is_over.set()
        server.shutdown()
        thread.join()
        server.server_close()
