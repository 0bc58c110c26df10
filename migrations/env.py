"""How Alembic reaches the store: on the app's own engine, inside `flask db`."""

from alembic import context

from migrations.rendering import render_item
from migrations.tables import all_tables
from storefront.catalog.search_index import is_of_the_models
from storefront.extensions import db

with db.engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=all_tables(),
        transactional_ddl=True,  # true of SQLite too, now that our engine sends a real BEGIN
        render_as_batch=connection.dialect.name == "sqlite",
        render_item=render_item,
        include_object=is_of_the_models,
    )
    with context.begin_transaction():
        context.run_migrations()
