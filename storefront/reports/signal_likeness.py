"""What raises a signal by comparison: contacts that buyer and seller share, prices beside others'.

Of a shared contact only the kind is kept, never the number or address itself.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from storefront.accounts.models import Address, PersonDetails
from storefront.agencies.models import Placement
from storefront.core.calendar import city_day, fiscal_year, instant_of
from storefront.core.permissions import PersonId
from storefront.core.text import words
from storefront.orders.models import Order, OrderLine
from storefront.quota.models import Fund
from storefront.reports.signal_finders import LIVE, MOST_ORDERS, THOUSAND, Raised
from storefront.reports.signal_models import SignalKind
from storefront.reports.signal_thresholds import Threshold
from storefront.sellers.models import Seller, ShopStaff

PHONE, EMAIL, ADDRESS = "phone", "email", "address"
SHORTEST_PHONE = 8
SHORTEST_ADDRESS = 12
LEAST_SELLERS = 3
"""Fewer sellers than this are no market to compare with."""
MOST_MATCHES = 2_000

Contact = tuple[str, str]


def phone_key(phone: str) -> str:
    """A telephone number however it is written: `+62 812-345` and `0812345` are one."""
    digits = re.sub(r"\D", "", phone)
    return "0" + digits[2:] if digits.startswith("62") else digits


def address_key(address: str) -> str:
    """An address by its letters and digits; the usual short forms are one."""
    words = re.findall(r"[a-z0-9]+", address.lower())
    return "".join(word for word in words if word not in {"jl", "jalan", "no", "nomor"})


def contacts(phone: str = "", email: str | None = None, address: str = "") -> Iterator[Contact]:
    """What of somebody's contacts can be compared: kind and key."""
    if len(key := phone_key(phone)) >= SHORTEST_PHONE:
        yield PHONE, key
    if email:
        yield EMAIL, email.lower()
    if len(key := address_key(address)) >= SHORTEST_ADDRESS:
        yield ADDRESS, key


def shared_contacts(session: Session, threshold: Threshold, *, first_year: int) -> Iterator[Raised]:
    """Official orders whose buyer or approver shares a contact with the shop or its people."""
    sellers = _contacts_of_sellers(session)
    found: dict[tuple[PersonId, int], set[str]] = defaultdict(set)
    for person_id, contact in _contacts_of_staff(session):
        for seller_id in sellers.get(contact, ()):
            found[person_id, seller_id].add(contact[0])
        if len(found) > MOST_MATCHES:
            break
    since = instant_of(date(first_year, 1, 1))
    for (person_id, seller_id), kinds in sorted(found.items()):
        query = (
            select(Order)
            .where(
                Order.seller_id == seller_id,
                Order.fund == Fund.OFFICIAL,
                Order.is_practice.is_(False),
                Order.placed_at >= since,
                Order.status.in_(LIVE),
                or_(Order.buyer_id == person_id, Order.approved_by == person_id),
            )
            .order_by(Order.id.desc())
            .limit(MOST_ORDERS)
        )
        orders = list(session.scalars(query))
        by_agency: dict[str, list[Order]] = defaultdict(list)
        for order in orders:
            by_agency[order.agency_code].append(order)
        for code, of_agency in by_agency.items():
            total = sum(order.total_amount for order in of_agency)
            if total >= threshold.amount:
                yield _shared(code, person_id, of_agency, kinds, total)


def _shared(
    code: str, person_id: PersonId, orders: list[Order], kinds: set[str], total: int
) -> Raised:
    last = orders[0]
    is_buyer = any(order.buyer_id == person_id for order in orders)
    return Raised(
        kind=SignalKind.CONTACT,
        identity=f"{code}:{last.seller_id}:{person_id}",
        agency_code=code,
        seller_id=last.seller_id,
        year=fiscal_year(city_day(last.placed_at)),
        facts={
            "seller": last.seller_name,
            "side": "buyer" if is_buyer else "approver",
            "what": sorted(kinds),
            "count": len(orders),
            "sum_amount": total,
        },
        orders=tuple(order.number for order in orders),
        weight=total,
    )


def _contacts_of_sellers(session: Session) -> Mapping[Contact, set[int]]:
    """Shops by their contacts, and by those of who acts for them."""
    found: dict[Contact, set[int]] = defaultdict(set)
    shops = select(Seller.id, Seller.phone, Seller.email, Seller.address)
    for seller_id, phone, email, address in session.execute(shops):
        for contact in contacts(phone, email, address):
            found[contact].add(seller_id)
    staff = (
        select(ShopStaff.seller_id, PersonDetails.phone, PersonDetails.email)
        .join(PersonDetails, PersonDetails.person_id == ShopStaff.person_id)
        .where(ShopStaff.ended_at.is_(None))
    )
    for row in session.execute(staff):
        for contact in contacts(row.phone, row.email):
            found[contact].add(row.seller_id)
    return found


def _contacts_of_staff(session: Session) -> Iterator[tuple[PersonId, Contact]]:
    """The contacts of all who are or were placed in an agency, streamed."""
    placed = select(Placement.person_id)
    people = (
        select(PersonDetails.person_id, PersonDetails.phone, PersonDetails.email)
        .where(PersonDetails.person_id.in_(placed))
        .order_by(PersonDetails.person_id)
    )
    for row in session.execute(people).all():
        for contact in contacts(row.phone, row.email):
            yield row.person_id, contact
    homes = (
        select(Address.person_id, Address.text)
        .where(Address.person_id.in_(placed))
        .order_by(Address.id)
    )
    for person_id, home in session.execute(homes).all():
        for contact in contacts(address=home):
            yield person_id, contact


class _Group(NamedTuple):
    """What is compared with each other: a printer is no peer of the pens in its category."""

    category: str
    unit: str
    kind: str
    """The first word of the product's name."""


def high_prices(
    session: Session, threshold: Threshold, *, first_year: int, last_year: int
) -> Iterator[Raised]:
    """Goods bought at a unit price far above the median of their like, by year.

    Alike is what has category, unit and the first word of its name in common.
    """
    for year in range(first_year, last_year + 1):
        medians = _medians(session, year, threshold.least)
        for row in _bought(session, year):
            known = medians.get(_group(row.category_path, row.unit, row.product_name))
            if known is None or row.price * THOUSAND < known.median * threshold.permille:
                continue
            over = (row.price - known.median) * row.pieces
            if over >= threshold.amount:
                yield _high_price(session, year, row, known, int(over))


def _high_price(session: Session, year: int, row: Any, known: "_Median", over: int) -> Raised:
    query = (
        select(Order.number)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .where(
            *_of_year(year),
            Order.agency_code == row.agency_code,
            OrderLine.variant_id == row.variant_id,
            OrderLine.unit_price_amount == row.price,
        )
        .order_by(Order.id.desc())
        .limit(MOST_ORDERS)
    )
    return Raised(
        kind=SignalKind.PRICE,
        identity=f"{year}:{row.agency_code}:{row.variant_id}:{row.price}",
        agency_code=row.agency_code,
        seller_id=row.seller_id,
        year=year,
        facts={
            "seller": row.seller_name,
            "product": row.product_name,
            "unit": row.unit,
            "price_amount": row.price,
            "median_amount": known.median,
            "permille": row.price * THOUSAND // known.median,
            "lines": known.lines,
            "sellers": known.sellers,
            "over_amount": over,
        },
        orders=tuple(session.scalars(query)),
        weight=over,
    )


class _Median(NamedTuple):
    median: int
    lines: int
    sellers: int


def _of_year(year: int) -> tuple[Any, ...]:
    return (
        Order.fund == Fund.OFFICIAL,
        Order.is_practice.is_(False),
        Order.status.in_(LIVE),
        Order.placed_at >= instant_of(date(year, 1, 1)),
        Order.placed_at < instant_of(date(year + 1, 1, 1)),
    )


def _group(category: str, unit: str, product_name: str) -> _Group:
    return _Group(category, unit, next(iter(words(product_name)), ""))


def _medians(session: Session, year: int, least: int) -> Mapping[_Group, _Median]:
    """The middle line's price of each group with enough lines and sellers."""
    price, name = OrderLine.unit_price_amount, OrderLine.product_name
    group = (OrderLine.category_path, OrderLine.unit, name, price, Order.seller_id)
    lines = (
        select(*group, func.count())
        .join(Order, Order.id == OrderLine.order_id)
        .where(*_of_year(year))
        .group_by(*group)
        .order_by(price)
    )
    prices: dict[_Group, list[tuple[int, int]]] = defaultdict(list)
    sellers: dict[_Group, set[int]] = defaultdict(set)
    for category, unit, product_name, amount, seller_id, count in session.execute(lines):
        key = _group(category, unit, product_name)
        prices[key].append((amount, count))
        sellers[key].add(seller_id)
    found = {}
    for key, paid in prices.items():
        total = sum(count for _, count in paid)
        if total >= least and len(sellers[key]) >= LEAST_SELLERS:
            found[key] = _Median(_middle(paid, total), total, len(sellers[key]))
    return found


def _middle(prices: list[tuple[int, int]], total: int) -> int:
    """The lower median of prices in order, each with how often it was paid."""
    passed = 0
    for amount, count in prices:
        passed += count
        if 2 * passed >= total:
            return amount
    raise ValueError("no prices")


def _bought(session: Session, year: int) -> Iterator[Any]:
    price = OrderLine.unit_price_amount
    query = (
        select(
            OrderLine.category_path,
            OrderLine.unit,
            OrderLine.variant_id,
            price.label("price"),
            func.min(OrderLine.product_name).label("product_name"),
            func.sum(OrderLine.quantity - OrderLine.cancelled_quantity).label("pieces"),
            Order.agency_code,
            Order.seller_id,
            func.min(Order.seller_name).label("seller_name"),
        )
        .join(Order, Order.id == OrderLine.order_id)
        .where(*_of_year(year))
        .group_by(
            OrderLine.category_path, OrderLine.unit, OrderLine.variant_id, price,
            Order.agency_code, Order.seller_id,
        )
        .order_by(Order.agency_code, OrderLine.variant_id, price, OrderLine.unit)
    )  # fmt: skip
    yield from session.execute(query).all()
