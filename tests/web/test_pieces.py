"""Pieces that are drawn once and kept, and words that are looked up once."""

from collections.abc import Iterator

import pytest
from flask import render_template_string
from flask_babel import force_locale
from markupsafe import Markup

from storefront.web.pieces import icon, kept
from tests.web.bare import bare_app


@pytest.fixture(autouse=True)
def in_a_request() -> Iterator[None]:
    with bare_app().test_request_context("/"):
        yield


def test_the_same_arguments_are_drawn_once_in_each_language() -> None:
    drawn = []

    def macro(name: str, *, size: int) -> Markup:
        drawn.append((name, size))
        return Markup(f"{name} {len(drawn)}")  # noqa: S704 - a test's own

    show = kept(macro)
    assert [show("tea", size=1), show("tea", size=1), show("tea", size=2)] == [
        "tea 1",
        "tea 1",
        "tea 2",
    ]
    with force_locale("en"):
        assert show("tea", size=1) == "tea 3"


def test_what_could_change_is_drawn_anew() -> None:
    show = kept(lambda card: Markup(card["name"]))  # noqa: S704 - a test's own
    card = {"name": "tea"}
    assert show(card) == "tea"
    card["name"] = "coffee"
    assert show(card) == "coffee"


def test_an_icon_has_its_name_size_and_more_escaped() -> None:
    drawn = icon("star", "s", '"><b>')
    assert 'class="i i--s &#34;&gt;&lt;b&gt;"' in drawn
    assert '.svg#star"></use></svg>' in drawn


def test_what_is_given_into_words_is_escaped_each_time() -> None:
    source = "{{ _('Akun %(name)s', name=name) }}"
    assert [render_template_string(source, name=name) for name in ("<b>", "Rina")] == [
        "Akun &lt;b&gt;",
        "Akun Rina",
    ]
