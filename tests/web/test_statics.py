"""Static files: kept for ever under an address that names their content."""

import re
from http import HTTPStatus

from flask import url_for

from tests.web.bare import bare_app

HASHED = r'href="(/static/v/[0-9a-f]{12}/theme/theme\.css)"'


def test_a_page_links_to_addresses_that_may_be_kept_for_ever() -> None:
    client = bare_app().test_client()
    address = re.findall(HASHED, client.get("/help").text)[0]
    answer = client.get(address, buffered=True)
    assert answer.status_code == HTTPStatus.OK
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_what_the_theme_refers_to_lies_beside_it() -> None:
    client = bare_app().test_client()
    theme = re.findall(HASHED, client.get("/help").text)[0]
    font = theme.replace("theme.css", "fonts/plus-jakarta-sans.woff2")
    assert font in client.get("/help").text
    assert client.get(font, buffered=True).headers["Content-Type"] == "font/woff2"


def test_an_address_of_another_release_still_answers_but_is_not_kept() -> None:
    answer = bare_app().test_client().get("/static/v/000000000000/theme/theme.css", buffered=True)
    assert answer.status_code == HTTPStatus.OK
    assert "immutable" not in answer.headers["Cache-Control"]


def test_nothing_outside_the_folder_is_served() -> None:
    client = bare_app().test_client()
    for path in ("../config.py", "..%2fconfig.py", "theme/../../config.py"):
        assert client.get(f"/static/v/000000000000/{path}").status_code == HTTPStatus.NOT_FOUND


def test_the_address_changes_with_the_content_only() -> None:
    one, other = bare_app(), bare_app()
    assert one.extensions["static_digest"] == other.extensions["static_digest"]
    with one.test_request_context():
        assert one.jinja_env.globals["asset"]("js/salapak.js") == url_for(  # type: ignore[operator]
            "statics.kept", digest=one.extensions["static_digest"], filename="js/salapak.js"
        )
