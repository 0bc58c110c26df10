"""What an order counts for: budget, the seller's month and the ledger, told together or not."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import Engine, event, func, select, update
from sqlalchemy.orm import Session

from storefront.agencies.budgets import CeilingReached
from storefront.agencies.models import BudgetLine, BudgetYear
from storefront.core.calendar import instant_of
from storefront.core.database import transaction
from storefront.core.permissions import CITY, Role
from storefront.orders import fulfilment
from storefront.orders.accounting import settle_order
from storefront.orders.agency_payments import pay
from storefront.orders.approvals import Decision, decide
from storefront.orders.budget_shares import BudgetLineMissing
from storefront.orders.models import Order, OrderStatus, SpendingElsewhere
from storefront.quota.models import Amounts, Fund, LedgerEntry, QuotaAccount
from storefront.quota.periods import close_month
from storefront.quota.seals import verify
from storefront.reports.reconciliation import reconcile
from storefront.sellers.caps import CapReached
from storefront.sellers.models import SellerMonth
from tests.factories import NOON, budget, shop, signed_up
from tests.factories_orders import (
    TODAY,
    Around,
    approved_order,
    around,
    found,
    paid_order,
    placed_order,
    proof,
    received_order,
)

JANUARY = instant_of(date(2027, 1, 4))


@dataclass(frozen=True)
class Counter:
    committed: int
    spent: int


@pytest.fixture
def of(session: Session) -> Around:
    return around(session)


def budgets(session: Session) -> dict[int, Counter]:
    """The year counters; each equals its one line's, or the test says so."""
    query = select(BudgetYear).execution_options(populate_existing=True)
    return {
        row.fiscal_year: Counter(row.committed_amount, row.spent_amount)
        for row in session.scalars(query)
    }


def line_counters(session: Session) -> dict[int, Counter]:
    query = (
        select(BudgetYear.fiscal_year, BudgetLine)
        .join(BudgetLine, BudgetLine.budget_year_id == BudgetYear.id)
        .execution_options(populate_existing=True)
    )
    return {
        year: Counter(line.committed_amount, line.spent_amount)
        for year, line in session.execute(query)
    }


def ledger(session: Session) -> dict[int, Amounts]:
    query = select(QuotaAccount).execution_options(populate_existing=True)
    return {row.fiscal_year: row.balances for row in session.scalars(query)}


def month(session: Session) -> dict[str, int]:
    query = select(SellerMonth.month, SellerMonth.committed_amount)
    return {row.month: row.committed_amount for row in session.execute(query)}


def entries(session: Session, number: str) -> list[tuple[str, str, int, int]]:
    query = select(LedgerEntry).filter_by(reference=number).order_by(LedgerEntry.id)
    return [
        (entry.kind.value, entry.cause, entry.committed_change, entry.realised_change)
        for entry in session.scalars(query)
    ]


def pays(session: Session, of: Around, number: str, gross: int, **when: object) -> None:
    with transaction(session):
        pay(session, of.treasurer, number, **({"proof": proof(gross), "now": NOON} | when))  # type: ignore[arg-type]


def test_an_approval_commits_in_budget_cap_and_ledger_alike(session: Session, of: Around) -> None:
    number = approved_order(session, of)
    assert budgets(session) == line_counters(session) == {2026: Counter(100_000, 0)}
    assert month(session) == {"2026-11": 100_000}
    assert ledger(session) == {2026: Amounts(100_000, 0)}
    assert entries(session, number) == [("commit", "approve 2", 100_000, 0)]


def test_a_request_that_waits_counts_for_nothing(session: Session, of: Around) -> None:
    placed_order(session, of)
    assert budgets(session) == {2026: Counter(0, 0)}
    assert (month(session), ledger(session)) == ({}, {})


def test_received_and_paid_a_commitment_becomes_realisation(session: Session, of: Around) -> None:
    number = received_order(session, of, approved_order(session, of))
    pays(session, of, number, 100_000)
    assert budgets(session) == line_counters(session) == {2026: Counter(0, 100_000)}
    assert ledger(session) == {2026: Amounts(0, 100_000)}
    assert month(session) == {"2026-11": 100_000}
    assert entries(session, number)[-1] == ("realise", "pay 6", -100_000, 100_000)


def test_a_declined_order_gives_everything_back(session: Session, of: Around) -> None:
    number = approved_order(session, of)
    with transaction(session):
        fulfilment.decline(session, of.seller, number, reason="Bahan habis", now=NOON)
    assert budgets(session) == line_counters(session) == {2026: Counter(0, 0)}
    assert month(session) == {"2026-11": 0}
    assert entries(session, number)[-1] == ("release", "decline 3", -100_000, 0)


def test_parts_received_and_paid_then_the_rest_closed(session: Session, of: Around) -> None:
    """Product.md's case of sixty of a hundred, in tens of thousands."""
    number = approved_order(session, of, quantities=(10,))
    with transaction(session):
        fulfilment.accept(session, of.seller, number, now=NOON)
        fulfilment.ship(session, of.seller, number, pieces={1: 6}, now=NOON)
        fulfilment.receive(session, of.buyer, number, now=NOON)
    pays(session, of, number, 60_000)
    assert ledger(session) == {2026: Amounts(40_000, 60_000)}
    assert budgets(session) == {2026: Counter(40_000, 60_000)}
    with transaction(session):
        fulfilment.close_rest(session, of.seller, number, now=NOON)
    assert ledger(session) == {2026: Amounts(0, 60_000)}
    assert budgets(session) == {2026: Counter(0, 60_000)}
    assert month(session) == {"2026-11": 60_000}
    assert found(session, number).status is OrderStatus.COMPLETED


def test_an_order_that_ends_with_its_rest_locks_all_its_products_at_once(
    session: Session, engine: Engine, of: Around
) -> None:
    """Those that it refills and those that it counts as sold: else two orders could wait."""
    number = approved_order(session, of, quantities=(4, 6))
    with transaction(session):
        fulfilment.accept(session, of.seller, number, now=NOON)
        fulfilment.ship(session, of.seller, number, pieces={2: 6}, now=NOON)
        fulfilment.receive(session, of.buyer, number, now=NOON)
    pays(session, of, number, 60_000)
    with statements(engine) as sent, transaction(session):
        fulfilment.close_rest(session, of.seller, number, now=NOON)
    assert found(session, number).status is OrderStatus.COMPLETED
    locking = (each for each in sent if "FROM products" in each and "ORDER BY products.id" in each)
    first = next(locking)
    assert first.count("?") + first.count("%(") == 2


def test_goods_that_come_back_after_payment_reverse(session: Session, of: Around) -> None:
    number = received_order(session, of, approved_order(session, of))
    pays(session, of, number, 100_000)
    with transaction(session):
        fulfilment.take_back(session, of.seller, number, pieces={1: 2}, now=NOON)
    assert ledger(session) == {2026: Amounts(0, 80_000)}
    assert budgets(session) == {2026: Counter(0, 80_000)}
    assert month(session) == {"2026-11": 100_000}, "a reverse is no release"


def test_what_is_owed_again_is_not_promised_to_the_seller_anew(
    session: Session, of: Around
) -> None:
    """A payment that came back: from realised to committed, which is neither more nor less."""
    number = received_order(session, of, approved_order(session, of))
    pays(session, of, number, 60_000)
    with transaction(session):
        order = found(session, number)
        order.paid_amount = 20_000
        settle_order(session, of.treasurer, order, cause="came back 7", occurred_on=TODAY, now=NOON)
    assert ledger(session) == {2026: Amounts(80_000, 20_000)}
    assert budgets(session) == {2026: Counter(80_000, 20_000)}
    assert month(session) == {"2026-11": 100_000}


def test_an_event_told_twice_changes_nothing(session: Session, of: Around) -> None:
    number = approved_order(session, of)
    before = (budgets(session), month(session), entries(session, number))
    with transaction(session):
        order = found(session, number)
        for cause in ("approve 2", "approve 2", "something else"):
            settle_order(
                session,
                of.approver,
                order,
                cause=cause,
                occurred_on=NOON.date(),
                now=NOON,
            )
    assert (budgets(session), month(session), entries(session, number)) == before


def test_a_personal_order_touches_no_budget_and_no_cap(session: Session, of: Around) -> None:
    number = received_order(session, of, paid_order(session, of))
    assert budgets(session) == {2026: Counter(0, 0)}
    assert month(session) == {}
    assert entries(session, number) == [("realise", "receive 5", 0, 100_000)]
    fund = session.scalars(select(QuotaAccount.fund)).one()
    assert fund is Fund.PERSONAL


def test_the_ceiling_of_a_line_refuses_and_says_by_how_much(session: Session) -> None:
    of = around(session, line=150_000)
    approved_order(session, of)
    number = placed_order(session, of)
    with pytest.raises(CeilingReached) as refusal, transaction(session):
        decide(session, of.approver, number, Decision.APPROVE, "", now=NOON)
    assert (refusal.value.over, refusal.value.left) == (50_000, 50_000)


def test_a_refusal_by_the_cap_undoes_the_budget_and_the_approval(session: Session) -> None:
    of = around(session)
    number = placed_order(session, of, quantities=(3_001,))
    with pytest.raises(CapReached) as refusal, transaction(session):
        decide(session, of.approver, number, Decision.APPROVE, "", now=NOON)
    assert refusal.value.details["over_amount"] == 10_000
    session.expire_all()
    order = found(session, number)
    assert (order.status, order.event_count, order.approved_by) == (OrderStatus.SUBMITTED, 1, None)
    assert budgets(session) == line_counters(session) == {2026: Counter(0, 0)}
    assert ledger(session) == {}


def test_an_agency_without_a_budget_has_no_ceiling(session: Session) -> None:
    of = around(session, years=(2026,), ceiling=None, line=None)
    approved_order(session, of, quantities=(1_000,))
    assert budgets(session) == {2026: Counter(10_000_000, 0)}


def test_a_sellers_class_that_changed_meanwhile_changes_nothing(
    session: Session, of: Around
) -> None:
    number = approved_order(session, of)
    with transaction(session):
        session.execute(update(Order).values(seller_name="Nama Baru"))
    received_order(session, of, number)
    pays(session, of, number, 100_000)
    assert session.scalars(select(func.count()).select_from(QuotaAccount)).one() == 1


def test_an_order_paid_in_the_next_year_takes_that_years_line(session: Session) -> None:
    """Faults.md: a carried order paid before any year-end job ran."""
    of = around(session, years=(2026, 2027))
    number = received_order(session, of, approved_order(session, of))
    pays(session, of, number, 100_000, proof=proof(100_000, on=date(2027, 1, 4)), now=JANUARY)
    assert (
        budgets(session)
        == line_counters(session)
        == {
            2026: Counter(0, 0),
            2027: Counter(0, 100_000),
        }
    )
    assert ledger(session) == {2026: Amounts(0, 0), 2027: Amounts(0, 100_000)}
    assert found(session, number).budget_year == 2027


def test_a_payment_of_the_next_year_without_its_line_is_refused(session: Session) -> None:
    of = around(session)
    budget(session, of.agency, year=2027, line=None)
    number = received_order(session, of, approved_order(session, of))
    with pytest.raises(BudgetLineMissing, match="tahun 2027"):
        pays(session, of, number, 0, proof=proof(100_000, on=date(2027, 1, 4)), now=JANUARY)
    assert budgets(session)[2026] == Counter(100_000, 0)


def test_a_payment_of_the_next_year_above_its_ceiling_is_refused(session: Session) -> None:
    of = around(session)
    budget(session, of.agency, year=2027, line=99_999)
    number = received_order(session, of, approved_order(session, of))
    with pytest.raises(CeilingReached):
        pays(session, of, number, 0, proof=proof(100_000, on=date(2027, 1, 4)), now=JANUARY)


def test_paid_in_two_years_each_years_budget_bears_its_part(session: Session) -> None:
    of = around(session, years=(2026, 2027))
    number = received_order(session, of, approved_order(session, of))
    pays(session, of, number, 60_000)
    pays(session, of, number, 0, proof=proof(40_000, on=date(2027, 1, 4)), now=JANUARY)
    assert (
        budgets(session)
        == line_counters(session)
        == {
            2026: Counter(0, 60_000),
            2027: Counter(0, 40_000),
        }
    )
    assert ledger(session) == {2026: Amounts(0, 60_000), 2027: Amounts(0, 40_000)}
    elsewhere = session.scalars(select(SpendingElsewhere)).one()
    assert (elsewhere.order_id, elsewhere.spent_amount) == (found(session, number).id, 60_000)


def test_a_proof_of_december_typed_in_january_counts_in_december(session: Session) -> None:
    of = around(session, years=(2026, 2027))
    number = received_order(session, of, approved_order(session, of))
    pays(session, of, number, 0, proof=proof(60_000, on=date(2027, 1, 4)), now=JANUARY)
    pays(session, of, number, 0, proof=proof(40_000, on=date(2026, 12, 30)), now=JANUARY)
    assert ledger(session) == {2026: Amounts(0, 40_000), 2027: Amounts(0, 60_000)}
    assert (
        budgets(session)
        == line_counters(session)
        == {
            2026: Counter(0, 40_000),
            2027: Counter(0, 60_000),
        }
    )


def comes_back_in_january(session: Session, of: Around, number: str) -> None:
    with transaction(session):
        fulfilment.take_back(session, of.seller, number, pieces={1: 3}, now=JANUARY)


def breaches(session: Session) -> list[str]:
    return [one.key for one in reconcile(session, now=JANUARY) if one.breaches]


def test_what_comes_back_in_january_frees_the_old_line_while_its_year_is_open(
    session: Session,
) -> None:
    of = around(session, years=(2026, 2027))
    number = received_order(session, of, approved_order(session, of))
    pays(session, of, number, 100_000)
    comes_back_in_january(session, of, number)
    assert ledger(session) == {2026: Amounts(0, 70_000)}
    assert budgets(session)[2026] == line_counters(session)[2026] == Counter(0, 70_000)
    assert breaches(session) == []


def test_what_comes_back_after_the_year_is_closed_frees_no_line_of_another_year(
    session: Session,
) -> None:
    of = around(session, years=(2026, 2027))
    number = received_order(session, of, approved_order(session, of))
    pays(session, of, number, 100_000)
    admin = signed_up(session, Role.CITY_ADMIN, CITY)
    with transaction(session):
        while close_month(session, admin, now=JANUARY) < "2026-12":
            pass
    comes_back_in_january(session, of, number)
    assert ledger(session) == {2026: Amounts(0, 100_000), 2027: Amounts(0, -30_000)}
    assert budgets(session) == {2026: Counter(0, 100_000), 2027: Counter(0, 0)}
    assert breaches(session) == []


def test_delivery_counts_with_the_goods_it_brings(session: Session, of: Around) -> None:
    number = approved_order(session, of, quantities=(1, 3), delivery_amount=10_001)
    with transaction(session):
        fulfilment.accept(session, of.seller, number, now=NOON)
        fulfilment.ship(session, of.seller, number, pieces={1: 1}, now=NOON)
        fulfilment.receive(session, of.buyer, number, now=NOON)
    assert found(session, number).accepted_amount == 12_500
    with transaction(session):
        fulfilment.ship(session, of.seller, number, now=NOON)
        fulfilment.receive(session, of.buyer, number, now=NOON)
    assert found(session, number).accepted_amount == 50_001


def test_locks_are_taken_in_the_houses_order(engine: Engine, session: Session, of: Around) -> None:
    """Read from the SQL of an approval and of a decline, which also returns stock."""
    number = placed_order(session, of)
    with statements(engine) as sent, transaction(session):
        decide(session, of.approver, number, Decision.APPROVE, "", now=NOON)
    expected = ["orders", "budget_years", "budget_lines", "seller_months", "quota_accounts"]
    if engine.dialect.name == "postgresql":  # SQLite locks the whole file at once
        expected.insert(4, "quota_marks")
    assert locks(sent) == expected
    with statements(engine) as sent, transaction(session):
        fulfilment.decline(session, of.seller, number, reason="Bahan habis", now=NOON)
    assert locks(sent) == ["orders", "stock", *expected[1:]]


def test_products_are_locked_after_the_last_variant(
    engine: Engine, session: Session, of: Around
) -> None:
    number = approved_order(session, of, quantities=(1, 2))
    with statements(engine) as sent, transaction(session):
        fulfilment.decline(session, of.seller, number, reason="Bahan habis", now=NOON)
    words = [statement.split()[:2] for statement in sent]
    changed = [table for verb, table in filter(lambda two: two[0] == "UPDATE", words)]
    assert [table for table in changed if table in {"stock", "products"}] == [
        "stock",
        "stock",
        "products",
    ]


def test_the_number_series_is_the_last_lock(engine: Engine, session: Session, of: Around) -> None:
    number = approved_order(session, of)
    with transaction(session):
        fulfilment.accept(session, of.seller, number, now=NOON)
        fulfilment.ship(session, of.seller, number, now=NOON)
    with statements(engine) as sent, transaction(session):
        fulfilment.receive(session, of.buyer, number, now=NOON)
    assert locks(sent) == ["orders", "number_series"]


KINDS = (
    "carts",
    "purchases",
    "orders",
    "stock",
    "budget_years",
    "budget_lines",
    "seller_months",
    "quota_marks",
    "quota_accounts",
    "number_series",
)


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def locks(sent: list[str]) -> list[str]:
    """The tables whose rows were locked, in the order of their first lock.

    SQLite knows no FOR UPDATE: there a change is the lock, and an order is looked at first.
    """
    taken: dict[str, None] = {}
    for statement in sent:
        words = statement.replace("\n", " ")
        for kind in KINDS:
            changes = words.startswith((f"UPDATE {kind} ", f"INSERT INTO {kind} "))
            locks_rows = "FOR UPDATE" in words or "FOR SHARE" in words
            reads = f" FROM {kind} " in words and (locks_rows or kind == "orders")
            if changes or (words.startswith("SELECT") and reads):
                taken.setdefault(kind)
    return list(taken)


def test_the_ledger_is_whole_after_all_that(session: Session, of: Around) -> None:
    for fund in (Fund.OFFICIAL, Fund.PERSONAL):
        order = approved_order if fund is Fund.OFFICIAL else paid_order
        received_order(session, of, order(session, of))
    assert verify(session) is None


def test_months_and_years_are_those_of_jakarta(session: Session) -> None:
    """Approved at 00.30 on 1 December there, which is still November in UTC."""
    of = around(session)
    number = placed_order(session, of, now=datetime(2026, 11, 27, 3, tzinfo=UTC))
    with transaction(session):
        decide(
            session,
            of.approver,
            number,
            Decision.APPROVE,
            "",
            now=datetime(2026, 11, 30, 17, 30, tzinfo=UTC),
        )
    assert month(session) == {"2026-12": 100_000}


def test_two_shops_have_two_caps(session: Session, of: Around) -> None:
    approved_order(session, of)
    other = around(session, code="1.01.01", at=shop(session))
    approved_order(session, other)
    assert session.scalars(select(SellerMonth.committed_amount)).all() == [100_000, 100_000]
