"""Headers that every answer carries, and addresses that may be followed."""

import secrets
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g

POLICY = (
    "default-src 'self'; script-src {scripts}; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; object-src 'none'; frame-src 'none'; base-uri 'none'; "
    "form-action {forms}; frame-ancestors 'none'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}
ONE_YEAR = 31_536_000
FIRST_PRINTABLE = " "


def csp_nonce() -> str:
    """This answer's nonce. Scripts run only with it; a file that somebody uploaded has none."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def safe_next(target: str | None, otherwise: str = "/") -> str:
    r"""Where to go after signing in or choosing: a path of this store, else `otherwise`.

    Browsers read `//host`, `/\host` and a tab or newline in front of either as another host.
    """
    if not target or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return otherwise
    if any(letter < FIRST_PRINTABLE for letter in target):
        return otherwise
    parts = urlsplit(target)
    return otherwise if parts.scheme or parts.netloc else target


def init_app(app: Flask) -> None:
    """Reads FORM_ACTION_EXTRA (origins besides our own that a form may lead to) and PUBLIC_URL."""
    app.jinja_env.globals["csp_nonce"] = csp_nonce
    app.after_request(_protect)


def _protect(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", _policy())
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if str(current_app.config.get("PUBLIC_URL") or "").startswith("https://"):
        response.headers["Strict-Transport-Security"] = f"max-age={ONE_YEAR}; includeSubDomains"
    if "Cache-Control" not in response.headers:  # a page shows what is its reader's alone
        response.headers["Cache-Control"] = "private, no-cache"
    return response


def _policy() -> str:
    """Chromium applies form-action to the redirect after a POST: the payment page stands in it."""
    scripts = f"'nonce-{g.csp_nonce}'" if "csp_nonce" in g else "'none'"
    forms = " ".join(["'self'", *str(current_app.config.get("FORM_ACTION_EXTRA") or "").split()])
    return POLICY.format(scripts=scripts, forms=forms)
