"""The choice at the end of a year; orders that wait for a budget; what kind a budget version is.

The columns are added as SQL: batch mode would copy the whole table of orders on SQLite, and both
engines take a column with its own CHECKs.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
WAITING = sa.text("waits_for IS NOT NULL")


def upgrade() -> None:
    op.execute(
        "ALTER TABLE orders ADD COLUMN waits_for VARCHAR(20)"
        " CONSTRAINT ck_orders_waitsfor CHECK (waits_for IN ('line', 'total'))"
        " CONSTRAINT ck_orders_waits_in_no_counter CHECK (waits_for IS NULL OR"
        " (budget_line_id IS NULL AND budget_committed_amount = 0 AND budget_spent_amount = 0))"
    )
    _add_kind()
    op.create_index(
        "ix_orders_waiting",
        "orders",
        ["agency_id", "id"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_table(
        "year_end_decisions",
        sa.Column("order_id", BIG_ID, nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column(
            "choice",
            sa.Enum(
                "cancel",
                "carry",
                name="yearendchoice",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("chosen_by", sa.String(16), nullable=False),
        sa.Column("chosen_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_year_end_decisions_order_id")
        ),
        sa.PrimaryKeyConstraint("order_id", "fiscal_year", name=op.f("pk_year_end_decisions")),
    )
    op.create_table(
        "year_end_reminders",
        sa.Column("agency_id", BIG_ID, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("written_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.id"], name=op.f("fk_year_end_reminders_agency_id")
        ),
        sa.PrimaryKeyConstraint("agency_id", "due_on", name=op.f("pk_year_end_reminders")),
    )


def _add_kind() -> None:
    """What is not known of the versions that are there is said by their number."""
    op.execute(
        "ALTER TABLE budget_revisions ADD COLUMN kind VARCHAR(20) NOT NULL DEFAULT 'original'"
        " CONSTRAINT ck_budget_revisions_revisionkind"
        " CHECK (kind IN ('original', 'shift', 'amendment'))"
    )
    op.execute("UPDATE budget_revisions SET kind = 'amendment' WHERE revision > 1")
    with op.batch_alter_table("budget_revisions") as table:
        table.alter_column("kind", server_default=None)
        table.create_check_constraint(
            op.f("ck_budget_revisions_original_comes_first"), "kind <> 'original' OR revision = 1"
        )


def downgrade() -> None:
    op.drop_table("year_end_reminders")
    op.drop_table("year_end_decisions")
    op.drop_index("ix_orders_waiting", "orders")
    op.drop_column("orders", "waits_for")
    with op.batch_alter_table("budget_revisions") as table:
        table.drop_constraint(op.f("ck_budget_revisions_original_comes_first"), type_="check")
        table.drop_constraint(op.f("ck_budget_revisions_revisionkind"), type_="check")
        table.drop_column("kind")
