"""What products are searched by: FTS5 on SQLite, a tsvector on PostgreSQL, kept by triggers."""

from alembic import op

from storefront.catalog.search_index import CREATE, DROP

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for statement in CREATE[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    for statement in DROP[op.get_bind().dialect.name]:
        op.execute(statement)
