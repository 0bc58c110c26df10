"""What seller and buyer do with the goods: take the order on, send, receive, give up, take back."""

from collections.abc import Callable, Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from storefront.core.calendar import city_day
from storefront.core.errors import N_, DomainError
from storefront.core.numbering import next_number
from storefront.core.permissions import Actor
from storefront.orders import effects
from storefront.orders.lifecycle import apply, locked
from storefront.orders.models import Order, OrderLine
from storefront.orders.transitions import check
from storefront.orders.words import Event
from storefront.quota.models import Fund

Pieces = Mapping[int, int]
"""How many of each line, by the line's position."""

BAST = "bast"
MOST_TRACKING = 200


class MoreThanLeft(DomainError):
    """Of `product_name` only `left` pieces can still be sent, received or taken back."""

    code = "more_than_left"
    message = N_("%(product_name)s: isi 0 sampai %(left)s.")
    field = "quantity"


class NoPieces(DomainError):
    code = "no_pieces"
    message = N_("Tidak ada barang yang dapat dicatat. Isi jumlahnya sedikitnya satu.")
    field = "quantity"


class TrackingTooLong(DomainError):
    code = "tracking_too_long"
    message = N_("Keterangan pengiriman paling panjang %(most)s huruf.")
    field = "tracking"


def accept(
    session: Session, actor: Actor, number: str, *, reason: str = "", now: datetime
) -> Order:
    """The seller takes an order on; `reason` is a word to the buyer. Returns the order.

    This and the other verbs raise `NotFound`, and what `lifecycle.apply` raises.
    """
    order = locked(session, actor, number)
    apply(session, actor, order, Event.ACCEPT, reason=reason, now=now)
    return order


def decline(session: Session, actor: Actor, number: str, *, reason: str, now: datetime) -> Order:
    """The seller cannot do it, and says why: stock goes back, and what was paid is due back."""
    order = locked(session, actor, number)
    apply(session, actor, order, Event.DECLINE, reason=reason, now=now)
    return order


def cancel(
    session: Session, actor: Actor, number: str, *, reason: str = "", now: datetime
) -> Order:
    """The buyer gives an order up before it is shipped: stock goes back, what was paid is due back.

    While its payment is under way at the gateway its stock stays held until that has ended.
    """
    order = locked(session, actor, number)
    apply(session, actor, order, Event.CANCEL, reason=reason, now=now)
    return order


def ship(
    session: Session,
    actor: Actor,
    number: str,
    *,
    pieces: Pieces | None = None,
    tracking: str = "",
    now: datetime,
) -> Order:
    """The seller sends pieces, by default all that are left, and says how they can be followed.

    Raises also `MoreThanLeft`, `NoPieces`, `TrackingTooLong`.
    """
    order = locked(session, actor, number)
    for line, quantity in _chosen(order, Event.SHIP, pieces, _to_ship).items():
        line.shipped_quantity += quantity
    tracking = " ".join(tracking.split())
    if len(tracking) > MOST_TRACKING:
        raise TrackingTooLong(most=MOST_TRACKING)
    order.tracking = tracking or order.tracking
    apply(session, actor, order, Event.SHIP, reason=tracking, now=now)
    return order


def receive(
    session: Session,
    actor: Actor,
    number: str,
    *,
    pieces: Pieces | None = None,
    reason: str = "",
    now: datetime,
) -> Order:
    """The buyer confirms pieces, by default all that were sent and did not arrive before.

    What an agency's buyer confirms is accepted: the order gets its BAST number with the first
    pieces. Raises also `MoreThanLeft`, `NoPieces`.
    """
    order = locked(session, actor, number)
    for line, quantity in _chosen(order, Event.RECEIVE, pieces, _to_receive).items():
        line.received_quantity += quantity
    apply(session, actor, order, Event.RECEIVE, reason=reason, now=now)
    if order.fund is Fund.OFFICIAL and order.bast_number is None:
        order.bast_number = _bast_number(session, order, now)
        session.flush()
    return order


def close_rest(
    session: Session, actor: Actor, number: str, *, reason: str = "", now: datetime
) -> Order:
    """Agree that what was not sent will not come: it goes back to stock and is owed no more.

    By buyer or seller, once something was sent. Raises also `NoPieces`.
    """
    order = locked(session, actor, number)
    rest = _chosen(order, Event.CLOSE_REST, None, _to_ship)
    for line, quantity in rest.items():
        line.cancelled_quantity += quantity
    effects.put_back(
        session,
        actor,
        [(order, line, quantity) for line, quantity in rest.items()],
        besides=[line.variant_id for line in order.lines],  # counted as sold, if this completes it
        now=now,
    )
    apply(session, actor, order, Event.CLOSE_REST, reason=reason, now=now)
    return order


def take_back(
    session: Session,
    actor: Actor,
    number: str,
    *,
    pieces: Pieces | None = None,
    reason: str = "",
    now: datetime,
) -> Order:
    """The seller confirms that received pieces came back: they are accepted and owed no more.

    Whether they can be sold again the seller says by counting the stock.
    Raises also `MoreThanLeft`, `NoPieces`.
    """
    order = locked(session, actor, number)
    for line, quantity in _chosen(order, Event.TAKE_BACK, pieces, _to_take_back).items():
        line.returned_quantity += quantity
    apply(session, actor, order, Event.TAKE_BACK, reason=reason, now=now)
    return order


def _to_ship(line: OrderLine) -> int:
    return line.quantity - line.cancelled_quantity - line.shipped_quantity


def _to_receive(line: OrderLine) -> int:
    return line.shipped_quantity - line.received_quantity


def _to_take_back(line: OrderLine) -> int:
    return line.received_quantity - line.returned_quantity


def _chosen(
    order: Order, event: Event, pieces: Pieces | None, left: Callable[[OrderLine], int]
) -> dict[OrderLine, int]:
    """How many of which lines: at least one piece in all, and of none more than are left."""
    check(order, event)
    chosen = {}
    for line in order.lines:
        quantity = left(line) if pieces is None else pieces.get(line.position, 0)
        if not 0 <= quantity <= left(line):
            raise MoreThanLeft(product_name=line.product_name, left=left(line))
        if quantity:
            chosen[line] = quantity
    if not chosen:
        raise NoPieces
    return chosen


def _bast_number(session: Session, order: Order, now: datetime) -> str:
    """`BAST/0001/1.02.01/2026`: without gaps per agency and year. The last lock of all."""
    year = city_day(now).year
    number = next_number(session, issuer=order.agency_code, kind=BAST, year=year)
    return f"BAST/{number:04}/{order.agency_code}/{year}"
