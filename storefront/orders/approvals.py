"""Official requests: what waits for an approver, and the approver's word."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.accounts.models import PersonDetails
from storefront.agencies.budgets import CeilingReached
from storefront.agencies.models import Agency, OverCeiling
from storefront.core import audit
from storefront.core.calendar import city_day, month_of
from storefront.core.errors import N_, Conflict, DomainError
from storefront.core.paging import PAGE_SIZE, Page, page_number
from storefront.core.permissions import Action, Actor, Role, require_anywhere
from storefront.orders import budget_shares
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


class OverNotAccepted(DomainError):
    """It stands `over_amount` above the budget, which its approver has to accept knowingly."""

    code = "over_not_accepted"
    message = N_(
        "Permintaan ini lewat pagu %(over_amount)s. Nyatakan bahwa Anda menyetujuinya dengan sadar."
    )
    field = "accepts_over"


class OverGrew(Conflict):
    """More of the budget was taken meanwhile than when the approver accepted to exceed it."""

    code = "over_grew"
    message = N_(
        "Kelebihannya kini %(over_amount)s, sedangkan yang Anda setujui %(accepted_amount)s:"
        " pagunya terpakai permintaan lain. Belum ada yang disetujui; lihat angkanya sekali lagi."
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
    session: Session,
    actor: Actor,
    number: str,
    decision: Decision,
    reason: str,
    *,
    now: datetime,
    accepted_over_amount: int | None = None,
) -> Order:
    """Give the approver's word on a request, and return the order.

    Approved, its money is committed in the same unit of work: budget year and line, the seller's
    month (that of this day), the quota ledger. Otherwise its stock goes back.
    `accepted_over_amount`: rupiah above the budget that the approver knowingly accepts, of a
    request that gave its reason where the agency lets one ask; what it came to stays on the order.
    Raises `NotFound`, `RequestLate`, `CeilingReached`, `OverNotAccepted`, `OverGrew`, `CapReached`,
    and what `lifecycle.apply` raises.
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
        if may_exceed(session, order):
            return _approve_above(session, actor, order, reason, accepted_over_amount, now)
    apply(session, actor, order, _EVENTS[decision], reason=reason, now=now)
    return order


def may_exceed(session: Session, order: Order) -> bool:
    """Whether a request may be approved above the budget.

    It says why, and the agency whose budget it is leaves that to the approver.
    """
    if not order.exception_reason:
        return False
    query = select(Agency.over_ceiling).filter_by(id=order.budget_agency_id)
    return session.scalar(query) is OverCeiling.EXCEPTION


def _approve_above(
    session: Session,
    actor: Actor,
    order: Order,
    reason: str,
    accepted_amount: int | None,
    now: datetime,
) -> Order:
    """Approve within what was accepted; the write itself compares. What it came to is kept."""
    order.over_ceiling_amount = max(accepted_amount or 0, 0)
    try:
        apply(session, actor, order, Event.APPROVE, reason=reason, now=now)
    except CeilingReached as reached:
        if not accepted_amount:
            raise OverNotAccepted(over_amount=reached.over) from reached
        raise OverGrew(over_amount=reached.over, accepted_amount=accepted_amount) from reached
    order.over_ceiling_amount = budget_shares.stands_over(session, order)
    session.flush()
    if order.over_ceiling_amount:
        details = {
            "over_amount": order.over_ceiling_amount,
            "accepted_amount": accepted_amount,
            "reason": order.exception_reason,
            "budget_line": order.budget_line_id,
        }
        audit.record(session, actor, "order.approved_above", order.number, details, now=now)
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
