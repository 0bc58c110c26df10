"""What Stripe's API does, for the calls that the store makes. Amounts are Stripe's, in hundredths.

Each call checks first and writes afterwards: one that is refused has changed nothing.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from storefront.payments.sandbox import objects
from storefront.payments.sandbox.errors import Impossible, InvalidParameter, no_such
from storefront.payments.sandbox.forms import Json
from storefront.payments.sandbox.state import Records

CURRENCY = "idr"
SHORTEST_SESSION_S, LONGEST_SESSION_S = 30 * 60, 24 * 3600
LARGEST_LIST = 100

Call = Callable[[Records, Json, str], Json]
"""A call with its parameters and the id in its address."""

_SESSION_PARAMS = {
    "mode", "line_items", "client_reference_id", "metadata", "payment_intent_data", "success_url",
    "cancel_url", "expires_at", "locale", "expand", "customer_email", "submit_type",
}  # fmt: skip


def create_session(records: Records, params: Json, _id: str) -> Json:
    _only(params, _SESSION_PARAMS)
    if params.get("mode") != "payment":
        raise InvalidParameter("The sandbox knows mode `payment` only.", param="mode")
    for name in ("success_url", "cancel_url", "expires_at"):
        _required(params, name)
    amount, description = _priced(params)
    _check_life(records, _whole(params["expires_at"], "expires_at"))
    extra = params.get("payment_intent_data", {})
    intent = objects.payment_intent(
        amount=amount,
        description=extra.get("description") or description,
        metadata=extra.get("metadata", {}),
        created=records.now,
    )
    session = objects.checkout_session(
        params, intent=intent, page_address=records.page_address, created=records.now
    )
    records.put(intent)
    return records.put(session)


def retrieve_session(records: Records, params: Json, session_id: str) -> Json:
    _only(params, {"expand"})
    return standing_session(records, session_id)


def expire_session(records: Records, params: Json, session_id: str) -> Json:
    _only(params, {"expand"})
    session = standing_session(records, session_id)
    if session["status"] != "open":
        raise Impossible(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout'
            f" Session has a status of `{session['status']}`."
        )
    return _expired(records, session)


def retrieve_intent(records: Records, params: Json, intent_id: str) -> Json:
    _only(params, {"expand"})
    return _found(records, "payment_intent", intent_id, "intent")


def retrieve_charge(records: Records, params: Json, charge_id: str) -> Json:
    _only(params, {"expand"})
    return _found(records, "charge", charge_id, "charge")


def create_refund(records: Records, params: Json, _id: str) -> Json:
    _only(params, {"payment_intent", "charge", "amount", "metadata", "reason", "expand"})
    charged = _charge_to_refund(records, params)
    left = charged["amount"] - charged["amount_refunded"]
    amount = _whole(params["amount"], "amount") if "amount" in params else left
    if charged["disputed"]:
        raise Impossible(
            f"Charge {charged['id']} has been charged back; cannot issue a refund.",
            code="charge_disputed",
        )
    if left == 0:
        raise Impossible(
            f"Charge {charged['id']} has already been refunded.", code="charge_already_refunded"
        )
    if amount < 1:
        raise InvalidParameter("Invalid positive integer", param="amount")
    if amount > left:
        raise Impossible(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})",
            param="amount",
        )
    refund = objects.refund(
        charged,
        amount=amount,
        metadata=params.get("metadata", {}),
        reason=params.get("reason"),
        created=records.now,
    )
    records.put(refund)
    charged["amount_refunded"] += amount
    charged["refunded"] = charged["amount_refunded"] == charged["amount"]
    charged["refunds"]["data"].insert(0, refund)
    records.put(charged)
    records.tell("charge.refunded", charged)
    records.tell("refund.created", refund)
    return refund


def retrieve_refund(records: Records, params: Json, refund_id: str) -> Json:
    _only(params, {"expand"})
    return _found(records, "refund", refund_id, "refund")


def list_refunds(records: Records, params: Json, _id: str) -> Json:
    return _listed(records, params, "refund", "/v1/refunds")


def list_disputes(records: Records, params: Json, _id: str) -> Json:
    return _listed(records, params, "dispute", "/v1/disputes")


def retrieve_event(records: Records, params: Json, event_id: str) -> Json:
    _only(params, {"expand"})
    return _found(records, "event", event_id, "event")


def list_events(records: Records, params: Json, _id: str) -> Json:
    return _listed(records, params, "event", "/v1/events")


CALLS: Mapping[tuple[str, str], Call] = {
    ("POST", "/v1/checkout/sessions"): create_session,
    ("GET", "/v1/checkout/sessions/{id}"): retrieve_session,
    ("POST", "/v1/checkout/sessions/{id}/expire"): expire_session,
    ("GET", "/v1/payment_intents/{id}"): retrieve_intent,
    ("GET", "/v1/charges/{id}"): retrieve_charge,
    ("POST", "/v1/refunds"): create_refund,
    ("GET", "/v1/refunds"): list_refunds,
    ("GET", "/v1/refunds/{id}"): retrieve_refund,
    ("GET", "/v1/disputes"): list_disputes,
    ("GET", "/v1/events"): list_events,
    ("GET", "/v1/events/{id}"): retrieve_event,
}


def standing_session(records: Records, session_id: str) -> Json:
    """A session as it stands in this second: one whose time is over has expired by itself."""
    session = _found(records, "checkout.session", session_id, "session")
    if session["status"] == "open" and session["expires_at"] <= records.now:
        return _expired(records, session)
    return session


def expanded(records: Records, thing: Json, paths: list[str]) -> Json:
    """An object with the ids at some paths replaced by what they name (`expand`)."""
    for path in paths:
        at: Any = thing
        for name in path.split("."):
            if not isinstance(at, dict) or name not in at:
                raise InvalidParameter(
                    f"This property cannot be expanded ({path}).", param="expand"
                )
            if isinstance(at[name], str):
                at[name] = records.find(_KIND_AT[name], at[name]) if name in _KIND_AT else at[name]
            at = at[name]
            if at is None:
                break
    return thing


_KIND_AT = {"payment_intent": "payment_intent", "latest_charge": "charge", "charge": "charge"}


def _expired(records: Records, session: Json) -> Json:
    session["status"] = "expired"
    intent = _found(records, "payment_intent", session["payment_intent"], "intent")
    intent["status"], intent["canceled_at"] = "canceled", records.now
    records.put(intent)
    records.put(session)
    records.tell("checkout.session.expired", session)
    return session


def _priced(params: Json) -> tuple[int, str]:
    """The total of the line items and the first one's name."""
    items = params.get("line_items")
    if not isinstance(items, list) or not items:
        raise InvalidParameter("Missing required param: line_items.", param="line_items")
    total = 0
    for at, item in enumerate(items):
        price = item.get("price_data", {})
        where = f"line_items[{at}][price_data]"
        if price.get("currency") != CURRENCY:
            raise InvalidParameter("The sandbox takes idr only.", param=f"{where}[currency]")
        unit = _whole(price.get("unit_amount", ""), f"{where}[unit_amount]")
        total += unit * _whole(item.get("quantity", ""), f"line_items[{at}][quantity]")
    if total < 1:
        raise InvalidParameter("The total must be greater than zero.", param="line_items")
    return total, str(items[0]["price_data"].get("product_data", {}).get("name", ""))


def _check_life(records: Records, expires_at: int) -> None:
    life = expires_at - records.now
    if life < SHORTEST_SESSION_S:
        raise InvalidParameter(
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session"
            " creation.",
            param="expires_at",
        )
    if life > LONGEST_SESSION_S:
        raise InvalidParameter(
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.",
            param="expires_at",
        )


def _charge_to_refund(records: Records, params: Json) -> Json:
    if "charge" in params:
        return _found(records, "charge", params["charge"], "charge")
    intent_id = str(_required(params, "payment_intent"))
    intent = _found(records, "payment_intent", intent_id, "payment_intent")
    if intent["latest_charge"] is None:
        raise Impossible(
            f"This PaymentIntent ({intent_id}) does not have a successful charge to refund.",
            param="payment_intent",
        )
    return _found(records, "charge", intent["latest_charge"], "charge")


def _listed(records: Records, params: Json, kind: str, url: str) -> Json:
    _only(params, {"payment_intent", "limit", "starting_after", "expand", "charge"})
    limit = _whole(params.get("limit", "10"), "limit")
    if not 1 <= limit <= LARGEST_LIST:
        raise InvalidParameter("Limit must be between 1 and 100.", param="limit")
    intent = params.get("payment_intent")
    found = records.of_intent(kind, intent) if intent else records.all(kind)
    if "starting_after" in params:
        ids = [thing["id"] for thing in found]
        if params["starting_after"] not in ids:
            raise no_such(kind, params["starting_after"], "starting_after")
        found = found[ids.index(params["starting_after"]) + 1 :]
    return {"object": "list", "url": url, "has_more": len(found) > limit, "data": found[:limit]}


def _found(records: Records, kind: str, object_id: str, param: str) -> Json:
    thing = records.find(kind, object_id)
    if thing is None:
        raise no_such(kind, object_id, param)
    return thing


def _only(params: Json, known: set[str]) -> None:
    for name in params:
        if name not in known:
            raise InvalidParameter(
                f"Received unknown parameter: {name}", code="parameter_unknown", param=name
            )


def _required(params: Json, name: str) -> Any:
    if not params.get(name):
        raise InvalidParameter(
            f"Missing required param: {name}.", code="parameter_missing", param=name
        )
    return params[name]


def _whole(value: object, param: str) -> int:
    if not re.fullmatch(r"[0-9]{1,12}", str(value)):
        raise InvalidParameter(
            f"Invalid integer: {value}", code="parameter_invalid_integer", param=param
        )
    return int(str(value))
