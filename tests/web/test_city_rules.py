"""The city's rules on its pages: proposed, tried, confirmed by another, read; and who is exempt."""

from collections.abc import Iterator
from datetime import date
from http import HTTPStatus

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from storefront.core.permissions import CITY, Role
from storefront.quota.exemptions import exemptions_on
from storefront.quota.rules import rule_on
from storefront.sellers.models import SellerClass
from tests.conftest import CountSelects
from tests.factories import NOON, agency, budget, signed_up
from tests.factories_rules import BASIS, adopted, exempted, terms
from tests.reports.made import booked
from tests.web.offices import Desk, desk_of

UNPROCESSABLE = HTTPStatus.UNPROCESSABLE_ENTITY
TODAY = NOON.date()
RULES, EXEMPTIONS = "/city/rules", "/city/exemptions"


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def admin(app: Flask, session: Session) -> Desk:
    return city_admin(app, session)


def city_admin(app: Flask, session: Session) -> Desk:
    return desk_of(app, session, signed_up(session, Role.CITY_ADMIN, CITY).person_id)


def test_a_proposed_rule_holds_from_its_day_once_another_admin_confirmed_it(
    app: Flask, session: Session, admin: Desk
) -> None:
    admin.send(RULES, RULES, target_percent=45, effective_on="2026-12-01", basis=BASIS)
    december = date(2026, 12, 1)
    assert rule_on(session, december).target_permille == 400
    assert "Usulan Anda; admin kota lain yang mengonfirmasi." in admin.see(RULES)
    second = city_admin(app, session)
    assert "sebelumnya: 40%" in second.see(RULES)
    second.send("/city/confirmations", "/city/rules/proposals/", decision="confirm")
    session.rollback()
    before, after = rule_on(session, date(2026, 11, 30)), rule_on(session, december)
    assert (before.target_permille, after.target_permille) == (400, 450)
    assert after.seller_classes == {SellerClass.MICRO, SellerClass.COOPERATIVE}


def test_ones_own_proposal_is_not_ones_to_confirm_but_to_take_back(
    session: Session, admin: Desk
) -> None:
    admin.send(RULES, RULES, effective_on="2026-12-01", basis=BASIS)
    assert "/city/rules/proposals/" not in admin.see("/city/confirmations")
    act = admin.form(RULES, "/city/rules/proposals/").action
    token = admin.token(RULES)
    refused = admin.client.post(act, data={"csrf_token": token, "decision": "confirm"})
    assert refused.status_code == HTTPStatus.FORBIDDEN
    admin.send(RULES, act, decision="refuse")
    assert "/city/rules/proposals/" not in admin.see(RULES)
    assert rule_on(session, date(2026, 12, 1)).version == 1


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("target_percent", "140"),
        ("target_percent", "empat puluh"),
        ("base", "khayalan"),
        ("effective_on", "besok"),
        ("effective_on", "2025-12-31"),
        ("seller_classes", None),
        ("seller_classes", "raksasa"),
        ("cap_amount", "banyak"),
        ("basis", ""),
    ],
)
def test_what_is_wrong_in_a_rule_is_told_beside_its_field_and_nothing_typed_is_lost(
    admin: Desk, field: str, typed: str | None
) -> None:
    said = {"effective_on": "2026-12-01", "basis": BASIS, "cap_amount": "25.000.000"}
    answer = admin.send(RULES, RULES, **(said | {field: typed}))
    assert answer.status_code == UNPROCESSABLE
    assert f'id="{field}-error"' in answer.text
    for name, kept in said.items():
        assert name == field or f'value="{kept}"' in answer.text


def test_a_second_rule_of_the_same_day_is_told_beside_the_day(admin: Desk) -> None:
    admin.send(RULES, RULES, effective_on="2026-12-01", basis=BASIS)
    answer = admin.send(RULES, RULES, effective_on="2026-12-01", basis=BASIS)
    assert answer.status_code == UNPROCESSABLE
    assert 'id="effective_on-error"' in answer.text


def test_a_rule_is_tried_before_it_is_proposed_and_nothing_is_kept(
    session: Session, admin: Desk
) -> None:
    budget(session, agency(session), ceiling=1_000)
    booked(session, realised=300)
    booked(session, realised=150, seller_class=SellerClass.SMALL)
    form = admin.form(RULES, RULES)
    data = form.filled()
    data.setlist("seller_classes", ["micro", "small"])
    sent = admin.client.post("/city/rules/trial", data=data)
    assert sent.status_code == HTTPStatus.SEE_OTHER
    last_year = admin.see(sent.location)
    assert "Tahun 2025 seluruhnya" in last_year
    this_year = admin.see(sent.location + "&year=2026")
    assert "30,0%" in this_year
    assert "45,0%" in this_year
    assert "Jadi mencapai" in this_year
    assert "csrf_token" not in sent.location
    assert rule_on(session, TODAY).version == 1
    again = admin.form(sent.location.replace("/trial", ""), RULES)
    assert [value for name, value in again.fields if name == "seller_classes"] == ["micro", "small"]


def test_terms_that_are_wrong_are_told_before_they_are_tried(admin: Desk) -> None:
    data = admin.form(RULES, RULES).filled(target_percent="140", basis="")
    answer = admin.client.post("/city/rules/trial", data=data)
    assert answer.status_code == UNPROCESSABLE
    assert 'id="target_percent-error"' in answer.text
    assert 'id="basis-error"' not in answer.text


def test_a_version_says_what_it_changed_who_decided_and_what_it_judges(
    session: Session, admin: Desk
) -> None:
    adopted(session, terms(target_permille=450), effective_on=date(2026, 11, 1))
    shown = admin.see("/city/rules/2")
    assert "sebelumnya: 40%" in shown
    assert BASIS in shown
    assert "Rina Amelia" in shown
    assert "Angka per tanggal yang jatuh sejak 1 November 2026." in shown
    first = admin.see("/city/rules/1")
    assert "Ditulis saat toko dipasang" in first
    assert "Diganti versi 2 mulai 1 November 2026." in first
    assert admin.client.get("/city/rules/3").status_code == HTTPStatus.NOT_FOUND


def test_an_agency_is_exempt_once_a_second_admin_confirms_it_and_its_page_says_why(
    app: Flask, session: Session, admin: Desk
) -> None:
    unit = agency(session)
    budget(session, unit, ceiling=1_000)
    booked(session, realised=100)
    said = {
        "agency_code": unit.code,
        "valid_to": "2026-12-31",
        "reason": "Belanjanya obat resep.",
        "document_number": "SK 900/17",
    }
    admin.send(EXEMPTIONS, EXEMPTIONS, **said)
    assert exemptions_on(session, TODAY) == {}
    city_admin(app, session).send("/city/confirmations", "/city/exemptions/", decision="confirm")
    session.rollback()
    assert unit.id in exemptions_on(session, TODAY)
    page = admin.see(f"/city/agencies/{unit.code}")
    assert "Belanjanya obat resep." in page
    assert "Instansi ini dikecualikan dari target." in page
    officer = desk_of(app, session, signed_up(session, Role.PROCUREMENT).person_id)
    assert "Dasar: SK 900/17." in officer.see("/agency/quota")
    assert "1 instansi dikecualikan dari target." in admin.see("/city/")
    assert "Dinas Kesehatan" in admin.see("/city/agencies?state=exempt")


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("agency_code", ""),
        ("agency_code", "9.99"),
        ("valid_from", "2025-12-31"),
        ("valid_to", "2026-01-01"),
        ("reason", ""),
        ("document_number", "x" * 81),
    ],
)
def test_what_is_wrong_in_an_exemption_is_told_beside_its_field(
    session: Session, admin: Desk, field: str, typed: str
) -> None:
    said = {
        "agency_code": agency(session).code,
        "reason": "Belanjanya obat resep.",
        "document_number": "SK 900/17",
    }
    answer = admin.send(EXEMPTIONS, EXEMPTIONS, **(said | {field: typed}))
    assert answer.status_code == UNPROCESSABLE
    assert f'id="{field}-error"' in answer.text
    assert field == "reason" or "Belanjanya obat resep." in answer.text


def test_an_exemption_is_ended_from_its_list(session: Session, admin: Desk) -> None:
    unit = agency(session)
    standing = exempted(session, unit)
    admin.send(EXEMPTIONS, f"/city/exemptions/{standing.id}", decision="end")
    session.rollback()
    assert exemptions_on(session, TODAY) == {}
    assert "Diakhiri sebelum waktunya." in admin.see(EXEMPTIONS)


def test_lists_of_rules_and_exemptions_cost_the_same_for_many(
    session: Session, admin: Desk, count_selects: CountSelects
) -> None:
    adopted(session, terms(), effective_on=date(2026, 2, 1))
    exempted(session, agency(session))
    pages = (RULES, "/city/rules/1", EXEMPTIONS, "/city/rules/trial")
    admin.see(RULES)
    with count_selects() as few:
        [admin.see(page) for page in pages]
    for at in range(3):
        adopted(session, terms(), effective_on=date(2026, 3 + at, 1))
        exempted(session, agency(session, f"D-{at}", name=f"Dinas {at}"))
    with count_selects() as many:
        [admin.see(page) for page in pages]
    assert len(many) == len(few)
