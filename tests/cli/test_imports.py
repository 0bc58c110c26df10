"""`flask agencies|roster|budgets import`: files taken whole, or a table of what is wrong."""

from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storefront.agencies.models import Agency, BudgetRevision, Placement, PlacementRole
from storefront.core.permissions import OPERATOR
from storefront.demo.content import CONTENT_ROOT

ROSTER = (
    "nip;employment;name;email;position;unit_code;kind;roles;from;to\n"
    "197905052005011004;pns;Ridwan;ridwan@bandung.example;PPK;KB-D02;definitive;approver;"
    "2026-01-01;\n"
)
BUDGET = (
    "agency_code,fiscal_year,revision,effective_on,document_number,activity_code,activity_name,"
    "expense_account,amount\n"
    "KB-D02,2026,1,2026-01-02,DPA/1,1.02.02,Layanan,5.1.02.01.01.0024,1000\n"
)


def run(app: Flask, *args: str | Path) -> Result:
    return app.test_cli_runner().invoke(args=[str(arg) for arg in args])


@pytest.fixture
def city(app: Flask) -> Flask:
    """A store that knows the city's agencies and accounts."""
    for command in (
        ("agencies", "import", CONTENT_ROOT / "agencies_bandung.csv"),
        ("budgets", "accounts", CONTENT_ROOT / "expense_accounts.csv"),
    ):
        assert run(app, *command).exit_code == 0
    return app


def count(session: Session, table: type[object]) -> int:
    return session.scalars(select(func.count()).select_from(table)).one()


def test_agencies_rosters_and_budgets_are_proposed_by_the_operator(
    city: Flask, session: Session, tmp_path: Path
) -> None:
    roster, budget = tmp_path / "roster.csv", tmp_path / "budget.csv"
    roster.write_text(ROSTER)
    budget.write_text(BUDGET)
    assert run(city, "roster", "import", roster, "--agency", "KB-D02").exit_code == 0
    assert run(city, "budgets", "import", budget).exit_code == 0
    for row in (
        session.scalars(select(PlacementRole)).one(),
        session.scalars(select(BudgetRevision)).one(),
    ):
        assert (row.proposed_by, row.confirmed_at) == (OPERATOR.person_id, None)


def test_no_code_is_shown(city: Flask, tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    file.write_text(ROSTER)
    answer = run(city, "roster", "import", file, "--agency", "KB-D02")
    assert answer.output.strip() == (
        "roster.csv: 1 people, 1 placements, 0 unchanged, 1 roles_waiting, 1 mails, 0 slips"
    )


def test_wrong_rows_are_a_table_and_nothing_is_kept(
    city: Flask, session: Session, tmp_path: Path
) -> None:
    file = tmp_path / "roster.csv"
    file.write_text(ROSTER + ROSTER.splitlines()[1].replace("pns", "honorer") + "\n")
    answer = run(city, "roster", "import", file, "--agency", "KB-D02")
    assert answer.exit_code == 1
    assert answer.stdout.splitlines() == [
        "row  column      error",
        "  3  employment  Isi pns atau pppk.",
    ]
    assert "Tidak ada yang disimpan" in answer.stderr
    assert count(session, Placement) == 0


@pytest.mark.parametrize(
    "command", [("agencies", "import"), ("budgets", "accounts"), ("budgets", "import")]
)
def test_a_dry_run_keeps_nothing_and_says_so(
    city: Flask, session: Session, tmp_path: Path, command: tuple[str, str]
) -> None:
    before = [count(session, table) for table in (Agency, BudgetRevision)]
    file = tmp_path / "file.csv"
    file.write_text(
        {
            "agencies": "code,name,kind,parent_code\nX,Dinas Baru,dinas,\n",
            "budgets": BUDGET if command[1] == "import" else "code,name\n9.9,Baru\n",
        }[command[0]]
    )
    answer = run(city, *command, file, "--dry-run")
    assert answer.exit_code == 0
    assert "nothing was kept" in answer.output
    assert [count(session, table) for table in (Agency, BudgetRevision)] == before


@pytest.mark.parametrize("content", [b"", b"code\nX\n", b"PK\x03\x04no zip", b"\xd0\xcf\x11\xe0\0"])
def test_what_is_no_table_is_refused_in_words(app: Flask, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "file.xlsx"
    file.write_bytes(content)
    answer = run(app, "agencies", "import", file)
    assert answer.exit_code == 1
    assert answer.stderr.startswith("Error: ")


def test_an_unknown_agency_is_refused_in_words(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    file.write_text(ROSTER)
    answer = run(app, "roster", "import", file, "--agency", "KB-X")
    assert answer.exit_code == 1
    assert "Traceback" not in answer.output
