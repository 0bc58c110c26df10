"""`flask export`: the exports of the web pages, and the check of one that was written."""

from datetime import date, datetime
from pathlib import Path

import click
from flask.cli import AppGroup

from storefront.core.audit import AuditEntry
from storefront.core.errors import DomainError
from storefront.core.permissions import OPERATOR
from storefront.exports.asked import ExportKind, ExportRequest, read_format
from storefront.exports.verification import differences, is_recorded
from storefront.exports.writing import write
from storefront.extensions import db, snapshot, transaction
from storefront.web.clock import now
from storefront.web.startup import has_table

DAY = click.DateTime(["%Y-%m-%d"])

export = AppGroup("export", help="Records to keep, each with its manifest.")


def _add_command(kind: ExportKind) -> None:
    """The command of one kind: all take the same."""

    @export.command(kind.value, help=f"Write the {kind.value} export.")
    @click.option("--agency", help="An agency's code.")
    @click.option("--all", "everybody", is_flag=True, help="Every agency.")
    @click.option("--year", type=int, required=True, help="The fiscal year.")
    @click.option("--from", "first", type=DAY, help="The first day, included.")
    @click.option("--to", "last", type=DAY, help="The last day, included.")
    @click.option("--format", "form", default="csv", show_default=True, metavar="FORMAT")
    @click.option("-o", "target", type=click.Path(dir_okay=False, path_type=Path), required=True)
    def command(
        agency: str | None,
        everybody: bool,
        year: int,
        first: datetime | None,
        last: datetime | None,
        form: str,
        target: Path,
    ) -> None:
        if (agency is None) is not everybody:
            raise click.UsageError("give either --agency CODE or --all")
        try:
            request = ExportRequest(
                kind=kind,
                agency_code=agency,
                year=year,
                first_day=_day(first),
                last_day=_day(last),
                format=read_format(form),
            )
            made = write(
                transaction,
                snapshot,
                OPERATOR,
                request,
                target,
                now=now(),
                progress=lambda rows: click.echo(f"{rows} rows ...", err=True),
            )
        except DomainError as error:
            raise click.ClickException(str(error)) from None
        except OSError as error:
            raise click.ClickException(f"{target}: {error.strerror}") from None
        click.echo(
            f"{target}: {made.rows} rows, ledger position {made.ledger_position}, {made.sha256}"
        )


for _kind in ExportKind:
    _add_command(_kind)


@export.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def verify_command(file: Path) -> None:
    """Check a written export against its manifest, and both against the audit log.

    Exit 0, or 1 and every difference.
    """
    try:
        if found := differences(file):
            told = "\n".join(f"  {d.what}: stated {d.stated}, found {d.found}" for d in found)
            raise click.ClickException(f"{file} is not as its manifest says:\n{told}")
        if not has_table(AuditEntry.__tablename__):
            click.echo(f"{file}: unchanged since its manifest, authenticity not checked")
            return
        if not is_recorded(db.session(), file):
            raise click.ClickException(
                f"{file}: the audit log has no record of this file with this manifest;"
                " one of them was made or edited elsewhere"
            )
    except DomainError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{file}: as written, by its manifest and by the audit log")


def _day(given: datetime | None) -> date | None:
    return given.date() if given else None
