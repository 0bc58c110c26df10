"""The auditor opens one page and sees where an agency stands, in the very figures of its people."""

import re
from datetime import date
from http import HTTPStatus
from io import BytesIO

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy.orm import Session

from storefront.agencies.tree import propose_change
from storefront.agencies.tree_models import ChangeKind
from storefront.agencies.tree_plans import NewChange
from storefront.core.database import transaction
from storefront.core.permissions import CITY, Role
from tests.closings import closed_until
from tests.conftest import CountSelects
from tests.factories import HEALTH, NOON, agency, budget, signed_up
from tests.reports.made import booked
from tests.web.offices import Desk, city_desk, staff

CODE = HEALTH.agency_code
PAGE = f"/audit/agencies/{CODE}"

pytestmark = pytest.mark.usefixtures("at_noon")


@pytest.fixture
def uneven(session: Session) -> None:
    """25,551 % of the budget: rounded to the nearest it would be said as 25,6 %."""
    budget(session, agency(session, name="Dinas Kesehatan"), ceiling=1_000_000)
    booked(session, realised=255_510, day=date(2026, 2, 10))


def main_of(page: str) -> str:
    return page[page.index("<main") : page.index("</main")]


def figures(page: str) -> list[str]:
    return re.findall(r"Rp[\d.]+|[\d.]+,\d%", main_of(page))


@pytest.mark.usefixtures("uneven")
def test_from_the_menu_to_an_agency_and_why_its_figure_is_so(auditor: Desk) -> None:
    assert 'href="/audit/agencies"' in auditor.see("/audit/")
    assert f'href="{PAGE}?year=2026"' in auditor.see("/audit/agencies")
    page = auditor.see(PAGE)
    assert "Rp255.510" in page
    (why, *_others) = re.findall(r'href="(/audit/agencies/[^"]+explain[^"]+)"', page)
    assert "Rp255.510" in auditor.see(why.replace("&amp;", "&"))


@pytest.mark.usefixtures("uneven")
def test_its_figures_are_those_of_the_agencys_own_page(
    app: Flask, session: Session, auditor: Desk
) -> None:
    own = staff(app, session, Role.PROCUREMENT).see("/agency/quota")
    theirs = auditor.see(PAGE)
    assert figures(own)
    assert figures(theirs)[: len(figures(own))] == figures(own)


@pytest.mark.usefixtures("uneven")
def test_a_share_is_said_alike_everywhere_and_never_rounded_up(
    app: Flask, session: Session, auditor: Desk
) -> None:
    own, city = staff(app, session, Role.PROCUREMENT), city_desk(app, session, Role.CITY_ADMIN)
    paper = PdfReader(BytesIO(own.client.get("/agency/quota.pdf").data))
    told = {
        "own": own.see("/agency/quota"),
        "own home": own.see("/agency/"),
        "paper": " ".join(page.extract_text() for page in paper.pages),
        "city": city.see(f"/city/agencies/{CODE}"),
        "city's list": city.see("/city/agencies"),
        "years": city.see("/city/years"),
        "auditor": auditor.see(PAGE),
    }
    for where, said in told.items():
        assert "25,5%" in said, where
        assert "25,6%" not in said, where
        assert "26%" not in said, where


@pytest.mark.usefixtures("uneven")
def test_the_documents_behind_the_budget_and_the_place_stand_beside_it(auditor: Desk) -> None:
    page = auditor.see(PAGE)
    assert "Pagu dan perubahannya" in page
    assert "Nama dan induknya" in page
    assert 'method="post"' not in main_of(page)


@pytest.mark.usefixtures("uneven")
def test_years_bulletins_and_papers_are_read_too(auditor: Desk, session: Session) -> None:
    closed_until(session, "2026-02")
    assert "25,5%" in auditor.see("/audit/years")
    assert "/audit/bulletins/2026-02.pdf" in auditor.see("/audit/bulletins")
    for path in ("/audit/bulletins/2026-02.pdf", f"{PAGE}/quota.pdf"):
        answer = auditor.client.get(path)
        assert answer.status_code == HTTPStatus.OK
        assert answer.data.startswith(b"%PDF")


@pytest.mark.parametrize("path", ["/audit/agencies/9.99", "/audit/agencies/9.99/quota.pdf"])
def test_an_agency_that_is_none_is_not_found(auditor: Desk, path: str) -> None:
    assert auditor.client.get(path).status_code == HTTPStatus.NOT_FOUND


@pytest.mark.usefixtures("uneven")
def test_more_entries_cost_no_more_queries(
    auditor: Desk, session: Session, count_selects: CountSelects
) -> None:
    auditor.see(PAGE)
    with count_selects() as few:
        auditor.see(PAGE)
    for day in range(1, 6):
        booked(session, realised=1_000, day=date(2026, 3, day))
    auditor.see(PAGE)
    with count_selects() as many:
        auditor.see(PAGE)
    assert len(many) == len(few)


def test_the_tree_and_what_changed_it_are_read_and_not_decided(
    session: Session, auditor: Desk
) -> None:
    agency(session, name="Dinas Kesehatan")
    by = signed_up(session, Role.CITY_ADMIN, CITY)
    plan = NewChange(
        kind=ChangeKind.RENAME,
        agency_code=CODE,
        effective_on=NOON.date(),
        document_number="Perda 8/2026",
        new_name="Dinas Kesehatan dan Gizi",
    )
    with transaction(session):
        change = propose_change(session, by, plan, first_open=date(2026, 1, 1), now=NOON)
    tree = main_of(auditor.see("/audit/tree"))
    assert f'href="/audit/agencies/{CODE}"' in tree
    assert f'href="/audit/changes/{change.id}"' in tree
    page = main_of(auditor.see(f"/audit/changes/{change.id}"))
    assert "Perda 8/2026" in page
    assert "<form" not in page
    assert f"/audit/changes/{change.id}" in auditor.see(PAGE)
