"""Headers on every answer, and addresses that may be followed."""

import re
from http import HTTPStatus

import pytest

from storefront.web.security import safe_next
from tests.web.bare import bare_app


@pytest.mark.parametrize("path", ["/help", "/styleguide", "/nowhere", "/static/images/icons.svg"])
def test_every_answer_carries_the_headers(path: str) -> None:
    headers = bare_app().test_client().get(path, buffered=True).headers
    policy = headers["Content-Security-Policy"]
    assert "style-src 'self'; " in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_scripts_run_only_with_the_nonce_of_their_own_answer() -> None:
    client = bare_app().test_client()
    first, second = (client.get("/help") for _ in range(2))
    nonces = set(re.findall(r'nonce="([^"]+)"', first.text))
    assert len(nonces) == 1
    assert f"script-src 'nonce-{nonces.pop()}';" in first.headers["Content-Security-Policy"]
    assert first.headers["Content-Security-Policy"] != second.headers["Content-Security-Policy"]


def test_an_answer_without_scripts_allows_none() -> None:
    policy = bare_app().test_client().get("/shop/products").headers["Content-Security-Policy"]
    assert "script-src 'none';" in policy


def test_a_form_may_lead_to_the_payment_page_only() -> None:
    app = bare_app(FORM_ACTION_EXTRA="https://pay.example")
    policy = app.test_client().get("/help").headers["Content-Security-Policy"]
    assert "form-action 'self' https://pay.example;" in policy
    assert (
        "form-action 'self';"
        in bare_app().test_client().get("/help").headers["Content-Security-Policy"]
    )


@pytest.mark.parametrize(("address", "strict"), [("https://a.example", True), ("http://b", False)])
def test_only_a_store_on_https_asks_for_https_for_ever(address: str, strict: bool) -> None:
    headers = bare_app(PUBLIC_URL=address).test_client().get("/help").headers
    assert ("Strict-Transport-Security" in headers) is strict


def test_no_cache_keeps_a_page_for_others() -> None:
    assert bare_app().test_client().get("/help").headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example",
        "javascript:alert(1)", "/\t/evil.example", "\n//evil.example", "evil.example",
        "http:/evil.example", "///evil.example", "", None, " /orders", "/a\r\nSet-Cookie: a=b",
    ],
)  # fmt: skip
def test_an_address_elsewhere_is_not_followed(target: str | None) -> None:
    assert safe_next(target, "/account") == "/account"


@pytest.mark.parametrize("target", ["/", "/orders?status=paid&page=2", "/products/kopi#ulasan"])
def test_an_address_here_is_followed(target: str) -> None:
    assert safe_next(target) == target


def test_a_form_without_its_token_is_refused() -> None:
    answer = bare_app().test_client().post("/language", data={"language": "en"})
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert "Formulir ini kedaluwarsa" in answer.text
