"""`flask roster`: who serves where."""

from pathlib import Path

import click
from flask.cli import AppGroup

from storefront.agencies.roster import COLUMNS, import_roster
from storefront.cli.imports import import_options, run
from storefront.core.permissions import OPERATOR
from storefront.extensions import transaction
from storefront.web.clock import now

roster = AppGroup("roster", help="Employees, their placements and roles.")


@roster.command("import")
@import_options
@click.option("--agency", required=True, metavar="CODE", help="The agency, with those below it.")
def import_command(file: Path, agency: str, *, dry_run: bool) -> None:
    """Take a roster from a CSV or XLSX file.

    Approvers, treasurers and agency admins wait for a city admin's confirmation. Activation codes
    go to the employees' own mail; for those without an address a city admin prints slips.
    """
    with transaction() as session:
        run(
            lambda table: import_roster(
                session, OPERATOR, table, agency_code=agency, now=now(), dry_run=dry_run
            ),
            file,
            COLUMNS,
            dry_run=dry_run,
        )
