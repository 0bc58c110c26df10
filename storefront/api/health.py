"""For whoever runs the store: is it alive, is it ready, and how busy is it."""

import os
from pathlib import Path
from time import perf_counter

from alembic.script import ScriptDirectory
from flask import Blueprint, Flask, Response, current_app, g, request
from flask.typing import ResponseReturnValue
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Gauge,
    Histogram,
    generate_latest,
    multiprocess,
)
from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError

from storefront.extensions import db
from storefront.reports.check_models import CheckRun

UNAVAILABLE = 503

health = Blueprint("health", __name__)
REQUESTS = Histogram(
    "storefront_request_seconds",
    "Duration of requests by endpoint and class of status",
    ["endpoint", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)


@health.get("/healthz")
def healthz() -> ResponseReturnValue:
    """The process answers."""
    return Response("ok\n", mimetype="text/plain")


@health.get("/readyz")
def readyz() -> ResponseReturnValue:
    """The database answers and is at the newest migration."""
    try:
        standing = db.session.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except SQLAlchemyError:
        db.session.rollback()
        return Response("database: no answer\n", UNAVAILABLE, mimetype="text/plain")
    if standing != current_app.extensions["newest_migration"]:
        return Response("database: not migrated\n", UNAVAILABLE, mimetype="text/plain")
    return Response("ready\n", mimetype="text/plain")


@health.get("/metrics")
def metrics() -> ResponseReturnValue:
    """Prometheus' text format, over all worker processes."""
    registry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    text_of_all = generate_latest(registry) + generate_latest(_last_check())
    return Response(text_of_all, content_type=CONTENT_TYPE_LATEST)


def _last_check() -> CollectorRegistry:
    """What the last check found, asked of the database: it is the same for every process."""
    registry = CollectorRegistry()
    query = select(CheckRun.at, CheckRun.breach_count).order_by(CheckRun.number.desc()).limit(1)
    try:
        last = db.session.execute(query).first()
    except SQLAlchemyError:  # what the process counts is told also while the database is away
        db.session.rollback()
        return registry
    if last is not None:
        when = Gauge("storefront_check_seconds", "When all was last checked", registry=registry)
        when.set(last.at.timestamp())
        found = Gauge("storefront_check_breaches", "What did not hold then", registry=registry)
        found.set(last.breach_count)
    return registry


def init_app(app: Flask) -> None:
    folder = Path(app.root_path).parent / "migrations"
    app.extensions["newest_migration"] = ScriptDirectory(str(folder)).get_current_head()
    app.before_request(_begin)
    app.after_request(_measure)
    app.register_blueprint(health)


def _begin() -> None:
    g.measured_from = perf_counter()


def _measure(response: Response) -> Response:
    if "measured_from" in g:
        REQUESTS.labels(request.endpoint or "none", f"{response.status_code // 100}xx").observe(
            perf_counter() - g.measured_from
        )
    return response
