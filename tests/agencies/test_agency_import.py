"""The city's agencies and its chart of accounts, from files."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storefront.agencies import agency_list, expense_accounts
from storefront.agencies.agency_list import AgenciesImported, import_agencies
from storefront.agencies.expense_accounts import AccountsImported, import_expense_accounts
from storefront.agencies.models import Agency, ExpenseAccount
from storefront.agencies.queries import agencies_in_reach, agency_tree, find_agency
from storefront.agencies.tree import confirm_change
from storefront.agencies.tree_models import AgencyChange
from storefront.core.database import transaction
from storefront.core.errors import NotAllowed, NotFound
from storefront.core.permissions import OPERATOR, Action, Actor, Role
from storefront.core.tabular import RowsRefused, read_table
from storefront.demo.content import CONTENT_ROOT
from tests.agencies.made import TODAY, city_admin, staff
from tests.conftest import CountSelects
from tests.factories import NOON, agency

HEADING = "code,name,kind,parent_code"


def brought(
    session: Session, *rows: str, by: Actor = OPERATOR, dry_run: bool = False
) -> AgenciesImported:
    table = read_table("\n".join([HEADING, *rows]).encode(), columns=agency_list.COLUMNS)
    with transaction(session):
        return import_agencies(session, by, table, now=NOON, dry_run=dry_run)


def test_a_list_of_agencies_is_taken_children_before_parents_too(session: Session) -> None:
    imported = brought(session, "A.1,Puskesmas,unit,A", "A,Dinas Kesehatan,dinas,")
    assert imported == AgenciesImported(added=2, changed=0)
    assert find_agency(session, "A.1").parent_code == "A"


def test_the_list_again_changes_nothing_and_a_new_name_or_parent_waits_for_a_second_person(
    session: Session,
) -> None:
    brought(session, "A,Dinas Kesehatan,dinas,", "B,Badan,badan,")
    assert brought(session, "A,Dinas Kesehatan,dinas,") == AgenciesImported(0, 0)
    assert brought(session, "A,Dinkes,dinas,B") == AgenciesImported(0, 0, proposed=2)
    assert brought(session, "A,Dinkes,dinas,B") == AgenciesImported(0, 0)
    assert find_agency(session, "A").name == "Dinas Kesehatan"
    second = city_admin(session)
    for change_id in session.scalars(select(AgencyChange.id)).all():
        with transaction(session):
            confirm_change(session, second, change_id, first_open=TODAY, now=NOON)
    taken = find_agency(session, "A")
    assert (taken.name, taken.parent_code) == ("Dinkes", "B")


def test_another_kind_is_taken_at_once(session: Session) -> None:
    brought(session, "A,Rumah Sakit,dinas,")
    assert brought(session, "A,Rumah Sakit,hospital,") == AgenciesImported(0, 1)


def test_an_agency_that_is_missing_from_the_file_stays(session: Session) -> None:
    brought(session, "A,Dinas Kesehatan,dinas,")
    brought(session, "B,Dinas Pendidikan,dinas,")
    assert find_agency(session, "A").name == "Dinas Kesehatan"


@pytest.mark.parametrize(
    ("rows", "where"),
    [
        (["A,Dinas,dinas,", "A,Badan,badan,"], [(3, "code")]),
        ([",Dinas,dinas,"], [(2, "code")]),
        (["A,,dinas,"], [(2, "name")]),
        (["A,Dinas,kementerian,"], [(2, "kind")]),
        (["A,Dinas,dinas,X"], [(2, "parent_code")]),
        (["A,Dinas,dinas,A"], [(2, "parent_code")]),
        (["A,Dinas,dinas,B", "B,Badan,badan,A"], [(2, "parent_code"), (3, "parent_code")]),
        (["A,Dinas,dinas,", f"{'x' * 21},{'y' * 161},dinas,"], [(3, "code"), (3, "name")]),
    ],
)
def test_a_wrong_row_is_named_and_no_row_is_taken(
    session: Session, rows: list[str], where: list[tuple[int, str]]
) -> None:
    with pytest.raises(RowsRefused) as refusal:
        brought(session, *rows)
    assert [(error.row, error.column) for error in refusal.value.errors] == where
    assert session.scalar(select(func.count()).select_from(Agency)) == 0


def test_a_parent_is_not_put_below_its_own_child_by_a_later_file(session: Session) -> None:
    brought(session, "A,Dinas,dinas,", "A.1,Puskesmas,unit,A")
    with pytest.raises(RowsRefused):
        brought(session, "A,Dinas,dinas,A.1")


def test_a_dry_run_keeps_nothing(session: Session) -> None:
    assert brought(session, "A,Dinas,dinas,", dry_run=True).added == 1
    assert agency_tree(session) == []


def test_only_the_city_brings_agencies(session: Session) -> None:
    admin = staff(session, Role.AGENCY_ADMIN, agency(session))
    with pytest.raises(NotAllowed):
        brought(session, "A,Dinas,dinas,", by=admin)


def test_the_citys_real_list_is_taken_whole(session: Session) -> None:
    file = CONTENT_ROOT / "agencies_bandung.csv"
    table = read_table(file.read_bytes(), columns=agency_list.COLUMNS)
    with transaction(session):
        assert import_agencies(session, OPERATOR, table, now=NOON).added == len(table.rows) > 60


def test_the_tree_shows_each_agency_before_those_below_it(
    session: Session, count_selects: CountSelects
) -> None:
    brought(session, "B,Badan,badan,", "A.1,Puskesmas,unit,A", "A,Dinas,dinas,")
    with count_selects() as selects:
        tree = agency_tree(session)
    assert [(row.code, row.depth) for row in tree] == [("B", 0), ("A", 0), ("A.1", 1)]
    assert len(selects) == 1


def test_an_admin_reaches_their_agency_and_those_below(session: Session) -> None:
    brought(session, "B,Badan,badan,", "A.1,Puskesmas,unit,A", "A,Dinas,dinas,")
    admin = staff(session, Role.AGENCY_ADMIN, agency(session, "A"))
    rows = agencies_in_reach(session, admin, Action.MANAGE_ROSTER)
    assert [row.code for row in rows] == ["A", "A.1"]


def test_an_unknown_agency_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        find_agency(session, "' OR 1=1")


def chart(session: Session, *rows: str) -> AccountsImported:
    table = read_table("\n".join(["code,name", *rows]).encode(), columns=expense_accounts.COLUMNS)
    with transaction(session):
        return import_expense_accounts(session, OPERATOR, table, now=NOON)


def test_a_chart_of_accounts_is_taken_and_renamed(session: Session) -> None:
    assert chart(session, "5.1,Kertas", "5.2,Makanan") == AccountsImported(2, 0)
    assert chart(session, "5.1,Kertas dan Cover", "5.2,Makanan") == AccountsImported(0, 1)
    assert session.get_one(ExpenseAccount, "5.1").name == "Kertas dan Cover"


def test_a_wrong_account_is_named_and_none_is_taken(session: Session) -> None:
    with pytest.raises(RowsRefused) as refusal:
        chart(session, "5.1,Kertas", "5.1,Makanan", ",x", "5.3,")
    assert [(error.row, error.column) for error in refusal.value.errors] == [
        (3, "code"),
        (4, "code"),
        (5, "name"),
    ]
    assert session.scalar(select(func.count()).select_from(ExpenseAccount)) == 0
