"""Pages of a shop of 10,000 products, in requests a second, on both engines (`make bench`)."""

import json
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import asdict
from pathlib import Path

from benchmarks.goods import fill
from benchmarks.load import Figures, free_port, measure, serving
from storefront import create_app
from storefront.extensions import db
from tests.databases import (
    SECRET,
    FreshDatabase,
    postgresql_databases,
    settings_for,
    sqlite_databases,
)

PRODUCTS = 10_000
SECONDS = 5.0
FLOORS = {"catalogue": 0.07, "product": 0.12, "search": 0.035}
"""The least share of the bare page's rate."""
RESULTS = Path(__file__).parent / "results"


def main() -> int:
    """Measure, print, write the results; 1 when a page is below its floor."""
    RESULTS.mkdir(exist_ok=True)
    is_below = False
    with tempfile.TemporaryDirectory() as folder:
        engines: dict[str, Callable[[], AbstractContextManager[FreshDatabase]]] = {
            "sqlite": lambda: sqlite_databases(Path(folder)),
            "postgresql": postgresql_databases,
        }
        for engine, databases in engines.items():
            with databases() as fresh:
                figures = _pages(fresh(), Path(folder))
            (RESULTS / f"pages-{engine}.json").write_text(
                json.dumps({page: asdict(each) for page, each in figures.items()}, indent=2) + "\n"
            )
            is_below |= _print(engine, figures)
    return int(is_below)


def _pages(database_url: str, folder: Path) -> dict[str, Figures]:
    app = create_app(settings_for(database_url, folder))
    with app.app_context():
        slug = fill(db.session(), PRODUCTS)
        db.session.remove()
        db.engine.dispose()
    port = free_port()
    environment = {
        "ENVIRONMENT": "demo",
        "PAYMENTS": "sandbox",
        "SECRET_KEY": SECRET,
        "DATABASE_URL": database_url,
        "INSTANCE_PATH": str(folder),
        "MEDIA_ROOT": str(folder / "media"),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "LOG_LEVEL": "WARNING",
    }
    pages = {
        "catalogue": "/products",
        "product": f"/products/{slug}",
        "search": "/products?q=kopi+arabika",
    }
    with ExitStack() as stack:
        bare = stack.enter_context(serving("benchmarks.bare:app", {}, port=free_port()))
        store = stack.enter_context(serving("wsgi:app", environment, port=port))
        figures = {"bare": measure(bare, "/", seconds=SECONDS)}
        for page, path in pages.items():
            figures[page] = measure(store, path, seconds=SECONDS)
    return figures


def _print(engine: str, figures: dict[str, Figures]) -> bool:
    is_below = False
    print(f"\n{engine}, {PRODUCTS:,} products")
    print(f"{'page':12}{'req/s':>10}{'p50 ms':>10}{'p99 ms':>10}{'of bare':>10}{'floor':>10}")
    for page, each in figures.items():
        share, floor = each.per_second / figures["bare"].per_second, FLOORS.get(page, 0)
        is_below |= share < floor
        print(
            f"{page:12}{each.per_second:10.1f}{each.p50_ms:10.1f}{each.p99_ms:10.1f}"
            f"{share:10.1%}{floor:10.1%}{'  below' if share < floor else ''}"
        )
    return is_below


raise SystemExit(main())
