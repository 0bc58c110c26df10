"""What a list of products can be narrowed by, and how many each way leaves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from storefront.catalog.filters import CatalogFilter, Understood, among, conditions, understand
from storefront.catalog.models import Category, CategoryId, Product
from storefront.sellers.models import Seller

MOST_DISTRICTS = 60


@dataclass(frozen=True)
class Counted:
    """A way to narrow a list, and how many products it leaves."""

    slug: str
    name: str
    count: int


@dataclass(frozen=True)
class Facets:
    """What the list can be narrowed by: root categories, or those below the chosen; districts."""

    categories: tuple[Counted, ...]
    districts: tuple[Counted, ...]


@dataclass(frozen=True)
class CategoryNode:
    """A category with how many products lie in and below it."""

    slug: str
    name: str
    count: int
    children: tuple["CategoryNode", ...]


def find_facets(session: Session, wanted: CatalogFilter) -> Facets:
    """What a list can be narrowed by: counts under all its conditions but the one they replace."""
    asked = understand(session, wanted)
    by_category = _counts(session, Product.category_id, asked, any_category=True)
    chosen = asked.category.slug if asked.category else None
    level = _level(_tree(session, by_category), chosen)
    seller_counts = _counts(session, Product.seller_id, asked, any_district=True)
    by_district: dict[str, int] = {}
    for seller_id, district in session.execute(
        select(Seller.id, Seller.district).where(Seller.id.in_(list(seller_counts)))
    ):
        by_district[district] = by_district.get(district, 0) + seller_counts[seller_id]
    ranked = sorted(by_district.items(), key=lambda pair: (-pair[1], pair[0]))
    return Facets(
        tuple(Counted(node.slug, node.name, node.count) for node in level if node.count),
        tuple(Counted(name, name, count) for name, count in ranked[:MOST_DISTRICTS]),
    )


def category_tree(session: Session) -> tuple[CategoryNode, ...]:
    """All categories as a tree, with how many visible products each holds: two reads."""
    return _tree(session, _counts(session, Product.category_id, Understood()))


def _counts(session: Session, by: Any, asked: Understood, **any_of: bool) -> dict[Any, int]:
    query: Select[Any, int] = (
        select(by, func.count())
        .select_from(among(asked).rows)
        .where(*conditions(asked, **any_of))
        .group_by(by)
    )
    return {key: count for key, count in session.execute(query)}  # noqa: C416 - typed


def _tree(session: Session, counts: Mapping[CategoryId, int]) -> tuple[CategoryNode, ...]:
    rows = session.execute(
        select(Category.id, Category.slug, Category.name, Category.parent_id).order_by(
            Category.position, Category.id
        )
    ).all()
    below: dict[CategoryId | None, list[Any]] = {}
    for row in rows:
        below.setdefault(row.parent_id, []).append(row)

    def nodes(parent_id: CategoryId | None) -> tuple[CategoryNode, ...]:
        made = []
        for row in below.get(parent_id, []):
            children = nodes(row.id)
            count = counts.get(row.id, 0) + sum(child.count for child in children)
            made.append(CategoryNode(row.slug, row.name, count, children))
        return tuple(made)

    return nodes(None)


def _level(tree: Sequence[CategoryNode], chosen: str | None) -> Sequence[CategoryNode]:
    """The roots; below a chosen category its children, or where it has none its siblings."""
    for node in tree if chosen else ():
        if node.slug == chosen:
            return node.children or tree
        found = _level(node.children, chosen)
        if found is not node.children or any(child.slug == chosen for child in node.children):
            return found
    return tree
