"""What the import commands share: the file, the dry run, the table of wrong rows."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from storefront.core.errors import DomainError
from storefront.core.tabular import RowError, RowsRefused, Table, read_table

Command = TypeVar("Command", bound=Callable[..., Any])


def import_options(command: Command) -> Command:
    """FILE and `--dry-run`."""
    file = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    dry_run = click.option("--dry-run", is_flag=True, help="Try all of it, keep nothing.")
    return file(dry_run(command))


def run(
    take: Callable[[Table], object], file: Path, columns: Sequence[str], *, dry_run: bool
) -> None:
    """Read the file, have it taken, and say what came of it; exit 1 if nothing was taken."""
    try:
        taken = take(read_table(file.read_bytes(), columns=columns))
    except RowsRefused as refused:
        click.echo(_as_table(refused.errors))
        raise click.ClickException(str(refused)) from None
    except DomainError as error:
        raise click.ClickException(str(error)) from None
    counts = ", ".join(f"{count} {name}" for name, count in vars(taken).items())
    click.echo(f"{file.name}: {counts}" + (" (dry run: nothing was kept)" if dry_run else ""))


def _as_table(errors: Sequence[RowError]) -> str:
    rows = [("row", "column", "error")]
    rows += [(str(error.row), error.column, str(error)) for error in errors]
    widths = [max(len(row[at]) for row in rows) for at in (0, 1)]
    return "\n".join(
        f"{row:>{widths[0]}}  {column:<{widths[1]}}  {message}" for row, column, message in rows
    )
