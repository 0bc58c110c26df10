"""The auditor reads acts in words: every act that the store records has one."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

import storefront
from storefront.catalog.listing import TRANSITIONS as PRODUCT_TURNS
from storefront.core import audit
from storefront.core.database import transaction
from storefront.core.permissions import CITY, OPERATOR, Role
from storefront.exports.writing import WRITTEN
from storefront.quota.correction_models import CorrectionState
from storefront.sellers.verification import TRANSITIONS as SELLER_TURNS
from storefront.web.audit.act_words import ACTS, detail_words
from tests.factories import NOON, signed_up
from tests.web.offices import desk_of

ROOT = Path(storefront.__file__).parent
DECIDED = frozenset(CorrectionState) - {CorrectionState.PROPOSED}
MADE_OF_PARTS = {
    WRITTEN,
    *(f"product.{turn}" for _state, turn in PRODUCT_TURNS),
    *(f"product.{what}" for what in ("picture.added", "picture.removed", "pictures.ordered")),
    *(f"seller.{turn}" for _state, turn in SELLER_TURNS if turn != "verify"),
    *(f"correction.{state.value}" for state in DECIDED),
    *("serlok_day.moved", "serlok_day.cancelled"),
    *(f"exemption.{what}" for what in ("proposed", "confirmed", "refused", "ended")),
}


def recorded() -> Iterator[str]:
    """The acts that stand in the code by their whole name."""
    for file in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.record":
                act = node.args[2]
                if isinstance(act, ast.Constant):
                    yield str(act.value)


def test_every_act_has_its_word_and_no_word_is_of_an_act_that_nobody_records() -> None:
    assert {*recorded(), *MADE_OF_PARTS} == ACTS.keys()


def test_what_the_log_keeps_is_told_in_words(app: Flask) -> None:
    kept: audit.Details = {
        "amount": 15_000,
        "effective_on": "2026-11-12",
        "ledger_position": 9_088,
        "new_parent": None,
        "unheard_of": "x",
    }
    with app.test_request_context():
        assert detail_words(kept) == [
            ("jumlah", "Rp15.000"),
            ("berlaku", "12 November 2026"),
            ("catatan kuota nomor", "9088"),
            ("unheard_of", "x"),
        ]


@pytest.mark.parametrize("path", ["/audit/log", "/audit/"])
@time_machine.travel(NOON, tick=False)
def test_the_log_says_what_was_done_by_whom(app: Flask, session: Session, path: str) -> None:
    with transaction(session):
        audit.record(session, OPERATOR, "close.proposed", "2026-09", now=NOON)
    auditor = desk_of(app, session, signed_up(session, Role.AUDITOR, CITY).person_id)
    shown = auditor.see(path)
    assert "Penutupan bulan diusulkan" in shown
    assert "close.proposed" in shown
    assert "baris perintah" in shown
