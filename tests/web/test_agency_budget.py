"""An agency's budget through HTTP: counters, proposals by form and file, the second person."""

from collections.abc import Iterator
from http import HTTPStatus
from io import BytesIO

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from storefront.agencies.budget_import import COLUMNS
from storefront.agencies.models import (
    BudgetLine,
    BudgetRevision,
    BudgetYear,
    RevisionKind,
    RevisionState,
)
from storefront.core.database import transaction
from storefront.core.permissions import Role
from tests.conftest import CountSelects
from tests.factories import NOON
from tests.factories_orders import ACCOUNT, ACTIVITY, Around, approved_order, around
from tests.web.browsing import form_to
from tests.web.offices import Desk, staff

HEADING = ",".join(COLUMNS)
TOTAL = "1.02.01,2026,1,2026-02-01,DPA/1,,,,2000000"
LINE = f"1.02.01,2026,1,2026-02-01,DPA/1,{ACTIVITY},Pengelolaan Layanan,{ACCOUNT},1500000"


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture(autouse=True)
def of(session: Session) -> Around:
    return around(session, ceiling=1_000_000, line=800_000)


@pytest.fixture
def admin(app: Flask, session: Session) -> Desk:
    return staff(app, session, Role.AGENCY_ADMIN)


@pytest.fixture
def second(app: Flask, session: Session) -> Desk:
    return staff(app, session, Role.AGENCY_ADMIN)


def propose(desk: Desk, **typed: object) -> TestResponse:
    """The form as it is shown, with a document and what is typed."""
    sent = {"document_number": "DPPA/1", "effective_on": "2026-11-12"} | typed
    return desk.send("/agency/budget/new", "/agency/budget/new", **sent)


def upload(desk: Desk, *rows: str, action: str = "keep", name: str = "pagu.csv") -> TestResponse:
    form = desk.form("/agency/budget", "/agency/budget/import")
    content = "\n".join([HEADING, *rows]).encode()
    sent = {"csrf_token": form["csrf_token"], "action": action, "file": (BytesIO(content), name)}
    return desk.client.post(form.action, data=sent, content_type="multipart/form-data")


def proposals(session: Session) -> list[BudgetRevision]:
    session.rollback()
    return list(session.scalars(select(BudgetRevision).order_by(BudgetRevision.id)))


def test_each_line_says_what_is_left(admin: Desk, session: Session, of: Around) -> None:
    approved_order(session, of)
    page = admin.see("/agency/budget")
    lines = page.split('id="lines"')[1]
    assert "Makanan dan Minuman Rapat" in lines
    assert "Rp800.000" in lines
    assert "Rp100.000" in lines
    assert "Rp700.000" in lines
    assert "Rp900.000" in page  # of the year


def test_a_line_below_what_is_committed_is_red(admin: Desk, session: Session, of: Around) -> None:
    approved_order(session, of)
    with transaction(session):
        session.scalars(select(BudgetLine)).one().ceiling_amount = 60_000
        session.scalars(select(BudgetYear)).one().ceiling_amount = 60_000
    page = admin.see("/agency/budget")
    assert '<b class="bad-ink">' in page
    assert "-Rp40.000</b>" in page
    assert "Pagu terlampaui Rp40.000" in page


def test_a_year_without_a_budget_leads_to_proposing_one(admin: Desk) -> None:
    page = admin.see("/agency/budget?year=2027")
    assert "Pagu 2027 belum diisi" in page
    assert 'href="/agency/budget/new?year=2027"' in page


def test_the_form_starts_from_the_lines_as_they_are(admin: Desk) -> None:
    form = admin.form("/agency/budget/new", "/agency/budget/new")
    assert form["lines-0-activity_code"] == ACTIVITY
    assert form["lines-0-expense_account"] == ACCOUNT
    assert form["lines-0-amount"] == "800.000"
    assert form["lines-1-amount"] == ""


def test_a_proposal_waits_for_the_second_person(
    admin: Desk, second: Desk, session: Session
) -> None:
    answer = propose(admin, **{"lines-0-amount": "900.000", "total_amount": "1.200.000"})
    assert answer.status_code == HTTPStatus.SEE_OTHER
    (proposed,) = proposals(session)
    assert (proposed.total_amount, proposed.state) == (1_200_000, RevisionState.PROPOSED)
    assert session.scalars(select(BudgetYear.ceiling_amount)).all() == [1_000_000]
    second.send("/agency/", f"/agency/revisions/{proposed.id}", decision="confirm")
    session.rollback()
    assert session.scalars(select(BudgetYear.ceiling_amount)).all() == [1_200_000]
    assert session.scalars(select(BudgetLine.ceiling_amount)).all() == [900_000]


def test_nobody_confirms_their_own_proposal(admin: Desk, session: Session) -> None:
    propose(admin)
    (proposed,) = proposals(session)
    assert (
        "Konfirmasi" not in admin.see(f"/agency/budget/revisions/{proposed.id}").split("<main")[1]
    )
    sent = {"csrf_token": admin.token(), "decision": "confirm"}
    answer = admin.client.post(f"/agency/revisions/{proposed.id}", data=sent)
    assert answer.status_code == HTTPStatus.FORBIDDEN
    assert proposals(session)[0].state is RevisionState.PROPOSED


def test_a_proposal_may_be_taken_back(admin: Desk, session: Session) -> None:
    propose(admin)
    (proposed,) = proposals(session)
    page = f"/agency/budget/revisions/{proposed.id}"
    admin.send(page, f"/agency/revisions/{proposed.id}", decision="refuse")
    assert proposals(session)[0].state is RevisionState.REFUSED


def test_of_two_who_confirm_the_second_is_told(
    app: Flask, admin: Desk, second: Desk, session: Session
) -> None:
    propose(admin)
    (proposed,) = proposals(session)
    third = staff(app, session, Role.AGENCY_ADMIN)
    form = third.form("/agency/", f"/agency/revisions/{proposed.id}")
    second.send("/agency/", f"/agency/revisions/{proposed.id}", decision="confirm")
    answer = third.client.post(form.action, data=form.filled(decision="confirm"))
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "sudah diputuskan orang lain" in answer.text


@pytest.mark.parametrize(
    ("typed", "message", "beside"),
    [
        ({"document_number": ""}, "Isi nomor dokumen pagu.", "document_number-error"),
        ({"kind": "other"}, "Pilih jenis pagunya.", "kind-error"),
        ({"effective_on": "2027-01-02"}, "dalam tahun anggaran 2026", "effective_on-error"),
        ({"effective_on": "besok"}, "Tulis tanggal yang ada", "effective_on-error"),
        ({"total_amount": "100"}, "melebihi total pagu Rp100", "total_amount-error"),
        ({"total_amount": "-1"}, "Tulis rupiah bulat", "total_amount-error"),
        ({"lines-0-amount": "1,5"}, "Tulis rupiah bulat", "lines-0-amount-error"),
        ({"lines-0-activity_name": ""}, "kode dan nama kegiatan", "lines-0-activity_code-error"),
        (
            {
                "lines-1-activity_code": ACTIVITY,
                "lines-1-activity_name": "Sama",
                "lines-1-expense_account": ACCOUNT,
                "lines-1-amount": "1",
            },
            "ada dua kali",
            "lines-1-activity_code-error",
        ),
        ({"lines-0-expense_account": "9.9"}, "belum terdaftar", "lines-0-expense_account-error"),
    ],
)
def test_a_refusal_stands_beside_its_field_with_all_that_was_typed(
    admin: Desk, session: Session, typed: dict[str, str], message: str, beside: str
) -> None:
    answer = propose(admin, **typed)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    beside_it = answer.text.replace("activity_name-error", "activity_code-error")
    assert message in beside_it.split(f'id="{beside}"')[1][:400]
    form = form_to(answer, "/agency/budget/new")
    assert form["lines-0-activity_code"] == ACTIVITY
    assert proposals(session) == []


def test_the_kind_of_a_version_is_chosen_on_the_page_and_read_there(
    admin: Desk, session: Session
) -> None:
    """Proposed is what its number suggests; a later version is a shift if one says so."""
    assert admin.form("/agency/budget/new", "/agency/budget/new")["kind"] == "original"
    propose(admin)
    propose(admin, kind="shift")
    assert [each.kind for each in proposals(session)] == [
        RevisionKind.ORIGINAL,
        RevisionKind.SHIFT,
    ]
    page = admin.see("/agency/budget")
    assert "APBD murni" in page
    assert "Pergeseran" in page
    answer = propose(admin, kind="original")
    assert "APBD murni hanya pagu pertama" in answer.text.split('id="kind-error"')[1][:300]


def test_a_file_is_tried_without_being_kept(admin: Desk, session: Session) -> None:
    page = upload(admin, TOTAL, LINE, action="try")
    assert page.status_code == HTTPStatus.OK
    assert "Berkas ini benar, dan belum disimpan" in page.text
    assert "1 perubahan pagu dengan 1 rincian" in page.text
    assert proposals(session) == []


def test_a_file_becomes_a_proposal(admin: Desk, session: Session) -> None:
    assert upload(admin, TOTAL, LINE).status_code == HTTPStatus.SEE_OTHER
    (proposed,) = proposals(session)
    assert (proposed.revision, proposed.total_amount) == (1, 2_000_000)


def test_what_is_wrong_in_a_file_is_told_by_row_and_column(admin: Desk, session: Session) -> None:
    answer = upload(admin, TOTAL.replace("2000000", "2.000.000"), LINE.replace(ACCOUNT, "9.9"))
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    rows = answer.text.split('id="wrong-rows"')[1].split("</section>")[0]
    assert "Baris 2" in rows
    assert "amount" in rows
    assert "Tulis rupiah bulat" in rows
    assert "Tidak ada yang disimpan" in rows
    assert proposals(session) == []


def test_another_agencys_budget_cannot_be_uploaded(admin: Desk, session: Session) -> None:
    answer = upload(admin, TOTAL.replace("1.02.01", "1.01.01"))
    assert "di luar wewenang Anda" in answer.text
    assert proposals(session) == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "Baris pertama harus berisi nama kolom"),
        (b"PK\x03\x04broken", "tidak terbaca sebagai CSV atau XLSX"),
        (b"agency_code,amount\n1,2\n", "Yang belum ada: fiscal_year"),
    ],
)
def test_a_file_that_is_none_is_said_beside_it(admin: Desk, content: bytes, message: str) -> None:
    form = admin.form("/agency/budget", "/agency/budget/import")
    sent = {"csrf_token": form["csrf_token"], "file": (BytesIO(content), "x.csv")}
    answer = admin.client.post(form.action, data=sent, content_type="multipart/form-data")
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert message in answer.text.split('id="file-error"')[1][:400]


def test_no_file_is_asked_for(admin: Desk) -> None:
    answer = admin.send("/agency/budget", "/agency/budget/import")
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Pilih berkas CSV atau XLSX." in answer.text.split('id="file-error"')[1][:300]


def test_a_treasurer_sees_the_budget_and_proposes_nothing(app: Flask, session: Session) -> None:
    page = staff(app, session, Role.TREASURER).see("/agency/budget")
    assert "Makanan dan Minuman Rapat" in page
    assert "/agency/budget/new" not in page
    assert 'name="file"' not in page


def test_the_page_costs_no_more_for_more_versions(
    admin: Desk, second: Desk, session: Session, count_selects: CountSelects
) -> None:
    counts = []
    for _ in range(2):
        propose(admin)
        proposed = proposals(session)[-1]
        second.send("/agency/", f"/agency/revisions/{proposed.id}", decision="confirm")
        session.rollback()
        admin.see("/agency/budget")
        with count_selects() as selects:
            admin.see("/agency/budget")
        counts.append(len(selects))
    assert counts[0] == counts[1] <= 24


def test_the_present_budget_is_downloaded_changed_and_uploaded(
    admin: Desk, session: Session
) -> None:
    file = admin.client.get("/agency/budget.csv?year=2026")
    assert "attachment" in file.headers["Content-Disposition"]
    heading, *rows = file.data.decode("utf-8-sig").splitlines()
    assert heading == HEADING.replace(",", ";")
    assert [row.rsplit(";", 1)[1] for row in rows] == ["1000000", "800000"]
    numbered = [row.replace("2026-11-12;", "2026-11-12;DPPA/7", 1) for row in rows]
    changed = "\n".join([heading, *numbered]).replace("1000000", "1200000")
    form = admin.form("/agency/budget", "/agency/budget/import")
    sent: dict[str, object] = {"csrf_token": form["csrf_token"], "action": "keep"}
    sent |= {"file": (BytesIO(changed.encode("utf-8-sig")), "pagu.csv")}
    answer = admin.client.post(form.action, data=sent, content_type="multipart/form-data")
    assert answer.status_code == HTTPStatus.SEE_OTHER, answer.text
    assert [each.total_amount for each in proposals(session)] == [1_200_000]
