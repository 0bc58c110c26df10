"""The mock's webhooks: signed as Stripe signs, sent by the worker, tried again until taken."""

import hashlib
import hmac
from collections.abc import Callable, Mapping

import requests

from storefront.payments.sandbox.state import SandboxState, WaitingWebhook

Post = Callable[[str, bytes, Mapping[str, str]], int]
"""Sends a body with headers to an address; the status, or 0 where nobody answered."""

RETRY_AFTER_S = (5, 30, 120, 600, 3600, 6 * 3600, 24 * 3600)
"""Stripe tries for three days; so do these together, about."""

LEASE_S = 60
"""So long nobody else sends what one worker took; one that died meanwhile is made good by that."""

ANSWER_S = 20


def sign(body: bytes, secret: str, at: int) -> str:
    """The `Stripe-Signature` of a body at a second."""
    signed = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={signed}"


def post_by_http(address: str, body: bytes, headers: Mapping[str, str]) -> int:
    try:
        return requests.post(address, body, headers=dict(headers), timeout=ANSWER_S).status_code
    except requests.RequestException:
        return 0


def deliver_webhooks(state: SandboxState, *, post: Post = post_by_http, limit: int = 100) -> int:
    """Send the webhooks that are due, the oldest first; how many were taken.

    No lock is held while one is sent: the receiver asks this same mock what is true.
    """
    taken = 0
    for webhook in _claim(state, limit):
        body = webhook.body.encode()
        now = int(state.clock().timestamp())
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": sign(body, state.webhook_secret, now),
        }
        was_taken = 200 <= post(state.webhook_address, body, headers) < 300  # noqa: PLR2004
        _note(state, webhook, was_taken=was_taken)
        taken += was_taken
    return taken


def _claim(state: SandboxState, limit: int) -> list[WaitingWebhook]:
    with state.records() as records:
        rows = records.connection.execute(
            "SELECT seq, body, attempts FROM webhooks WHERE delivered_at IS NULL AND due_at <= ?"
            " AND attempts <= ? ORDER BY seq LIMIT ?",
            (records.now, len(RETRY_AFTER_S), limit),
        ).fetchall()
        records.connection.executemany(
            "UPDATE webhooks SET due_at = ? WHERE seq = ?",
            [(records.now + LEASE_S, seq) for seq, _, _ in rows],
        )
    return [WaitingWebhook(*row) for row in rows]


def _note(state: SandboxState, webhook: WaitingWebhook, *, was_taken: bool) -> None:
    with state.records() as records:
        wait = RETRY_AFTER_S[min(webhook.attempts, len(RETRY_AFTER_S) - 1)]
        records.connection.execute(
            "UPDATE webhooks SET attempts = attempts + 1, delivered_at = ?, due_at = ?"
            " WHERE seq = ?",
            (records.now if was_taken else None, records.now + wait, webhook.seq),
        )
