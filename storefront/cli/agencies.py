"""`flask agencies`: the city's agencies."""

from pathlib import Path

from flask.cli import AppGroup

from storefront.agencies.agency_list import COLUMNS, import_agencies
from storefront.cli.imports import import_options, run
from storefront.core.permissions import OPERATOR
from storefront.extensions import transaction
from storefront.web.clock import now

agencies = AppGroup("agencies", help="The city's agencies.")


@agencies.command("import")
@import_options
def import_command(file: Path, *, dry_run: bool) -> None:
    """Take a list of agencies from a CSV or XLSX file: code, name, kind, parent_code."""
    with transaction() as session:
        run(
            lambda table: import_agencies(session, OPERATOR, table, now=now(), dry_run=dry_run),
            file,
            COLUMNS,
            dry_run=dry_run,
        )
