"""What a shop may be promised of official money in a month."""

import pytest
from sqlalchemy.orm import Session

from storefront.core.database import transaction
from storefront.sellers import caps
from storefront.sellers.caps import NO_CAP, CapReached, promised_in
from storefront.sellers.models import Seller
from tests.factories import shop

CAP = 30_000_000
MONTH = "2026-11"


@pytest.fixture
def seller(session: Session) -> Seller:
    return shop(session, "Dapur Bu Euis")


def changed(session: Session, seller: Seller, change: int, cap: int = CAP) -> int:
    with transaction(session):
        caps.change(session, seller_id=seller.id, month=MONTH, change=change, cap_amount=cap)
    return promised_in(session, seller.id, MONTH)


def test_the_last_rupiah_under_the_cap_is_given(session: Session, seller: Seller) -> None:
    changed(session, seller, CAP - 1)
    assert changed(session, seller, 1) == CAP


def test_a_rupiah_more_is_refused_and_said_by_how_much(session: Session, seller: Seller) -> None:
    changed(session, seller, 25_000_000)
    with pytest.raises(CapReached) as refusal:
        changed(session, seller, 5_000_001)
    assert refusal.value.details == {
        "name": "Dapur Bu Euis",
        "over_amount": 1,
        "left_amount": 5_000_000,
    }
    assert promised_in(session, seller.id, MONTH) == 25_000_000


def test_the_first_order_of_a_month_can_be_too_much(session: Session, seller: Seller) -> None:
    with pytest.raises(CapReached):
        changed(session, seller, CAP + 1)


def test_without_a_cap_nothing_is_refused(session: Session, seller: Seller) -> None:
    assert changed(session, seller, 10 * CAP, cap=NO_CAP) == 10 * CAP


def test_a_fall_passes_also_above_a_cap_that_was_lowered(session: Session, seller: Seller) -> None:
    changed(session, seller, CAP)
    assert changed(session, seller, -1_000_000, cap=1) == CAP - 1_000_000


def test_another_month_is_free(session: Session, seller: Seller) -> None:
    changed(session, seller, CAP)
    assert promised_in(session, seller.id, "2026-12") == 0


def test_nothing_opens_no_month(session: Session, seller: Seller) -> None:
    assert changed(session, seller, 0) == 0
