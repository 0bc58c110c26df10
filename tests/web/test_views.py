"""Who looked at what: noted once it was shown; others' contact data only for a reason."""

from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.access.view_models import PrivateLook, ViewRecord
from storefront.accounts.models import PersonDetails
from storefront.core.database import transaction
from storefront.core.permissions import CITY, Role
from storefront.sellers.models import Seller
from storefront.web import watched
from tests.conftest import CountSelects
from tests.factories import NOON, signed_up
from tests.factories_orders import Around, approved_order, around
from tests.web.offices import Desk, desk_of, staff

PHONE, NPWP, STREET = "081277009911", "012345678423000", "Jl. Cihampelas No. 160"
REASON = "Memeriksa NPWP pendaftaran ini"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as moving:
        yield moving


@pytest.fixture
def of(session: Session) -> Around:
    made = around(session)
    with transaction(session):
        shop = session.get_one(Seller, made.shop.id)
        shop.phone, shop.npwp, shop.address = PHONE, NPWP, STREET
    return made


@pytest.fixture
def auditor(app: Flask, session: Session) -> Desk:
    return desk_of(app, session, signed_up(session, Role.AUDITOR, CITY).person_id)


@pytest.fixture
def admin(app: Flask, session: Session) -> Desk:
    return desk_of(app, session, signed_up(session, Role.CITY_ADMIN, CITY).person_id)


def noted(session: Session) -> list[tuple[str, str, str]]:
    session.rollback()
    query = select(ViewRecord).order_by(ViewRecord.id)
    return [(one.person_id, one.kind, one.subject) for one in session.scalars(query)]


def test_an_order_that_the_auditor_opened_is_noted_with_who_and_which(
    session: Session, of: Around, auditor: Desk
) -> None:
    number = approved_order(session, of)
    auditor.see(f"/audit/orders/{number}")
    assert noted(session) == [(auditor.person_id, "order", number)]
    shown = auditor.see("/audit/views")
    assert number in shown


@pytest.mark.parametrize(
    ("role", "page"),
    [
        (Role.PROCUREMENT, "/agency/orders/"),
        (Role.APPROVER, "/agency/approvals/"),
        (Role.TREASURER, "/agency/payments/"),
    ],
)
def test_an_official_order_that_an_agencys_staff_opened_is_noted(
    app: Flask, session: Session, of: Around, role: Role, page: str
) -> None:
    number = approved_order(session, of)
    desk = staff(app, session, role)
    desk.see("/agency/orders")
    assert noted(session) == []
    desk.see(f"{page}{number}")
    assert noted(session) == [(desk.person_id, "order", number)]


def test_the_entries_behind_a_figure_of_the_whole_city_are_noted(
    session: Session, of: Around, admin: Desk, auditor: Desk
) -> None:
    approved_order(session, of)
    for desk, side in ((admin, "city"), (auditor, "audit")):
        to = desk.client.get(f"/{side}/explain?figure=committed&year=2026")
        assert to.status_code == HTTPStatus.SEE_OTHER
        desk.see(to.location)
    assert noted(session) == [
        (admin.person_id, "explain", "city"),
        (auditor.person_id, "explain", "city"),
    ]


def test_the_roster_an_export_and_an_orders_entries_are_noted(
    app: Flask, session: Session, of: Around, auditor: Desk
) -> None:
    number = approved_order(session, of)
    clerk = staff(app, session, Role.AGENCY_ADMIN)
    clerk.see("/agency/roster")
    auditor.see("/audit/ledger")
    auditor.see(f"/audit/ledger?number={number}")
    answer = auditor.send("/audit/exports", "/audit/exports", export="orders", format="csv")
    made = auditor.client.get(answer.location).text
    path = next(part for part in made.split('"') if part.endswith(".csv"))
    with auditor.client.get(path) as file:
        assert file.status_code == HTTPStatus.OK
    assert noted(session) == [
        (clerk.person_id, "roster", "1.02.01"),
        (auditor.person_id, "ledger", number),
        (auditor.person_id, "export", path.rpartition("/")[2]),
    ]


def test_what_was_refused_or_not_found_is_no_view(
    session: Session, of: Around, auditor: Desk
) -> None:
    assert auditor.client.get("/audit/orders/P-NONE-1").status_code == HTTPStatus.NOT_FOUND
    assert auditor.client.get(f"/city/sellers/{of.shop.id}").status_code == HTTPStatus.FORBIDDEN
    assert noted(session) == []


def test_every_page_that_is_watched_is_there(app: Flask) -> None:
    assert set(watched.WATCHED) <= set(app.view_functions)


def test_a_page_is_shown_also_where_its_view_cannot_be_noted(
    session: Session, of: Around, auditor: Desk
) -> None:
    """The table away: what a full disk or a lock that is not had looks like from here."""
    number = approved_order(session, of)
    with transaction(session):
        session.connection().exec_driver_sql("ALTER TABLE views_log RENAME TO away")
    assert number in auditor.see(f"/audit/orders/{number}")


def test_a_shops_private_data_is_hidden_until_a_reason_is_given(
    of: Around, admin: Desk, auditor: Desk
) -> None:
    page = f"/city/sellers/{of.shop.id}"
    hidden = admin.see(page)
    assert not any(private in hidden for private in (PHONE, NPWP, STREET))
    admin.send(page, f"{page}/look", look_reason=REASON)
    shown = admin.see(page)
    assert all(private in shown for private in (PHONE, NPWP, STREET))
    listed = auditor.see(f"/audit/views?kind=seller&subject=seller+{of.shop.id}")
    assert REASON in listed
    assert "private.looked" in auditor.see("/audit/log?act=private")


def test_a_reason_is_good_for_half_an_hour_one_person_and_one_shop(
    app: Flask, session: Session, of: Around, admin: Desk, clock: time_machine.Traveller
) -> None:
    page = f"/city/sellers/{of.shop.id}"
    admin.send(page, f"{page}/look", look_reason=REASON)
    colleague = desk_of(app, session, signed_up(session, Role.CITY_ADMIN, CITY).person_id)
    assert PHONE not in colleague.see(page)
    clock.shift(timedelta(minutes=29))
    assert PHONE in admin.see(page)
    clock.shift(timedelta(minutes=1))
    assert PHONE not in admin.see(page)


def test_the_address_of_a_holder_of_a_city_role_is_hidden_until_a_reason_is_given(
    session: Session, admin: Desk, auditor: Desk
) -> None:
    page, address = "/city/people", "wening@kota.example"
    admin.send(page, page, name="Wening", email=address)
    hidden = admin.see(page)
    assert "Wening" in hidden
    assert address not in hidden
    assert noted(session) == []
    refused = admin.send(page, f"{page}/look", look_reason="perlu")
    assert refused.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert 'id="look_reason-error"' in refused.text
    assert address not in refused.text
    admin.send(page, f"{page}/look", look_reason=REASON)
    assert address in admin.see(page)
    assert noted(session) == [(admin.person_id, "contacts", "city roles")]
    assert REASON in auditor.see("/audit/views?kind=contacts")


def test_ones_own_address_is_nobody_elses_affair(session: Session, admin: Desk) -> None:
    own = session.get_one(PersonDetails, admin.person_id)
    with transaction(session):
        own.email = "saya@kota.example"
    assert "saya@kota.example" in admin.see("/city/people")
    assert noted(session) == []


@pytest.mark.parametrize("reason", ["", "  ", "perlu", "x" * 301])
def test_a_reason_that_is_none_opens_nothing_and_is_told_beside_its_field(
    session: Session, of: Around, admin: Desk, reason: str
) -> None:
    page = f"/city/sellers/{of.shop.id}"
    answer = admin.send(page, f"{page}/look", look_reason=reason)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert 'id="look_reason-error"' in answer.text
    assert PHONE not in answer.text
    assert session.scalars(select(PrivateLook)).all() == []


def test_views_are_found_by_person_subject_kind_and_day(
    session: Session, of: Around, auditor: Desk
) -> None:
    number = approved_order(session, of)
    auditor.see(f"/audit/orders/{number}")
    today, before = NOON.date(), NOON.date() - timedelta(days=1)
    cell = f">{number}<"
    for asked in (
        f"person={auditor.person_id}", f"subject={number}", "kind=order",
        f"from={today}&to={today}", "kind=nonsense",
    ):  # fmt: skip
        assert cell in auditor.see(f"/audit/views?{asked}"), asked
    for asked in ("person=somebody", "subject=P-1", "kind=roster", f"to={before}"):
        assert cell not in auditor.see(f"/audit/views?{asked}"), asked
    wrong = auditor.client.get("/audit/views?from=kemarin")
    assert wrong.status_code == HTTPStatus.UNPROCESSABLE_ENTITY


def test_the_list_goes_on_where_a_page_ends_at_the_same_cost(
    session: Session, auditor: Desk, count_selects: CountSelects
) -> None:
    def viewed(times: int) -> None:
        with transaction(session):
            session.add_all(
                ViewRecord(
                    at=NOON, person_id=auditor.person_id, kind="order", subject=f"P-{n}-1",
                    reason="",
                )
                for n in range(times)
            )  # fmt: skip

    viewed(1)
    auditor.see("/audit/views")
    with count_selects() as few:
        auditor.see("/audit/views")
    viewed(51)
    with count_selects() as many:
        first = auditor.see("/audit/views")
    assert len(many) == len(few)
    assert ">P-50-1<" in first
    assert ">P-0-1<" not in first
    link = first.split('rel="next"')[0].rpartition('href="')[2].split('"')[0]
    assert ">P-0-1<" in auditor.see(link)
