"""Events of the payment gateway, as they come in over HTTP."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.core.database import transaction
from storefront.orders import cart, processes
from storefront.orders.cart import CartOwner
from storefront.orders.checkout_request import CheckoutRequest
from storefront.orders.models import Order, PaymentStatus
from storefront.orders.paying import ReturnAddresses
from storefront.payments.attempts import open_payment, record_session
from storefront.payments.gateway import OpenedSession, PaymentGateway
from storefront.payments.models import GatewayEvent
from storefront.payments.queries import paid_total, refunds_on_hold
from storefront.payments.sandbox import payer
from storefront.payments.sandbox.delivery import deliver_webhooks, sign
from storefront.payments.sandbox.state import Mood, SandboxState
from storefront.quota.models import Fund
from tests.factories import listed_variant, signed_up

Outcomes = list[tuple[str, str | None]]


@pytest.fixture
def sandbox(app: Flask) -> SandboxState:
    state: SandboxState = app.extensions["payment_sandbox"]
    return state


@pytest.fixture
def opened(app: Flask) -> OpenedSession:
    """A session at the gateway that belongs to no purchase of the store."""
    gateway: PaymentGateway = app.extensions["payment_gateway"]
    return gateway.open_session(
        reference="P-7K3M9Q2T4V",
        amount=15_000,
        description="Pembelian P-7K3M9Q2T4V",
        success_url="http://localhost/",
        cancel_url="http://localhost/",
        idempotency_key="pay-1",
        expires_at=datetime.now(UTC) + timedelta(minutes=31),
    )


def arrive(app: Flask, sandbox: SandboxState, *, times: int = 1) -> list[int]:
    """Let the sandbox's due webhooks arrive, each so many times; the statuses of the answers."""
    statuses: list[int] = []

    def post(_address: str, body: bytes, headers: Mapping[str, str]) -> int:
        for _ in range(times):
            answer = app.test_client().post("/webhooks/stripe", data=body, headers=dict(headers))
            statuses.append(answer.status_code)
        return statuses[-1]

    deliver_webhooks(sandbox, post=post)
    return statuses


def outcomes(session: Session) -> Outcomes:
    query = select(GatewayEvent.kind, GatewayEvent.outcome).order_by(GatewayEvent.id)
    return [(kind, outcome) for kind, outcome in session.execute(query)]


def test_an_event_is_noted_once_however_often_it_comes(
    app: Flask, session: Session, sandbox: SandboxState, opened: OpenedSession
) -> None:
    payer.pay(sandbox, opened.session_id)
    assert set(arrive(app, sandbox, times=3)) == {HTTPStatus.OK}
    assert outcomes(session) == [
        ("payment_intent.succeeded", "ignored"),
        ("charge.succeeded", "ignored"),
        ("checkout.session.completed", "unknown"),
    ]


def test_a_refund_of_a_payment_that_is_not_ours_changes_nothing(
    app: Flask, session: Session, sandbox: SandboxState, opened: OpenedSession
) -> None:
    payer.pay(sandbox, opened.session_id)
    payer.refund_by_hand(sandbox, opened.session_id, 1_000)
    arrive(app, sandbox)
    assert ("charge.refunded", "not ours") in outcomes(session)


def test_while_the_gateway_is_down_an_event_is_refused_and_handled_when_it_comes_again(
    app: Flask, session: Session, sandbox: SandboxState, opened: OpenedSession
) -> None:
    payer.pay(sandbox, opened.session_id)
    body, headers = completed(sandbox)
    sandbox.behave(Mood.SLOW)
    client = app.test_client()
    answer = client.post("/webhooks/stripe", data=body, headers=headers)
    assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert outcomes(session) == [("checkout.session.completed", None)]
    session.rollback()
    sandbox.behave(Mood.FINE)
    assert client.post("/webhooks/stripe", data=body, headers=headers).status_code == HTTPStatus.OK
    assert outcomes(session) == [("checkout.session.completed", "unknown")]


@pytest.mark.parametrize("fault", ["other secret", "other body", "a day old", "no signature"])
def test_a_forged_or_stale_event_is_refused_and_leaves_no_trace(
    app: Flask, session: Session, sandbox: SandboxState, opened: OpenedSession, fault: str
) -> None:
    payer.pay(sandbox, opened.session_id)
    body, headers = completed(sandbox)
    now = int(datetime.now(UTC).timestamp())
    wrong = {
        "other secret": (body, {"Stripe-Signature": sign(body, "whsec_other", now)}),
        "other body": (body + b" ", headers),
        "a day old": (
            body,
            {"Stripe-Signature": sign(body, sandbox.webhook_secret, now - 24 * 3600)},
        ),
        "no signature": (body, {}),
    }
    sent, with_headers = wrong[fault]
    answer = app.test_client().post("/webhooks/stripe", data=sent, headers=with_headers)
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert outcomes(session) == []


def test_an_attempt_without_its_purchase_is_not_settled(
    app: Flask, session: Session, sandbox: SandboxState, opened: OpenedSession
) -> None:
    with transaction(session):
        payment = open_payment(
            session, reference="P-7K3M9Q2T4V", amount=15_000, now=datetime.now(UTC)
        )
        record_session(session, payment=payment, opened=opened)
    payer.pay(sandbox, opened.session_id)
    arrive(app, sandbox)
    assert outcomes(session)[-1] == ("checkout.session.completed", "not ours")
    session.refresh(payment)
    assert payment.settled_at is None


@dataclass(frozen=True)
class Purchased:
    """A purchase of two orders of Rp15.000 each, of own money, and its session at the gateway."""

    number: str
    session_id: str


@pytest.fixture
def bought(app: Flask, session: Session) -> Purchased:
    buyer = signed_up(session)
    now = datetime.now(UTC)
    for variant_id in (listed_variant(session), listed_variant(session)):
        with transaction(session):
            cart.add(session, CartOwner(person_id=buyer.person_id), variant_id, 1, now=now)
    done = processes.buy(
        lambda: transaction(session),
        app.extensions["payment_gateway"],
        buyer,
        CheckoutRequest(fund=Fund.PERSONAL, expected_total=30_000, address="Jl. Sulanjana 12"),
        addresses=lambda number: ReturnAddresses(
            f"http://localhost/purchases/{number}", f"http://localhost/purchases/{number}"
        ),
        now=now,
    )
    assert done.redirect_url
    return Purchased(done.purchase_number, done.redirect_url.rpartition("/")[2])


def standing(session: Session) -> list[tuple[PaymentStatus, int]]:
    """Each order's payment and what went back of it."""
    session.rollback()
    query = select(Order.payment_status, Order.refunded_amount).order_by(Order.id)
    return [(status, refunded) for status, refunded in session.execute(query)]


def test_a_payment_is_kept_once_however_often_and_late_it_is_told(
    app: Flask, session: Session, sandbox: SandboxState, bought: Purchased
) -> None:
    payer.pay(sandbox, bought.session_id)
    late, headers = completed(sandbox)
    arrive(app, sandbox, times=2)
    assert standing(session) == [(PaymentStatus.PAID, 0)] * 2
    again = json.dumps(json.loads(late) | {"id": "evt_told_anew"}).encode()
    app.test_client().post("/webhooks/stripe", data=late, headers=headers)
    signed = sign(again, sandbox.webhook_secret, int(datetime.now(UTC).timestamp()))
    app.test_client().post("/webhooks/stripe", data=again, headers={"Stripe-Signature": signed})
    assert standing(session) == [(PaymentStatus.PAID, 0)] * 2
    assert [outcome for _, outcome in outcomes(session)][-2:] == ["settled", "nothing_new"]
    assert paid_total(session, bought.number) == 30_000


def test_an_event_that_claims_a_payment_settles_nothing_that_the_gateway_does_not_confirm(
    app: Flask, session: Session, sandbox: SandboxState, bought: Purchased
) -> None:
    claim = {
        "id": "evt_claim",
        "object": "event",
        "type": "checkout.session.completed",
        "data": {"object": {"id": bought.session_id, "payment_status": "paid"}},
    }
    body = json.dumps(claim).encode()
    signed = sign(body, sandbox.webhook_secret, int(datetime.now(UTC).timestamp()))
    app.test_client().post("/webhooks/stripe", data=body, headers={"Stripe-Signature": signed})
    assert standing(session) == [(PaymentStatus.PENDING, 0)] * 2
    assert outcomes(session) == [("checkout.session.completed", "still_open")]


def test_a_refund_made_by_hand_for_two_orders_is_held_until_it_is_allocated(
    app: Flask, session: Session, sandbox: SandboxState, bought: Purchased
) -> None:
    payer.pay(sandbox, bought.session_id)
    arrive(app, sandbox)
    payer.refund_by_hand(sandbox, bought.session_id, 10_000)
    arrive(app, sandbox, times=2)
    assert [hold.refund.amount for hold in refunds_on_hold(session)] == [10_000]
    assert standing(session) == [(PaymentStatus.PAID, 0)] * 2


def completed(sandbox: SandboxState) -> tuple[bytes, dict[str, str]]:
    """The event of the last payment, as the gateway sends it now."""
    with sandbox.records() as records:
        events = records.all("event")
    event = next(event for event in events if event["type"] == "checkout.session.completed")
    body = json.dumps(event).encode()
    now = int(datetime.now(UTC).timestamp())
    return body, {"Stripe-Signature": sign(body, sandbox.webhook_secret, now)}
