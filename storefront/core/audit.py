"""The audit log: who did what to what, append-only. What it must never lose, it never changes."""

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, Session, mapped_column

from storefront.core.database import Base, BigId
from storefront.core.permissions import Actor, PersonId

Details = Mapping[str, str | int | bool | None]


class AuditEntry(Base):
    """One act. Triggers refuse to change or delete it."""

    __tablename__ = "audit_log"
    __table_args__ = (Index(None, "subject", "id"), Index(None, "act", "id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime]
    person_id: Mapped[PersonId] = mapped_column(String(16), index=True)
    act: Mapped[str] = mapped_column(String(60))
    """What was done, as `subject.verb`: `placement.ended`, `export.written`."""
    subject: Mapped[str] = mapped_column(String(80))
    """What it was done to, by its public number, code or id."""
    details: Mapped[str] = mapped_column(Text)
    """JSON of plain values. Never a secret, never what somebody bought privately."""


class UnnumberedAct(Base):
    """An act that waits for its place in the log's tree (`core/audit_positions.py`)."""

    __tablename__ = "audit_queue"

    entry_id: Mapped[int] = mapped_column(ForeignKey("audit_log.id"), primary_key=True)


def record(
    session: Session,
    actor: Actor,
    act: str,
    subject: str,
    details: Details | None = None,
    *,
    now: datetime,
) -> AuditEntry:
    """Note an act in the unit of work of the act itself, and return the entry."""
    entry = AuditEntry(
        at=now,
        person_id=actor.person_id,
        act=act,
        subject=subject,
        details=json.dumps(dict(details or {}), sort_keys=True, ensure_ascii=False),
    )
    session.add(entry)
    session.flush()
    session.add(UnnumberedAct(entry_id=entry.id))
    session.flush()
    return entry
