"""An agency's quota page and the city's, of 500 agencies over five years, as orders grow.

Flat is what they must be: the figures are of running sums, and a page never adds up orders.
"""

import gc
import time
from collections.abc import Sequence
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


def run(engine: str) -> list[Row]:
    """Each size in a new database; the growth is that of the median since the smallest."""
    first: dict[str, float] = {}
    rows = []
    for orders in ORDERS:
        with databases_of(engine) as (fresh, folder):
            url = fresh()
            began = time.perf_counter()
            with filling(url, folder) as (_app, session):
                codes = fill(session, orders)
            filled = time.perf_counter() - began
            # An app of its own, without a context held: what `g` keeps is of one request.
            app = create_app(settings_for(url, folder))
            for page, taken in _pages(app, codes).items():
                half = median(taken) * 1_000
                columns: dict[str, Value] = {
                    "orders": orders,
                    "p50 ms": half,
                    "p95 ms": sorted(taken)[len(taken) * 95 // 100] * 1_000,
                    "growth": f"{half / first.setdefault(page, half):.2f}",
                    "filled in s": filled,
                }
                rows.append(Row(page, columns))
    return rows


def _pages(app: Flask, codes: Sequence[str]) -> dict[str, list[float]]:
    """Seconds that each page took, asked again and again by who works there."""
    with app.app_context():
        engine = db.engine
    with Session(engine, expire_on_commit=False) as session, time_machine.travel(NOON):
        officer = signed_up(session, Role.PROCUREMENT, agency_scope(codes[7]))
        admin = signed_up(session, Role.CITY_ADMIN, CITY)
        agency = sign_in(app, session, officer.person_id, now=NOON)
        city = sign_in(app, session, admin.person_id, now=NOON)
        session.rollback()
        gc.collect()
        gc.freeze()  # as the server does once it has started
        taken = {
            "agency": _times(agency, f"/agency/quota?year={NOON.year}"),
            "city": _times(city, f"/city/agencies?year={NOON.year}"),
            "city's years": _times(city, "/city/years"),
        }
    engine.dispose()
    return taken


def _times(client: FlaskClient, path: str) -> list[float]:
    taken = []
    for _ in range(TIMES + 2):
        began = time.perf_counter()
        answer = client.get(path)
        taken.append(time.perf_counter() - began)
        if answer.status_code != 200:  # noqa: PLR2004
            raise RuntimeError(f"{path} answered {answer.status_code}")
    return taken[2:]  # the first ones compile templates and statements


TITLE = f"quota pages of {AGENCIES} agencies, {YEARS} years"
