"""One address that sends too much without an account is told to wait."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from storefront.web.limits import limiter
from tests.web.browsing import form_to

TOO_MANY, WRONG = 429, 422


@pytest.fixture
def visitor(app: Flask) -> Iterator[FlaskClient]:
    """At a store that counts, as no other test's does."""
    limiter.enabled = True
    limiter.reset()
    yield app.test_client()
    limiter.reset()
    limiter.enabled = False


def test_after_many_applications_an_address_waits_and_others_do_not(visitor: FlaskClient) -> None:
    form = form_to(visitor.get("/sellers/apply"), "/sellers/apply")
    sent = form.filled()
    answers = [visitor.post(form.action, data=sent).status_code for _ in range(61)]
    assert answers == [WRONG] * 60 + [TOO_MANY]
    told = visitor.post(form.action, data=sent)
    assert "Terlalu banyak permintaan" in told.text
    assert visitor.get("/sellers/apply").status_code == 200
    other = {"REMOTE_ADDR": "203.0.113.9"}
    assert visitor.post(form.action, data=sent, environ_base=other).status_code == WRONG
