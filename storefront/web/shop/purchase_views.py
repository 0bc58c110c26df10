"""One purchase of one's own, and the way back from its payment."""

from http import HTTPStatus
from typing import cast

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storefront.core.permissions import NOBODY
from storefront.extensions import db, login_manager, payment_gateway, transaction
from storefront.orders import processes
from storefront.orders.order_view import find_purchase
from storefront.payments.gateway import GatewayUnavailable
from storefront.web.clock import now
from storefront.web.errors import in_words
from storefront.web.identity import current_actor
from storefront.web.messages import warn
from storefront.web.payment_addresses import addresses_of
from storefront.web.shop.order_stages import STAGE_WORDS

purchases = Blueprint("purchases", __name__)


@purchases.before_request
def _signed_in_only() -> ResponseReturnValue | None:
    """Whoever is not is asked to sign in, and comes back here."""
    if current_actor() is NOBODY:
        return cast(ResponseReturnValue, login_manager.unauthorized())
    return None


@purchases.get("/purchases/<number>")
def show(number: str) -> ResponseReturnValue:
    purchase = find_purchase(db.session(), current_actor(), number)
    return render_template("shop/purchase.html", purchase=purchase, stages=STAGE_WORDS)


@purchases.get("/purchases/<number>/paid")
def paid(number: str) -> ResponseReturnValue:
    """Back from the gateway: ask it what is true, then show the purchase."""
    find_purchase(db.session(), current_actor(), number)
    try:
        processes.settle_purchase(transaction, payment_gateway(), number, now=now())
    except GatewayUnavailable:
        warn(
            _(
                "Penyedia pembayaran belum menjawab. Kami periksa lagi sendiri;"
                " Anda tidak perlu membayar dua kali."
            )
        )
    return _to(number)


@purchases.post("/purchases/<number>/pay")
def pay(number: str) -> ResponseReturnValue:
    """Try the payment again: the same attempt while it lives, never a second charge."""
    try:
        bought = processes.pay_again(
            transaction,
            payment_gateway(),
            current_actor(),
            number,
            addresses=addresses_of,
            now=now(),
        )
    except GatewayUnavailable as silence:
        warn(in_words(silence))
        return _to(number)
    if not bought.gateway_answered:
        warn(in_words(GatewayUnavailable()))
    return redirect(
        bought.redirect_url or url_for("purchases.show", number=number), code=HTTPStatus.SEE_OTHER
    )


def _to(number: str) -> ResponseReturnValue:
    return redirect(url_for("purchases.show", number=number), code=HTTPStatus.SEE_OTHER)
