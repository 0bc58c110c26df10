"""One-time codes also as the second proof at a sign-in."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

CHECK = "ck_one_time_codes_codepurpose"


def upgrade() -> None:
    _allow("activate", "reset", "sign_in")


def downgrade() -> None:
    op.execute("DELETE FROM one_time_codes WHERE purpose = 'sign_in'")
    _allow("activate", "reset")


def _allow(*purposes: str) -> None:
    quoted = ", ".join(f"'{purpose}'" for purpose in purposes)
    with op.batch_alter_table("one_time_codes") as table:
        table.drop_constraint(op.f(CHECK), type_="check")
        table.create_check_constraint(op.f(CHECK), f"purpose IN ({quoted})")
