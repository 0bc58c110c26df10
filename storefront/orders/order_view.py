"""One order, or one purchase, as its reader may see it."""

from collections.abc import Iterable, Mapping
from contextlib import suppress

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from storefront.accounts.models import PersonDetails
from storefront.core.calendar import city_day
from storefront.core.errors import NotAllowed, NotFound
from storefront.core.permissions import Actor, PersonId
from storefront.orders import parties
from storefront.orders.models import (
    FulfilmentStatus,
    Order,
    OrderEvent,
    OrderLine,
    OrderStatus,
    PaymentMethod,
    PaymentStatus,
    Purchase,
)
from storefront.orders.parties import Party
from storefront.orders.queries import rows_of
from storefront.orders.rows import (
    CheckoutPayment,
    EntryView,
    EventView,
    LineView,
    NextStep,
    OrderView,
    PaymentView,
    PurchaseView,
    RefundView,
)
from storefront.orders.transitions import allowed_events
from storefront.orders.words import Event, state_word
from storefront.payments.models import (
    AgencyPayment,
    GatewayPaymentStatus,
    GatewayRefund,
    RefundAllocation,
)
from storefront.payments.queries import current_payment
from storefront.quota.models import Fund, LedgerEntry, QuotaAccount
from storefront.sellers.models import Seller

LINE_COLUMNS = tuple(LineView.__dataclass_fields__)
ORDER_COLUMNS = (
    "channel", "parent_agency_code", "seller_nib", "seller_npwp", "note", "goods_amount",
    "tax_amount", "delivery_amount", "quota_amount", "paid_amount", "refunded_amount",
    "withheld_amount", "committed_amount", "realised_amount", "activity_code", "activity_name",
    "expense_account", "budget_year", "approved_by_name", "approved_at", "accepted_at",
    "shipped_at", "receive_by", "paid_at", "payment_method", "tracking",
)  # fmt: skip


def find_order(session: Session, actor: Actor, number: str) -> OrderView:
    """An order with all that its reader may know. So many queries for any number of lines.

    Raises `NotFound`, also for another's order: a personal one exists for its buyer and its
    seller alone.
    """
    query = (
        select(Order)
        .where(Order.number == number)
        .options(
            selectinload(Order.lines),
            selectinload(Order.events),
            joinedload(Order.people),
            joinedload(Order.purchase),
        )
        .execution_options(populate_existing=True)
    )
    order = session.scalar(query)
    if order is None or not parties.may_see(session, actor, order):
        raise NotFound
    is_official = order.fund is Fund.OFFICIAL
    is_own = actor.person_id == order.buyer_id
    sees_agency = is_official and (is_own or parties.may_weigh(session, actor, order))
    (row,) = rows_of(session, [order])
    slug = session.scalars(select(Seller.slug).where(Seller.id == order.seller_id)).one()
    return OrderView(
        **{name: getattr(order, name) for name in ORDER_COLUMNS},
        row=row,
        state_word=state_word(order),
        seller_slug=slug,
        buyer_nip=order.people.buyer_nip if sees_agency else "",
        buyer_position=order.people.buyer_position if sees_agency else "",
        buyer_phone=order.people.phone,
        address=order.people.address,
        lines=tuple(_line(line) for line in order.lines),
        events=_events(session, order),
        may=_may(session, actor, order),
        next_steps=tuple(_next_steps(order)),
        payments=_agency_payments(session, order) if is_official else _own_payment(order),
        refunds=() if is_official else _refunds(session, order),
        entries=_entries(session, order) if sees_agency else (),
        is_own=is_own,
        exception_reason=order.exception_reason if sees_agency else "",
        over_ceiling_amount=order.over_ceiling_amount if sees_agency else 0,
    )


def find_purchase(session: Session, actor: Actor, number: str) -> PurchaseView:
    """The actor's own purchase with its orders. Raises `NotFound`, also for another's."""
    purchase = session.scalar(
        select(Purchase)
        .where(Purchase.number == number, Purchase.buyer_id == actor.person_id)
        .options(
            selectinload(Purchase.orders).options(
                joinedload(Order.people), joinedload(Order.purchase)
            )
        )
        .execution_options(populate_existing=True)
    )
    if purchase is None:
        raise NotFound
    return PurchaseView(
        number=purchase.number,
        fund=purchase.fund,
        placed_at=purchase.placed_at,
        total_amount=purchase.total_amount,
        orders=rows_of(session, purchase.orders),
        payment=_checkout_payment(session, purchase),
    )


def _line(line: OrderLine) -> LineView:
    return LineView(**{name: getattr(line, name) for name in LINE_COLUMNS})


def _events(session: Session, order: Order) -> tuple[EventView, ...]:
    """What happened, with names: of all persons in one query; the seller's side is its shop."""
    names = _names(session, {event.person_id for event in order.events})
    return tuple(
        EventView(
            event=Event(event.event),
            party=Party(event.role),
            who=_who(order, event, names),
            at=event.at,
            reason=event.reason,
            status=event.status,
            payment_status=event.payment_status,
            fulfilment_status=event.fulfilment_status,
        )
        for event in order.events
    )


def _names(session: Session, person_ids: Iterable[PersonId]) -> Mapping[PersonId, str]:
    query = select(PersonDetails.person_id, PersonDetails.name)
    found = session.execute(query.where(PersonDetails.person_id.in_(list(person_ids))))
    return {row.person_id: row.name for row in found}


def _who(order: Order, event: OrderEvent, names: Mapping[PersonId, str]) -> str:
    if event.role == Party.SELLER:
        return order.seller_name
    if event.role == Party.BUYER:
        return order.people.buyer_name
    return names.get(event.person_id, "")


def _may(session: Session, actor: Actor, order: Order) -> tuple[Event, ...]:
    """What the reader may do now, as the one party that they can be on this order."""
    allowed: dict[Event, None] = {}
    for party in Party:
        if party is not Party.SYSTEM and (events := allowed_events(order, party)):
            with suppress(NotAllowed):
                parties.acting_as(session, actor, order, (party,))
                allowed |= dict.fromkeys(events)
    return tuple(allowed)


def _next_steps(order: Order) -> Iterable[NextStep]:
    """What is still to come if all goes well."""
    if order.status not in {OrderStatus.SUBMITTED, OrderStatus.APPROVED, OrderStatus.PLACED}:
        return
    if order.status is OrderStatus.SUBMITTED:
        yield NextStep(Event.APPROVE, Party.APPROVER, order.decide_by)
    if order.payment_status is PaymentStatus.PENDING:
        yield NextStep(Event.SETTLE_PAYMENT, Party.BUYER)
    fulfilment = order.fulfilment_status
    if fulfilment is FulfilmentStatus.WAITING:
        yield NextStep(Event.ACCEPT, Party.SELLER)
    if fulfilment in _TO_SHIP:
        yield NextStep(Event.SHIP, Party.SELLER, order.deliver_on)
    if fulfilment in _TO_SHIP | _TO_RECEIVE:
        yield NextStep(Event.RECEIVE, Party.BUYER, order.receive_by)
    if order.fund is Fund.OFFICIAL and order.payment_status in _TO_PAY:
        yield NextStep(Event.PAY, Party.TREASURER)
    yield NextStep(Event.COMPLETE, Party.SYSTEM)


_TO_SHIP = {
    FulfilmentStatus.WAITING,
    FulfilmentStatus.ACCEPTED,
    FulfilmentStatus.PARTIALLY_SHIPPED,
}
_TO_RECEIVE = {FulfilmentStatus.SHIPPED, FulfilmentStatus.PARTIALLY_RECEIVED}
_TO_PAY = {PaymentStatus.UNPAID, PaymentStatus.PARTIALLY_PAID}


def _agency_payments(session: Session, order: Order) -> tuple[PaymentView, ...]:
    query = select(AgencyPayment).filter_by(reference=order.number).order_by(AgencyPayment.id)
    return tuple(
        PaymentView(
            method=PaymentMethod(paid.method),
            paid_on=paid.paid_on,
            proof_number=paid.proof_number,
            gross_amount=paid.gross_amount,
            withheld_amount=paid.withheld_amount,
        )
        for paid in session.scalars(query)
    )


def _own_payment(order: Order) -> tuple[PaymentView, ...]:
    """Of own money: all at once, for the order's part of its purchase."""
    if order.paid_at is None:
        return ()
    gross_amount = order.paid_amount + order.refunded_amount
    return (PaymentView(order.payment_method, city_day(order.paid_at), "", gross_amount, 0),)


def _refunds(session: Session, order: Order) -> tuple[RefundView, ...]:
    query = (
        select(RefundAllocation.amount, GatewayRefund)
        .join(GatewayRefund, GatewayRefund.id == RefundAllocation.refund_id)
        .where(RefundAllocation.reference == order.number)
        .order_by(GatewayRefund.id)
    )
    return tuple(
        RefundView(amount, refund.status, refund.created_at, refund.settled_at)
        for amount, refund in session.execute(query)
    )


def _entries(session: Session, order: Order) -> tuple[EntryView, ...]:
    query = (
        select(LedgerEntry, QuotaAccount.fiscal_year)
        .join(QuotaAccount, QuotaAccount.id == LedgerEntry.account_id)
        .where(LedgerEntry.reference == order.number)
        .order_by(LedgerEntry.id)
    )
    return tuple(
        EntryView(
            kind=entry.kind,
            fiscal_year=fiscal_year,
            committed_change=entry.committed_change,
            realised_change=entry.realised_change,
            occurred_on=entry.occurred_on,
            period=entry.period,
            recorded_at=entry.recorded_at,
            cause=entry.cause,
        )
        for entry, fiscal_year in session.execute(query)
    )


def _checkout_payment(session: Session, purchase: Purchase) -> CheckoutPayment | None:
    if purchase.fund is Fund.OFFICIAL:
        return None
    payment = current_payment(session, purchase.number)
    if payment is None:
        return None
    usable = payment.status is GatewayPaymentStatus.OPEN
    return CheckoutPayment(
        payment.status, payment.redirect_url if usable else None, payment.expires_at
    )
