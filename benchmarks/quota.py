"""An agency's quota page and the city's, of 500 agencies over five years, as orders grow.

Flat is what they must be: the figures are of running sums, and a page never adds up orders.
"""

import gc
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from statistics import median

import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from benchmarks.databases import databases_of, filling
from benchmarks.table import Row, Value
from benchmarks.years import AGENCIES, YEARS, fill
from storefront import create_app
from storefront.core.permissions import CITY, Role, agency_scope
from storefront.extensions import db
from tests.databases import settings_for
from tests.factories import NOON, signed_up
from tests.web.browsing import sign_in

ORDERS = (10_000, 100_000, 1_000_000)
TIMES = 40
WARM = 2
"""The first ones compile templates and statements."""
Page = Callable[[], None]
Taken = dict[tuple[int, str], list[float]]


def run(engine: str) -> list[Row]:
    """Each size in a database of its own; the growth is that of the median since the smallest.

    The pages of all sizes are asked in turn, so that what else the machine does bears on each.
    """
    with databases_of(engine) as (fresh, folder), time_machine.travel(NOON), ExitStack() as open_:
        filled, asking = {}, {}
        for orders in ORDERS:
            url = fresh()
            began = time.perf_counter()
            with filling(url, folder) as (_app, session):
                codes = fill(session, orders)
            filled[orders] = time.perf_counter() - began
            # An app of its own, without a context held: what `g` keeps is of one request.
            app = create_app(settings_for(url, folder))
            asking[orders] = open_.enter_context(_pages(app, codes))
        gc.collect()
        gc.freeze()  # as the server does once it has started
        taken = _times(asking)
    return [
        _row(page, orders, taken, filled[orders]) for orders in ORDERS for page in asking[orders]
    ]


def _row(page: str, orders: int, taken: Taken, filled: float) -> Row:
    half = median(taken[orders, page])
    columns: dict[str, Value] = {
        "orders": orders,
        "p50 ms": half * 1_000,
        "p95 ms": sorted(taken[orders, page])[TIMES * 95 // 100] * 1_000,
        "growth": f"{half / median(taken[ORDERS[0], page]):.2f}",
        "filled in s": filled,
    }
    return Row(page, columns)


@contextmanager
def _pages(app: Flask, codes: Sequence[str]) -> Iterator[dict[str, Page]]:
    """The pages of one store, each asked by who works there."""
    with app.app_context():
        engine = db.engine
    with Session(engine, expire_on_commit=False) as session:
        officer = signed_up(session, Role.PROCUREMENT, agency_scope(codes[7]))
        admin = signed_up(session, Role.CITY_ADMIN, CITY)
        agency = sign_in(app, session, officer.person_id, now=NOON)
        city = sign_in(app, session, admin.person_id, now=NOON)
        session.rollback()
    yield {
        "agency": partial(_ask, agency, f"/agency/quota?year={NOON.year}"),
        "city": partial(_ask, city, f"/city/agencies?year={NOON.year}"),
        "city's years": partial(_ask, city, "/city/years"),
    }
    engine.dispose()


def _ask(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    if answer.status_code != 200:  # noqa: PLR2004
        raise RuntimeError(f"{path} answered {answer.status_code}")


def _times(asking: Mapping[int, Mapping[str, Page]]) -> Taken:
    """Seconds of each page at each size, one after the other, again and again."""
    taken: Taken = defaultdict(list)
    for _ in range(TIMES + WARM):
        for orders, pages in asking.items():
            for name, page in pages.items():
                began = time.perf_counter()
                page()
                taken[orders, name].append(time.perf_counter() - began)
    return {each: times[WARM:] for each, times in taken.items()}


TITLE = f"quota pages of {AGENCIES} agencies, {YEARS} years"
