"""The city's agencies, from a file: new ones are added, other names and parents are proposed."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.agencies.beginnings import begin
from storefront.agencies.imports import kept_if
from storefront.agencies.models import Agency, AgencyId, AgencyKind
from storefront.agencies.reach import DEEPEST
from storefront.agencies.tree import propose_change
from storefront.agencies.tree_models import AgencyChange, AgencyKindSince, ChangeKind, ChangeState
from storefront.agencies.tree_plans import NewChange
from storefront.core import audit
from storefront.core.calendar import city_day
from storefront.core.errors import N_, DomainError
from storefront.core.permissions import CITY, Action, Actor, require
from storefront.core.tabular import Row, RowError, RowsRefused, Table

COLUMNS = ("code", "name", "kind", "parent_code")
CODE_LENGTH, NAME_LENGTH = 20, 160
_Wish = tuple[AgencyId, ChangeKind, str | None, AgencyId | None]


@dataclass(frozen=True)
class AgenciesImported:
    """How many agencies a file added, and of how many it changed the kind.

    `proposed`: renamings and moves, which wait for a second person.
    """

    added: int
    changed: int
    proposed: int = 0


def import_agencies(
    session: Session, actor: Actor, table: Table, *, now: datetime, dry_run: bool = False
) -> AgenciesImported:
    """Take a list of agencies, or none of it. A code never changes: ledger accounts bear it.

    An agency that is not in the file stays; one that has another name or parent in it gets them by
    a proposal of that day, whose document is the file. With `dry_run` all is tried and nothing
    kept. Raises `NotAllowed`, or `RowsRefused` with every wrong row.
    """
    require(actor, Action.MANAGE_AGENCIES, CITY)
    with kept_if(session, not dry_run):
        known = {agency.code: agency for agency in session.scalars(select(Agency))}
        errors = [*table.errors, *_wrong(table.rows, known)]
        if errors:
            raise RowsRefused(errors)
        imported = _take(session, actor, table, known, now)
        counts: audit.Details = {**vars(imported), "file": table.sha256}
        audit.record(session, actor, "agencies.imported", "agencies", counts, now=now)
    return imported


def _take(
    session: Session, actor: Actor, table: Table, known: dict[str, Agency], now: datetime
) -> AgenciesImported:
    before = dict(known)
    changed = 0
    for row in table.rows:
        agency, kind = known.get(row["code"]), AgencyKind(row["kind"])
        if agency is None:
            known[row["code"]] = Agency(code=row["code"], name=row["name"], kind=kind)
            session.add(known[row["code"]])
        elif agency.kind is not kind:
            agency.kind = kind
            session.add(
                AgencyKindSince(
                    agency_id=agency.id,
                    kind=kind,
                    valid_from=city_day(now),
                    recorded_by=actor.person_id,
                    recorded_at=now,
                )
            )
            changed += 1
    session.flush()
    new = [known[row["code"]] for row in table.rows if row["code"] not in before]
    for row in table.rows:
        if row["code"] not in before and row["parent_code"]:
            known[row["code"]].parent_id = known[row["parent_code"]].id
    session.flush()
    begin(session, new, on=city_day(now), recorded_by=actor.person_id, now=now)
    proposed = _propose(session, actor, table, before, known, now)
    return AgenciesImported(len(new), changed, proposed)


def _propose(
    session: Session,
    actor: Actor,
    table: Table,
    before: Mapping[str, Agency],
    known: Mapping[str, Agency],
    now: datetime,
) -> int:
    """Propose what the file says otherwise of agencies that were known; how many changes. Once."""
    today = city_day(now)
    errors: list[RowError] = []
    proposed = 0
    waiting = {
        (change.agency_id, change.kind, change.new_name, change.new_parent_id)
        for change in session.scalars(select(AgencyChange).filter_by(state=ChangeState.PROPOSED))
    }
    for row in table.rows:
        agency = before.get(row["code"])
        if agency is None:
            continue
        parent = known.get(row["parent_code"])
        parent_id = parent.id if parent else None
        plan = NewChange(
            kind=ChangeKind.RENAME,
            agency_code=agency.code,
            effective_on=today,
            document_number=f"berkas {table.sha256[:12]}",
        )
        plans: list[tuple[str, NewChange]] = []
        if (agency.id, ChangeKind.RENAME, row["name"], None) not in waiting | {_named(agency)}:
            plans.append(("name", replace(plan, new_name=row["name"])))
        if (agency.id, ChangeKind.MOVE, None, parent_id) not in waiting | {_placed(agency)}:
            move = replace(plan, kind=ChangeKind.MOVE, new_parent_code=row["parent_code"])
            plans.append(("parent_code", move))
        for column, wanted in plans:
            try:
                propose_change(session, actor, wanted, first_open=today, now=now)
            except DomainError as refusal:
                errors.append(RowError(row.number, column, refusal.message, refusal.details))
            proposed += 1
    if errors:
        raise RowsRefused(errors)
    return proposed


def _named(agency: Agency) -> _Wish:
    """What a change would say that leaves the name as it is."""
    return agency.id, ChangeKind.RENAME, agency.name, None


def _placed(agency: Agency) -> _Wish:
    """The same of the parent."""
    return agency.id, ChangeKind.MOVE, None, agency.parent_id


def _wrong(rows: tuple[Row, ...], known: Mapping[str, Agency]) -> list[RowError]:
    first_seen: dict[str, int] = {}
    errors = []
    codes = known.keys() | {row["code"] for row in rows}
    kinds = {kind.value for kind in AgencyKind}
    for row in rows:
        number, code = row.number, row["code"]
        if not 0 < len(code) <= CODE_LENGTH or not code.isascii():
            errors.append(RowError(number, "code", N_("Isi kode, paling banyak 20 karakter.")))
        elif code in first_seen:
            told = {"code": code, "row": first_seen[code]}
            errors.append(
                RowError(number, "code", N_("Kode %(code)s sudah ada di baris %(row)d."), told)
            )
        first_seen.setdefault(code, number)
        if not 0 < len(row["name"]) <= NAME_LENGTH:
            errors.append(RowError(number, "name", N_("Isi nama, paling banyak 160 karakter.")))
        if row["kind"] not in kinds:
            told = {"kind": row["kind"], "kinds": ", ".join(sorted(kinds))}
            errors.append(
                RowError(number, "kind", N_("Jenis %(kind)s tidak dikenal. Pilih: %(kinds)s"), told)
            )
        if row["parent_code"] and row["parent_code"] not in codes:
            told = {"code": row["parent_code"]}
            errors.append(
                RowError(number, "parent_code", N_("Instansi induk %(code)s tidak ada."), told)
            )
    return errors + _rings(rows, known)


def _rings(rows: tuple[Row, ...], known: Mapping[str, Agency]) -> list[RowError]:
    """Rows whose parents lead back to them, or up further than a city is deep."""
    codes = {agency.id: agency.code for agency in known.values()}
    parents = {
        agency.code: codes.get(agency.parent_id, "") if agency.parent_id else ""
        for agency in known.values()
    }
    parents |= {row["code"]: row["parent_code"] for row in rows}
    errors = []
    for row in rows:
        code, steps = row["code"], 0
        while code and steps <= DEEPEST:
            code, steps = parents.get(code, ""), steps + 1
        if code:
            message = N_("Instansi induk melingkar, atau lebih dari %(deepest)d tingkat.")
            errors.append(RowError(row.number, "parent_code", message, {"deepest": DEEPEST}))
    return errors
