"""Which exports an agency's people have written: from the audit log, which is their record."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.accounts.models import PersonDetails
from storefront.core.audit import AuditEntry
from storefront.core.permissions import CITY, Action, Actor, agency_scope, require
from storefront.exports.asked import ExportFormat, ExportKind
from storefront.exports.writing import WRITTEN

LONGEST_LIST = 20


@dataclass(frozen=True, kw_only=True)
class WrittenExport:
    """An export as the log knows it. `who` is None for the command line."""

    at: datetime
    who: str | None
    kind: ExportKind
    form: ExportFormat
    year: int
    rows: int
    ledger_position: int
    sha256: str
    manifest_sha256: str


def last_exports(
    session: Session, actor: Actor, agency_code: str | None, *, limit: int = LONGEST_LIST
) -> list[WrittenExport]:
    """The latest exports of an agency, or (None) of all together, the last one first.

    One query. Raises `NotAllowed`.
    """
    require(actor, Action.EXPORT, agency_scope(agency_code) if agency_code else CITY)
    of_the_agency = AuditEntry.details.contains(
        f'"agency": {json.dumps(agency_code, ensure_ascii=False)}', autoescape=True
    )
    query = (
        select(AuditEntry, PersonDetails.name)
        .outerjoin(PersonDetails, PersonDetails.person_id == AuditEntry.person_id)
        .where(AuditEntry.act == WRITTEN, of_the_agency)
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    )
    return [_read(entry, who) for entry, who in session.execute(query)]


def _read(entry: AuditEntry, who: str | None) -> WrittenExport:
    told = json.loads(entry.details)
    return WrittenExport(
        at=entry.at,
        who=who,
        kind=ExportKind(told["export"]),
        form=ExportFormat(told["format"]),
        year=int(told["year"]),
        rows=int(told["rows"]),
        ledger_position=int(told["ledger_position"]),
        sha256=told["sha256"],
        manifest_sha256=told["manifest_sha256"],
    )
