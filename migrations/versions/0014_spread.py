"""Sums by category and seller, kept from the ledger's log; reminders of agencies behind plan.

The worker folds what stands in the log already.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

CLASSES = ("micro", "small", "cooperative", "other")


def upgrade() -> None:
    _sums("quota_category_sums", sa.Column("category", sa.String(80), nullable=False))
    _sums(
        "quota_seller_sums",
        sa.Column("seller_id", sa.BigInteger(), autoincrement=False, nullable=False),
    )
    op.create_table(
        "quota_spread_mark",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_quota_spread_mark_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quota_spread_mark")),
    )
    op.create_table(
        "plan_reminders",
        sa.Column("agency_code", sa.String(20), nullable=False),
        sa.Column("month", sa.String(7), nullable=False),
        sa.Column("sent_by", sa.String(16), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("agency_code", "month", name=op.f("pk_plan_reminders")),
    )
    op.execute("INSERT INTO quota_spread_mark (id, position) VALUES (1, 0)")


def downgrade() -> None:
    op.drop_table("plan_reminders")
    op.drop_table("quota_spread_mark")
    op.drop_table("quota_seller_sums")
    op.drop_table("quota_category_sums")


def _sums(table: str, part: sa.Column[object]) -> None:
    op.create_table(
        table,
        sa.Column("agency_code", sa.String(20), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "seller_class",
            sa.Enum(
                *CLASSES, name="sellerclass", native_enum=False, create_constraint=True, length=20
            ),
            nullable=False,
        ),
        part,
        sa.Column("committed_amount", sa.BigInteger(), nullable=False),
        sa.Column("realised_amount", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint(
            "agency_code", "fiscal_year", "seller_class", part.name, name=op.f(f"pk_{table}")
        ),
    )
