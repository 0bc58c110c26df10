"""What checks found, and who looked at what."""

import sqlalchemy as sa
from alembic import op

from migrations.triggers import forbid_changes
from storefront.core.database import BigId, UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make_checks()


def downgrade() -> None:
    for table in ("check_findings", "check_runs"):
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
