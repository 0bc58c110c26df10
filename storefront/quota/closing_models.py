"""Months of the ledger: their running sums, and how each was closed by two people."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from storefront.core.database import Base, BigId, Rupiah
from storefront.core.permissions import PersonId
from storefront.quota.models import Amounts, Fund, QuotaKey
from storefront.sellers.models import SellerClass


class QuotaMonth(Base):
    """What the numbered entries of an account and period sum to. Written by `months.fold` alone.

    `reversed_change` and `off_platform_change` are parts of `realised_change`: that of `reverse`
    and that of `adjust` entries.
    """

    __tablename__ = "quota_months"
    __table_args__ = (CheckConstraint("reversed_change <= 0", name="reversed_never_adds"),)

    account_id: Mapped[int] = mapped_column(ForeignKey("quota_accounts.id"), primary_key=True)
    period: Mapped[str] = mapped_column(String(7), primary_key=True)
    committed_change: Mapped[Rupiah]
    realised_change: Mapped[Rupiah]
    reversed_change: Mapped[Rupiah]
    off_platform_change: Mapped[Rupiah]


class QuotaCorrection(Base):
    """An order that took more from an account than it gave there ("koreksi tahun lalu").

    Only those whose sum is below nought have a row. Written by `months.fold` alone.
    """

    __tablename__ = "quota_corrections"
    __table_args__ = (CheckConstraint("realised_amount < 0", name="takes"),)

    account_id: Mapped[int] = mapped_column(ForeignKey("quota_accounts.id"), primary_key=True)
    reference: Mapped[str] = mapped_column(String(40), primary_key=True)
    realised_amount: Mapped[Rupiah]


class CloseState(StrEnum):
    WAITING = "waiting"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class CloseProposal(Base):
    """Somebody would close a month. A second person decides; from then on it is history."""

    __tablename__ = "close_proposals"
    __table_args__ = (
        CheckConstraint("(state = 'waiting') = (decided_by IS NULL)", name="decided_by_somebody"),
        CheckConstraint("(decided_by IS NULL) = (decided_at IS NULL)", name="decided_at_a_time"),
        CheckConstraint(
            "state <> 'confirmed' OR decided_by <> proposed_by",
            name="confirmed_by_a_second_person",
        ),
        Index(
            "uq_close_proposals_waiting",
            "month",
            unique=True,
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    month: Mapped[str] = mapped_column(String(7))
    state: Mapped[CloseState] = mapped_column(default=CloseState.WAITING)
    proposed_by: Mapped[PersonId] = mapped_column(String(16))
    proposed_at: Mapped[datetime]
    decided_by: Mapped[PersonId | None] = mapped_column(String(16))
    decided_at: Mapped[datetime | None]


class PeriodClose(Base):
    """A closed month: the ledger's position then, the rule it keeps, and its two people.

    Written once, when the second person confirms. Never changed and never deleted: triggers refuse
    both.
    """

    __tablename__ = "period_closes"
    __table_args__ = (
        CheckConstraint("confirmed_by <> proposed_by", name="confirmed_by_a_second_person"),
        CheckConstraint("position >= 0", name="position_not_negative"),
        CheckConstraint("checkpoint_size = position", name="checkpoint_of_its_position"),
    )

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)
    """How many entries the log held."""
    rule_version: Mapped[int] = mapped_column(ForeignKey("quota_rules.version"))
    """That in force on the month's last day."""
    checkpoint_size: Mapped[int] = mapped_column(BigInteger)
    """The checkpoint that was issued with it, and mailed to who keeps it."""
    proposed_by: Mapped[PersonId] = mapped_column(String(16))
    proposed_at: Mapped[datetime]
    confirmed_by: Mapped[PersonId] = mapped_column(String(16))
    confirmed_at: Mapped[datetime]


class PeriodCloseTotal(Base):
    """An official account when a month was closed: of every year that was open then.

    `known_...` is the whole account at the close's position, `ended_...` what of it has a period up
    to the month. Append-only.
    """

    __tablename__ = "period_close_totals"

    month: Mapped[str] = mapped_column(ForeignKey("period_closes.month"), primary_key=True)
    agency_code: Mapped[str] = mapped_column(String(20), primary_key=True)
    fiscal_year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    fund: Mapped[Fund] = mapped_column(primary_key=True)
    seller_class: Mapped[SellerClass] = mapped_column(primary_key=True)
    known_committed_amount: Mapped[Rupiah]
    known_realised_amount: Mapped[Rupiah]
    ended_committed_amount: Mapped[Rupiah]
    ended_realised_amount: Mapped[Rupiah]

    @property
    def key(self) -> QuotaKey:
        return QuotaKey(self.agency_code, self.fiscal_year, self.fund, self.seller_class)

    @property
    def known(self) -> Amounts:
        return Amounts(self.known_committed_amount, self.known_realised_amount)

    @property
    def ended(self) -> Amounts:
        return Amounts(self.ended_committed_amount, self.ended_realised_amount)
