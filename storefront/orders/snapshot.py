"""What is frozen of an order, as one canonical text, and its SHA-256 (docs/attribution.md).

The ledger seals this digest with each entry, so a changed order shows. Of a personal order no
name, NIP or address is in it: they may be erased, and the digest must still be computable.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from hashlib import sha256

from storefront.orders.models import Order, OrderLine, OrderPeople
from storefront.quota.models import Fund

ORDER_COLUMNS = (
    "number", "fund", "channel", "outlet_code", "is_practice",
    "buyer_id", "agency_id", "agency_code", "agency_name", "parent_agency_code",
    "seller_id", "seller_name", "seller_class", "seller_class_evidence", "seller_nib",
    "seller_npwp", "goods_amount", "tax_amount", "delivery_amount", "total_amount", "quota_amount",
    "budget_amount", "activity_code", "expense_account", "delivery", "placed_at",
    "rule_version",
)  # fmt: skip
PEOPLE_COLUMNS = ("buyer_nip", "buyer_name", "buyer_position")
LINE_COLUMNS = (
    "position", "sku", "product_name", "variant_name", "category_path", "unit", "picture_key",
    "quantity", "unit_price_amount", "line_amount", "tax_amount",
)  # fmt: skip

Plain = str | int | bool | None


def snapshot(
    order: Order, people: OrderPeople, lines: Sequence[OrderLine]
) -> Mapping[str, Plain | list[dict[str, Plain]]]:
    """The frozen values of an order, by the names of their columns."""
    named = {name: _plain(getattr(order, name)) for name in ORDER_COLUMNS}
    if order.fund is Fund.OFFICIAL:
        named |= {name: _plain(getattr(people, name)) for name in PEOPLE_COLUMNS}
    rows = [
        {name: _plain(getattr(line, name)) for name in LINE_COLUMNS}
        for line in sorted(lines, key=lambda line: line.position)
    ]
    return {**named, "lines": rows}


def snapshot_sha256(order: Order, people: OrderPeople, lines: Sequence[OrderLine]) -> str:
    """The digest over the snapshot's JSON: sorted keys, no spaces, UTF-8."""
    text = json.dumps(
        snapshot(order, people, lines), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return sha256(text.encode()).hexdigest()


def _plain(value: object) -> Plain:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, bool | int):
        return value
    return str(value)
