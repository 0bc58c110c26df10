"""The search index: a table of each engine's own kind, kept by triggers on `products`.

It stands beside the models, for it differs by engine: FTS5 with its shadow tables on SQLite, a
table with a GIN index on PostgreSQL, both called `product_search` and joined by `rowid`. It is
apart from `products` so that a sale, which touches the product's row, leaves it alone.

A migration creates it. One that changes `products` in batch mode drops the triggers on SQLite
without a word, and must create them again: a test looks for them after the last migration.
"""

from sqlalchemy import text
from sqlalchemy.orm import Session

TABLE = "product_search"
"""Also how the names of SQLite's shadow tables begin."""

TRIGGERS = frozenset({"products_search_insert", "products_search_update", "products_search_delete"})

_SQLITE_OLD = (
    "INSERT INTO product_search (product_search, rowid, search_name, search_text)"
    " VALUES ('delete', OLD.id, OLD.search_name, OLD.search_text);"
)
_SQLITE_NEW = (
    "INSERT INTO product_search (rowid, search_name, search_text)"
    " VALUES (NEW.id, NEW.search_name, NEW.search_text);"
)

SQLITE = (
    """\
CREATE VIRTUAL TABLE product_search USING fts5(
  search_name, search_text, content = 'products', content_rowid = 'id', tokenize = 'ascii')""",
    f"""\
CREATE TRIGGER products_search_insert AFTER INSERT ON products
BEGIN {_SQLITE_NEW} END""",
    f"""\
CREATE TRIGGER products_search_update AFTER UPDATE OF search_name, search_text ON products
WHEN OLD.search_name <> NEW.search_name OR OLD.search_text <> NEW.search_text
BEGIN {_SQLITE_OLD} {_SQLITE_NEW} END""",
    f"""\
CREATE TRIGGER products_search_delete AFTER DELETE ON products
BEGIN {_SQLITE_OLD} END""",
    "INSERT INTO product_search (product_search) VALUES ('rebuild')",
)

POSTGRESQL = (
    """\
CREATE TABLE product_search (
  rowid bigint PRIMARY KEY REFERENCES products (id) ON DELETE CASCADE, vector tsvector NOT NULL)""",
    "CREATE INDEX ix_product_search_vector ON product_search USING gin (vector)",
    """\
CREATE FUNCTION index_product() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO product_search VALUES (NEW.id,
    setweight(to_tsvector('simple', NEW.search_name), 'A')
    || setweight(to_tsvector('simple', NEW.search_text), 'D'))
  ON CONFLICT (rowid) DO UPDATE SET vector = excluded.vector;
  RETURN NULL;
END $$""",
    """\
CREATE TRIGGER products_search_insert AFTER INSERT ON products
FOR EACH ROW EXECUTE FUNCTION index_product()""",
    """\
CREATE TRIGGER products_search_update AFTER UPDATE OF search_name, search_text ON products
FOR EACH ROW
WHEN (OLD.search_name <> NEW.search_name OR OLD.search_text <> NEW.search_text)
EXECUTE FUNCTION index_product()""",
    """\
INSERT INTO product_search SELECT id,
  setweight(to_tsvector('simple', search_name), 'A')
  || setweight(to_tsvector('simple', search_text), 'D')
FROM products""",
)

DROP = {
    "sqlite": (*(f"DROP TRIGGER {name}" for name in sorted(TRIGGERS)), "DROP TABLE product_search"),
    "postgresql": (
        "DROP TRIGGER products_search_insert ON products",
        "DROP TRIGGER products_search_update ON products",
        "DROP FUNCTION index_product()",
        "DROP TABLE product_search",
    ),
}
CREATE = {"sqlite": SQLITE, "postgresql": POSTGRESQL}

_STANDING = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'products'",
    "postgresql": "SELECT tgname FROM pg_trigger"
    " WHERE tgrelid = 'products'::regclass AND NOT tgisinternal AND tgenabled = 'O'",
}
_UNINDEXED = "SELECT count(*) FROM products WHERE id NOT IN (SELECT {rowid} FROM {index})"


def is_of_the_models(_thing: object, name: str | None, *_rest: object) -> bool:
    """What the comparison of models and database looks at: all but the engines' own tables."""
    return not (name or "").startswith(TABLE)


def missing(session: Session) -> set[str]:
    """The triggers that should keep the index and do not."""
    dialect = session.get_bind().dialect.name
    wanted = TRIGGERS if dialect == "sqlite" else TRIGGERS - {"products_search_delete"}
    return set(wanted) - set(session.scalars(text(_STANDING[dialect])))


def unindexed(session: Session) -> int:
    """How many products no search can find."""
    rowid, index = {
        "sqlite": ("id", "product_search_docsize"),
        "postgresql": ("rowid", "product_search"),
    }[session.get_bind().dialect.name]
    return int(session.scalars(text(_UNINDEXED.format(rowid=rowid, index=index))).one())
