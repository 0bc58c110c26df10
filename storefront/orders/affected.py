"""Which official orders a late record touches: looked for once, by the worker, when it is told.

An order is compared with the account that holds it, not with what it froze: what was moved already
is not found again. Own money is not looked for at all; see `moving.py`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from storefront.agencies.placements import spans_of
from storefront.core.calendar import city_day, instant_of
from storefront.core.permissions import PersonId
from storefront.orders.correction_models import AffectedOrder, LateKind, LateRecord
from storefront.orders.likeness import OVER
from storefront.orders.models import Order, OrderId
from storefront.quota.models import Fund
from storefront.quota.moves import Attribution, held_by, holder_of
from storefront.quota.periods import books_as_seen
from storefront.sellers.classes import words_on
from storefront.sellers.models import SellerClass, SellerId

CHUNK = 500
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Late:
    """What was recorded late: of a person's placements, or of a shop's class; which days."""

    person_id: PersonId | None = None
    seller_id: SellerId | None = None
    first_day: date
    last_day: date

    @property
    def kind(self) -> LateKind:
        return LateKind.PLACEMENT if self.person_id is not None else LateKind.SELLER_CLASS


def late_told(payload: Mapping[str, str | int]) -> Late:
    """What `placement_recorded_late` and `class_recorded_late` tell."""
    person, seller = payload.get("person"), payload.get("seller")
    return Late(
        person_id=PersonId(str(person)) if person is not None else None,
        seller_id=SellerId(int(seller)) if seller is not None else None,
        first_day=date.fromisoformat(str(payload["from"])),
        last_day=date.fromisoformat(str(payload["to"])),
    )


Expected = Callable[[date, Attribution], Attribution]
"""Where an order of a day belongs by what is recorded now, given where it is held."""


def note_late(session: Session, late: Late, *, now: datetime) -> int:
    """Keep the record, and find the official orders that it touches; how many stand elsewhere.

    Told twice it finds the same. Orders whose amounts all stand in closed years are left alone.
    """
    session.add(
        LateRecord(
            kind=late.kind,
            person_id=late.person_id,
            seller_id=late.seller_id,
            first_day=late.first_day,
            last_day=late.last_day,
            recorded_at=now,
        )
    )
    expected = expectation(session, late)
    return sum(
        _compare(session, late, orders, expected, now)
        for orders in chunks_of(session, late, Fund.OFFICIAL)
    )


def expectation(session: Session, late: Late) -> Expected:
    """How to tell where an order of the person, or from the shop, belongs.

    With several placements on a day any of them is right; where none is, the definitive one is
    expected. Where nobody is placed on a day, nothing can be said: it stays where it is.
    """
    if late.person_id is not None:
        spans = spans_of(session, late.person_id)

        def by_placement(day: date, holder: Attribution) -> Attribution:
            codes = [span.agency_code for span in spans if span.covers(day)]
            if not codes or holder.agency_code in codes:
                return holder
            return Attribution(codes[0], holder.seller_class)

        return by_placement
    if late.seller_id is None:
        raise ValueError("of a person or of a shop")
    words = words_on(session, late.seller_id)

    def by_class(day: date, holder: Attribution) -> Attribution:
        word = next((word for word in words if word.holds_on(day)), None)
        return Attribution(holder.agency_code, word.seller_class if word else SellerClass.OTHER)

    return by_class


def chunks_of(session: Session, late: Late, fund: Fund) -> Iterator[Sequence[Order]]:
    """The orders submitted in those days, by rising ids, so many at a time."""
    of_whom: ColumnElement[bool] = (
        Order.buyer_id == late.person_id
        if late.person_id is not None
        else Order.seller_id == late.seller_id
    )
    query = (
        select(Order)
        .where(
            of_whom,
            Order.fund == fund,
            Order.placed_at >= instant_of(late.first_day),
            Order.placed_at < instant_of(late.last_day + ONE_DAY),
        )
        .order_by(Order.id)
        .limit(CHUNK)
    )
    after = OrderId(0)
    while orders := session.scalars(query.where(Order.id > after)).all():
        yield orders
        after = orders[-1].id


def _compare(
    session: Session, late: Late, orders: Sequence[Order], expected: Expected, now: datetime
) -> int:
    books = books_as_seen(session)
    held = held_by(session, [order.number for order in orders])
    known = _known(session, orders)
    found = 0
    for order in orders:
        amounts = held.get(order.number, {})
        is_open = any(
            each for key, each in amounts.items() if not books.has_closed(key.fiscal_year)
        )
        if not is_open and (order.status in OVER or any(amounts.values())):
            continue
        holder = holder_of(amounts, Attribution(order.agency_code, order.seller_class))
        row, due = known.get(order.id), expected(city_day(order.placed_at), holder)
        to = _with_what_was_known(late, due, row, holder)
        found += _keep(session, order, row, holder, to, now)
    session.flush()
    return found


def _keep(
    session: Session,
    order: Order,
    row: AffectedOrder | None,
    holder: Attribution,
    to: Attribution,
    now: datetime,
) -> bool:
    """Bring an order's row in line with what is recorded now; whether it stands elsewhere."""
    if to == holder:
        if row is not None and row.correction_id is None:
            session.delete(row)
        return False
    if row is None:
        row = AffectedOrder(order_id=order.id, found_at=now)
        session.add(row)
    before = (row.to_agency_code, row.to_class)
    row.to_agency_code = to.agency_code if to.agency_code != holder.agency_code else None
    row.to_class = to.seller_class if to.seller_class is not holder.seller_class else None
    if before != (row.to_agency_code, row.to_class):
        row.refused_id = None  # what was refused was another move
    return True


def _with_what_was_known(
    late: Late, due: Attribution, row: AffectedOrder | None, holder: Attribution
) -> Attribution:
    """A record says one thing of an order, its agency or its class; the other stays as found."""
    if row is None:
        return due
    if late.kind is LateKind.PLACEMENT:
        return Attribution(due.agency_code, row.to_class or holder.seller_class)
    return Attribution(row.to_agency_code or holder.agency_code, due.seller_class)


def _known(session: Session, orders: Iterable[Order]) -> dict[OrderId, AffectedOrder]:
    query = select(AffectedOrder).where(AffectedOrder.order_id.in_([order.id for order in orders]))
    return {row.order_id: row for row in session.scalars(query.with_for_update())}
