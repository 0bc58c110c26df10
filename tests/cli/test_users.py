"""`flask users create`: how an empty installation gets its first admin."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from storefront.access.actors import find_actor
from storefront.accounts import processes
from storefront.accounts.logins import find_person
from storefront.accounts.models import Person
from storefront.core.calendar import city_day
from storefront.core.database import transaction
from storefront.core.outbox import OutboxMessage
from storefront.core.permissions import PersonId, Role
from storefront.web.clock import now

PASSWORD = "kuda biru menari pelan"  # noqa: S105


def create(app: Flask, email: str, role: str = "city_admin") -> Result:
    return app.test_cli_runner().invoke(args=["users", "create", "--role", role, "--email", email])


def activate(app: Flask, engine: Engine, link: str) -> PersonId:
    """Follow the printed link and set a password, as the activation page does."""

    @contextmanager
    def unit() -> Iterator[Session]:
        with Session(engine, expire_on_commit=False) as session, transaction(session):
            yield session

    return processes.redeem(
        unit,
        key=str(app.config["SECRET_KEY"]).encode(),
        token=parse_qs(urlsplit(link.strip()).query)["token"][0],
        password=PASSWORD,
        about=(),
        address="203.0.113.7",
        now=now(),
    )


def roles(session: Session, person_id: PersonId) -> set[Role]:
    actor = find_actor(session, person_id, today=city_day(now()))
    assert actor is not None
    return {grant.role for grant in actor.grants}


def test_the_first_admin_comes_in_by_the_printed_link(
    app: Flask, engine: Engine, session: Session
) -> None:
    answer = create(app, "admin@kota.example")
    assert answer.exit_code == 0
    assert urlsplit(answer.stdout.strip()).path == "/activate"
    person_id = activate(app, engine, answer.stdout)
    assert person_id == find_person(session, "admin@kota.example")
    assert roles(session, person_id) == {Role.CITY_ADMIN}


def test_the_link_is_built_on_the_public_address(app: Flask) -> None:
    home = app.config["SETTINGS"].public_url or "http://127.0.0.1:8000"
    assert create(app, "admin@kota.example").stdout.startswith(f"{home}/activate?token=")


def test_a_second_admin_counts_for_nothing_before_the_first_confirms(
    app: Flask, engine: Engine, session: Session
) -> None:
    create(app, "admin@kota.example")
    answer = create(app, "kedua@kota.example")
    assert "confirmed" in answer.stderr
    assert roles(session, activate(app, engine, answer.stdout)) == set()


def test_a_link_that_got_lost_is_printed_anew(app: Flask, engine: Engine, session: Session) -> None:
    lost, again = (create(app, "Admin@kota.example") for _ in range(2))
    assert lost.stdout != again.stdout
    activate(app, engine, again.stdout)
    assert len(session.scalars(select(Person)).all()) == 1


def test_who_has_a_password_gets_no_link(app: Flask, engine: Engine) -> None:
    activate(app, engine, create(app, "admin@kota.example").stdout)
    answer = create(app, "admin@kota.example")
    assert (answer.exit_code, answer.stdout) == (0, "")


def test_the_link_is_mailed_to_nobody(app: Flask, session: Session) -> None:
    create(app, "admin@kota.example")
    topics = session.scalars(select(OutboxMessage.topic)).all()
    assert "account_code_issued" not in topics


@pytest.mark.parametrize("email", ["admin", ""])
def test_what_is_no_address_is_refused_in_words(app: Flask, session: Session, email: str) -> None:
    answer = create(app, email)
    assert answer.exit_code == 1
    assert "Traceback" not in answer.output
    assert session.scalars(select(Person)).all() == []


def test_other_roles_are_not_given_here(app: Flask) -> None:
    assert create(app, "x@kota.example", "approver").exit_code == 2
