"""The Serlok programme: its days, and how many took part, in sums that name nobody."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storefront.core.database import Base, BigId
from storefront.core.permissions import PersonId


class SerlokDay(Base):
    """What the city decided of a month's Serlok day. Append-only: the last version stands.

    A month of which nothing was decided has its day by the rule (`core/calendar.py: serlok_day`).
    """

    __tablename__ = "serlok_days"
    __table_args__ = (
        UniqueConstraint("month", "version"),
        CheckConstraint("version >= 1", name="version_counts"),
        CheckConstraint("day_number BETWEEN 1 AND 31", name="a_day_of_its_month"),
        CheckConstraint("length(reason) > 0", name="has_a_reason"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    month: Mapped[str] = mapped_column(String(7))
    version: Mapped[int]
    """1, 2, 3 ... per month: who decides says which version they saw."""
    day_number: Mapped[int | None]
    """The day within the month, so that it can lie in no other one; None: cancelled."""
    reason: Mapped[str] = mapped_column(String(300))
    decided_by: Mapped[PersonId] = mapped_column(String(16))
    decided_at: Mapped[datetime]


class ParticipationMonth(Base):
    """Personal purchases of an agency's people in a closed month, published once. Append-only.

    Withheld (both figures None) where fewer than five bought or fewer than five did not
    (product.md, "Privacy"); the Serlok day's count besides where it, or what is left of the month,
    is below five. The database refuses a row that would break the rule of five. Never updated: a
    later refund belongs to a later month.
    """

    __tablename__ = "participation_months"
    __table_args__ = (
        CheckConstraint(
            "is_withheld = (buyers IS NULL) AND is_withheld = (realised_amount IS NULL)",
            name="withheld_shows_nothing",
        ),
        CheckConstraint("buyers >= 5 AND (staff IS NULL OR staff - buyers >= 5)", name="five_each"),
        CheckConstraint(
            "serlok_buyers IS NULL OR (serlok_day IS NOT NULL AND buyers IS NOT NULL"
            " AND serlok_buyers >= 5 AND buyers - serlok_buyers >= 5)",
            name="five_on_its_day",
        ),
    )

    agency_code: Mapped[str] = mapped_column(String(20), primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    is_withheld: Mapped[bool]
    buyers: Mapped[int | None]
    realised_amount: Mapped[int | None] = mapped_column(BigInteger)
    published_at: Mapped[datetime]
    staff: Mapped[int | None]
    """Who was placed there on any day of the month; None: published before this was kept."""
    serlok_day: Mapped[date | None]
    """The month's Serlok day; None: it was cancelled, or (with `staff`) not kept yet."""
    serlok_buyers: Mapped[int | None]
    """How many of the buyers paid something on that day; None: withheld, or no such day."""
