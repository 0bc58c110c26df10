"""The city's rule by its versions, what is proposed to follow, and the agencies it exempts."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from storefront.agencies.models import AgencyId
from storefront.core.database import Base, BigId, Rupiah
from storefront.core.permissions import PersonId

OFFICIAL_COUNTS = "funds IN ('official', 'official,personal')"
TARGET_IN_BOUNDS = "target_permille BETWEEN 0 AND 1000"
CAP_NOT_NEGATIVE = "seller_monthly_cap_amount >= 0"


class RuleBase(StrEnum):
    """Of what the target is a share."""

    BUDGET = "budget"
    """The goods-and-services ceiling of the agency and year, as the national instruction asks
    (Inpres 2/2022). No budget entered: no percentage."""
    REALISED = "realised"
    """All that was realised for it, of every class: the share of what was really bought. Needs no
    budget; nothing realised: no percentage."""


class QuotaRule(Base):
    """A version of the city's rule, in force from a day. Rows are added, never changed."""

    __tablename__ = "quota_rules"
    __table_args__ = (
        CheckConstraint(TARGET_IN_BOUNDS, name="target_in_bounds"),
        CheckConstraint(CAP_NOT_NEGATIVE, name="cap_not_negative"),
        CheckConstraint("version >= 1", name="version_counts_from_one"),
        CheckConstraint(OFFICIAL_COUNTS, name="official_counts"),
        CheckConstraint(
            "proposed_by IS NULL OR proposed_by <> adopted_by", name="adopted_by_a_second_person"
        ),
    )

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    effective_on: Mapped[date] = mapped_column(unique=True)
    base: Mapped[RuleBase] = mapped_column(default=RuleBase.BUDGET)
    target_permille: Mapped[int]
    """400 is 40 %."""
    seller_classes: Mapped[str] = mapped_column(String(60))
    """Which count, separated by commas."""
    funds: Mapped[str] = mapped_column(String(30), default="official")
    """Which count, separated by commas. Official money always does."""
    keeps_last_year: Mapped[bool] = mapped_column(default=False)
    """Whether no agency's target is below the share that it realised the year before."""
    seller_monthly_cap_amount: Mapped[Rupiah]
    """0: no cap."""
    basis: Mapped[str] = mapped_column(String(200), default="")
    """The regulation or decision that it follows."""
    proposed_by: Mapped[PersonId | None] = mapped_column(String(16))
    """None: the first version, which the installation wrote, or one of when one person decided."""
    proposed_at: Mapped[datetime | None]
    adopted_by: Mapped[PersonId] = mapped_column(String(16))
    adopted_at: Mapped[datetime]


class ProposalState(StrEnum):
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class RuleProposal(Base):
    """A version that somebody proposed; confirmed by another person, it became a `QuotaRule`."""

    __tablename__ = "quota_rule_proposals"
    __table_args__ = (
        CheckConstraint(TARGET_IN_BOUNDS, name="target_in_bounds"),
        CheckConstraint(CAP_NOT_NEGATIVE, name="cap_not_negative"),
        CheckConstraint(OFFICIAL_COUNTS, name="official_counts"),
        CheckConstraint(
            "state <> 'confirmed' OR decided_by <> proposed_by", name="confirmed_by_a_second_person"
        ),
        CheckConstraint("(state = 'proposed') = (decided_by IS NULL)", name="decided_by_somebody"),
        Index(
            "uq_quota_rule_proposals_open",
            "effective_on",
            unique=True,
            sqlite_where=text("state = 'proposed'"),
            postgresql_where=text("state = 'proposed'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    effective_on: Mapped[date]
    base: Mapped[RuleBase]
    target_permille: Mapped[int]
    seller_classes: Mapped[str] = mapped_column(String(60))
    funds: Mapped[str] = mapped_column(String(30))
    keeps_last_year: Mapped[bool]
    seller_monthly_cap_amount: Mapped[Rupiah]
    basis: Mapped[str] = mapped_column(String(200))
    state: Mapped[ProposalState] = mapped_column(default=ProposalState.PROPOSED)
    proposed_by: Mapped[PersonId] = mapped_column(String(16))
    proposed_at: Mapped[datetime]
    decided_by: Mapped[PersonId | None] = mapped_column(String(16))
    decided_at: Mapped[datetime | None]


class QuotaExemption(Base):
    """An agency without a target from a day to a day, both included: proposed, then confirmed.

    It keeps its figures. Only `ended_on` may still change: the exemption is over sooner.
    """

    __tablename__ = "quota_exemptions"
    __table_args__ = (
        CheckConstraint("valid_to >= valid_from", name="ends_after_it_begins"),
        CheckConstraint("ended_on IS NULL OR ended_on <= valid_to", name="ended_before_its_end"),
        CheckConstraint(
            "state <> 'confirmed' OR decided_by <> proposed_by", name="confirmed_by_a_second_person"
        ),
        CheckConstraint("(state = 'proposed') = (decided_by IS NULL)", name="decided_by_somebody"),
        Index(None, "state", "valid_from"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agencies.id"), index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    reason: Mapped[str] = mapped_column(String(400))
    document_number: Mapped[str] = mapped_column(String(80))
    state: Mapped[ProposalState] = mapped_column(default=ProposalState.PROPOSED)
    proposed_by: Mapped[PersonId] = mapped_column(String(16))
    proposed_at: Mapped[datetime]
    decided_by: Mapped[PersonId | None] = mapped_column(String(16))
    decided_at: Mapped[datetime | None]
    ended_on: Mapped[date | None]
    """The first day on which it no longer holds, where it was ended before its last day."""
    ended_by: Mapped[PersonId | None] = mapped_column(String(16))
    ended_at: Mapped[datetime | None]
