"""The kept runs of the check, and what each found."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from storefront.core.database import Base, BigId, Rupiah
from storefront.core.permissions import PersonId


class CheckRun(Base):
    """One look at all seals and all identities, in one state of the ledger. Append-only."""

    __tablename__ = "check_runs"
    __table_args__ = (
        CheckConstraint("number >= 1", name="numbers_count_from_one"),
        CheckConstraint("new_count BETWEEN 0 AND breach_count", name="new_are_breaches"),
    )

    number: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    """When it began to look."""
    duration_ms: Mapped[int]
    asked_by: Mapped[PersonId] = mapped_column(String(16))
    """The worker, or whoever wanted to see it now."""
    position: Mapped[int] = mapped_column(BigId)
    """The ledger position that it looked at."""
    root: Mapped[str] = mapped_column(String(64))
    """Of the log's tree at that position."""
    counts: Mapped[str] = mapped_column(Text)
    """JSON: how many breaches by subject, all of them, also where not each is kept."""
    breach_count: Mapped[int]
    new_count: Mapped[int]
    """Breaches that the run before did not have."""


class CheckFinding(Base):
    """What a run found. Append-only, and not more than so many of each subject."""

    __tablename__ = "check_findings"
    __table_args__ = (Index(None, "run_number", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    run_number: Mapped[int] = mapped_column(ForeignKey("check_runs.number"))
    subject: Mapped[str] = mapped_column(String(20))
    place: Mapped[str] = mapped_column(String(200))
    """Which row: an order, an account and its entry, a counter, a shelf."""
    what: Mapped[str] = mapped_column(String(200))
    kept_amount: Mapped[Rupiah | None]
    due_amount: Mapped[Rupiah | None]
    """What is kept and what it should be; of private money, and of seals, neither."""
    is_note: Mapped[bool]
    """No breach: it waits for somebody."""
    is_new: Mapped[bool]
