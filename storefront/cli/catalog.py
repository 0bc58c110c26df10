"""`flask categories`: the tree that goods are listed in."""

from pathlib import Path

import click
from flask.cli import AppGroup

from storefront.catalog.categories import import_categories, read_categories, shipped_categories
from storefront.core.errors import DomainError
from storefront.core.permissions import OPERATOR
from storefront.extensions import transaction
from storefront.web.clock import now

categories = AppGroup("categories", help="The category tree.")


@categories.command("import")
@click.argument(
    "file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
def import_command(file: Path | None) -> None:
    """Add and rename categories from a CSV file: slug, name, parent_slug.

    Without a file, those that the store brings along. None is taken away.
    """
    try:
        text = file.read_text(encoding="utf-8-sig") if file else None
        rows = shipped_categories() if text is None else read_categories(text)
        with transaction() as session:
            done = import_categories(session, OPERATOR, rows, now=now())
    except (DomainError, UnicodeDecodeError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{done.added} added, {done.changed} changed")
