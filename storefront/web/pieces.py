"""Pieces of pages that look the same each time: drawn once, and kept.

A page of goods shows sixty icons, and cards that the page before showed too. Drawing them was most
of its time. What is kept follows from its key alone, so nothing kept is ever out of date.
"""

from collections.abc import Callable, MutableMapping
from functools import lru_cache
from typing import Any

from flask import Flask, has_request_context, request
from flask.templating import Environment
from flask_babel import get_locale
from markupsafe import Markup

from storefront.web.statics import asset

MOST_KEPT = 4_096
"""Of a macro's drawings, in each worker: of cards about 4 MB."""
Draw = Callable[..., Markup]
SPRITE = "images/icons.svg"
ICON = Markup('<svg class="{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>')


class Templates(Environment):
    """Flask's templates, all of which share one set of globals and have none of their own.

    Jinja gives each template a view of its own on them, and reads that whole for each page: a
    twentieth of its time.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return super().make_globals(d) if d else self.globals


def icon(name: str, size: str = "", extra: str = "") -> Markup:
    """A symbol of `static/images/icons.svg`; size: "", "s" (in small text), "l"."""
    return _icon(asset(SPRITE), name, size, extra)


def kept(macro: Draw, most: int = MOST_KEPT) -> Draw:
    """The macro, its drawings kept by language and arguments, `most` of them.

    For one that asks for nothing besides. Arguments that could change (a dict) are drawn anew.
    """

    @lru_cache(most)
    def drawn(
        _language: str, _root: str, given: tuple[object, ...], named: tuple[tuple[str, object], ...]
    ) -> Markup:
        return macro(*given, **dict(named))

    def show(*given: object, **named: object) -> Markup:
        root = request.script_root if has_request_context() else ""
        locale = get_locale()
        try:
            return drawn(locale.language if locale else "", root, given, tuple(named.items()))
        except TypeError:  # not hashable
            return macro(*given, **named)

    return show


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(draw_icon=icon, kept=kept)


@lru_cache(MOST_KEPT)
def _icon(sprite: str, name: str, size: str, extra: str) -> Markup:
    classes = " ".join(filter(None, ["i", size and f"i--{size}", extra]))
    return ICON.format(classes, sprite, name)
