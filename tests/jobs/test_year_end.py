"""What the worker does at the turn of a budget year."""

from collections.abc import Iterator
from datetime import date, datetime

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from storefront.core.calendar import instant_of
from storefront.jobs.schedule import each_due
from storefront.orders import fulfilment
from storefront.orders.models import OrderStatus, WaitsFor
from tests.factories import NOON, budget
from tests.factories_orders import (
    approved_order,
    around,
    found,
    planned_line,
    received_order,
)
from tests.jobs.test_schedule import run

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
