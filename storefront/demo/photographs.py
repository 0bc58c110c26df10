"""The demo's product pictures, taken in as a seller's photographs are."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from storefront.core.media import FolderStore, take_in
from storefront.demo.content import PICTURE_ROOT, products


def add_photographs(media_root: Path) -> dict[str, str]:
    """The media key of every picture that the content uses, by its name there."""
    store = FolderStore(media_root)
    names = sorted({product.picture for product in products()})

    def take(name: str) -> str:
        return take_in(store, (PICTURE_ROOT / f"{name}.webp").read_bytes())

    with ThreadPoolExecutor(2) as pool:
        return dict(zip(names, pool.map(take, names), strict=True))
