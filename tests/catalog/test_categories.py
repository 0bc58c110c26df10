"""The category tree, from a list."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storefront.catalog.categories import (
    CategoryRow,
    Imported,
    InvalidCategory,
    import_categories,
    read_categories,
    shipped_categories,
)
from storefront.catalog.models import Category
from storefront.core.database import transaction
from storefront.core.errors import NotAllowed
from storefront.core.permissions import OPERATOR
from tests.factories import NOON, signed_up

FOOD = CategoryRow("kuliner", "Kuliner", "")
COFFEE = CategoryRow("kopi-teh", "Kopi & Teh", "kuliner")


def imported(session: Session, *rows: CategoryRow) -> Imported:
    with transaction(session):
        return import_categories(session, OPERATOR, rows, now=NOON)


def test_the_shipped_tree_is_whole_and_imported_once(session: Session) -> None:
    rows = shipped_categories()
    assert imported(session, *rows) == Imported(added=len(rows), changed=0)
    assert imported(session, *rows) == Imported(added=0, changed=0)
    assert session.scalar(select(func.count(Category.id))) == len(rows)


def test_a_path_leads_from_the_root(session: Session) -> None:
    imported(session, FOOD, COFFEE)
    assert session.scalar(select(Category.path).filter_by(slug="kopi-teh")) == "kuliner/kopi-teh/"


def test_a_renamed_category_keeps_its_place(session: Session) -> None:
    imported(session, FOOD, COFFEE)
    renamed = imported(session, FOOD, CategoryRow("kopi-teh", "Kopi", "kuliner"))
    assert renamed == Imported(added=0, changed=1)
    assert session.scalar(select(Category.name).filter_by(slug="kopi-teh")) == "Kopi"


def test_what_the_list_leaves_out_stays(session: Session) -> None:
    imported(session, FOOD, COFFEE)
    imported(session, FOOD)
    assert session.scalar(select(func.count(Category.id))) == 2


@pytest.mark.parametrize(
    "row",
    [
        CategoryRow("Kuliner", "Kuliner", ""),
        CategoryRow("a%", "Kuliner", ""),
        CategoryRow("teh", "", ""),
        CategoryRow("teh", "Teh", "tidak-ada"),
        CategoryRow("kuliner", "Lagi", ""),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_taken(session: Session, row: CategoryRow) -> None:
    with pytest.raises(InvalidCategory) as refusal:
        imported(session, FOOD, row)
    assert refusal.value.details["row"] == 3
    assert session.scalar(select(func.count(Category.id))) == 0


def test_a_category_cannot_be_moved_into_itself(session: Session) -> None:
    imported(session, FOOD, COFFEE)
    with pytest.raises(InvalidCategory):
        imported(session, CategoryRow("kuliner", "Kuliner", "kopi-teh"))


def test_a_list_without_its_columns_is_refused() -> None:
    with pytest.raises(InvalidCategory):
        read_categories("slug,nama\nteh,Teh\n")


def test_only_the_city_imports(session: Session) -> None:
    buyer = signed_up(session)
    with pytest.raises(NotAllowed), transaction(session):
        import_categories(session, buyer, [FOOD], now=NOON)
