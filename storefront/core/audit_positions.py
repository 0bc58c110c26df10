"""Positions of the audit log, given after the commit, and the tree over it.

As in the quota ledger's log, a number given on insert is not in the order of commits; so
`audit.record` leaves each act in a queue, and whoever states a size of the log empties it first.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256

from sqlalchemy import CheckConstraint, ForeignKey, delete, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from storefront.core.audit import AuditEntry, UnnumberedAct
from storefront.core.database import Base, BigId, written
from storefront.core.merkle import Span
from storefront.core.tree_tiles import Tree, keep_tiles

THE_ROW = 1
AT_ONCE = 10_000


class AuditLine(Base):
    """The position of an act in the whole audit log, given once it was committed."""

    __tablename__ = "audit_log_lines"

    position: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(ForeignKey("audit_log.id"), unique=True)


class AuditSize(Base):
    """How many acts have a position: one row, and the lock of whoever gives them."""

    __tablename__ = "audit_log_size"
    __table_args__ = (CheckConstraint(f"id = {THE_ROW}", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    size: Mapped[int] = mapped_column(BigId)


def number(session: Session) -> int:
    """Give the next positions to committed acts without one; the size of the log then.

    The tree's tiles are kept in the same step, as the quota ledger's are.
    """
    row = session.get_one(AuditSize, THE_ROW, with_for_update=True, populate_existing=True)
    queue = select(UnnumberedAct.entry_id).order_by(UnnumberedAct.entry_id).limit(AT_ONCE)
    while young := session.scalars(queue).all():
        lines = [{"position": row.size + n, "entry_id": id_} for n, id_ in enumerate(young, 1)]
        session.execute(insert(AuditLine), lines)
        numbered = select(AuditLine.entry_id).where(AuditLine.position > row.size)
        session.execute(
            delete(UnnumberedAct)
            .where(UnnumberedAct.entry_id.in_(numbered))
            .execution_options(synchronize_session=False)
        )
        row.size += len(young)
        session.flush()
        keep_tiles(session, AUDIT_TREE, row.size)
    return row.size


def has_unnumbered(session: Session) -> bool:
    """Whether an act is seen that has no position yet."""
    return session.scalar(select(UnnumberedAct.entry_id).limit(1)) is not None


def size(session: Session) -> int:
    """How many acts have a position, as this session sees it."""
    return session.scalars(select(AuditSize.size)).one()


def canonical(entry: AuditEntry) -> bytes:
    """What is hashed of an act, to the byte: UTF-8 JSON, keys sorted, no spaces, time in UTC."""
    content = {
        "id": entry.id,
        "at": _in_utc(entry.at),
        "person_id": entry.person_id,
        "act": entry.act,
        "subject": entry.subject,
        "details": entry.details,
    }
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def leaves(session: Session, span: Span) -> Iterator[bytes]:
    """The SHA-256 of each act at the positions after `span.first` up to `span.last`."""
    query = (
        select(AuditEntry)
        .join(AuditLine, AuditLine.entry_id == AuditEntry.id)
        .where(AuditLine.position > written(span.first), AuditLine.position <= written(span.last))
        .order_by(AuditLine.position)
        .execution_options(yield_per=1_000, populate_existing=True)
    )
    with session.scalars(query) as acts:
        for act in acts:
            yield sha256(canonical(act)).digest()


def first_gap(session: Session) -> int | None:
    """The first position that is missing; None if all stand up to the size."""
    expected = 0
    query = select(AuditLine.position).order_by(AuditLine.position)
    with session.scalars(query.execution_options(yield_per=10_000)) as positions:
        for expected, position in enumerate(positions, 1):
            if position != expected:
                return expected
    return None if size(session) == expected else expected + 1


def first_forgotten(session: Session) -> int | None:
    """The id of an act that has no position and waits for none; None if there is none."""
    query = (
        select(AuditEntry.id)
        .outerjoin(AuditLine, AuditLine.entry_id == AuditEntry.id)
        .outerjoin(UnnumberedAct, UnnumberedAct.entry_id == AuditEntry.id)
        .where(AuditLine.position.is_(None), UnnumberedAct.entry_id.is_(None))
        .order_by(AuditEntry.id)
        .limit(1)
    )
    return session.scalar(query)


AUDIT_TREE = Tree("audit", leaves)


def _in_utc(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
