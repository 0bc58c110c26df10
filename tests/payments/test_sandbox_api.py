"""The mock against Stripe's behaviour, as any client of its API sees it on the wire."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from storefront.payments.sandbox import payer
from storefront.payments.sandbox.forms import parse_form
from storefront.payments.sandbox.state import SandboxState
from storefront.payments.sandbox.wire import start_sandbox
from tests.payments.conftest import API_BASE, NOON, SECRET_KEY, Clock

pytestmark = pytest.mark.usefixtures("sandbox")

Json = dict[str, Any]

FIXTURES: Json = json.loads(Path(__file__).with_name("stripe_fixtures.json").read_text())[
    "resources"
]
OPENING = {
    "mode": "payment",
    "line_items[0][quantity]": "1",
    "line_items[0][price_data][currency]": "idr",
    "line_items[0][price_data][unit_amount]": "1500000",
    "line_items[0][price_data][product_data][name]": "Kopi",
    "success_url": "http://localhost/paid",
    "cancel_url": "http://localhost/cart",
    "expires_at": str(int((NOON + timedelta(minutes=31)).timestamp())),
    "client_reference_id": "P-7K3M9Q2T4V",
    "metadata[reference]": "P-7K3M9Q2T4V",
}


def ask(
    method: str, path: str, params: dict[str, str] | None = None, *, key: str = ""
) -> requests.Response:
    headers = {"Authorization": f"Bearer {SECRET_KEY}"}
    if key:
        headers["Idempotency-Key"] = key
    where = {"params": params} if method == "GET" else {"data": params}
    return requests.request(method, API_BASE + path, headers=headers, timeout=5, **where)  # type: ignore[arg-type]


def ask_to_open(*, key: str = "", **changed: str) -> requests.Response:
    return ask("POST", "/v1/checkout/sessions", OPENING | changed, key=key)


@pytest.fixture
def paid(sandbox: SandboxState) -> Json:
    """A session that was paid by card."""
    session_id = ask_to_open().json()["id"]
    payer.pay(sandbox, session_id)
    return dict(ask("GET", f"/v1/checkout/sessions/{session_id}").json())


def unlike(ours: object, theirs: object, at: str = "") -> list[str]:
    """Where one of our objects has other keys or types than Stripe's. Null is of any type there."""
    if theirs is None:
        return []
    if type(ours) is not type(theirs):
        return [f"{at}: {type(ours).__name__}, not {type(theirs).__name__}"]
    if not isinstance(ours, dict) or not isinstance(theirs, dict) or not theirs:
        return []
    found = [f"{at}: {sorted(ours.keys() ^ theirs.keys())}"] if ours.keys() != theirs.keys() else []
    return found + [
        line for key in ours.keys() & theirs.keys()
        for line in unlike(ours[key], theirs[key], f"{at}.{key}")
    ]  # fmt: skip


def test_every_object_has_exactly_the_keys_and_types_of_stripes_own(
    sandbox: SandboxState, paid: Json
) -> None:
    intent = ask("GET", f"/v1/payment_intents/{paid['payment_intent']}").json()
    charge = ask("GET", f"/v1/charges/{intent['latest_charge']}").json()
    refund = ask("POST", "/v1/refunds", {"payment_intent": intent["id"], "amount": "100"}).json()
    payer.dispute(sandbox, paid["id"])
    dispute = ask("GET", "/v1/disputes").json()["data"][0]
    event = ask("GET", "/v1/events").json()["data"][0]
    event_as_in_fixtures = event | {"data": FIXTURES["event"]["data"]}
    for thing in (paid, intent, charge, refund, dispute, event_as_in_fixtures):
        assert unlike(thing, FIXTURES[thing["object"]], thing["object"]) == []
    assert event["type"] == "charge.dispute.created"
    assert unlike(event["data"]["object"], FIXTURES["dispute"]) == []


@pytest.mark.parametrize("change", ["open", "declined", "expired"])
def test_an_unpaid_session_keeps_keys_and_types_too(sandbox: SandboxState, change: str) -> None:
    session = ask_to_open().json()
    if change == "declined":
        payer.decline(sandbox, session["id"])
    if change == "expired":
        session = ask("POST", f"/v1/checkout/sessions/{session['id']}/expire").json()
    intent = ask("GET", f"/v1/payment_intents/{session['payment_intent']}").json()
    assert unlike(session, FIXTURES["checkout.session"]) == []
    assert unlike(intent, FIXTURES["payment_intent"]) == []


def test_ids_are_replaced_by_objects_where_asked(paid: Json) -> None:
    path = f"/v1/checkout/sessions/{paid['id']}"
    expanded = ask("GET", path, {"expand[0]": "payment_intent.latest_charge"}).json()
    assert expanded["payment_intent"]["latest_charge"]["amount_captured"] == 1_500_000


def test_a_replay_with_the_same_key_gets_the_first_answer() -> None:
    first, second = ask_to_open(key="k1"), ask_to_open(key="k1")
    assert first.json() == second.json()
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"


def test_the_same_key_with_another_body_is_refused() -> None:
    ask_to_open(key="k1")
    answer = ask_to_open(key="k1", locale="id")
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "idempotency_error"


def test_the_same_key_while_the_first_request_still_runs_is_a_conflict(
    sandbox: SandboxState,
) -> None:
    ask_to_open(key="k1")
    with sandbox.records() as records:
        records.connection.execute("UPDATE keys SET status = NULL, answer = NULL")
    answer = ask_to_open(key="k1")
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "idempotency_key_in_use"


def test_a_request_that_died_midway_can_be_made_again(sandbox: SandboxState, clock: Clock) -> None:
    ask_to_open(key="k1")
    with sandbox.records() as records:
        records.connection.execute("UPDATE keys SET status = NULL, answer = NULL")
    clock.passes(minutes=1)
    assert ask_to_open(key="k1").status_code == 200


def test_a_key_is_not_used_up_by_a_body_that_was_invalid() -> None:
    assert ask_to_open(key="k1", expires_at="1").status_code == 400
    assert ask_to_open(key="k1").status_code == 200


def test_a_key_remembers_a_refusal_for_how_things_stood(paid: Json) -> None:
    over = {"payment_intent": paid["payment_intent"], "amount": "1500001"}
    answers = [ask("POST", "/v1/refunds", over, key="k1") for _ in range(2)]
    assert [a.status_code for a in answers] == [400, 400]
    assert answers[1].headers.get("Idempotent-Replayed") == "true"


def test_keys_are_forgotten_after_a_day(clock: Clock) -> None:
    first = ask_to_open(key="k1").json()
    clock.passes(minutes=24 * 60 + 1)
    later = str(int((clock() + timedelta(minutes=31)).timestamp()))
    assert ask_to_open(key="k1", expires_at=later).json()["id"] != first["id"]


@pytest.mark.parametrize(
    ("minutes", "status"), [(29, 400), (30, 200), (24 * 60, 200), (24 * 60 + 1, 400)]
)
def test_a_session_lives_half_an_hour_to_a_day(minutes: int, status: int) -> None:
    expires_at = str(int((NOON + timedelta(minutes=minutes)).timestamp()))
    assert ask_to_open(expires_at=expires_at).status_code == status


def test_a_session_expires_by_itself(clock: Clock) -> None:
    session = ask_to_open().json()
    clock.passes(minutes=31)
    assert ask("GET", f"/v1/checkout/sessions/{session['id']}").json()["status"] == "expired"


def test_a_paid_session_cannot_be_expired(paid: Json) -> None:
    answer = ask("POST", f"/v1/checkout/sessions/{paid['id']}/expire")
    assert answer.status_code == 400
    assert "`complete`" in answer.json()["error"]["message"]


def test_a_charge_that_was_refunded_whole_is_not_refunded_again(paid: Json) -> None:
    whole = {"payment_intent": paid["payment_intent"]}
    assert ask("POST", "/v1/refunds", whole).json()["amount"] == 1_500_000
    answer = ask("POST", "/v1/refunds", whole)
    assert answer.json()["error"]["code"] == "charge_already_refunded"


def test_what_was_never_paid_cannot_be_refunded() -> None:
    session = ask_to_open().json()
    answer = ask("POST", "/v1/refunds", {"payment_intent": session["payment_intent"]})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("path", "status", "field", "value"),
    [
        ("/v1/checkout/sessions/cs_test_none", 404, "code", "resource_missing"),
        ("/v1/refunds/re_none", 404, "param", "refund"),
        ("/v1/nothing", 404, "type", "invalid_request_error"),
        ("/v1/refunds?limit=101", 400, "param", "limit"),
        ("/v1/refunds?colour=red", 400, "code", "parameter_unknown"),
    ],
)
def test_errors_have_stripes_form(path: str, status: int, field: str, value: str) -> None:
    answer = ask("GET", path)
    assert answer.status_code == status
    assert answer.json()["error"][field] == value


@pytest.mark.parametrize("given", [{}, {"Authorization": "Bearer sk_test_wrong"}])
def test_nobody_comes_in_without_the_secret_key(given: dict[str, str]) -> None:
    answer = requests.get(f"{API_BASE}/v1/refunds", headers=given, timeout=5)
    assert answer.status_code == 401
    assert answer.json()["error"]["type"] == "invalid_request_error"


def test_brackets_nest_and_numbers_make_lists() -> None:
    form = "a[b][0][c]=1&a[b][1][c]=2&expand[]=x&expand[]=y&plain=%5B"
    assert parse_form(form) == {
        "a": {"b": [{"c": "1"}, {"c": "2"}]},
        "expand": ["x", "y"],
        "plain": "[",
    }


def test_two_accounts_in_one_process_do_not_see_each_other(tmp_path: Path, clock: Clock) -> None:
    session_id = ask_to_open().json()["id"]
    other = SandboxState(
        path=tmp_path / "other.sqlite3",
        secret_key="sk_test_other",  # noqa: S106
        webhook_secret="",
        clock=clock,
        page_address="",
        webhook_address="",
    )
    start_sandbox(other, api_base=API_BASE)
    answer = requests.get(
        f"{API_BASE}/v1/checkout/sessions/{session_id}",
        headers={"Authorization": "Bearer sk_test_other"},
        timeout=5,
    )
    assert answer.status_code == 404
