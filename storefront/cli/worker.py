"""`flask worker`: background jobs, until SIGINT or SIGTERM."""

import click
from flask import current_app
from flask.cli import with_appcontext

from storefront.jobs.schedule import jobs_of
from storefront.jobs.worker import Worker


@click.command("worker")
@with_appcontext
def worker() -> None:
    """Drain the outbox, send mail, settle, expire and number, again and again."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
    Worker(app, jobs_of(app)).run()
