"""Corrections of the ledger: numbered documents that one person proposes and another approves."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Enum,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from storefront.agencies.models import AgencyId
from storefront.core.database import Base, BigId, Rupiah
from storefront.core.permissions import PersonId
from storefront.quota.models import Fund
from storefront.sellers.models import SellerClass, SellerId


def _class_of(name: str) -> Enum:
    """A class column beside another in its table: each CHECK needs a name of its own."""
    return Enum(
        SellerClass,
        native_enum=False,
        create_constraint=True,
        length=20,
        name=name,
        values_callable=lambda kinds: [kind.value for kind in kinds],
    )


class CorrectionKind(StrEnum):
    ADJUST = "adjust"
    """A purchase outside the store, or what takes one back."""
    MOVE = "move"
    """Orders whose agency or seller's class was recorded late or falsely."""


class CorrectionState(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"
    """By the second person, or taken back by the proposer. Its number stays taken."""


class Correction(Base):
    """A document. What it says is never changed; it is decided once."""

    __tablename__ = "corrections"
    __table_args__ = (
        CheckConstraint(
            "(state = 'proposed') = (decided_by IS NULL)"
            " AND (decided_by IS NULL) = (decided_at IS NULL)",
            name="decided_by_somebody",
        ),
        CheckConstraint(
            "state <> 'approved' OR (decided_by <> proposed_by AND decided_by <> 'operator')",
            name="approved_by_a_second_person",
        ),
        CheckConstraint(
            "agency_code IS NOT NULL OR (kind = 'move' AND fund = 'personal')",
            name="of_an_agency",
        ),
        CheckConstraint("kind = 'move' OR fund = 'official'", name="adjusts_official_money"),
        Index(None, "agency_code", "kind", "id"),
        Index(None, "other_agency_code", "id"),
        Index(None, "state", "id"),
        Index(
            "uq_corrections_reverses_id_standing",
            "reverses_id",
            unique=True,
            sqlite_where=text("state <> 'refused'"),
            postgresql_where=text("state <> 'refused'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    kind: Mapped[CorrectionKind]
    fund: Mapped[Fund]
    state: Mapped[CorrectionState] = mapped_column(default=CorrectionState.PROPOSED)
    agency_id: Mapped[AgencyId | None] = mapped_column(ForeignKey("agencies.id"), index=True)
    agency_code: Mapped[str | None] = mapped_column(String(20))
    """Whose document it is: the buyer's agency, or the one that held what is moved. None: own
    money of people, which is told of no agency."""
    other_agency_code: Mapped[str | None] = mapped_column(String(20))
    """Of a move between agencies: where to."""
    reason: Mapped[str] = mapped_column(String(300))
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("corrections.id"))
    """The approved one that this takes back: at most one that stands."""
    proposed_by: Mapped[PersonId] = mapped_column(String(16))
    proposed_at: Mapped[datetime]
    decided_by: Mapped[PersonId | None] = mapped_column(String(16))
    decided_at: Mapped[datetime | None]
    refusal: Mapped[str] = mapped_column(String(300), default="")


class OutsideChannel(StrEnum):
    """How something was bought outside the store."""

    OUTLET_PAPER = "outlet_paper"
    """By a paper note at an outlet."""
    E_CATALOGUE = "e_catalogue"
    DIRECT = "direct"


class OffPlatformPurchase(Base):
    """What an `adjust` is about: a purchase that was not made here, or its reversal.

    The class is frozen with it: the city's word on a shop of the store for the day, else `other`
    until the city states one as it approves.
    """

    __tablename__ = "off_platform_purchases"
    __table_args__ = (
        CheckConstraint("amount <> 0", name="amount_not_nought"),
        Index(None, "agency_code", "bought_on"),
    )

    correction_id: Mapped[int] = mapped_column(ForeignKey("corrections.id"), primary_key=True)
    agency_code: Mapped[str] = mapped_column(String(20))
    bought_on: Mapped[date]
    document_number: Mapped[str] = mapped_column(String(80))
    channel: Mapped[OutsideChannel]
    seller_id: Mapped[SellerId | None] = mapped_column(ForeignKey("sellers.id"), index=True)
    seller_name: Mapped[str] = mapped_column(String(120))
    seller_nib: Mapped[str] = mapped_column(String(13), default="")
    claimed_class: Mapped[SellerClass] = mapped_column(_class_of("claimed_class"))
    seller_class: Mapped[SellerClass]
    seller_class_evidence: Mapped[str] = mapped_column(String(200), default="")
    amount: Mapped[int] = mapped_column(BigInteger)
    """Whole rupiah, tax included; below nought where it takes a purchase back."""
    description: Mapped[str] = mapped_column(String(300))
    expense_account: Mapped[str] = mapped_column(String(30), default="")
    activity_code: Mapped[str] = mapped_column(String(40), default="")
    document_sha256: Mapped[str] = mapped_column(String(64), default="")
    """Digest of what was approved; its ledger entry is sealed with it."""


class CorrectionEvidence(Base):
    """The file that proves a correction. Private: it lies here, and not among the pictures."""

    __tablename__ = "correction_evidence"

    correction_id: Mapped[int] = mapped_column(ForeignKey("corrections.id"), primary_key=True)
    file_name: Mapped[str] = mapped_column(String(120))
    media_type: Mapped[str] = mapped_column(String(40))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class MovedOrder(Base):
    """An official order that a `move` is about: from where to where, and how much as proposed."""

    __tablename__ = "correction_moves"
    __table_args__ = (UniqueConstraint("correction_id", "reference"), Index(None, "reference"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    correction_id: Mapped[int] = mapped_column(ForeignKey("corrections.id"))
    reference: Mapped[str] = mapped_column(String(40))
    from_agency_code: Mapped[str] = mapped_column(String(20))
    from_class: Mapped[SellerClass] = mapped_column(_class_of("from_class"))
    to_agency_code: Mapped[str] = mapped_column(String(20))
    to_class: Mapped[SellerClass] = mapped_column(_class_of("to_class"))
    committed_amount: Mapped[Rupiah]
    realised_amount: Mapped[Rupiah]
