"""Buying with the gateway's real code over the mock: each fact once, however it comes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from storefront.catalog.models import SHOP_PLACE, Stock, VariantId
from storefront.core.database import UnitOfWork, transaction
from storefront.core.errors import NotFound
from storefront.core.outbox import due
from storefront.core.permissions import CITY, Actor, Grant, Role, ScopeKind
from storefront.orders import processes
from storefront.orders.lifecycle import apply, locked
from storefront.orders.models import Order, OrderStatus, PaymentMethod, PaymentStatus
from storefront.orders.paying import Outcome, ReturnAddresses, keep_session
from storefront.orders.processes import Bought
from storefront.orders.words import Event
from storefront.payments.gateway import GatewayUnavailable, PaymentGateway, SessionState
from storefront.payments.models import (
    GatewayPayment,
    GatewayPaymentStatus,
    GatewayRefund,
    RefundStatus,
)
from storefront.payments.queries import refunds_on_hold
from storefront.payments.sandbox import payer
from storefront.payments.sandbox.state import Mood, SandboxState
from tests.factories import NOON, listed_variant, person, shop, signed_up
from tests.orders.checkouts import OFFICIAL, OWN, Buyer, buyer


def addresses(number: str) -> ReturnAddresses:
    here = f"http://localhost/purchases/{number}"
    return ReturnAddresses(f"{here}/return?session={{CHECKOUT_SESSION_ID}}", here)


@dataclass
class Store:
    """A buyer at the till: the processes, with what they are handed."""

    session: Session
    engine: Engine
    gateway: PaymentGateway
    sandbox: SandboxState
    clock: time_machine.Traveller
    rina: Buyer
    coffee: VariantId

    @property
    def unit(self) -> UnitOfWork:
        @contextmanager
        def opened() -> Iterator[Session]:
            with Session(self.engine) as own, transaction(own):
                yield own

        return opened

    @property
    def now(self) -> datetime:
        return NOON + (datetime.now(NOON.tzinfo) - NOON)

    def passes(self, minutes: int) -> None:
        self.clock.shift(timedelta(minutes=minutes))

    def buys(self, pieces: int = 2) -> Bought:
        self.rina.gathers((self.coffee, pieces), now=self.now)
        seen = self.rina.quote(OWN, now=self.now)
        sent = replace(seen.wanted, expected_total=seen.total_amount)
        self.session.rollback()
        return processes.buy(
            self.unit, self.gateway, self.rina.actor, sent, addresses=addresses, now=self.now
        )

    def returns(self, session_id: str) -> Outcome:
        return processes.settle_from_gateway(self.unit, self.gateway, session_id, now=self.now)

    def tries_again(self, number: str) -> Bought:
        return processes.pay_again(
            self.unit, self.gateway, self.rina.actor, number, addresses=addresses, now=self.now
        )

    def sweeps(self) -> int:
        return processes.sweep(self.unit, self.gateway, addresses=addresses, now=self.now)

    def cancels(self, number: str) -> None:
        with self.unit() as own:
            apply(
                own,
                self.rina.actor,
                locked(own, self.rina.actor, number),
                Event.CANCEL,
                now=self.now,
            )

    def gives_back(self, number: str) -> int:
        return processes.refund(self.unit, self.gateway, number, now=self.now)

    def attempt(self, number: str) -> GatewayPayment:
        """The latest."""
        self.session.rollback()
        query = select(GatewayPayment).filter_by(reference=number).order_by(-GatewayPayment.attempt)
        return next(iter(self.session.scalars(query.execution_options(populate_existing=True))))

    def session_of(self, bought: Bought) -> str:
        return str(self.attempt(bought.purchase_number).provider_session_id)

    def order(self, bought: Bought, position: int = 1) -> Order:
        self.session.rollback()
        number = f"{bought.purchase_number}-{position}"
        query = select(Order).filter_by(number=number)
        return self.session.scalars(query.execution_options(populate_existing=True)).one()

    def statuses(self, bought: Bought) -> tuple[OrderStatus, PaymentStatus]:
        order = self.order(bought)
        return order.status, order.payment_status

    @property
    def stock(self) -> int:
        self.session.rollback()
        query = select(Stock.quantity).filter_by(variant_id=self.coffee, place=SHOP_PLACE)
        return self.session.scalars(query).one()

    @property
    def told(self) -> list[str]:
        self.session.rollback()
        messages = due(self.session, now=self.now + timedelta(days=400), limit=1_000)
        return [message.topic for message in messages]

    @property
    def refunds(self) -> list[tuple[int, RefundStatus]]:
        self.session.rollback()
        query = select(GatewayRefund).order_by(GatewayRefund.id)
        rows = self.session.scalars(query.execution_options(populate_existing=True))
        return [(row.amount, row.status) for row in rows]

    @property
    def sessions_at_gateway(self) -> int:
        with self.sandbox.records() as records:
            return len(records.all("checkout.session"))


PAID = (OrderStatus.PLACED, PaymentStatus.PAID)
WAITING = (OrderStatus.PLACED, PaymentStatus.PENDING)


@pytest.fixture
def store(app: Flask, engine: Engine, session: Session) -> Iterator[Store]:
    with time_machine.travel(NOON, tick=False) as clock:
        coffee = listed_variant(session, stock=10, price=15_000)
        yield Store(
            session=session,
            engine=engine,
            gateway=app.extensions["payment_gateway"],
            sandbox=app.extensions["payment_sandbox"],
            clock=clock,
            rina=buyer(session),
            coffee=coffee,
        )


# --- the way there and back ---


def test_a_buyer_is_led_to_the_payment_and_stock_is_held(store: Store) -> None:
    bought = store.buys()
    assert bought.redirect_url is not None
    assert (store.statuses(bought), store.stock) == (WAITING, 8)


def test_a_request_needs_no_payment_page(store: Store) -> None:
    store.rina.gathers((store.coffee, 2))
    seen = store.rina.quote(OFFICIAL)
    sent = replace(seen.wanted, expected_total=seen.total_amount)
    bought = processes.buy(
        store.unit, store.gateway, store.rina.actor, sent, addresses=addresses, now=NOON
    )
    assert (bought.redirect_url, store.sessions_at_gateway) == (None, 0)


def test_the_return_from_the_gateway_settles(store: Store) -> None:
    bought = store.buys()
    session_id = store.session_of(bought)
    payer.pay(store.sandbox, session_id)
    assert store.returns(session_id) is Outcome.SETTLED
    order = store.order(bought)
    assert (order.status, order.payment_status) == PAID
    assert (order.paid_amount, order.payment_method) == (30_000, PaymentMethod.CARD)


def test_the_seller_hears_of_it_when_it_is_paid(store: Store) -> None:
    bought = store.buys()
    assert "order_placed" not in store.told
    payer.pay(store.sandbox, store.session_of(bought))
    store.returns(store.session_of(bought))
    assert store.told.count("order_placed") == 1


def test_return_and_webhook_together_settle_once(store: Store) -> None:
    bought = store.buys()
    session_id = store.session_of(bought)
    payer.pay(store.sandbox, session_id)
    outcomes = [store.returns(session_id) for _ in range(3)]
    assert outcomes == [Outcome.SETTLED, Outcome.NOTHING_NEW, Outcome.NOTHING_NEW]
    assert store.told.count("order_paid") == 1


def test_coming_back_without_having_paid_changes_nothing(store: Store) -> None:
    bought = store.buys()
    assert store.returns(store.session_of(bought)) is Outcome.STILL_OPEN
    assert store.statuses(bought) == WAITING


def test_a_declined_payment_can_be_tried_on_the_same_page(store: Store) -> None:
    bought = store.buys()
    payer.decline(store.sandbox, store.session_of(bought))
    assert store.returns(store.session_of(bought)) is Outcome.STILL_OPEN
    assert store.tries_again(bought.purchase_number).redirect_url == bought.redirect_url
    payer.pay(store.sandbox, store.session_of(bought))
    assert store.returns(store.session_of(bought)) is Outcome.SETTLED


def test_a_session_of_another_store_is_unknown(store: Store) -> None:
    assert store.returns("cs_test_of_somebody_else") is Outcome.UNKNOWN


@pytest.mark.parametrize(
    "wrong", [{"amount": 29_999}, {"currency": "usd"}, {"reference": "P-0000000000"}]
)
def test_another_amount_currency_or_reference_settles_nothing(
    store: Store, wrong: dict[str, str | int]
) -> None:
    bought = store.buys()
    session_id = store.session_of(bought)
    payer.pay(store.sandbox, session_id)
    state: SessionState = replace(store.gateway.fetch_session(session_id), **wrong)  # type: ignore[arg-type]
    keep_session(store.unit, state, now=store.now)
    assert store.statuses(bought) == WAITING
    assert store.attempt(bought.purchase_number).noted


# --- sent twice, answers lost, the gateway down ---


def test_a_checkout_sent_twice_leads_to_one_payment(store: Store) -> None:
    store.rina.gathers((store.coffee, 2))
    seen = store.rina.quote(OWN)
    sent = replace(seen.wanted, expected_total=seen.total_amount)
    both = [
        processes.buy(
            store.unit, store.gateway, store.rina.actor, sent, addresses=addresses, now=NOON
        )
        for _ in range(2)
    ]
    assert both[0] == both[1]
    assert (store.sessions_at_gateway, store.stock) == (1, 8)


def test_while_the_gateway_is_down_the_purchase_stands_and_waits(store: Store) -> None:
    store.sandbox.behave(Mood.DOWN)
    bought = store.buys()
    assert (bought.redirect_url, bought.gateway_answered) == (None, False)
    assert (store.statuses(bought), store.stock) == (WAITING, 8)


def test_trying_again_after_the_gateway_was_down_leads_to_the_payment(store: Store) -> None:
    store.sandbox.behave(Mood.DOWN)
    bought = store.buys()
    store.sandbox.behave(Mood.FINE)
    again = store.tries_again(bought.purchase_number)
    assert again.redirect_url is not None
    assert store.sessions_at_gateway == 1


def test_a_lost_answer_is_found_by_the_same_key(store: Store) -> None:
    store.sandbox.behave(Mood.LOSING)
    bought = store.buys()
    assert bought.redirect_url is None
    store.sandbox.behave(Mood.FINE)
    assert store.tries_again(bought.purchase_number).redirect_url is not None
    assert store.sessions_at_gateway == 1


def test_the_sweep_finds_a_lost_answer_and_the_payment_behind_it(store: Store) -> None:
    store.sandbox.behave(Mood.LOSING)
    bought = store.buys()
    store.sandbox.behave(Mood.FINE)
    with store.sandbox.records() as records:
        [lost] = records.all("checkout.session")
    payer.pay(store.sandbox, lost["id"])
    store.passes(minutes=3)
    store.sweeps()
    assert store.statuses(bought) == PAID


def test_a_lost_answer_that_the_sweep_finds_can_still_be_paid(store: Store) -> None:
    store.sandbox.behave(Mood.LOSING)
    bought = store.buys()
    store.sandbox.behave(Mood.FINE)
    store.passes(minutes=3)
    store.sweeps()
    assert store.statuses(bought) == WAITING
    assert store.tries_again(bought.purchase_number).redirect_url is not None
    payer.pay(store.sandbox, store.session_of(bought))
    assert store.returns(store.session_of(bought)) is Outcome.SETTLED


def test_an_event_that_comes_before_the_answer_settles_by_the_key(store: Store) -> None:
    store.sandbox.behave(Mood.LOSING)
    bought = store.buys()
    store.sandbox.behave(Mood.FINE)
    with store.sandbox.records() as records:
        [lost] = records.all("checkout.session")
    payer.pay(store.sandbox, lost["id"])
    assert store.returns(lost["id"]) is Outcome.SETTLED
    assert store.statuses(bought) == PAID


def test_anothers_purchase_is_not_found(store: Store) -> None:
    bought = store.buys()
    stranger = buyer(store.session).actor
    with pytest.raises(NotFound):
        processes.pay_again(
            store.unit,
            store.gateway,
            stranger,
            bought.purchase_number,
            addresses=addresses,
            now=store.now,
        )


# --- the hold and its end ---


def test_the_hold_lasts_until_the_gateway_has_closed_the_session(store: Store) -> None:
    bought = store.buys()
    store.passes(minutes=30)
    store.sweeps()
    assert (store.statuses(bought), store.stock) == (WAITING, 8)
    store.passes(minutes=2)
    store.sweeps()
    assert store.statuses(bought) == (OrderStatus.EXPIRED, PaymentStatus.UNPAID)
    assert store.stock == 10


def test_the_buyer_is_told_once_that_the_time_is_over(store: Store) -> None:
    store.buys()
    store.passes(minutes=32)
    store.sweeps()
    store.sweeps()
    assert store.told.count("payment_expired") == 1


def test_while_the_gateway_is_down_held_stock_stays_held(store: Store) -> None:
    store.buys()
    store.passes(minutes=45)
    store.sandbox.behave(Mood.DOWN)
    store.sweeps()
    assert store.stock == 8


def test_a_payment_without_any_webhook_is_settled_by_the_sweep(store: Store) -> None:
    bought = store.buys()
    payer.pay(store.sandbox, store.session_of(bought))
    store.passes(minutes=32)
    store.sweeps()
    assert (store.statuses(bought), store.stock) == (PAID, 8)


def test_the_event_of_an_expired_session_ends_the_hold(store: Store) -> None:
    bought = store.buys()
    session_id = store.session_of(bought)
    store.gateway.expire_session(session_id)
    assert store.returns(session_id) is Outcome.ENDED
    assert store.stock == 10


def test_after_the_time_is_over_nothing_can_be_paid_any_more(store: Store) -> None:
    bought = store.buys()
    store.passes(minutes=40)
    assert store.tries_again(bought.purchase_number).redirect_url is None
    assert store.statuses(bought) == (OrderStatus.EXPIRED, PaymentStatus.UNPAID)


def test_a_purchase_whose_payment_could_never_be_opened_ends_too(store: Store) -> None:
    store.sandbox.behave(Mood.DOWN)
    bought = store.buys()
    store.sandbox.behave(Mood.FINE)
    store.passes(minutes=60)  # too late for a session that ends at its hour: the gateway refuses
    store.sweeps()
    assert store.attempt(bought.purchase_number).status is GatewayPaymentStatus.FAILED
    assert store.statuses(bought) == (OrderStatus.EXPIRED, PaymentStatus.UNPAID)
    assert store.stock == 10


# --- late, and over already ---


def test_a_payment_of_a_cancelled_order_goes_back_and_is_told(store: Store) -> None:
    bought = store.buys()
    session_id = store.session_of(bought)
    store.cancels(f"{bought.purchase_number}-1")
    payer.pay(store.sandbox, session_id)
    store.returns(session_id)
    assert "refund_due" in store.told
    assert store.gives_back(f"{bought.purchase_number}-1") == 30_000
    assert store.statuses(bought) == (OrderStatus.CANCELLED, PaymentStatus.REFUNDED)
    assert "order_refunded" in store.told


def test_stock_of_a_cancelled_order_is_free_once_its_session_is_closed(store: Store) -> None:
    bought = store.buys()
    store.cancels(f"{bought.purchase_number}-1")
    assert store.stock == 8
    outcome = processes.close_cancelled(
        store.unit, store.gateway, bought.purchase_number, addresses=addresses, now=store.now
    )
    assert (outcome, store.stock) == (Outcome.ENDED, 10)


def test_the_sweep_closes_what_was_cancelled_before_its_time(store: Store) -> None:
    bought = store.buys()
    store.cancels(f"{bought.purchase_number}-1")
    store.sweeps()
    assert store.statuses(bought) == (OrderStatus.CANCELLED, PaymentStatus.UNPAID)
    assert store.stock == 10


def test_a_purchase_of_which_one_order_is_wanted_still_stays_open(store: Store) -> None:
    store.rina.gathers((listed_variant(store.session, seller=shop(store.session)), 1))
    bought = store.buys()
    store.cancels(f"{bought.purchase_number}-2")
    store.sweeps()
    assert store.statuses(bought) == WAITING
    assert store.tries_again(bought.purchase_number).redirect_url == bought.redirect_url


def test_a_purchase_that_is_wanted_still_is_not_closed(store: Store) -> None:
    bought = store.buys()
    processes.close_cancelled(
        store.unit, store.gateway, bought.purchase_number, addresses=addresses, now=store.now
    )
    assert store.statuses(bought) == WAITING


def test_a_paid_order_that_its_seller_declines_is_refunded_whole_and_once(store: Store) -> None:
    bought = paid(store)
    declined(store, bought)
    number = f"{bought.purchase_number}-1"
    assert [store.gives_back(number), store.gives_back(number)] == [30_000, 0]
    assert store.refunds == [(30_000, RefundStatus.SUCCEEDED)]
    assert store.stock == 10


def test_a_refund_whose_answer_was_lost_is_asked_for_by_its_own_key(store: Store) -> None:
    bought = paid(store)
    declined(store, bought)
    store.sandbox.behave(Mood.LOSING)
    with pytest.raises(GatewayUnavailable):
        store.gives_back(f"{bought.purchase_number}-1")
    store.sandbox.behave(Mood.FINE)
    store.sweeps()
    assert store.refunds == [(30_000, RefundStatus.SUCCEEDED)]
    assert store.order(bought).refunded_amount == 30_000
    with store.sandbox.records() as records:
        assert len(records.all("refund")) == 1


def test_a_refund_whose_answer_was_lost_is_the_same_when_it_is_asked_for_again(
    store: Store,
) -> None:
    bought = paid(store)
    declined(store, bought)
    number = f"{bought.purchase_number}-1"
    store.sandbox.behave(Mood.LOSING)
    with pytest.raises(GatewayUnavailable):
        store.gives_back(number)
    store.sandbox.behave(Mood.FINE)
    assert store.gives_back(number) == 30_000
    assert store.refunds == [(30_000, RefundStatus.SUCCEEDED)]


def test_a_refund_made_at_the_gateway_moves_the_only_order(store: Store) -> None:
    bought = paid(store)
    payer.refund_by_hand(store.sandbox, store.session_of(bought), 10_000)
    intent = str(store.attempt(bought.purchase_number).payment_intent_id)
    seen = [
        processes.refund_seen(store.unit, store.gateway, intent, now=store.now) for _ in range(2)
    ]
    assert seen == [1, 0]
    order = store.order(bought)
    assert (order.payment_status, order.refunded_amount) == (
        PaymentStatus.PARTIALLY_REFUNDED,
        10_000,
    )


def test_a_refund_made_at_the_gateway_for_several_orders_waits_for_its_allocation(
    store: Store,
) -> None:
    store.rina.gathers((listed_variant(store.session, seller=shop(store.session)), 1))
    bought = paid(store)
    payer.refund_by_hand(store.sandbox, store.session_of(bought), 10_000)
    intent = str(store.attempt(bought.purchase_number).payment_intent_id)
    assert processes.refund_seen(store.unit, store.gateway, intent, now=store.now) == 1
    assert [store.order(bought, at).refunded_amount for at in (1, 2)] == [0, 0]


def test_an_allocated_refund_moves_each_order_by_its_share(store: Store) -> None:
    store.rina.gathers((listed_variant(store.session, seller=shop(store.session)), 1))
    bought = paid(store)
    payer.refund_by_hand(store.sandbox, store.session_of(bought), 10_000)
    intent = str(store.attempt(bought.purchase_number).payment_intent_id)
    processes.refund_seen(store.unit, store.gateway, intent, now=store.now)
    store.session.rollback()
    [hold] = refunds_on_hold(store.session)
    city = signed_up(store.session, Role.CITY_ADMIN, CITY)
    shares = {f"{bought.purchase_number}-1": 7_000, f"{bought.purchase_number}-2": 3_000}
    processes.allocate_refund(store.unit, city, hold.refund.id, shares, now=store.now)
    assert [store.order(bought, at).refunded_amount for at in (1, 2)] == [7_000, 3_000]


def test_a_refund_is_not_allocated_to_another_purchase(store: Store) -> None:
    store.rina.gathers((listed_variant(store.session, seller=shop(store.session)), 1))
    bought, other = paid(store), paid(store)
    payer.refund_by_hand(store.sandbox, store.session_of(bought), 10_000)
    intent = str(store.attempt(bought.purchase_number).payment_intent_id)
    processes.refund_seen(store.unit, store.gateway, intent, now=store.now)
    store.session.rollback()
    [hold] = refunds_on_hold(store.session)
    city = signed_up(store.session, Role.CITY_ADMIN, CITY)
    with pytest.raises(NotFound):
        processes.allocate_refund(
            store.unit, city, hold.refund.id, {f"{other.purchase_number}-1": 10_000}, now=store.now
        )


def test_a_refund_that_fails_later_is_due_again(store: Store) -> None:
    bought = paid(store)
    declined(store, bought)
    store.gives_back(f"{bought.purchase_number}-1")
    with store.sandbox.records() as records:
        [refund] = records.all("refund")
    payer.fail_refund(store.sandbox, refund["id"])
    intent = str(store.attempt(bought.purchase_number).payment_intent_id)
    processes.refund_seen(store.unit, store.gateway, intent, now=store.now)
    assert store.order(bought).refunded_amount == 0
    assert store.gives_back(f"{bought.purchase_number}-1") == 30_000


def test_a_second_payment_of_a_purchase_goes_back_whole(store: Store) -> None:
    """An attempt that was believed dead was paid after all, beside the one that counts."""
    bought = paid(store)
    first = store.attempt(bought.purchase_number)
    with store.unit() as own:
        again = GatewayPayment(
            reference=first.reference,
            attempt=first.attempt + 1,
            amount=first.amount,
            status=GatewayPaymentStatus.FAILED,
            idempotency_key="pay-again",
            created_at=store.now,
            expires_at=store.now + timedelta(minutes=31),
        )
        own.add(again)
    opened = store.gateway.open_session(
        reference=first.reference,
        amount=first.amount,
        description="Pembelian",
        success_url="http://localhost/",
        cancel_url="http://localhost/",
        idempotency_key="pay-again",
        expires_at=store.now + timedelta(minutes=31),
    )
    payer.pay(store.sandbox, opened.session_id)
    assert store.returns(opened.session_id) is Outcome.SETTLED
    store.sweeps()
    assert store.refunds == [(30_000, RefundStatus.SUCCEEDED)]
    assert store.order(bought).paid_amount == 30_000


def paid(store: Store) -> Bought:
    bought = store.buys()
    payer.pay(store.sandbox, store.session_of(bought))
    store.returns(store.session_of(bought))
    return bought


def declined(store: Store, bought: Bought) -> None:
    order = store.order(bought)
    grant = Grant(Role.SELLER, ScopeKind.SHOP, str(order.seller_id))
    seller = Actor(person(store.session, "Euis"), frozenset({grant}))
    with store.unit() as own:
        apply(
            own,
            seller,
            locked(own, seller, order.number),
            Event.DECLINE,
            now=store.now,
            reason="Bahan habis",
        )
