"""Corrections by page: the city decides, the auditor reads, nobody sees own money."""

from datetime import date
from http import HTTPStatus

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.core.calendar import instant_of
from storefront.core.permissions import CITY, Role
from storefront.jobs.schedule import RECORDED_LATE
from storefront.quota.correction_models import Correction, CorrectionState, OffPlatformPurchase
from storefront.quota.models import Fund, LedgerEntry, QuotaAccount
from storefront.sellers.models import ClassVerification, SellerClass
from tests.factories import agency, signed_up
from tests.factories_orders import Around, approved_order, paid_order, received_order
from tests.orders.late_records import COBLONG, move_buyer, told
from tests.quota.purchases import RECEIPT, Hands
from tests.web.offices import Desk, city_desk, staff

PAGE = "/city/corrections"
IN_OCTOBER = instant_of(date(2026, 10, 20))

pytestmark = pytest.mark.usefixtures("at_noon")


@pytest.fixture
def other(app: Flask, session: Session) -> Desk:
    return city_desk(app, session, Role.CITY_ADMIN)


def recorded_late(session: Session, of: Around) -> None:
    """The buyer turns out to have served in Coblong since October."""
    city = signed_up(session, Role.CITY_ADMIN, CITY)
    move_buyer(session, of, city, agency(session, COBLONG, name="Kecamatan Coblong"))
    told(session)


def test_what_the_worker_hands_on_is_what_placements_and_classes_tell() -> None:
    assert {"placement_recorded_late", "class_recorded_late"} == RECORDED_LATE


def test_one_city_admin_proposes_another_approves_and_all_may_read(
    app: Flask, session: Session, of: Around, admin: Desk, other: Desk, auditor: Desk
) -> None:
    number = approved_order(session, of, now=IN_OCTOBER)
    recorded_late(session, of)
    assert number in admin.see(PAGE)
    admin.send(PAGE, f"{PAGE}/moves", orders=number, reason="SK 821/114 berlaku 1 Oktober")
    session.rollback()
    correction = session.scalars(select(Correction)).one()
    page = f"{PAGE}/{correction.id}"
    assert "Tarik usulan" in admin.see(page)
    assert "Anda orang kedua" not in admin.see(page)
    assert number in other.see(page)
    other.send(page, page, decision="confirm")
    session.rollback()
    assert session.get_one(Correction, correction.id).state is CorrectionState.APPROVED
    assert f"/audit/corrections/{correction.id}" in auditor.see("/audit/corrections")
    assert number in auditor.see(f"/audit/corrections/{correction.id}")
    for code in (of.agency.code, COBLONG):
        desk = staff(app, session, Role.PROCUREMENT, code)
        assert correction.number in desk.see("/agency/purchases?kind=move")
        assert number in desk.see(f"/agency/purchases/{correction.id}")


def test_the_proposer_cannot_approve_by_hand_either(
    session: Session, of: Around, admin: Desk
) -> None:
    number = approved_order(session, of, now=IN_OCTOBER)
    recorded_late(session, of)
    admin.send(PAGE, f"{PAGE}/moves", orders=number, reason="SK 821/114")
    session.rollback()
    page = f"{PAGE}/{session.scalars(select(Correction.id)).one()}"
    answer = admin.client.post(page, data={"csrf_token": admin.token(PAGE), "decision": "confirm"})
    assert answer.status_code == HTTPStatus.FORBIDDEN


def test_a_proposal_without_a_reason_or_orders_says_so_and_keeps_the_choice(
    session: Session, of: Around, admin: Desk
) -> None:
    number = approved_order(session, of, now=IN_OCTOBER)
    recorded_late(session, of)
    answer = admin.send(PAGE, f"{PAGE}/moves", orders=number, reason="")
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert 'id="reason-error"' in answer.text
    assert f'value="{number}" checked' in answer.text
    data = {"csrf_token": admin.token(PAGE), "reason": "SK 821/114"}
    answer = admin.client.post(f"{PAGE}/moves", data=data)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "SK 821/114" in answer.text


def test_what_somebody_proposed_meanwhile_is_told(
    session: Session, of: Around, admin: Desk, other: Desk
) -> None:
    number = approved_order(session, of, now=IN_OCTOBER)
    recorded_late(session, of)
    form = other.form(PAGE, f"{PAGE}/moves")
    admin.send(PAGE, f"{PAGE}/moves", orders=number, reason="SK 821/114")
    answer = other.client.post(f"{PAGE}/moves", data=form.filled(orders=number, reason="SK"))
    assert answer.status_code == HTTPStatus.CONFLICT
    assert "Daftarnya berubah" in answer.text


def test_own_money_stands_on_no_page(
    app: Flask, session: Session, of: Around, admin: Desk, other: Desk, auditor: Desk
) -> None:
    number = paid_order(session, of, now=IN_OCTOBER)
    received_order(session, of, number)
    recorded_late(session, of)
    with_orders = admin.see(PAGE)
    assert number not in with_orders
    admin.send(PAGE, f"{PAGE}/personal", personal_reason="SK 821/114")
    session.rollback()
    correction = session.scalars(select(Correction)).one()
    page = f"{PAGE}/{correction.id}"
    other.send(page, page, decision="confirm")
    session.rollback()
    held = select(QuotaAccount.realised_amount).filter_by(agency_code=COBLONG, fund=Fund.PERSONAL)
    assert session.scalars(held).one() == 100_000
    shown = [
        desk.see(path)
        for desk, path in (
            (admin, PAGE),
            (admin, f"{PAGE}?state=all"),
            (admin, page),
            (auditor, "/audit/corrections"),
            (auditor, f"/audit/corrections/{correction.id}"),
            (auditor, "/audit/log"),
        )
    ]
    assert not any(number in text or "100.000" in text for text in shown)
    desk = staff(app, session, Role.PROCUREMENT, of.agency.code)
    assert correction.number not in desk.see("/agency/purchases")
    assert desk.client.get(f"/agency/purchases/{correction.id}").status_code == HTTPStatus.NOT_FOUND


def test_the_page_is_the_same_whether_there_is_own_money_or_not(
    session: Session, of: Around, admin: Desk
) -> None:
    recorded_late(session, of)
    before = admin.see(PAGE)
    number = paid_order(session, of, now=IN_OCTOBER)
    received_order(session, of, number)
    told(session)
    assert _without_tokens(admin.see(PAGE)) == _without_tokens(before)


def test_what_was_refused_stands_apart_with_who_and_why_and_is_proposed_again(
    session: Session, of: Around, admin: Desk, other: Desk
) -> None:
    number = approved_order(session, of, now=IN_OCTOBER)
    recorded_late(session, of)
    admin.send(PAGE, f"{PAGE}/moves", orders=number, reason="SK 821/114")
    admin.send(PAGE, f"{PAGE}/personal", personal_reason="SK 821/114")
    session.rollback()
    for correction_id in session.scalars(select(Correction.id)).all():
        page = f"{PAGE}/{correction_id}"
        other.send(page, page, decision="refuse", reason="SK dibatalkan")
    assert "SK dibatalkan" not in admin.see(PAGE)
    stays = f"{PAGE}?state=all&stays=1"
    refused = admin.see(stays)
    assert refused.count(": SK dibatalkan") == 2, "of the order, and of the late record"
    assert "Usulkan lagi" in refused
    admin.send(stays, f"{PAGE}/moves?stays=1", orders=number, reason="SK berlaku lagi")
    admin.send(stays, f"{PAGE}/personal?stays=1", personal_reason="SK berlaku lagi")
    assert "SK dibatalkan" not in admin.see(stays)
    session.rollback()
    assert len(session.scalars(select(Correction)).all()) == 4


def _without_tokens(page: str) -> str:
    return "\n".join(
        line for line in page.split("\n") if "csrf_token" not in line and "nonce" not in line
    )


def test_the_city_states_a_strangers_class_as_it_approves(
    session: Session, of: Around, admin: Desk
) -> None:
    correction_id = Hands(session, of.agency.code).propose()
    page = f"{PAGE}/{correction_id}"
    answer = admin.send(page, page, decision="confirm", seller_class="micro", class_evidence="")
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert 'id="class_evidence-error"' in answer.text
    admin.send(page, page, decision="confirm", seller_class="micro", class_evidence="OSS 2026")
    session.rollback()
    bought = session.get_one(OffPlatformPurchase, correction_id)
    assert bought.seller_class is SellerClass.MICRO
    assert session.scalars(select(LedgerEntry.realised_change)).one() == 1_250_000


def test_evidence_is_for_the_agency_the_city_and_the_auditor(
    app: Flask, session: Session, of: Around, admin: Desk, auditor: Desk
) -> None:
    correction_id = Hands(session, of.agency.code).propose()
    ways = {
        f"/city/corrections/{correction_id}/evidence": admin,
        f"/audit/corrections/{correction_id}/evidence": auditor,
    }
    for path, desk in ways.items():
        answer = desk.client.get(path)
        assert answer.data == RECEIPT.content
        assert answer.headers["Content-Disposition"].startswith("attachment")
    agency(session, "1.01.01", name="Dinas Pendidikan")
    stranger = staff(app, session, Role.PROCUREMENT, "1.01.01")
    path = f"/agency/purchases/{correction_id}/evidence"
    assert stranger.client.get(path).status_code == HTTPStatus.NOT_FOUND
    assert app.test_client().get(path).status_code == HTTPStatus.SEE_OTHER


def test_a_class_is_revoked_by_page_from_a_past_day(
    session: Session, of: Around, admin: Desk
) -> None:
    number = approved_order(session, of, now=IN_OCTOBER)
    word = session.scalars(select(ClassVerification.id)).one()
    page = f"/city/sellers/{of.shop.id}"
    act = f"{page}/verifications/{word}/revoke"
    answer = admin.send(page, act, since="2026-11-13", revoke_reason="Omzet di atas batas")
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert 'id="since-error"' in answer.text
    admin.send(page, act, since="2026-10-01", revoke_reason="Omzet di atas batas")
    assert told(session) == 1
    assert number in admin.see(PAGE)
    other_word = f"{page}/verifications/{word + 1}/revoke"
    data = {"csrf_token": admin.token(PAGE), "since": "2026-10-01", "revoke_reason": "x"}
    assert admin.client.post(other_word, data=data).status_code == HTTPStatus.NOT_FOUND
