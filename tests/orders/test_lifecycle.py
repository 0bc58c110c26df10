"""An order's events: what leads where, who may, and that nobody goes around the tables."""

import ast
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import storefront
from storefront.catalog.models import MovementKind, StockMovement
from storefront.core.database import transaction
from storefront.core.errors import NotAllowed, NotFound
from storefront.core.outbox import OutboxMessage
from storefront.core.permissions import (
    SYSTEM,
    Actor,
    Grant,
    Role,
    agency_scope,
    shop_scope,
)
from storefront.orders import fulfilment
from storefront.orders.agency_payments import pay
from storefront.orders.approvals import Decision, decide
from storefront.orders.lifecycle import ReasonNeeded, ReasonTooLong, apply, apply_to_all, locked
from storefront.orders.models import (
    FulfilmentStatus,
    OrderStatus,
    PaymentStatus,
)
from storefront.orders.parties import Party, SamePersonTwice, ShopOfOnesOwn
from storefront.orders.transitions import STATUS, WHO, IllegalTransition, allowed_events
from storefront.orders.words import DONE, Event
from storefront.quota.models import Fund
from storefront.sellers.models import ShopStaff
from tests.factories import NOON, agency, listed_variant, signed_up
from tests.factories_orders import (
    Around,
    approved_order,
    around,
    found,
    paid_order,
    placed_order,
    proof,
    received_order,
)


@pytest.fixture
def of(session: Session) -> Around:
    return around(session)


def statuses(session: Session, number: str) -> tuple[str, str, str]:
    order = found(session, number)
    return order.status, order.payment_status, order.fulfilment_status


def told(session: Session) -> list[str]:
    return list(session.scalars(select(OutboxMessage.topic).order_by(OutboxMessage.id)))


def also(actor: Actor, role: Role, scope_id: str) -> Actor:
    """The same person with another role."""
    scope = shop_scope(int(scope_id)) if role is Role.SELLER else agency_scope(scope_id)
    return Actor(actor.person_id, actor.grants | {Grant(role, *scope)})


def test_a_personal_order_goes_from_payment_to_completion(session: Session, of: Around) -> None:
    number = paid_order(session, of)
    received_order(session, of, number)
    assert statuses(session, number) == ("completed", "paid", "received")
    assert [event.event for event in found(session, number).events] == [
        "place",
        "settle_payment",
        "accept",
        "ship",
        "receive",
        "complete",
    ]


def test_an_official_order_is_completed_by_its_payment(session: Session, of: Around) -> None:
    number = received_order(session, of, approved_order(session, of))
    assert statuses(session, number) == ("approved", "unpaid", "received")
    with transaction(session):
        pay(session, of.treasurer, number, proof=proof(100_000), now=NOON)
    assert statuses(session, number) == ("completed", "paid", "received")


def test_every_event_is_a_row_with_who_when_and_what_it_led_to(
    session: Session, of: Around
) -> None:
    number = approved_order(session, of)
    submitted, approved = found(session, number).events
    assert (submitted.seq, submitted.person_id, submitted.role) == (
        1,
        of.buyer.person_id,
        "buyer",
    )
    assert (approved.seq, approved.person_id, approved.role, approved.at) == (
        2,
        of.approver.person_id,
        "approver",
        NOON,
    )
    assert (submitted.status, approved.status) == ("submitted", "approved")


def test_others_are_told_in_the_same_unit_of_work(session: Session, of: Around) -> None:
    number = approved_order(session, of)
    received_order(session, of, number)
    assert told(session) == [
        "approval_requested",
        "order_approved",
        "order_placed",
        "order_accepted",
        "order_shipped",
        "order_received",
    ]


def test_an_illegal_transition_says_in_words_where_the_order_stands(
    session: Session, of: Around
) -> None:
    number = placed_order(session, of)
    with transaction(session):
        fulfilment.cancel(session, of.buyer, number, now=NOON)
    with pytest.raises(IllegalTransition) as refusal, transaction(session):
        decide(session, of.approver, number, Decision.APPROVE, "", now=NOON)
    assert str(refusal.value) == f"Pesanan {number} sudah dibatalkan, jadi tidak dapat disetujui."


def test_an_unpaid_personal_order_is_not_accepted(session: Session, of: Around) -> None:
    number = placed_order(session, of, fund=Fund.PERSONAL)
    with pytest.raises(IllegalTransition, match="menunggu pembayaran"), transaction(session):
        apply(session, of.seller, found(session, number), Event.ACCEPT, now=NOON)


@pytest.mark.parametrize(
    "event", [Event.APPROVE, Event.ACCEPT, Event.SHIP, Event.PAY, Event.CANCEL, Event.EXPIRE]
)
def test_a_rejected_request_stays_rejected(session: Session, of: Around, event: Event) -> None:
    number = placed_order(session, of)
    with transaction(session):
        decide(session, of.approver, number, Decision.REJECT, "Gabungkan", now=NOON)
    actors = {
        Party.BUYER: of.buyer,
        Party.APPROVER: of.approver,
        Party.SELLER: of.seller,
        Party.TREASURER: of.treasurer,
        Party.SYSTEM: SYSTEM,
    }
    with pytest.raises(IllegalTransition), transaction(session):
        apply(session, actors[WHO[event][0]], found(session, number), event, now=NOON)


def test_money_that_comes_for_a_cancelled_order_is_noted_and_due_back(
    session: Session, of: Around
) -> None:
    number = placed_order(session, of, fund=Fund.PERSONAL)
    with transaction(session):
        fulfilment.cancel(session, of.buyer, number, now=NOON)
    with transaction(session):
        apply(session, SYSTEM, found(session, number), Event.SETTLE_PAYMENT, now=NOON)
    assert statuses(session, number) == ("cancelled", "paid", "waiting")
    assert told(session) == ["order_cancelled", "refund_due"]


def test_a_reason_is_needed_to_turn_somebody_down(session: Session, of: Around) -> None:
    number = placed_order(session, of)
    with pytest.raises(ReasonNeeded), transaction(session):
        decide(session, of.approver, number, Decision.REJECT, "  ", now=NOON)


def test_a_reason_has_a_longest_length(session: Session, of: Around) -> None:
    number = placed_order(session, of)
    with pytest.raises(ReasonTooLong), transaction(session):
        decide(session, of.approver, number, Decision.REJECT, "a" * 501, now=NOON)


def test_who_is_on_neither_side_does_not_learn_that_the_order_exists(
    session: Session, of: Around
) -> None:
    number = approved_order(session, of)
    agency(session, "1.01.01")
    for stranger in (
        signed_up(session),
        signed_up(session, Role.APPROVER, agency_scope("1.01.01")),
        signed_up(session, Role.TREASURER, agency_scope("1.01.01")),
        around(session, code="9.99.99").seller,
    ):
        with pytest.raises(NotFound), transaction(session):
            locked(session, stranger, number)


def test_a_seller_hears_of_an_order_only_once_it_is_approved_or_paid(
    session: Session, of: Around
) -> None:
    for number in (placed_order(session, of), placed_order(session, of, fund=Fund.PERSONAL)):
        with pytest.raises(NotFound), transaction(session):
            locked(session, of.seller, number)


def test_who_sees_an_order_may_not_do_anothers_part(session: Session, of: Around) -> None:
    number = approved_order(session, of)
    with pytest.raises(NotAllowed), transaction(session):
        fulfilment.accept(session, of.buyer, number, now=NOON)


def test_the_agencys_staff_do_not_see_a_personal_order(session: Session, of: Around) -> None:
    number = paid_order(session, of)
    for staff in (of.approver, of.treasurer):
        with pytest.raises(NotFound), transaction(session):
            locked(session, staff, number)


Act = Callable[[Session, Around, Actor, str], object]


def _approve(session: Session, _of: Around, actor: Actor, number: str) -> object:
    return decide(session, actor, number, Decision.APPROVE, "", now=NOON)


def _accept(session: Session, _of: Around, actor: Actor, number: str) -> object:
    return fulfilment.accept(session, actor, number, now=NOON)


def _pay(session: Session, of: Around, actor: Actor, number: str) -> object:
    received_in_one(session, of, number)
    return pay(session, actor, number, proof=proof(100_000), now=NOON)


def received_in_one(session: Session, of: Around, number: str) -> None:
    fulfilment.accept(session, of.seller, number, now=NOON)
    fulfilment.ship(session, of.seller, number, now=NOON)
    fulfilment.receive(session, of.buyer, number, now=NOON)


@pytest.mark.parametrize(
    ("first", "second", "role", "act"),
    [
        ("buyer", "approver", Role.APPROVER, _approve),
        ("buyer", "seller", Role.SELLER, _accept),
        ("buyer", "treasurer", Role.TREASURER, _pay),
        ("approver", "seller", Role.SELLER, _accept),
        ("approver", "treasurer", Role.TREASURER, _pay),
    ],
)
def test_nobody_acts_twice_on_an_order_in_two_roles(
    session: Session, of: Around, first: str, second: str, role: Role, act: Act
) -> None:
    """By the person, whichever grant they come with."""
    needs_approval = second != "approver"
    number = approved_order(session, of) if needs_approval else placed_order(session, of)
    scope_id = str(of.shop.id) if role is Role.SELLER else of.agency.code
    twice = also(getattr(of, first), role, scope_id)
    with pytest.raises(SamePersonTwice), transaction(session):
        act(session, of, twice, number)


def test_who_accepted_for_the_shop_does_not_pay_for_the_agency(
    session: Session, of: Around
) -> None:
    number = received_order(session, of, approved_order(session, of))
    treasurer_too = also(of.seller, Role.TREASURER, of.agency.code)
    with pytest.raises(SamePersonTwice), transaction(session):
        pay(session, treasurer_too, number, proof=proof(100_000), now=NOON)


@pytest.mark.parametrize("role", ["buyer", "approver", "treasurer"])
def test_nobody_buys_from_approves_for_or_pays_a_shop_of_ones_own(
    session: Session, of: Around, role: str
) -> None:
    """Also with a token that does not carry the shop's grant."""
    number = "" if role == "buyer" else placed_order(session, of)
    if role == "treasurer":
        with transaction(session):
            decide(session, of.approver, number, Decision.APPROVE, "", now=NOON)
        received_order(session, of, number)
    actor: Actor = getattr(of, role)
    with transaction(session):
        session.add(ShopStaff(seller_id=of.shop.id, person_id=actor.person_id, since=NOON))
    with pytest.raises(ShopOfOnesOwn):
        if role == "buyer":
            placed_order(session, of)
        with transaction(session):
            if role == "approver":
                decide(session, actor, number, Decision.APPROVE, "", now=NOON)
            pay(session, actor, number, proof=proof(100_000), now=NOON)


def test_an_approver_who_sent_a_request_back_may_decide_on_it_again(
    session: Session, of: Around
) -> None:
    number = placed_order(session, of)
    with transaction(session):
        decide(session, of.approver, number, Decision.SEND_BACK, "Rekening keliru", now=NOON)
    with transaction(session):
        apply(session, of.buyer, found(session, number), Event.SUBMIT, now=NOON)
        decide(session, of.approver, number, Decision.APPROVE, "", now=NOON)
    assert found(session, number).status is OrderStatus.APPROVED


def test_what_may_be_done_follows_the_tables(session: Session, of: Around) -> None:
    number = approved_order(session, of)
    order = found(session, number)
    assert allowed_events(order, Party.SELLER) == [Event.ACCEPT, Event.DECLINE]
    assert allowed_events(order, Party.BUYER) == [Event.CANCEL]
    assert allowed_events(order, Party.TREASURER) == []
    received_order(session, of, number)
    order = found(session, number)
    assert allowed_events(order, Party.SELLER) == [Event.TAKE_BACK]
    assert allowed_events(order, Party.TREASURER) == [Event.PAY]


def test_every_event_has_its_parties_its_words_and_a_row_for_the_status() -> None:
    assert set(WHO) == set(DONE) == set(Event)
    assert {move.event for move in STATUS} == set(Event) - {Event.PLACE}


def test_nobody_but_the_lifecycle_assigns_a_status() -> None:
    """No assignment to a status of an order, and no UPDATE of one, anywhere else in the store.

    The demo is no part of it: it invents a past and writes it in bulk.
    """
    root = Path(storefront.__file__).parent
    files = [
        file
        for file in root.rglob("*.py")
        if file.name != "lifecycle.py" and "demo" not in file.relative_to(root).parts
    ]
    guilty = {
        file.relative_to(root): names
        for file in files
        if (names := _assigned(file) & _statuses_in(file))
    }
    assert guilty == {}


def _statuses_in(file: Path) -> set[str]:
    """`status` alone is many a table's."""
    return {"payment_status", "fulfilment_status"} | (
        {"status"} if file.parent.name == "orders" else set()
    )


def _assigned(file: Path) -> set[str]:
    """The names of attributes that a module assigns, also by `setattr` or in an UPDATE."""
    assigned = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            assigned.add(node.attr)
        if isinstance(node, ast.Call):
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            if called == "values":
                assigned |= {keyword.arg for keyword in node.keywords if keyword.arg}
            if called == "setattr":
                assigned |= {str(getattr(argument, "value", "")) for argument in node.args}
    return assigned


def test_the_three_statuses_are_those_of_the_contract() -> None:
    """Whoever adds one must add it there."""
    assert " ".join(OrderStatus) == (
        "draft submitted approved placed completed rejected declined cancelled expired"
    )
    assert " ".join(PaymentStatus) == (
        "unpaid pending paid partially_paid partially_refunded refunded"
    )
    assert " ".join(FulfilmentStatus) == (
        "waiting accepted partially_shipped shipped partially_received received returned"
    )


def test_stock_of_several_orders_goes_back_in_the_order_of_the_variants(
    session: Session, of: Around
) -> None:
    """Or two purchases that end at once could wait for each other."""
    first, second, third = (listed_variant(session, seller=of.shop, stock=1) for _ in range(3))
    numbers = [
        placed_order(
            session, of, fund=Fund.PERSONAL, quantities=[1] * len(variants), variants=variants
        )
        for variants in ((third, first), (second,))
    ]
    with transaction(session):
        orders = [found(session, number) for number in numbers]
        apply_to_all(session, SYSTEM, orders, Event.EXPIRE, now=NOON)
    returned = select(StockMovement.variant_id).filter_by(kind=MovementKind.RETURNED)
    assert session.scalars(returned.order_by(StockMovement.id)).all() == [first, second, third]
