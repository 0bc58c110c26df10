"""Checkpoints for everybody: a list in plain words, each as its note, and the keys."""

from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from storefront.core import audit
from storefront.core.database import transaction
from storefront.core.permissions import CITY, OPERATOR, Role
from storefront.core.signed_notes import Signer, TreeHead, VerifierKey, open_note
from storefront.quota import checkpoints
from storefront.quota.ledger import post
from storefront.quota.models import Amounts, EntryKind
from tests.conftest import CountSelects
from tests.factories import NOON, movement, signed_up
from tests.web.offices import desk_of

SIGNER = Signer("localhost/ledger", bytes(range(32)))
NEXT = Signer("localhost/ledger", bytes(range(1, 33)))


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def numbers() -> Iterator[int]:
    return iter(range(1, 1_000))


def issue(session: Session, numbers: Iterator[int], *, times: int = 1) -> None:
    """Checkpoints of both logs, a day apart."""
    actor = signed_up(session)
    for _ in range(times):
        number = next(numbers)
        with transaction(session):
            post(session, actor, [movement(EntryKind.COMMIT, Amounts(1), order=f"P-{number}")],
                 now=NOON)  # fmt: skip
            audit.record(session, OPERATOR, "seller.verified", f"{number}", now=NOON)
            signer = SIGNER if number == 1 else NEXT
            checkpoints.issue(session, signer, now=NOON + timedelta(days=number))


def test_before_the_first_night_there_is_none_and_it_is_said_so(visitor: FlaskClient) -> None:
    shown = visitor.get("/ledger/checkpoints")
    assert shown.status_code == HTTPStatus.OK
    assert "Belum ada cap" in shown.text
    assert visitor.get("/ledger/key").text == ""


def test_each_is_served_to_the_byte_as_it_was_signed(
    session: Session, visitor: FlaskClient, numbers: Iterator[int]
) -> None:
    issue(session, numbers, times=2)
    for path, origin in (("", "localhost/ledger"), ("audit/", "localhost/ledger/audit")):
        answer = visitor.get(f"/ledger/checkpoints/{path}1")
        assert answer.content_type == "text/plain; charset=utf-8"
        head = TreeHead.parse(open_note(answer.text, [SIGNER.key]).text)
        assert (head.origin, head.size) == (origin, 1)
        assert answer.text == SIGNER.sign(head.text)


@pytest.mark.parametrize("size", ["3", "0", "01x", "-1", "9" * 40, "other/1"])
def test_a_size_without_a_checkpoint_is_not_found(
    session: Session, visitor: FlaskClient, numbers: Iterator[int], size: str
) -> None:
    issue(session, numbers, times=2)
    assert visitor.get(f"/ledger/checkpoints/{size}").status_code == HTTPStatus.NOT_FOUND


def test_the_keys_stand_one_a_line_the_newest_first(
    session: Session, visitor: FlaskClient, numbers: Iterator[int]
) -> None:
    issue(session, numbers, times=2)
    answer = visitor.get("/ledger/key")
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.text == f"{NEXT.key}\n{SIGNER.key}\n"
    assert [VerifierKey.parse(line) for line in answer.text.splitlines()] == [NEXT.key, SIGNER.key]


def test_the_program_that_checks_without_the_store_is_offered_to_the_byte(
    visitor: FlaskClient,
) -> None:
    assert 'href="/ledger/verify_ledger.py"' in visitor.get("/ledger/checkpoints").text
    with visitor.get("/ledger/verify_ledger.py") as answer:
        assert answer.headers["Content-Disposition"] == "attachment; filename=verify_ledger.py"
        assert answer.data == Path("docs/verify_ledger.py").read_bytes()


def test_the_list_leads_to_every_note_page_by_page(
    session: Session, visitor: FlaskClient, numbers: Iterator[int]
) -> None:
    issue(session, numbers, times=13)
    first = visitor.get("/ledger/checkpoints").text
    assert 'href="/ledger/checkpoints/13"' in first
    assert 'href="/ledger/checkpoints/audit/13"' in first
    assert 'href="/ledger/checkpoints/1"' not in first
    second = visitor.get("/ledger/checkpoints?page=2").text
    assert 'href="/ledger/checkpoints/1"' in second
    assert 'href="/ledger/key"' in second
    assert "Tidak ada halaman ini" in visitor.get("/ledger/checkpoints?page=9").text
    assert visitor.get("/ledger/checkpoints?page=x").status_code == HTTPStatus.OK


def test_the_list_asks_as_much_of_the_database_for_many_as_for_few(
    session: Session, visitor: FlaskClient, numbers: Iterator[int], count_selects: CountSelects
) -> None:
    asked = []
    for times in (1, 10):
        issue(session, numbers, times=times)
        with count_selects() as selects:
            visitor.get("/ledger/checkpoints")
        asked.append(len(selects))
    assert asked[0] == asked[1]


def test_the_foot_of_the_shop_and_the_auditors_page_lead_there(
    app: Flask, session: Session, visitor: FlaskClient, numbers: Iterator[int]
) -> None:
    issue(session, numbers)
    assert 'href="/ledger/checkpoints"' in visitor.get("/help").text
    assert 'href="/ledger/checkpoints"' in visitor.get("/figures").text
    auditor = desk_of(app, session, signed_up(session, Role.AUDITOR, CITY).person_id)
    shown = auditor.see("/audit/")
    assert "Cap terakhir sampai nomor 1." in shown
    assert 'href="/ledger/checkpoints"' in shown
