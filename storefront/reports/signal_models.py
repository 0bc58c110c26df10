"""Integrity signals: what was noticed, from which threshold on, and what the auditor says of it."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storefront.core.database import Base, BigId, Rupiah
from storefront.core.permissions import PersonId


class SignalKind(StrEnum):
    SPLIT = "split"
    """Several requests to one seller that together pass a limit which none reaches."""
    YEAR_END = "year_end"
    """A December far above the year's other months."""
    REVERSED = "reversed"
    """Counted in one month, taken back in a later one."""
    CONTACT = "contact"
    """Somebody on the buyer's side shares telephone, e-mail or address with the seller."""
    PRICE = "price"
    """A unit price far above the median of its category and unit."""


class SignalStatus(StrEnum):
    OPEN = "open"
    LOOKED_AT = "looked_at"
    EXPLAINED = "explained"


class SignalThreshold(Base):
    """From which figures on a signal is raised, in force from a day. Rows are only added."""

    __tablename__ = "signal_thresholds"
    __table_args__ = (
        CheckConstraint(
            "amount BETWEEN 0 AND 1000000000000 AND days BETWEEN 0 AND 366"
            " AND permille BETWEEN 0 AND 100000 AND least BETWEEN 0 AND 10000",
            name="in_bounds",
        ),
        Index(None, "kind", "since", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[SignalKind]
    since: Mapped[date]
    amount: Mapped[Rupiah]
    """Rupiah: what is less is not looked at. Of a split: the limit that is passed together."""
    days: Mapped[int]
    """Of a split: within how many days."""
    permille: Mapped[int]
    """Of the year's realisation in December; of the median price."""
    least: Mapped[int]
    """How many prices there must be to compare with."""
    set_by: Mapped[PersonId] = mapped_column(String(16))
    set_at: Mapped[datetime]


class Signal(Base):
    """Something noticed about official orders. It blocks nothing, and is never deleted."""

    __tablename__ = "signals"
    __table_args__ = (
        UniqueConstraint("kind", "identity"),
        Index(None, "status", "id"),
        Index(None, "agency_code", "id"),
        Index(None, "kind", "year"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[SignalKind]
    identity: Mapped[str] = mapped_column(String(120))
    """What it is about: the same night after night, so that notes stay with it."""
    agency_code: Mapped[str] = mapped_column(String(20))
    seller_id: Mapped[int | None] = mapped_column(ForeignKey("sellers.id"), index=True)
    year: Mapped[int]
    facts: Mapped[str] = mapped_column(Text)
    """JSON: the figures and words of its reason."""
    orders: Mapped[str] = mapped_column(Text)
    """JSON: the numbers of the orders it is about, the first of them if many."""
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    holds: Mapped[bool]
    """Whether the last look still raised it."""
    status: Mapped[SignalStatus]
    """The last note's."""


class SignalNote(Base):
    """What an auditor wrote of a signal. Append-only."""

    __tablename__ = "signal_notes"
    __table_args__ = (Index(None, "signal_id", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    signal_id: Mapped[int] = mapped_column(ForeignKey("signals.id"))
    at: Mapped[datetime]
    written_by: Mapped[PersonId] = mapped_column(String(16))
    status: Mapped[SignalStatus]
    text: Mapped[str] = mapped_column(String(1_000))
