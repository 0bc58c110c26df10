"""Whatever happens to orders over a year's end, and in whatever order: the figures agree."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from storefront.agencies.models import BudgetLine, BudgetYear
from storefront.catalog.models import MovementKind, StockMovement
from storefront.core.calendar import city_day, instant_of
from storefront.core.database import transaction
from storefront.core.errors import DomainError
from storefront.core.permissions import CITY, SYSTEM, Actor, Role
from storefront.orders import fulfilment, year_end
from storefront.orders.accounting import OPEN, figures_of, owed_back, settle_order
from storefront.orders.agency_payments import pay
from storefront.orders.approvals import Decision, decide
from storefront.orders.lifecycle import apply, locked
from storefront.orders.models import Order, PaymentStatus, SpendingElsewhere, YearEndChoice
from storefront.orders.refunds import record_refund
from storefront.orders.words import Event
from storefront.quota.models import Amounts, Fund, LedgerEntry, QuotaAccount, total
from storefront.quota.periods import close_month
from storefront.quota.seals import verify
from storefront.sellers.models import SellerMonth
from tests.factories import signed_up
from tests.factories_orders import Around, around, placed_order, proof
from tests.orders.stocks import movements_add_up

CHRISTMAS = instant_of(city_day(datetime.fromisoformat("2026-12-25T05:00:00+00:00")))
"""So long before the year's end that a few steps lie on either side."""


@dataclass
class Life:
    """Orders of both funds at one shop, and the clock."""

    session: Session
    of: Around
    admin: Actor
    now: datetime = CHRISTMAS
    numbers: list[str] = field(default_factory=list)

    def place(self, fund: Fund, quantities: list[int]) -> str:
        number = placed_order(
            self.session,
            self.of,
            fund=fund,
            quantities=quantities,
            delivery_amount=7_001,
            now=self.now,
        )
        self.numbers.append(number)
        return number

    def do(self, name: str, number: str, *, quantity: int, days_ago: int) -> None:
        """Try it. A refusal leaves everything as it was."""
        act = self.acts(quantity, days_ago)[self.next_of(number) if name == GO_ON else name]
        with suppress(DomainError), transaction(self.session):
            act(number)

    def refund(self, number: str) -> None:
        order = locked(self.session, SYSTEM, number)
        record_refund(self.session, order, amount=owed_back(order), now=self.now)

    def system(self, event: Event) -> Callable[[str], object]:
        def happen(number: str) -> object:
            order = locked(self.session, SYSTEM, number)
            return apply(self.session, SYSTEM, order, event, now=self.now)

        return happen

    def next_of(self, number: str) -> str:
        order = self.session.scalars(
            select(Order).filter_by(number=number).execution_options(populate_existing=True)
        ).one()
        if order.payment_status is PaymentStatus.PENDING:
            return "settle"
        return NEXT_BY_STATUS.get(order.status) or NEXT_BY_FULFILMENT.get(
            order.fulfilment_status, "take_some"
        )

    def acts(self, quantity: int, days_ago: int) -> dict[str, Callable[[str], object]]:
        """Everything that anybody can do, each by who may."""
        s, of, now = self.session, self.of, self.now
        some = {1: quantity}
        paid_on = city_day(now - timedelta(days=days_ago))
        return {
            "approve": lambda n: decide(s, of.approver, n, Decision.APPROVE, "", now=now),
            "reject": lambda n: decide(s, of.approver, n, Decision.REJECT, "Tidak", now=now),
            "send_back": lambda n: decide(s, of.approver, n, Decision.SEND_BACK, "Ulang", now=now),
            "settle": self.system(Event.SETTLE_PAYMENT),
            "expire": self.system(Event.EXPIRE),
            "accept": lambda n: fulfilment.accept(s, of.seller, n, now=now),
            "decline": lambda n: fulfilment.decline(s, of.seller, n, reason="Habis", now=now),
            "ship": lambda n: fulfilment.ship(s, of.seller, n, now=now),
            "ship_some": lambda n: fulfilment.ship(s, of.seller, n, pieces=some, now=now),
            "receive": lambda n: fulfilment.receive(s, of.buyer, n, now=now),
            "receive_some": lambda n: fulfilment.receive(s, of.buyer, n, pieces=some, now=now),
            "cancel": lambda n: fulfilment.cancel(s, of.buyer, n, now=now),
            "close_rest": lambda n: fulfilment.close_rest(s, of.seller, n, now=now),
            "take_back": lambda n: fulfilment.take_back(s, of.seller, n, now=now),
            "take_some": lambda n: fulfilment.take_back(s, of.seller, n, pieces=some, now=now),
            "pay": lambda n: pay(
                s, of.treasurer, n, proof=proof(quantity * 10_000, on=paid_on), now=now
            ),
            "refund": self.refund,
            "choose_to_carry": self.chooses(YearEndChoice.CARRY),
            "choose_to_cancel": self.chooses(YearEndChoice.CANCEL),
            "year_end": lambda n: year_end.deal_with(s, n, now=now),
            "take_line": lambda n: year_end.take_line(s, n, now=now),
        }

    def chooses(self, choice: YearEndChoice) -> Callable[[str], object]:
        approver, code = self.of.approver, self.of.agency.code
        return lambda number: year_end.choose(
            self.session, approver, code, [number], choice, now=self.now
        )


GO_ON = "go on"
"""What comes next if all goes well: most steps are this, or nothing would ever be paid."""
NEXT_BY_STATUS = {"submitted": "approve", "draft": "cancel"}
NEXT_BY_FULFILMENT = {
    "waiting": "accept",
    "accepted": "ship_some",
    "partially_shipped": "receive_some",
    "shipped": "receive",
    "partially_received": "pay",
    "received": "pay",
}
OTHERWISE = [
    *("ship", "receive", "pay", "ship_some", "receive_some", "approve", "settle"),
    *("reject", "send_back", "expire", "decline", "cancel"),
    *("choose_to_carry", "choose_to_cancel", "year_end", "year_end", "year_end", "take_line"),
    *("close_rest", "close_rest", "take_back", "take_some", "take_some", "refund", "refund"),
]
ACTS = [GO_ON] * 30 + OTHERWISE
steps = st.tuples(
    st.sampled_from(ACTS),
    st.integers(0, 2),
    st.integers(1, 4),
    st.integers(0, 3),
    st.sampled_from([0, 0, 1, 4]),
    st.booleans(),
)


@given(
    begun=st.lists(st.tuples(st.sampled_from(Fund), st.integers(0, 5)), min_size=3, max_size=3),
    quantities=st.lists(st.integers(1, 4), min_size=1, max_size=2),
    history=st.lists(steps, min_size=15, max_size=40),
)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whatever_happens_budget_cap_stock_and_ledger_agree(
    session: Session,
    begun: list[tuple[Fund, int]],
    quantities: list[int],
    history: list[tuple[str, int, int, int, int, bool]],
) -> None:
    life = _begun(session)
    for fund, steps_gone in begun:
        number = life.place(fund, quantities)
        for _ in range(steps_gone):
            life.do(GO_ON, number, quantity=2, days_ago=0)
    for name, which, quantity, days_ago, days, a_month_closes in history:
        life.now += timedelta(days=days)
        life.do(name, life.numbers[which], quantity=quantity, days_ago=days_ago)
        if a_month_closes:
            with suppress(DomainError), transaction(session):
                close_month(session, life.admin, now=life.now)
        _agree(session)
    with transaction(session):
        assert verify(session) is None


def _begun(session: Session) -> Life:
    """An agency and a shop of its own for each example, in one database for all of them."""
    count = session.scalars(select(func.count()).select_from(BudgetYear)).one()
    of = around(session, code=f"9.{count:02}", years=(2026, 2027), line=130_000)
    return Life(session, of, signed_up(session, Role.CITY_ADMIN, CITY))


def _agree(session: Session) -> None:
    query = (
        select(Order).options(selectinload(Order.lines)).execution_options(populate_existing=True)
    )
    orders = session.scalars(query).all()
    _each_order_holds_its_targets(session, orders)
    _counters_are_sums(session, orders)
    _stock_is_counted_once(session, orders)
    _told_again_nothing_is_posted(session, orders[-1])


def _each_order_holds_its_targets(session: Session, orders: Sequence[Order]) -> None:
    sums: defaultdict[str, Amounts] = defaultdict(Amounts)
    by_account: defaultdict[int, Amounts] = defaultdict(Amounts)
    for entry in session.scalars(select(LedgerEntry)):
        sums[entry.reference] += entry.change
        by_account[entry.account_id] += entry.change
    for order in orders:
        figures = figures_of(order)
        realised = min(figures.accepted, figures.paid)
        commits = order.status in OPEN and order.fund is Fund.OFFICIAL
        committed = max(figures.agreed - realised, 0) if commits else 0
        targets = Amounts(committed, realised)
        assert sums[order.number] == targets
        assert Amounts(order.committed_amount, order.realised_amount) == targets
        assert order.budget_committed_amount == (0 if order.waits_for else committed)
        assert not order.waits_for or committed
    accounts = session.scalars(select(QuotaAccount).execution_options(populate_existing=True))
    for account in accounts:
        assert account.committed_amount >= 0
        assert account.balances == by_account[account.id]
    assert total(sums.values()) == total(by_account.values())


def _counters_are_sums(session: Session, orders: Sequence[Order]) -> None:
    lines: defaultdict[int | None, tuple[int, int]] = defaultdict(lambda: (0, 0))
    months: defaultdict[tuple[int, str | None], int] = defaultdict(int)
    for order in orders:
        committed, spent = lines[order.budget_line_id]
        lines[order.budget_line_id] = (
            committed + order.budget_committed_amount,
            spent + order.budget_spent_amount,
        )
        months[order.seller_id, order.cap_month] += order.cap_amount
    for other in session.scalars(
        select(SpendingElsewhere).execution_options(populate_existing=True)
    ):
        committed, spent = lines[other.budget_line_id]
        lines[other.budget_line_id] = (committed, spent + other.spent_amount)
    counters = select(BudgetLine, BudgetYear).join(
        BudgetYear, BudgetYear.id == BudgetLine.budget_year_id
    )
    for line, year in session.execute(counters.execution_options(populate_existing=True)):
        assert (line.committed_amount, line.spent_amount) == lines[line.id]
        assert (year.committed_amount, year.spent_amount) == lines[line.id]
        assert line.committed_amount + line.spent_amount <= line.ceiling_amount
    promised = session.execute(
        select(SellerMonth.seller_id, SellerMonth.month, SellerMonth.committed_amount)
    )
    for seller_id, month, amount in promised:
        assert amount == months[seller_id, month]


def _stock_is_counted_once(session: Session, orders: Sequence[Order]) -> None:
    assert movements_add_up(session)
    held: defaultdict[str, int] = defaultdict(int)
    taken = select(StockMovement.reference, func.sum(-StockMovement.change))
    for reference, pieces in session.execute(
        taken.where(StockMovement.kind != MovementKind.COUNTED).group_by(StockMovement.reference)
    ):
        held[reference] = pieces
    for order in orders:
        kept = sum(line.quantity - line.cancelled_quantity for line in order.lines)
        assert held[order.number] == (kept if order.holds_stock else 0)


def _told_again_nothing_is_posted(session: Session, order: Order) -> None:
    before = session.scalars(select(func.count()).select_from(LedgerEntry)).one()
    number = order.number
    with transaction(session):
        again = locked(session, SYSTEM, number)
        settle_order(
            session,
            SYSTEM,
            again,
            cause="told again",
            occurred_on=city_day(again.placed_at),
            now=again.placed_at,
        )
    assert session.scalars(select(func.count()).select_from(LedgerEntry)).one() == before
