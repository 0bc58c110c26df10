"""Writing an export: the one verb behind the page and the command, so both write the same bytes.

It needs three units of work: positions are given in one, the rows are read in one snapshot while
others go on writing, and the audit log hears of it in the last. So it is handed how to open them,
as `orders/processes.py` is.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.core import audit
from storefront.core.calendar import city_day
from storefront.core.database import UnitOfWork
from storefront.core.errors import Busy
from storefront.core.permissions import Actor
from storefront.exports import ledger, manifest, orders, quota
from storefront.exports.asked import ExportKind, ExportRequest, admit
from storefront.exports.manifest import Manifest
from storefront.exports.rows import Sheet, Sums
from storefront.exports.writers import opened
from storefront.orders import event_log
from storefront.orders.models import OrderEvent
from storefront.quota import checkpoints, log
from storefront.quota.rules import rule_on

WRITTEN = "export.written"
PROGRESS_EVERY = 10_000
MOST_TRIES = 20
Progress = Callable[[int], None]


class _State(NamedTuple):
    """What the bytes of an export follow from."""

    ledger: log.Position
    checkpoint: str | None
    last_order_event: int
    rule_version: int


def write(
    transaction: UnitOfWork,
    snapshot: UnitOfWork,
    actor: Actor,
    request: ExportRequest,
    target: Path,
    *,
    now: datetime,
    progress: Progress | None = None,
) -> Manifest:
    """Write an export and its manifest (`TARGET.manifest.json`); return the manifest.

    `transaction` and `snapshot` open the units of work (`core.database`). The files appear when
    they are whole, and after the audit log knows them. `progress` hears how many rows are written.
    Raises `NotAllowed` or `NotFound` by the actor's grants of now, `TooManyRowsForXlsx`, or `Busy`
    where the state moved on at every look.
    """
    with TemporaryDirectory(dir=target.parent, prefix=".export-") as folder:
        draft = Path(folder) / target.name
        made = _write_draft(transaction, snapshot, actor, request, draft, now, progress)
        with transaction() as session:
            _record(session, actor, request, made, now)
        manifest.path_beside(target).write_bytes(made.as_bytes())
        draft.replace(target)
    return made


def _write_draft(
    transaction: UnitOfWork,
    snapshot: UnitOfWork,
    actor: Actor,
    request: ExportRequest,
    draft: Path,
    now: datetime,
    progress: Progress | None,
) -> Manifest:
    for _ in range(MOST_TRIES):
        with transaction() as session:
            admit(session, actor, request)
            _give_positions(session)
        with snapshot() as session:
            if _is_numbered(session):
                return _write_rows(session, request, draft, now, progress)
    raise Busy


def _write_rows(
    session: Session,
    request: ExportRequest,
    draft: Path,
    now: datetime,
    progress: Progress | None,
) -> Manifest:
    position = log.latest(session)
    checkpoint = checkpoints.latest(session, up_to=position.number)
    state = _State(
        position,
        manifest.name_of(checkpoint) if checkpoint else None,
        event_log.last(session),
        rule_on(session, request.as_of(city_day(now))).version,
    )
    sheet = _sheet(session, request, now)
    sums = Sums(sheet.columns, sheet.summed, sheet.once_per)
    with opened(request.format, draft, sheet.columns, state.ledger.recorded_at) as file:
        for row in sheet.rows:
            file.write(row)
            sums.add(row)
            if progress and sums.rows % PROGRESS_EVERY == 0:
                progress(sums.rows)
    return Manifest(
        filter=request.filter,
        columns=sheet.columns,
        rows=sums.rows,
        totals=sums.totals,
        ledger_position=state.ledger.number,
        checkpoint=state.checkpoint,
        last_order_event=state.last_order_event,
        rule_version=state.rule_version,
        sha256=manifest.digest_of(draft),
    )


def _sheet(session: Session, request: ExportRequest, now: datetime) -> Sheet:
    match request.kind:
        case ExportKind.ORDERS:
            return orders.sheet(session, request)
        case ExportKind.LEDGER:
            return ledger.sheet(session, request)
        case ExportKind.QUOTA:
            return quota.sheet(session, request, now=now)


def _give_positions(session: Session) -> None:
    log.number(session)
    while _has_young_events(session):  # given in batches
        event_log.number(session)


def _is_numbered(session: Session) -> bool:
    """Whether the positions name all that this session sees.

    Somebody may have written between the numbering and the snapshot; two exports of one position
    would then differ.
    """
    return not (log.has_unnumbered(session) or _has_young_events(session))


def _has_young_events(session: Session) -> bool:
    query = select(OrderEvent.id).where(OrderEvent.position.is_(None)).limit(1)
    return session.scalar(query) is not None


def _record(
    session: Session, actor: Actor, request: ExportRequest, made: Manifest, now: datetime
) -> None:
    asked = {name: value for name, value in request.filter.items() if value is not None}
    audit.record(
        session,
        actor,
        WRITTEN,
        made.sha256,
        asked
        | {
            "rows": made.rows,
            "ledger_position": made.ledger_position,
            "last_order_event": made.last_order_event,
            "rule_version": made.rule_version,
            "sha256": made.sha256,
            "manifest_sha256": made.digest,
        },
        now=now,
    )
