"""Of which kind an agency is, by its dates, as its name: a page of the past shows what was known.

What an agency is today stands as if since ever.
"""

from datetime import UTC, date, datetime

import sqlalchemy as sa
from alembic import op

from migrations.triggers import forbid_changes
from storefront.core.database import BigId, UtcDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

SINCE_EVER = date(2000, 1, 1)
KINDS = (
    *("secretariat", "inspectorate", "dinas", "badan", "hospital"),
    *("kecamatan", "kelurahan", "unit", "bumd"),
)


def upgrade() -> None:
    op.create_table(
        "agency_kinds",
        sa.Column("id", BigId, nullable=False),
        sa.Column("agency_id", BigId, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                *KINDS, name="agencykind", native_enum=False, create_constraint=True, length=20
            ),
            nullable=False,
        ),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.String(length=16), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.id"], name=op.f("fk_agency_kinds_agency_id_agencies")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_kinds")),
    )
    op.create_index(
        op.f("ix_agency_kinds_agency_id_valid_from_id"),
        "agency_kinds",
        ["agency_id", "valid_from", "id"],
    )
    _take_over()
    forbid_changes("agency_kinds")


def downgrade() -> None:
    op.drop_table("agency_kinds")


def _take_over() -> None:
    columns = ("agency_id", "kind", "valid_from", "recorded_by", "recorded_at")
    agencies = sa.table("agencies", sa.column("id"), sa.column("kind"))
    into = sa.table("agency_kinds", *map(sa.column, columns))
    known = sa.select(
        agencies.c.id,
        agencies.c.kind,
        sa.literal(SINCE_EVER, sa.Date()),
        sa.literal("operator"),
        sa.literal(datetime.now(UTC), UtcDateTime()),
    ).order_by(agencies.c.id)
    op.execute(sa.insert(into).from_select(list(columns), known))
