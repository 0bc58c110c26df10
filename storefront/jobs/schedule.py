"""What the worker does, and how often."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import structlog
from flask import Flask

from config import ROOT, Environment, Settings
from storefront.accounts import logins
from storefront.accounts.models import OneTimeCode
from storefront.agencies import holidays, moves, revisions, tree_writing
from storefront.core import audit_positions, outbox
from storefront.core.calendar import city_day, instant_of
from storefront.core.errors import DomainError
from storefront.core.outbox import Message
from storefront.core.permissions import SYSTEM, PersonId
from storefront.core.rendering import MailRenderer
from storefront.extensions import (
    db,
    ledger_signer,
    payment_gateway,
    payment_sandbox,
    snapshot,
    transaction,
)
from storefront.jobs.worker import Job
from storefront.jobs.worker import log as worker_log
from storefront.notifications import mail
from storefront.notifications.transport import sender_for
from storefront.orders import event_log, expiry, processes, year_end, year_end_reminders
from storefront.orders.affected import late_told, note_late
from storefront.orders.effects import REFUND_DUE
from storefront.payments.sandbox.delivery import deliver_webhooks
from storefront.quota import checkpoints, log
from storefront.reports import check_requests, checks, folding, signals
from storefront.sellers.verification import CLASS_RECORDED_LATE
from storefront.web.codes import link_of_code
from storefront.web.payment_addresses import addresses_of

logger = structlog.get_logger("storefront.jobs")

RECORDED_LATE = {moves.RECORDED_LATE, CLASS_RECORDED_LATE}
MINUTE = 60.0
HOUR = 60 * MINUTE


def jobs_of(app: Flask) -> list[Job]:
    """The jobs of this store."""
    settings: Settings = app.config["SETTINGS"]
    renderer = MailRenderer(
        Path(app.root_path).parent / "templates" / "mail",
        ROOT / "storefront" / "translations",
        store_name=settings.store_name,
        city_name=settings.city_name,
    )
    sender = sender_for(settings.mail_url, settings.mail_from)
    keep_secrets = settings.environment is not Environment.PRODUCTION
    return [
        Job("outbox", 1, lambda: drain(settings, renderer)),
        Job(
            "mail",
            2,
            lambda: mail.send_due(transaction, sender, now=_now(), keep_secrets=keep_secrets),
        ),
        Job("sandbox", 1, _deliver_sandbox),
        Job("numbers", 3, _number),
        Job("spread", 3, _fold),
        Job("payments", MINUTE, _sweep),
        Job("requests", MINUTE, lambda: each_due(expiry.requests_to_expire, expiry.expire_request)),
        Job(
            "parcels",
            5 * MINUTE,
            lambda: each_due(expiry.parcels_to_receive, expiry.count_as_received),
        ),
        Job("reminders", 5 * MINUTE, lambda: each_due(expiry.parcels_to_remind_of, expiry.remind)),
        Job("budgets", HOUR, _apply_budgets),
        Job("year_end", MINUTE, lambda: _all(year_end.orders_to_deal_with, year_end.deal_with)),
        Job("year_end_mail", HOUR, _remind_of_year_end),
        Job("lines", 5 * MINUTE, lambda: _all(year_end.orders_to_give_a_line, year_end.take_line)),
        Job("tree", MINUTE, _follow_the_tree),
        Job("tries", HOUR, _forget_tries),
        Job("checkpoints", 5 * MINUTE, _issue_checkpoints),
        Job("checks", MINUTE, nightly_check(), is_long=True),
        Job("asked_checks", 2, _check_as_asked, is_long=True),
        Job("holidays", HOUR, _fill_holidays),
        Job("signals", 10 * MINUTE, daily_signals(), is_long=True),
    ]


def drain(settings: Settings, renderer: MailRenderer) -> int:
    """Hand on what waits in the outbox; what fails comes back later, each time after longer."""
    handled = 0
    for message in outbox.due(db.session(), now=_now(), besides=(check_requests.ASKED,)):
        try:
            _hand_on(message, settings, renderer)
        except Exception as error:  # noqa: BLE001 - whatever it is, the others must be told
            with transaction() as session:
                outbox.mark_failed(session, message.id, repr(error), now=_now())
            continue
        handled += 1
    return handled


def _hand_on(message: Message, settings: Settings, renderer: MailRenderer) -> None:
    """A refund is asked of the gateway outside any transaction; a mail is written in one."""
    if message.topic == REFUND_DUE:
        processes.refund(transaction, payment_gateway(), str(message.payload["order"]), now=_now())
    with transaction() as session:
        if message.topic in RECORDED_LATE:
            note_late(session, late_told(message.payload), now=_now())
        elif message.topic != REFUND_DUE:

            def link(code_id: int) -> str:
                code = session.get_one(OneTimeCode, code_id)
                return link_of_code(code, settings.secret_key.encode())

            mail.write(
                session,
                message,
                renderer,
                link,
                public_url=settings.public_url,
                today=city_day(_now()),
                now=_now(),
            )
        outbox.mark_handled(session, message.id, now=_now())


def _deliver_sandbox() -> int:
    sandbox = payment_sandbox()
    return deliver_webhooks(sandbox) if sandbox else 0


def _number() -> int:
    """Give positions to what was committed since; nothing is locked where nothing waits."""
    waiting = (log.has_unnumbered, event_log.has_unnumbered, audit_positions.has_unnumbered)
    if not any(has_unnumbered(db.session()) for has_unnumbered in waiting):
        return 0
    with transaction() as session:
        log.number(session)
    with transaction() as session:
        audit_positions.number(session)
    with transaction() as session:
        event_log.number(session)
    return 1


def _fold() -> int:
    """Add what has a position to the sums by category and seller, a batch a transaction."""
    folded = 0
    while folding.is_behind(db.session()):
        with transaction() as session:
            folded += folding.fold(session)
    return folded


def _issue_checkpoints() -> int:
    """Every night, after midnight in the city; by day only where the night's is missing."""
    midnight = instant_of(city_day(_now()))
    if not checkpoints.is_due(db.session(), since=midnight):
        return 0
    with transaction() as session:
        checkpoints.issue_and_announce(session, ledger_signer(), now=_now())
    return 1


def _sweep() -> int:
    return processes.sweep(transaction, payment_gateway(), addresses=addresses_of, now=_now())


def each_due(due: Callable[..., list[str]], act: Callable[..., bool]) -> int:
    """Do something to each order that is due, in a transaction of its own.

    One that is refused is logged and comes back in its turn; it holds up no other.
    """
    done = 0
    for number in due(db.session(), now=_now()):
        try:
            with transaction() as session:
                done += act(session, number, now=_now())
        except DomainError as refusal:
            logger.warning("order_put_off", order=number, reason=refusal.code)
    return done


def _all(due: Callable[..., list[str]], act: Callable[..., bool]) -> int:
    """The same until nothing more can be done: at the turn of a year thousands are due at once."""
    done = 0
    while more := each_due(due, act):
        done += more
    return done


def _remind_of_year_end() -> int:
    with transaction() as session:
        return year_end_reminders.remind_agencies(session, now=_now())


def _apply_budgets() -> int:
    with transaction() as session:
        return revisions.apply_due(session, today=city_day(_now()), now=_now())


def nightly_check() -> Callable[[], int]:
    """Looks at everything once after the worker began, and then each night."""
    is_first = True

    def run() -> int:
        nonlocal is_first
        if not (is_first or checks.is_due(db.session(), now=_now())):
            return 0
        _look_at_everything(SYSTEM.person_id)
        is_first = False
        return 1

    return run


def _check_as_asked() -> int:
    """One run for all who wait for one; nothing is locked where nobody does."""
    if outbox.find_waiting(db.session(), check_requests.ASKED) is None:
        return 0
    with transaction() as session:
        asked_by, messages = check_requests.take(session, now=_now())
    if asked_by is None:
        return 0
    try:
        _look_at_everything(asked_by)
    except Exception as error:
        with transaction() as session:
            for message_id in messages:
                outbox.mark_failed(session, message_id, repr(error), now=_now())
        raise
    with transaction() as session:
        for message_id in messages:
            outbox.mark_handled(session, message_id, now=_now())
    return 1


def _look_at_everything(asked_by: PersonId) -> None:
    run = checks.check(transaction, snapshot, asked_by, clock=_now)
    if run.breach_count:
        worker_log.error("check_broken", run=run.number, breaches=run.breach_count)


def _follow_the_tree() -> int:
    """Changes of the agencies that begin today; nothing is locked where none does."""
    today = city_day(_now())
    if not tree_writing.is_behind(db.session(), today=today):
        return 0
    with transaction() as session:
        return tree_writing.bring_up_to_date(session, today=today)


def daily_signals() -> Callable[[], int]:
    """Looks for signals once after the worker began, and then once a day."""
    done_on: date | None = None

    def run() -> int:
        nonlocal done_on
        if done_on == city_day(_now()):
            return 0
        found = signals.refresh(transaction, snapshot, now=_now())
        done_on = city_day(_now())
        return found

    return run


def _forget_tries() -> int:
    with transaction() as session:
        logins.purge_failures(session, now=_now())
    return 0


def _fill_holidays() -> int:
    """Nothing is locked where every year that is asked about has its days."""
    if not holidays.years_to_fill(db.session(), today=city_day(_now())):
        return 0
    with transaction() as session:
        return holidays.fill_by_itself(session, today=city_day(_now()), now=_now())


def _now() -> datetime:
    return datetime.now(UTC)
