"""What the worker does when it is due, each job as it stands in the schedule."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storefront.agencies.models import Agency
from storefront.agencies.tree_models import AgencyName
from storefront.core import audit, outbox
from storefront.core.audit_positions import AuditLine, AuditSize
from storefront.core.database import transaction
from storefront.core.outbox import OutboxMessage
from storefront.core.permissions import CITY, SYSTEM, Role
from storefront.extensions import payment_gateway, payment_sandbox
from storefront.extensions import transaction as unit
from storefront.jobs.schedule import jobs_of
from storefront.jobs.worker import Job, Worker
from storefront.notifications.models import Mail
from storefront.orders import fulfilment, processes
from storefront.orders.models import FulfilmentStatus, Order, OrderEvent, OrderStatus, PaymentStatus
from storefront.payments.models import GatewayPayment
from storefront.payments.sandbox import payer
from storefront.quota.models import LedgerEntry, LogLine
from storefront.reports import check_requests
from storefront.reports.check_models import CheckRun
from storefront.reports.models import SellerSum
from storefront.sellers.models import Seller
from storefront.web.payment_addresses import addresses_of
from tests.factories import IMPORTER, NOON, agency, listed_variant, shop, shop_actor, signed_up
from tests.factories_orders import approved_order, around, found, paid_order, placed_order
from tests.orders.checkouts import OWN, buyer
from tests.tampering import tamper
from tests.working import run

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as moving:
        yield moving


def mails(session: Session) -> list[tuple[str, bool]]:
    """Which were written, and whether they have left."""
    return [(mail.template, mail.sent_at is not None) for mail in session.scalars(select(Mail))]


def waiting(session: Session, topic: str) -> list[OutboxMessage]:
    query = select(OutboxMessage).filter_by(topic=topic, handled_at=None)
    return list(session.scalars(query))


def test_what_the_outbox_tells_becomes_a_mail_and_leaves(app: Flask, session: Session) -> None:
    placed_order(session, around(session))
    run(app, session, "outbox")
    assert mails(session) == [("approval_requested", False)]
    run(app, session, "mail")
    assert mails(session) == [("approval_requested", True)]
    run(app, session, "outbox")
    assert len(mails(session)) == 1


def test_a_message_that_cannot_be_handed_on_does_not_hold_up_the_others(
    app: Flask, session: Session, clock: time_machine.Traveller
) -> None:
    with transaction(session):
        outbox.put(session, "order_placed", {"order": "SP-NONE-1"}, now=NOON)
    placed_order(session, around(session))
    run(app, session, "outbox")
    assert mails(session) == [("approval_requested", False)]
    [failed] = waiting(session, "order_placed")
    assert (failed.attempts, bool(failed.last_error)) == (1, True)
    run(app, session, "outbox")
    assert waiting(session, "order_placed")[0].attempts == 1
    clock.shift(outbox.FIRST_WAIT)
    run(app, session, "outbox")
    assert waiting(session, "order_placed")[0].attempts == 2


def paid_purchase(app: Flask, session: Session) -> Order:
    """One order of own money, paid at the gateway."""
    rina = buyer(session)
    rina.gathers((listed_variant(session, seller=shop(session)), 2))
    seen = rina.quote(OWN)
    sent = replace(seen.wanted, expected_total=seen.total_amount)
    session.rollback()
    with app.app_context():
        bought = processes.buy(
            unit, payment_gateway(), rina.actor, sent, addresses=addresses_of, now=NOON
        )
        sandbox = payment_sandbox()
        assert sandbox is not None
        payer.pay(sandbox, str(session.scalars(select(GatewayPayment.provider_session_id)).one()))
        session.rollback()
        processes.settle_purchase(unit, payment_gateway(), bought.purchase_number, now=NOON)
    session.rollback()
    return session.scalars(select(Order)).one()


def test_money_that_is_due_back_is_asked_of_the_gateway(app: Flask, session: Session) -> None:
    order = paid_purchase(app, session)
    session.rollback()
    seller = shop_actor(session, session.get_one(Seller, order.seller_id))
    with transaction(session):
        fulfilment.decline(session, seller, order.number, reason="Bahan habis", now=NOON)
    run(app, session, "outbox")
    order = found(session, order.number)
    assert order.payment_status is PaymentStatus.REFUNDED
    assert order.refunded_amount == order.total_amount
    assert waiting(session, "refund_due") == []


def test_a_request_past_its_day_expires(
    app: Flask, session: Session, clock: time_machine.Traveller
) -> None:
    number = placed_order(session, around(session), decide_by=NOON + DAY)
    run(app, session, "requests")
    assert found(session, number).status is OrderStatus.SUBMITTED
    clock.shift(DAY)
    run(app, session, "requests")
    assert found(session, number).status is OrderStatus.EXPIRED


def test_a_parcel_that_nobody_confirms_is_reminded_of_and_then_counts_as_received(
    app: Flask, session: Session, clock: time_machine.Traveller
) -> None:
    of = around(session)
    number = paid_order(session, of)
    with transaction(session):
        fulfilment.accept(session, of.seller, number, now=NOON)
        fulfilment.ship(session, of.seller, number, now=NOON)
    run(app, session, "reminders")
    assert waiting(session, "receive_reminder") == []
    clock.shift(30 * DAY)
    run(app, session, "reminders")
    assert len(waiting(session, "receive_reminder")) == 1
    run(app, session, "parcels")
    assert found(session, number).fulfilment_status is FulfilmentStatus.RECEIVED


def test_a_purchase_that_nobody_pays_expires(
    app: Flask, session: Session, clock: time_machine.Traveller
) -> None:
    rina = buyer(session)
    rina.gathers((listed_variant(session), 2))
    rina.places()
    run(app, session, "payments")
    assert session.scalars(select(Order.status)).one() is OrderStatus.PLACED
    clock.shift(timedelta(hours=2))
    run(app, session, "payments")
    assert session.scalars(select(Order.status)).one() is OrderStatus.EXPIRED


def test_ledger_and_events_get_positions_without_gaps(app: Flask, session: Session) -> None:
    of = around(session)
    approved_order(session, of)
    approved_order(session, of)
    assert session.scalars(select(LogLine.position)).all() == []
    run(app, session, "numbers")
    entries = session.scalar(select(func.count()).select_from(LedgerEntry))
    lines = session.scalars(select(LogLine.position).order_by(LogLine.position)).all()
    assert lines == list(range(1, (entries or 0) + 1))
    events = session.scalars(select(OrderEvent.position).order_by(OrderEvent.position)).all()
    assert events == list(range(1, len(events) + 1))


def test_all_is_checked_when_the_worker_begins_and_then_each_night(
    app: Flask, session: Session, clock: time_machine.Traveller
) -> None:
    of = around(session)
    approved_order(session, of)
    (job,) = (job for job in jobs_of(app) if job.name == "checks")
    worker = Worker(app, [replace(job, every_s=0)])

    def come_by() -> list[int]:
        worker.run_due()
        worker.wait()
        session.rollback()
        return list(session.scalars(select(CheckRun.breach_count).order_by(CheckRun.number)))

    assert come_by() == [0]
    clock.shift(timedelta(hours=5))
    assert come_by() == [0]
    tamper(session, "UPDATE quota_accounts SET committed_amount = 7")
    clock.shift(timedelta(hours=15))
    assert come_by()[1:] == [2]
    run(app, session, "checks")
    assert session.scalars(select(CheckRun.number)).all() == [1, 2, 3], "a restart looks again"


def test_a_check_that_is_asked_for_waits_for_its_own_job_and_comes_back_where_it_failed(
    app: Flask, session: Session, clock: time_machine.Traveller
) -> None:
    auditor = signed_up(session, Role.AUDITOR, CITY)
    with transaction(session):
        check_requests.ask(session, auditor, now=NOON)
    run(app, session, "outbox")
    with transaction(session):
        session.connection().exec_driver_sql("ALTER TABLE check_findings RENAME TO away")
    run(app, session, "asked_checks")
    with transaction(session):
        session.connection().exec_driver_sql("ALTER TABLE away RENAME TO check_findings")
    assert session.scalars(select(CheckRun)).all() == []
    run(app, session, "asked_checks")
    assert session.scalars(select(CheckRun)).all() == [], "it is put off for some seconds"
    clock.shift(outbox.FIRST_WAIT)
    run(app, session, "asked_checks")
    assert session.scalars(select(CheckRun.asked_by)).all() == [auditor.person_id]
    assert session.scalars(select(OutboxMessage.handled_at).filter_by(topic="check_asked")).one()


def test_a_check_that_breaks_is_mailed_to_auditors_and_the_city_once(
    app: Flask, session: Session
) -> None:
    for role in (Role.AUDITOR, Role.CITY_ADMIN):
        signed_up(session, role, CITY)
    approved_order(session, around(session))
    tamper(session, "UPDATE quota_accounts SET committed_amount = 7")
    for _ in range(2):
        run(app, session, "checks")
    run(app, session, "outbox")
    written = session.scalars(select(Mail).filter_by(template="check_broken")).all()
    assert len(written) == 2
    assert {"/audit/reconciliation/1" in mail.body for mail in written} == {True, False}
    assert all("1.02.01 2026 official micro: committed" in mail.body for mail in written)
    assert not any("100000" in mail.body or "Rp" in mail.body for mail in written)


def test_a_long_job_does_not_keep_the_others_waiting(app: Flask) -> None:
    held, done = threading.Event(), threading.Event()

    def slow() -> int:
        held.wait(60)
        return 1

    def quick() -> int:
        done.set()
        return 1

    worker = Worker(app, [Job("slow", 0, slow, is_long=True), Job("quick", 0, quick)])
    worker.run_due()
    assert done.is_set()
    worker.run_due()
    assert [thread.name for thread in threading.enumerate()].count("slow") == 1
    held.set()
    worker.wait()


def test_a_job_that_fails_does_not_end_the_others(app: Flask) -> None:
    done: list[datetime] = []

    def fail() -> int:
        raise ZeroDivisionError

    def note() -> int:
        done.append(NOON)
        return 1

    Worker(app, [Job("fails", 1, fail), Job("works", 1, note)]).run_due()
    assert done == [NOON]


def test_a_job_waits_until_it_is_due_again(app: Flask) -> None:
    done: list[datetime] = []

    def note() -> int:
        done.append(NOON)
        return 1

    worker = Worker(app, [Job("rarely", 3600, note)])
    worker.run_due()
    worker.run_due()
    assert done == [NOON]


def test_what_has_a_position_is_folded_into_the_sums(app: Flask, session: Session) -> None:
    of = around(session)
    approved_order(session, of)
    run(app, session, "numbers")
    run(app, session, "spread")
    assert session.scalars(select(SellerSum.committed_amount)).all() == [100_000]


def test_a_change_of_the_agencies_begins_on_its_day(
    app: Flask, session: Session, clock: time_machine.Traveller
) -> None:
    health = agency(session)
    with transaction(session):
        session.add(
            AgencyName(
                agency_id=health.id,
                name="Dinas Kesehatan Kota",
                valid_from=NOON.date() + DAY,
                recorded_by=IMPORTER,
                recorded_at=NOON,
            )
        )
    run(app, session, "tree")
    assert session.get_one(Agency, health.id).name == "Dinas Kesehatan"
    clock.shift(DAY)
    run(app, session, "tree")
    assert session.get_one(Agency, health.id).name == "Dinas Kesehatan Kota"


def test_every_night_a_checkpoint_is_issued_and_told_once(
    app: Flask, session: Session, clock: time_machine.Traveller
) -> None:
    of = around(session)
    approved_order(session, of)
    for _ in range(2):
        run(app, session, "checkpoints")
    assert len(waiting(session, "checkpoint_issued")) == 1
    approved_order(session, of)
    run(app, session, "checkpoints")  # the same day
    assert len(waiting(session, "checkpoint_issued")) == 1
    clock.move_to(NOON + DAY)
    for _ in range(2):
        run(app, session, "checkpoints")
    told = [json.loads(one.payload) for one in waiting(session, "checkpoint_issued")]
    assert [one["ledger"] for one in told] == [1, 2]
    clock.move_to(NOON + 2 * DAY)
    run(app, session, "checkpoints")  # a day on which nothing was recorded
    assert len(waiting(session, "checkpoint_issued")) == 2


def test_acts_get_their_positions_as_entries_do(app: Flask, session: Session) -> None:
    with transaction(session):
        audit.record(session, SYSTEM, "seller.verified", "1", now=NOON)
    run(app, session, "numbers")
    assert session.scalar(select(func.count()).select_from(AuditLine)) == 1
    assert session.get_one(AuditSize, 1).size == 1
