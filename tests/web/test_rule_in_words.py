"""Headlines, heads and mails say what the rule in force counts, and of what it is a share."""

from collections.abc import Iterator
from datetime import date
from io import BytesIO

import pytest
import time_machine
from flask import Flask
from pypdf import PdfReader
from sqlalchemy.orm import Session

from config import ROOT
from storefront.core import outbox
from storefront.core.database import transaction
from storefront.core.permissions import CITY, Actor, Role
from storefront.core.rendering import MailRenderer
from storefront.notifications.topics import letters_for
from storefront.quota.rule_models import RuleBase
from storefront.reports.reminders import remind
from storefront.sellers.models import SellerClass
from tests.closings import closed_until
from tests.factories import HEALTH, NOON, agency, budget, placed, signed_up
from tests.factories_rules import COUNTED, adopted, terms
from tests.reports.made import booked
from tests.web.offices import Desk, desk_of, staff

YEAR_BEGINS = date(2026, 1, 1)
OF_REALISED = terms(base=RuleBase.REALISED, seller_classes=COUNTED | {SellerClass.SMALL})
WHO = "usaha mikro, usaha kecil dan koperasi"
USUAL = "usaha mikro dan koperasi"


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def admin(session: Session) -> Actor:
    return signed_up(session, Role.CITY_ADMIN, CITY)


@pytest.fixture
def city(app: Flask, session: Session, admin: Actor) -> Desk:
    return desk_of(app, session, admin.person_id)


@pytest.fixture
def spending(session: Session) -> None:
    """A third of what was realised is of classes that no rule counts."""
    budget(session, agency(session), ceiling=1_000_000, line=500_000)
    booked(session, realised=200_000, day=date(2026, 2, 10))
    booked(session, realised=100_000, day=date(2026, 2, 10), seller_class=SellerClass.OTHER)


@pytest.fixture
def of_realised(session: Session, spending: None) -> None:
    """A rule that counts small enterprises too, of all that was realised."""
    del spending
    adopted(session, OF_REALISED, effective_on=YEAR_BEGINS)


def words_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())


def reminder(session: Session, admin: Actor) -> str:
    """The mail to an agency behind plan, as it is written that day."""
    placed(session, agency(session), Role.BUYER, Role.PROCUREMENT)
    with transaction(session):
        remind(session, admin, [HEALTH.agency_code], today=date(2026, 12, 20), now=NOON)
    message = next(each for each in outbox.due(session, now=NOON) if each.topic == "behind_plan")
    (letter,) = letters_for(session, message, today=NOON.date())
    renderer = MailRenderer(
        ROOT / "templates" / "mail",
        ROOT / "storefront" / "translations",
        store_name="Salapak",
        city_name="Kota Bandung",
    )
    told = renderer.render("behind_plan", "id", name="Deni", link="/", **letter.values)
    return " ".join(told.body.split())


@pytest.mark.usefixtures("spending")
def test_by_the_citys_first_rule_it_is_a_share_of_the_budget(city: Desk) -> None:
    assert f"20,0% pagu kota sampai ke {USUAL}" in city.see("/city/")
    page = city.see("/city/agencies")
    assert f"20,0% pagu kota sampai ke {USUAL}" in page
    assert "Dari pagu" in page
    assert "Setiap instansi, realisasi dari pagu" in city.see("/city/years")


@pytest.mark.usefixtures("of_realised")
def test_the_citys_pages_name_what_a_changed_rule_counts_and_of_what(city: Desk) -> None:
    front, agencies = city.see("/city/"), city.see("/city/agencies")
    for page in (front, agencies):
        assert f"66,6% realisasi kota sampai ke {WHO}" in page
        assert USUAL not in page
    assert "Dari realisasi" in agencies
    assert "Dari pagu" not in agencies
    years = city.see("/city/years")
    assert "Setiap instansi, bagian yang dihitung dari realisasi" in years
    assert "realisasi dari pagu" not in years


@pytest.mark.usefixtures("of_realised")
def test_years_judged_by_different_bases_each_say_theirs(city: Desk, session: Session) -> None:
    budget(session, agency(session), year=2025, ceiling=1_000_000)
    page = city.see("/city/years")
    assert "2025, dari pagu" in page
    assert "2026, dari realisasi" in page


@pytest.mark.usefixtures("of_realised")
def test_an_agencys_quota_page_and_paper_follow_the_rule(app: Flask, session: Session) -> None:
    desk = staff(app, session, Role.PROCUREMENT)
    page = desk.see("/agency/quota")
    assert "Dari realisasi" in page
    assert "Dari pagu" not in page
    assert f"Belanja dari {WHO} di sini dihitung ke kuota." in page
    paper = words_of(desk.client.get("/agency/quota.pdf").data)
    assert "Dari realisasi" in paper
    assert "Dari pagu" not in paper


@pytest.mark.usefixtures("of_realised")
def test_the_bulletin_follows_the_rule_that_its_month_closed_with(
    city: Desk, session: Session
) -> None:
    closed_until(session, "2026-02")
    paper = words_of(city.client.get("/city/bulletins/2026-02.pdf").data)
    assert "Dari realisasi" in paper
    assert "Dari pagu" not in paper


@pytest.mark.usefixtures("of_realised")
def test_the_figures_for_everybody_name_who_counts(app: Flask) -> None:
    page = app.test_client().get("/figures").text
    assert f"uang dinas sampai ke {WHO} bulan ini" in page
    assert "Usaha mikro, usaha kecil dan koperasi" in page
    assert "Dari realisasi" in page


@pytest.mark.usefixtures("spending")
def test_the_reminder_says_pagu_by_a_rule_of_the_budget(session: Session, admin: Actor) -> None:
    assert f"20,0% pagu sudah sampai ke {USUAL}" in reminder(session, admin)


def test_the_reminder_follows_a_changed_rule(session: Session, admin: Actor) -> None:
    budget(session, agency(session), ceiling=1_000_000)
    booked(session, realised=30_000)
    booked(session, realised=70_000, seller_class=SellerClass.OTHER)
    adopted(session, OF_REALISED, effective_on=YEAR_BEGINS)
    assert f"30,0% realisasi semua kelas sudah sampai ke {WHO}" in reminder(session, admin)
