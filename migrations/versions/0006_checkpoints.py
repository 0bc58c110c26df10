"""Checkpoints of the log that others keep.

The audit log gets positions like the ledger's log: what it holds already waits for them in the
queue.
"""

import sqlalchemy as sa
from alembic import op

from storefront.core.append_only import definitions

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
APPEND_ONLY = ("audit_log_lines", "checkpoints", "ledger_keys", "tree_tiles")


def upgrade() -> None:
    op.create_table(
        "audit_queue",
        sa.Column("entry_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["audit_log.id"], name=op.f("fk_audit_queue_entry_id")
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_audit_queue")),
    )
    op.create_table(
        "audit_log_lines",
        sa.Column("position", BIG, autoincrement=False, nullable=False),
        sa.Column("entry_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["audit_log.id"], name=op.f("fk_audit_log_lines_entry_id")
        ),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_audit_log_lines")),
        sa.UniqueConstraint("entry_id", name=op.f("uq_audit_log_lines_entry_id")),
    )
    op.create_table(
        "audit_log_size",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_log_size_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log_size")),
    )
    op.create_table(
        "tree_tiles",
        sa.Column("tree", sa.String(20), nullable=False),
        sa.Column("number", BIG, autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint("number >= 0", name=op.f("ck_tree_tiles_number_not_negative")),
        sa.PrimaryKeyConstraint("tree", "number", name=op.f("pk_tree_tiles")),
    )
    op.create_table(
        "ledger_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("public_key", sa.String(64), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_keys")),
        sa.UniqueConstraint("public_key", name=op.f("uq_ledger_keys_public_key")),
    )
    op.create_table(
        "checkpoints",
        sa.Column("tree", sa.String(20), nullable=False),
        sa.Column("size", BIG, autoincrement=False, nullable=False),
        sa.Column("root", sa.String(64), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("size >= 0", name=op.f("ck_checkpoints_size_not_negative")),
        sa.CheckConstraint("tree IN ('ledger', 'audit')", name=op.f("ck_checkpoints_treename")),
        sa.ForeignKeyConstraint(["key_id"], ["ledger_keys.id"], name=op.f("fk_checkpoints_key_id")),
        sa.PrimaryKeyConstraint("tree", "size", name=op.f("pk_checkpoints")),
    )
    op.create_index(op.f("ix_checkpoints_key_id"), "checkpoints", ["key_id"])
    op.create_index(op.f("ix_checkpoints_issued_at_tree"), "checkpoints", ["issued_at", "tree"])
    op.execute("INSERT INTO audit_log_size (id, size) VALUES (1, 0)")
    op.execute("INSERT INTO audit_queue (entry_id) SELECT id FROM audit_log")
    for statement in definitions(op.get_bind().dialect.name, APPEND_ONLY).values():
        op.execute(statement)


def downgrade() -> None:
    for table in (
        "checkpoints", "ledger_keys", "tree_tiles", "audit_log_size", "audit_log_lines",
        "audit_queue",
    ):  # fmt: skip
        op.drop_table(table)  # and its triggers with it
