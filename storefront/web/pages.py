"""Pages that say how the store works: help, privacy, terms; and the style guide."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from storefront.web.styleguide import StyleGuideForm, sample

pages = Blueprint("pages", __name__)


@pages.get("/help")
def help() -> ResponseReturnValue:  # noqa: A001 - the endpoint's name is the page's
    return render_template("pages/help.html")


@pages.get("/how-to-buy")
def how_to_buy() -> ResponseReturnValue:
    return render_template("pages/how_to_buy.html")


@pages.get("/privacy")
def privacy() -> ResponseReturnValue:
    return render_template("pages/privacy.html")


@pages.get("/terms")
def terms() -> ResponseReturnValue:
    return render_template("pages/terms.html")


@pages.get("/styleguide")
def styleguide() -> ResponseReturnValue:
    """Every piece in all its states, with made-up figures."""
    form = StyleGuideForm(formdata=None)
    wrong = StyleGuideForm(formdata=None, prefix="wrong")
    wrong.show_errors()
    return render_template("styleguide.html", form=form, wrong=wrong, **sample())
