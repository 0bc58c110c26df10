"""Explain this number, and looking back: by HTTP, for the agency, the city and the auditor."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from html import unescape
from http import HTTPStatus

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from storefront.agencies.models import BudgetRevision, RevisionState
from storefront.core.database import transaction
from storefront.core.permissions import CITY, Role
from storefront.quota.models import EntryKind, Fund
from storefront.reports.explained_entries import PAGE
from storefront.sellers.models import SellerClass
from tests.closings import closed_until
from tests.conftest import CountSelects
from tests.factories import CONFIRMER, HEALTH, IMPORTER, NOON, agency, signed_up
from tests.factories_orders import approved_order, around
from tests.factories_rules import adopted, terms
from tests.reports.made import booked
from tests.web.offices import Desk, desk_of, staff

CODE = HEALTH.agency_code
MAY, OCTOBER = date(2026, 5, 4), date(2026, 10, 6)
WITHOUT_ENTRIES = {"ceiling", "target", "forecast", "forecast_low", "forecast_high", "monthly"}
TIMES, LESS = "\N{MULTIPLICATION SIGN}", "\N{MINUS SIGN}"
SAME, AS_IN_FORMULA = "Jumlahnya sama dengan angka ini", "sama dengan yang di rumus"


def says_it_adds_up(page: str) -> bool:
    """In itself, or to what the figure is reckoned from; never that it does not."""
    return (SAME in page or AS_IN_FORMULA in page) and "tidak sama" not in page


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def desk(app: Flask, session: Session) -> Desk:
    return staff(app, session, Role.PROCUREMENT)


@pytest.fixture
def city(app: Flask, session: Session) -> Desk:
    return desk_of(app, session, signed_up(session, Role.CITY_ADMIN, CITY).person_id)


@pytest.fixture
def auditor(app: Flask, session: Session) -> Desk:
    return desk_of(app, session, signed_up(session, Role.AUDITOR, CITY).person_id)


def revised(session: Session, number: int, total: int, since: date, hours: int = 0) -> None:
    """A revision of the health agency's budget, confirmed so many hours after noon."""
    with transaction(session):
        session.add(
            BudgetRevision(
                agency_id=agency(session).id,
                fiscal_year=2026,
                revision=number,
                effective_on=since,
                document_number=f"DPPA-{number}",
                total_amount=total,
                state=RevisionState.CONFIRMED,
                proposed_by=IMPORTER,
                proposed_at=NOON,
                confirmed_by=CONFIRMER,
                confirmed_at=NOON + timedelta(hours=hours),
            )
        )


@pytest.fixture
def year(session: Session) -> None:
    """Every kind of figure: two classes, two months, a correction, a unit summed in."""
    health = agency(session)
    agency(session, "1.02.01.1", name="Puskesmas Dago", parent=health)
    revised(session, 1, 1_000_000, date(2026, 1, 2))
    booked(session, committed=70_000, day=MAY, order="P-1-1", kind=EntryKind.COMMIT)
    booked(session, committed=-50_000, realised=50_000, day=MAY, order="P-1-1",
           kind=EntryKind.REALISE)  # fmt: skip
    booked(session, "1.02.01.1", realised=31_000, day=OCTOBER)
    booked(session, realised=400_000, day=OCTOBER, seller_class=SellerClass.OTHER)
    booked(session, realised=-6_000, day=OCTOBER, order="P-OLD-1", kind=EntryKind.REVERSE)
    booked(session, realised=123_321, day=MAY, fund=Fund.PERSONAL)


def explained(page: str) -> dict[str, str]:
    """The addresses that a page's figures lead to, with the rupiah that they are written as."""
    found = re.findall(r'<a class="figure-link" href="([^"]+)">([^<]+)</a>', page)
    return {unescape(href): amount for href, amount in found}


def figure_of(href: str) -> str:
    found = re.search(r"figure=(\w+)", href)
    assert found is not None
    return found.group(1)


def words(page: str) -> str:
    """What is read, without the marks around it."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", page)))


def body(page: str) -> str:
    """What is said of the figure: without the menus around it."""
    return page.split('aria-labelledby="formula"')[1].split("</main>", maxsplit=1)[0]


@pytest.mark.usefixtures("year")
def test_every_figure_of_the_page_leads_to_entries_that_add_up_to_it(desk: Desk) -> None:
    figures = explained(desk.see("/agency/quota"))
    assert len(figures) > 25
    seen = set()
    for href, amount in figures.items():
        figure = re.search(r"figure=(\w+)", href)
        assert figure is not None
        seen.add(figure.group(1))
        page = desk.see(href)
        assert amount in page.replace("&#43;", "+"), href
        if figure.group(1) not in WITHOUT_ENTRIES:
            assert says_it_adds_up(page), href
        assert "123.321" not in page
    assert seen == {
        "realised", "committed", "if_all", "ceiling", "target", "missing", "missing_if_all",
        "beyond", "whole", "whole_committed", "national", "class", "class_committed", "month",
        "until", "last_year", "correction", "off_platform", "sellers", "category",
        "category_committed", "district", "district_committed", "forecast", "forecast_low",
        "forecast_high",
    }  # fmt: skip


@pytest.mark.usefixtures("year")
def test_it_names_rule_budget_agencies_formula_and_each_entry(desk: Desk) -> None:
    figures = explained(desk.see("/agency/quota"))
    missing = desk.see(next(href for href in figures if "figure=missing&" in href))
    assert "<h1>Kurang ke target: Rp325.000</h1>" in missing
    assert f"40% {TIMES} Rp1.000.000 = Rp400.000" in words(missing)
    assert f"Rp400.000 {LESS} Rp75.000 = Rp325.000" in words(missing)
    assert "DPPA-1, perubahan 1, berlaku 2 Januari 2026" in missing
    assert "versi 1" in missing
    assert "Puskesmas Dago" in missing
    assert "koperasi, usaha mikro" in missing
    realised = desk.see(next(href for href in figures if "figure=realised" in href))
    assert "<h1>Realisasi yang dihitung: Rp75.000</h1>" in realised
    assert "P-1-1" in realised
    assert "3 catatan" in realised


@pytest.mark.usefixtures("year")
def test_the_address_shows_the_same_whatever_is_learned_later(session: Session, desk: Desk) -> None:
    figures = explained(desk.see("/agency/quota"))
    before = {href: body(desk.see(href)) for href in figures}
    with time_machine.travel(NOON + timedelta(days=1), tick=False):
        booked(session, realised=9_000, day=MAY)
        booked(session, realised=6_000, day=MAY, order="P-OLD-1", kind=EntryKind.REALISE)
        revised(session, 2, 2_000_000, date(2026, 3, 1), hours=20)
        said = terms(target_permille=900, seller_classes=frozenset())
        adopted(session, said, effective_on=date(2026, 11, 1), now=NOON + timedelta(hours=20))
        assert {href: body(desk.see(href)) for href in figures} == before
        assert set(explained(desk.see("/agency/quota"))).isdisjoint(figures)


@pytest.mark.usefixtures("year")
def test_an_address_that_is_not_permanent_yet_leads_to_the_one_that_is(desk: Desk) -> None:
    answer = desk.client.get("/agency/quota/explain?figure=realised&year=2026")
    assert answer.status_code == HTTPStatus.SEE_OTHER
    for part in ("position=6", "as_of=2026-11-12", "known=2026-11-12T05", "agency=1.02.01"):
        assert part in unescape(answer.location).replace("%3A", ":")
    assert "Realisasi yang dihitung: Rp75.000" in desk.see(answer.location)


@pytest.mark.parametrize(
    "asked",
    [
        "figure=nothing",
        "figure=class&part=huge",
        "figure=month&part=2026-13",
        "figure=last_year_until&part=2025-13",
        "figure=last_year_until&part=2024-10",
        "figure=off_platform&part=huge",
        "figure=sellers&part=2026-05",
        "figure=realised&as_of=2026-11-12&position=99&known=2026-11-12T05:00:00Z",
        "figure=realised&as_of=12&position=1&known=2026-11-12T05:00:00Z",
        "figure=realised&as_of=2026-11-12&position=1&known=yesterday",
        "figure=realised&year=1",
    ],
)
def test_an_address_that_names_nothing_is_not_found(
    session: Session, desk: Desk, asked: str
) -> None:
    booked(session, realised=1)
    answer = desk.client.get(f"/agency/quota/explain?{asked}")
    assert answer.status_code == HTTPStatus.NOT_FOUND


def test_many_entries_are_paged_and_the_total_is_of_them_all(
    session: Session, desk: Desk, count_selects: CountSelects
) -> None:
    agency(session)
    for at in range(PAGE + 3):
        booked(session, realised=at + 1, order=f"DOK-{at}-X")
    href = next(h for h in explained(desk.see("/agency/quota")) if "figure=realised" in h)
    with count_selects() as selects:
        first = desk.see(href)
    assert f"{PAGE + 3} catatan" in first
    assert first.count("-X</span>") == PAGE
    following = re.search(
        r'href="([^"]+)"[^>]*>Catatan berikutnya|rel="next" href="([^"]+)"', first
    )
    assert following is not None
    rest = desk.see(unescape(following.group(1) or following.group(2)))
    assert rest.count("-X</span>") == 3
    assert "Rp1.431" in rest
    assert len(selects) < 45


def test_an_agencys_own_order_is_a_link(session: Session, desk: Desk) -> None:
    of = around(session)
    number = approved_order(session, of)
    figures = explained(desk.see("/agency/quota"))
    page = desk.see(next(href for href in figures if "figure=committed" in href))
    assert f'href="/agency/orders/{number}"' in page


@pytest.mark.usefixtures("year")
def test_city_and_auditor_explain_an_agency_and_the_whole_city(city: Desk, auditor: Desk) -> None:
    whole = explained(city.see("/city/agencies"))
    one = explained(city.see(f"/city/agencies/{CODE}"))
    assert len(whole) == 15
    assert len(one) == 21
    for href in (*whole, *one):
        if figure_of(href) not in WITHOUT_ENTRIES:
            assert says_it_adds_up(city.see(href)), href
            assert says_it_adds_up(auditor.see(href.replace("/city/", "/audit/"))), href
    answer = auditor.client.get(f"/audit/agencies/{CODE}/explain?figure=realised")
    page = auditor.see(answer.location)
    assert "P-1-1" in page


@pytest.mark.usefixtures("year")
def test_the_city_has_no_figure_that_only_an_agency_has(city: Desk) -> None:
    answer = city.client.get("/city/explain?figure=correction")
    assert answer.status_code == HTTPStatus.NOT_FOUND


@pytest.mark.usefixtures("year")
def test_a_past_day_is_shown_as_such_and_leads_back(desk: Desk, city: Desk) -> None:
    page = desk.see("/agency/quota?as_of=2026-05-31")
    assert "Bukan keadaan hari ini" in page
    assert "Angka per tanggal 31 Mei 2026." in page
    assert "Rp50.000" in page
    assert "Rp75.000" not in page
    assert "Bukan keadaan hari ini" in city.see("/city/agencies?as_of=2026-05-31")
    assert "Bukan keadaan hari ini" in city.see(f"/city/agencies/{CODE}?as_of=2026-05-31")
    assert "Bukan keadaan hari ini" not in desk.see("/agency/quota")
    assert "Bukan keadaan hari ini" not in desk.see("/agency/quota?as_of=2026-12-31")


@pytest.mark.usefixtures("year")
def test_what_was_known_at_a_close_is_shown_without_what_came_later(
    session: Session, desk: Desk
) -> None:
    closed_until(session, "2026-02")
    booked(session, realised=9_000, day=MAY)
    page = desk.see("/agency/quota?close=2026-02&as_of=2026-05-31")
    assert "Sebagaimana diketahui pada penutupan Februari 2026" in page
    assert "Rp59.000" not in page
    assert "Rp59.000" in desk.see("/agency/quota?as_of=2026-05-31")
    for href in explained(page):
        if figure_of(href) not in WITHOUT_ENTRIES:
            assert says_it_adds_up(desk.see(href)), href


def test_a_day_that_is_none_is_said_beside_the_field(session: Session, desk: Desk) -> None:
    agency(session)
    answer = desk.client.get("/agency/quota?as_of=kemarin")
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Tulis tanggal yang ada" in answer.text
    assert desk.client.get("/agency/quota?close=2020-01").status_code == HTTPStatus.NOT_FOUND
