"""The quota ledger: accounts with running balances, the entries that move them, and their log."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from storefront.core.database import Base, BigId, Rupiah
from storefront.core.permissions import PersonId
from storefront.sellers.models import SellerClass

NO_SEAL = "0" * 64
"""What stands before the first entry of an account."""


class Fund(StrEnum):
    OFFICIAL = "official"
    PERSONAL = "personal"


class EntryKind(StrEnum):
    COMMIT = "commit"
    RELEASE = "release"
    REALISE = "realise"
    REVERSE = "reverse"
    CARRY = "carry"
    MOVE = "move"
    ADJUST = "adjust"


@dataclass(frozen=True)
class Amounts:
    """Rupiah committed and realised: a change, or the balances that it leads to."""

    committed: int = 0
    realised: int = 0

    def __add__(self, other: "Amounts") -> "Amounts":
        return Amounts(self.committed + other.committed, self.realised + other.realised)

    def __sub__(self, other: "Amounts") -> "Amounts":
        return Amounts(self.committed - other.committed, self.realised - other.realised)

    def __bool__(self) -> bool:
        return self != Amounts()


def total(amounts: Iterable[Amounts]) -> Amounts:
    return sum(amounts, Amounts())


@dataclass(frozen=True, order=True)
class QuotaKey:
    """What has an account of its own. Ordered, because accounts are locked in this order."""

    agency_code: str
    fiscal_year: int
    fund: Fund
    seller_class: SellerClass

    def __str__(self) -> str:
        return f"{self.agency_code} {self.fiscal_year} {self.fund} {self.seller_class}"


class QuotaAccount(Base):
    """Running balances of a key, and the seal of its last entry. Written by `ledger.post` alone."""

    __tablename__ = "quota_accounts"
    __table_args__ = (
        UniqueConstraint("agency_code", "fiscal_year", "fund", "seller_class"),
        # Only this balance has a floor: a refund of a closed year may be alone in the open one.
        CheckConstraint("committed_amount >= 0", name="committed_not_negative"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    agency_code: Mapped[str] = mapped_column(String(20))
    fiscal_year: Mapped[int]
    fund: Mapped[Fund]
    seller_class: Mapped[SellerClass]
    committed_amount: Mapped[Rupiah] = mapped_column(default=0)
    realised_amount: Mapped[Rupiah] = mapped_column(default=0)
    entry_count: Mapped[int] = mapped_column(default=0)
    last_seal: Mapped[str] = mapped_column(String(64), default=NO_SEAL)

    @property
    def key(self) -> QuotaKey:
        return QuotaKey(self.agency_code, self.fiscal_year, self.fund, self.seller_class)

    @property
    def balances(self) -> Amounts:
        return Amounts(self.committed_amount, self.realised_amount)


class LedgerEntry(Base):
    """One movement of one account. Never changed and never deleted: triggers refuse both."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        UniqueConstraint("reference", "cause", "account_id"),
        UniqueConstraint("account_id", "account_seq"),
        CheckConstraint(
            "CASE kind WHEN 'commit' THEN committed_change > 0 AND realised_change = 0"
            " WHEN 'release' THEN committed_change < 0 AND realised_change = 0"
            " WHEN 'carry' THEN committed_change <> 0 AND realised_change = 0"
            " WHEN 'realise' THEN realised_change > 0 WHEN 'reverse' THEN realised_change < 0"
            " ELSE committed_change <> 0 OR realised_change <> 0 END",
            name="changes_signed_by_kind",
        ),
        Index(None, "period", "account_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("quota_accounts.id"))
    account_seq: Mapped[int]
    kind: Mapped[EntryKind]
    committed_change: Mapped[Rupiah]
    realised_change: Mapped[Rupiah]
    committed_after: Mapped[Rupiah]
    realised_after: Mapped[Rupiah]
    reference: Mapped[str] = mapped_column(String(40))
    cause: Mapped[str] = mapped_column(String(80))
    occurred_on: Mapped[date]
    period: Mapped[str] = mapped_column(String(7))
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[PersonId] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(500))
    rule_version: Mapped[int]
    snapshot_sha256: Mapped[str] = mapped_column(String(64))
    salt: Mapped[bytes] = mapped_column(LargeBinary(16))
    seal: Mapped[str] = mapped_column(String(64))

    @property
    def change(self) -> Amounts:
        return Amounts(self.committed_change, self.realised_change)

    @property
    def balances_after(self) -> Amounts:
        return Amounts(self.committed_after, self.realised_after)


class LogLine(Base):
    """The position of an entry in the whole ledger, given once it was committed."""

    __tablename__ = "ledger_log"

    position: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(ForeignKey("ledger_entries.id"), unique=True)


class UnnumberedEntry(Base):
    """An entry that waits for its position: written with it, emptied by `log.number`."""

    __tablename__ = "ledger_queue"

    entry_id: Mapped[int] = mapped_column(ForeignKey("ledger_entries.id"), primary_key=True)


class TreeName(StrEnum):
    """What is under a tree: the quota ledger's log, and the audit log."""

    LEDGER = "ledger"
    AUDIT = "audit"


class LedgerKey(Base):
    """A public key that signs checkpoints from a time on. The oldest one's name is the origin."""

    __tablename__ = "ledger_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(255))
    public_key: Mapped[str] = mapped_column(String(64), unique=True)
    """32 bytes in hex."""
    since: Mapped[datetime]


class Checkpoint(Base):
    """A signed root of a tree at a size. Others keep it; triggers refuse to change it here."""

    __tablename__ = "checkpoints"
    __table_args__ = (
        CheckConstraint("size >= 0", name="size_not_negative"),
        Index(None, "issued_at", "tree"),
    )

    tree: Mapped[TreeName] = mapped_column(primary_key=True)
    size: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    root: Mapped[str] = mapped_column(String(64))
    issued_at: Mapped[datetime]
    note: Mapped[str] = mapped_column(Text)
    """To the byte as it was given away (C2SP tlog-checkpoint)."""
    key_id: Mapped[int] = mapped_column(ForeignKey("ledger_keys.id"), index=True)


class MarkName(StrEnum):
    LOG_SIZE = "log_size"
    FIRST_OPEN_MONTH = "first_open_month"


class Mark(Base):
    """A number of the whole ledger that only grows. Its row is the lock of what it counts."""

    __tablename__ = "quota_marks"

    name: Mapped[MarkName] = mapped_column(primary_key=True)
    value: Mapped[int]
