"""The sandbox's payment page, as a payer on a phone without JavaScript sees it."""

import re
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import pytest
from flask import Flask
from flask.testing import FlaskClient

from storefront import create_app
from storefront.payments.gateway import OpenedSession, PaymentGateway, SessionStatus
from storefront.payments.models import ChargeMethod
from tests.databases import settings_for


@pytest.fixture
def gateway(app: Flask) -> PaymentGateway:
    gateway: PaymentGateway = app.extensions["payment_gateway"]
    return gateway


@pytest.fixture
def opened(gateway: PaymentGateway) -> OpenedSession:
    return gateway.open_session(
        reference="P-7K3M9Q2T4V",
        amount=1_250_000,
        description="Pembelian P-7K3M9Q2T4V",
        success_url="http://localhost/purchases/P-7K3M9Q2T4V?session={CHECKOUT_SESSION_ID}",
        cancel_url="http://localhost/purchases/P-7K3M9Q2T4V",
        idempotency_key="pay-1",
        expires_at=datetime.now(UTC) + timedelta(minutes=31),
    )


def act(client: FlaskClient, opened: OpenedSession, **fields: str) -> tuple[int, str]:
    """Press a button of the form as the page shows it; the status and where it leads."""
    page = client.get(opened.url).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    answer = client.post(opened.url, data={"csrf_token": token.group(1) if token else ""} | fields)
    return answer.status_code, answer.headers.get("Location", "")


def test_the_page_says_that_it_is_no_real_money(app: Flask, opened: OpenedSession) -> None:
    page = app.test_client().get(opened.url).text
    assert "Simulasi pembayaran, bukan uang sungguhan" in page
    assert "Rp1.250.000" in page
    assert "Salapak" in page
    assert "QRIS SIMULASI" in page


@pytest.mark.parametrize(
    ("fields", "method"),
    [({}, ChargeMethod.CARD), ({"method": "qris"}, ChargeMethod.QRIS)],
)
def test_paying_leads_back_to_the_store(
    app: Flask,
    gateway: PaymentGateway,
    opened: OpenedSession,
    fields: dict[str, str],
    method: ChargeMethod,
) -> None:
    status, leads_to = act(app.test_client(), opened, outcome="pay", **fields)
    assert status == HTTPStatus.SEE_OTHER
    assert leads_to == f"http://localhost/purchases/P-7K3M9Q2T4V?session={opened.session_id}"
    state = gateway.fetch_session(opened.session_id)
    assert (state.status, state.method) == (SessionStatus.PAID, method)


def test_being_declined_stays_with_a_message_and_another_try(
    app: Flask, gateway: PaymentGateway, opened: OpenedSession
) -> None:
    client = app.test_client()
    _, leads_to = act(client, opened, outcome="decline")
    page = client.get(leads_to).text
    assert "Pembayaran ditolak bank" in page
    assert gateway.fetch_session(opened.session_id).status is SessionStatus.UNPAID
    act(client, opened, outcome="pay")
    assert gateway.fetch_session(opened.session_id).status is SessionStatus.PAID


def test_a_paid_session_offers_no_second_payment(app: Flask, opened: OpenedSession) -> None:
    client = app.test_client()
    act(client, opened, outcome="pay")
    page = client.get(opened.url).text
    assert "Pembayaran ini sudah diterima" in page
    assert 'name="outcome"' not in page


def test_an_expired_session_is_said_to_be_over(
    app: Flask, gateway: PaymentGateway, opened: OpenedSession
) -> None:
    client = app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(opened.url).text)
    gateway.expire_session(opened.session_id)
    assert "Waktu pembayaran sudah habis" in client.get(opened.url).text
    late = {"csrf_token": token.group(1) if token else "", "outcome": "pay"}
    assert client.post(opened.url, data=late).status_code == HTTPStatus.CONFLICT


def test_a_button_without_its_token_is_refused(app: Flask, opened: OpenedSession) -> None:
    answer = app.test_client().post(opened.url, data={"outcome": "pay"})
    assert answer.status_code == HTTPStatus.BAD_REQUEST


def test_a_session_that_nobody_opened_is_not_found(app: Flask) -> None:
    answer = app.test_client().get("/sandbox/pay/cs_test_nobody")
    assert answer.status_code == HTTPStatus.NOT_FOUND


def test_where_stripe_itself_is_used_there_is_no_such_page(app: Flask) -> None:
    settings = app.config["SETTINGS"]
    with_stripe = create_app(
        settings_for(
            settings.database_url,
            settings.instance_path,
            payments="stripe",
            stripe_secret_key="sk_test_1",  # noqa: S106
            stripe_webhook_secret="whsec_1",  # noqa: S106
        )
    )
    assert "/sandbox/pay/<session>" not in {rule.rule for rule in with_stripe.url_map.iter_rules()}
