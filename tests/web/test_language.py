"""Language and light: chosen once, kept in a cookie, never leading away."""

import re
import shutil
import subprocess
from http import HTTPStatus
from pathlib import Path

import pytest
from babel.support import Translations
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from config import ROOT
from tests.web.bare import bare_app

ENGLISH = ROOT / "storefront/translations/en/LC_MESSAGES/messages.po"


@pytest.fixture
def client() -> FlaskClient:
    return bare_app().test_client()


def choose(client: FlaskClient, path: str, **fields: str) -> TestResponse:
    token = re.findall(r'name="csrf_token" value="([^"]+)"', client.get("/help").text)[0]
    return client.post(path, data={"csrf_token": token} | fields)


def language_of(client: FlaskClient, accepts: str = "") -> str:
    page = client.get("/help", headers={"Accept-Language": accepts}).text
    return page.split('<html lang="')[1].split('"')[0]


@pytest.mark.parametrize(
    ("accepts", "expected"),
    [("", "id"), ("fr-FR,fr", "id"), ("en-GB,en;q=0.9", "en"), ("su,id;q=0.5,en;q=0.4", "id")],
)
def test_a_visitor_gets_the_language_the_browser_asks_for_else_indonesian(
    client: FlaskClient, accepts: str, expected: str
) -> None:
    assert language_of(client, accepts) == expected


def test_a_chosen_language_stays_and_leads_back(client: FlaskClient) -> None:
    answer = choose(client, "/language", language="en", next="/help?a=1")
    assert answer.status_code == HTTPStatus.SEE_OTHER
    assert answer.location == "/help?a=1"
    assert language_of(client, "id") == "en"


def test_an_unknown_language_is_as_if_none_was_chosen(client: FlaskClient) -> None:
    choose(client, "/language", language="en")
    answer = choose(client, "/language", language="fr")
    assert "fr" not in answer.headers["Set-Cookie"].split(";")[0]
    assert language_of(client) == "id"


def test_choosing_leads_nowhere_else(client: FlaskClient) -> None:
    assert choose(client, "/language", language="en", next="//evil.example").location == "/"


def test_light_and_dark_are_kept_until_the_system_is_followed_again(client: FlaskClient) -> None:
    choose(client, "/theme", theme="dark")
    assert 'data-theme="dark"' in client.get("/help").text
    choose(client, "/theme", theme="system")
    assert "data-theme" not in client.get("/help").text


def test_make_compiles_the_catalogue_as_it_is_kept(tmp_path: Path) -> None:
    """Without this English is chosen, and Indonesian shown."""
    shutil.copy(ENGLISH, tmp_path / "messages.po")
    compiled = tmp_path / "messages.mo"
    subprocess.run(
        ["make", "-s", "-o", ".venv/.runs", str(compiled)],  # noqa: S607
        cwd=ROOT,
        check=True,
    )
    with compiled.open("rb") as file:
        assert Translations(file).gettext("Keluar") == "Sign out"
