"""Throw-away databases to measure on: migrated and empty, a new one for each measurement."""

import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from storefront import create_app
from storefront.extensions import db
from tests.databases import (
    FreshDatabase,
    postgresql_databases,
    settings_for,
    sqlite_databases,
)

ENGINES = ("sqlite", "postgresql")


@contextmanager
def databases_of(engine: str) -> Iterator[tuple[FreshDatabase, Path]]:
    """What makes databases of an engine, and a folder for files; both go with the block.

    PostgreSQL's server neither waits for the disk (fsync off), as in the tests; SQLite does.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        making: AbstractContextManager[FreshDatabase] = (
            sqlite_databases(folder) if engine == "sqlite" else postgresql_databases()
        )
        with making as fresh:
            yield fresh, folder


@contextmanager
def filling(database_url: str, folder: Path) -> Iterator[tuple[Flask, Session]]:
    """A store that is not served, and its session, to put rows in by.

    PostgreSQL then counts what is there, as its own worker would within a minute.
    """
    app = create_app(settings_for(database_url, folder))
    with app.app_context():
        try:
            yield app, db.session()
            db.session.remove()
            if db.engine.dialect.name == "postgresql":
                with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as on:
                    on.execute(text("ANALYZE"))
        finally:
            db.session.remove()
            db.engine.dispose()
