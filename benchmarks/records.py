"""Order lines to export: rows as the store leaves them behind, put in by the thousand.

What the export reads is all there, ledger and log included; seals and digests are made up.
"""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from storefront.core.database import Base, transaction
from storefront.orders.models import (
    Cart,
    Channel,
    Delivery,
    FulfilmentStatus,
    Order,
    OrderLine,
    OrderPeople,
    OrderStatus,
    PaymentMethod,
    PaymentStatus,
    Purchase,
)
from storefront.quota.models import (
    EntryKind,
    Fund,
    LedgerEntry,
    LogLine,
    Mark,
    MarkName,
    QuotaAccount,
)
from storefront.sellers.models import SellerClass
from tests.factories import (
    CONFIRMER,
    HEALTH,
    IMPORTER,
    NOON,
    SNAPSHOT,
    agency,
    listed_variant,
    placed,
    shop,
)

LINES_OF_AN_ORDER = 2
BATCH = 2_000
PRICE = 15_000
AMOUNT = LINES_OF_AN_ORDER * PRICE
Values = dict[str, Any]


def fill(session: Session, lines: int) -> None:
    """Completed official orders of two lines each, with a commitment and a realisation."""
    same = _what_all_share(session)
    orders = range(1, lines // LINES_OF_AN_ORDER + 1)
    with transaction(session):
        _insert(session, Purchase, (_purchase(n, same) for n in orders))
        _insert(session, Order, (_order(n, same) for n in orders))
        _insert(session, OrderPeople, (_people(n) for n in orders))
        _insert(session, OrderLine, (line for n in orders for line in _lines(n, same)))
        _insert(session, LedgerEntry, (entry for n in orders for entry in _entries(n, same)))
        entries = range(1, 2 * len(orders) + 1)
        _insert(session, LogLine, ({"position": n, "entry_id": n} for n in entries))
        size = update(Mark).where(Mark.name == MarkName.LOG_SIZE)
        session.execute(size.values(value=len(entries)))


def _what_all_share(session: Session) -> Values:
    at = agency(session)
    placement = placed(session, at)
    seller = shop(session)
    variant_id = listed_variant(session, seller=seller, price=PRICE)
    cart = Cart(person_id=placement.person_id, changed_at=NOON)
    account = QuotaAccount(
        agency_code=HEALTH.agency_code,
        fiscal_year=HEALTH.fiscal_year,
        fund=HEALTH.fund,
        seller_class=HEALTH.seller_class,
    )
    with transaction(session):
        session.add_all([cart, account])
    return {
        "agency": at,
        "placement": placement,
        "seller": seller,
        "variant_id": variant_id,
        "cart_id": cart.id,
        "account_id": account.id,
    }


def _insert(session: Session, table: type[Base], rows: Iterator[Values]) -> None:
    while batch := list(islice(rows, BATCH)):
        session.execute(insert(table), batch)


def _purchase(number: int, same: Mapping[str, Any]) -> Values:
    return {
        "id": number,
        "number": f"B{number:09}",
        "buyer_id": same["placement"].person_id,
        "cart_id": same["cart_id"],
        "cart_revision": number,
        "fund": Fund.OFFICIAL,
        "total_amount": AMOUNT,
        "placed_at": NOON,
    }


def _order(number: int, same: Mapping[str, Any]) -> Values:
    at, seller, placement = same["agency"], same["seller"], same["placement"]
    return {
        "id": number,
        "number": _order_number(number),
        "purchase_id": number,
        "position": 1,
        "fund": Fund.OFFICIAL,
        "channel": Channel.ONLINE,
        "status": OrderStatus.COMPLETED,
        "payment_status": PaymentStatus.PAID,
        "fulfilment_status": FulfilmentStatus.RECEIVED,
        "payment_method": PaymentMethod.LS,
        "buyer_id": placement.person_id,
        "placement_id": placement.id,
        "agency_id": at.id,
        "agency_code": at.code,
        "agency_name": at.name,
        "seller_id": seller.id,
        "seller_name": seller.name,
        "seller_class": SellerClass.MICRO,
        "seller_class_evidence": "OSS 1",
        "seller_nib": seller.nib,
        "seller_npwp": seller.npwp,
        "goods_amount": AMOUNT,
        "tax_amount": 0,
        "delivery_amount": 0,
        "total_amount": AMOUNT,
        "quota_amount": AMOUNT,
        "budget_amount": AMOUNT,
        "agreed_amount": AMOUNT,
        "accepted_amount": AMOUNT,
        "paid_amount": AMOUNT,
        "realised_amount": AMOUNT,
        "budget_year": HEALTH.fiscal_year,
        "activity_code": "1.02.02.2.02",
        "expense_account": "5.1.02.01.01.0052",
        "approved_by": CONFIRMER,
        "approved_by_name": "Deni Anggara",
        "approved_at": NOON,
        "delivery": Delivery.OFFICE,
        "placed_at": NOON,
        "received_at": NOON,
        "paid_at": NOON,
        "snapshot_sha256": SNAPSHOT,
        "rule_version": 1,
    }


def _people(number: int) -> Values:
    return {
        "order_id": number,
        "buyer_nip": "198703122010011001",
        "buyer_name": "Rina Amelia",
        "buyer_position": "Perencana Ahli Muda",
        "address": "Jl. Supratman No. 1, Bandung",
    }


def _lines(number: int, same: Mapping[str, Any]) -> Iterator[Values]:
    for position in range(1, LINES_OF_AN_ORDER + 1):
        yield {
            "order_id": number,
            "position": position,
            "variant_id": same["variant_id"],
            "place": "shop",
            "is_counted": True,
            "sku": f"KOPI-{position}",
            "product_name": f"Kopi Arabika Manglayang {number}",
            "product_slug": "kopi-1",
            "variant_name": "200 g",
            "category_path": "kuliner/kopi-bubuk/",
            "unit": "bungkus",
            "quantity": 1,
            "unit_price_amount": PRICE,
            "line_amount": PRICE,
            "tax_amount": 0,
        }


def _entries(number: int, same: Mapping[str, Any]) -> Iterator[Values]:
    """In the order of their ids: the commitment of an order, then its realisation."""
    before = (number - 1) * AMOUNT
    steps = (
        (EntryKind.COMMIT, AMOUNT, 0, AMOUNT, before),
        (EntryKind.REALISE, -AMOUNT, AMOUNT, 0, before + AMOUNT),
    )
    for step, (kind, committed, realised, committed_after, realised_after) in enumerate(steps):
        id_ = 2 * number - 1 + step
        yield {
            "id": id_,
            "account_id": same["account_id"],
            "account_seq": id_,
            "kind": kind,
            "committed_change": committed,
            "realised_change": realised,
            "committed_after": committed_after,
            "realised_after": realised_after,
            "reference": _order_number(number),
            "cause": f"{kind.value} {number}",
            "occurred_on": NOON.date(),
            "period": f"{NOON:%Y-%m}",
            "recorded_at": NOON,
            "recorded_by": IMPORTER,
            "reason": "rapat",
            "rule_version": 1,
            "snapshot_sha256": SNAPSHOT,
            "salt": bytes(16),
            "seal": f"{id_:064x}",
        }


def _order_number(number: int) -> str:
    return f"B{number:09}-1"
