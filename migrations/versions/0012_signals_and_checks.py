"""What checks found, and who looked at what."""

from datetime import UTC, date, datetime

import sqlalchemy as sa
from alembic import op

from migrations.triggers import forbid_changes
from storefront.core.database import BigId, UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

SINCE_EVER = date(2000, 1, 1)
KINDS = ("split", "year_end", "reversed", "contact", "price")
STATUSES = ("open", "looked_at", "explained")
FIRST = (
    ("split", 10_000_000, 7, 0, 0),
    ("year_end", 10_000_000, 0, 250, 0),
    ("reversed", 100_000, 0, 0, 0),
    ("contact", 0, 0, 0, 0),
    ("price", 500_000, 0, 2_000, 8),
)
"""The first thresholds: rupiah, days, permille, how many to compare with (docs/signals.md)."""


def upgrade() -> None:
    _make_checks()
    _make_signals()
    _make_views()


def downgrade() -> None:
    for table in (
        "private_looks",
        "views_log",
        "signal_notes",
        "signals",
        "signal_thresholds",
        "check_findings",
        "check_runs",
    ):
        op.drop_table(table)


def _make_checks() -> None:
    op.create_table(
        "check_runs",
        sa.Column("number", BigId, autoincrement=False, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("asked_by", sa.String(16), nullable=False),
        sa.Column("position", BigId, nullable=False),
        sa.Column("root", sa.String(64), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("breach_count", sa.Integer(), nullable=False),
        sa.Column("new_count", sa.Integer(), nullable=False),
        sa.CheckConstraint("number >= 1", name=op.f("ck_check_runs_numbers_count_from_one")),
        sa.CheckConstraint(
            "new_count BETWEEN 0 AND breach_count", name=op.f("ck_check_runs_new_are_breaches")
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_check_runs")),
    )
    op.create_table(
        "check_findings",
        sa.Column("id", BigId, nullable=False),
        sa.Column("run_number", BigId, nullable=False),
        sa.Column("subject", sa.String(20), nullable=False),
        sa.Column("place", sa.String(200), nullable=False),
        sa.Column("what", sa.String(200), nullable=False),
        sa.Column("kept_amount", sa.BigInteger(), nullable=True),
        sa.Column("due_amount", sa.BigInteger(), nullable=True),
        sa.Column("is_note", sa.Boolean(), nullable=False),
        sa.Column("is_new", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_number"], ["check_runs.number"], name=op.f("fk_check_findings_run_number")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_check_findings")),
    )
    op.create_index(op.f("ix_check_findings_run_number_id"), "check_findings", ["run_number", "id"])
    forbid_changes("check_runs", "check_findings")


def _make_signals() -> None:
    thresholds = op.create_table(
        "signal_thresholds",
        sa.Column("id", BigId, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("permille", sa.Integer(), nullable=False),
        sa.Column("least", sa.Integer(), nullable=False),
        sa.Column("set_by", sa.String(16), nullable=False),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        _one_of("signal_thresholds", "signalkind", "kind", KINDS),
        sa.CheckConstraint(
            "amount BETWEEN 0 AND 1000000000000 AND days BETWEEN 0 AND 366"
            " AND permille BETWEEN 0 AND 100000 AND least BETWEEN 0 AND 10000",
            name=op.f("ck_signal_thresholds_in_bounds"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal_thresholds")),
    )
    op.create_index(
        op.f("ix_signal_thresholds_kind_since_id"), "signal_thresholds", ["kind", "since", "id"]
    )
    now = datetime.now(UTC)
    usual = {"since": SINCE_EVER, "set_by": "operator", "set_at": now}
    op.bulk_insert(
        thresholds,
        [
            usual | dict(zip(("kind", "amount", "days", "permille", "least"), row, strict=True))
            for row in FIRST
        ],
    )
    op.create_table(
        "signals",
        sa.Column("id", BigId, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("identity", sa.String(120), nullable=False),
        sa.Column("agency_code", sa.String(20), nullable=False),
        sa.Column("seller_id", BigId, nullable=True),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("orders", sa.Text(), nullable=False),
        sa.Column("first_seen_at", UtcDateTime(), nullable=False),
        sa.Column("last_seen_at", UtcDateTime(), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        _one_of("signals", "signalkind", "kind", KINDS),
        _one_of("signals", "signalstatus", "status", STATUSES),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_signals_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signals")),
        sa.UniqueConstraint("kind", "identity", name=op.f("uq_signals_kind_identity")),
    )
    for columns in (["status", "id"], ["agency_code", "id"], ["kind", "year"], ["seller_id"]):
        op.create_index(op.f(f"ix_signals_{'_'.join(columns)}"), "signals", columns)
    op.create_table(
        "signal_notes",
        sa.Column("id", BigId, nullable=False),
        sa.Column("signal_id", BigId, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("written_by", sa.String(16), nullable=False),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("text", sa.String(1000), nullable=False),
        _one_of("signal_notes", "signalstatus", "status", STATUSES),
        sa.ForeignKeyConstraint(
            ["signal_id"], ["signals.id"], name=op.f("fk_signal_notes_signal_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal_notes")),
    )
    op.create_index(op.f("ix_signal_notes_signal_id_id"), "signal_notes", ["signal_id", "id"])
    forbid_changes("signal_notes", "signal_thresholds")


def _one_of(table: str, name: str, column: str, values: tuple[str, ...]) -> sa.CheckConstraint:
    quoted = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({quoted})", name=op.f(f"ck_{table}_{name}"))


def _make_views() -> None:
    op.create_table(
        "views_log",
        sa.Column("id", BigId, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("person_id", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_views_log")),
    )
    for column in ("person_id", "subject", "kind"):
        op.create_index(op.f(f"ix_views_log_{column}_id"), "views_log", [column, "id"])
    op.create_table(
        "private_looks",
        sa.Column("id", BigId, nullable=False),
        sa.Column("person_id", sa.String(16), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("begun_at", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.CheckConstraint("until > begun_at", name=op.f("ck_private_looks_ends_after_it_begins")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_private_looks")),
    )
    op.create_index(
        op.f("ix_private_looks_person_id_subject_until"),
        "private_looks",
        ["person_id", "subject", "until"],
    )
    forbid_changes("private_looks", "views_log")
