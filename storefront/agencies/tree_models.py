"""The tree of agencies by its dates, and the changes, each in two hands, that made it so.

What stands here is added to and never changed. Of two rows of an agency the one with the later day
holds from its day on; of two of one day the later row, which corrects the other.
"""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storefront.agencies.models import AgencyId, AgencyKind
from storefront.core.database import Base, BigId
from storefront.core.permissions import PersonId

DOCUMENT_LENGTH = 80
SINCE_EVER = date(2000, 1, 1)
"""The day of what stood before the tree was dated. Its rows were written down by a migration, so
when that was says nothing of since when they were known."""


class ChangeKind(StrEnum):
    RENAME = "rename"
    MOVE = "move"
    MERGE = "merge"
    SPLIT = "split"


class ChangeState(StrEnum):
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class SuccessionKind(StrEnum):
    MERGE = "merge"
    SPLIT = "split"


class AgencyChange(Base):
    """A change of the tree as a document orders it: true from its day on, once confirmed.

    `agency_id` is what is renamed, moved or split, or what the others are merged into.
    """

    __tablename__ = "agency_changes"
    __table_args__ = (
        CheckConstraint(
            "confirmed_by IS NULL OR confirmed_by <> proposed_by",
            name="confirmed_by_a_second_person",
        ),
        CheckConstraint("(kind = 'rename') = (new_name IS NOT NULL)", name="renamed_to_something"),
        CheckConstraint(
            "kind = 'move' OR new_parent_id IS NULL", name="only_a_move_has_a_new_parent"
        ),
        CheckConstraint(
            "new_parent_id IS NULL OR new_parent_id <> agency_id", name="not_below_itself"
        ),
        Index(None, "state", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[ChangeKind]
    agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agencies.id"), index=True)
    effective_on: Mapped[date]
    document_number: Mapped[str] = mapped_column(String(DOCUMENT_LENGTH))
    new_name: Mapped[str | None] = mapped_column(String(160))
    new_parent_id: Mapped[AgencyId | None] = mapped_column(ForeignKey("agencies.id"), index=True)
    """Of a move; None: to the top of the tree."""
    state: Mapped[ChangeState] = mapped_column(default=ChangeState.PROPOSED)
    proposed_by: Mapped[PersonId] = mapped_column(String(16))
    proposed_at: Mapped[datetime]
    confirmed_by: Mapped[PersonId | None] = mapped_column(String(16))
    confirmed_at: Mapped[datetime | None]

    parts: Mapped[list["AgencyChangePart"]] = relationship(
        lazy="raise_on_sql", order_by="AgencyChangePart.position"
    )


class AgencyChangePart(Base):
    """Of a merger one that ends; of a split one that comes of it, the first of which takes over."""

    __tablename__ = "agency_change_parts"
    __table_args__ = (
        UniqueConstraint("change_id", "position"),
        UniqueConstraint("change_id", "code"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    change_id: Mapped[int] = mapped_column(ForeignKey("agency_changes.id"))
    position: Mapped[int]
    code: Mapped[str] = mapped_column(String(20), index=True)
    """By its code, which never changes; a split may name one that does not exist yet."""
    name: Mapped[str] = mapped_column(String(160))


class AgencyEdge(Base):
    """Below which agency another stands, from a day on. Triggers refuse to change or delete it."""

    __tablename__ = "agency_edges"
    __table_args__ = (
        CheckConstraint("parent_id IS NULL OR parent_id <> agency_id", name="not_below_itself"),
        Index(None, "agency_id", "valid_from", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agencies.id"))
    parent_id: Mapped[AgencyId | None] = mapped_column(ForeignKey("agencies.id"), index=True)
    valid_from: Mapped[date]
    change_id: Mapped[int | None] = mapped_column(ForeignKey("agency_changes.id"), index=True)
    """None: its beginning, as it was entered."""
    recorded_by: Mapped[PersonId] = mapped_column(String(16))
    recorded_at: Mapped[datetime]


class AgencyName(Base):
    """What an agency is called, from a day on. Triggers refuse to change or delete it."""

    __tablename__ = "agency_names"
    __table_args__ = (Index(None, "agency_id", "valid_from", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agencies.id"))
    name: Mapped[str] = mapped_column(String(160))
    valid_from: Mapped[date]
    change_id: Mapped[int | None] = mapped_column(ForeignKey("agency_changes.id"), index=True)
    recorded_by: Mapped[PersonId] = mapped_column(String(16))
    recorded_at: Mapped[datetime]


class AgencyKindSince(Base):
    """Of which kind an agency is, from a day on. Triggers refuse to change or delete it."""

    __tablename__ = "agency_kinds"
    __table_args__ = (Index(None, "agency_id", "valid_from", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agencies.id"))
    kind: Mapped[AgencyKind]
    valid_from: Mapped[date]
    recorded_by: Mapped[PersonId] = mapped_column(String(16))
    recorded_at: Mapped[datetime]


class AgencySuccession(Base):
    """An agency that is no more from a day on, and one that came after it.

    The one that takes over acts on what is still open of the old (product.md, "Attribution", 5).
    """

    __tablename__ = "agency_successions"
    __table_args__ = (
        UniqueConstraint("old_id", "new_id"),
        CheckConstraint("old_id <> new_id", name="not_its_own_successor"),
        CheckConstraint("kind = 'split' OR takes_over", name="a_merger_takes_over"),
        Index(
            "uq_agency_successions_heir",
            "old_id",
            unique=True,
            sqlite_where=text("takes_over"),
            postgresql_where=text("takes_over"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    old_id: Mapped[AgencyId] = mapped_column(ForeignKey("agencies.id"))
    new_id: Mapped[AgencyId] = mapped_column(ForeignKey("agencies.id"), index=True)
    effective_on: Mapped[date]
    kind: Mapped[SuccessionKind]
    takes_over: Mapped[bool]
    change_id: Mapped[int] = mapped_column(ForeignKey("agency_changes.id"), index=True)
    recorded_by: Mapped[PersonId] = mapped_column(String(16))
    recorded_at: Mapped[datetime]
