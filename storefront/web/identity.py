"""Who is behind a request."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec, cast

from flask import Flask, Response, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user, logout_user

from storefront.access.actors import find_actor
from storefront.access.queries import Identity, find_identity
from storefront.accounts import sessions
from storefront.core.permissions import NOBODY, Actor, PersonId
from storefront.extensions import db, login_manager, transaction
from storefront.web.clock import now, today

SEE_OTHER = 303
Arguments = ParamSpec("Arguments")


@dataclass(frozen=True)
class SignedIn:
    """What flask-login keeps for a request: a value, so no transaction can expire or detach it.

    `key` opens the session's row (`accounts/sessions.py`); the cookie holds it, signed.
    """

    actor: Actor
    key: str
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        return self.key


def current_actor() -> Actor:
    """The one who sent this request; `NOBODY` for a visitor."""
    return cast(SignedIn, current_user).actor if current_user.is_authenticated else NOBODY


def current_key() -> str:
    """The key of this device's session; empty for a visitor."""
    return cast(SignedIn, current_user).key if current_user.is_authenticated else ""


def current_identity() -> Identity | None:
    """The signed-in person by name, and for whom they may act; None for a visitor."""
    if "identity" not in g:
        actor = current_actor()
        g.identity = (
            find_identity(db.session(), actor.person_id, today=today())
            if actor is not NOBODY
            else None
        )
    return cast("Identity | None", g.identity)


def begin_session(person_id: PersonId) -> None:
    """Sign this browser in, under a key that nobody had before."""
    replaced = session.get("_user_id")
    kept = {name: session[name] for name in KEPT_AT_SIGN_IN if name in session}
    with transaction() as unit:
        key = sessions.begin(
            unit,
            person_id,
            device=request.user_agent.string,
            now=now(),
            replaces=replaced,
        )
    session.clear()
    session.update(kept)
    session.permanent = True
    actor = find_actor(db.session(), person_id, today=today())
    login_user(SignedIn(actor or NOBODY, key))
    g.pop("identity", None)


def end_session() -> None:
    """Sign this browser out."""
    key = current_key()
    if key:
        with transaction() as unit:
            sessions.end(unit, key, now=now())
    logout_user()
    session.clear()
    g.pop("identity", None)


def sign_in_needed(
    view: Callable[Arguments, ResponseReturnValue],
) -> Callable[Arguments, ResponseReturnValue]:
    """Decorate a view that a visitor is first asked to sign in for."""

    @wraps(view)
    def guarded(*args: Arguments.args, **kwargs: Arguments.kwargs) -> ResponseReturnValue:
        if not current_user.is_authenticated:
            return _ask_to_sign_in()
        return view(*args, **kwargs)

    return guarded


KEPT_AT_SIGN_IN = ("_flashes", "guest_cart")
"""What a visitor had that stays theirs. Everything else, the form's token too, is made anew."""


def init_app(_app: Flask) -> None:
    login_manager.user_loader(_load)
    login_manager.unauthorized_handler(_ask_to_sign_in)


def _load(key: str) -> SignedIn | None:
    found = sessions.find(db.session(), key, now=now())
    actor = find_actor(db.session(), found.person_id, today=today()) if found else None
    if found is None or actor is None:
        return None
    if found.is_stale:
        with transaction() as unit:
            sessions.touch(unit, key, now=now())
    return SignedIn(actor, key)


def _ask_to_sign_in() -> Response:
    back = request.full_path.rstrip("?") if request.method == "GET" else None
    return cast(Response, redirect(url_for("account.login", next=back), code=SEE_OTHER))
