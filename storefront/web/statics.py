"""Static files under addresses that name their content, so that a browser may keep them for ever.

One digest stands for the whole tree: what a style sheet refers to (font, motif) lies under the same
address as the sheet itself, and needs no rewriting. `whitenoise` serves these, before Flask.
"""

from hashlib import sha256
from pathlib import Path

from flask import Blueprint, Flask, current_app, has_request_context, request, send_from_directory
from flask.typing import ResponseReturnValue
from whitenoise import WhiteNoise

DIGEST_LENGTH = 12
FOR_EVER = 31_536_000
COMPRESSED = {".br", ".gz"}

statics = Blueprint("statics", __name__)


def asset(path: str) -> str:
    """The address of a static file, by its path under `static/`.

    Built by hand: a page of goods asks a hundred times, and `url_for` would be a tenth of its time.
    """
    root = request.script_root if has_request_context() else ""
    return f"{root}{current_app.extensions['static_root']}{path}"


@statics.get("/static/v/<digest>/<path:filename>")
def kept(digest: str, filename: str) -> ResponseReturnValue:
    """An address of another release, while both run: what there is now, not to be kept."""
    del digest
    return send_from_directory(str(current_app.static_folder), filename, max_age=0)


def init_app(app: Flask) -> None:
    """Under `flask run --debug` files change under way, and are served as they are."""
    folder = Path(str(app.static_folder)).resolve()
    digest = None if app.debug else _digest(folder)
    app.extensions["static_root"] = f"/static/v/{digest}/" if digest else "/static/"
    app.jinja_env.globals["asset"] = asset
    app.register_blueprint(statics)
    if digest is not None:
        app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
            app.wsgi_app,
            root=str(folder),
            prefix=f"static/v/{digest}/",
            max_age=FOR_EVER,
            immutable_file_test=lambda _path, _url: True,
            add_headers_function=_no_sniffing,
        )


def _digest(folder: Path) -> str:
    """Of all names and contents; compressed copies beside them don't count."""
    seen = sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix not in COMPRESSED:
            seen.update(str(path.relative_to(folder)).encode() + b"\0")
            seen.update(sha256(path.read_bytes()).digest())
    return seen.hexdigest()[:DIGEST_LENGTH]


def _no_sniffing(headers: object, _path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"  # type: ignore[index]
