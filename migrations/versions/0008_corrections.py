"""Corrections of the ledger, in two hands; what was recorded late, and the orders it touches."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "corrections",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "adjust",
                "move",
                name="correctionkind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "fund",
            sa.Enum(
                "official",
                "personal",
                name="fund",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "approved",
                "refused",
                name="correctionstate",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("agency_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("agency_code", sa.String(length=20), nullable=True),
        sa.Column("other_agency_code", sa.String(length=20), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column(
            "reverses_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("proposed_by", sa.String(length=16), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(length=16), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refusal", sa.String(length=300), nullable=False),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_by IS NULL)"
            " AND (decided_by IS NULL) = (decided_at IS NULL)",
            name=op.f("ck_corrections_decided_by_somebody"),
        ),
        sa.CheckConstraint(
            "agency_code IS NOT NULL OR (kind = 'move' AND fund = 'personal')",
            name=op.f("ck_corrections_of_an_agency"),
        ),
        sa.CheckConstraint(
            "kind = 'move' OR fund = 'official'", name=op.f("ck_corrections_adjusts_official_money")
        ),
        sa.CheckConstraint(
            "state <> 'approved' OR (decided_by <> proposed_by AND decided_by <> 'operator')",
            name=op.f("ck_corrections_approved_by_a_second_person"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.id"], name=op.f("fk_corrections_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"], ["corrections.id"], name=op.f("fk_corrections_reverses_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
        sa.UniqueConstraint("number", name=op.f("uq_corrections_number")),
    )
    op.create_index(
        op.f("ix_corrections_agency_code_kind_id"),
        "corrections",
        ["agency_code", "kind", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_corrections_agency_id"), "corrections", ["agency_id"], unique=False)
    op.create_index(
        op.f("ix_corrections_other_agency_code_id"),
        "corrections",
        ["other_agency_code", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_corrections_state_id"), "corrections", ["state", "id"], unique=False)
    op.create_index(
        "uq_corrections_reverses_id_standing",
        "corrections",
        ["reverses_id"],
        unique=True,
        sqlite_where=sa.text("state <> 'refused'"),
        postgresql_where=sa.text("state <> 'refused'"),
    )
    op.create_table(
        "correction_evidence",
        sa.Column(
            "correction_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("file_name", sa.String(length=120), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["correction_id"], ["corrections.id"], name=op.f("fk_correction_evidence_correction_id")
        ),
        sa.PrimaryKeyConstraint("correction_id", name=op.f("pk_correction_evidence")),
    )
    op.create_table(
        "correction_moves",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "correction_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("from_agency_code", sa.String(length=20), nullable=False),
        sa.Column(
            "from_class",
            sa.Enum(
                "micro",
                "small",
                "cooperative",
                "other",
                name="from_class",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("to_agency_code", sa.String(length=20), nullable=False),
        sa.Column(
            "to_class",
            sa.Enum(
                "micro",
                "small",
                "cooperative",
                "other",
                name="to_class",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("committed_amount", sa.BigInteger(), nullable=False),
        sa.Column("realised_amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["correction_id"], ["corrections.id"], name=op.f("fk_correction_moves_correction_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction_moves")),
        sa.UniqueConstraint(
            "correction_id", "reference", name=op.f("uq_correction_moves_correction_id_reference")
        ),
    )
    op.create_index(
        op.f("ix_correction_moves_reference"), "correction_moves", ["reference"], unique=False
    )
    op.create_table(
        "late_records",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "placement",
                "seller_class",
                name="latekind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("person_id", sa.String(length=16), nullable=True),
        sa.Column("seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "correction_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("is_settled", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(person_id IS NULL) <> (seller_id IS NULL)",
            name=op.f("ck_late_records_of_a_person_or_a_shop"),
        ),
        sa.CheckConstraint(
            "last_day >= first_day", name=op.f("ck_late_records_ends_after_it_begins")
        ),
        sa.ForeignKeyConstraint(
            ["correction_id"], ["corrections.id"], name=op.f("fk_late_records_correction_id")
        ),
        sa.ForeignKeyConstraint(
            ["seller_id"], ["sellers.id"], name=op.f("fk_late_records_seller_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_late_records")),
    )
    op.create_index(
        op.f("ix_late_records_correction_id"), "late_records", ["correction_id"], unique=False
    )
    op.create_index(
        op.f("ix_late_records_is_settled_id"), "late_records", ["is_settled", "id"], unique=False
    )
    op.create_index(op.f("ix_late_records_seller_id"), "late_records", ["seller_id"], unique=False)
    op.create_table(
        "off_platform_purchases",
        sa.Column(
            "correction_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("agency_code", sa.String(length=20), nullable=False),
        sa.Column("bought_on", sa.Date(), nullable=False),
        sa.Column("document_number", sa.String(length=80), nullable=False),
        sa.Column(
            "channel",
            sa.Enum(
                "outlet_paper",
                "e_catalogue",
                "direct",
                name="outsidechannel",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("seller_name", sa.String(length=120), nullable=False),
        sa.Column("seller_nib", sa.String(length=13), nullable=False),
        sa.Column(
            "claimed_class",
            sa.Enum(
                "micro",
                "small",
                "cooperative",
                "other",
                name="claimed_class",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "seller_class",
            sa.Enum(
                "micro",
                "small",
                "cooperative",
                "other",
                name="sellerclass",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("seller_class_evidence", sa.String(length=200), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("description", sa.String(length=300), nullable=False),
        sa.Column("expense_account", sa.String(length=30), nullable=False),
        sa.Column("activity_code", sa.String(length=40), nullable=False),
        sa.Column("document_sha256", sa.String(length=64), nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_off_platform_purchases_amount_not_nought")),
        sa.ForeignKeyConstraint(
            ["correction_id"],
            ["corrections.id"],
            name=op.f("fk_off_platform_purchases_correction_id"),
        ),
        sa.ForeignKeyConstraint(
            ["seller_id"], ["sellers.id"], name=op.f("fk_off_platform_purchases_seller_id")
        ),
        sa.PrimaryKeyConstraint("correction_id", name=op.f("pk_off_platform_purchases")),
    )
    op.create_index(
        op.f("ix_off_platform_purchases_agency_code_bought_on"),
        "off_platform_purchases",
        ["agency_code", "bought_on"],
        unique=False,
    )
    op.create_index(
        op.f("ix_off_platform_purchases_seller_id"),
        "off_platform_purchases",
        ["seller_id"],
        unique=False,
    )
    op.create_table(
        "affected_orders",
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("to_agency_code", sa.String(length=20), nullable=True),
        sa.Column(
            "to_class",
            sa.Enum(
                "micro",
                "small",
                "cooperative",
                "other",
                name="sellerclass",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "correction_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "refused_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.CheckConstraint(
            "to_agency_code IS NOT NULL OR to_class IS NOT NULL",
            name=op.f("ck_affected_orders_differs_in_something"),
        ),
        sa.ForeignKeyConstraint(
            ["correction_id"], ["corrections.id"], name=op.f("fk_affected_orders_correction_id")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_affected_orders_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["refused_id"], ["corrections.id"], name=op.f("fk_affected_orders_refused_id")
        ),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_affected_orders")),
    )
    op.create_index(
        op.f("ix_affected_orders_correction_id_order_id"),
        "affected_orders",
        ["correction_id", "order_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_affected_orders_refused_id"), "affected_orders", ["refused_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("affected_orders")
    op.drop_table("off_platform_purchases")
    op.drop_table("late_records")
    op.drop_table("correction_moves")
    op.drop_table("correction_evidence")
    op.drop_table("corrections")
