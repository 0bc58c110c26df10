"""Static files: kept for ever under an address that names their content."""

import re
from http import HTTPStatus
from pathlib import Path

from flask import Flask

from storefront.web import statics
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


def test_two_processes_of_one_release_give_the_same_address() -> None:
    one, other = bare_app(), bare_app()
    assert one.extensions["static_root"] == other.extensions["static_root"]


def test_a_changed_file_changes_the_address(tmp_path: Path) -> None:
    def address() -> str:
        app = Flask("storefront", static_folder=str(tmp_path))
        statics.init_app(app)
        return str(app.extensions["static_root"])

    (tmp_path / "theme.css").write_text("a{}")
    before = address()
    (tmp_path / "theme.css.br").write_text("compressed")
    assert address() == before
    (tmp_path / "theme.css").write_text("b{}")
    assert address() != before
