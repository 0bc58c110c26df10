"""The end of a budget year: what is open is cancelled or carried, once, and all figures agree."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from storefront.agencies.models import BudgetLine, BudgetYear
from storefront.core.audit import AuditEntry
from storefront.core.calendar import instant_of
from storefront.core.database import transaction
from storefront.core.errors import NotAllowed, NotFound
from storefront.core.permissions import CITY, Role, agency_scope
from storefront.orders import fulfilment, year_end
from storefront.orders.agency_payments import pay
from storefront.orders.approvals import Decision, RequestLate, decide
from storefront.orders.budget_shares import BudgetLineMissing
from storefront.orders.expiry import expire_request, requests_to_expire
from storefront.orders.models import (
    FulfilmentStatus,
    Order,
    OrderStatus,
    WaitsFor,
    YearEndChoice,
    YearEndDecision,
)
from storefront.orders.parties import ShopOfOnesOwn
from storefront.orders.year_end import ChoiceNotOpen, NothingChosen
from storefront.quota.models import Amounts, LedgerEntry, QuotaAccount
from storefront.quota.periods import CommitmentStands, close_month
from storefront.quota.seals import verify
from storefront.reports.reconciliation import reconcile
from storefront.sellers.models import SellerMonth, ShopStaff
from tests.factories import NOON, agency, budget, signed_up
from tests.factories_orders import (
    Around,
    approved_order,
    around,
    found,
    paid_order,
    placed_order,
    planned_line,
    proof,
    received_order,
)

DECEMBER = instant_of(date(2026, 12, 1))
LAST_MOMENT = instant_of(date(2027, 1, 1)) - timedelta(seconds=1)
NEW_YEAR = instant_of(date(2027, 1, 1))
TEN_PAST = NEW_YEAR + timedelta(minutes=10)
JANUARY = instant_of(date(2027, 1, 4))
CANCEL, CARRY = YearEndChoice.CANCEL, YearEndChoice.CARRY


@pytest.fixture
def of(session: Session) -> Around:
    return around(session, years=(2026, 2027))


@pytest.fixture
def unplanned(session: Session) -> Around:
    """The next year has a budget, but no line for the order's activity and account."""
    of = around(session)
    budget(session, of.agency, year=2027)
    return of


def sent(session: Session, of: Around, pieces: int | None = None) -> str:
    """An order of ten, of which so many were sent."""
    number = approved_order(session, of)
    with transaction(session):
        fulfilment.accept(session, of.seller, number, now=NOON)
        wanted = None if pieces is None else {1: pieces}
        fulfilment.ship(session, of.seller, number, pieces=wanted, now=NOON)
    return number


def chosen(
    session: Session, of: Around, number: str, choice: YearEndChoice, now: datetime = DECEMBER
) -> year_end.Chosen:
    with transaction(session):
        return year_end.choose(session, of.approver, of.agency.code, [number], choice, now=now)


def turn(session: Session, *, now: datetime = NEW_YEAR) -> int:
    """What the worker does after midnight, until nothing is due; how many steps it took."""
    steps = 0
    while due := year_end.orders_to_deal_with(session, now=now):
        for number in due:
            with transaction(session):
                steps += year_end.deal_with(session, number, now=now)
    return steps


def lines_come(session: Session, *, now: datetime = JANUARY) -> list[str]:
    """Those that were given a line."""
    given = []
    for number in year_end.orders_to_give_a_line(session, now=now):
        with transaction(session):
            if year_end.take_line(session, number, now=now):
                given.append(number)
    return given


def budgets(session: Session) -> dict[int, tuple[int, int]]:
    query = select(BudgetYear).execution_options(populate_existing=True)
    return {
        row.fiscal_year: (row.committed_amount, row.spent_amount) for row in session.scalars(query)
    }


def lines(session: Session) -> dict[int, tuple[int, int]]:
    query = (
        select(BudgetYear.fiscal_year, BudgetLine)
        .join(BudgetLine, BudgetLine.budget_year_id == BudgetYear.id)
        .execution_options(populate_existing=True)
    )
    return {
        year: (line.committed_amount, line.spent_amount) for year, line in session.execute(query)
    }


def ledger(session: Session) -> dict[int, Amounts]:
    query = select(QuotaAccount).execution_options(populate_existing=True)
    return {row.fiscal_year: row.balances for row in session.scalars(query)}


def entries(session: Session, number: str) -> list[tuple[str, str, int, int, str]]:
    query = (
        select(LedgerEntry, QuotaAccount.fiscal_year)
        .join(QuotaAccount, QuotaAccount.id == LedgerEntry.account_id)
        .where(LedgerEntry.reference == number)
        .order_by(LedgerEntry.id)
    )
    return [
        (entry.kind.value, entry.cause, year, entry.committed_change, entry.period)
        for entry, year in session.execute(query)
    ]


def breaches(session: Session) -> list[str]:
    told = [str(each) for one in reconcile(session, now=JANUARY) for each in one.breaches]
    assert verify(session) is None
    return told


# what happens to whom


def test_what_was_not_sent_is_cancelled_and_frees_what_it_held(
    session: Session, of: Around
) -> None:
    number = approved_order(session, of)
    assert turn(session) == 1
    order = found(session, number)
    assert order.status is OrderStatus.CANCELLED
    assert (order.events[-1].event, order.events[-1].role) == ("cancel", "system")
    assert "2026 berakhir" in order.events[-1].reason
    assert budgets(session) == lines(session) == {2026: (0, 0), 2027: (0, 0)}
    assert ledger(session) == {2026: Amounts(0, 0)}
    assert entries(session, number)[-1] == ("release", "cancel 3", 2026, -100_000, "2027-01")
    assert session.scalars(select(SellerMonth.committed_amount)).all() == [0]
    assert breaches(session) == []


def test_what_was_delivered_is_carried_to_the_line_of_the_next_year(
    session: Session, of: Around
) -> None:
    number = received_order(session, of, approved_order(session, of))
    assert turn(session) == 1
    order = found(session, number)
    assert (order.status, order.budget_year) == (OrderStatus.APPROVED, 2027)
    assert order.events[-1].event == "carry"
    assert budgets(session) == lines(session) == {2026: (0, 0), 2027: (100_000, 0)}
    assert ledger(session) == {2026: Amounts(0, 0), 2027: Amounts(100_000, 0)}
    assert entries(session, number)[-2:] == [
        ("carry", "carry 6 carry", 2026, -100_000, "2027-01"),
        ("carry", "carry 6 carry", 2027, 100_000, "2027-01"),
    ]
    assert session.scalars(select(SellerMonth.committed_amount)).all() == [100_000]
    assert breaches(session) == []


def test_what_is_on_its_way_is_carried_for_it_cannot_be_called_back(
    session: Session, of: Around
) -> None:
    number = sent(session, of)
    chosen(session, of, number, CARRY)
    assert chosen(session, of, number, CANCEL).left_out == (number,)
    turn(session)
    order = found(session, number)
    assert (order.fulfilment_status, order.budget_year) == (FulfilmentStatus.SHIPPED, 2027)


def test_of_what_was_sent_in_part_the_rest_is_cancelled_and_the_part_carried(
    session: Session, of: Around
) -> None:
    number = sent(session, of, pieces=6)
    assert turn(session) == 2
    order = found(session, number)
    assert [event.event for event in order.events[-2:]] == ["close_rest", "carry"]
    assert order.lines[0].cancelled_quantity == 4
    assert ledger(session) == {2026: Amounts(0, 0), 2027: Amounts(60_000, 0)}
    assert budgets(session) == {2026: (0, 0), 2027: (60_000, 0)}
    assert breaches(session) == []


def test_what_was_sent_in_part_is_carried_whole_if_its_agency_says_so(
    session: Session, of: Around
) -> None:
    number = sent(session, of, pieces=6)
    chosen(session, of, number, CARRY)
    assert turn(session) == 1
    assert found(session, number).lines[0].cancelled_quantity == 0
    assert ledger(session)[2027] == Amounts(100_000, 0)


def test_the_choice_to_carry_keeps_what_would_be_cancelled(session: Session, of: Around) -> None:
    number = approved_order(session, of)
    chosen(session, of, number, CARRY)
    turn(session)
    assert found(session, number).status is OrderStatus.APPROVED
    assert ledger(session)[2027] == Amounts(100_000, 0)
    assert breaches(session) == []


def test_what_was_paid_in_part_leaves_its_spending_where_it_was(
    session: Session, of: Around
) -> None:
    number = received_order(session, of, approved_order(session, of))
    with transaction(session):
        pay(session, of.treasurer, number, proof=proof(60_000), now=NOON)
    turn(session)
    assert budgets(session) == lines(session) == {2026: (0, 60_000), 2027: (40_000, 0)}
    assert ledger(session) == {2026: Amounts(0, 60_000), 2027: Amounts(40_000, 0)}
    with transaction(session):
        paid = proof(40_000, on=JANUARY.date())
        pay(session, of.treasurer, number, proof=paid, now=JANUARY)
    assert budgets(session) == lines(session) == {2026: (0, 60_000), 2027: (0, 40_000)}
    assert found(session, number).status is OrderStatus.COMPLETED
    assert breaches(session) == []


def test_a_request_that_nobody_approved_in_its_year_expires(session: Session, of: Around) -> None:
    number = placed_order(session, of, now=DECEMBER, decide_by=JANUARY)
    with pytest.raises(RequestLate), transaction(session):
        decide(session, of.approver, number, Decision.APPROVE, "", now=NEW_YEAR)
    assert requests_to_expire(session, now=LAST_MOMENT) == []
    assert requests_to_expire(session, now=NEW_YEAR) == [number]
    with transaction(session):
        assert expire_request(session, number, now=NEW_YEAR)
    assert found(session, number).status is OrderStatus.EXPIRED


def test_own_money_knows_no_budget_year(session: Session, of: Around) -> None:
    number = paid_order(session, of, now=DECEMBER)
    assert turn(session) == 0
    with transaction(session):
        assert not year_end.deal_with(session, number, now=NEW_YEAR)
    assert found(session, number).status is OrderStatus.PLACED


# when


def test_nothing_is_due_until_midnight_in_jakarta(session: Session, of: Around) -> None:
    number = approved_order(session, of)
    assert year_end.orders_to_deal_with(session, now=LAST_MOMENT) == []
    with transaction(session):
        assert not year_end.deal_with(session, number, now=LAST_MOMENT)
    assert year_end.orders_to_deal_with(session, now=NEW_YEAR) == [number]


def test_dealt_with_twice_it_happened_once(session: Session, of: Around) -> None:
    number = received_order(session, of, approved_order(session, of))
    turn(session)
    before = entries(session, number)
    with transaction(session):
        assert not year_end.deal_with(session, number, now=NEW_YEAR)
    assert entries(session, number) == before


def test_a_worker_that_was_killed_goes_on_where_it_was(session: Session, of: Around) -> None:
    """In the middle of the second order, and between the two steps of the third."""
    first, second = (received_order(session, of, approved_order(session, of)) for _ in range(2))
    third = sent(session, of, pieces=6)
    with transaction(session):
        year_end.deal_with(session, first, now=NEW_YEAR)
    with pytest.raises(KeyboardInterrupt), transaction(session):
        year_end.deal_with(session, second, now=NEW_YEAR)
        raise KeyboardInterrupt
    with transaction(session):
        year_end.deal_with(session, third, now=NEW_YEAR)
    assert found(session, third).budget_year == 2026
    assert breaches(session) == []
    assert turn(session, now=JANUARY) == 2
    assert {found(session, each).budget_year for each in (first, second, third)} == {2027}
    assert ledger(session) == {2026: Amounts(0, 0), 2027: Amounts(260_000, 0)}
    assert breaches(session) == []


def test_an_order_that_was_missed_for_two_years_goes_through_each(
    session: Session, of: Around
) -> None:
    budget(session, of.agency, year=2028, line=500_000_000)
    number = received_order(session, of, approved_order(session, of))
    assert turn(session, now=instant_of(date(2028, 1, 2))) == 2
    assert found(session, number).budget_year == 2028
    assert ledger(session)[2028] == Amounts(100_000, 0)


def test_a_carried_order_paid_before_the_job_is_not_due_any_more(
    session: Session, of: Around
) -> None:
    """Faults.md: at 00.10 on 1 January, before any year-end job ran."""
    number = received_order(session, of, approved_order(session, of))
    with transaction(session):
        paid = proof(60_000, on=date(2027, 1, 1))
        pay(session, of.treasurer, number, proof=paid, now=TEN_PAST)
    assert turn(session, now=JANUARY) == 0
    assert ledger(session) == {2026: Amounts(0, 0), 2027: Amounts(40_000, 60_000)}
    assert budgets(session) == lines(session) == {2026: (0, 0), 2027: (40_000, 60_000)}
    assert breaches(session) == []


def test_december_closes_once_every_open_order_was_dealt_with(session: Session, of: Around) -> None:
    for number in (approved_order(session, of), approved_order(session, of)):
        received_order(session, of, number)
    approved_order(session, of)
    admin = signed_up(session, Role.CITY_ADMIN, CITY)

    def close_until_december() -> None:
        with transaction(session):
            while close_month(session, admin, now=JANUARY) < "2026-12":
                pass

    with pytest.raises(CommitmentStands):
        close_until_december()
    turn(session)
    close_until_december()
    assert breaches(session) == []


# orders that wait for a line


def test_without_a_line_it_is_carried_in_the_ledger_and_waits_in_no_counter(
    session: Session, unplanned: Around
) -> None:
    number = received_order(session, unplanned, approved_order(session, unplanned))
    turn(session)
    order = found(session, number)
    assert (order.waits_for, order.budget_year) == (WaitsFor.LINE, 2027)
    assert (order.budget_line_id, order.budget_committed_amount) == (None, 0)
    assert ledger(session) == {2026: Amounts(0, 0), 2027: Amounts(100_000, 0)}
    assert budgets(session) == {2026: (0, 0), 2027: (0, 0)}
    assert breaches(session) == []


def test_while_it_waits_it_cannot_be_paid(session: Session, unplanned: Around) -> None:
    number = received_order(session, unplanned, approved_order(session, unplanned))
    turn(session)
    with pytest.raises(BudgetLineMissing, match="tahun 2027"), transaction(session):
        paid = proof(100_000, on=JANUARY.date())
        pay(session, unplanned.treasurer, number, proof=paid, now=JANUARY)
    assert ledger(session)[2027] == Amounts(100_000, 0)
    assert breaches(session) == []


def test_a_line_that_comes_takes_it_under_its_ceiling(session: Session, unplanned: Around) -> None:
    number = received_order(session, unplanned, approved_order(session, unplanned))
    turn(session)
    assert lines_come(session) == []
    planned_line(session, unplanned, 100_000)
    assert lines_come(session) == [number]
    order = found(session, number)
    assert (order.waits_for, order.budget_committed_amount) == (None, 100_000)
    assert order.events[-1].event == "take_line"
    assert lines(session) == {2026: (0, 0), 2027: (100_000, 0)}
    assert len(entries(session, number)) == 3, "the ledger had carried it already"
    assert lines_come(session) == []
    assert breaches(session) == []


def test_of_two_that_wait_the_line_takes_as_many_as_it_has_room_for(
    session: Session, unplanned: Around
) -> None:
    first, second = (
        received_order(session, unplanned, approved_order(session, unplanned)) for _ in range(2)
    )
    turn(session)
    planned_line(session, unplanned, 199_999)
    assert lines_come(session) == [first]
    order = found(session, second)
    assert (order.waits_for, order.event_count) == (WaitsFor.LINE, len(order.events))
    assert order.events[-1].event == "carry"
    assert lines(session)[2027] == (100_000, 0)
    assert breaches(session) == []


def test_a_line_without_room_lets_it_wait_at_the_turn(session: Session) -> None:
    of = around(session)
    budget(session, of.agency, year=2027, line=99_999)
    number = received_order(session, of, approved_order(session, of))
    turn(session)
    assert found(session, number).waits_for is WaitsFor.LINE
    assert budgets(session) == lines(session) == {2026: (0, 0), 2027: (0, 0)}
    assert breaches(session) == []


def test_an_order_on_no_line_needs_room_in_the_total(session: Session) -> None:
    of = around(session, line=None)
    budget(session, of.agency, year=2027, ceiling=99_999)
    number = received_order(session, of, approved_order(session, of))
    turn(session)
    assert found(session, number).waits_for is WaitsFor.TOTAL
    assert lines_come(session) == []
    with transaction(session):
        counters = session.scalars(select(BudgetYear).filter_by(fiscal_year=2027)).one()
        counters.ceiling_amount = 100_000
    assert lines_come(session) == [number]
    assert budgets(session) == {2026: (0, 0), 2027: (100_000, 0)}
    assert breaches(session) == []


def test_an_agency_without_a_budget_carries_without_a_ceiling(session: Session) -> None:
    of = around(session, ceiling=None, line=None)
    number = received_order(session, of, approved_order(session, of))
    turn(session)
    assert found(session, number).waits_for is None
    assert budgets(session) == {2026: (0, 0), 2027: (100_000, 0)}
    assert breaches(session) == []


def test_a_payment_takes_the_line_that_has_come_meanwhile(
    session: Session, unplanned: Around
) -> None:
    number = received_order(session, unplanned, approved_order(session, unplanned))
    turn(session)
    planned_line(session, unplanned, 100_000)
    with transaction(session):
        paid = proof(60_000, on=JANUARY.date())
        pay(session, unplanned.treasurer, number, proof=paid, now=JANUARY)
    assert found(session, number).waits_for is None
    assert lines(session)[2027] == (40_000, 60_000)
    assert breaches(session) == []


def test_a_proof_of_december_pays_from_the_line_that_it_had_then(
    session: Session, unplanned: Around
) -> None:
    """The commitment of 2027 is released, and the order waits for nothing any more."""
    number = received_order(session, unplanned, approved_order(session, unplanned))
    turn(session)
    with transaction(session):
        paid = proof(100_000, on=date(2026, 12, 30))
        pay(session, unplanned.treasurer, number, proof=paid, now=JANUARY)
    order = found(session, number)
    assert (order.status, order.waits_for) == (OrderStatus.COMPLETED, None)
    assert ledger(session) == {2026: Amounts(0, 100_000), 2027: Amounts(0, 0)}
    assert lines(session) == {2026: (0, 100_000)}
    assert breaches(session) == []


def test_what_waits_and_is_given_back_waits_for_nothing(
    session: Session, unplanned: Around
) -> None:
    number = received_order(session, unplanned, approved_order(session, unplanned))
    turn(session)
    with transaction(session):
        fulfilment.take_back(session, unplanned.seller, number, pieces={1: 4}, now=JANUARY)
    assert found(session, number).waits_for is WaitsFor.LINE
    assert ledger(session)[2027] == Amounts(60_000, 0)
    assert breaches(session) == []
    with transaction(session):
        fulfilment.take_back(session, unplanned.seller, number, now=JANUARY)
    order = found(session, number)
    assert (order.status, order.waits_for) == (OrderStatus.CANCELLED, None)
    assert breaches(session) == []


def test_what_still_waits_when_that_year_ends_is_carried_again(
    session: Session, unplanned: Around
) -> None:
    budget(session, unplanned.agency, year=2028, line=500_000_000)
    number = received_order(session, unplanned, approved_order(session, unplanned))
    turn(session)
    turn(session, now=instant_of(date(2028, 1, 1)))
    order = found(session, number)
    assert (order.waits_for, order.budget_year) == (None, 2028)
    assert lines(session)[2028] == (100_000, 0)
    assert breaches(session) == []


def test_the_database_keeps_what_waits_out_of_every_counter(session: Session, of: Around) -> None:
    number = approved_order(session, of)
    with pytest.raises(IntegrityError, match="waits_in_no_counter"), transaction(session):
        found(session, number).waits_for = WaitsFor.LINE


# the choice


def test_a_choice_can_be_changed_until_the_year_is_over(session: Session, of: Around) -> None:
    number = approved_order(session, of)
    assert chosen(session, of, number, CARRY) == year_end.Chosen(1, ())
    chosen(session, of, number, CANCEL, now=LAST_MOMENT)
    decision = session.scalars(select(YearEndDecision)).one()
    assert (decision.choice, decision.chosen_by) == (CANCEL, of.approver.person_id)
    assert decision.chosen_at == LAST_MOMENT
    acts = session.scalars(select(AuditEntry).filter_by(act="year_end.chosen")).all()
    assert ["carry" in act.details for act in acts] == [True, False]
    with pytest.raises(ChoiceNotOpen):
        chosen(session, of, number, CARRY, now=NEW_YEAR)


def test_the_same_choice_again_is_no_new_one(session: Session, of: Around) -> None:
    number = approved_order(session, of)
    for now in (DECEMBER, LAST_MOMENT):
        chosen(session, of, number, CARRY, now=now)
    assert session.scalars(select(YearEndDecision.chosen_at)).one() == DECEMBER
    assert len(session.scalars(select(AuditEntry).filter_by(act="year_end.chosen")).all()) == 1


def test_before_december_there_is_nothing_to_choose(session: Session, of: Around) -> None:
    number = approved_order(session, of)
    with pytest.raises(ChoiceNotOpen, match="31 Desember 2026"):
        chosen(session, of, number, CARRY, now=DECEMBER - timedelta(seconds=1))


def test_only_an_approver_of_the_agency_chooses(session: Session, of: Around) -> None:
    number = approved_order(session, of)
    health = agency_scope(of.agency.code)
    others = [signed_up(session, role, health) for role in (Role.PROCUREMENT, Role.AGENCY_ADMIN)]
    for actor in (of.buyer, of.treasurer, of.seller, *others):
        with pytest.raises(NotAllowed), transaction(session):
            year_end.choose(session, actor, of.agency.code, [number], CARRY, now=DECEMBER)
    agency(session, "1.01.01", name="Dinas Pendidikan")
    stranger = signed_up(session, Role.APPROVER, agency_scope("1.01.01"))
    with pytest.raises(NotFound), transaction(session):
        year_end.choose(session, stranger, "1.01.01", [number], CARRY, now=DECEMBER)


def test_who_approves_for_an_agency_below_chooses_for_it(session: Session, of: Around) -> None:
    below = around(session, code="1.02.01.03", parent=of.agency)
    number = approved_order(session, below)
    with transaction(session):
        found(session, number).approval_agency_id = of.agency.id
    assert chosen(session, of, number, CARRY).orders == 1


def test_nobody_chooses_for_the_shop_of_ones_own(session: Session, of: Around) -> None:
    number = approved_order(session, of)
    with transaction(session):
        session.add(ShopStaff(seller_id=of.shop.id, person_id=of.approver.person_id, since=NOON))
    with pytest.raises(ShopOfOnesOwn):
        chosen(session, of, number, CARRY)


def test_a_choice_names_some_orders(session: Session, of: Around) -> None:
    for numbers in ([], [f"P-{at}" for at in range(501)]):
        with pytest.raises(NothingChosen), transaction(session):
            year_end.choose(session, of.approver, of.agency.code, numbers, CARRY, now=DECEMBER)


def test_what_is_over_is_left_out_of_a_choice_for_many(session: Session, of: Around) -> None:
    open_, over = approved_order(session, of), approved_order(session, of)
    with transaction(session):
        fulfilment.cancel(session, of.buyer, over, now=NOON)
        made = year_end.choose(
            session, of.approver, of.agency.code, [open_, over], CARRY, now=DECEMBER
        )
    assert made == year_end.Chosen(1, (over,))
    kept = session.scalars(
        select(Order.number).join(YearEndDecision, YearEndDecision.order_id == Order.id)
    )
    assert kept.all() == [open_]
