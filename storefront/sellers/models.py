"""Shops: who sells, what the city verified of them, and how much official money they may get."""

from datetime import date, datetime
from enum import StrEnum
from typing import NewType

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from storefront.core.database import Base, BigId, Rupiah
from storefront.core.permissions import PersonId

SellerId = NewType("SellerId", int)


class SellerClass(StrEnum):
    MICRO = "micro"
    SMALL = "small"
    COOPERATIVE = "cooperative"
    OTHER = "other"


class SellerState(StrEnum):
    APPLIED = "applied"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    REFUSED = "refused"


class Seller(Base):
    """A shop. Its class is not a column: it is what the city verified for a day (`classes.py`)."""

    __tablename__ = "sellers"
    __table_args__ = (
        CheckConstraint("office_delivery_amount >= 0", name="office_delivery_not_negative"),
        CheckConstraint("home_delivery_amount >= 0", name="home_delivery_not_negative"),
        CheckConstraint("slug <> 'apply'", name="slug_apply_is_reserved"),
        Index(None, "state", "id"),
    )

    id: Mapped[SellerId] = mapped_column(BigId, primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    owner_name: Mapped[str] = mapped_column(String(120))
    nib: Mapped[str] = mapped_column(String(13), unique=True)
    """Nomor Induk Berusaha, 13 digits."""
    npwp: Mapped[str] = mapped_column(String(16), default="")
    claimed_class: Mapped[SellerClass]
    """What the seller says. It counts for nothing until the city verifies it."""
    email: Mapped[str] = mapped_column(String(254))
    phone: Mapped[str] = mapped_column(String(20))
    district: Mapped[str] = mapped_column(String(60), index=True)
    address: Mapped[str] = mapped_column(String(400), default="")
    description: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[SellerState] = mapped_column(default=SellerState.APPLIED)
    state_reason: Mapped[str] = mapped_column(String(400), default="")
    is_pkp: Mapped[bool] = mapped_column(default=False)
    is_practice: Mapped[bool] = mapped_column(default=False)
    office_delivery_amount: Mapped[Rupiah] = mapped_column(default=0)
    home_delivery_amount: Mapped[Rupiah] = mapped_column(default=0)
    free_delivery_from_amount: Mapped[int | None] = mapped_column(BigInteger)
    """From this sum of goods on the seller delivers free of charge; None: never."""
    applied_at: Mapped[datetime]
    first_order_at: Mapped[datetime | None]


class ClassVerification(Base):
    """The city's word on a shop's class, from a day to a day, with its evidence."""

    __tablename__ = "class_verifications"
    __table_args__ = (
        CheckConstraint("valid_to >= valid_from", name="ends_after_it_begins"),
        Index(None, "seller_id", "valid_from"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    seller_id: Mapped[SellerId] = mapped_column(ForeignKey("sellers.id"))
    seller_class: Mapped[SellerClass]
    evidence: Mapped[str] = mapped_column(String(200))
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    verified_by: Mapped[PersonId] = mapped_column(String(16))
    verified_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class ShopStaff(Base):
    """Who may act for a shop."""

    __tablename__ = "shop_staff"
    __table_args__ = (UniqueConstraint("seller_id", "person_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    seller_id: Mapped[SellerId] = mapped_column(ForeignKey("sellers.id"))
    person_id: Mapped[PersonId] = mapped_column(ForeignKey("people.person_id"), index=True)
    since: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SellerMonth(Base):
    """Official money committed to a shop in a month of approval; changed by `caps.py` alone."""

    __tablename__ = "seller_months"
    __table_args__ = (CheckConstraint("committed_amount >= 0", name="committed_not_negative"),)

    seller_id: Mapped[SellerId] = mapped_column(ForeignKey("sellers.id"), primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    committed_amount: Mapped[Rupiah] = mapped_column(default=0)
