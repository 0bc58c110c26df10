"""Pieces of pages that look the same each time: drawn once, and kept.

A page of goods shows sixty icons, and cards that the page before showed too. Drawing them was most
of its time. What is kept follows from its key alone, so nothing kept is ever out of date.
"""

from collections.abc import Callable
from functools import lru_cache

from flask import Flask, has_request_context, request
from flask_babel import get_locale
from markupsafe import Markup

from storefront.web.statics import asset

MOST_KEPT = 4_096
"""Of a macro's drawings, in each worker: of cards about 4 MB."""
Draw = Callable[..., Markup]
SPRITE = "images/icons.svg"
ICON = Markup('<svg class="{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>')


def icon(name: str, size: str = "", extra: str = "") -> Markup:
    """A symbol of `static/images/icons.svg`; size: "", "s" (in small text), "l"."""
    return _icon(asset(SPRITE), name, size, extra)


def kept(macro: Draw) -> Draw:
    """The macro, its drawings kept by language and arguments.

    For one that asks for nothing besides. Arguments that could change (a dict) are drawn anew.
    """

    @lru_cache(MOST_KEPT)
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
