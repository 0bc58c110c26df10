"""`flask demo`: the demo city. There is none in production."""

from datetime import date, datetime

import click
from flask import current_app
from flask.cli import AppGroup

from config import Environment, Settings
from storefront.demo import content
from storefront.demo.people import DEPUTY
from storefront.demo.photographs import add_photographs
from storefront.demo.seed import PASSWORD, is_empty, seed
from storefront.extensions import db, ledger_signer, transaction
from storefront.web.clock import today as this_day

demo = AppGroup("demo", help="The demo city.")


@demo.command("seed")
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="The day it is in the demo.")
@click.option("--if-empty", is_flag=True, help="Do nothing where there is data.")
def seed_command(today: datetime | None, *, if_empty: bool) -> None:
    """Make the demo data: last year whole, this year up to a day. The same for the same day."""
    settings: Settings = current_app.config["SETTINGS"]
    if settings.environment is Environment.PRODUCTION:
        raise click.ClickException("production knows no demo people")
    if if_empty and not is_empty(db.session()):
        click.echo("the demo's data is kept")
        return
    day: date = today.date() if today else this_day()
    pictures = add_photographs(settings.media_root)
    with transaction() as session:
        made = seed(
            session,
            pictures,
            signer=ledger_signer(),
            today=day,
            progress=lambda what: click.echo(f"  {what}"),
        )
    click.echo(
        f"  {made.people} people, {made.shops} shops, {made.products} products,"
        f" {made.orders} orders, {made.entries} ledger entries"
    )


@demo.command("accounts")
def accounts_command() -> None:
    """The demo's accounts and their password."""
    for person in content.people():
        what = ", ".join(person.roles) or "seller"
        click.echo(f"  {person.login:<26} {person.name}, {what}")
    name, login = DEPUTY
    click.echo(f"  {login:<26} {name}, city_admin (the second person)")
    click.echo(f"  password of all: {PASSWORD}\n")
