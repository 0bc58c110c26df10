"""The sandbox's payment page: what a payer would see at the gateway. Never in production."""

import segno
from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from storefront.core.errors import N_, Conflict, NotFound
from storefront.extensions import payment_sandbox
from storefront.payments.models import ChargeMethod
from storefront.payments.sandbox import payer
from storefront.payments.sandbox.errors import ApiError
from storefront.payments.sandbox.qris import qris_payload
from storefront.payments.sandbox.state import SandboxState

sandbox = Blueprint("sandbox", __name__)

PAY, DECLINE = "pay", "decline"


class SessionOver(Conflict):
    code = "session_over"
    message = N_("Waktu pembayaran sudah habis. Buat pembayaran baru dari halaman pembelian.")


@sandbox.get("/sandbox/pay/<session>")
def pay(session: str) -> ResponseReturnValue:
    checkout = _checkout(_state(), session)
    return render_template(
        "sandbox/pay.html",
        checkout=checkout,
        methods=ChargeMethod,
        qr=_qr(checkout) if checkout.status == "open" else None,
    )


@sandbox.post("/sandbox/pay/<session>")
def act(session: str) -> ResponseReturnValue:
    """Pay and go back to the store, or be declined and stay, to try again."""
    state = _state()
    checkout = _checkout(state, session)
    method = request.form.get("method", ChargeMethod.CARD, type=ChargeMethod)
    try:
        if request.form.get("outcome") == PAY:
            payer.pay(state, session, method)
            return redirect(checkout.success_url, code=303)
        if request.form.get("outcome") == DECLINE:
            payer.decline(state, session)
    except ApiError as error:
        raise SessionOver from error
    return redirect(url_for("sandbox.pay", session=session), code=303)


def _state() -> SandboxState:
    state = payment_sandbox()
    if state is None:
        raise NotFound
    return state


def _checkout(state: SandboxState, session: str) -> payer.Checkout:
    checkout = payer.find_checkout(state, session)
    if checkout is None:
        raise NotFound
    return checkout


def _qr(checkout: payer.Checkout) -> str:
    payload = qris_payload(
        amount=checkout.amount,
        reference=checkout.reference,
        merchant=str(current_app.config["STORE_NAME"]),
        city=str(current_app.config["CITY_NAME"]),
    )
    return str(segno.make(payload, error="m").svg_data_uri(scale=4, border=2, light="white"))
