"""Product pictures, under addresses that name their content, so that they are kept for ever."""

import re

from flask import Blueprint, Flask, current_app, has_request_context, request, send_from_directory
from flask.typing import ResponseReturnValue

from storefront.core.errors import NotFound
from storefront.core.media import WIDTHS, file_name

CARD, PHONE, PAGE = WIDTHS
FOR_EVER = 31_536_000
_NAME = re.compile(rf"[0-9a-f]{{2}}/[0-9a-f]{{64}}-(?:{'|'.join(map(str, WIDTHS))})\.webp")

media = Blueprint("media", __name__)


@media.get("/media/<path:name>")
def picture(name: str) -> ResponseReturnValue:
    """A file that `core/media.py` made; anything else there might be is not served."""
    if not _NAME.fullmatch(name):
        raise NotFound
    root = current_app.config["SETTINGS"].media_root
    answer = send_from_directory(root, name, mimetype="image/webp", max_age=FOR_EVER)
    answer.cache_control.public = True
    answer.cache_control.immutable = True
    return answer


def picture_address(key: str | None, width: int = CARD) -> str | None:
    """The address of a picture in a width of `core/media.py`; None where there is no picture.

    Built by hand: a page of goods asks fifty times, and `url_for` would be a tenth of its time.
    """
    if key is None:
        return None
    root = request.script_root if has_request_context() else ""
    return f"{root}/media/{file_name(key, width)}"


def init_app(app: Flask) -> None:
    app.jinja_env.globals["picture_address"] = picture_address
    app.register_blueprint(media)
