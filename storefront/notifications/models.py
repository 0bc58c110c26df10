"""Mail, as it is written and as it left."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storefront.core.database import Base, BigId
from storefront.core.permissions import PersonId


class Mail(Base):
    """One mail to one person for one outbox message: a message handled twice is one mail."""

    __tablename__ = "mails"
    __table_args__ = (
        UniqueConstraint("outbox_id", "to_address"),
        CheckConstraint("attempts >= 0", name="attempts_not_negative"),
        Index(None, "sent_at", "due_at", "id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    outbox_id: Mapped[int] = mapped_column(ForeignKey("outbox.id"))
    person_id: Mapped[PersonId | None] = mapped_column(String(16), index=True)
    to_address: Mapped[str] = mapped_column(String(254))
    template: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(String(500))
