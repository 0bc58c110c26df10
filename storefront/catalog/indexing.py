"""What the search knows of a product: computed here, when one of its texts has changed."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from storefront.catalog.models import Category, Product, ProductId, Variant
from storefront.catalog.search import index_columns, learn
from storefront.sellers.models import Seller, SellerId

BATCH = 500


def index_products(session: Session, product_ids: Iterable[ProductId]) -> None:
    """Compute the search columns of products anew, and learn their words; in batches."""
    ids = sorted(set(product_ids))
    for start in range(0, len(ids), BATCH):
        _index_batch(session, ids[start : start + BATCH])


def index_shop(session: Session, seller_id: SellerId) -> None:
    """The same for all products of a shop: call it after the shop was renamed."""
    index_where(session, Product.seller_id == seller_id)


def index_where(session: Session, condition: ColumnElement[bool]) -> None:
    """The same for the products of which a condition is true."""
    index_products(session, session.scalars(select(Product.id).where(condition)).all())


def category_texts(session: Session) -> dict[str, str]:
    """For each category's path, its name and those above it."""
    names = {row.path: row.name for row in session.execute(select(Category.path, Category.name))}
    return {path: " ".join(names[above] for above in _upwards(path)) for path in names}


def _index_batch(session: Session, ids: Sequence[ProductId]) -> None:
    categories = category_texts(session)
    variants: dict[ProductId, list[str]] = {}
    for product_id, name in session.execute(
        select(Variant.product_id, Variant.name).where(
            Variant.product_id.in_(ids), Variant.is_active
        )
    ):
        variants.setdefault(product_id, []).append(name)
    rows = session.execute(
        select(Product.id, Product.name, Product.description, Seller.name, Category.path)
        .join(Seller, Seller.id == Product.seller_id)
        .join(Category, Category.id == Product.category_id)
        .where(Product.id.in_(ids))
        .order_by(Product.id)
    ).all()
    changes, met = [], []
    for product_id, name, description, seller_name, path in rows:
        others = (seller_name, categories[path], *variants.get(product_id, []), description)
        columns = index_columns(name, *others)
        changes.append({"id": product_id, **columns._asdict()})
        met += [name, *others]
    if changes:
        session.execute(update(Product), changes)
        learn(session, *met)


def _upwards(path: str) -> list[str]:
    parts = path.strip("/").split("/")
    return ["/".join(parts[:depth]) + "/" for depth in range(len(parts), 0, -1)]
