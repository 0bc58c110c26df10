"""The mock on the wire: standing in for Stripe's host in this process, for `requests` alone."""

import hashlib
import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import requests
from requests import PreparedRequest
from responses import CallbackResponse, RequestsMock

from storefront.payments.sandbox import api, objects
from storefront.payments.sandbox.errors import (
    ApiError,
    Broken,
    InvalidParameter,
    KeyInUse,
    KeyUsedOtherwise,
    Missing,
    TooManyRequests,
    Unauthorized,
)
from storefront.payments.sandbox.forms import Json, parse_form
from storefront.payments.sandbox.state import Mood, Records, SandboxState

METHODS = ("GET", "POST", "DELETE", "PUT", "PATCH", "HEAD")
ABANDONED_S = 60
"""After so long, a request whose answer never came to be died midway: it may be made again."""

LONGEST_KEY = 255

Answer = tuple[int, Mapping[str, str], str]
Callback = Callable[[PreparedRequest], Answer]


@dataclass
class _Standing:
    """What stands in this process: one mock, and the accounts by the base they are reached at."""

    mock: RequestsMock = field(
        default_factory=lambda: RequestsMock(
            assert_all_requests_are_fired=False, passthru_prefixes=()
        )
    )
    accounts: dict[str, dict[str, SandboxState]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)


_standing = _Standing()


def start_sandbox(state: SandboxState, *, api_base: str) -> None:
    """Answer for Stripe at a base address, in this process, from now on.

    One mock per process (stack.md, trap 14), however many apps it makes: each is another account,
    told apart by its secret key. Every other address is reached as before.
    """
    with _standing.lock:
        base = api_base.rstrip("/")
        if not _standing.accounts:
            _standing.mock.add_passthru(re.compile(".*"))  # of what no answer below matches
            _standing.mock.start()
        if base not in _standing.accounts:
            _standing.accounts[base] = {}
            at_base = re.compile(re.escape(base) + "/")
            for method in METHODS:
                _standing.mock.add(CallbackResponse(method, at_base, _callback(base)))
        _standing.accounts[base][state.secret_key] = state


def _callback(base: str) -> Callback:
    def answer(request: PreparedRequest) -> Answer:
        _standing.mock.calls.reset()  # or every call is kept for ever
        for response in _standing.mock.registered():
            response.calls.reset()
        return _answer(_standing.accounts[base], request)

    return answer


def _answer(accounts: Mapping[str, SandboxState], request: PreparedRequest) -> Answer:
    request_id = objects.new_id("req", 14)
    headers = {"Content-Type": "application/json", "Request-Id": request_id}
    key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
    if key:
        headers["Idempotency-Key"] = key
    try:
        state = _account(accounts, request)
        mood = _weather(state)
        status, body, replayed = _handled(state, request, key)
    except ApiError as error:
        return error.status, headers, json.dumps(error.body())
    if mood is Mood.LOSING:
        raise requests.exceptions.ConnectionError("the answer was lost")
    if replayed:
        headers["Idempotent-Replayed"] = "true"
    return status, headers, body


def _account(accounts: Mapping[str, SandboxState], request: PreparedRequest) -> SandboxState:
    scheme, _, key = str(request.headers.get("Authorization", "")).partition(" ")
    if scheme != "Bearer" or not key:
        raise Unauthorized(
            "You did not provide an API key. You need to provide your API key in the"
            " Authorization header, using Bearer auth (e.g. 'Authorization: Bearer"
            " YOUR_SECRET_KEY')."
        )
    if key not in accounts:
        raise Unauthorized(f"Invalid API Key provided: {key[:8]}{'*' * 8}{key[-4:]}")
    return accounts[key]


def _weather(state: SandboxState) -> Mood:
    with state.records() as records:
        mood = records.mood()
    if mood is Mood.DOWN:
        raise Broken("An error occurred with our connection to the bank.")
    if mood is Mood.LIMITING:
        raise TooManyRequests("Request rate limit exceeded.", code="rate_limit")
    if mood is Mood.SLOW:
        raise requests.exceptions.ReadTimeout("no answer in time")
    return mood


def _handled(
    state: SandboxState, request: PreparedRequest, key: str | None
) -> tuple[int, str, bool]:
    """Status and body, and whether they are those of an earlier request with the same key."""
    encoded = urlsplit(str(request.url)).query if request.method == "GET" else _body(request)
    path = urlsplit(str(request.url)).path
    if key is None:
        with state.records() as records:
            return 200, _called(records, str(request.method), path, parse_form(encoded)), False
    if len(key) > LONGEST_KEY:
        raise InvalidParameter("Idempotency keys may have 255 characters at the most.")
    same = hashlib.sha256(f"{path}?{encoded}".encode()).hexdigest()
    with state.records() as records:
        kept = _kept(records, key, same)
        if kept:
            return *kept, True
        records.begin_key(key, same)
    try:
        with state.records() as records:
            body = _called(records, "POST", path, parse_form(encoded))
            records.keep_answer(key, 200, body)
    except ApiError as error:
        with state.records() as records:
            if error.is_kept:
                records.keep_answer(key, error.status, json.dumps(error.body()))
            else:
                records.forget_key(key)
        raise
    return 200, body, False


def _kept(records: Records, key: str, request: str) -> tuple[int, str] | None:
    """What a key was answered before. Raises where it was used for another request, or runs."""
    kept = records.kept_answer(key)
    if kept is None:
        return None
    if kept.request != request:
        raise KeyUsedOtherwise(
            "Keys for idempotent requests can only be used with the same parameters they were"
            f" first used with. Try using a key other than '{key}' if you meant to execute a"
            " different request."
        )
    if kept.status is not None and kept.answer is not None:
        return kept.status, kept.answer
    if records.now - kept.begun_at < ABANDONED_S:
        raise KeyInUse(
            "There is currently another in-progress request using this Idempotent Key (that"
            " probably means you submitted twice, and the other request is still going through):"
            f" {key}.",
            code="idempotency_key_in_use",
        )
    return None


def _called(records: Records, method: str, path: str, params: Json) -> str:
    for (of_method, pattern), call in api.CALLS.items():
        found = re.fullmatch(pattern.replace("{id}", "([A-Za-z0-9_]+)"), path)
        if found and of_method == method:
            thing = call(records, params, found.group(1) if found.groups() else "")
            return json.dumps(api.expanded(records, thing, params.get("expand", [])))
    raise Missing(
        f"Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we"
        " can help at https://support.stripe.com/."
    )


def _body(request: PreparedRequest) -> str:
    body = request.body or ""
    return body.decode() if isinstance(body, bytes) else str(body)


def standing_calls() -> int:
    """How many answered calls the mock of this process still holds."""
    mock = _standing.mock
    return max(len(mock.calls), *(len(response.calls) for response in mock.registered()), 0)
