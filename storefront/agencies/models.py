"""Agencies, who is placed in them, and what they may spend."""

from datetime import date, datetime
from enum import StrEnum
from typing import NewType

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storefront.core.database import Base, BigId, Rupiah
from storefront.core.permissions import PersonId, Role

AgencyId = NewType("AgencyId", int)
PlacementId = NewType("PlacementId", int)


class AgencyKind(StrEnum):
    SECRETARIAT = "secretariat"
    INSPECTORATE = "inspectorate"
    DINAS = "dinas"
    BADAN = "badan"
    HOSPITAL = "hospital"
    KECAMATAN = "kecamatan"
    KELURAHAN = "kelurahan"
    UNIT = "unit"
    BUMD = "bumd"


class OverCeiling(StrEnum):
    """What becomes of a request that the agency's budget no longer holds."""

    REFUSE = "refuse"
    EXCEPTION = "exception"
    """It goes to the approver with its reason, who may accept it knowingly."""


class Agency(Base):
    """A unit with a code, a budget and people. The code never changes: ledger accounts bear it.

    Name and parent are those of today, kept so by `tree.py`; of another day ask `tree_queries.py`.
    """

    __tablename__ = "agencies"

    id: Mapped[AgencyId] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(160))
    kind: Mapped[AgencyKind]
    parent_id: Mapped[AgencyId | None] = mapped_column(ForeignKey("agencies.id"), index=True)
    address: Mapped[str] = mapped_column(String(400), default="")
    is_practice: Mapped[bool] = mapped_column(default=False)
    request_days: Mapped[int] = mapped_column(default=5)
    """Working days after which an unanswered request expires."""
    ended_on: Mapped[date | None]
    """From this day on it is no more: merged or split (`tree_models.py`). None: it goes on."""
    over_ceiling: Mapped[OverCeiling] = mapped_column(default=OverCeiling.REFUSE)
    """Asked of the agency whose budget it is."""

    __table_args__ = (
        CheckConstraint("request_days BETWEEN 1 AND 14", name="request_days_in_bounds"),
    )


class PlacementKind(StrEnum):
    DEFINITIVE = "definitive"
    ACTING = "acting"


class Placement(Base):
    """An employee in an agency from a day to a day, both included."""

    __tablename__ = "placements"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="ends_after_it_begins"),
        Index(None, "person_id", "valid_from"),
        Index(None, "agency_id", "valid_from"),
    )

    id: Mapped[PlacementId] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[PersonId] = mapped_column(ForeignKey("people.person_id"))
    agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agencies.id"))
    nip: Mapped[str] = mapped_column(String(18))
    """The number under which the person serves there."""
    kind: Mapped[PlacementKind]
    position: Mapped[str] = mapped_column(String(160))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    recorded_by: Mapped[PersonId] = mapped_column(String(16))
    recorded_at: Mapped[datetime]

    roles: Mapped[list["PlacementRole"]] = relationship(lazy="raise_on_sql")


class PlacementRole(Base):
    """A role in the agency of a placement, while the placement lasts.

    Approver, treasurer and agency admin count once a second person has confirmed them.
    """

    __tablename__ = "placement_roles"
    __table_args__ = (
        CheckConstraint(
            "role IN ('buyer', 'approver', 'treasurer', 'procurement', 'agency_admin')",
            name="role_in_an_agency",
        ),
        CheckConstraint(
            "confirmed_by IS NULL OR role IN ('buyer', 'procurement')"
            " OR confirmed_by <> proposed_by",
            name="confirmed_by_a_second_person",
        ),
        Index(None, "confirmed_at", "ended_at"),
        Index(
            "uq_placement_roles_open",
            "placement_id",
            "role",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    placement_id: Mapped[PlacementId] = mapped_column(ForeignKey("placements.id"), index=True)
    role: Mapped[Role]
    proposed_by: Mapped[PersonId] = mapped_column(String(16))
    proposed_at: Mapped[datetime]
    confirmed_by: Mapped[PersonId | None] = mapped_column(String(16))
    confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class ExpenseAccount(Base):
    """A kode rekening of goods and services."""

    __tablename__ = "expense_accounts"

    code: Mapped[str] = mapped_column(String(30), primary_key=True)
    name: Mapped[str] = mapped_column(String(160))


class RevisionState(StrEnum):
    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class RevisionKind(StrEnum):
    """Which act of the budget a version comes from."""

    ORIGINAL = "original"
    """APBD murni."""
    SHIFT = "shift"
    """Pergeseran: between lines, the total as it was or not."""
    AMENDMENT = "amendment"
    """APBD perubahan."""


def kind_by_number(revision: int) -> RevisionKind:
    """What a version most likely is: the first is the original budget."""
    return RevisionKind.ORIGINAL if revision == 1 else RevisionKind.AMENDMENT


def _by_number(context: DefaultExecutionContext) -> RevisionKind:
    given = context.current_parameters or {}
    return kind_by_number(given["revision"])


class BudgetRevision(Base):
    """A version of an agency's budget of a year: never overwritten, true once confirmed."""

    __tablename__ = "budget_revisions"
    __table_args__ = (
        UniqueConstraint("agency_id", "fiscal_year", "revision"),
        CheckConstraint("total_amount BETWEEN 0 AND 1000000000000000", name="total_in_bounds"),
        CheckConstraint("revision >= 1", name="revision_counts_from_one"),
        CheckConstraint("kind <> 'original' OR revision = 1", name="original_comes_first"),
        CheckConstraint(
            "confirmed_by IS NULL OR confirmed_by <> proposed_by",
            name="confirmed_by_a_second_person",
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agencies.id"))
    fiscal_year: Mapped[int]
    revision: Mapped[int]
    effective_on: Mapped[date]
    document_number: Mapped[str] = mapped_column(String(80))
    kind: Mapped[RevisionKind] = mapped_column(default=_by_number)
    total_amount: Mapped[Rupiah]
    state: Mapped[RevisionState] = mapped_column(default=RevisionState.PROPOSED, index=True)
    proposed_by: Mapped[PersonId] = mapped_column(String(16))
    proposed_at: Mapped[datetime]
    confirmed_by: Mapped[PersonId | None] = mapped_column(String(16))
    confirmed_at: Mapped[datetime | None]

    lines: Mapped[list["BudgetRevisionLine"]] = relationship(lazy="raise_on_sql")


class BudgetRevisionLine(Base):
    """What a revision gives one activity for one expense account."""

    __tablename__ = "budget_revision_lines"
    __table_args__ = (
        UniqueConstraint("revision_id", "activity_code", "expense_account"),
        CheckConstraint("amount BETWEEN 0 AND 1000000000000000", name="amount_in_bounds"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    revision_id: Mapped[int] = mapped_column(ForeignKey("budget_revisions.id"))
    activity_code: Mapped[str] = mapped_column(String(40))
    activity_name: Mapped[str] = mapped_column(String(200))
    expense_account: Mapped[str] = mapped_column(ForeignKey("expense_accounts.code"), index=True)
    amount: Mapped[Rupiah]


class BudgetYear(Base):
    """The counters of an agency and year, in `budget_amount`; changed by `budgets.py` alone."""

    __tablename__ = "budget_years"
    __table_args__ = (
        UniqueConstraint("agency_id", "fiscal_year"),
        CheckConstraint("committed_amount >= 0", name="committed_not_negative"),
        CheckConstraint("spent_amount >= 0", name="spent_not_negative"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    agency_id: Mapped[AgencyId] = mapped_column(ForeignKey("agencies.id"))
    fiscal_year: Mapped[int]
    ceiling_amount: Mapped[int | None] = mapped_column(BigInteger)
    """None: no budget entered, so no ceiling and no percentage."""
    revision: Mapped[int] = mapped_column(default=0)
    """The revision that the ceilings are of; 0: none."""
    committed_amount: Mapped[Rupiah] = mapped_column(default=0)
    spent_amount: Mapped[Rupiah] = mapped_column(default=0)


class BudgetLine(Base):
    """The counters of an activity and expense account in a budget year."""

    __tablename__ = "budget_lines"
    __table_args__ = (
        UniqueConstraint("budget_year_id", "activity_code", "expense_account"),
        CheckConstraint("committed_amount >= 0", name="committed_not_negative"),
        CheckConstraint("spent_amount >= 0", name="spent_not_negative"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    budget_year_id: Mapped[int] = mapped_column(ForeignKey("budget_years.id"))
    activity_code: Mapped[str] = mapped_column(String(40))
    activity_name: Mapped[str] = mapped_column(String(200))
    expense_account: Mapped[str] = mapped_column(ForeignKey("expense_accounts.code"), index=True)
    ceiling_amount: Mapped[Rupiah]
    committed_amount: Mapped[Rupiah] = mapped_column(default=0)
    spent_amount: Mapped[Rupiah] = mapped_column(default=0)


class Holiday(Base):
    """A day on which the city does not work. The city edits the table; the seed is an estimate."""

    __tablename__ = "holidays"

    day: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(160))
