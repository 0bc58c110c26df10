"""All tables of the store."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "agencies",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "secretariat",
                "inspectorate",
                "dinas",
                "badan",
                "hospital",
                "kecamatan",
                "kelurahan",
                "unit",
                "bumd",
                name="agencykind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("address", sa.String(length=400), nullable=False),
        sa.Column("is_practice", sa.Boolean(), nullable=False),
        sa.Column("request_days", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "request_days BETWEEN 1 AND 14", name=op.f("ck_agencies_request_days_in_bounds")
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["agencies.id"], name=op.f("fk_agencies_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agencies")),
        sa.UniqueConstraint("code", name=op.f("uq_agencies_code")),
    )
    op.create_index(op.f("ix_agencies_parent_id"), "agencies", ["parent_id"], unique=False)
    op.create_table(
        "agency_payments",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column(
            "method",
            sa.Enum(
                "up_gu",
                "ls",
                "kkpd",
                name="agencymethod",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("proof_number", sa.String(length=80), nullable=False),
        sa.Column("gross_amount", sa.BigInteger(), nullable=False),
        sa.Column("withheld_amount", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=16), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("gross_amount > 0", name=op.f("ck_agency_payments_gross_positive")),
        sa.CheckConstraint(
            "withheld_amount >= 0 AND withheld_amount <= gross_amount",
            name=op.f("ck_agency_payments_withheld_within_gross"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_payments")),
        sa.UniqueConstraint(
            "reference", "proof_number", name=op.f("uq_agency_payments_reference_proof_number")
        ),
    )
    op.create_table(
        "audit_log",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.String(length=16), nullable=False),
        sa.Column("act", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    op.create_index(op.f("ix_audit_log_act_id"), "audit_log", ["act", "id"], unique=False)
    op.create_index(op.f("ix_audit_log_person_id"), "audit_log", ["person_id"], unique=False)
    op.create_index(op.f("ix_audit_log_subject_id"), "audit_log", ["subject", "id"], unique=False)
    op.create_table(
        "categories",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("path", sa.String(length=240), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["categories.id"], name=op.f("fk_categories_parent_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_categories")),
        sa.UniqueConstraint("path", name=op.f("uq_categories_path")),
        sa.UniqueConstraint("slug", name=op.f("uq_categories_slug")),
    )
    op.create_index(op.f("ix_categories_parent_id"), "categories", ["parent_id"], unique=False)
    op.create_table(
        "expense_accounts",
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_expense_accounts")),
    )
    op.create_table(
        "gateway_events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("provider_event_id", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("object_id", sa.String(length=255), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=80), nullable=True),
        sa.CheckConstraint(
            "(handled_at IS NULL) = (outcome IS NULL)",
            name=op.f("ck_gateway_events_handled_with_outcome"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gateway_events")),
        sa.UniqueConstraint("provider_event_id", name=op.f("uq_gateway_events_provider_event_id")),
    )
    op.create_index(
        op.f("ix_gateway_events_handled_at_id"),
        "gateway_events",
        ["handled_at", "id"],
        unique=False,
    )
    op.create_table(
        "gateway_payments",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "open",
                "settled",
                "expired",
                "failed",
                "superseded",
                name="gatewaypaymentstatus",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("idempotency_key", sa.String(length=80), nullable=False),
        sa.Column("provider_session_id", sa.String(length=255), nullable=True),
        sa.Column("redirect_url", sa.String(length=2000), nullable=True),
        sa.Column("payment_intent_id", sa.String(length=255), nullable=True),
        sa.Column(
            "charge_method",
            sa.Enum(
                "card",
                "qris",
                name="chargemethod",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column("refunded_amount", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("noted", sa.String(length=500), nullable=True),
        sa.CheckConstraint(
            "(status = 'settled') = (settled_at IS NOT NULL)",
            name=op.f("ck_gateway_payments_settled_with_its_time"),
        ),
        sa.CheckConstraint(
            "refunded_amount = 0 OR status = 'settled'",
            name=op.f("ck_gateway_payments_refunded_once_settled"),
        ),
        sa.CheckConstraint(
            "status <> 'open' OR provider_session_id IS NOT NULL",
            name=op.f("ck_gateway_payments_open_with_its_session"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_gateway_payments_amount_positive")),
        sa.CheckConstraint("attempt >= 1", name=op.f("ck_gateway_payments_attempt_counts_from_1")),
        sa.CheckConstraint(
            "refunded_amount >= 0 AND refunded_amount <= amount",
            name=op.f("ck_gateway_payments_refunded_within_amount"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gateway_payments")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_gateway_payments_idempotency_key")),
        sa.UniqueConstraint(
            "payment_intent_id", name=op.f("uq_gateway_payments_payment_intent_id")
        ),
        sa.UniqueConstraint(
            "provider_session_id", name=op.f("uq_gateway_payments_provider_session_id")
        ),
        sa.UniqueConstraint(
            "reference", "attempt", name=op.f("uq_gateway_payments_reference_attempt")
        ),
    )
    op.create_index(
        op.f("ix_gateway_payments_status_expires_at_id"),
        "gateway_payments",
        ["status", "expires_at", "id"],
        unique=False,
    )
    op.create_table(
        "holidays",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_holidays")),
    )
    op.create_table(
        "login_failures",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("login_digest", sa.String(length=64), nullable=False),
        sa.Column("block_digest", sa.String(length=64), nullable=False),
        sa.Column("address_digest", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_failures")),
    )
    op.create_index(
        op.f("ix_login_failures_address_digest_at"),
        "login_failures",
        ["address_digest", "at"],
        unique=False,
    )
    op.create_index(op.f("ix_login_failures_at"), "login_failures", ["at"], unique=False)
    op.create_index(
        op.f("ix_login_failures_login_digest_at"),
        "login_failures",
        ["login_digest", "at"],
        unique=False,
    )
    op.create_table(
        "number_series",
        sa.Column("issuer", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "last_number >= 0", name=op.f("ck_number_series_last_number_not_negative")
        ),
        sa.PrimaryKeyConstraint("issuer", "kind", "year", name=op.f("pk_number_series")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("topic", sa.String(length=60), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(length=500), nullable=True),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_outbox_attempts_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_index(
        op.f("ix_outbox_handled_at_due_at_id"),
        "outbox",
        ["handled_at", "due_at", "id"],
        unique=False,
    )
    op.create_table(
        "participation_months",
        sa.Column("agency_code", sa.String(length=20), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("is_withheld", sa.Boolean(), nullable=False),
        sa.Column("buyers", sa.Integer(), nullable=True),
        sa.Column("realised_amount", sa.BigInteger(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "is_withheld = (buyers IS NULL) AND is_withheld = (realised_amount IS NULL)",
            name=op.f("ck_participation_months_withheld_shows_nothing"),
        ),
        sa.PrimaryKeyConstraint("agency_code", "month", name=op.f("pk_participation_months")),
    )
    op.create_table(
        "people",
        sa.Column("person_id", sa.String(length=16), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("session_epoch", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_people")),
    )
    op.create_table(
        "pickup_points",
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_pickup_points")),
        sa.UniqueConstraint("name", name=op.f("uq_pickup_points_name")),
    )
    op.create_table(
        "quota_accounts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("agency_code", sa.String(length=20), nullable=False),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
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
        sa.Column("committed_amount", sa.BigInteger(), nullable=False),
        sa.Column("realised_amount", sa.BigInteger(), nullable=False),
        sa.Column("entry_count", sa.Integer(), nullable=False),
        sa.Column("last_seal", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "committed_amount >= 0", name=op.f("ck_quota_accounts_committed_not_negative")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quota_accounts")),
        sa.UniqueConstraint(
            "agency_code",
            "fiscal_year",
            "fund",
            "seller_class",
            name=op.f("uq_quota_accounts_agency_code_fiscal_year_fund_seller_class"),
        ),
    )
    op.create_table(
        "quota_marks",
        sa.Column(
            "name",
            sa.Enum(
                "log_size",
                "first_open_month",
                name="markname",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_quota_marks")),
    )
    op.create_table(
        "quota_rules",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("target_permille", sa.Integer(), nullable=False),
        sa.Column("seller_classes", sa.String(length=60), nullable=False),
        sa.Column("seller_monthly_cap_amount", sa.BigInteger(), nullable=False),
        sa.Column("adopted_by", sa.String(length=16), nullable=False),
        sa.Column("adopted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "seller_monthly_cap_amount >= 0", name=op.f("ck_quota_rules_cap_not_negative")
        ),
        sa.CheckConstraint(
            "target_permille BETWEEN 0 AND 1000", name=op.f("ck_quota_rules_target_in_bounds")
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_quota_rules_version_counts_from_one")),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_quota_rules")),
        sa.UniqueConstraint("effective_on", name=op.f("uq_quota_rules_effective_on")),
    )
    op.create_table(
        "search_words",
        sa.Column("word", sa.String(length=40), nullable=False),
        sa.Column("stem", sa.String(length=40), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_search_words")),
    )
    op.create_index(
        op.f("ix_search_words_length_word"), "search_words", ["length", "word"], unique=False
    )
    op.create_index(op.f("ix_search_words_stem"), "search_words", ["stem"], unique=False)
    op.create_table(
        "sellers",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("owner_name", sa.String(length=120), nullable=False),
        sa.Column("nib", sa.String(length=13), nullable=False),
        sa.Column("npwp", sa.String(length=16), nullable=False),
        sa.Column(
            "claimed_class",
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
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("district", sa.String(length=60), nullable=False),
        sa.Column("address", sa.String(length=400), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "applied",
                "active",
                "suspended",
                "refused",
                name="sellerstate",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("state_reason", sa.String(length=400), nullable=False),
        sa.Column("is_pkp", sa.Boolean(), nullable=False),
        sa.Column("is_practice", sa.Boolean(), nullable=False),
        sa.Column("office_delivery_amount", sa.BigInteger(), nullable=False),
        sa.Column("home_delivery_amount", sa.BigInteger(), nullable=False),
        sa.Column("free_delivery_from_amount", sa.BigInteger(), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_order_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("slug <> 'apply'", name=op.f("ck_sellers_slug_apply_is_reserved")),
        sa.CheckConstraint(
            "home_delivery_amount >= 0", name=op.f("ck_sellers_home_delivery_not_negative")
        ),
        sa.CheckConstraint(
            "office_delivery_amount >= 0", name=op.f("ck_sellers_office_delivery_not_negative")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sellers")),
        sa.UniqueConstraint("nib", name=op.f("uq_sellers_nib")),
        sa.UniqueConstraint("slug", name=op.f("uq_sellers_slug")),
    )
    op.create_index(op.f("ix_sellers_district"), "sellers", ["district"], unique=False)
    op.create_index(op.f("ix_sellers_state_id"), "sellers", ["state", "id"], unique=False)
    op.create_table(
        "addresses",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.String(length=16), nullable=False),
        sa.Column("text", sa.String(length=400), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.person_id"], name=op.f("fk_addresses_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addresses")),
    )
    op.create_index(op.f("ix_addresses_person_id"), "addresses", ["person_id"], unique=False)
    op.create_table(
        "budget_revisions",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "agency_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("document_number", sa.String(length=80), nullable=False),
        sa.Column("total_amount", sa.BigInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "confirmed",
                "refused",
                name="revisionstate",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("proposed_by", sa.String(length=16), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.String(length=16), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "confirmed_by IS NULL OR confirmed_by <> proposed_by",
            name=op.f("ck_budget_revisions_confirmed_by_a_second_person"),
        ),
        sa.CheckConstraint(
            "revision >= 1", name=op.f("ck_budget_revisions_revision_counts_from_one")
        ),
        sa.CheckConstraint(
            "total_amount BETWEEN 0 AND 1000000000000000",
            name=op.f("ck_budget_revisions_total_in_bounds"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.id"], name=op.f("fk_budget_revisions_agency_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_revisions")),
        sa.UniqueConstraint(
            "agency_id",
            "fiscal_year",
            "revision",
            name=op.f("uq_budget_revisions_agency_id_fiscal_year_revision"),
        ),
    )
    op.create_index(op.f("ix_budget_revisions_state"), "budget_revisions", ["state"], unique=False)
    op.create_table(
        "budget_years",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "agency_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("fiscal_year", sa.Integer(), nullable=False),
        sa.Column("ceiling_amount", sa.BigInteger(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("committed_amount", sa.BigInteger(), nullable=False),
        sa.Column("spent_amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "committed_amount >= 0", name=op.f("ck_budget_years_committed_not_negative")
        ),
        sa.CheckConstraint("spent_amount >= 0", name=op.f("ck_budget_years_spent_not_negative")),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.id"], name=op.f("fk_budget_years_agency_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_years")),
        sa.UniqueConstraint(
            "agency_id", "fiscal_year", name=op.f("uq_budget_years_agency_id_fiscal_year")
        ),
    )
    op.create_table(
        "carts",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.String(length=16), nullable=True),
        sa.Column("guest_digest", sa.String(length=64), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(person_id IS NULL) <> (guest_digest IS NULL)",
            name=op.f("ck_carts_of_a_person_or_a_guest"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.person_id"], name=op.f("fk_carts_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_carts")),
        sa.UniqueConstraint("guest_digest", name=op.f("uq_carts_guest_digest")),
        sa.UniqueConstraint("person_id", name=op.f("uq_carts_person_id")),
    )
    op.create_index(op.f("ix_carts_changed_at"), "carts", ["changed_at"], unique=False)
    op.create_table(
        "city_roles",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.String(length=16), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "buyer",
                "approver",
                "treasurer",
                "procurement",
                "agency_admin",
                "seller",
                "cashier",
                "city_admin",
                "auditor",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("proposed_by", sa.String(length=16), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.String(length=16), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "confirmed_by IS NULL OR confirmed_by <> proposed_by OR proposed_by = 'operator'",
            name=op.f("ck_city_roles_confirmed_by_a_second_person"),
        ),
        sa.CheckConstraint(
            "role IN ('city_admin', 'auditor')", name=op.f("ck_city_roles_role_over_the_city")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.person_id"], name=op.f("fk_city_roles_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_city_roles")),
    )
    op.create_index(op.f("ix_city_roles_person_id"), "city_roles", ["person_id"], unique=False)
    op.create_index(
        "uq_city_roles_confirmed_by_operator",
        "city_roles",
        ["confirmed_by"],
        unique=True,
        sqlite_where=sa.text("confirmed_by = 'operator' AND ended_at IS NULL"),
        postgresql_where=sa.text("confirmed_by = 'operator' AND ended_at IS NULL"),
    )
    op.create_index(
        "uq_city_roles_open",
        "city_roles",
        ["person_id", "role"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "class_verifications",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
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
        sa.Column("evidence", sa.String(length=200), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("verified_by", sa.String(length=16), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "valid_to >= valid_from", name=op.f("ck_class_verifications_ends_after_it_begins")
        ),
        sa.ForeignKeyConstraint(
            ["seller_id"], ["sellers.id"], name=op.f("fk_class_verifications_seller_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_class_verifications")),
    )
    op.create_index(
        op.f("ix_class_verifications_seller_id_valid_from"),
        "class_verifications",
        ["seller_id", "valid_from"],
        unique=False,
    )
    op.create_table(
        "credentials",
        sa.Column("person_id", sa.String(length=16), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.person_id"], name=op.f("fk_credentials_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_credentials")),
    )
    op.create_table(
        "gateway_refunds",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "payment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "origin",
            sa.Enum(
                "store",
                "gateway",
                "dispute",
                name="refundorigin",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("cause", sa.String(length=80), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "succeeded",
                "failed",
                name="refundstatus",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("idempotency_key", sa.String(length=80), nullable=False),
        sa.Column("provider_refund_id", sa.String(length=70), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("allocated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("allocated_by", sa.String(length=16), nullable=True),
        sa.CheckConstraint(
            "(status = 'pending') = (settled_at IS NULL)",
            name=op.f("ck_gateway_refunds_decided_with_its_time"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_gateway_refunds_amount_positive")),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["gateway_payments.id"], name=op.f("fk_gateway_refunds_payment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gateway_refunds")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_gateway_refunds_idempotency_key")),
        sa.UniqueConstraint(
            "provider_refund_id", name=op.f("uq_gateway_refunds_provider_refund_id")
        ),
        sa.UniqueConstraint("reference", "cause", name=op.f("uq_gateway_refunds_reference_cause")),
    )
    op.create_index(
        op.f("ix_gateway_refunds_allocated_at_id"),
        "gateway_refunds",
        ["allocated_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_gateway_refunds_payment_id"), "gateway_refunds", ["payment_id"], unique=False
    )
    op.create_index(
        op.f("ix_gateway_refunds_status_id"), "gateway_refunds", ["status", "id"], unique=False
    )
    op.create_table(
        "known_devices",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.String(length=16), nullable=False),
        sa.Column("device_digest", sa.String(length=64), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.person_id"], name=op.f("fk_known_devices_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_devices")),
        sa.UniqueConstraint(
            "person_id", "device_digest", name=op.f("uq_known_devices_person_id_device_digest")
        ),
    )
    op.create_table(
        "ledger_entries",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("account_seq", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "commit",
                "release",
                "realise",
                "reverse",
                "carry",
                "move",
                "adjust",
                name="entrykind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("committed_change", sa.BigInteger(), nullable=False),
        sa.Column("realised_change", sa.BigInteger(), nullable=False),
        sa.Column("committed_after", sa.BigInteger(), nullable=False),
        sa.Column("realised_after", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("cause", sa.String(length=80), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("period", sa.String(length=7), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("snapshot_sha256", sa.String(length=64), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.CheckConstraint(
            "CASE kind WHEN 'commit' THEN committed_change > 0 AND realised_change = 0 WHEN 'release' THEN committed_change < 0 AND realised_change = 0 WHEN 'carry' THEN committed_change <> 0 AND realised_change = 0 WHEN 'realise' THEN realised_change > 0 WHEN 'reverse' THEN realised_change < 0 ELSE committed_change <> 0 OR realised_change <> 0 END",
            name=op.f("ck_ledger_entries_changes_signed_by_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["quota_accounts.id"], name=op.f("fk_ledger_entries_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entries")),
        sa.UniqueConstraint(
            "account_id", "account_seq", name=op.f("uq_ledger_entries_account_id_account_seq")
        ),
        sa.UniqueConstraint(
            "reference",
            "cause",
            "account_id",
            name=op.f("uq_ledger_entries_reference_cause_account_id"),
        ),
    )
    op.create_index(
        op.f("ix_ledger_entries_period_account_id"),
        "ledger_entries",
        ["period", "account_id"],
        unique=False,
    )
    op.create_table(
        "mails",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "outbox_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("person_id", sa.String(length=16), nullable=True),
        sa.Column("to_address", sa.String(length=254), nullable=False),
        sa.Column("template", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(length=500), nullable=True),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_mails_attempts_not_negative")),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_mails_outbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
        sa.UniqueConstraint("outbox_id", "to_address", name=op.f("uq_mails_outbox_id_to_address")),
    )
    op.create_index(op.f("ix_mails_person_id"), "mails", ["person_id"], unique=False)
    op.create_index(
        op.f("ix_mails_sent_at_due_at_id"), "mails", ["sent_at", "due_at", "id"], unique=False
    )
    op.create_table(
        "one_time_codes",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.String(length=16), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "activate",
                "reset",
                name="codepurpose",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("sent_to", sa.String(length=254), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_one_time_codes_tries_not_negative")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.person_id"], name=op.f("fk_one_time_codes_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_codes")),
    )
    op.create_index(
        op.f("ix_one_time_codes_person_id"), "one_time_codes", ["person_id"], unique=False
    )
    op.create_table(
        "person_details",
        sa.Column("person_id", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.person_id"], name=op.f("fk_person_details_person_id")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_person_details")),
        sa.UniqueConstraint("email", name=op.f("uq_person_details_email")),
    )
    op.create_table(
        "person_numbers",
        sa.Column("nip", sa.String(length=18), nullable=False),
        sa.Column("person_id", sa.String(length=16), nullable=False),
        sa.Column(
            "employment",
            sa.Enum(
                "pns",
                "pppk",
                name="employment",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("since", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.person_id"], name=op.f("fk_person_numbers_person_id")
        ),
        sa.PrimaryKeyConstraint("nip", name=op.f("pk_person_numbers")),
    )
    op.create_index(
        op.f("ix_person_numbers_person_id"), "person_numbers", ["person_id"], unique=False
    )
    op.create_table(
        "placements",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.String(length=16), nullable=False),
        sa.Column(
            "agency_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("nip", sa.String(length=18), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "definitive",
                "acting",
                name="placementkind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("position", sa.String(length=160), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("recorded_by", sa.String(length=16), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to >= valid_from",
            name=op.f("ck_placements_ends_after_it_begins"),
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.id"], name=op.f("fk_placements_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.person_id"], name=op.f("fk_placements_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placements")),
    )
    op.create_index(
        op.f("ix_placements_agency_id_valid_from"),
        "placements",
        ["agency_id", "valid_from"],
        unique=False,
    )
    op.create_index(
        op.f("ix_placements_person_id_valid_from"),
        "placements",
        ["person_id", "valid_from"],
        unique=False,
    )
    op.create_table(
        "products",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "category_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("slug", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("is_halal", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "live",
                "taken_down",
                name="productstate",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("is_visible", sa.Boolean(), nullable=False),
        sa.Column("from_amount", sa.BigInteger(), nullable=False),
        sa.Column("to_amount", sa.BigInteger(), nullable=False),
        sa.Column("was_amount", sa.BigInteger(), nullable=True),
        sa.Column("has_stock", sa.Boolean(), nullable=False),
        sa.Column("is_scheduled", sa.Boolean(), nullable=False),
        sa.Column("picture_key", sa.String(length=64), nullable=True),
        sa.Column("sold_count", sa.Integer(), nullable=False),
        sa.Column("search_name", sa.Text(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("listed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("sold_count >= 0", name=op.f("ck_products_sold_count_not_negative")),
        sa.CheckConstraint("to_amount >= from_amount", name=op.f("ck_products_amounts_in_order")),
        sa.ForeignKeyConstraint(
            ["category_id"], ["categories.id"], name=op.f("fk_products_category_id")
        ),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_products_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_products")),
        sa.UniqueConstraint("slug", name=op.f("uq_products_slug")),
    )
    op.create_index(op.f("ix_products_category_id"), "products", ["category_id"], unique=False)
    op.create_index(
        op.f("ix_products_is_visible_category_id_listed_at_id"),
        "products",
        ["is_visible", "category_id", "listed_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_products_is_visible_from_amount_id"),
        "products",
        ["is_visible", "from_amount", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_products_is_visible_listed_at_id_has_stock"),
        "products",
        ["is_visible", "listed_at", "id", "has_stock"],
        unique=False,
    )
    op.create_index(
        op.f("ix_products_is_visible_seller_id_listed_at_id"),
        "products",
        ["is_visible", "seller_id", "listed_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_products_is_visible_sold_count_id"),
        "products",
        ["is_visible", "sold_count", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_products_seller_id_state_id"),
        "products",
        ["seller_id", "state", "id"],
        unique=False,
    )
    op.create_table(
        "seller_months",
        sa.Column(
            "seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("committed_amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "committed_amount >= 0", name=op.f("ck_seller_months_committed_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["seller_id"], ["sellers.id"], name=op.f("fk_seller_months_seller_id")
        ),
        sa.PrimaryKeyConstraint("seller_id", "month", name=op.f("pk_seller_months")),
    )
    op.create_table(
        "shop_staff",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("person_id", sa.String(length=16), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.person_id"], name=op.f("fk_shop_staff_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["seller_id"], ["sellers.id"], name=op.f("fk_shop_staff_seller_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shop_staff")),
        sa.UniqueConstraint(
            "seller_id", "person_id", name=op.f("uq_shop_staff_seller_id_person_id")
        ),
    )
    op.create_index(op.f("ix_shop_staff_person_id"), "shop_staff", ["person_id"], unique=False)
    op.create_table(
        "sign_in_sessions",
        sa.Column("key_digest", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=16), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("device", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.person_id"], name=op.f("fk_sign_in_sessions_person_id")
        ),
        sa.PrimaryKeyConstraint("key_digest", name=op.f("pk_sign_in_sessions")),
    )
    op.create_index(
        op.f("ix_sign_in_sessions_person_id"), "sign_in_sessions", ["person_id"], unique=False
    )
    op.create_table(
        "budget_lines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "budget_year_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("activity_code", sa.String(length=40), nullable=False),
        sa.Column("activity_name", sa.String(length=200), nullable=False),
        sa.Column("expense_account", sa.String(length=30), nullable=False),
        sa.Column("ceiling_amount", sa.BigInteger(), nullable=False),
        sa.Column("committed_amount", sa.BigInteger(), nullable=False),
        sa.Column("spent_amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "committed_amount >= 0", name=op.f("ck_budget_lines_committed_not_negative")
        ),
        sa.CheckConstraint("spent_amount >= 0", name=op.f("ck_budget_lines_spent_not_negative")),
        sa.ForeignKeyConstraint(
            ["budget_year_id"], ["budget_years.id"], name=op.f("fk_budget_lines_budget_year_id")
        ),
        sa.ForeignKeyConstraint(
            ["expense_account"],
            ["expense_accounts.code"],
            name=op.f("fk_budget_lines_expense_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_lines")),
        sa.UniqueConstraint(
            "budget_year_id",
            "activity_code",
            "expense_account",
            name=op.f("uq_budget_lines_budget_year_id_activity_code_expense_account"),
        ),
    )
    op.create_index(
        op.f("ix_budget_lines_expense_account"), "budget_lines", ["expense_account"], unique=False
    )
    op.create_table(
        "budget_revision_lines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "revision_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("activity_code", sa.String(length=40), nullable=False),
        sa.Column("activity_name", sa.String(length=200), nullable=False),
        sa.Column("expense_account", sa.String(length=30), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "amount BETWEEN 0 AND 1000000000000000",
            name=op.f("ck_budget_revision_lines_amount_in_bounds"),
        ),
        sa.ForeignKeyConstraint(
            ["expense_account"],
            ["expense_accounts.code"],
            name=op.f("fk_budget_revision_lines_expense_account"),
        ),
        sa.ForeignKeyConstraint(
            ["revision_id"],
            ["budget_revisions.id"],
            name=op.f("fk_budget_revision_lines_revision_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_budget_revision_lines")),
        sa.UniqueConstraint(
            "revision_id",
            "activity_code",
            "expense_account",
            name=op.f("uq_budget_revision_lines_revision_id_activity_code_expense_account"),
        ),
    )
    op.create_index(
        op.f("ix_budget_revision_lines_expense_account"),
        "budget_revision_lines",
        ["expense_account"],
        unique=False,
    )
    op.create_table(
        "gateway_refund_allocations",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "refund_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "amount > 0", name=op.f("ck_gateway_refund_allocations_amount_positive")
        ),
        sa.ForeignKeyConstraint(
            ["refund_id"],
            ["gateway_refunds.id"],
            name=op.f("fk_gateway_refund_allocations_refund_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gateway_refund_allocations")),
        sa.UniqueConstraint(
            "refund_id", "reference", name=op.f("uq_gateway_refund_allocations_refund_id_reference")
        ),
    )
    op.create_index(
        op.f("ix_gateway_refund_allocations_reference"),
        "gateway_refund_allocations",
        ["reference"],
        unique=False,
    )
    op.create_table(
        "ledger_log",
        sa.Column(
            "position",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["ledger_entries.id"], name=op.f("fk_ledger_log_entry_id")
        ),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_ledger_log")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_ledger_log_entry_id")),
    )
    op.create_table(
        "ledger_queue",
        sa.Column("entry_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["ledger_entries.id"], name=op.f("fk_ledger_queue_entry_id")
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_ledger_queue")),
    )
    op.create_table(
        "pictures",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("alt", sa.String(length=160), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_pictures_product_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pictures")),
    )
    op.create_index(
        op.f("ix_pictures_product_id_position"),
        "pictures",
        ["product_id", "position"],
        unique=False,
    )
    op.create_table(
        "placement_roles",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "placement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "role",
            sa.Enum(
                "buyer",
                "approver",
                "treasurer",
                "procurement",
                "agency_admin",
                "seller",
                "cashier",
                "city_admin",
                "auditor",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("proposed_by", sa.String(length=16), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.String(length=16), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "confirmed_by IS NULL OR role IN ('buyer', 'procurement') OR confirmed_by <> proposed_by",
            name=op.f("ck_placement_roles_confirmed_by_a_second_person"),
        ),
        sa.CheckConstraint(
            "role IN ('buyer', 'approver', 'treasurer', 'procurement', 'agency_admin')",
            name=op.f("ck_placement_roles_role_in_an_agency"),
        ),
        sa.ForeignKeyConstraint(
            ["placement_id"], ["placements.id"], name=op.f("fk_placement_roles_placement_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_placement_roles")),
    )
    op.create_index(
        op.f("ix_placement_roles_confirmed_at_ended_at"),
        "placement_roles",
        ["confirmed_at", "ended_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_placement_roles_placement_id"), "placement_roles", ["placement_id"], unique=False
    )
    op.create_index(
        "uq_placement_roles_open",
        "placement_roles",
        ["placement_id", "role"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "purchases",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("buyer_id", sa.String(length=16), nullable=False),
        sa.Column("cart_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cart_revision", sa.Integer(), nullable=False),
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
        sa.Column("total_amount", sa.BigInteger(), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("total_amount > 0", name=op.f("ck_purchases_total_positive")),
        sa.ForeignKeyConstraint(
            ["buyer_id"], ["people.person_id"], name=op.f("fk_purchases_buyer_id")
        ),
        sa.ForeignKeyConstraint(["cart_id"], ["carts.id"], name=op.f("fk_purchases_cart_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchases")),
        sa.UniqueConstraint(
            "cart_id", "cart_revision", "fund", name=op.f("uq_purchases_cart_id_cart_revision_fund")
        ),
        sa.UniqueConstraint("number", name=op.f("uq_purchases_number")),
    )
    op.create_index(op.f("ix_purchases_buyer_id_id"), "purchases", ["buyer_id", "id"], unique=False)
    op.create_table(
        "variants",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "product_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("sku", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("price_amount", sa.BigInteger(), nullable=False),
        sa.Column("was_amount", sa.BigInteger(), nullable=True),
        sa.Column(
            "stock_policy",
            sa.Enum(
                "counted",
                "on_order",
                name="stockpolicy",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("lead_days", sa.Integer(), nullable=False),
        sa.Column("daily_capacity", sa.Integer(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "daily_capacity IS NULL OR daily_capacity BETWEEN 1 AND 100000",
            name=op.f("ck_variants_daily_capacity_in_bounds"),
        ),
        sa.CheckConstraint(
            "lead_days BETWEEN 0 AND 90", name=op.f("ck_variants_lead_days_in_bounds")
        ),
        sa.CheckConstraint(
            "price_amount BETWEEN 1 AND 1000000000000", name=op.f("ck_variants_price_in_bounds")
        ),
        sa.CheckConstraint(
            "was_amount IS NULL OR was_amount > price_amount", name=op.f("ck_variants_was_dearer")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_variants_product_id")
        ),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_variants_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_variants")),
    )
    op.create_index(
        op.f("ix_variants_product_id_position"),
        "variants",
        ["product_id", "position"],
        unique=False,
    )
    op.create_index(
        op.f("ix_variants_seller_id_sku"), "variants", ["seller_id", "sku"], unique=True
    )
    op.create_table(
        "cart_items",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("cart_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "variant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("seen_amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "quantity BETWEEN 1 AND 9999", name=op.f("ck_cart_items_quantity_in_bounds")
        ),
        sa.ForeignKeyConstraint(["cart_id"], ["carts.id"], name=op.f("fk_cart_items_cart_id")),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name=op.f("fk_cart_items_variant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cart_items")),
        sa.UniqueConstraint("cart_id", "variant_id", name=op.f("uq_cart_items_cart_id_variant_id")),
    )
    op.create_index(op.f("ix_cart_items_variant_id"), "cart_items", ["variant_id"], unique=False)
    op.create_table(
        "day_capacity",
        sa.Column(
            "variant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.CheckConstraint("taken >= 0", name=op.f("ck_day_capacity_taken_not_negative")),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name=op.f("fk_day_capacity_variant_id")
        ),
        sa.PrimaryKeyConstraint("variant_id", "day", name=op.f("pk_day_capacity")),
    )
    op.create_table(
        "orders",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column(
            "purchase_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("position", sa.Integer(), nullable=False),
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
            "channel",
            sa.Enum(
                "online",
                "outlet",
                "external",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("outlet_code", sa.String(length=20), nullable=True),
        sa.Column("is_practice", sa.Boolean(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "submitted",
                "approved",
                "placed",
                "completed",
                "rejected",
                "declined",
                "cancelled",
                "expired",
                name="orderstatus",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "payment_status",
            sa.Enum(
                "unpaid",
                "pending",
                "paid",
                "partially_paid",
                "partially_refunded",
                "refunded",
                name="paymentstatus",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "fulfilment_status",
            sa.Enum(
                "waiting",
                "accepted",
                "partially_shipped",
                "shipped",
                "partially_received",
                "received",
                "returned",
                name="fulfilmentstatus",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "payment_method",
            sa.Enum(
                "card",
                "qris",
                "cash",
                "up_gu",
                "ls",
                "kkpd",
                name="paymentmethod",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column("buyer_id", sa.String(length=16), nullable=False),
        sa.Column(
            "placement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "agency_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("agency_code", sa.String(length=20), nullable=False),
        sa.Column("agency_name", sa.String(length=160), nullable=False),
        sa.Column("parent_agency_code", sa.String(length=20), nullable=True),
        sa.Column(
            "seller_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("seller_name", sa.String(length=120), nullable=False),
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
        sa.Column("seller_nib", sa.String(length=13), nullable=False),
        sa.Column("seller_npwp", sa.String(length=16), nullable=False),
        sa.Column("goods_amount", sa.BigInteger(), nullable=False),
        sa.Column("tax_amount", sa.BigInteger(), nullable=False),
        sa.Column("delivery_amount", sa.BigInteger(), nullable=False),
        sa.Column("total_amount", sa.BigInteger(), nullable=False),
        sa.Column("quota_amount", sa.BigInteger(), nullable=False),
        sa.Column("budget_amount", sa.BigInteger(), nullable=False),
        sa.Column("agreed_amount", sa.BigInteger(), nullable=False),
        sa.Column("accepted_amount", sa.BigInteger(), nullable=False),
        sa.Column("paid_amount", sa.BigInteger(), nullable=False),
        sa.Column("refunded_amount", sa.BigInteger(), nullable=False),
        sa.Column("withheld_amount", sa.BigInteger(), nullable=False),
        sa.Column("committed_amount", sa.BigInteger(), nullable=False),
        sa.Column("realised_amount", sa.BigInteger(), nullable=False),
        sa.Column("cap_amount", sa.BigInteger(), nullable=False),
        sa.Column("budget_committed_amount", sa.BigInteger(), nullable=False),
        sa.Column("budget_spent_amount", sa.BigInteger(), nullable=False),
        sa.Column("holds_stock", sa.Boolean(), nullable=False),
        sa.Column("purpose", sa.String(length=300), nullable=False),
        sa.Column("activity_code", sa.String(length=40), nullable=False),
        sa.Column("activity_name", sa.String(length=200), nullable=False),
        sa.Column("expense_account", sa.String(length=30), nullable=False),
        sa.Column(
            "budget_agency_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("budget_year", sa.Integer(), nullable=False),
        sa.Column(
            "budget_line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "approval_agency_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=True,
        ),
        sa.Column("decide_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.String(length=16), nullable=True),
        sa.Column("approved_by_name", sa.String(length=120), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cap_month", sa.String(length=7), nullable=True),
        sa.Column(
            "delivery",
            sa.Enum(
                "office",
                "home",
                "pickup",
                name="delivery",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("deliver_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("tracking", sa.String(length=200), nullable=False),
        sa.Column("placed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shipped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("receive_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bast_number", sa.String(length=60), nullable=True),
        sa.Column("snapshot_sha256", sa.String(length=64), nullable=False),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.Column("event_count", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "agreed_amount BETWEEN 0 AND quota_amount AND accepted_amount BETWEEN 0 AND quota_amount",
            name=op.f("ck_orders_not_more_than_ordered"),
        ),
        sa.CheckConstraint(
            "committed_amount >= 0 AND realised_amount >= 0 AND cap_amount >= 0 AND budget_committed_amount >= 0 AND budget_spent_amount >= 0",
            name=op.f("ck_orders_holds_not_negative"),
        ),
        sa.CheckConstraint(
            "goods_amount > 0 AND delivery_amount >= 0 AND tax_amount >= 0",
            name=op.f("ck_orders_amounts_in_bounds"),
        ),
        sa.CheckConstraint(
            "paid_amount BETWEEN 0 AND total_amount", name=op.f("ck_orders_not_more_than_owed")
        ),
        sa.CheckConstraint(
            "refunded_amount >= 0 AND withheld_amount >= 0",
            name=op.f("ck_orders_refunded_not_negative"),
        ),
        sa.CheckConstraint(
            "total_amount = goods_amount + delivery_amount", name=op.f("ck_orders_total_adds_up")
        ),
        sa.ForeignKeyConstraint(["agency_id"], ["agencies.id"], name=op.f("fk_orders_agency_id")),
        sa.ForeignKeyConstraint(
            ["approval_agency_id"], ["agencies.id"], name=op.f("fk_orders_approval_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["budget_agency_id"], ["agencies.id"], name=op.f("fk_orders_budget_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["budget_line_id"], ["budget_lines.id"], name=op.f("fk_orders_budget_line_id")
        ),
        sa.ForeignKeyConstraint(
            ["buyer_id"], ["people.person_id"], name=op.f("fk_orders_buyer_id")
        ),
        sa.ForeignKeyConstraint(
            ["placement_id"], ["placements.id"], name=op.f("fk_orders_placement_id")
        ),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchases.id"], name=op.f("fk_orders_purchase_id")
        ),
        sa.ForeignKeyConstraint(["seller_id"], ["sellers.id"], name=op.f("fk_orders_seller_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("bast_number", name=op.f("uq_orders_bast_number")),
        sa.UniqueConstraint("number", name=op.f("uq_orders_number")),
        sa.UniqueConstraint("purchase_id", "position", name=op.f("uq_orders_purchase_id_position")),
    )
    op.create_index(
        op.f("ix_orders_agency_id_fund_placed_at"),
        "orders",
        ["agency_id", "fund", "placed_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_orders_agency_id_fund_status_id"),
        "orders",
        ["agency_id", "fund", "status", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_orders_approval_agency_id_status_id"),
        "orders",
        ["approval_agency_id", "status", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_orders_budget_agency_id"), "orders", ["budget_agency_id"], unique=False
    )
    op.create_index(op.f("ix_orders_budget_line_id"), "orders", ["budget_line_id"], unique=False)
    op.create_index(op.f("ix_orders_buyer_id_id"), "orders", ["buyer_id", "id"], unique=False)
    op.create_index(
        op.f("ix_orders_fulfilment_status_receive_by"),
        "orders",
        ["fulfilment_status", "receive_by"],
        unique=False,
    )
    op.create_index(op.f("ix_orders_fund_placed_at"), "orders", ["fund", "placed_at"], unique=False)
    op.create_index(op.f("ix_orders_placement_id"), "orders", ["placement_id"], unique=False)
    op.create_index(op.f("ix_orders_seller_id_id"), "orders", ["seller_id", "id"], unique=False)
    op.create_index(
        op.f("ix_orders_seller_id_status_id"), "orders", ["seller_id", "status", "id"], unique=False
    )
    op.create_index(
        op.f("ix_orders_status_decide_by"), "orders", ["status", "decide_by"], unique=False
    )
    op.create_table(
        "stock",
        sa.Column(
            "variant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("place", sa.String(length=20), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint("quantity >= 0", name=op.f("ck_stock_quantity_not_negative")),
        sa.ForeignKeyConstraint(["variant_id"], ["variants.id"], name=op.f("fk_stock_variant_id")),
        sa.PrimaryKeyConstraint("variant_id", "place", name=op.f("pk_stock")),
    )
    op.create_table(
        "stock_movements",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "variant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("place", sa.String(length=20), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "counted",
                "taken",
                "returned",
                name="movementkind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("change", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("recorded_by", sa.String(length=16), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("change <> 0", name=op.f("ck_stock_movements_change_not_nothing")),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name=op.f("fk_stock_movements_variant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_movements")),
    )
    op.create_index(
        op.f("ix_stock_movements_reference"), "stock_movements", ["reference"], unique=False
    )
    op.create_index(
        op.f("ix_stock_movements_variant_id_place_id"),
        "stock_movements",
        ["variant_id", "place", "id"],
        unique=False,
    )
    op.create_table(
        "order_events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(length=30), nullable=False),
        sa.Column("person_id", sa.String(length=16), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "draft",
                "submitted",
                "approved",
                "placed",
                "completed",
                "rejected",
                "declined",
                "cancelled",
                "expired",
                name="orderstatus",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "payment_status",
            sa.Enum(
                "unpaid",
                "pending",
                "paid",
                "partially_paid",
                "partially_refunded",
                "refunded",
                name="paymentstatus",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "fulfilment_status",
            sa.Enum(
                "waiting",
                "accepted",
                "partially_shipped",
                "shipped",
                "partially_received",
                "received",
                "returned",
                name="fulfilmentstatus",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_events_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_events")),
        sa.UniqueConstraint("order_id", "seq", name=op.f("uq_order_events_order_id_seq")),
        sa.UniqueConstraint("position", name=op.f("uq_order_events_position")),
    )
    op.create_index(op.f("ix_order_events_person_id"), "order_events", ["person_id"], unique=False)
    op.create_table(
        "order_lines",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "variant_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("place", sa.String(length=20), nullable=False),
        sa.Column("is_counted", sa.Boolean(), nullable=False),
        sa.Column("sku", sa.String(length=40), nullable=False),
        sa.Column("product_name", sa.String(length=120), nullable=False),
        sa.Column("product_slug", sa.String(length=120), nullable=False),
        sa.Column("variant_name", sa.String(length=60), nullable=False),
        sa.Column("category_path", sa.String(length=240), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("picture_key", sa.String(length=64), nullable=True),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("unit_price_amount", sa.BigInteger(), nullable=False),
        sa.Column("line_amount", sa.BigInteger(), nullable=False),
        sa.Column("tax_amount", sa.BigInteger(), nullable=False),
        sa.Column("shipped_quantity", sa.Integer(), nullable=False),
        sa.Column("received_quantity", sa.Integer(), nullable=False),
        sa.Column("returned_quantity", sa.Integer(), nullable=False),
        sa.Column("cancelled_quantity", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "cancelled_quantity BETWEEN 0 AND quantity AND shipped_quantity BETWEEN 0 AND quantity - cancelled_quantity AND received_quantity BETWEEN 0 AND shipped_quantity AND returned_quantity BETWEEN 0 AND received_quantity",
            name=op.f("ck_order_lines_not_more_than_ordered"),
        ),
        sa.CheckConstraint(
            "line_amount = quantity * unit_price_amount", name=op.f("ck_order_lines_line_adds_up")
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_order_lines_quantity_positive")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_lines_order_id")),
        sa.ForeignKeyConstraint(
            ["variant_id"], ["variants.id"], name=op.f("fk_order_lines_variant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_lines")),
        sa.UniqueConstraint("order_id", "position", name=op.f("uq_order_lines_order_id_position")),
    )
    op.create_index(op.f("ix_order_lines_variant_id"), "order_lines", ["variant_id"], unique=False)
    op.create_table(
        "order_people",
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("buyer_nip", sa.String(length=18), nullable=False),
        sa.Column("buyer_name", sa.String(length=120), nullable=False),
        sa.Column("buyer_position", sa.String(length=160), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("address", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_people_order_id")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_order_people")),
    )
    op.create_table(
        "order_spending_elsewhere",
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "budget_year_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "budget_line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("spent_amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "spent_amount >= 0", name=op.f("ck_order_spending_elsewhere_spent_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["budget_line_id"],
            ["budget_lines.id"],
            name=op.f("fk_order_spending_elsewhere_budget_line_id"),
        ),
        sa.ForeignKeyConstraint(
            ["budget_year_id"],
            ["budget_years.id"],
            name=op.f("fk_order_spending_elsewhere_budget_year_id"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_order_spending_elsewhere_order_id")
        ),
        sa.PrimaryKeyConstraint(
            "order_id", "budget_year_id", name=op.f("pk_order_spending_elsewhere")
        ),
    )
    op.create_index(
        op.f("ix_order_spending_elsewhere_budget_line_id"),
        "order_spending_elsewhere",
        ["budget_line_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_order_spending_elsewhere_budget_year_id"),
        "order_spending_elsewhere",
        ["budget_year_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_index(
        op.f("ix_order_spending_elsewhere_budget_year_id"), table_name="order_spending_elsewhere"
    )
    op.drop_index(
        op.f("ix_order_spending_elsewhere_budget_line_id"), table_name="order_spending_elsewhere"
    )
    op.drop_table("order_spending_elsewhere")
    op.drop_table("order_people")
    op.drop_index(op.f("ix_order_lines_variant_id"), table_name="order_lines")
    op.drop_table("order_lines")
    op.drop_index(op.f("ix_order_events_person_id"), table_name="order_events")
    op.drop_table("order_events")
    op.drop_index(op.f("ix_stock_movements_variant_id_place_id"), table_name="stock_movements")
    op.drop_index(op.f("ix_stock_movements_reference"), table_name="stock_movements")
    op.drop_table("stock_movements")
    op.drop_table("stock")
    op.drop_index(op.f("ix_orders_status_decide_by"), table_name="orders")
    op.drop_index(op.f("ix_orders_seller_id_status_id"), table_name="orders")
    op.drop_index(op.f("ix_orders_seller_id_id"), table_name="orders")
    op.drop_index(op.f("ix_orders_placement_id"), table_name="orders")
    op.drop_index(op.f("ix_orders_fund_placed_at"), table_name="orders")
    op.drop_index(op.f("ix_orders_fulfilment_status_receive_by"), table_name="orders")
    op.drop_index(op.f("ix_orders_buyer_id_id"), table_name="orders")
    op.drop_index(op.f("ix_orders_budget_line_id"), table_name="orders")
    op.drop_index(op.f("ix_orders_budget_agency_id"), table_name="orders")
    op.drop_index(op.f("ix_orders_approval_agency_id_status_id"), table_name="orders")
    op.drop_index(op.f("ix_orders_agency_id_fund_status_id"), table_name="orders")
    op.drop_index(op.f("ix_orders_agency_id_fund_placed_at"), table_name="orders")
    op.drop_table("orders")
    op.drop_table("day_capacity")
    op.drop_index(op.f("ix_cart_items_variant_id"), table_name="cart_items")
    op.drop_table("cart_items")
    op.drop_index(op.f("ix_variants_seller_id_sku"), table_name="variants")
    op.drop_index(op.f("ix_variants_product_id_position"), table_name="variants")
    op.drop_table("variants")
    op.drop_index(op.f("ix_purchases_buyer_id_id"), table_name="purchases")
    op.drop_table("purchases")
    op.drop_index(
        "uq_placement_roles_open",
        table_name="placement_roles",
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_index(op.f("ix_placement_roles_placement_id"), table_name="placement_roles")
    op.drop_index(op.f("ix_placement_roles_confirmed_at_ended_at"), table_name="placement_roles")
    op.drop_table("placement_roles")
    op.drop_index(op.f("ix_pictures_product_id_position"), table_name="pictures")
    op.drop_table("pictures")
    op.drop_table("ledger_queue")
    op.drop_table("ledger_log")
    op.drop_index(
        op.f("ix_gateway_refund_allocations_reference"), table_name="gateway_refund_allocations"
    )
    op.drop_table("gateway_refund_allocations")
    op.drop_index(
        op.f("ix_budget_revision_lines_expense_account"), table_name="budget_revision_lines"
    )
    op.drop_table("budget_revision_lines")
    op.drop_index(op.f("ix_budget_lines_expense_account"), table_name="budget_lines")
    op.drop_table("budget_lines")
    op.drop_index(op.f("ix_sign_in_sessions_person_id"), table_name="sign_in_sessions")
    op.drop_table("sign_in_sessions")
    op.drop_index(op.f("ix_shop_staff_person_id"), table_name="shop_staff")
    op.drop_table("shop_staff")
    op.drop_table("seller_months")
    op.drop_index(op.f("ix_products_seller_id_state_id"), table_name="products")
    op.drop_index(op.f("ix_products_is_visible_sold_count_id"), table_name="products")
    op.drop_index(op.f("ix_products_is_visible_seller_id_listed_at_id"), table_name="products")
    op.drop_index(op.f("ix_products_is_visible_listed_at_id_has_stock"), table_name="products")
    op.drop_index(op.f("ix_products_is_visible_from_amount_id"), table_name="products")
    op.drop_index(op.f("ix_products_is_visible_category_id_listed_at_id"), table_name="products")
    op.drop_index(op.f("ix_products_category_id"), table_name="products")
    op.drop_table("products")
    op.drop_index(op.f("ix_placements_person_id_valid_from"), table_name="placements")
    op.drop_index(op.f("ix_placements_agency_id_valid_from"), table_name="placements")
    op.drop_table("placements")
    op.drop_index(op.f("ix_person_numbers_person_id"), table_name="person_numbers")
    op.drop_table("person_numbers")
    op.drop_table("person_details")
    op.drop_index(op.f("ix_one_time_codes_person_id"), table_name="one_time_codes")
    op.drop_table("one_time_codes")
    op.drop_index(op.f("ix_mails_sent_at_due_at_id"), table_name="mails")
    op.drop_index(op.f("ix_mails_person_id"), table_name="mails")
    op.drop_table("mails")
    op.drop_index(op.f("ix_ledger_entries_period_account_id"), table_name="ledger_entries")
    op.drop_table("ledger_entries")
    op.drop_table("known_devices")
    op.drop_index(op.f("ix_gateway_refunds_status_id"), table_name="gateway_refunds")
    op.drop_index(op.f("ix_gateway_refunds_payment_id"), table_name="gateway_refunds")
    op.drop_index(op.f("ix_gateway_refunds_allocated_at_id"), table_name="gateway_refunds")
    op.drop_table("gateway_refunds")
    op.drop_table("credentials")
    op.drop_index(
        op.f("ix_class_verifications_seller_id_valid_from"), table_name="class_verifications"
    )
    op.drop_table("class_verifications")
    op.drop_index(
        "uq_city_roles_open",
        table_name="city_roles",
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_index(
        "uq_city_roles_confirmed_by_operator",
        table_name="city_roles",
        sqlite_where=sa.text("confirmed_by = 'operator' AND ended_at IS NULL"),
        postgresql_where=sa.text("confirmed_by = 'operator' AND ended_at IS NULL"),
    )
    op.drop_index(op.f("ix_city_roles_person_id"), table_name="city_roles")
    op.drop_table("city_roles")
    op.drop_index(op.f("ix_carts_changed_at"), table_name="carts")
    op.drop_table("carts")
    op.drop_table("budget_years")
    op.drop_index(op.f("ix_budget_revisions_state"), table_name="budget_revisions")
    op.drop_table("budget_revisions")
    op.drop_index(op.f("ix_addresses_person_id"), table_name="addresses")
    op.drop_table("addresses")
    op.drop_index(op.f("ix_sellers_state_id"), table_name="sellers")
    op.drop_index(op.f("ix_sellers_district"), table_name="sellers")
    op.drop_table("sellers")
    op.drop_index(op.f("ix_search_words_stem"), table_name="search_words")
    op.drop_index(op.f("ix_search_words_length_word"), table_name="search_words")
    op.drop_table("search_words")
    op.drop_table("quota_rules")
    op.drop_table("quota_marks")
    op.drop_table("quota_accounts")
    op.drop_table("pickup_points")
    op.drop_table("people")
    op.drop_table("participation_months")
    op.drop_index(op.f("ix_outbox_handled_at_due_at_id"), table_name="outbox")
    op.drop_table("outbox")
    op.drop_table("number_series")
    op.drop_index(op.f("ix_login_failures_login_digest_at"), table_name="login_failures")
    op.drop_index(op.f("ix_login_failures_at"), table_name="login_failures")
    op.drop_index(op.f("ix_login_failures_address_digest_at"), table_name="login_failures")
    op.drop_table("login_failures")
    op.drop_table("holidays")
    op.drop_index(op.f("ix_gateway_payments_status_expires_at_id"), table_name="gateway_payments")
    op.drop_table("gateway_payments")
    op.drop_index(op.f("ix_gateway_events_handled_at_id"), table_name="gateway_events")
    op.drop_table("gateway_events")
    op.drop_table("expense_accounts")
    op.drop_index(op.f("ix_categories_parent_id"), table_name="categories")
    op.drop_table("categories")
    op.drop_index(op.f("ix_audit_log_subject_id"), table_name="audit_log")
    op.drop_index(op.f("ix_audit_log_person_id"), table_name="audit_log")
    op.drop_index(op.f("ix_audit_log_act_id"), table_name="audit_log")
    op.drop_table("audit_log")
    op.drop_table("agency_payments")
    op.drop_index(op.f("ix_agencies_parent_id"), table_name="agencies")
    op.drop_table("agencies")
