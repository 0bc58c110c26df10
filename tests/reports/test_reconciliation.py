"""The five identities: they hold after whatever happened, and name what was tampered with."""

from datetime import date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from storefront.core.calendar import instant_of
from storefront.core.database import transaction
from storefront.orders import fulfilment
from storefront.orders.agency_payments import pay
from storefront.payments.models import (
    GatewayPayment,
    GatewayPaymentStatus,
    GatewayRefund,
    RefundOrigin,
    RefundStatus,
)
from storefront.quota.models import EntryKind
from storefront.reports.reconciliation import Identity, IdentityKey, reconcile
from tests.conftest import CountSelects
from tests.factories import NOON, listed_variant
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
from tests.quota.purchases import Hands
from tests.reports.made import booked

ORDERS, ACCOUNTS, BUDGETS = IdentityKey.ORDERS, IdentityKey.ACCOUNTS, IdentityKey.BUDGETS
PAYMENTS, STOCK = IdentityKey.PAYMENTS, IdentityKey.STOCK


def gateway_payment(session: Session, order: str, amount: int) -> GatewayPayment:
    payment = GatewayPayment(
        reference=order.rpartition("-")[0],
        attempt=1,
        amount=amount,
        status=GatewayPaymentStatus.SETTLED,
        idempotency_key=f"pay {order}",
        created_at=NOON,
        expires_at=NOON,
        settled_at=NOON,
    )
    with transaction(session):
        session.add(payment)
    return payment


def refund_by_hand(session: Session, payment: GatewayPayment, amount: int) -> None:
    """Made at the gateway; nobody has said yet whose it is."""
    with transaction(session):
        session.add(
            GatewayRefund(
                payment_id=payment.id,
                origin=RefundOrigin.GATEWAY,
                reference=payment.reference,
                cause="seen re_1",
                amount=amount,
                status=RefundStatus.SUCCEEDED,
                idempotency_key="re_1",
                created_at=NOON,
                settled_at=NOON,
            )
        )


@pytest.fixture
def of(session: Session) -> Around:
    return around(session, years=(2026, 2027))


@pytest.fixture
def history(session: Session, of: Around) -> dict[str, str]:
    """Orders through many states, one number for each."""
    orders = {
        "submitted": placed_order(session, of),
        "approved": approved_order(session, of),
        "declined": approved_order(session, of),
        "partial": approved_order(session, of, quantities=[10]),
        "paid": received_order(session, of, approved_order(session, of, quantities=[2, 3])),
        "back": received_order(session, of, approved_order(session, of)),
        "personal": received_order(session, of, paid_order(session, of, quantities=[2])),
        "unpaid": placed_order(session, of, fund=found(session, paid_order_of(session, of)).fund),
    }
    with transaction(session):
        fulfilment.decline(session, of.seller, orders["declined"], reason="habis", now=NOON)
        fulfilment.accept(session, of.seller, orders["partial"], now=NOON)
        fulfilment.ship(session, of.seller, orders["partial"], pieces={1: 7}, now=NOON)
        fulfilment.receive(session, of.buyer, orders["partial"], pieces={1: 4}, now=NOON)
        pay(session, of.treasurer, orders["partial"], proof=proof(40_000), now=NOON)
        fulfilment.close_rest(session, of.seller, orders["partial"], now=NOON)
        pay(session, of.treasurer, orders["paid"], proof=proof(50_000, withheld=750), now=NOON)
        pay(session, of.treasurer, orders["back"], proof=proof(100_000), now=NOON)
        fulfilment.take_back(session, of.seller, orders["back"], pieces={1: 3}, now=NOON)
    gateway_payment(session, orders["personal"], 20_000)
    return orders


def paid_order_of(session: Session, of: Around) -> str:
    """A personal order that is paid and on its way, and known at the gateway."""
    number = paid_order(session, of, quantities=[1])
    gateway_payment(session, number, 10_000)
    return number


def identities(session: Session, *, now: datetime = NOON) -> dict[IdentityKey, Identity]:
    session.rollback()
    return {identity.key: identity for identity in reconcile(session, now=now)}


def tamper(session: Session, statement: str) -> None:
    with transaction(session):
        session.execute(text(statement))


def broken(session: Session, key: IdentityKey) -> list[str]:
    """The breaches of an identity, and that the others hold."""
    told = identities(session)
    assert all(identity.holds for other, identity in told.items() if other is not key)
    return [str(breach) for breach in told[key].breaches]


@pytest.mark.usefixtures("history")
def test_all_five_hold_after_whatever_happened(session: Session) -> None:
    told = identities(session)
    assert list(told) == [ORDERS, ACCOUNTS, BUDGETS, PAYMENTS, STOCK]
    assert [breach for identity in told.values() for breach in identity.breaches] == []


def test_they_hold_over_a_years_end(session: Session, of: Around) -> None:
    order = received_order(session, of, approved_order(session, of, quantities=[10]))
    january = instant_of(date(2027, 1, 4))
    with transaction(session):
        december = proof(60_000, on=date(2026, 12, 30))
        pay(session, of.treasurer, order, proof=december, now=january)
        this_year = proof(40_000, on=date(2027, 1, 4))
        pay(session, of.treasurer, order, proof=this_year, now=january)
    assert all(identity.holds for identity in identities(session, now=january).values())


def test_an_order_that_its_entries_do_not_bear_out_is_named(
    session: Session, history: dict[str, str]
) -> None:
    number = history["paid"]
    tamper(session, f"UPDATE orders SET accepted_amount = 49000 WHERE number = '{number}'")
    assert broken(session, ORDERS)[:2] == [
        f"{number} in the ledger: realised is 50000, should be 49000",
        f"{number} in its row: realised is 50000, should be 49000",
    ]


def test_entries_under_a_number_that_is_no_order_are_named(session: Session, of: Around) -> None:
    booked(session, of.agency.code, committed=5, order="P-NONE-1", kind=EntryKind.COMMIT)
    booked(session, of.agency.code, realised=5, order="BA/7", kind=EntryKind.ADJUST)
    assert broken(session, ORDERS) == [
        "P-NONE-1, which is no order: committed is 5, should be 0",
        "BA/7, which is no approved document: realised is 5, should be 0",
    ]


def test_an_approved_purchase_outside_the_store_agrees_with_its_entry(session: Session) -> None:
    Hands(session).approved()
    assert broken(session, ORDERS) == []


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE off_platform_purchases SET amount = 1300000", "realised is 1250000, should be"),
        ("UPDATE off_platform_purchases SET description = 'Lain'", "documents as sealed is 0"),
        ("UPDATE correction_evidence SET sha256 = 'ab'", "documents as sealed is 0"),
        ("UPDATE corrections SET reason = 'Lain'", "documents as sealed is 0"),
    ],
)
def test_a_document_that_was_changed_after_its_approval_is_named(
    session: Session, statement: str, told: str
) -> None:
    Hands(session).approved()
    tamper(session, statement)
    assert any(f"KOR/0001/1.02.01/2026: {told}" in each for each in broken(session, ORDERS))


@pytest.mark.usefixtures("history")
def test_an_account_whose_balance_is_not_its_entries_is_named(session: Session) -> None:
    tamper(session, "UPDATE quota_accounts SET realised_amount = 1 WHERE fund = 'personal'")
    assert broken(session, ACCOUNTS) == [
        "1.02.01 2026 personal micro: realised is 1, should be 20000"
    ]


@pytest.mark.usefixtures("history")
@pytest.mark.parametrize("counter", ["budget_years", "budget_lines"])
def test_a_budget_counter_that_is_not_its_orders_is_named(session: Session, counter: str) -> None:
    before = session.scalar(text(f"SELECT max(committed_amount) FROM {counter}"))
    tamper(
        session,
        f"UPDATE {counter} SET committed_amount = committed_amount + 1 WHERE committed_amount > 0",
    )
    (told,) = broken(session, BUDGETS)
    assert told.endswith(f"committed is {before + 1}, should be {before}")


def test_an_order_that_is_not_on_its_budget_is_named(
    session: Session, history: dict[str, str]
) -> None:
    number = history["approved"]
    for table in ("budget_years", "budget_lines"):
        tamper(
            session,
            f"UPDATE {table} SET committed_amount = committed_amount - 100000"
            " WHERE committed_amount > 0",
        )
    tamper(session, f"UPDATE orders SET budget_committed_amount = 0 WHERE number = '{number}'")
    assert broken(session, BUDGETS) == [f"{number} on its budget: committed is 0, should be 100000"]


def test_money_that_the_gateway_has_and_no_order_is_named(session: Session, of: Around) -> None:
    number = placed_order(session, of)
    gateway_payment(session, number, 7)
    assert broken(session, PAYMENTS) == [f"{number[:-2]}: paid is 0, should be 7"]


def test_an_order_that_is_paid_of_nothing_is_named(session: Session, of: Around) -> None:
    number = paid_order(session, of)
    assert broken(session, PAYMENTS) == [f"{number[:-2]}: paid is 100000, should be 0"]


def test_a_refund_made_at_the_gateway_waits_a_week_and_is_then_a_breach(
    session: Session, of: Around
) -> None:
    number = paid_order(session, of)
    refund_by_hand(session, gateway_payment(session, number, 100_000), 30_000)
    waiting = identities(session)[PAYMENTS]
    assert waiting.holds
    assert waiting.notes == (f"{number[:-2]}: a refund is not allocated yet",)
    overdue = identities(session, now=NOON + timedelta(days=7, seconds=1))[PAYMENTS]
    assert [str(b) for b in overdue.breaches] == [f"{number[:-2]}: paid is 100000, should be 70000"]


def test_stock_that_no_movement_explains_is_named(session: Session) -> None:
    variant_id = listed_variant(session, stock=10)
    tamper(session, "UPDATE stock SET quantity = 9")
    assert broken(session, STOCK) == [f"variant {variant_id} at shop: stock is 9, should be 10"]


def test_pieces_taken_that_no_order_holds_are_named(session: Session, of: Around) -> None:
    variant_id = listed_variant(session, seller=of.shop, stock=10)
    placed_order(session, of, quantities=[4], variants=[variant_id])
    tamper(session, "UPDATE orders SET holds_stock = false")
    assert broken(session, STOCK) == [f"variant {variant_id} at shop: taken is 4, should be 0"]


def test_the_command_prints_the_five_and_fails_with_every_breach(
    app: Flask, session: Session, history: dict[str, str]
) -> None:
    told = app.test_cli_runner().invoke(args=["ledger", "reconcile"])
    assert told.exit_code == 0, told.output
    assert told.output.count("holds  ") == 5
    assert told.output.endswith("All 5 identities hold.\n")
    for number in (history["paid"], history["approved"]):
        tamper(session, f"UPDATE orders SET agreed_amount = 1 WHERE number = '{number}'")
    told = app.test_cli_runner().invoke(args=["ledger", "reconcile"])
    assert told.exit_code == 1
    assert history["approved"] in told.output
    assert "BROKEN  each order's entries sum to its C and R" in told.output


def test_more_orders_are_no_more_questions(
    session: Session, of: Around, count_selects: CountSelects
) -> None:
    received_order(session, of, approved_order(session, of))
    identities(session)
    with count_selects() as before:
        identities(session)
    for _ in range(3):
        received_order(session, of, approved_order(session, of))
    with count_selects() as after:
        identities(session)
    assert len(after) == len(before)
