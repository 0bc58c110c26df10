"""What a migration calls once it has made an append-only table, or rebuilt one in batch mode."""

from alembic import op

from storefront.core.append_only import definitions


def forbid_changes(*tables: str) -> None:
    """Create the triggers of these tables of `core.append_only.KEYS`; dropping a table drops them.

    PostgreSQL's call a function that migration 0002 made.
    """
    for statement in definitions(op.get_bind().dialect.name, tables).values():
        op.execute(statement)


def allow_changes(*tables: str) -> None:
    """Drop these tables' triggers: before they are rebuilt, or taken back to what they were."""
    dialect = op.get_bind().dialect.name
    for table in tables:
        for name in definitions(dialect, (table,)):
            op.execute(f"DROP TRIGGER {name}" + (f" ON {table}" if dialect == "postgresql" else ""))
