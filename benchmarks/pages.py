"""Catalogue, product and search of a shop of 10,000 products, beside a page of bare Flask."""

from benchmarks.databases import databases_of, filling
from benchmarks.goods import KINDS, SORTS, fill
from benchmarks.load import Figures, measure, serving, store_environment
from benchmarks.table import Row, Value, share

PRODUCTS = 10_000
SECONDS = 5.0
PATHS = {
    "catalogue": [f"/products?page={number}" for number in range(1, 11)],
    "product": [f"/products/barang-{number}" for number in range(0, PRODUCTS, 17)],
    "search": [f"/products?q={kind}+{sort}" for kind in KINDS for sort in SORTS[:5]],
}
"""Many of each: what a server keeps of one page should not answer for all."""
FLOORS = {"catalogue": 0.07, "product": 0.12, "search": 0.035}
"""The least share of the bare page's rate."""


def run(engine: str) -> list[Row]:
    """Both servers stand at once, and are asked one after the other."""
    with databases_of(engine) as (fresh, folder):
        url = fresh()
        with filling(url, folder) as (_app, session):
            fill(session, PRODUCTS)
        with (
            serving("benchmarks.bare:app", lambda _port: {}) as bare,
            serving("wsgi:app", store_environment(url, folder)) as store,
        ):
            beside = measure(bare, ["/"], seconds=SECONDS)
            pages = {page: measure(store, paths, seconds=SECONDS) for page, paths in PATHS.items()}
    return [
        _row("bare Flask", beside, beside),
        *(_row(page, each, beside, FLOORS[page]) for page, each in pages.items()),
    ]


def _row(name: str, figures: Figures, beside: Figures, floor: float | None = None) -> Row:
    of_bare = figures.per_second / beside.per_second
    columns: dict[str, Value] = {
        "requests/s": figures.per_second,
        "p50 ms": figures.p50_ms,
        "p99 ms": figures.p99_ms,
        "of bare": share(of_bare),
        "floor": share(floor) if floor else None,
    }
    return Row(name, columns, of_bare, floor)
