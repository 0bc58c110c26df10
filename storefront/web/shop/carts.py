"""Whose cart a request is about. A guest's is known by a token in the signed cookie."""

from contextlib import suppress

from flask import Flask, request, session

from storefront.core.errors import Busy
from storefront.core.identifiers import digest, secret_token
from storefront.core.permissions import NOBODY
from storefront.extensions import db, transaction
from storefront.orders import cart
from storefront.orders.cart import CartOwner
from storefront.orders.cart_view import count_items
from storefront.web.clock import now
from storefront.web.identity import current_actor

GUEST = "guest_cart"


def owner() -> CartOwner | None:
    """The signed-in person, or the guest who has a token; None for a visitor without a cart."""
    actor = current_actor()
    if actor is not NOBODY:
        return CartOwner(person_id=actor.person_id)
    token = session.get(GUEST)
    return CartOwner(guest_digest=digest(token)) if isinstance(token, str) else None


def owner_to_be() -> CartOwner:
    """The same for somebody who puts something in: a guest gets a token, and keeps it."""
    known = owner()
    if known is not None:
        return known
    session.permanent = True
    session[GUEST] = secret_token()
    return CartOwner(guest_digest=digest(session[GUEST]))


def cart_count() -> int:
    """How many things lie in the cart of this request, for the page's head."""
    whose = owner()
    return count_items(db.session(), whose) if whose else 0


def init_app(app: Flask) -> None:
    """A guest who signed in finds what was gathered: once, with the first request after it."""
    app.before_request(_bring_along)


def _bring_along() -> None:
    token = session.get(GUEST) if request.endpoint not in {None, "static"} else None
    if token is None or (actor := current_actor()) is NOBODY:
        return
    with suppress(Busy):  # the next request tries again
        with transaction() as unit:
            cart.merge(unit, person_id=actor.person_id, guest_digest=digest(token), now=now())
        session.pop(GUEST)
