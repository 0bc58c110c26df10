"""The check: what was tampered with is found and named, kept, and told once."""

import json
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storefront.catalog.models import Stock
from storefront.core import database
from storefront.core.calendar import instant_of
from storefront.core.database import transaction
from storefront.core.errors import NotAllowed
from storefront.core.outbox import OutboxMessage
from storefront.core.permissions import CITY, SYSTEM, Actor, PersonId, Role
from storefront.orders.agency_payments import pay
from storefront.payments.models import GatewayPayment, GatewayPaymentStatus
from storefront.quota.log import number
from storefront.reports import checks
from storefront.reports.check_history import find_run, last_run, list_runs
from storefront.reports.check_models import CheckFinding, CheckRun
from tests.conftest import CountSelects
from tests.factories import HEALTH, NOON, signed_up
from tests.factories_orders import (
    ACCOUNT,
    ACTIVITY,
    Around,
    approved_order,
    around,
    paid_order,
    proof,
    received_order,
)
from tests.tampering import tamper


@pytest.fixture
def of(session: Session) -> Around:
    return around(session)


@pytest.fixture
def auditor(session: Session) -> Actor:
    return signed_up(session, Role.AUDITOR, CITY)


@pytest.fixture
def history(session: Session, of: Around) -> dict[str, str]:
    """An approved order, a paid one, and one of own money that the gateway knows."""
    orders = {
        "approved": approved_order(session, of),
        "paid": received_order(session, of, approved_order(session, of)),
        "own": paid_order(session, of),
    }
    with transaction(session):
        pay(session, of.treasurer, orders["paid"], proof=proof(100_000), now=NOON)
    with transaction(session):
        session.add(
            GatewayPayment(
                reference=orders["own"].rpartition("-")[0],
                attempt=1,
                amount=100_000,
                status=GatewayPaymentStatus.SETTLED,
                idempotency_key="pay",
                created_at=NOON,
                expires_at=NOON,
                settled_at=NOON,
            )
        )
        number(session)
    return orders


def checked(
    session: Session, asked_by: PersonId = SYSTEM.person_id, *, now: datetime = NOON
) -> CheckRun:
    session.rollback()
    write, read = partial(database.transaction, session), partial(database.snapshot, session)
    run = checks.check(write, read, asked_by, clock=lambda: now)
    session.rollback()
    return run


def found(session: Session, run: CheckRun) -> list[tuple[str, str, str]]:
    """What a run found: subject, row and what is wrong with it."""
    query = select(CheckFinding).filter_by(run_number=run.number).order_by(CheckFinding.id)
    return [(one.subject, one.place, one.what) for one in session.scalars(query)]


@pytest.mark.usefixtures("history")
def test_what_nobody_tampered_with_holds(session: Session) -> None:
    run = checked(session)
    assert found(session, run) == []
    assert (run.number, run.position, run.breach_count, run.new_count) == (1, 3, 0, 0)
    assert set(json.loads(run.counts).values()) == {0}


TAMPERED = {
    "an entry": (
        "UPDATE ledger_entries SET reason = 'x' WHERE account_seq = 2",
        ("seals", f"{HEALTH}, entry 2", "seal does not match"),
    ),
    "an entry's amounts": (
        "UPDATE ledger_entries SET realised_change = realised_change - 1 WHERE account_seq = 3",
        ("seals", f"{HEALTH}, entry 3", "balances do not follow from the entry before"),
    ),
    "an account": (
        "UPDATE quota_accounts SET committed_amount = 7",
        ("accounts", f"{HEALTH}", "committed"),
    ),
    "the log": (
        "UPDATE ledger_log SET position = 9 WHERE position = 2",
        ("seals", "position 2", "is missing or out of order"),
    ),
    "the log's size": (
        "UPDATE quota_marks SET value = 5 WHERE name = 'log_size'",
        ("seals", "position 4", "is missing or out of order"),
    ),
    "a budget": (
        "UPDATE budget_years SET committed_amount = committed_amount + 1",
        ("budgets", "budget of 1.02.01 2026", "committed"),
    ),
    "a budget line": (
        "UPDATE budget_lines SET spent_amount = spent_amount + 1",
        ("budgets", f"budget line of 1.02.01 2026 {ACTIVITY} {ACCOUNT}", "spent"),
    ),
}


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize(("statement", "row"), TAMPERED.values(), ids=TAMPERED)
def test_a_row_that_was_tampered_with_is_found_and_named(
    session: Session, statement: str, row: tuple[str, str, str]
) -> None:
    tamper(session, statement)
    run = checked(session)
    assert row in found(session, run)
    assert run.breach_count == run.new_count > 0


def test_stock_that_was_tampered_with_is_named_by_its_variant(
    session: Session, history: dict[str, str]
) -> None:
    del history
    variant_id = session.scalars(select(func.min(Stock.variant_id))).one()
    tamper(session, f"UPDATE stock SET quantity = quantity + 3 WHERE variant_id = {variant_id}")
    assert found(session, checked(session)) == [("stock", f"variant {variant_id} at shop", "stock")]


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE agency_payments SET gross_amount = 90000", "paid by its agency"),
        ("UPDATE agency_payments SET withheld_amount = 500", "withheld"),
        ("DELETE FROM agency_payments", "paid by its agency"),
    ],
)
def test_a_payment_of_an_agency_that_was_tampered_with_is_named_by_its_order(
    session: Session, history: dict[str, str], statement: str, what: str
) -> None:
    tamper(session, statement)
    assert found(session, checked(session)) == [("payments", history["paid"], what)]


def test_a_payment_at_the_gateway_is_named_by_its_purchase_and_without_figures(
    session: Session, history: dict[str, str]
) -> None:
    """It is somebody's own money: the row is told, not how much (product.md, "Privacy")."""
    tamper(session, "UPDATE gateway_payments SET amount = 90000")
    run = checked(session)
    assert found(session, run) == [("payments", history["own"].rpartition("-")[0], "paid")]
    one = session.scalars(select(CheckFinding).filter_by(run_number=run.number)).one()
    assert (one.kept_amount, one.due_amount) == (None, None)


def test_every_account_that_is_broken_is_named(session: Session, history: dict[str, str]) -> None:
    del history
    of_coblong = around(session, code="1.01.01")
    approved_order(session, of_coblong)
    tamper(session, "UPDATE ledger_entries SET reason = 'x' WHERE account_seq = 1")
    places = [place for subject, place, _ in found(session, checked(session)) if subject == "seals"]
    assert places == [
        "1.02.01 2026 official micro, entry 1",
        "1.01.01 2026 official micro, entry 1",
    ]


@pytest.mark.usefixtures("history")
def test_what_is_found_is_told_once_and_again_only_when_it_came_back(session: Session) -> None:
    def told() -> list[str]:
        query = select(OutboxMessage.payload).filter_by(topic=checks.BROKEN)
        return list(session.scalars(query.order_by(OutboxMessage.id)))

    tamper(session, "UPDATE budget_years SET committed_amount = committed_amount + 1")
    assert [checked(session).new_count for _ in range(3)] == [1, 0, 0]
    assert told() == ['{"run": 1}']
    tamper(session, "UPDATE budget_years SET committed_amount = committed_amount + 1")
    assert checked(session).new_count == 0, "the same counter, further off"
    tamper(session, "UPDATE budget_years SET committed_amount = committed_amount - 2")
    assert checked(session).breach_count == 0
    tamper(session, "UPDATE budget_years SET committed_amount = committed_amount + 1")
    checked(session)
    assert told() == ['{"run": 1}', '{"run": 6}']


def test_a_run_is_due_once_a_night(session: Session) -> None:
    at_two = instant_of(NOON.date(), checks.NIGHT) + timedelta(hours=1)
    assert checks.is_due(session, now=at_two)
    checked(session, now=at_two)
    assert not checks.is_due(session, now=at_two + timedelta(hours=22))
    assert checks.is_due(session, now=at_two + timedelta(hours=23))


def test_runs_are_read_the_latest_first(session: Session, auditor: Actor) -> None:
    assert last_run(session, auditor) is None
    checked(session)
    checked(session, auditor.person_id)
    page = list_runs(session, auditor)
    assert [row.number for row in page.rows] == [2, 1]
    assert [bool(row.asked_by) for row in page.rows] == [True, False]
    assert page.next_before is None
    assert list_runs(session, auditor, before=2).rows[0].number == 1
    newest = last_run(session, auditor)
    assert newest is not None
    assert newest.is_stale(NOON + timedelta(days=2))


def test_runs_are_read_by_the_auditor_and_the_city_alone(session: Session, of: Around) -> None:
    with pytest.raises(NotAllowed):
        list_runs(session, of.approver)
    checked(session)
    with pytest.raises(NotAllowed):
        find_run(session, of.treasurer, 1)
    assert find_run(session, signed_up(session, Role.CITY_ADMIN, CITY), 1).row.holds


def test_a_run_with_many_findings_costs_as_many_questions(
    session: Session, history: dict[str, str], auditor: Actor, count_selects: CountSelects
) -> None:
    del history
    checked(session)
    with count_selects() as few:
        find_run(session, auditor, 1)
    tamper(session, "UPDATE stock SET quantity = quantity + 3", "DELETE FROM agency_payments")
    checked(session)
    with count_selects() as many:
        assert len(find_run(session, auditor, 2).found) > 2
    assert len(many) == len(few)
