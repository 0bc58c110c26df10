"""Official requests: what waits for an approver, and the approver's word."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.accounts.models import PersonDetails
from storefront.agencies.models import Agency
from storefront.core.calendar import city_day, month_of
from storefront.core.errors import N_, Conflict
from storefront.core.paging import PAGE_SIZE, Page, page_number
from storefront.core.permissions import Action, Actor, Role, require_anywhere
from storefront.orders.expiry import is_late
from storefront.orders.lifecycle import apply, locked
from storefront.orders.models import Order, OrderPeople, OrderStatus
from storefront.orders.parties import acting_as
from storefront.orders.queries import lines_in_short
from storefront.orders.transitions import WHO, check
from storefront.orders.words import Event


class Decision(StrEnum):
    APPROVE = "approve"
    REJECT = "reject"
    SEND_BACK = "send_back"
    """To the buyer, to be put right and submitted again."""


_EVENTS: Mapping[Decision, Event] = {
    Decision.APPROVE: Event.APPROVE,
    Decision.REJECT: Event.REJECT,
    Decision.SEND_BACK: Event.SEND_BACK,
}


class RequestLate(Conflict):
    code = "request_late"
    message = N_(
        "Batas waktu memutuskan permintaan %(number)s sudah lewat; pemohon dapat memesan lagi."
    )


@dataclass(frozen=True)
class PendingRow:
    """A request in the list of those that wait. Amounts in rupiah."""

    number: str
    placed_at: datetime
    decide_by: datetime | None
    deliver_on: date | None
    agency_code: str
    agency_name: str
    buyer_name: str
    seller_name: str
    purpose: str
    total_amount: int
    line_count: int
    first_line: str


def decide(
    session: Session, actor: Actor, number: str, decision: Decision, reason: str, *, now: datetime
) -> Order:
    """Give the approver's word on a request, and return the order.

    Approved, its money is committed in the same unit of work: budget year and line, the seller's
    month (that of this day), the quota ledger. Otherwise its stock goes back.
    Raises `NotFound`, `RequestLate`, `CeilingReached`, `CapReached`, and what `lifecycle.apply`
    raises.
    """
    order = locked(session, actor, number)
    if decision is Decision.APPROVE:
        acting_as(session, actor, order, WHO[Event.APPROVE])
        check(order, Event.APPROVE)
        if is_late(order, now=now):
            raise RequestLate(number=order.number)
        order.approved_by = actor.person_id
        order.approved_by_name = _name_of(session, actor)
        order.cap_month = month_of(city_day(now))
    apply(session, actor, order, _EVENTS[decision], reason=reason, now=now)
    return order


def pending_for(session: Session, actor: Actor, *, page: int | None = 1) -> Page[PendingRow]:
    """Requests that the actor may decide on, the most urgent first. Two queries, however many.

    Own requests are not among them. Raises `NotAllowed` for who approves nowhere.
    """
    require_anywhere(actor, Action.APPROVE)
    at = page_number(page)
    query = (
        select(Order, OrderPeople.buyer_name)
        .join(OrderPeople, OrderPeople.order_id == Order.id)
        .join(Agency, Agency.id == Order.approval_agency_id)
        .where(
            Order.status == OrderStatus.SUBMITTED,
            Agency.code.in_(actor.scopes(Role.APPROVER)),
            Order.buyer_id != actor.person_id,
        )
        .order_by(Order.decide_by, Order.id)
        .offset((at - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE + 1)
    )
    found = session.execute(query).all()
    lines = lines_in_short(session, [order.id for order, _ in found])
    rows = [
        PendingRow(
            number=order.number,
            placed_at=order.placed_at,
            decide_by=order.decide_by,
            deliver_on=order.deliver_on,
            agency_code=order.agency_code,
            agency_name=order.agency_name,
            buyer_name=buyer_name,
            seller_name=order.seller_name,
            purpose=order.purpose,
            total_amount=order.total_amount,
            line_count=lines[order.id].count,
            first_line=lines[order.id].first,
        )
        for order, buyer_name in found[:PAGE_SIZE]
    ]
    return Page(rows, at, has_next=len(found) > PAGE_SIZE)


def _name_of(session: Session, actor: Actor) -> str:
    """The approver's name, for the record: an official order keeps it."""
    query = select(PersonDetails.name).where(PersonDetails.person_id == actor.person_id)
    return session.scalar(query) or ""
