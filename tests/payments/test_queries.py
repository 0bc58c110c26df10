"""Gateway money added up for reconciliation."""

import pytest
from sqlalchemy.orm import Session

from storefront.core.database import transaction
from storefront.payments.models import RefundStatus
from storefront.payments.queries import balances, paid_total
from storefront.payments.refunds import record_refund_seen
from tests.conftest import CountSelects
from tests.payments.conftest import NOON
from tests.payments.made import open_attempt, seen, settled


def test_settled_less_refunded_is_what_a_purchase_paid(session: Session) -> None:
    payment = settled(session, reference="P-A", amount=15_000)
    settled(session, reference="P-B", amount=20_000)
    open_attempt(session, reference="P-C", amount=30_000)
    with transaction(session):
        for refund_id, amount, status in (
            ("re_1", 4_000, RefundStatus.SUCCEEDED),
            ("re_2", 1_000, RefundStatus.PENDING),
        ):
            state = seen(refund_id=refund_id, amount=amount, status=status)
            record_refund_seen(session, payment=payment, state=state, now=NOON)
    found = {b.reference: (b.settled_amount, b.refunded_amount) for b in balances(session)}
    assert found == {"P-A": (15_000, 4_000), "P-B": (20_000, 0)}
    assert [paid_total(session, number) for number in ("P-A", "P-B", "P-C")] == [11_000, 20_000, 0]


@pytest.mark.parametrize(("after", "limit", "expected"), [("", 2, ["A", "B"]), ("B", 2, ["C"])])
def test_balances_are_read_in_pages_by_number(
    session: Session, count_selects: CountSelects, after: str, limit: int, expected: list[str]
) -> None:
    for reference in "ABC":
        settled(session, reference=reference)
    with count_selects() as selects:
        found = balances(session, after=after, limit=limit)
    assert [balance.reference for balance in found] == expected
    assert len(selects) == 1
