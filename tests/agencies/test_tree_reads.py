"""The tree as it was on a day, and figures by the one or the other arrangement."""

from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from storefront.agencies.agency_list import COLUMNS, import_agencies
from storefront.agencies.models import Agency
from storefront.agencies.tree_models import AgencyEdge, AgencyName
from storefront.agencies.tree_queries import tree_on
from storefront.core.database import transaction
from storefront.core.permissions import OPERATOR
from storefront.core.tabular import read_table
from tests.agencies.made import below, elsewhere
from tests.conftest import CountSelects
from tests.factories import IMPORTER, LONG_AGO, NOON, agency

RECORDED = {"recorded_by": IMPORTER, "recorded_at": NOON}


def renamed(session: Session, of: Agency, name: str, since: date) -> None:
    with transaction(session):
        session.add(AgencyName(agency_id=of.id, name=name, valid_from=since, **RECORDED))


def moved(session: Session, of: Agency, to: Agency | None, since: date) -> None:
    with transaction(session):
        parent_id = to.id if to else None
        session.add(AgencyEdge(agency_id=of.id, parent_id=parent_id, valid_from=since, **RECORDED))


def test_each_day_has_the_name_and_the_parent_that_held_on_it(session: Session) -> None:
    health, schools = agency(session), elsewhere(session)
    clinic = below(session, health)
    renamed(session, clinic, "Puskesmas Dago Atas", date(2026, 3, 1))
    moved(session, clinic, schools, date(2026, 6, 1))
    days = [date(2026, 2, 28), date(2026, 3, 1), date(2026, 5, 31), date(2026, 6, 1)]
    then = [tree_on(session, day)[clinic.id] for day in days]
    assert [(node.name, node.parent_id) for node in then] == [
        ("Puskesmas Dago", health.id),
        ("Puskesmas Dago Atas", health.id),
        ("Puskesmas Dago Atas", health.id),
        ("Puskesmas Dago Atas", schools.id),
    ]


def test_of_two_rows_of_one_day_the_later_corrects_the_other(session: Session) -> None:
    health = agency(session)
    renamed(session, health, "Dinas Kesehatn", date(2026, 3, 1))
    renamed(session, health, "Dinas Kesehatan Kota", date(2026, 3, 1))
    assert tree_on(session, date(2026, 3, 1))[health.id].name == "Dinas Kesehatan Kota"


def test_a_row_of_an_earlier_day_leaves_the_later_one_standing(session: Session) -> None:
    health = agency(session)
    renamed(session, health, "Dinas Sehat", date(2026, 6, 1))
    renamed(session, health, "Dinas Kesehatan Kota", date(2026, 3, 1))
    assert tree_on(session, date(2026, 4, 1))[health.id].name == "Dinas Kesehatan Kota"
    assert tree_on(session, date(2026, 6, 1))[health.id].name == "Dinas Sehat"


def test_who_began_later_is_marked_so(session: Session) -> None:
    health = agency(session)
    before, since = date(2019, 12, 31), LONG_AGO
    assert not tree_on(session, before)[health.id].has_begun
    assert tree_on(session, since)[health.id].has_begun


def test_the_tree_of_a_day_is_one_query_however_large(
    session: Session, count_selects: CountSelects
) -> None:
    health = agency(session)
    below(session, health)
    with count_selects() as selects:
        assert len(tree_on(session, date(2026, 1, 1))) == 2
    assert len(selects) == 1


@pytest.mark.parametrize("table", ["agency_edges", "agency_names"])
@pytest.mark.parametrize("change", ["UPDATE {} SET recorded_by = 'x'", "DELETE FROM {}"])
def test_what_was_recorded_of_the_tree_is_never_changed(
    session: Session, table: str, change: str
) -> None:
    agency(session)
    with pytest.raises(DBAPIError, match="append-only"), transaction(session):
        session.execute(text(change.format(table)))


def test_an_imported_agency_is_in_the_tree_from_the_day_of_the_import(session: Session) -> None:
    table = read_table(
        b"code,name,kind,parent_code\nA.1,Puskesmas,unit,A\nA,Dinas,dinas,\n", columns=COLUMNS
    )
    with transaction(session):
        import_agencies(session, OPERATOR, table, now=NOON)
    nodes = {node.code: node for node in tree_on(session, NOON.date()).values()}
    assert nodes["A.1"].parent_id == nodes["A"].id
    assert nodes["A.1"].name == "Puskesmas"
    assert nodes["A"].has_begun
