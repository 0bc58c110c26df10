"""Who comes in: a shop by the city's word, an employee by a page, a role by two hands."""

from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from storefront.accounts.models import PersonDetails
from storefront.agencies.models import Agency, Placement, PlacementRole
from storefront.catalog.models import Product
from storefront.core.permissions import CITY, Role
from storefront.jobs.schedule import jobs_of
from storefront.jobs.worker import Worker
from storefront.notifications.models import Mail
from storefront.sellers.models import Seller
from tests.factories import NOON, agency, category, placed, signed_up
from tests.web.browsing import Forms, form_to
from tests.web.offices import Desk, desk_of, staff
from tests.web.selling import photograph

SEE_OTHER = 303
PASSWORD = "Kopi-Puntang-Dibakar-Pelan-77"  # noqa: S105 - of nobody


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def city_admin(app: Flask, session: Session) -> Desk:
    return desk_of(app, session, signed_up(session, Role.CITY_ADMIN, CITY).person_id)


@pytest.fixture
def health(session: Session) -> Agency:
    return agency(session)


@pytest.fixture
def agency_admin(app: Flask, session: Session, health: Agency) -> Desk:
    del health
    return staff(app, session, Role.AGENCY_ADMIN)


def mailed_link(app: Flask, session: Session, to: str) -> str:
    """The path of the link in the mail that the worker writes to somebody."""
    session.rollback()
    Worker(app, [job for job in jobs_of(app) if job.name == "outbox"]).run_due()
    bodies = session.scalars(select(Mail.body).filter_by(to_address=to))
    words = (word for body in bodies for word in body.split())
    link = next(word for word in words if "/activate?token=" in word)
    return link[link.index("/activate") :]


def come_in(app: Flask, session: Session, email: str) -> Desk:
    """The browser in which somebody follows the link in their mail and sets a password."""
    client = app.test_client()
    form = form_to(client.get(mailed_link(app, session, email)), "/activate")
    answer = client.post(form.action, data=form.filled(password=PASSWORD, repeated=PASSWORD))
    assert answer.status_code == SEE_OTHER, answer.text
    person_id = session.scalars(select(PersonDetails.person_id).filter_by(email=email)).one()
    return Desk(client, person_id)


def placements_of(session: Session, nip: str) -> list[Placement]:
    session.rollback()
    query = select(Placement).filter_by(nip=nip).order_by(Placement.id)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def test_an_applicant_is_verified_comes_in_and_sells(
    app: Flask, session: Session, city_admin: Desk
) -> None:
    category(session)
    visitor = app.test_client()
    form = form_to(visitor.get("/sellers/apply"), "/sellers/apply")
    applied = visitor.post(
        form.action,
        data=form.filled(
            name="Kopi Puntang Asep",
            owner_name="Asep Sunandar",
            nib="9120001234567",
            claimed_class="micro",
            district="Coblong",
            address="Jl. Dago No. 9",
            phone="081234567890",
            email="asep@puntang.example",
        ),
    )
    assert applied.status_code == SEE_OTHER, applied.text
    seller_id = session.scalars(select(Seller.id)).one()
    page = f"/city/sellers/{seller_id}"
    assert city_admin.send(page, f"{page}/verify").status_code == SEE_OTHER

    owner = come_in(app, session, "asep@puntang.example")
    new = "/seller/products/new"
    form = next(form for form in Forms(owner.see(new)).forms if "seen_state" in form)
    sent: MultiDict[str, Any] = form.filled(
        name="Kopi Puntang",
        category_slug="kopi-bubuk",
        unit="bungkus",
        description="Ceri merah dari lereng Gunung Puntang.",
        **{
            "variants-0-name": "Biji utuh",
            "variants-0-price_amount": "Rp68.000",
            "variants-0-stock": "46",
        },
    )
    sent.poplist("picture")
    sent.add("action", "save")
    sent.add("picture", photograph())
    listed = owner.client.post(new, data=sent, content_type="multipart/form-data")
    assert listed.status_code == SEE_OTHER, listed.text

    session.rollback()
    slug = session.scalars(select(Product.slug)).one()
    shown = visitor.get(f"/products/{slug}")
    assert "Kopi Puntang" in shown.text
    assert "Rp68.000" in shown.text
    assert "/media/" in shown.text
    assert "Kopi Puntang Asep" in visitor.get("/products?q=puntang").text


def test_an_employee_is_added_moved_and_ended_by_page(
    app: Flask, session: Session, agency_admin: Desk, health: Agency
) -> None:
    clinic = agency(session, "1.02.01.01", name="Puskesmas Dago", parent=health)
    nip = "198703122010012003"
    added = agency_admin.send(
        "/agency/roster/new",
        "/agency/roster",
        employment="pns",
        nip=nip,
        name="Rina Amelia, S.K.M.",
        email="rina@bandung.example",
        position="Perencana Ahli Muda",
    )
    assert added.status_code == SEE_OTHER, added.text
    [here] = placements_of(session, nip)
    page = f"/agency/roster/{here.id}"
    rina = come_in(app, session, "rina@bandung.example")
    assert health.name in rina.see("/account")

    moved = agency_admin.send(
        page, f"{page}/move", unit_code=clinic.code, roles="buyer", **{"from": "2026-12-01"}
    )
    assert moved.status_code == SEE_OTHER, moved.text
    old, new = placements_of(session, nip)
    page = f"/agency/roster/{new.id}"
    ended = agency_admin.send(page, f"{page}/end", to="2027-06-30")
    assert ended.status_code == SEE_OTHER, ended.text
    spans = [(p.agency_id, str(p.valid_from), str(p.valid_to)) for p in placements_of(session, nip)]
    assert spans == [
        (health.id, str(old.valid_from), "2026-11-30"),
        (clinic.id, "2026-12-01", "2027-06-30"),
    ]


def test_a_role_that_the_agency_proposes_works_once_the_city_confirms_it(
    app: Flask, session: Session, agency_admin: Desk, city_admin: Desk, health: Agency
) -> None:
    placement = placed(session, health)
    desk = desk_of(app, session, placement.person_id)
    page = f"/agency/roster/{placement.id}"
    agency_admin.send(page, f"{page}/roles", role="approver")
    assert desk.client.get("/agency/approvals").status_code != 200
    role_id = session.scalars(
        select(PlacementRole.id).filter_by(placement_id=placement.id, role=Role.APPROVER)
    ).one()
    answer = city_admin.send("/city/confirmations", f"/city/roles/{role_id}", decision="confirm")
    assert answer.status_code == SEE_OTHER
    assert desk.client.get("/agency/approvals").status_code == 200
