"""The category tree, from a list: `slug,name,parent_slug`, a parent before what lies in it."""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.catalog.indexing import index_where
from storefront.catalog.models import Category, CategoryId, Product
from storefront.core import audit
from storefront.core.errors import N_, DomainError
from storefront.core.permissions import CITY, Action, Actor, require
from storefront.core.text import one_line

SHIPPED = Path(__file__).parent / "data" / "product_categories.csv"
COLUMNS = ("slug", "name", "parent_slug")
LONGEST = 80
DEEPEST = 240
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class InvalidCategory(DomainError):
    """A row of the list is wrong; nothing of the list was taken."""

    code = "invalid_category"
    message = N_("Baris %(row)s, kategori %(slug)s: %(why_word)s.")
    field = "file"


@dataclass(frozen=True)
class CategoryRow:
    """A category as the list has it."""

    slug: str
    name: str
    parent_slug: str


@dataclass(frozen=True)
class Imported:
    """What an import did."""

    added: int
    changed: int


def shipped_categories() -> list[CategoryRow]:
    """The tree that the store brings along."""
    return read_categories(SHIPPED.read_text(encoding="utf-8"))


def read_categories(text: str) -> list[CategoryRow]:
    """The rows of a CSV text. Raises `InvalidCategory` where a column is missing."""
    reader = csv.DictReader(text.splitlines())
    if not set(COLUMNS) <= set(reader.fieldnames or ()):
        raise InvalidCategory(row=1, slug="", why_word=N_("judul kolomnya slug, name, parent_slug"))
    return [CategoryRow(*(one_line(row[column] or "") for column in COLUMNS)) for row in reader]


def import_categories(
    session: Session, actor: Actor, rows: Sequence[CategoryRow], *, now: datetime
) -> Imported:
    """Add the categories that are new and change those that differ, in the order of the rows.

    None is taken away: products lie in them. Of a renamed category the products are indexed anew.
    Raises `NotAllowed` or `InvalidCategory`.
    """
    require(actor, Action.MANAGE_SELLERS, CITY)
    known = {row.slug: row for row in session.scalars(select(Category))}
    added = changed = 0
    renamed: set[CategoryId] = set()
    for position, row in enumerate(_checked(rows, known), start=1):
        parent = known.get(row.parent_slug)
        path = f"{parent.path if parent else ''}{row.slug}/"
        values = (row.name, parent.id if parent else None, path, position)
        category = known.get(row.slug)
        if category is None:
            category = known[row.slug] = Category(slug=row.slug)
            session.add(category)
            added += 1
        elif values == (category.name, category.parent_id, category.path, category.position):
            continue
        else:
            changed += 1
            renamed.add(category.id)
        category.name, category.parent_id, category.path, category.position = values
        session.flush()
    _index(session, known.values(), renamed)
    result = Imported(added, changed)
    audit.record(session, actor, "categories.imported", "categories", vars(result), now=now)
    return result


def _checked(rows: Sequence[CategoryRow], known: Mapping[str, Category]) -> Iterable[CategoryRow]:
    met: dict[str, str] = {}
    for number, row in enumerate(rows, start=2):
        why = _wrong(row, met, known)
        if why:
            raise InvalidCategory(row=number, slug=row.slug, why_word=why)
        met[row.slug] = row.parent_slug
        yield row


def _wrong(row: CategoryRow, met: Mapping[str, str], known: Mapping[str, Category]) -> str | None:
    if not _SLUG.fullmatch(row.slug) or len(row.slug) > LONGEST:
        return N_("alamatnya hanya huruf kecil, angka, dan garis")
    if row.slug in met:
        return N_("sudah ada di baris sebelumnya")
    if not row.name or len(row.name) > LONGEST:
        return N_("namanya kosong atau terlalu panjang")
    if row.parent_slug and row.parent_slug not in met and row.parent_slug not in known:
        return N_("induknya tidak ada di baris sebelumnya")
    moved_below = known[row.parent_slug].path.split("/") if row.parent_slug in known else []
    if row.slug in moved_below:
        return N_("induknya terletak di dalamnya")
    return None


def _index(session: Session, categories: Iterable[Category], renamed: set[CategoryId]) -> None:
    """Products in the renamed and in all that lies below them: their texts name both."""
    paths = [category.path for category in categories if category.id in renamed]
    if paths:
        below = [one.id for one in categories if any(one.path.startswith(path) for path in paths)]
        index_where(session, Product.category_id.in_(below))
