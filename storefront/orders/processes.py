"""What needs several transactions with the gateway between them.

A process that dies between two of them leaves something that `sweep` finds: what is wanted is
written before the gateway is asked. The gateway's word is fetched, never believed from an event or
an address. Pages, API, webhook, worker and command line all call the same functions here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.core.calendar import city_day
from storefront.core.database import UnitOfWork
from storefront.core.errors import NotFound
from storefront.core.permissions import Actor
from storefront.orders import returning
from storefront.orders.checkout import place_purchase
from storefront.orders.checkout_request import CheckoutRequest
from storefront.orders.models import Order, OrderStatus, PaymentStatus, Purchase
from storefront.orders.paying import (
    ALIVE,
    AddressesOf,
    Attempt,
    Outcome,
    attempt_for,
    copied,
    end_unpaid,
    keep_session,
    locked_purchase,
    look_at,
    open_at_gateway,
)
from storefront.payments.attempts import SESSION_LIFE
from storefront.payments.gateway import GatewayRefused, GatewayUnavailable, PaymentGateway
from storefront.payments.models import RefundId
from storefront.payments.queries import attempts_of, payments_to_look_at
from storefront.quota.models import Fund
from storefront.quota.rules import rule_on

MOST_AT_ONCE = 100
"""Purchases that one sweep looks at."""


@dataclass(frozen=True)
class Bought:
    """A purchase that exists, and where its payer goes: nowhere if no payment is due.

    `gateway_answered` False: the purchase stands and its payment can be tried again.
    """

    purchase_number: str
    redirect_url: str | None = None
    gateway_answered: bool = True


def buy(
    transaction: UnitOfWork,
    gateway: PaymentGateway,
    actor: Actor,
    wanted: CheckoutRequest,
    *,
    addresses: AddressesOf,
    now: datetime,
) -> Bought:
    """Place a purchase, and of own money open its payment. Sent twice, it is one purchase.

    A gateway that does not answer refuses nothing: the purchase stands, its payment pending.
    Raises what `place_purchase` raises, and then nothing is written.
    """
    with transaction() as session:
        rule = rule_on(session, city_day(now))
        purchase = place_purchase(session, actor, wanted, rule=rule, now=now)
        number = purchase.number
        attempt = None
        if wanted.fund is Fund.PERSONAL:
            attempt = attempt_for(session, locked_purchase(session, number), now)
    return _to_payment(transaction, gateway, number, attempt, addresses)


def pay_again(
    transaction: UnitOfWork,
    gateway: PaymentGateway,
    actor: Actor,
    number: str,
    *,
    addresses: AddressesOf,
    now: datetime,
) -> Bought:
    """Lead a buyer to the payment of a purchase that waits for it. Never a second charge.

    The attempt that still lives is asked for by its own key; one whose time is over is closed at
    the gateway first. Raises `NotFound`, also for another's purchase, or `GatewayUnavailable`
    where an old attempt could not be closed.
    """
    with transaction() as session:
        purchase, orders = locked_purchase(session, number)
        if purchase.buyer_id != actor.person_id:
            raise NotFound
        attempts = [copied(a) for a in attempts_of(session, number) if a.status in ALIVE]
        over = [attempt for attempt in attempts if attempt.expires_at <= now]
        attempt = None if over else attempt_for(session, (purchase, orders), now)
    for old in over:
        look_at(transaction, gateway, old, addresses=addresses, now=now)
    return _to_payment(transaction, gateway, number, attempt, addresses)


def settle_from_gateway(
    transaction: UnitOfWork, gateway: PaymentGateway, session_id: str, *, now: datetime
) -> Outcome:
    """Ask the gateway about a session, and keep its word: the return and the webhook alike.

    Raises `GatewayUnavailable`.
    """
    try:
        state = gateway.fetch_session(session_id)
    except GatewayRefused:
        return Outcome.UNKNOWN
    return keep_session(transaction, state, now=now)


def settle_purchase(
    transaction: UnitOfWork, gateway: PaymentGateway, number: str, *, now: datetime
) -> list[Outcome]:
    """The same for all sessions of a purchase that could have been paid: a buyer comes back.

    Raises `GatewayUnavailable`.
    """
    with transaction() as session:
        attempts = [a for a in attempts_of(session, number) if a.status in ALIVE]
        session_ids = [a.provider_session_id for a in attempts if a.provider_session_id]
    return [settle_from_gateway(transaction, gateway, each, now=now) for each in session_ids]


def refund(
    transaction: UnitOfWork, gateway: PaymentGateway, order_number: str, *, now: datetime
) -> int:
    """Give back what an order owes its buyer; return the rupiah that went back by this call.

    Called twice, it gives once. Raises `NotFound`, or `GatewayUnavailable`: then the refund stands
    written, and the next call asks for the same one.
    """
    with transaction() as session:
        asked = returning.write_refund(session, order_number, now=now)
    return returning.ask(transaction, gateway, asked, now=now) if asked else 0


def refund_seen(
    transaction: UnitOfWork, gateway: PaymentGateway, payment_intent: str, *, now: datetime
) -> int:
    """Look at a payment's refunds and disputes at the gateway; return how many told something new.

    One made there for a purchase of several orders is a hold, until it is said whose money it is.
    Raises `GatewayUnavailable`, or `NotFound` for a payment that is not ours.
    """
    states = gateway.fetch_refunds(payment_intent)
    with transaction() as session:
        return returning.keep(session, payment_intent, states, now=now)


def allocate_refund(
    transaction: UnitOfWork,
    actor: Actor,
    refund_id: RefundId,
    shares: Mapping[str, int],
    *,
    now: datetime,
) -> None:
    """Say whose money a held refund is, in rupiah by order number, and move those orders by it.

    Raises what `returning.allocate` raises, and then nothing is written.
    """
    with transaction() as session:
        returning.allocate(session, actor, refund_id, shares, now=now)


def close_cancelled(
    transaction: UnitOfWork,
    gateway: PaymentGateway,
    number: str,
    *,
    addresses: AddressesOf,
    now: datetime,
) -> Outcome:
    """End the payment of a purchase whose every order was cancelled: its stock is free sooner.

    `NOTHING_NEW` where an order still wants its money. Raises `NotFound`, `GatewayUnavailable`.
    """
    with transaction() as session:
        _purchase, orders = locked_purchase(session, number)
        if any(order.status is not OrderStatus.CANCELLED for order in orders):
            return Outcome.NOTHING_NEW
        attempts = [copied(a) for a in attempts_of(session, number) if a.status in ALIVE]
    outcome = Outcome.NOTHING_NEW
    for attempt in attempts:
        outcome = look_at(transaction, gateway, attempt, addresses=addresses, now=now, close=True)
    return outcome


def sweep(
    transaction: UnitOfWork, gateway: PaymentGateway, *, addresses: AddressesOf, now: datetime
) -> int:
    """Do what nobody came to do; return how much it was.

    Asks the gateway about attempts past their time or without an answer, closes those of purchases
    that were cancelled, ends purchases that no attempt can pay any more, and asks for refunds that
    wait. A gateway that does not answer puts
    the rest off to the next time.
    """
    done = 0
    with transaction() as session:
        attempts = [copied(payment) for payment in payments_to_look_at(session, now=now)]
        unwanted = _all_cancelled(session)
    try:
        for attempt in attempts:
            look_at(transaction, gateway, attempt, addresses=addresses, now=now)
            done += 1
        for number in unwanted:
            close_cancelled(transaction, gateway, number, addresses=addresses, now=now)
            done += 1
        done += returning.ask_again(transaction, gateway, now=now)
    except GatewayUnavailable:
        pass
    return done + _end_left_over(transaction, now)


def _end_left_over(transaction: UnitOfWork, now: datetime) -> int:
    """End purchases whose payment could not even be opened, once its time is over."""
    with transaction() as session:
        numbers = _left_over(session, now)
    ended = 0
    for number in numbers:
        with transaction() as session:
            purchase, orders = locked_purchase(session, number)
            ended += end_unpaid(session, purchase, orders, now=now)
    return ended


def _all_cancelled(session: Session) -> list[str]:
    """Purchases that hold stock for a payment that nobody wants any more, oldest first."""
    cancelled = select(Order.purchase_id).where(
        Order.status == OrderStatus.CANCELLED, Order.payment_status == PaymentStatus.PENDING
    )
    wanted = select(Order.id).where(
        Order.purchase_id == Purchase.id, Order.status != OrderStatus.CANCELLED
    )
    query = (
        select(Purchase.number)
        .where(Purchase.id.in_(cancelled), ~wanted.exists())
        .order_by(Purchase.id)
        .limit(MOST_AT_ONCE)
    )
    return list(session.scalars(query))


def _left_over(session: Session, now: datetime) -> list[str]:
    """Purchases of own money that wait for payment longer than any session lives, oldest first."""
    waiting = (
        select(Order.purchase_id)
        .where(
            Order.fund == Fund.PERSONAL,
            Order.status.in_([OrderStatus.PLACED, OrderStatus.CANCELLED]),
            Order.payment_status == PaymentStatus.PENDING,
            Order.placed_at <= now - SESSION_LIFE,
        )
        .distinct()
    )
    query = select(Purchase.number).where(Purchase.id.in_(waiting)).order_by(Purchase.id)
    return list(session.scalars(query.limit(MOST_AT_ONCE)))


def _to_payment(
    transaction: UnitOfWork,
    gateway: PaymentGateway,
    number: str,
    attempt: Attempt | None,
    addresses: AddressesOf,
) -> Bought:
    if attempt is None:
        return Bought(number)
    if attempt.redirect_url is not None:
        return Bought(number, attempt.redirect_url)
    try:
        opened = open_at_gateway(transaction, gateway, attempt, addresses)
    except GatewayUnavailable:
        opened = None
    if opened is None:
        return Bought(number, gateway_answered=False)
    return Bought(number, opened.redirect_url)
