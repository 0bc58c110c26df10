"""The tree of agencies by its dates: edges, names, who took over, and the changes that say so.

What was in the tree before stands as if since ever: one edge and one name for each agency.
"""

from datetime import UTC, date, datetime

import sqlalchemy as sa
from alembic import op

from migrations.triggers import forbid_changes
from storefront.core.database import BigId, UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SINCE_EVER = date(2000, 1, 1)
DATED = ("agency_edges", "agency_names", "agency_successions")

agencies = sa.table("agencies", sa.column("id"), sa.column("parent_id"), sa.column("name"))


def upgrade() -> None:
    op.add_column("agencies", sa.Column("ended_on", sa.Date(), nullable=True))
    _add_changes()
    _add_dated()
    _take_over()
    forbid_changes(*DATED)


def downgrade() -> None:
    for table in reversed(("agency_changes", "agency_change_parts", *DATED)):
        op.drop_table(table)
    op.drop_column("agencies", "ended_on")


def _add_changes() -> None:
    op.create_table(
        "agency_changes",
        sa.Column("id", BigId, nullable=False),
        sa.Column(
            "kind", _one_of("rename", "move", "merge", "split", name="changekind"), nullable=False
        ),
        sa.Column("agency_id", BigId, nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("document_number", sa.String(length=80), nullable=False),
        sa.Column("new_name", sa.String(length=160), nullable=True),
        sa.Column("new_parent_id", BigId, nullable=True),
        sa.Column(
            "state", _one_of("proposed", "confirmed", "refused", name="changestate"), nullable=False
        ),
        sa.Column("proposed_by", sa.String(length=16), nullable=False),
        sa.Column("proposed_at", UtcDateTime(), nullable=False),
        sa.Column("confirmed_by", sa.String(length=16), nullable=True),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'rename') = (new_name IS NOT NULL)",
            name=op.f("ck_agency_changes_renamed_to_something"),
        ),
        sa.CheckConstraint(
            "kind = 'move' OR new_parent_id IS NULL",
            name=op.f("ck_agency_changes_only_a_move_has_a_new_parent"),
        ),
        sa.CheckConstraint(
            "confirmed_by IS NULL OR confirmed_by <> proposed_by",
            name=op.f("ck_agency_changes_confirmed_by_a_second_person"),
        ),
        sa.CheckConstraint(
            "new_parent_id IS NULL OR new_parent_id <> agency_id",
            name=op.f("ck_agency_changes_not_below_itself"),
        ),
        _refers("agency_changes", "agency_id", "agencies"),
        _refers("agency_changes", "new_parent_id", "agencies"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_changes")),
    )
    _index("agency_changes", "agency_id")
    _index("agency_changes", "new_parent_id")
    _index("agency_changes", "state", "id")
    op.create_table(
        "agency_change_parts",
        sa.Column("id", BigId, nullable=False),
        sa.Column("change_id", BigId, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        _refers("agency_change_parts", "change_id", "agency_changes"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_change_parts")),
        sa.UniqueConstraint(
            "change_id", "code", name=op.f("uq_agency_change_parts_change_id_code")
        ),
        sa.UniqueConstraint(
            "change_id", "position", name=op.f("uq_agency_change_parts_change_id_position")
        ),
    )
    _index("agency_change_parts", "code")


def _add_dated() -> None:
    op.create_table(
        "agency_edges",
        sa.Column("id", BigId, nullable=False),
        sa.Column("agency_id", BigId, nullable=False),
        sa.Column("parent_id", BigId, nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        *_recorded("agency_edges"),
        sa.CheckConstraint(
            "parent_id IS NULL OR parent_id <> agency_id",
            name=op.f("ck_agency_edges_not_below_itself"),
        ),
        _refers("agency_edges", "agency_id", "agencies"),
        _refers("agency_edges", "parent_id", "agencies"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_edges")),
    )
    _index("agency_edges", "agency_id", "valid_from", "id")
    _index("agency_edges", "change_id")
    _index("agency_edges", "parent_id")
    op.create_table(
        "agency_names",
        sa.Column("id", BigId, nullable=False),
        sa.Column("agency_id", BigId, nullable=False),
        sa.Column("name", sa.String(length=160), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        *_recorded("agency_names"),
        _refers("agency_names", "agency_id", "agencies"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_names")),
    )
    _index("agency_names", "agency_id", "valid_from", "id")
    _index("agency_names", "change_id")
    op.create_table(
        "agency_successions",
        sa.Column("id", BigId, nullable=False),
        sa.Column("old_id", BigId, nullable=False),
        sa.Column("new_id", BigId, nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("kind", _one_of("merge", "split", name="successionkind"), nullable=False),
        sa.Column("takes_over", sa.Boolean(), nullable=False),
        *_recorded("agency_successions", is_optional=False),
        sa.CheckConstraint(
            "kind = 'split' OR takes_over", name=op.f("ck_agency_successions_a_merger_takes_over")
        ),
        sa.CheckConstraint(
            "old_id <> new_id", name=op.f("ck_agency_successions_not_its_own_successor")
        ),
        _refers("agency_successions", "new_id", "agencies"),
        _refers("agency_successions", "old_id", "agencies"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agency_successions")),
        sa.UniqueConstraint("old_id", "new_id", name=op.f("uq_agency_successions_old_id_new_id")),
    )
    _index("agency_successions", "change_id")
    _index("agency_successions", "new_id")
    op.create_index(
        "uq_agency_successions_heir",
        "agency_successions",
        ["old_id"],
        unique=True,
        sqlite_where=sa.text("takes_over"),
        postgresql_where=sa.text("takes_over"),
    )


def _take_over() -> None:
    """One edge and one name for each agency that is known."""
    recorded = (
        sa.literal(SINCE_EVER, sa.Date()),
        sa.literal("operator"),
        sa.literal(datetime.now(UTC), UtcDateTime()),
    )
    columns = ("valid_from", "recorded_by", "recorded_at")
    for table, own in (("agency_edges", "parent_id"), ("agency_names", "name")):
        into = sa.table(table, *map(sa.column, ("agency_id", own, *columns)))
        known = sa.select(agencies.c.id, agencies.c[own], *recorded).order_by(agencies.c.id)
        op.execute(sa.insert(into).from_select(["agency_id", own, *columns], known))


def _recorded(
    table: str, *, is_optional: bool = True
) -> tuple[sa.Column[object] | sa.Constraint, ...]:
    return (
        sa.Column("change_id", BigId, nullable=is_optional),
        sa.Column("recorded_by", sa.String(length=16), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        _refers(table, "change_id", "agency_changes"),
    )


def _one_of(*values: str, name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)


def _refers(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}"))


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))
