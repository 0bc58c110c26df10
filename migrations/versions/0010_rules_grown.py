"""What a rule may say besides, and agencies that it exempts; what may stand above a ceiling.

No batch mode: columns are added with their own CHECKs by `ALTER TABLE ... ADD COLUMN`, which both
engines take, so that no trigger is lost and no table is written anew.
"""

import sqlalchemy as sa
from alembic import op

from migrations.triggers import forbid_changes
from storefront.core.append_only import definitions

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

BASES = "CHECK (base IN ('budget', 'realised'))"
FUNDS = "CHECK (funds IN ('official', 'official,personal'))"
ADDED = {
    ("quota_rules", "base"): "VARCHAR(20) DEFAULT 'budget' NOT NULL"
    f" CONSTRAINT ck_quota_rules_rulebase {BASES}",
    ("quota_rules", "funds"): "VARCHAR(30) DEFAULT 'official' NOT NULL"
    f" CONSTRAINT ck_quota_rules_official_counts {FUNDS}",
    ("quota_rules", "keeps_last_year"): "BOOLEAN DEFAULT FALSE NOT NULL",
    ("quota_rules", "basis"): "VARCHAR(200) DEFAULT '' NOT NULL",
    ("quota_rules", "proposed_by"): "VARCHAR(16)"
    " CONSTRAINT ck_quota_rules_adopted_by_a_second_person"
    " CHECK (proposed_by IS NULL OR proposed_by <> adopted_by)",
    ("agencies", "over_ceiling"): "VARCHAR(20) DEFAULT 'refuse' NOT NULL"
    " CONSTRAINT ck_agencies_overceiling CHECK (over_ceiling IN ('refuse', 'exception'))",
    ("orders", "exception_reason"): "VARCHAR(400) DEFAULT '' NOT NULL",
    ("orders", "over_ceiling_amount"): "BIGINT DEFAULT 0 NOT NULL"
    " CONSTRAINT ck_orders_over_ceiling_with_a_reason CHECK (over_ceiling_amount = 0"
    " OR over_ceiling_amount > 0 AND exception_reason <> '')",
}
"""The definition of each column, by table and name."""


def upgrade() -> None:
    for (table, column), definition in ADDED.items():
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {definition}")
    op.add_column("quota_rules", sa.Column("proposed_at", sa.DateTime(timezone=True)))
    forbid_changes("quota_rules")
    _proposals()
    _exemptions()


def downgrade() -> None:
    op.drop_table("quota_exemptions")
    op.drop_table("quota_rule_proposals")
    dialect = op.get_bind().dialect.name
    for name in definitions(dialect, ["quota_rules"]):
        op.execute(f"DROP TRIGGER {name}" + (" ON quota_rules" * (dialect == "postgresql")))
    op.drop_column("quota_rules", "proposed_at")
    for table, column in reversed(ADDED):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")


def _proposals() -> None:
    op.create_table(
        "quota_rule_proposals",
        sa.Column("id", _big_id(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("base", _checked("rulebase", "budget", "realised"), nullable=False),
        sa.Column("target_permille", sa.Integer(), nullable=False),
        sa.Column("seller_classes", sa.String(length=60), nullable=False),
        sa.Column("funds", sa.String(length=30), nullable=False),
        sa.Column("keeps_last_year", sa.Boolean(), nullable=False),
        sa.Column("seller_monthly_cap_amount", sa.BigInteger(), nullable=False),
        sa.Column("basis", sa.String(length=200), nullable=False),
        *_two_hands(),
        sa.CheckConstraint(
            "target_permille BETWEEN 0 AND 1000",
            name=op.f("ck_quota_rule_proposals_target_in_bounds"),
        ),
        sa.CheckConstraint(
            "seller_monthly_cap_amount >= 0",
            name=op.f("ck_quota_rule_proposals_cap_not_negative"),
        ),
        sa.CheckConstraint(
            "funds IN ('official', 'official,personal')",
            name=op.f("ck_quota_rule_proposals_official_counts"),
        ),
        *_second_person("quota_rule_proposals"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quota_rule_proposals")),
    )
    op.create_index(
        "uq_quota_rule_proposals_open",
        "quota_rule_proposals",
        ["effective_on"],
        unique=True,
        sqlite_where=sa.text("state = 'proposed'"),
        postgresql_where=sa.text("state = 'proposed'"),
    )


def _exemptions() -> None:
    op.create_table(
        "quota_exemptions",
        sa.Column("id", _big_id(), nullable=False),
        sa.Column("agency_id", _big_id(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("document_number", sa.String(length=80), nullable=False),
        *_two_hands(),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_by", sa.String(length=16), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "valid_to >= valid_from", name=op.f("ck_quota_exemptions_ends_after_it_begins")
        ),
        sa.CheckConstraint(
            "ended_on IS NULL OR ended_on <= valid_to",
            name=op.f("ck_quota_exemptions_ended_before_its_end"),
        ),
        *_second_person("quota_exemptions"),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.id"], name=op.f("fk_quota_exemptions_agency_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quota_exemptions")),
    )
    for columns in (["agency_id"], ["state", "valid_from"]):
        name = op.f(f"ix_quota_exemptions_{'_'.join(columns)}")
        op.create_index(name, "quota_exemptions", columns)


def _two_hands() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column(
            "state",
            _checked("proposalstate", "proposed", "confirmed", "refused"),
            nullable=False,
        ),
        sa.Column("proposed_by", sa.String(length=16), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=16), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
    )


def _second_person(table: str) -> tuple[sa.CheckConstraint, ...]:
    return (
        sa.CheckConstraint(
            "state <> 'confirmed' OR decided_by <> proposed_by",
            name=op.f(f"ck_{table}_confirmed_by_a_second_person"),
        ),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_by IS NULL)",
            name=op.f(f"ck_{table}_decided_by_somebody"),
        ),
    )


def _big_id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _checked(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)
