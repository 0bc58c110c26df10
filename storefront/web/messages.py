"""What the next page tells about what was done on this one."""

from typing import Any, cast

from flask import flash


def tell(message: str, *, href: str | None = None, link: str | None = None) -> None:
    """Say what was done, and where to go on: `href`, in the words `link`."""
    if href is None:
        flash(message)
    else:
        flash(cast(Any, (message, href, link)), "snack")


def warn(message: str) -> None:
    """Say what was not done, and what to do."""
    flash(message, "error")
