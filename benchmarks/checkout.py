"""Checkout over HTTP: the form is fetched, and sent with what it says."""

import re
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlencode

from benchmarks.buyers import ACCOUNT, ACTIVITY, gathered
from benchmarks.databases import databases_of, filling
from benchmarks.goods import fill
from benchmarks.load import CLIENTS, Figures, figures_of, serving, store_environment
from benchmarks.table import Row

PRODUCTS = 2_000
CHECKOUTS = 400
WARMING = 20
HIDDEN_FIELDS = 3
FLOORS = {("sqlite", 1): 60.0}
"""The least number of checkouts a second."""
HIDDEN = re.compile(r'<input[^>]* name="(csrf_token|expected_total|revision)"[^>]*>')
VALUE = re.compile(r' value="([^"]*)"')


def run(engine: str) -> list[Row]:
    """Two lines of one shop, and of two: one order to approve, and two."""
    with databases_of(engine) as (fresh, folder):
        url = fresh()
        with filling(url, folder) as (app, session):
            fill(session, PRODUCTS)
            carts = {
                shops: gathered(app, session, carts=CHECKOUTS + WARMING, shops=shops)
                for shops in (1, 2)
            }
        with serving("wsgi:app", store_environment(url, folder)) as port:
            return [_row(engine, shops, _measured(port, carts[shops])) for shops in (1, 2)]


def _measured(port: int, cookies: Sequence[str]) -> Figures:
    _all_buy(port, iter(cookies[:WARMING]))
    began = time.perf_counter()
    times = _all_buy(port, iter(cookies[WARMING:]))
    return figures_of(times, time.perf_counter() - began)


def _all_buy(port: int, cookies: Iterator[str]) -> list[float]:
    """Each client takes the next buyer until there is none; the seconds that each needed."""
    lock = threading.Lock()

    def client() -> list[float]:
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        times: list[float] = []
        while True:
            with lock:
                cookie = next(cookies, None)
            if cookie is None:
                connection.close()
                return times
            began = time.perf_counter()
            _buy(connection, cookie)
            times.append(time.perf_counter() - began)

    with ThreadPoolExecutor(CLIENTS) as pool:
        clients = [pool.submit(client) for _ in range(CLIENTS)]
        return [each for one in clients for each in one.result()]


def _buy(connection: HTTPConnection, cookie: str) -> None:
    """One checkout. Raises `RuntimeError` where the store did not take it."""
    connection.request("GET", "/checkout", headers={"Cookie": cookie})
    answer = connection.getresponse()
    page = answer.read().decode()
    shown = {found[1]: VALUE.findall(found[0])[0] for found in HIDDEN.finditer(page)}
    if answer.status != HTTPStatus.OK or len(shown) != HIDDEN_FIELDS:
        raise RuntimeError(f"the form of checkout answered {answer.status}")
    sent = shown | {
        "fund": "official",
        "purpose": "Konsumsi rapat koordinasi",
        "activity_code": ACTIVITY,
        "expense_account": ACCOUNT,
        "delivery": "office",
    }
    headers = {
        "Cookie": _renewed(answer, cookie),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    connection.request("POST", "/checkout", urlencode(sent), headers)
    answer = connection.getresponse()
    answer.read()
    where = answer.headers.get("Location", "")
    if answer.status != HTTPStatus.SEE_OTHER or "/purchases/" not in where:
        raise RuntimeError(f"checkout answered {answer.status} {where}")


def _renewed(answer: HTTPResponse, cookie: str) -> str:
    """The session's cookie as the form's page set it, with the form's token in it."""
    given = answer.headers.get("Set-Cookie")
    return given.split(";")[0] if given else cookie


def _row(engine: str, shops: int, figures: Figures) -> Row:
    floor = FLOORS.get((engine, shops))
    columns = {
        "checkouts/s": figures.per_second,
        "p50 ms": figures.p50_ms,
        "p99 ms": figures.p99_ms,
        "floor": floor,
    }
    name = "two lines" if shops == 1 else "of two shops"
    return Row(name, columns, figures.per_second, floor)
