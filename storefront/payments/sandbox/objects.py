"""Stripe's objects: exactly the keys and types of its own fixtures, filled with what is so.

Where Stripe leaves null what does not apply, ours keeps the shape with neutral values: the types
never vary.
"""

import copy
import json
import secrets
import string
from pathlib import Path
from typing import Any

from storefront.payments.sandbox.forms import Json

_SHAPES: dict[str, Json] = json.loads(
    Path(__file__).with_name("objects.json").read_text(encoding="utf-8")
)["objects"]
_LETTERS = string.ascii_letters + string.digits


def new_id(prefix: str, length: int = 24) -> str:
    return f"{prefix}_" + "".join(secrets.choice(_LETTERS) for _ in range(length))


def payment_intent(*, amount: int, description: str, metadata: Json, created: int) -> Json:
    intent_id = new_id("pi")
    return _filled(
        "payment_intent",
        id=intent_id,
        amount=amount,
        client_secret=f"{intent_id}_secret_{new_id('s')[2:]}",
        created=created,
        description=description,
        metadata=metadata,
    )


def checkout_session(params: Json, *, intent: Json, page_address: str, created: int) -> Json:
    session_id = new_id("cs_test", 58)
    return _filled(
        "checkout.session",
        id=session_id,
        amount_subtotal=intent["amount"],
        amount_total=intent["amount"],
        cancel_url=params["cancel_url"],
        client_reference_id=params.get("client_reference_id"),
        created=created,
        expires_at=int(params["expires_at"]),
        locale=params.get("locale"),
        metadata=params.get("metadata", {}),
        payment_intent=intent["id"],
        success_url=params["success_url"],
        url=f"{page_address}/{session_id}",
    )


def charge(intent: Json, *, method: str, created: int) -> Json:
    charge_id = new_id("ch")
    made = _filled(
        "charge",
        id=charge_id,
        amount=intent["amount"],
        amount_captured=intent["amount"],
        balance_transaction=new_id("txn"),
        created=created,
        description=intent["description"],
        metadata=intent["metadata"],
        payment_intent=intent["id"],
    )
    made["refunds"]["url"] = f"/v1/charges/{charge_id}/refunds"
    if method == "card":
        card = made["payment_method_details"]["card"]
        card["overcapture"]["maximum_amount_capturable"] = intent["amount"]
    else:
        made["payment_method_details"] = {method: {}, "type": method}
    return made


def refund(charged: Json, *, amount: int, metadata: Json, reason: str | None, created: int) -> Json:
    return _filled(
        "refund",
        id=new_id("re"),
        amount=amount,
        balance_transaction=new_id("txn"),
        charge=charged["id"],
        created=created,
        metadata=metadata,
        payment_intent=charged["payment_intent"],
        reason=reason,
    )


def dispute(charged: Json, *, due_by: int, created: int) -> Json:
    made = _filled(
        "dispute",
        id=new_id("dp"),
        amount=charged["amount"],
        charge=charged["id"],
        created=created,
        payment_intent=charged["payment_intent"],
    )
    made["evidence_details"]["due_by"] = due_by
    return made


def event(kind: str, about: Json, *, api_version: str | None, created: int) -> Json:
    return _filled(
        "event",
        id=new_id("evt"),
        api_version=api_version,
        created=created,
        data={"object": about},
        pending_webhooks=1,
        type=kind,
    )


def _filled(kind: str, **values: Any) -> Json:
    unknown = values.keys() - _SHAPES[kind].keys()
    if unknown:
        raise KeyError(f"a {kind} has no {sorted(unknown)}")
    return copy.deepcopy(_SHAPES[kind]) | copy.deepcopy(values)
