"""An approver's list, one request, and the approver's word, through HTTP."""

from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from storefront.agencies.models import BudgetLine, PlacementKind
from storefront.core.database import transaction
from storefront.core.permissions import Role, agency_scope
from storefront.orders.approvals import Decision, decide
from storefront.orders.models import OrderStatus
from storefront.quota.models import Fund
from storefront.sellers.models import SellerClass
from tests.conftest import CountSelects
from tests.factories import NOON, agency, listed_variant, placed, signed_up
from tests.factories_orders import Around, approved_order, around, found, placed_order
from tests.web.browsing import Form, Forms
from tests.web.offices import Desk, desk_of, staff


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def of(session: Session) -> Around:
    return around(session, ceiling=2_000_000, line=1_000_000)


@pytest.fixture
def desk(app: Flask, session: Session, of: Around) -> Desk:
    return desk_of(app, session, of.approver.person_id)


def approve_button(number: str) -> str:
    return f'<form method="post" action="/agency/approvals/{number}">'


def refused_form(answer: TestResponse) -> Form:
    """The form with reasons, as it came back."""
    return next(form for form in Forms(answer.text).forms if "reason" in form)


def test_the_list_says_who_asks_for_what_and_until_when(
    desk: Desk, session: Session, of: Around
) -> None:
    number = placed_order(session, of, decide_by=NOON + timedelta(hours=4))
    page = desk.see("/agency/approvals")
    assert f"/agency/approvals/{number}" in page
    assert "Rina Amelia: Rapat koordinasi puskesmas" in page
    assert "hari ini 16.00" in page
    assert "Rp100.000" in page


def test_an_empty_list_says_what_to_do_next(desk: Desk) -> None:
    page = desk.see("/agency/approvals")
    assert "Tidak ada yang menunggu Anda" in page
    assert 'href="/agency/orders"' in page


def test_the_list_costs_no_more_for_more_requests(
    desk: Desk, session: Session, of: Around, count_selects: CountSelects
) -> None:
    counts = []
    for _ in range(2):
        placed_order(session, of)
        session.rollback()
        with count_selects() as selects:
            desk.see("/agency/approvals")
        counts.append(len(selects))
    assert counts[0] == counts[1] <= 20


def test_one_sentence_tells_who_asks_for_how_much_for_what(
    desk: Desk, session: Session, of: Around
) -> None:
    page = desk.see(f"/agency/approvals/{placed_order(session, of)}")
    assert "<h1>Rina Amelia meminta Rp100.000 untuk Rapat koordinasi puskesmas</h1>" in page
    assert "Sisa rincian Rp1.000.000, menjadi Rp900.000." in page
    assert "Kekurangan turun menjadi <b" in page
    assert "Rp700.000" in page  # 40 % of two million, less this request


def test_an_approved_request_is_a_commitment(desk: Desk, session: Session, of: Around) -> None:
    number = placed_order(session, of)
    answer = desk.send(
        f"/agency/approvals/{number}", f"/agency/approvals/{number}", decision="approve"
    )
    assert (answer.status_code, answer.location) == (HTTPStatus.SEE_OTHER, "/agency/approvals")
    order = found(session, number)
    assert (order.status, order.committed_amount) == (OrderStatus.APPROVED, 100_000)
    assert session.scalars(select(BudgetLine.committed_amount)).all() == [100_000]
    told = desk.see("/agency/approvals")
    assert "disetujui: Rp100.000 kini menjadi komitmen" in told


@pytest.mark.parametrize(
    ("decision", "status"),
    [("reject", OrderStatus.REJECTED), ("send_back", OrderStatus.DRAFT)],
)
def test_a_refusal_reaches_the_asker_in_the_approvers_words(
    desk: Desk, session: Session, of: Around, decision: str, status: OrderStatus
) -> None:
    number = placed_order(session, of)
    desk.send(
        f"/agency/approvals/{number}",
        f"/agency/approvals/{number}",
        decision=decision,
        reason_kind="merge",
        reason="Satukan dengan rapat tanggal 17.",
    )
    order = found(session, number)
    assert order.status is status
    assert order.events[-1].reason == (
        "Gabungkan dengan permintaan lain. Satukan dengan rapat tanggal 17."
    )


def test_own_words_are_enough_of_a_reason(desk: Desk, session: Session, of: Around) -> None:
    number = placed_order(session, of)
    desk.send(
        f"/agency/approvals/{number}",
        f"/agency/approvals/{number}",
        decision="reject",
        reason="Rapatnya batal.",
    )
    assert found(session, number).events[-1].reason == "Rapatnya batal."


@pytest.mark.parametrize("kind", [None, "other"])
def test_a_refusal_without_a_word_is_asked_for_one(
    desk: Desk, session: Session, of: Around, kind: str | None
) -> None:
    number = placed_order(session, of)
    answer = desk.send(
        f"/agency/approvals/{number}",
        f"/agency/approvals/{number}",
        decision="reject",
        reason_kind=kind,
    )
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Tuliskan alasannya" in answer.text.split('id="reason-error"')[1][:400]
    assert found(session, number).status is OrderStatus.SUBMITTED


def test_what_was_typed_stays_when_it_is_too_long(desk: Desk, session: Session, of: Around) -> None:
    number = placed_order(session, of)
    words = "panjang " * 100
    answer = desk.send(
        f"/agency/approvals/{number}",
        f"/agency/approvals/{number}",
        decision="reject",
        reason_kind="price",
        reason=words,
    )
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Alasan paling panjang 500 huruf." in answer.text
    assert words.strip() in answer.text
    assert refused_form(answer)["reason_kind"] == "price"


@pytest.mark.parametrize("decision", [None, "", "setuju"])
def test_an_unknown_decision_changes_nothing(
    desk: Desk, session: Session, of: Around, decision: str | None
) -> None:
    number = placed_order(session, of)
    answer = desk.send(
        f"/agency/approvals/{number}", f"/agency/approvals/{number}", decision=decision
    )
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Pilih setujui, kembalikan, atau tolak." in answer.text
    assert found(session, number).status is OrderStatus.SUBMITTED


def test_a_request_over_the_ceiling_says_by_how_much(
    desk: Desk, session: Session, of: Around
) -> None:
    number = placed_order(session, of, quantities=(120,))
    page = desk.see(f"/agency/approvals/{number}")
    assert "Pagu tidak cukup" in page
    answer = desk.send(
        f"/agency/approvals/{number}", f"/agency/approvals/{number}", decision="approve"
    )
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Sisa pagu Rp1.000.000; permintaan ini lewat Rp200.000." in answer.text
    assert found(session, number).status is OrderStatus.SUBMITTED


def test_a_request_over_the_sellers_month_says_by_how_much(app: Flask, session: Session) -> None:
    of = around(session)
    desk = desk_of(app, session, of.approver.person_id)
    number = placed_order(session, of, quantities=(31,), price=1_000_000)
    answer = desk.send(
        f"/agency/approvals/{number}", f"/agency/approvals/{number}", decision="approve"
    )
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "permintaan ini lewat Rp1.000.000" in answer.text


def test_the_loser_of_a_race_sees_the_others_act(desk: Desk, session: Session, of: Around) -> None:
    number = placed_order(session, of)
    form = desk.form(f"/agency/approvals/{number}", f"/agency/approvals/{number}")
    quicker = signed_up(session, Role.APPROVER, agency_scope(of.agency.code))
    with transaction(session):
        decide(session, quicker, number, Decision.REJECT, "Sudah ada stok.", now=NOON)
    answer = desk.client.post(form.action, data=form.filled(decision="approve"))
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "sudah ditolak, jadi tidak dapat disetujui" in answer.text
    assert "Yang terakhir terjadi: Ditolak: Rina Amelia" in answer.text
    assert "Sudah ada stok." in answer.text
    assert found(session, number).status is OrderStatus.REJECTED
    assert approve_button(number) not in answer.text


def test_who_is_too_late_cannot_approve(desk: Desk, session: Session, of: Around) -> None:
    number = placed_order(session, of, decide_by=NOON - timedelta(hours=1))
    assert "Batas waktu sudah lewat" in desk.see(f"/agency/approvals/{number}")
    answer = desk.send(
        f"/agency/approvals/{number}", f"/agency/approvals/{number}", decision="approve"
    )
    assert answer.status_code == HTTPStatus.CONFLICT


def test_ones_own_request_is_for_a_colleague(app: Flask, session: Session, of: Around) -> None:
    placed(
        session,
        of.agency,
        Role.APPROVER,
        person_id=of.buyer.person_id,
        kind=PlacementKind.ACTING,
    )
    number = placed_order(session, of)
    desk = desk_of(app, session, of.buyer.person_id)
    page = desk.see(f"/agency/approvals/{number}")
    assert "Rekan Anda yang memutuskan permintaan ini" in page
    assert approve_button(number) not in page
    answer = desk.client.post(
        f"/agency/approvals/{number}",
        data={"csrf_token": desk.token(), "decision": "approve"},
    )
    assert answer.status_code == HTTPStatus.FORBIDDEN


def test_another_order_at_the_same_seller_is_pointed_out_first(
    desk: Desk, session: Session, of: Around
) -> None:
    other = approved_order(session, of, purpose="Rapat lain")
    page = desk.see(f"/agency/approvals/{placed_order(session, of)}")
    assert "1 perlu dilihat" not in page  # the price has no comparison either
    assert "Mirip permintaan 12 November 2026" in page
    assert f'href="/agency/orders/{other}"' in page
    assert page.index("Mirip permintaan") < page.index("Pagu cukup")


def test_a_price_above_the_others_is_pointed_out(desk: Desk, session: Session, of: Around) -> None:
    listed_variant(session, price=9_000)
    page = desk.see(f"/agency/approvals/{placed_order(session, of)}")
    assert "Harga di atas penjual serupa" in page
    assert "Rp9.000" in page


def test_a_seller_whose_class_does_not_count_is_said_so(
    desk: Desk, session: Session, of: Around
) -> None:
    number = placed_order(session, of, seller_class=SellerClass.OTHER)
    page = desk.see(f"/agency/approvals/{number}")
    assert "Kelas penjual belum terperiksa" in page
    assert "Tidak dihitung ke kuota" in page


def test_without_a_budget_no_percentage_is_shown(app: Flask, session: Session) -> None:
    of = around(session, ceiling=None, line=None)
    desk = desk_of(app, session, of.approver.person_id)
    page = desk.see(f"/agency/approvals/{placed_order(session, of)}")
    assert "Pagu belum diisi" in page
    assert 'class="bar"' not in page


def test_a_personal_order_is_no_request(desk: Desk, session: Session, of: Around) -> None:
    number = placed_order(session, of, fund=Fund.PERSONAL)
    assert desk.client.get(f"/agency/approvals/{number}").status_code == HTTPStatus.NOT_FOUND


def test_a_seller_who_approves_elsewhere_sees_nothing_of_the_buyers_budget(
    app: Flask, session: Session, of: Around
) -> None:
    number = approved_order(session, of)
    school = agency(session, "1.01.01", name="Dinas Pendidikan")
    placed(session, school, Role.APPROVER, person_id=of.seller.person_id)
    desk = desk_of(app, session, of.seller.person_id)
    for page in ("approvals", "orders"):
        answer = desk.client.get(f"/agency/{page}/{number}")
        assert answer.status_code == HTTPStatus.NOT_FOUND


def test_the_approver_above_decides_for_an_agency_without_one(app: Flask, session: Session) -> None:
    above = agency(session, "1.02")
    of = around(session, code="1.02.07", parent=above)
    number = placed_order(session, of, approval_agency_id=above.id)
    desk = staff(app, session, Role.APPROVER, "1.02")
    assert number in desk.see("/agency/approvals")
    answer = desk.send(
        f"/agency/approvals/{number}", f"/agency/approvals/{number}", decision="approve"
    )
    assert answer.status_code == HTTPStatus.SEE_OTHER
    assert found(session, number).status is OrderStatus.APPROVED


def test_what_people_wrote_is_shown_as_text(desk: Desk, session: Session, of: Around) -> None:
    number = placed_order(session, of, purpose="<script>alert(1)</script>", note="<b>x</b>")
    page = desk.see(f"/agency/approvals/{number}")
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "<b>x</b>" not in page
