"""Months with running sums, and how they were closed.

The sums of a ledger that is there already are made here, of the entries that have a position. A
month that was closed before keeps no row: who its second person was, nobody knows.
"""

import sqlalchemy as sa
from alembic import op

from migrations.triggers import forbid_changes

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
APPEND_ONLY = ("period_closes", "period_close_totals")

NUMBERED = "FROM ledger_entries e JOIN ledger_log l ON l.entry_id = e.id"
MONTHS = f"""\
INSERT INTO quota_months (account_id, period, committed_change, realised_change, reversed_change,
    off_platform_change)
SELECT e.account_id, e.period, SUM(e.committed_change), SUM(e.realised_change),
    SUM(CASE WHEN e.kind = 'reverse' THEN e.realised_change ELSE 0 END),
    SUM(CASE WHEN e.kind = 'adjust' THEN e.realised_change ELSE 0 END)
{NUMBERED} GROUP BY e.account_id, e.period"""
CORRECTIONS = f"""\
INSERT INTO quota_corrections (account_id, reference, realised_amount)
SELECT e.account_id, e.reference, SUM(e.realised_change)
{NUMBERED} GROUP BY e.account_id, e.reference HAVING SUM(e.realised_change) < 0"""


def upgrade() -> None:
    _make_sums()
    _make_closes()
    op.execute(MONTHS)
    op.execute(CORRECTIONS)


def downgrade() -> None:
    for table in (
        "period_close_totals",
        "period_closes",
        "close_proposals",
        "quota_corrections",
        "quota_months",
    ):
        op.drop_table(table)


def _make_sums() -> None:
    op.create_table(
        "quota_months",
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("committed_change", sa.BigInteger(), nullable=False),
        sa.Column("realised_change", sa.BigInteger(), nullable=False),
        sa.Column("reversed_change", sa.BigInteger(), nullable=False),
        sa.Column("off_platform_change", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "reversed_change <= 0", name=op.f("ck_quota_months_reversed_never_adds")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["quota_accounts.id"], name=op.f("fk_quota_months_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", "period", name=op.f("pk_quota_months")),
    )
    op.create_table(
        "quota_corrections",
        sa.Column("account_id", BIG_ID, nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("realised_amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("realised_amount < 0", name=op.f("ck_quota_corrections_takes")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["quota_accounts.id"], name=op.f("fk_quota_corrections_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", "reference", name=op.f("pk_quota_corrections")),
    )


def _make_closes() -> None:
    op.create_table(
        "close_proposals",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("state", _kinds("closestate", "waiting", "confirmed", "refused"), nullable=False),
        sa.Column("proposed_by", sa.String(length=16), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=16), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'waiting') = (decided_by IS NULL)",
            name=op.f("ck_close_proposals_decided_by_somebody"),
        ),
        sa.CheckConstraint(
            "(decided_by IS NULL) = (decided_at IS NULL)",
            name=op.f("ck_close_proposals_decided_at_a_time"),
        ),
        sa.CheckConstraint(
            "state <> 'confirmed' OR decided_by <> proposed_by",
            name=op.f("ck_close_proposals_confirmed_by_a_second_person"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_close_proposals")),
    )
    op.create_index(
        "uq_close_proposals_waiting",
        "close_proposals",
        ["month"],
        unique=True,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "period_closes",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("checkpoint_size", sa.BigInteger(), nullable=False),
        sa.Column("proposed_by", sa.String(length=16), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.String(length=16), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "confirmed_by <> proposed_by",
            name=op.f("ck_period_closes_confirmed_by_a_second_person"),
        ),
        sa.CheckConstraint("position >= 0", name=op.f("ck_period_closes_position_not_negative")),
        sa.CheckConstraint(
            "checkpoint_size = position", name=op.f("ck_period_closes_checkpoint_of_its_position")
        ),
        sa.ForeignKeyConstraint(
            ["rule_version"], ["quota_rules.version"], name=op.f("fk_period_closes_rule_version")
        ),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_period_closes")),
    )
    op.create_table(
        "period_close_totals",
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("agency_code", sa.String(length=20), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("fund", _kinds("fund", "official", "personal"), nullable=False),
        sa.Column(
            "seller_class",
            _kinds("sellerclass", "micro", "small", "cooperative", "other"),
            nullable=False,
        ),
        sa.Column("known_committed_amount", sa.BigInteger(), nullable=False),
        sa.Column("known_realised_amount", sa.BigInteger(), nullable=False),
        sa.Column("ended_committed_amount", sa.BigInteger(), nullable=False),
        sa.Column("ended_realised_amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["month"], ["period_closes.month"], name=op.f("fk_period_close_totals_month")
        ),
        sa.PrimaryKeyConstraint(
            "month",
            "agency_code",
            "fiscal_year",
            "fund",
            "seller_class",
            name=op.f("pk_period_close_totals"),
        ),
    )
    forbid_changes(*APPEND_ONLY)


def _kinds(name: str, *kinds: str) -> sa.Enum:
    return sa.Enum(*kinds, name=name, native_enum=False, create_constraint=True, length=20)
