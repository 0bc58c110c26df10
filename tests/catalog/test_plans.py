"""How the engines read the catalogue: by an index, however many products there are."""

import pytest
from sqlalchemy import Engine, event, text
from sqlalchemy.orm import Session

from storefront.catalog.queries import CatalogFilter, Sort, list_products
from storefront.core.paging import PAGE_SIZE
from tests.factories import NOON, listed_variant

TODAY = NOON.date()


def read(session: Session, wanted: CatalogFilter) -> None:
    for number in (1, 2):
        list_products(session, CatalogFilter(**{**vars(wanted), "page": number}), today=TODAY)


def plans(engine: Engine, session: Session, wanted: CatalogFilter) -> str:
    """The plans of all that a list asks of products, as the engine tells them."""
    asked: list[tuple[str, object]] = []

    def note(
        _connection: object, _cursor: object, statement: str, given: object, *_: object
    ) -> None:
        if "products" in statement:
            asked.append((statement, given))

    event.listen(engine, "before_cursor_execute", note)
    read(session, wanted)
    event.remove(engine, "before_cursor_execute", note)
    return "\n".join(_plan(session, statement, given) for statement, given in asked)


def _plan(session: Session, statement: str, given: object) -> str:
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL enable_seqscan = off"))  # or a small table is just read
        told = connection.exec_driver_sql(f"EXPLAIN {statement}", given)  # type: ignore[arg-type]
    else:
        told = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)  # type: ignore[arg-type]
    return "\n".join(str(row[-1]) for row in told)


@pytest.mark.parametrize(
    "wanted",
    [
        CatalogFilter(),
        CatalogFilter(sort=Sort.PRICE),
        CatalogFilter(sort=Sort.PRICE_DESC),
        CatalogFilter(sort=Sort.POPULAR),
        CatalogFilter(in_stock=True),
        CatalogFilter(category="kopi-bubuk"),
        CatalogFilter(q="kopi"),
        CatalogFilter(q="kopi", category="kopi-bubuk", in_stock=True, sort=Sort.PRICE),
    ],
    ids=str,
)
def test_no_list_walks_through_all_products(
    engine: Engine, session: Session, wanted: CatalogFilter
) -> None:
    for _ in range(3):
        listed_variant(session)
    told = plans(engine, session, wanted)
    assert "SCAN products" not in told  # SQLite's word
    assert "Seq Scan on products" not in told  # PostgreSQL's


def test_a_search_asks_the_full_text_index_once(engine: Engine, session: Session) -> None:
    listed_variant(session)
    told = plans(engine, session, CatalogFilter(q="kopi", category="kopi-bubuk"))
    assert "VIRTUAL TABLE INDEX 0:=" not in told  # SQLite: once for each row of something else
    assert "VIRTUAL TABLE INDEX 0:M" in told or "ix_product_search_vector" in told


def test_the_rows_of_a_page_are_looked_up_by_their_ids(engine: Engine, session: Session) -> None:
    for _ in range(PAGE_SIZE):
        listed_variant(session)
    told = plans(engine, session, CatalogFilter())
    assert "products USING INTEGER PRIMARY KEY" in told or "pk_products" in told
