"""In which language, and in which light, a page is shown: a cookie each, no account is needed."""

from functools import lru_cache

from flask import Blueprint, Flask, Response, current_app, has_request_context, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext
from markupsafe import Markup

from storefront.extensions import babel
from storefront.web.security import safe_next

LANGUAGES = ("id", "en")
THEMES = ("light", "dark")
MOST_WORDS = 8_192
ONE_YEAR = 31_536_000
SEE_OTHER = 303

language = Blueprint("language", __name__)


@language.post("/language")
def choose() -> ResponseReturnValue:
    """Keep a language (`language`) and go back to where the form stood (`next`)."""
    return _kept("language", request.form.get("language", ""), LANGUAGES)


@language.post("/theme")
def choose_theme() -> ResponseReturnValue:
    """Keep light or dark (`theme`); anything else follows the system again."""
    return _kept("theme", request.form.get("theme", ""), THEMES)


def current_theme() -> str | None:
    """`light` or `dark` where somebody chose; None follows the system."""
    chosen = request.cookies.get("theme") if has_request_context() else None
    return chosen if chosen in THEMES else None


def return_address() -> str:
    """Where a choice made on this page leads back to: this page, unless a form was sent to it."""
    return request.full_path.rstrip("?") if request.method == "GET" else "/"


def words(msgid: object, /, **given: object) -> Markup:
    """A template's `_()`: the words in this page's language, what is given escaped.

    A page says a hundred things; looking each up anew in its catalogue was a tenth of its time.
    """
    return _words(_language(), str(msgid)) % given if given else _said(_language(), str(msgid))


def init_app(app: Flask) -> None:
    babel.init_app(app, locale_selector=_wanted)
    app.jinja_env.globals.update(
        _=words, current_theme=current_theme, return_address=return_address
    )
    app.register_blueprint(language)


def _language() -> str:
    locale = get_locale()
    return locale.language if locale else ""


@lru_cache(MOST_WORDS)
def _words(_language: str, msgid: str) -> Markup:
    return Markup(gettext(msgid))  # noqa: S704 - of our own catalogues


@lru_cache(MOST_WORDS)
def _said(language: str, msgid: str) -> Markup:
    return _words(language, msgid) % {}


def _wanted() -> str | None:
    """The cookie, else what the browser prefers among ours; Indonesian where nothing says more."""
    if not has_request_context():
        return None
    chosen = request.cookies.get("language")
    return chosen if chosen in LANGUAGES else request.accept_languages.best_match(LANGUAGES, "id")


def _kept(name: str, value: str, known: tuple[str, ...]) -> Response:
    answer = current_app.make_response(
        redirect(safe_next(request.form.get("next")), code=SEE_OTHER)
    )
    if value in known:
        answer.set_cookie(
            name, value, max_age=ONE_YEAR, secure=request.is_secure, httponly=True, samesite="Lax"
        )
    else:
        answer.delete_cookie(name)
    return answer
