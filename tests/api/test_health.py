"""What whoever runs the store asks of it: alive, ready, busy."""

from http import HTTPStatus
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from storefront import create_app
from storefront.core.database import transaction
from storefront.extensions import db
from storefront.reports.check_models import CheckRun
from tests.conftest import CountSelects
from tests.databases import FreshDatabase, settings_for
from tests.factories import NOON


def ask(app: Flask) -> TestResponse:
    """Whether a store of the test's own is ready; its connections are closed again."""
    answer = app.test_client().get("/readyz")
    with app.app_context():
        db.engine.dispose()
    return answer


def test_a_process_that_answers_is_alive_and_asks_no_database(
    app: Flask, count_selects: CountSelects
) -> None:
    with count_selects() as selects:
        answer = app.test_client().get("/healthz")
    assert (answer.status_code, answer.text) == (HTTPStatus.OK, "ok\n")
    assert selects == []


def test_a_store_at_the_newest_migration_is_ready(app: Flask) -> None:
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.text) == (HTTPStatus.OK, "ready\n")


def test_a_store_that_stands_behind_its_migrations_is_not_ready(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    address = fresh_database()
    engine = create_engine(address)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    engine.dispose()
    answer = ask(create_app(settings_for(address, tmp_path)))
    assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert "not migrated" in answer.text


def test_a_store_without_tables_is_not_ready(tmp_path: Path) -> None:
    answer = ask(create_app(settings_for(f"sqlite:///{tmp_path}/empty.sqlite3", tmp_path)))
    assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert "no answer" in answer.text


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_nobody_is_signed_in_by_being_asked(app: Flask, path: str) -> None:
    assert "Set-Cookie" not in app.test_client().get(path).headers


def test_requests_are_counted_by_endpoint_and_class_of_status(app: Flask) -> None:
    client = app.test_client()
    client.get("/healthz")
    client.get("/nowhere-at-all")
    shown = client.get("/metrics").text
    counted = 'storefront_request_seconds_count{endpoint="%s",status="%s"}'
    assert counted % ("health.healthz", "2xx") in shown
    assert counted % ("none", "4xx") in shown
    assert "nowhere-at-all" not in shown


def test_what_the_last_check_found_is_told(app: Flask, session: Session) -> None:
    client = app.test_client()
    assert "storefront_check_breaches" not in client.get("/metrics").text
    with transaction(session):
        session.add(
            CheckRun(
                number=1, at=NOON, duration_ms=1, asked_by="system", position=0, root="0" * 64,
                counts="{}", breach_count=3, new_count=0,
            )
        )  # fmt: skip
    told = dict(line.split() for line in client.get("/metrics").text.splitlines() if line[0] != "#")
    assert float(told["storefront_check_breaches"]) == 3
    assert float(told["storefront_check_seconds"]) == NOON.timestamp()
