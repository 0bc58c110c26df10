"""Who serves in an agency, from a file or from a page's form: people, placements, roles."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from storefront.accounts.models import PersonNumber
from storefront.agencies.imports import kept_if
from storefront.agencies.models import Agency
from storefront.agencies.reach import agency_by_code, below
from storefront.agencies.roster_plan import RosterImported, RosterPlan
from storefront.agencies.roster_rows import COLUMNS, read_rows
from storefront.core import audit
from storefront.core.errors import N_, Conflict
from storefront.core.identifiers import plain_nip
from storefront.core.permissions import Action, Actor
from storefront.core.tabular import Row, RowError, RowsRefused, Table

__all__ = ["COLUMNS", "RosterImported", "import_roster", "place_employee"]


class RosterChangedMeanwhile(Conflict):
    """Somebody else registered one of these people, or their address, at the same time."""

    code = "roster_changed_meanwhile"
    message = N_("Data pegawai berubah saat berkas ini diproses. Kirim sekali lagi.")


def import_roster(
    session: Session,
    actor: Actor,
    table: Table,
    *,
    agency_code: str,
    now: datetime,
    dry_run: bool = False,
) -> RosterImported:
    """Take an agency's roster, or none of it. Codes go to the new people's own mail, never back.

    A unit is the agency or one below it. Roles that need a second person wait for one. A row that
    stands already changes nothing. Raises `NotFound` (another's agency), or `RowsRefused` with
    every wrong row, or `RosterChangedMeanwhile`.
    """
    agency = agency_by_code(session, actor, Action.MANAGE_ROSTER, agency_code)
    with kept_if(session, not dry_run):
        imported = _take(session, actor, agency, table.rows, table.errors, now)
        details: audit.Details = {"file": table.sha256, **vars(imported)}
        audit.record(session, actor, "roster.imported", agency_code, details, now=now)
    return imported


def place_employee(
    session: Session, actor: Actor, cells: Mapping[str, str], *, now: datetime
) -> RosterImported:
    """The same for one person, from a form whose fields are named as the roster's columns.

    Raises `NotFound` for a unit out of reach, or `RowsRefused`, whose errors name the fields.
    """
    row = Row(1, {name: cells.get(name, "") for name in COLUMNS})
    agency = agency_by_code(session, actor, Action.MANAGE_ROSTER, row["unit_code"])
    imported = _take(session, actor, agency, [row], (), now)
    of = select(PersonNumber.person_id).filter_by(nip=plain_nip(row["nip"]))
    details: audit.Details = {"agency": agency.code, **vars(imported)}
    audit.record(session, actor, "placement.added", session.scalars(of).one(), details, now=now)
    return imported


def _take(
    session: Session,
    actor: Actor,
    agency: Agency,
    rows: Sequence[Row],
    malformed: Iterable[RowError],
    now: datetime,
) -> RosterImported:
    down = below(agency.id)
    within = select(Agency.code, Agency.id, Agency.ended_on).join(down, down.c.id == Agency.id)
    found = session.execute(within).all()
    units = {row.code: row.id for row in found}
    entries, errors = read_rows(rows, units)
    ended = {row.id: row.ended_on for row in found if row.ended_on is not None}
    errors += [
        RowError(
            entry.row,
            "unit_code",
            N_("Instansi ini tidak ada lagi sejak %(ended_on)s. Pilih instansi penerusnya."),
            {"ended_on": ended[entry.agency_id]},
        )
        for entry in entries
        if entry.agency_id in ended and entry.valid_from >= ended[entry.agency_id]
    ]
    plan = RosterPlan(session, actor, units, entries, now)
    errors = [*malformed, *errors, *plan.errors]
    if errors:
        raise RowsRefused(errors)
    try:
        with session.begin_nested():
            return plan.carry_out()
    except IntegrityError:
        raise RosterChangedMeanwhile from None
