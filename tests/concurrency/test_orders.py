"""Two at once on one order, one budget line, one seller's month: one outcome, on both engines."""

from collections import Counter
from collections.abc import Callable
from threading import Barrier

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from storefront.agencies.budgets import CeilingReached
from storefront.agencies.models import Agency, BudgetLine, BudgetYear, OverCeiling
from storefront.core.database import transaction
from storefront.core.errors import DomainError
from storefront.core.permissions import SYSTEM, Role, agency_scope
from storefront.orders import fulfilment
from storefront.orders.agency_payments import MoreThanAccepted, pay
from storefront.orders.approvals import Decision, OverGrew, decide
from storefront.orders.event_log import number as number_events
from storefront.orders.expiry import expire_request
from storefront.orders.lifecycle import locked
from storefront.orders.models import Order, OrderEvent, OrderStatus
from storefront.orders.refunds import RefundExceedsPaid, record_refund
from storefront.orders.transitions import IllegalTransition
from storefront.quota.models import Amounts, LedgerEntry, QuotaAccount
from storefront.quota.seals import verify
from storefront.sellers.caps import CapReached
from storefront.sellers.models import SellerMonth
from tests.factories import NOON, shop, signed_up
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
from tests.orders.stocks import movements_add_up, pieces_left
from tests.threads import in_threads

Act = Callable[[Session], object]


def at_once(engine: Engine, *acts: Act) -> list[str]:
    """Do each in a thread of its own, all at the same time: "done", or the refusal's name."""
    start = Barrier(len(acts))

    def run(which: int) -> str:
        start.wait(timeout=10)
        try:
            with Session(engine) as own, transaction(own):
                acts[which](own)
        except DomainError as refusal:
            return type(refusal).__name__
        return "done"

    return in_threads(len(acts), run)


def approving(of: Around, number: str, *, accepting: int | None = None) -> Act:
    return lambda own: decide(
        own, of.approver, number, Decision.APPROVE, "", now=NOON, accepted_over_amount=accepting
    )


def cancelling(of: Around, number: str) -> Act:
    return lambda own: fulfilment.cancel(own, of.buyer, number, now=NOON)


def shipping(of: Around, number: str) -> Act:
    return lambda own: fulfilment.ship(own, of.seller, number, now=NOON)


def receiving(of: Around, number: str) -> Act:
    return lambda own: fulfilment.receive(own, of.buyer, number, now=NOON)


def balances(session: Session) -> Amounts:
    query = select(QuotaAccount).execution_options(populate_existing=True)
    return sum((account.balances for account in session.scalars(query)), Amounts())


def test_two_approvers_at_once_commit_once(engine: Engine, session: Session) -> None:
    of = around(session)
    second = signed_up(session, Role.APPROVER, agency_scope(of.agency.code))
    number = placed_order(session, of)
    outcomes = at_once(
        engine,
        approving(of, number),
        lambda s: decide(s, second, number, Decision.APPROVE, "", now=NOON),
    )
    assert Counter(outcomes) == {"done": 1, "IllegalTransition": 1}
    assert balances(session) == Amounts(100_000, 0)


def test_approved_or_cancelled_but_never_both(engine: Engine, session: Session) -> None:
    """Cancelled after the approval is a history; approved after the cancelling is none."""
    of = around(session)
    for _ in range(5):
        number = placed_order(session, of)
        outcomes = at_once(
            engine,
            approving(of, number),
            cancelling(of, number),
        )
        assert outcomes[1] == "done"
        events = [event.event for event in found(session, number).events]
        assert events in (["submit", "cancel"], ["submit", "approve", "cancel"])
        assert pieces_left(session, number) == [10]
    assert balances(session) == Amounts()


def test_cancelled_or_shipped_but_never_both(engine: Engine, session: Session) -> None:
    of = around(session)
    for _ in range(5):
        number = approved_order(session, of)
        with transaction(session):
            fulfilment.accept(session, of.seller, number, now=NOON)
        outcomes = at_once(
            engine,
            shipping(of, number),
            cancelling(of, number),
        )
        assert Counter(outcomes) == {"done": 1, "IllegalTransition": 1}
        was_cancelled = found(session, number).status is OrderStatus.CANCELLED
        assert pieces_left(session, number) == ([10] if was_cancelled else [0])
    assert movements_add_up(session)


def test_approved_or_expired_but_never_both(engine: Engine, session: Session) -> None:
    of = around(session)
    number = placed_order(session, of, decide_by=NOON)
    at_once(
        engine,
        lambda s: decide(s, of.approver, number, Decision.REJECT, "Tidak", now=NOON),
        lambda s: expire_request(s, number, now=NOON),
    )
    assert len(found(session, number).events) == 2
    assert pieces_left(session, number) == [10]


def test_of_eight_requests_for_a_lines_last_rupiah_two_win(
    engine: Engine, session: Session
) -> None:
    of = around(session, line=250_000)
    numbers = [placed_order(session, of) for _ in range(8)]
    outcomes = at_once(
        engine,
        *(approving(of, number) for number in numbers),
    )
    assert Counter(outcomes) == {"done": 2, CeilingReached.__name__: 6}
    line = session.scalars(select(BudgetLine)).one()
    year = session.scalars(select(BudgetYear)).one()
    assert line.committed_amount == year.committed_amount == 200_000
    assert balances(session) == Amounts(200_000, 0)
    assert verify(session) is None


def test_what_was_accepted_above_a_budget_is_taken_once(engine: Engine, session: Session) -> None:
    """Each approver accepted the 50.000 that they saw; together the requests are above by more."""
    of = around(session, line=150_000)
    with transaction(session):
        session.get_one(Agency, of.agency.id).over_ceiling = OverCeiling.EXCEPTION
    number = placed_order(session, of)
    with transaction(session):
        approving(of, number)(session)
    numbers = [placed_order(session, of, exception_reason="Banjir") for _ in range(6)]
    outcomes = at_once(engine, *(approving(of, number, accepting=50_000) for number in numbers))
    assert Counter(outcomes) == {"done": 1, OverGrew.__name__: 5}
    line = session.scalars(select(BudgetLine)).one()
    year = session.scalars(select(BudgetYear)).one()
    assert line.committed_amount == year.committed_amount == 200_000
    assert balances(session) == Amounts(200_000, 0)
    assert sum(found(session, number).over_ceiling_amount for number in numbers) == 50_000
    assert verify(session) is None


def test_of_two_agencies_orders_for_a_sellers_last_rupiah_one_wins(
    engine: Engine, session: Session
) -> None:
    seller = shop(session)
    here = around(session, at=seller)
    there = around(session, code="1.01.01", at=seller)
    orders = [
        (of, placed_order(session, of, quantities=(100,), price=200_000)) for of in (here, there)
    ]
    outcomes = at_once(
        engine,
        *(approving(of, number) for of, number in orders),
    )
    assert Counter(outcomes) == {"done": 1, CapReached.__name__: 1}
    assert session.scalars(select(SellerMonth.committed_amount)).all() == [20_000_000]
    years = session.scalars(select(BudgetYear.committed_amount)).all()
    assert sorted(years) == [0, 20_000_000]


def test_two_treasurers_at_once_pay_once(engine: Engine, session: Session) -> None:
    of = around(session)
    second = signed_up(session, Role.TREASURER, agency_scope(of.agency.code))
    number = received_order(session, of, approved_order(session, of))
    outcomes = at_once(
        engine,
        lambda s: pay(s, of.treasurer, number, proof=proof(100_000), now=NOON),
        lambda s: pay(s, second, number, proof=proof(100_000), now=NOON),
    )
    refusals = {IllegalTransition.__name__, MoreThanAccepted.__name__}
    assert set(outcomes) - refusals == {"done"}
    assert len(set(outcomes)) == 2
    assert balances(session) == Amounts(0, 100_000)


def test_a_refund_told_by_two_at_once_takes_no_more_than_was_paid(
    engine: Engine, session: Session
) -> None:
    of = around(session)
    number = received_order(session, of, paid_order(session, of))

    def refund(own: Session) -> None:
        record_refund(own, locked(own, SYSTEM, number), amount=60_000, now=NOON)

    outcomes = at_once(engine, refund, refund)
    assert Counter(outcomes) == {"done": 1, RefundExceedsPaid.__name__: 1}
    assert balances(session) == Amounts(0, 40_000)


def test_bast_numbers_given_at_once_have_no_gap(engine: Engine, session: Session) -> None:
    of = around(session)
    numbers = [approved_order(session, of) for _ in range(4)]
    with transaction(session):
        for number in numbers:
            fulfilment.accept(session, of.seller, number, now=NOON)
            fulfilment.ship(session, of.seller, number, now=NOON)
    at_once(
        engine,
        *(receiving(of, number) for number in numbers),
    )
    given = session.scalars(select(Order.bast_number).order_by(Order.bast_number)).all()
    assert given == [f"BAST/000{at}/1.02.01/2026" for at in range(1, 5)]


def test_events_numbered_while_others_are_written_have_no_gap(
    engine: Engine, session: Session
) -> None:
    of = around(session)
    numbers = [placed_order(session, of) for _ in range(6)]
    at_once(
        engine,
        *(approving(of, number) for number in numbers),
        number_events,
        number_events,
    )
    with transaction(session):
        assert number_events(session) == 12
    positions = session.scalars(select(OrderEvent.position).order_by(OrderEvent.position)).all()
    assert positions == list(range(1, 13))
    assert session.scalars(select(func.count()).select_from(LedgerEntry)).one() == 6
