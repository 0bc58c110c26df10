"""Many at the till at once, on both engines, through the processes that pages and API call."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Engine, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from storefront.catalog import stock
from storefront.catalog.models import SHOP_PLACE, Stock, StockMovement, VariantId
from storefront.catalog.stock import OutOfStock
from storefront.core.database import UnitOfWork, transaction
from storefront.core.errors import Busy
from storefront.orders import checkout, processes
from storefront.orders.checkout_request import CheckoutRequest
from storefront.orders.models import Order, Purchase
from storefront.orders.paying import ReturnAddresses
from storefront.payments.gateway import PaymentGateway
from storefront.payments.models import GatewayPayment
from storefront.quota.rules import rule_on
from tests.factories import NOON, agency, listed_variant, shop
from tests.orders.checkouts import OFFICIAL, OWN, Buyer, buyer
from tests.threads import in_threads

BUYERS, PIECES = 50, 10


def unit_of(engine: Engine) -> UnitOfWork:
    @contextmanager
    def opened() -> Iterator[Session]:
        with Session(engine) as own, transaction(own):
            yield own

    return opened


def addresses(number: str) -> ReturnAddresses:
    return ReturnAddresses(f"http://localhost/{number}/return", f"http://localhost/{number}")


@pytest.fixture
def at_noon() -> Iterator[None]:
    """The gateway's mock and the store agree on the time."""
    with time_machine.travel(NOON):
        yield


def with_cart(
    session: Session, variant_id: VariantId, wanted: CheckoutRequest
) -> tuple[Buyer, CheckoutRequest]:
    someone = buyer(session, agency(session))
    someone.gathers((variant_id, 1))
    seen = someone.quote(wanted)
    return someone, replace(seen.wanted, expected_total=seen.total_amount)


def count(session: Session, what: type[Purchase | Order | GatewayPayment]) -> int:
    session.rollback()
    return session.scalars(select(func.count()).select_from(what)).one()


def left(session: Session, variant_id: VariantId) -> int:
    session.rollback()
    query = select(Stock.quantity).filter_by(variant_id=variant_id, place=SHOP_PLACE)
    return session.scalars(query).one()


@pytest.mark.usefixtures("at_noon")
def test_fifty_buyers_of_the_last_ten_pieces_make_exactly_ten_orders(
    app: Flask, engine: Engine, session: Session
) -> None:
    coffee = listed_variant(session, stock=PIECES)
    carts = [with_cart(session, coffee, OWN) for _ in range(BUYERS)]
    gateway: PaymentGateway = app.extensions["payment_gateway"]
    session.rollback()

    def buy(number: int) -> str:
        someone, sent = carts[number]
        try:
            processes.buy(
                unit_of(engine), gateway, someone.actor, sent, addresses=addresses, now=NOON
            )
        except OutOfStock:
            return "refused"
        return "bought"

    assert Counter(patiently(buy, BUYERS)) == {"bought": PIECES, "refused": BUYERS - PIECES}
    assert left(session, coffee) == 0
    assert [count(session, what) for what in (Purchase, Order, GatewayPayment)] == [PIECES] * 3
    moved = session.scalars(select(func.sum(StockMovement.change)).filter_by(variant_id=coffee))
    assert moved.one() == 0


def test_fifty_requests_for_the_last_ten_pieces_make_exactly_ten_orders(
    engine: Engine, session: Session
) -> None:
    coffee = listed_variant(session, stock=PIECES)
    carts = [with_cart(session, coffee, OFFICIAL) for _ in range(BUYERS)]
    session.rollback()
    outcomes = patiently(lambda number: place(engine, *carts[number]), BUYERS)
    assert Counter(outcomes)["refused"] == BUYERS - PIECES
    assert (left(session, coffee), count(session, Order)) == (0, PIECES)


def test_without_the_guard_of_the_stock_fifty_buyers_get_more_than_there_is(
    engine: Engine, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What checkout would be if stock were looked at first and written afterwards."""
    coffee = listed_variant(session, stock=PIECES)
    carts = [with_cart(session, coffee, OWN) for _ in range(BUYERS)]
    session.rollback()
    with Session(engine) as own:
        seen = left(own, coffee)

    def take_what_was_seen(session: Session, _actor: object, _takings: object, **_: object) -> None:
        session.execute(
            update(Stock).where(Stock.variant_id == coffee).values(quantity=max(seen - 1, 0))
        )

    monkeypatch.setattr(stock, "take_all", take_what_was_seen)
    patiently(lambda number: place(engine, *carts[number]), BUYERS)
    assert count(session, Order) > PIECES


def test_the_same_checkout_sent_by_eight_at_once_is_one_purchase(
    engine: Engine, session: Session
) -> None:
    coffee = listed_variant(session, stock=PIECES)
    someone, sent = with_cart(session, coffee, OWN)
    session.rollback()
    numbers = patiently(lambda _: place(engine, someone, sent), 8)
    assert len(set(numbers)) == 1
    assert (count(session, Purchase), left(session, coffee)) == (1, PIECES - 1)


def test_a_second_purchase_of_one_state_of_a_cart_is_refused_by_the_database_itself(
    engine: Engine, session: Session
) -> None:
    """What would stop the eight if the cart were not locked."""
    someone, sent = with_cart(session, listed_variant(session, stock=PIECES), OWN)
    session.rollback()
    number = place(engine, someone, sent)
    first = session.scalars(select(Purchase).filter_by(number=number)).one()
    again = Purchase(
        number="P-0000000000",
        buyer_id=first.buyer_id,
        cart_id=first.cart_id,
        cart_revision=first.cart_revision,
        fund=first.fund,
        total_amount=first.total_amount,
        placed_at=NOON,
    )
    with pytest.raises(IntegrityError), transaction(session):
        session.add(again)


def test_buyers_of_the_same_two_sellers_in_either_order_do_not_wait_for_each_other(
    engine: Engine, session: Session
) -> None:
    """Variants are locked by rising id over all orders, not seller by seller."""
    later, earlier = shop(session), shop(session)
    first = listed_variant(session, stock=1_000, seller=earlier)
    second = listed_variant(session, stock=1_000, seller=later)
    carts = []
    for number in range(16):
        someone = buyer(session, agency(session))
        things = [(first, 1), (second, 1)]
        someone.gathers(*(things if number % 2 else reversed(things)))
        seen = someone.quote(OWN)
        carts.append((someone, replace(seen.wanted, expected_total=seen.total_amount)))
    session.rollback()
    outcomes = in_threads(16, lambda number: place(engine, *carts[number]))
    assert "busy" not in outcomes
    assert count(session, Purchase) == 16


def place(engine: Engine, someone: Buyer, sent: CheckoutRequest) -> str:
    """The purchase's number, or why there is none."""
    with Session(engine) as own:
        rule = rule_on(own, NOON.date())
    try:
        with Session(engine) as own, transaction(own):
            return checkout.place_purchase(own, someone.actor, sent, rule=rule, now=NOON).number
    except OutOfStock:
        return "refused"
    except Busy:
        return "busy"


def patiently(task: Callable[[int], str], threads: int) -> list[str]:
    """In so many threads, each as often as its wait for a lock was too long: that is no answer."""

    def until_answered(number: int) -> str:
        while True:
            try:
                answer = task(number)
            except Busy:
                continue
            if answer != "busy":
                return answer

    return in_threads(threads, until_answered)
