"""Catalogue, product and search of a shop of 10,000 products, beside a page of bare Flask."""

from collections.abc import Sequence

from benchmarks.databases import databases_of, filling
from benchmarks.goods import KINDS, SORTS, fill
from benchmarks.load import Figures, figures_of, serving, store_environment, times
from benchmarks.table import Row, Value, share

PRODUCTS = 10_000
WARMING = 5.0
"""Seconds in which each worker meets each path: a shop is measured that has been open a while."""
SLICES, SECONDS = 12, 0.5
"""Each page is asked for in slices, and the bare page between them: a machine's speed changes."""
PATHS = {
    "catalogue": [f"/products?page={number}" for number in range(1, 11)],
    "product": [f"/products/barang-{number}" for number in range(0, PRODUCTS, 17)],
    "search": [f"/products?q={kind}+{sort}" for kind in KINDS for sort in SORTS[:5]],
}
"""Many of each: what a server keeps of one page should not answer for all."""
FLOORS = {"catalogue": 0.07, "product": 0.12, "search": 0.035}
"""The least share of the bare page's rate."""


def run(engine: str) -> list[Row]:
    """Both servers stand at once, and are asked in turns."""
    with databases_of(engine) as (fresh, folder):
        url = fresh()
        with filling(url, folder) as (_app, session):
            fill(session, PRODUCTS)
        with (
            serving("benchmarks.bare:app", lambda _port: {}) as bare,
            serving("wsgi:app", store_environment(url, folder)) as store,
        ):
            return [_row(page, *_in_turns(bare, store, paths)) for page, paths in PATHS.items()]


def _in_turns(bare: int, store: int, paths: Sequence[str]) -> tuple[Figures, Figures]:
    times(store, paths, seconds=WARMING)
    beside, own = [], []
    for _slice in range(SLICES):
        beside += times(bare, ["/"], seconds=SECONDS)
        own += times(store, paths, seconds=SECONDS)
    whole = SLICES * SECONDS
    return figures_of(beside, whole), figures_of(own, whole)


def _row(page: str, beside: Figures, own: Figures) -> Row:
    of_bare, floor = own.per_second / beside.per_second, FLOORS[page]
    columns: dict[str, Value] = {
        "requests/s": own.per_second,
        "p50 ms": own.p50_ms,
        "p99 ms": own.p99_ms,
        "bare/s": beside.per_second,
        "bare p50 ms": beside.p50_ms,
        "of bare": share(of_bare),
        "floor": share(floor),
    }
    return Row(page, columns, of_bare, floor)
