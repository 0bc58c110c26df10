"""Who looked at what: pages of others' affairs, and the reasons for private ones."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from storefront.core.database import Base, BigId
from storefront.core.permissions import PersonId


class ViewRecord(Base):
    """Somebody opened a page that shows others' affairs. Append-only."""

    __tablename__ = "views_log"
    __table_args__ = (
        Index(None, "person_id", "id"),
        Index(None, "subject", "id"),
        Index(None, "kind", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime]
    person_id: Mapped[PersonId] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(20))
    """What sort of page: `order`, `roster`, `seller`, `export`, `evidence` ..."""
    subject: Mapped[str] = mapped_column(String(80))
    """Whose: an order's number, an agency's code, `seller 12`, a file's name."""
    reason: Mapped[str] = mapped_column(String(300))
    """Why, where it had to be said."""


class PrivateLook(Base):
    """A reason to see somebody's private data, good for a while. Append-only."""

    __tablename__ = "private_looks"
    __table_args__ = (
        CheckConstraint("until > begun_at", name="ends_after_it_begins"),
        Index(None, "person_id", "subject", "until"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[PersonId] = mapped_column(String(16))
    subject: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(String(300))
    begun_at: Mapped[datetime]
    until: Mapped[datetime]
