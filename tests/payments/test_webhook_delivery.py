"""The sandbox's webhooks: signed, sent outside the request that they tell of, until taken."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
import time_machine

from storefront.payments.gateway import ForgedEvent, GatewayNotice, Subject
from storefront.payments.sandbox import payer
from storefront.payments.sandbox.delivery import RETRY_AFTER_S, deliver_webhooks, sign
from storefront.payments.sandbox.state import SandboxState
from storefront.payments.stripe_gateway import StripeGateway
from tests.payments.conftest import NOON, WEBHOOK_SECRET, Clock
from tests.payments.openings import opened


@dataclass
class Receiver:
    """Takes what is posted, or answers as it is told."""

    status: int = 200
    posted: list[tuple[str, bytes, str]] = field(default_factory=list)

    def __call__(self, address: str, body: bytes, headers: Mapping[str, str]) -> int:
        self.posted.append((address, body, headers["Stripe-Signature"]))
        return self.status

    @property
    def kinds(self) -> list[str]:
        return [json.loads(body)["type"] for _, body, _ in self.posted]

    @property
    def last(self) -> tuple[bytes, str]:
        _, body, signature = self.posted[-1]
        return body, signature


@pytest.fixture
def receiver(gateway: StripeGateway, sandbox: SandboxState) -> Receiver:
    """Has been told of a payment."""
    payer.pay(sandbox, opened(gateway).session_id)
    receiver = Receiver()
    deliver_webhooks(sandbox, post=receiver)
    return receiver


def read(gateway: StripeGateway, body: bytes, signature: str, *, late_s: int = 0) -> GatewayNotice:
    with time_machine.travel(NOON + timedelta(seconds=late_s), tick=False):
        return gateway.read_event(body, signature)


def test_nothing_is_sent_within_the_request(gateway: StripeGateway, sandbox: SandboxState) -> None:
    session = opened(gateway)
    payer.pay(sandbox, session.session_id)
    receiver = Receiver()
    assert receiver.posted == []
    assert deliver_webhooks(sandbox, post=receiver) == 3


def test_a_payment_is_told_in_order_to_the_stores_address(receiver: Receiver) -> None:
    assert receiver.kinds == [
        "payment_intent.succeeded",
        "charge.succeeded",
        "checkout.session.completed",
    ]
    assert {address for address, _, _ in receiver.posted} == {"http://localhost/webhooks/stripe"}


def test_what_was_taken_is_not_sent_again(receiver: Receiver, sandbox: SandboxState) -> None:
    assert deliver_webhooks(sandbox, post=receiver) == 0


def test_what_was_not_taken_is_sent_again_later_and_given_up_in_the_end(
    gateway: StripeGateway, sandbox: SandboxState, clock: Clock
) -> None:
    payer.pay(sandbox, opened(gateway).session_id)
    receiver = Receiver(status=503)
    assert deliver_webhooks(sandbox, post=receiver) == 0
    deliver_webhooks(sandbox, post=receiver)
    assert len(receiver.posted) == 3  # not before its time
    for _ in range(20):
        clock.passes(minutes=2 * 24 * 60)
        deliver_webhooks(sandbox, post=receiver)
    assert len(receiver.posted) == 3 * (len(RETRY_AFTER_S) + 1)


def test_while_one_is_being_sent_no_other_worker_sends_it(
    gateway: StripeGateway, sandbox: SandboxState
) -> None:
    payer.pay(sandbox, opened(gateway).session_id)
    second = Receiver()

    def post(_address: str, _body: bytes, _headers: Mapping[str, str]) -> int:
        return 200 if deliver_webhooks(sandbox, post=second) == 0 else 500

    assert deliver_webhooks(sandbox, post=post) == 3
    assert second.posted == []


def test_an_event_says_where_to_look(receiver: Receiver, gateway: StripeGateway) -> None:
    notice = read(gateway, *receiver.last)
    session = json.loads(receiver.last[0])["data"]["object"]
    assert (notice.kind, notice.subject) == ("checkout.session.completed", Subject.SESSION)
    assert notice.object_id == session["id"]


def test_a_refund_and_a_dispute_lead_to_the_payment_intent(
    gateway: StripeGateway, sandbox: SandboxState
) -> None:
    session = opened(gateway)
    payer.pay(sandbox, session.session_id)
    deliver_webhooks(sandbox, post=Receiver())
    payer.refund_by_hand(sandbox, session.session_id, 1_000)
    payer.dispute(sandbox, session.session_id)
    receiver = Receiver()
    deliver_webhooks(sandbox, post=receiver)
    notices = [read(gateway, body, signature) for _, body, signature in receiver.posted]
    assert {(n.subject, n.object_id) for n in notices} == {(Subject.REFUND, session.payment_intent)}


def test_a_body_that_was_changed_is_forged(receiver: Receiver, gateway: StripeGateway) -> None:
    body, signature = receiver.last
    with pytest.raises(ForgedEvent):
        read(gateway, body.replace(b"1500000", b"1500001"), signature)


def test_a_signature_of_another_secret_is_forged(
    receiver: Receiver, gateway: StripeGateway
) -> None:
    body, _ = receiver.last
    with pytest.raises(ForgedEvent):
        read(gateway, body, sign(body, "whsec_of_somebody_else", int(NOON.timestamp())))


@pytest.mark.parametrize(("late_s", "is_read"), [(299, True), (301, False)])
def test_a_signature_older_than_five_minutes_is_stale(
    receiver: Receiver, gateway: StripeGateway, late_s: int, *, is_read: bool
) -> None:
    if is_read:
        assert read(gateway, *receiver.last, late_s=late_s).event_id
        return
    with pytest.raises(ForgedEvent):
        read(gateway, *receiver.last, late_s=late_s)


@pytest.mark.parametrize("signature", ["", "t=", "t=x,v1=y", "v1=abc", "t=1,v1=\xe9", "t=1"])
def test_what_is_no_signature_is_forged(gateway: StripeGateway, signature: str) -> None:
    with pytest.raises(ForgedEvent):
        gateway.read_event(b"{}", signature)


@pytest.mark.parametrize("body", [b"\xff\xfe", b"[]", b"{}", b"no json", b'{"type": "x"}'])
def test_what_is_no_event_is_forged_whoever_signed_it(gateway: StripeGateway, body: bytes) -> None:
    with pytest.raises(ForgedEvent):
        read(gateway, body, sign(body, WEBHOOK_SECRET, int(NOON.timestamp())))


@pytest.mark.parametrize(
    "changed", [{"type": "customer.created"}, {"account": "acct_of_another_shop"}]
)
def test_unknown_kinds_and_other_accounts_lead_nowhere(
    receiver: Receiver, gateway: StripeGateway, changed: dict[str, str]
) -> None:
    body = json.dumps(json.loads(receiver.last[0]) | changed).encode()
    notice = read(gateway, body, sign(body, WEBHOOK_SECRET, int(NOON.timestamp())))
    assert notice.subject is Subject.NOTHING
