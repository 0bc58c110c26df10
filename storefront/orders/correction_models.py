"""What was recorded late about people and shops, and which official orders it touches.

Found once, when it is recorded, so that no page has to look through the orders for it.
"""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from storefront.core.database import Base, BigId
from storefront.core.permissions import PersonId
from storefront.orders.models import OrderId
from storefront.sellers.models import SellerClass, SellerId


class LateKind(StrEnum):
    PLACEMENT = "placement"
    SELLER_CLASS = "seller_class"


class LateRecord(Base):
    """A placement or a class that was recorded for days that were over, from a day to a day.

    It says nothing of orders: of own money nobody may learn whether there are any. A `move` of
    own money is proposed for the records themselves, and finds what there is as it is approved.
    """

    __tablename__ = "late_records"
    __table_args__ = (
        CheckConstraint("(person_id IS NULL) <> (seller_id IS NULL)", name="of_a_person_or_a_shop"),
        CheckConstraint("last_day >= first_day", name="ends_after_it_begins"),
        Index(None, "is_settled", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[LateKind]
    person_id: Mapped[PersonId | None] = mapped_column(String(16))
    seller_id: Mapped[SellerId | None] = mapped_column(ForeignKey("sellers.id"), index=True)
    first_day: Mapped[date]
    last_day: Mapped[date]
    recorded_at: Mapped[datetime]
    correction_id: Mapped[int | None] = mapped_column(ForeignKey("corrections.id"), index=True)
    """The proposal that waits to settle it for own money; or the last one, which was refused."""
    is_settled: Mapped[bool] = mapped_column(default=False)


class AffectedOrder(Base):
    """An official order that the ledger holds for another agency or class than is recorded today.

    One row an order: what it should be now. Gone once a `move` was approved, or a later record
    agrees with the ledger again.
    """

    __tablename__ = "affected_orders"
    __table_args__ = (
        CheckConstraint(
            "to_agency_code IS NOT NULL OR to_class IS NOT NULL", name="differs_in_something"
        ),
        Index(None, "correction_id", "order_id"),
    )

    order_id: Mapped[OrderId] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    to_agency_code: Mapped[str | None] = mapped_column(String(20))
    """None: as it is."""
    to_class: Mapped[SellerClass | None]
    found_at: Mapped[datetime]
    correction_id: Mapped[int | None] = mapped_column(ForeignKey("corrections.id"))
    """The proposal that waits; None: nobody has proposed it yet."""
    refused_id: Mapped[int | None] = mapped_column(ForeignKey("corrections.id"), index=True)
    """The last proposal, if it was refused: somebody decided that the order stays."""
