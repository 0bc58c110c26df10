"""The digest of what is frozen: the same ever, and different for every change."""

import json
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from storefront.orders.checkout_request import CheckoutRequest
from storefront.orders.models import Order
from storefront.orders.snapshot import LINE_COLUMNS, ORDER_COLUMNS, snapshot, snapshot_sha256
from tests.factories import NOON, listed_variant
from tests.orders.checkouts import OFFICIAL, OWN, buyer


def frozen(session: Session, wanted: CheckoutRequest) -> Order:
    """An order as it comes back from the database."""
    someone = buyer(session)
    someone.gathers((listed_variant(session, name="Kopi “Manglayang” ☕"), 2))
    purchase = someone.places(wanted, now=NOON)
    session.expire_all()
    query = (
        select(Order)
        .filter_by(purchase_id=purchase.id)
        .options(selectinload(Order.lines), selectinload(Order.people))
    )
    return session.scalars(query).one()


@pytest.mark.parametrize("wanted", [OWN, OFFICIAL], ids=["personal", "official"])
def test_the_digest_is_computed_again_from_the_rows(
    session: Session, wanted: CheckoutRequest
) -> None:
    order = frozen(session, wanted)
    assert snapshot_sha256(order, order.people, order.lines) == order.snapshot_sha256


def test_the_digest_is_over_plain_canonical_json(session: Session) -> None:
    order = frozen(session, OFFICIAL)
    told = snapshot(order, order.people, order.lines)
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert sha256(text.encode()).hexdigest() == order.snapshot_sha256
    assert "Kopi “Manglayang” ☕" in text


def test_an_official_order_names_its_buyer(session: Session) -> None:
    order = frozen(session, OFFICIAL)
    told = snapshot(order, order.people, order.lines)
    assert (told["buyer_name"], told["buyer_nip"]) == (
        order.people.buyer_name,
        order.people.buyer_nip,
    )


def test_a_personal_order_holds_nothing_that_may_be_erased(session: Session) -> None:
    order = frozen(session, OWN)
    people = order.people
    text = json.dumps(snapshot(order, people, order.lines), ensure_ascii=False)
    assert not [
        word for word in (people.buyer_name, people.buyer_nip, people.address) if word in text
    ]


def test_erasing_the_buyer_of_a_personal_order_leaves_its_digest(session: Session) -> None:
    order = frozen(session, OWN)
    order.people.buyer_name = order.people.buyer_nip = order.people.address = ""
    assert snapshot_sha256(order, order.people, order.lines) == order.snapshot_sha256


@pytest.mark.parametrize("column", [name for name in ORDER_COLUMNS if name.endswith("_amount")])
def test_every_amount_is_in_the_digest(session: Session, column: str) -> None:
    order = frozen(session, OFFICIAL)
    setattr(order, column, getattr(order, column) + 1)
    with session.no_autoflush:
        assert snapshot_sha256(order, order.people, order.lines) != order.snapshot_sha256


@pytest.mark.parametrize("column", ["quantity", "unit_price_amount", "product_name", "sku"])
def test_every_line_is_in_the_digest(session: Session, column: str) -> None:
    assert column in LINE_COLUMNS
    order = frozen(session, OFFICIAL)
    [line] = order.lines
    setattr(line, column, getattr(line, column) * 2)
    with session.no_autoflush:
        assert snapshot_sha256(order, order.people, order.lines) != order.snapshot_sha256


def test_an_instant_is_written_in_utc_with_six_decimals(session: Session) -> None:
    order = frozen(session, OWN)
    order.placed_at = datetime(2026, 11, 12, 5, 0, 0, 7, tzinfo=UTC)
    with session.no_autoflush:
        told = snapshot(order, order.people, order.lines)
    assert told["placed_at"] == "2026-11-12T05:00:00.000007Z"
