"""What one-time codes and tries need of the request and the settings."""

from urllib.parse import urlencode

from flask import current_app, request

from storefront.accounts import codes
from storefront.accounts.models import CodePurpose, OneTimeCode

PATHS = {
    CodePurpose.ACTIVATE: "/activate",
    CodePurpose.RESET: "/password/reset",
    CodePurpose.SIGN_IN: "/login/confirm",
}


def link_of_code(code: OneTimeCode, key: bytes) -> str:
    """The path at which a code is used: what a mail says, and a printed slip."""
    token = codes.token_of(code.id, key=key)
    return f"{PATHS[code.purpose]}?{urlencode({'token': token})}"


def words_of_the_store() -> list[str]:
    """What must not be a password here."""
    return [str(current_app.config["STORE_NAME"]), str(current_app.config["CITY_NAME"])]


def app_key() -> bytes:
    """The key under which one-time codes and tries are digested."""
    return str(current_app.config["SECRET_KEY"]).encode()


def address() -> str:
    """Where this request comes from."""
    return request.remote_addr or ""
