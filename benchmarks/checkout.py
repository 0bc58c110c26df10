"""Checkout over HTTP: the form is fetched, and sent with what it says."""

import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPResponse
from typing import TypeVar
from urllib.parse import urlencode

from benchmarks.buyers import ACCOUNT, ACTIVITY, gathered
from benchmarks.databases import databases_of, filling
from benchmarks.goods import fill
from benchmarks.load import CLIENTS, Figures, figures_of, serving, store_environment, times
from benchmarks.table import Row, Value, share

PRODUCTS = 2_000
CHECKOUTS = 400
WARMING = 20
BARE_S = 3.0
HIDDEN_FIELDS = 3
FLOORS = {("sqlite", "two lines"): 60.0}
"""The least number of checkouts a second."""
HIDDEN = re.compile(r'<input[^>]* name="(csrf_token|expected_total|revision)"[^>]*>')
VALUE = re.compile(r' value="([^"]*)"')
Given = TypeVar("Given")
Done = TypeVar("Done")


@dataclass(frozen=True)
class Form:
    """A form that a buyer has before them, and their session as its page set it."""

    cookie: str
    fields: Mapping[str, str]


def run(engine: str) -> list[Row]:
    """Sent with the form in hand, for one shop's order and for two; then with the form's page too.

    Each is a whole checkout: session and rights, the form's token, prices, stock, budget, approver,
    purchase, orders, their events, and who is told.
    """
    with databases_of(engine) as (fresh, folder):
        url = fresh()
        with filling(url, folder) as (app, session):
            fill(session, PRODUCTS)
            one, two, paged = (
                gathered(app, session, carts=CHECKOUTS + WARMING, shops=shops)
                for shops in (1, 2, 1)
            )
        with (
            serving("benchmarks.bare:app", lambda _port: {}) as bare,
            serving("wsgi:app", store_environment(url, folder)) as port,
        ):
            beside = len(times(bare, ["/"], seconds=BARE_S)) / BARE_S
            sent = [_measured(port, _send, _all(port, _open, carts)[0]) for carts in (one, two)]
            opened_too = _measured(port, _open_and_send, paged)
    return [
        _row(engine, "two lines", sent[0], beside),
        _row(engine, "of two shops", sent[1], beside),
        _row(engine, "form and all", opened_too, beside),
    ]


def _measured(
    port: int, act: Callable[[HTTPConnection, Given], object], given: Sequence[Given]
) -> Figures:
    _all(port, act, given[:WARMING])
    began = time.perf_counter()
    _done, seconds = _all(port, act, given[WARMING:])
    return figures_of(seconds, time.perf_counter() - began)


def _all(
    port: int, act: Callable[[HTTPConnection, Given], Done], given: Sequence[Given]
) -> tuple[list[Done], list[float]]:
    """Each client takes the next until there is none: what came of each, in how many seconds."""
    left, lock = iter(given), threading.Lock()

    def client() -> list[tuple[Done, float]]:
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        done: list[tuple[Done, float]] = []
        while True:
            with lock:
                each = next(left, None)
            if each is None:
                connection.close()
                return done
            began = time.perf_counter()
            what = act(connection, each)
            done.append((what, time.perf_counter() - began))

    with ThreadPoolExecutor(CLIENTS) as pool:
        clients = [pool.submit(client) for _ in range(CLIENTS)]
        everything = [each for one in clients for each in one.result()]
    return [what for what, _ in everything], [seconds for _, seconds in everything]


def _open(connection: HTTPConnection, cookie: str) -> Form:
    """The form's page. Raises `RuntimeError` where there is none."""
    connection.request("GET", "/checkout", headers={"Cookie": cookie})
    answer = connection.getresponse()
    page = answer.read().decode()
    shown = {found[1]: VALUE.findall(found[0])[0] for found in HIDDEN.finditer(page)}
    if answer.status != HTTPStatus.OK or len(shown) != HIDDEN_FIELDS:
        raise RuntimeError(f"the form of checkout answered {answer.status}")
    typed = {
        "fund": "official",
        "purpose": "Konsumsi rapat koordinasi",
        "activity_code": ACTIVITY,
        "expense_account": ACCOUNT,
        "delivery": "office",
    }
    return Form(_renewed(answer, cookie), shown | typed)


def _send(connection: HTTPConnection, form: Form) -> None:
    """The checkout itself. Raises `RuntimeError` where the store did not take it."""
    headers = {"Cookie": form.cookie, "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/checkout", urlencode(form.fields), headers)
    answer = connection.getresponse()
    answer.read()
    where = answer.headers.get("Location", "")
    if answer.status != HTTPStatus.SEE_OTHER or "/purchases/" not in where:
        raise RuntimeError(f"checkout answered {answer.status} {where}")


def _open_and_send(connection: HTTPConnection, cookie: str) -> None:
    _send(connection, _open(connection, cookie))


def _renewed(answer: HTTPResponse, cookie: str) -> str:
    """The session's cookie as the form's page set it, with the form's token in it."""
    given = answer.headers.get("Set-Cookie")
    return given.split(";")[0] if given else cookie


def _row(engine: str, name: str, figures: Figures, beside: float) -> Row:
    floor = FLOORS.get((engine, name))
    columns: dict[str, Value] = {
        "checkouts/s": figures.per_second,
        "p50 ms": figures.p50_ms,
        "p99 ms": figures.p99_ms,
        "bare/s": beside,
        "of bare": share(figures.per_second / beside),
        "floor": floor,
    }
    return Row(name, columns, figures.per_second, floor)
