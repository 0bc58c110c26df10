"""Budgets from a file: proposals of many agencies, all or none."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.agencies.budget_import import COLUMNS, BudgetsImported, import_budgets
from storefront.agencies.models import Agency, BudgetRevision, ExpenseAccount
from storefront.agencies.queries import pending_revisions
from storefront.core.database import transaction
from storefront.core.errors import NotAllowed
from storefront.core.permissions import OPERATOR, Actor, Role
from storefront.core.tabular import RowsRefused, read_table
from tests.agencies.made import city_admin, elsewhere, staff
from tests.factories import NOON, agency

HEADING = ",".join(COLUMNS)
TOTAL = "1.02.01,2026,1,2026-01-02,DPA/1,,,,1000"
FOOD = "1.02.01,2026,1,2026-01-02,DPA/1,1.02.02,Layanan Kesehatan,5.1.02,600"
PAPER = "1.02.01,2026,1,2026-01-02,DPA/1,1.02.02,Layanan Kesehatan,5.1.03,300"


@pytest.fixture
def health(session: Session) -> Agency:
    with transaction(session):
        session.add_all([ExpenseAccount(code=code, name=code) for code in ("5.1.02", "5.1.03")])
    return agency(session)


def brought(
    session: Session, *rows: str, by: Actor = OPERATOR, dry_run: bool = False
) -> BudgetsImported:
    table = read_table("\n".join([HEADING, *rows]).encode(), columns=COLUMNS)
    with transaction(session):
        return import_budgets(session, by, table, now=NOON, dry_run=dry_run)


def revisions(session: Session) -> list[tuple[int, int, int]]:
    """Agency, number and total of all that was proposed."""
    rows = session.execute(
        select(
            BudgetRevision.agency_id, BudgetRevision.revision, BudgetRevision.total_amount
        ).order_by(BudgetRevision.id)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def test_a_total_and_its_lines_are_one_proposal(session: Session, health: Agency) -> None:
    assert brought(session, TOTAL, FOOD, PAPER) == BudgetsImported(revisions=1, lines=2)
    assert revisions(session) == [(health.id, 1, 1_000)]


def test_without_a_total_the_lines_make_it(session: Session, health: Agency) -> None:
    brought(session, FOOD, PAPER)
    assert revisions(session) == [(health.id, 1, 900)]


def test_a_file_may_hold_several_agencies_years_and_revisions(
    session: Session, health: Agency
) -> None:
    schools = elsewhere(session)
    brought(
        session,
        TOTAL.replace(",1,2026", ",2,2026"),
        TOTAL,
        TOTAL.replace("1.02.01", "1.01.01"),
        TOTAL.replace("2026", "2027"),
    )
    assert sorted(revisions(session)) == sorted(
        [
            (schools.id, 1, 1_000),
            (health.id, 1, 1_000),
            (health.id, 2, 1_000),
            (health.id, 1, 1_000),
        ]
    )


@pytest.mark.usefixtures("health")
def test_what_the_command_line_brought_a_city_admin_confirms(session: Session) -> None:
    brought(session, TOTAL)
    (waiting,) = pending_revisions(session, city_admin(session))
    assert (waiting.document_number, waiting.proposed_by_name) == ("DPA/1", None)


@pytest.mark.usefixtures("health")
@pytest.mark.parametrize(
    ("rows", "where"),
    [
        ([TOTAL.replace("1.02.01", "9.99")], [(2, "agency_code")]),
        ([TOTAL.replace("2026,1", "26,1")], [(2, "fiscal_year")]),
        ([TOTAL.replace("2026,1", "2026,0")], [(2, "revision")]),
        ([TOTAL.replace("2026,1", "2026,2")], [(2, "revision")]),
        ([TOTAL.replace("2026-01-02", "2/1/2026")], [(2, "effective_on")]),
        ([TOTAL.replace("2026-01-02", "2027-01-02")], [(2, "effective_on")]),
        ([TOTAL.replace("DPA/1", "")], [(2, "document_number")]),
        ([TOTAL.replace(",1000", ",1.000")], [(2, "amount")]),
        ([TOTAL.replace(",1000", ",-1")], [(2, "amount")]),
        ([TOTAL.replace(",1000", ",1e9")], [(2, "amount")]),
        ([TOTAL.replace(",1000", ",")], [(2, "amount")]),
        ([TOTAL, FOOD.replace(",600", ",1001")], [(2, "amount")]),
        ([TOTAL, FOOD, FOOD], [(4, "activity_code")]),
        ([TOTAL, TOTAL], [(3, "activity_code")]),
        ([TOTAL, PAPER, FOOD.replace("5.1.02", "5.9.99")], [(4, "expense_account")]),
        ([TOTAL, FOOD.replace("Layanan Kesehatan", "")], [(3, "activity_name")]),
        ([TOTAL, FOOD.replace("5.1.02,", ",")], [(3, "expense_account")]),
        ([TOTAL.replace(",,,,", ",,,5.1.02,")], [(2, "activity_code")]),
        ([TOTAL, FOOD.replace("DPA/1", "DPA/2")], [(3, "document_number")]),
        ([TOTAL, FOOD.replace("2026-01-02", "2026-03-02")], [(3, "effective_on")]),
    ],
)
def test_a_wrong_row_is_named_and_nothing_is_proposed(
    session: Session, rows: list[str], where: list[tuple[int, str]]
) -> None:
    with pytest.raises(RowsRefused) as refusal:
        brought(session, *rows)
    assert [(error.row, error.column) for error in refusal.value.errors] == where
    assert revisions(session) == []


@pytest.mark.usefixtures("health")
def test_one_agencys_mistake_keeps_all_others_out(session: Session) -> None:
    elsewhere(session)
    with pytest.raises(RowsRefused):
        brought(session, TOTAL.replace("1.02.01", "1.01.01"), TOTAL.replace(",1000", ",x"))
    assert revisions(session) == []


@pytest.mark.usefixtures("health")
def test_the_same_file_again_is_refused_and_says_which_revision_is_next(session: Session) -> None:
    brought(session, TOTAL)
    with pytest.raises(RowsRefused) as refusal:
        brought(session, TOTAL)
    assert "nomor 2" in str(refusal.value.errors[0])


@pytest.mark.usefixtures("health")
def test_a_dry_run_proposes_nothing(session: Session) -> None:
    assert brought(session, TOTAL, dry_run=True).revisions == 1
    assert revisions(session) == []


def test_an_agencys_admin_brings_only_their_own(session: Session, health: Agency) -> None:
    admin = staff(session, Role.AGENCY_ADMIN, health)
    elsewhere(session)
    with pytest.raises(RowsRefused) as refusal:
        brought(session, TOTAL, TOTAL.replace("1.02.01", "1.01.01"), by=admin)
    assert [(error.row, error.column) for error in refusal.value.errors] == [(3, "agency_code")]
    brought(session, TOTAL, by=admin)


@pytest.mark.usefixtures("health")
def test_who_proposes_no_budgets_brings_no_file(session: Session) -> None:
    buyer = staff(session, Role.BUYER)
    with pytest.raises(NotAllowed):
        brought(session, TOTAL, by=buyer)
