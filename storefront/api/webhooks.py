"""Events of the payment gateway. Each is a hint: what is true, the process asks the gateway."""

from http import HTTPStatus

from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue

from storefront.core.errors import DomainError, NotFound
from storefront.extensions import csrf, payment_gateway, transaction
from storefront.orders import processes
from storefront.payments.events import note_event, record_event_handled
from storefront.payments.gateway import ForgedEvent, GatewayNotice, GatewayRefused, Subject
from storefront.web.clock import now
from storefront.web.errors import status_of

webhooks = Blueprint("webhooks", __name__)
csrf.exempt(webhooks)

TAKEN = {"received": True}


@webhooks.post("/webhooks/stripe")
def stripe() -> ResponseReturnValue:
    """Verify, note once, follow the hint. Whatever fails answers an error: it is sent again."""
    signature = request.headers.get("Stripe-Signature", "")
    try:
        notice = payment_gateway().read_event(request.get_data(cache=False), signature)
    except ForgedEvent:
        current_app.logger.warning("webhook refused: its signature is wrong or too old")
        return {"error": "forged"}, HTTPStatus.BAD_REQUEST
    with transaction() as session:
        is_to_handle = note_event(session, notice, now=now())
    if is_to_handle:
        outcome = _follow(notice)
        with transaction() as session:
            record_event_handled(session, notice, outcome=outcome, now=now())
    return TAKEN


@webhooks.errorhandler(DomainError)
def _not_now(error: DomainError) -> ResponseReturnValue:
    current_app.logger.warning("webhook not handled: %s", error.code)
    return {"error": error.code}, status_of(error)


def _follow(notice: GatewayNotice) -> str:
    """What an event led to. What the store or the gateway does not know is another shop's."""
    gateway, at = payment_gateway(), now()
    try:
        if notice.subject is Subject.SESSION and notice.object_id:
            return processes.settle_from_gateway(transaction, gateway, notice.object_id, now=at)
        if notice.subject is Subject.REFUND and notice.object_id:
            news = processes.refund_seen(transaction, gateway, notice.object_id, now=at)
            return f"{news} refunds"
    except (GatewayRefused, NotFound):
        return "not ours"
    return "ignored"
