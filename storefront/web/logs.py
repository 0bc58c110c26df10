"""Logs: a line of values per request, each with the request's id, as text or as JSON."""

import logging
import re
import secrets
import sys
import time

import structlog
from flask import Flask, Response, current_app, g, request

from config import LogFormat

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
QUIET = frozenset({"static", "statics.kept", "health.healthz", "health.readyz", "health.metrics"})

log = structlog.get_logger("storefront")


def configure(log_format: LogFormat) -> None:
    """Send everything, the libraries' own lines too, through one renderer to standard error."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if log_format is LogFormat.JSON
        else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, renderer]
        if log_format is LogFormat.JSON
        else [*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


def init_app(app: Flask) -> None:
    if not app.testing:
        configure(app.config["SETTINGS"].log_format)
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    given = request.headers.get("X-Request-ID", "")
    g.request_id = given if REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
    g.began = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end(response: Response) -> Response:
    if "request_id" not in g:
        return response
    response.headers["X-Request-ID"] = g.request_id
    if request.endpoint not in QUIET and not current_app.testing:
        log.info(
            "request",
            method=request.method,
            path=request.path,  # never the query: people search for private things
            status=response.status_code,
            ms=round((time.perf_counter() - g.began) * 1_000, 1),
        )
    return response
