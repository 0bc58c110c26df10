"""`flask users`: the first way in."""

from urllib.parse import urlencode

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from config import Settings
from storefront.accounts.codes import issue, token_of
from storefront.accounts.grants import propose_city_role
from storefront.accounts.logins import find_person
from storefront.accounts.models import CodePurpose, Credential
from storefront.accounts.people import register
from storefront.core.errors import DomainError
from storefront.core.permissions import OPERATOR, PersonId, Role
from storefront.extensions import transaction
from storefront.web.clock import now

ADDRESS_OF_THE_DEMO = "http://127.0.0.1:8000"

users = AppGroup("users", help="People who act for the city.")


@users.command("create")
@click.option("--role", type=click.Choice(["city_admin", "auditor"]), required=True)
@click.option("--email", required=True)
@click.option("--name", help="By default what stands before the @.")
def create_command(role: str, email: str, name: str | None) -> None:
    """Give a person a role over the city, and print the link by which they set their password.

    The very first city admin needs nobody else. Every later role counts once another city admin
    has confirmed it. For somebody who has not come in yet a second call prints a new link.
    """
    settings: Settings = current_app.config["SETTINGS"]
    try:
        with transaction() as session:
            person_id = _person(session, email, name)
            granted = propose_city_role(session, OPERATOR, person_id, Role(role), now=now())
            counts = granted.confirmed_at is not None
            code_id = _code(session, person_id)
    except DomainError as error:
        raise click.ClickException(str(error)) from None
    if not counts:
        click.echo("The role counts once a city admin has confirmed it.", err=True)
    if code_id is None:
        click.echo("This person signs in with the password they have.", err=True)
        return
    token = token_of(code_id, key=settings.secret_key.encode())
    home = settings.public_url or ADDRESS_OF_THE_DEMO
    click.echo(f"{home}/activate?{urlencode({'token': token})}")


def _person(session: Session, email: str, name: str | None) -> PersonId:
    known = find_person(session, email)
    if known is not None:
        return known
    called = name or email.partition("@")[0]
    return register(session, OPERATOR, name=called, email=email, now=now()).person_id


def _code(session: Session, person_id: PersonId) -> int | None:
    """A code for the link; None for who has a password already: only they may change it."""
    if session.get(Credential, person_id) is not None:
        return None
    return issue(session, OPERATOR, person_id, CodePurpose.ACTIVATE, now=now(), printed=True).id
