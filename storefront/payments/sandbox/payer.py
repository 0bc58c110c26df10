"""What others do at the gateway: the payer on the payment page, the merchant by hand, the bank."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from storefront.payments.sandbox import api, objects
from storefront.payments.sandbox.errors import Impossible, Missing
from storefront.payments.sandbox.forms import Json
from storefront.payments.sandbox.state import Records, SandboxState

MINOR_UNITS = 100
DISPUTE_DAYS = timedelta(days=14)


@dataclass(frozen=True)
class Checkout:
    """What the payment page shows. Amounts in whole rupiah."""

    session_id: str
    status: str
    """open, complete or expired."""
    amount: int
    description: str
    reference: str
    expires_at: datetime
    was_declined: bool
    success_url: str
    cancel_url: str


def find_checkout(state: SandboxState, session_id: str) -> Checkout | None:
    """A session as its payer sees it, or None."""
    try:
        with state.records() as records:
            session = api.standing_session(records, session_id)
            intent = _intent_of(records, session)
    except Missing:
        return None
    return Checkout(
        session_id=session_id,
        status=session["status"],
        amount=session["amount_total"] // MINOR_UNITS,
        description=intent["description"],
        reference=session["client_reference_id"] or "",
        expires_at=datetime.fromtimestamp(session["expires_at"], UTC),
        was_declined=bool(intent["last_payment_error"]["type"]),
        success_url=session["success_url"].replace("{CHECKOUT_SESSION_ID}", session_id),
        cancel_url=session["cancel_url"],
    )


def pay(state: SandboxState, session_id: str, method: str = "card") -> None:
    """Pay by `card` or `qris`. Paying twice is paying once. Raises `ApiError` once expired."""
    with state.records() as records:
        session = api.standing_session(records, session_id)
        if session["status"] == "complete":
            return
        _check_open(session)
        intent = _intent_of(records, session)
        charge = records.put(objects.charge(intent, method=method, created=records.now))
        intent["status"] = "succeeded"
        intent["amount_received"] = intent["amount"]
        intent["latest_charge"] = charge["id"]
        intent["payment_method"] = charge["payment_method"]
        intent["last_payment_error"]["type"] = ""
        session["status"], session["payment_status"] = "complete", "paid"
        records.put(intent)
        records.put(session)
        records.tell("payment_intent.succeeded", intent)
        records.tell("charge.succeeded", charge)
        records.tell("checkout.session.completed", session)


def decline(state: SandboxState, session_id: str) -> None:
    """Let the payer's bank refuse. The session stays open for another try."""
    with state.records() as records:
        session = api.standing_session(records, session_id)
        _check_open(session)
        intent = _intent_of(records, session)
        intent["last_payment_error"]["type"] = "card_error"
        records.put(intent)
        records.tell("payment_intent.payment_failed", intent)


def refund_by_hand(state: SandboxState, session_id: str, amount: int) -> str:
    """Refund rupiah as a person at the gateway's own page would; the refund's id."""
    with state.records() as records:
        session = api.standing_session(records, session_id)
        params = {"payment_intent": session["payment_intent"], "amount": amount * MINOR_UNITS}
        return str(api.create_refund(records, params, "")["id"])


def fail_refund(state: SandboxState, refund_id: str) -> None:
    """Let a refund come back: the payer's bank did not take it."""
    with state.records() as records:
        refund = api.retrieve_refund(records, {}, refund_id)
        refund["status"] = "failed"
        charge = api.retrieve_charge(records, {}, refund["charge"])
        charge["amount_refunded"] -= refund["amount"]
        charge["refunded"] = False
        charge["refunds"]["data"] = [
            refund if listed["id"] == refund_id else listed for listed in charge["refunds"]["data"]
        ]
        records.put(refund)
        records.put(charge)
        records.tell("refund.failed", refund)


def dispute(state: SandboxState, session_id: str) -> str:
    """Let the payer's bank ask the money back; the dispute's id."""
    with state.records() as records:
        session = api.standing_session(records, session_id)
        intent = _intent_of(records, session)
        charge = api.retrieve_charge(records, {}, intent["latest_charge"])
        due_by = records.now + int(DISPUTE_DAYS.total_seconds())
        made = records.put(objects.dispute(charge, due_by=due_by, created=records.now))
        records.put(charge | {"disputed": True})
        records.tell("charge.dispute.created", made)
        return str(made["id"])


def decide_dispute(state: SandboxState, dispute_id: str, *, is_won: bool) -> None:
    """Let the bank decide, for the merchant or against."""
    with state.records() as records:
        made = records.find("dispute", dispute_id) or {}
        made["status"] = "won" if is_won else "lost"
        records.put(made)
        records.tell("charge.dispute.closed", made)


def _intent_of(records: Records, session: Json) -> Json:
    return api.retrieve_intent(records, {}, session["payment_intent"])


def _check_open(session: Json) -> None:
    if session["status"] != "open":
        raise Impossible(f"This Checkout Session is {session['status']}.", param="session")
