"""The Serlok programme: how many took part, in sums that name nobody."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from storefront.core.database import Base


class ParticipationMonth(Base):
    """Personal purchases of an agency's people in a closed month, published once.

    Withheld (both figures None) where fewer than five bought or fewer than five did not
    (product.md, "Privacy"). Never updated: a later refund belongs to a later month.
    """

    __tablename__ = "participation_months"
    __table_args__ = (
        CheckConstraint(
            "is_withheld = (buyers IS NULL) AND is_withheld = (realised_amount IS NULL)",
            name="withheld_shows_nothing",
        ),
    )

    agency_code: Mapped[str] = mapped_column(String(20), primary_key=True)
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    is_withheld: Mapped[bool]
    buyers: Mapped[int | None]
    realised_amount: Mapped[int | None] = mapped_column(BigInteger)
    published_at: Mapped[datetime]
