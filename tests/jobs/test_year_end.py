"""What the worker does at the turn of a budget year."""

from collections.abc import Iterator
from datetime import date, datetime

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.core.calendar import instant_of
from storefront.core.permissions import Role, agency_scope
from storefront.jobs.schedule import each_due
from storefront.notifications.models import Mail
from storefront.orders import fulfilment
from storefront.orders.models import OrderStatus, WaitsFor
from tests.factories import NOON, budget, signed_up
from tests.factories_orders import (
    approved_order,
    around,
    found,
    planned_line,
    received_order,
)
from tests.working import run

NEW_YEAR = instant_of(date(2027, 1, 1))


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as moving:
        yield moving


def test_the_turn_of_the_year_is_dealt_with_after_midnight(
    app: Flask, session: Session, clock: time_machine.Traveller
) -> None:
    of = around(session, years=(2026, 2027))
    number = received_order(session, of, approved_order(session, of))
    run(app, session, "year_end")
    assert found(session, number).budget_year == 2026
    clock.move_to(NEW_YEAR)
    run(app, session, "year_end")
    assert found(session, number).budget_year == 2027


def test_an_order_that_waited_is_borne_by_the_line_that_came(
    app: Flask, session: Session, clock: time_machine.Traveller
) -> None:
    of = around(session)
    budget(session, of.agency, year=2027)
    number = received_order(session, of, approved_order(session, of))
    clock.move_to(NEW_YEAR)
    run(app, session, "year_end")
    assert found(session, number).waits_for is WaitsFor.LINE
    planned_line(session, of, 100_000)
    run(app, session, "lines")
    assert found(session, number).waits_for is None


def test_an_order_that_is_refused_holds_up_no_other(app: Flask, session: Session) -> None:
    of = around(session)
    first, second = approved_order(session, of), approved_order(session, of)
    session.rollback()

    def cancel(unit: Session, number: str, *, now: datetime) -> bool:
        """Only of the second its buyer asks it."""
        actor = of.buyer if number == second else of.treasurer
        fulfilment.cancel(unit, actor, number, now=now)
        return True

    def both(_session: Session, **_now: datetime) -> list[str]:
        return [first, second]

    with app.app_context():
        assert each_due(both, cancel) == 1
    session.expire_all()
    assert found(session, first).status is OrderStatus.APPROVED
    assert found(session, second).status is OrderStatus.CANCELLED


def mails(session: Session) -> list[tuple[str, str]]:
    """Which were written, and what about."""
    query = select(Mail).order_by(Mail.id)
    return [(mail.template, mail.body) for mail in session.scalars(query)]


def told(app: Flask, session: Session) -> list[tuple[str, str]]:
    """The mails of the year's end that what was done last becomes."""
    before = len(mails(session))
    run(app, session, "outbox")
    about_it = {"order_carried", "order_cancelled", "order_took_line", "year_end_reminder"}
    return [mail for mail in mails(session)[before:] if mail[0] in about_it]


def test_agencies_with_open_orders_are_reminded_on_the_first_and_the_fifteenth_once(
    app: Flask, session: Session, clock: time_machine.Traveller
) -> None:
    of = around(session)
    signed_up(session, Role.PROCUREMENT, agency_scope(of.agency.code))
    around(session, code="1.01.01")
    approved_order(session, of)
    run(app, session, "year_end_mail")
    told(app, session)
    for day, expected in ((1, 2), (2, 0), (14, 0), (16, 2), (31, 0)):
        clock.move_to(instant_of(date(2026, 12, day)))
        run(app, session, "year_end_mail")
        written = told(app, session)
        assert len(written) == expected, day
        assert all(
            "1 pesanan dinas yang terbuka, bernilai Rp100.000" in body for _, body in written
        )
    clock.move_to(NEW_YEAR)
    run(app, session, "year_end_mail")
    assert told(app, session) == []


def test_buyer_and_seller_are_told_with_the_reason(
    app: Flask, session: Session, clock: time_machine.Traveller
) -> None:
    of = around(session)
    approved_order(session, of)
    received_order(session, of, approved_order(session, of))
    told(app, session)
    clock.move_to(NEW_YEAR)
    run(app, session, "year_end")
    written = told(app, session)
    assert [template for template, _ in written] == ["order_cancelled"] * 2 + ["order_carried"] * 2
    assert all("Tahun anggaran 2026 berakhir" in body for _, body in written)
    carried = [body for template, body in written if template == "order_carried"]
    assert all("Pagu 2027 belum punya rinciannya" in body for body in carried)


def test_treasurer_and_seller_are_told_when_a_budget_bears_it(
    app: Flask, session: Session, clock: time_machine.Traveller
) -> None:
    of = around(session)
    budget(session, of.agency, year=2027)
    received_order(session, of, approved_order(session, of))
    clock.move_to(NEW_YEAR)
    run(app, session, "year_end")
    told(app, session)
    planned_line(session, of, 100_000)
    run(app, session, "lines")
    assert [template for template, _ in told(app, session)] == ["order_took_line"] * 2
