"""Who gets in where on the city's and the auditor's sides: every address, for every role."""

from collections.abc import Iterator
from http import HTTPStatus

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from storefront.core.permissions import CITY, Role, shop_scope
from tests.factories import NOON, agency, shop, signed_up
from tests.web.offices import Desk, desk_of, staff

OK, FORBIDDEN, UNKNOWN = HTTPStatus.OK, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND
NOTHING_THERE = {
    "city.bulletin",
    "city.change",
    "audit.change",
    "city.revision",
    "city.close",
    "city.compare_closes",
    "city.close_difference",
    "city.close_difference_file",
    "city.explain",
    "city.explain_agency",
    "audit.bulletin",
    "audit.explain",
    "audit.explain_agency",
    "audit.close",
    "audit.compare_closes",
    "audit.close_difference",
    "audit.close_difference_file",
    "city.export_file",
    "audit.export_file",
    "city.correction",
    "city.correction_evidence",
    "audit.correction",
    "audit.correction_evidence",
    "audit.check_run",
    "city.check_run",
    "audit.order",
    "audit.signal",
}
"""Pages of things of which these tests make none."""


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


def holder(app: Flask, session: Session, role: Role) -> Desk:
    """Somebody with that role: in the agency, in a shop, or over the city."""
    if role in {Role.CITY_ADMIN, Role.AUDITOR}:
        return desk_of(app, session, signed_up(session, role, CITY).person_id)
    if role is Role.SELLER:
        seller = shop(session)
        return desk_of(app, session, signed_up(session, role, shop_scope(seller.id)).person_id)
    return staff(app, session, role)


def rules(app: Flask, side: str, method: str) -> dict[str, str]:
    """Every address of a side that answers to a method, filled with what the tests have."""
    values = {
        "code": "1.02.01",
        "seller_id": 1,
        "role_id": 999,
        "revision_id": 999,
        "change_id": 999,
        "number": 999,
        "month": "2026-01",
        "planned_month": "2026-12",
        "signal_id": 999,
        "version": 1,
        "proposal_id": 999,
        "exemption_id": 999,
        "refund_id": 999,
        "correction_id": 999,
        "verification_id": 999,
        "kind": "agencies",
        "key": "0" * 64,
        "name": "orders.csv",
        "first": "2026-01",
        "second": "2026-02",
    }

    def address(rule: Rule) -> str:
        return app.url_map.bind("localhost").build(
            rule.endpoint, {name: values[name] for name in rule.arguments}, method=method
        )

    return {
        rule.endpoint: address(rule)
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith(f"{side}.") and method in (rule.methods or ())
    }


@pytest.mark.parametrize(("side", "role"), [("city", Role.CITY_ADMIN), ("audit", Role.AUDITOR)])
def test_who_belongs_there_sees_every_page(
    app: Flask, session: Session, side: str, role: Role
) -> None:
    agency(session)
    shop(session)
    desk = holder(app, session, role)
    for endpoint, path in rules(app, side, "GET").items():
        expected = UNKNOWN if endpoint in NOTHING_THERE else OK
        assert desk.client.get(path).status_code == expected, endpoint


@pytest.mark.parametrize(
    ("side", "role"),
    [
        *((side, role) for side in ("city", "audit") for role in (Role.BUYER, Role.APPROVER)),
        *((side, role) for side in ("city", "audit") for role in (Role.AGENCY_ADMIN, Role.SELLER)),
        ("city", Role.AUDITOR),
        ("audit", Role.CITY_ADMIN),
    ],
)
def test_everybody_else_is_refused_at_every_address(
    app: Flask, session: Session, side: str, role: Role
) -> None:
    agency(session)
    desk = holder(app, session, role)
    token = desk.token("/account")
    for endpoint, path in rules(app, side, "GET").items():
        assert desk.client.get(path).status_code == FORBIDDEN, endpoint
    for endpoint, path in rules(app, side, "POST").items():
        answer = desk.client.post(path, data={"csrf_token": token, "decision": "confirm"})
        assert answer.status_code == FORBIDDEN, endpoint


@pytest.mark.parametrize("side", ["city", "audit"])
def test_a_visitor_is_asked_to_sign_in(app: Flask, side: str) -> None:
    visitor = app.test_client()
    for endpoint, path in rules(app, side, "GET").items():
        answer = visitor.get(path)
        assert answer.status_code == HTTPStatus.SEE_OTHER, endpoint
        assert answer.location.startswith("/login?next="), endpoint


def test_the_auditors_side_takes_nothing_in_that_changes_a_record(app: Flask) -> None:
    assert set(rules(app, "audit", "POST")) == {
        "audit.add_note",  # the auditor's own words on a signal
        "audit.check_now",  # asks for a look at everything
        "audit.write_export_file",
    }


def test_every_entry_of_the_menus_is_a_page(app: Flask, session: Session) -> None:
    for side, role in (("city", Role.CITY_ADMIN), ("audit", Role.AUDITOR)):
        desk = holder(app, session, role)
        shown = desk.see(f"/{side}/")
        pages = [path for path in rules(app, side, "GET").values() if f'href="{path}"' in shown]
        assert len(pages) >= 5, side
