"""Serlok days, and who took part in them.

What was published before has neither a size nor a count of its Serlok day, and gets none: a month
is published once (product.md, "Privacy").
"""

import sqlalchemy as sa
from alembic import op

from migrations.triggers import allow_changes, forbid_changes

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

PARTICIPATION = "participation_months"
DAYS = "serlok_days"
FIVE = {
    "ck_participation_months_five_each": ("buyers >= 5 AND (staff IS NULL OR staff - buyers >= 5)"),
    "ck_participation_months_five_on_its_day": (
        "serlok_buyers IS NULL OR (serlok_day IS NOT NULL AND buyers IS NOT NULL"
        " AND serlok_buyers >= 5 AND buyers - serlok_buyers >= 5)"
    ),
}


def upgrade() -> None:
    op.create_table(
        DAYS,
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("day_number", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("decided_by", sa.String(length=16), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_serlok_days_version_counts")),
        sa.CheckConstraint(
            "day_number BETWEEN 1 AND 31", name=op.f("ck_serlok_days_a_day_of_its_month")
        ),
        sa.CheckConstraint("length(reason) > 0", name=op.f("ck_serlok_days_has_a_reason")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_serlok_days")),
        sa.UniqueConstraint("month", "version", name=op.f("uq_serlok_days_month_version")),
    )
    with op.batch_alter_table(PARTICIPATION) as table:
        table.add_column(sa.Column("staff", sa.Integer(), nullable=True))
        table.add_column(sa.Column("serlok_day", sa.Date(), nullable=True))
        table.add_column(sa.Column("serlok_buyers", sa.Integer(), nullable=True))
        for name, condition in FIVE.items():
            table.create_check_constraint(op.f(name), condition)
    forbid_changes(DAYS, PARTICIPATION)


def downgrade() -> None:
    allow_changes(DAYS, PARTICIPATION)
    op.drop_table(DAYS)
    with op.batch_alter_table(PARTICIPATION) as table:
        for name in FIVE:
            table.drop_constraint(op.f(name), type_="check")
        table.drop_column("serlok_buyers")
        table.drop_column("serlok_day")
        table.drop_column("staff")
