"""What reports keep: sums from the ledger's log (to whom, for which goods), reminders sent."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from storefront.core.database import Base, Rupiah
from storefront.core.permissions import PersonId
from storefront.sellers.models import SellerClass

NO_ORDER = ""
"""The category of what no order stands behind."""
UNKNOWN_SELLER = 0


class CategorySum(Base):
    """Official rupiah of an agency, year and class that went for a root category of goods.

    `category` is the root's slug; empty for what no order stands behind (off-platform).
    """

    __tablename__ = "quota_category_sums"

    agency_code: Mapped[str] = mapped_column(String(20), primary_key=True)
    fiscal_year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seller_class: Mapped[SellerClass] = mapped_column(primary_key=True)
    category: Mapped[str] = mapped_column(String(80), primary_key=True)
    committed_amount: Mapped[Rupiah]
    realised_amount: Mapped[Rupiah]


class SellerSum(Base):
    """Official rupiah of an agency, year and class that went to a seller; 0: no order behind it."""

    __tablename__ = "quota_seller_sums"

    agency_code: Mapped[str] = mapped_column(String(20), primary_key=True)
    fiscal_year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seller_class: Mapped[SellerClass] = mapped_column(primary_key=True)
    seller_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    committed_amount: Mapped[Rupiah]
    realised_amount: Mapped[Rupiah]


class SpreadMark(Base):
    """How far in the log the sums have come. Its one row is the lock of them all."""

    __tablename__ = "quota_spread_mark"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(BigInteger)


class PlanReminder(Base):
    """That the city reminded an agency behind plan; once a month at the most."""

    __tablename__ = "plan_reminders"

    agency_code: Mapped[str] = mapped_column(String(20), primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    sent_by: Mapped[PersonId] = mapped_column(String(16))
    sent_at: Mapped[datetime]
