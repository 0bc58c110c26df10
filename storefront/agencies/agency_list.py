"""The city's agencies, from a file: new ones added, known ones renamed or moved in the tree."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.agencies.beginnings import begin
from storefront.agencies.imports import kept_if
from storefront.agencies.models import Agency, AgencyKind
from storefront.agencies.reach import DEEPEST
from storefront.agencies.tree_models import AgencyEdge, AgencyName
from storefront.core import audit
from storefront.core.calendar import city_day
from storefront.core.errors import N_
from storefront.core.permissions import CITY, Action, Actor, require
from storefront.core.tabular import Row, RowError, RowsRefused, Table

COLUMNS = ("code", "name", "kind", "parent_code")
CODE_LENGTH, NAME_LENGTH = 20, 160


@dataclass(frozen=True)
class AgenciesImported:
    """How many agencies a file added and changed; the others stood as they are in it."""

    added: int
    changed: int


def import_agencies(
    session: Session, actor: Actor, table: Table, *, now: datetime, dry_run: bool = False
) -> AgenciesImported:
    """Take a list of agencies, or none of it. A code never changes: ledger accounts bear it.

    An agency that is not in the file stays. With `dry_run` all is tried and nothing kept.
    Raises `NotAllowed`, or `RowsRefused` with every wrong row.
    """
    require(actor, Action.MANAGE_AGENCIES, CITY)
    with kept_if(session, not dry_run):
        known = {agency.code: agency for agency in session.scalars(select(Agency))}
        errors = [*table.errors, *_wrong(table.rows, known)]
        if errors:
            raise RowsRefused(errors)
        imported = _take(session, actor, table.rows, known, now)
        counts: audit.Details = {
            "added": imported.added,
            "changed": imported.changed,
            "file": table.sha256,
        }
        audit.record(session, actor, "agencies.imported", "agencies", counts, now=now)
    return imported


def _take(
    session: Session, actor: Actor, rows: tuple[Row, ...], known: dict[str, Agency], now: datetime
) -> AgenciesImported:
    recorded = {
        "valid_from": city_day(now),
        "recorded_by": actor.person_id,
        "recorded_at": now,
    }
    new, changed = [], 0
    for row in rows:
        agency = known.get(row["code"])
        if agency is None:
            agency = Agency(code=row["code"])
            known[row["code"]] = agency
            session.add(agency)
            new.append(agency)
        elif (agency.name, agency.kind.value) != (row["name"], row["kind"]):
            changed += 1
            session.add(AgencyName(agency_id=agency.id, name=row["name"], **recorded))
        agency.name, agency.kind = row["name"], AgencyKind(row["kind"])
    session.flush()
    for row in rows:
        parent = known.get(row["parent_code"])
        agency = known[row["code"]]
        if agency.parent_id != (parent.id if parent else None):
            agency.parent_id = parent.id if parent else None
            if agency not in new:
                session.add(AgencyEdge(agency_id=agency.id, parent_id=agency.parent_id, **recorded))
    begin(session, new, on=city_day(now), recorded_by=actor.person_id, now=now)
    return AgenciesImported(len(new), changed)


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
