"""`flask budgets`: what agencies may spend."""

from pathlib import Path

from flask.cli import AppGroup

from storefront.agencies import budget_import, expense_accounts
from storefront.cli.imports import import_options, run
from storefront.core.permissions import OPERATOR
from storefront.extensions import transaction
from storefront.web.clock import now

budgets = AppGroup("budgets", help="Budgets and their chart of accounts.")


@budgets.command("import")
@import_options
def import_command(file: Path, *, dry_run: bool) -> None:
    """Propose budgets from a CSV or XLSX file; a city admin confirms them."""
    with transaction() as session:
        run(
            lambda table: budget_import.import_budgets(
                session, OPERATOR, table, now=now(), dry_run=dry_run
            ),
            file,
            budget_import.COLUMNS,
            dry_run=dry_run,
        )


@budgets.command("accounts")
@import_options
def accounts_command(file: Path, *, dry_run: bool) -> None:
    """Take the chart of expense accounts from a CSV or XLSX file: code, name."""
    with transaction() as session:
        run(
            lambda table: expense_accounts.import_expense_accounts(
                session, OPERATOR, table, now=now(), dry_run=dry_run
            ),
            file,
            expense_accounts.COLUMNS,
            dry_run=dry_run,
        )
