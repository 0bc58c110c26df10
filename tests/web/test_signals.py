"""Signals by page: the auditor reads them and says what was found; the city sets from where on."""

from datetime import timedelta
from http import HTTPStatus

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.reports.signal_models import Signal, SignalKind, SignalThreshold
from tests.factories import NOON
from tests.factories_orders import Around, approved_order, paid_order, placed_order
from tests.reports.signalling import looked, lowered
from tests.web.offices import Desk

pytestmark = pytest.mark.usefixtures("at_noon")


@pytest.fixture
def signal(session: Session, of: Around) -> Signal:
    lowered(session, SignalKind.SPLIT, amount=150_000, days=7)
    placed_order(session, of, now=NOON - timedelta(days=1))
    approved_order(session, of)
    (one,) = looked(session)
    return one


def test_a_signal_is_listed_with_its_reason_and_leads_to_its_orders(
    of: Around, auditor: Desk, signal: Signal
) -> None:
    assert "isyarat belum diperiksa" in auditor.see("/audit/")
    shown = auditor.see("/audit/signals")
    assert f"2 permintaan ke {of.shop.name} dalam 2 hari" in shown
    assert "Rp150.000" in shown
    shown = auditor.see(f"/audit/signals/{signal.id}")
    numbers = [part.split('"')[0] for part in shown.split('href="/audit/orders/')[1:]]
    assert len(numbers) == 2
    order = auditor.see(f"/audit/orders/{numbers[1]}")
    assert of.shop.name in order
    assert "0812111" not in order, "the buyer's telephone is nobody's business here"


@pytest.mark.usefixtures("signal")
def test_the_list_is_narrowed_by_kind_agency_and_status(auditor: Desk) -> None:
    reason = "2 permintaan ke"
    assert reason in auditor.see("/audit/signals?kind=split&agency=1.02.01&status=open")
    for other in ("kind=price", "agency=1.01.01", "status=explained"):
        assert reason not in auditor.see(f"/audit/signals?{other}")
    assert reason in auditor.see("/audit/signals?kind=nonsense&status=nonsense&before=x")


def test_a_note_is_kept_with_its_status_and_history(auditor: Desk, signal: Signal) -> None:
    page = f"/audit/signals/{signal.id}"
    auditor.send(page, page, status="looked_at", text="Ditanyakan kepada PPK.")
    auditor.send(page, page, status="explained", text="Dua acara berbeda <b>jelas</b>.")
    shown = auditor.see(page)
    assert "Ditanyakan kepada PPK." in shown
    assert "&lt;b&gt;jelas" in shown
    assert "2 permintaan ke" in auditor.see("/audit/signals?status=explained")
    assert "signal.noted" in auditor.see("/audit/log?act=signal")


def test_a_note_without_words_is_asked_for_beside_its_field(auditor: Desk, signal: Signal) -> None:
    page = f"/audit/signals/{signal.id}"
    answer = auditor.send(page, page, status="explained", text="  ")
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert 'id="text-error"' in answer.text
    long = auditor.send(page, page, status="explained", text="x" * 1_001)
    assert long.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "x" * 1_001 in long.text


def test_a_private_order_is_not_found_on_the_auditors_side(
    session: Session, of: Around, auditor: Desk
) -> None:
    number = paid_order(session, of)
    assert auditor.client.get(f"/audit/orders/{number}").status_code == HTTPStatus.NOT_FOUND


def test_the_city_sets_a_threshold_and_the_auditor_sees_who_did(
    session: Session, admin: Desk, auditor: Desk
) -> None:
    answer = admin.send(
        "/city/signals", "/city/signals", kind="price", amount="250.000", percent="200", least="10"
    )
    assert answer.status_code == HTTPStatus.SEE_OTHER
    latest = session.scalars(select(SignalThreshold).order_by(SignalThreshold.id.desc())).first()
    assert latest is not None
    assert (latest.amount, latest.permille, latest.least) == (250_000, 2_000, 10)
    assert "Rp250.000" in admin.see("/city/signals")
    assert "Rp250.000" in auditor.see("/audit/signals")


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"kind": "split", "amount": "0", "days": "7"}, "amount"),
        ({"kind": "split", "amount": "1000", "days": "400"}, "days"),
        ({"kind": "split", "amount": "seribu", "days": "7"}, "amount"),
        ({"kind": "price", "amount": "1000", "percent": "0", "least": "5"}, "percent"),
        ({"kind": "price", "amount": "1000", "percent": "banyak", "least": "5"}, "percent"),
        ({"kind": "contact", "amount": "1000", "since": "2026-11-11"}, "since"),
    ],
)
def test_a_threshold_that_cannot_be_is_told_beside_its_field(
    admin: Desk, typed: dict[str, str], field: str
) -> None:
    answer = admin.send("/city/signals", "/city/signals", **typed)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert f'id="{field}-error"' in answer.text
