"""The demo's past, told event by event in the order of time.

Statuses come from the store's own tables (`orders/lifecycle.py`), figures from `DemoBooks`. What
would lie after the present has not happened yet: so orders stand in every state.
"""

import heapq
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.agencies.models import Agency
from storefront.catalog.models import SHOP_PLACE, MovementKind, StockMovement
from storefront.core.calendar import city_day, fiscal_year, month_of, working_days_after
from storefront.core.identifiers import order_number
from storefront.core.numbering import NumberSeries
from storefront.core.permissions import SYSTEM, PersonId, Role
from storefront.demo import content
from storefront.demo.books import DemoBooks
from storefront.demo.chance import Chance
from storefront.demo.people import Employee, People
from storefront.demo.shops import Good
from storefront.demo.wishes import Wish
from storefront.orders import effects, lifecycle, transitions
from storefront.orders.expiry import decide_by
from storefront.orders.fulfilment import BAST
from storefront.orders.models import (
    Cart,
    Delivery,
    Order,
    OrderEvent,
    OrderLine,
    OrderPeople,
    PaymentMethod,
    PaymentStatus,
    Purchase,
)
from storefront.orders.parties import Party
from storefront.orders.snapshot import snapshot_sha256
from storefront.orders.taxes import tax_in
from storefront.orders.words import Event
from storefront.payments.models import (
    AgencyMethod,
    AgencyPayment,
    ChargeMethod,
    GatewayPayment,
    GatewayPaymentStatus,
    GatewayRefund,
    RefundAllocation,
    RefundOrigin,
    RefundStatus,
)
from storefront.quota.models import Fund

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
PAY_WITHIN = timedelta(minutes=31)
PPH22_ABOVE = 2_000_000
PPH22_PERMILLE = 15


@dataclass
class Told:
    """An order, and what is needed to tell on."""

    order: Order
    wish: Wish
    payment: GatewayPayment | None = None


@dataclass(frozen=True)
class Step:
    """Something that will happen to an order at an instant, unless that is still to come."""

    told: Told
    event: Event
    by: PersonId
    party: Party
    reason: str = ""


class History:
    """Tells all wishes up to `now`, and keeps the rows they leave."""

    def __init__(
        self, session: Session, people: People, agencies: dict[str, Agency], books: DemoBooks,
        *, rule_version: int, now: datetime,
    ) -> None:  # fmt: skip
        self._session = session
        self._people = people
        self._agencies = agencies
        self._agency_by_id = {agency.id: agency for agency in agencies.values()}
        self._books = books
        self._rule_version = rule_version
        self._now = now
        self._chance = Chance("history")
        self._queue: list[tuple[datetime, int, Step]] = []
        self._tie = count()
        self._carts: dict[PersonId, Cart] = {}
        self._series: dict[tuple[str, int], NumberSeries] = {}
        self.taken: dict[Good, int] = defaultdict(int)
        self.payments: list[GatewayPayment] = []
        self._refunds: list[tuple[str, GatewayPayment, int, datetime]] = []
        self.orders: list[Order] = []

    def tell(self, wishes: Iterable[Wish]) -> None:
        """Place every wish, then let happen what has happened by now."""
        baskets: dict[int, list[Wish]] = defaultdict(list)
        for wish in sorted(wishes, key=lambda wish: (wish.at, wish.basket)):
            if wish.at <= self._now:
                baskets[wish.basket].append(wish)
        self._give_carts(basket[0] for basket in baskets.values())
        for basket in baskets.values():
            self._place(basket)
        while self._queue:
            at, _, step = heapq.heappop(self._queue)
            if at <= self._now:
                self._happen(step, at)
        self._write_refunds()

    # -- placing

    def _place(self, basket: list[Wish]) -> None:
        first = basket[0]
        cart = self._carts[first.buyer.person_id]
        purchase = Purchase(
            number=self._chance.purchase_number(),
            buyer_id=first.buyer.person_id,
            cart_id=cart.id,
            cart_revision=cart.revision,
            fund=first.fund,
            placed_at=first.at,
        )
        cart.revision += 1
        cart.changed_at = first.at
        told = [
            Told(self._order(purchase.number, position, wish), wish)
            for position, wish in enumerate(basket, 1)
        ]
        purchase.total_amount = sum(one.order.total_amount for one in told)
        purchase.orders = [one.order for one in told]
        self._session.add(purchase)
        is_paid = bool(first.until) or not self._chance.is_one_in(30)
        if first.fund is Fund.PERSONAL:
            payment = self._payment(purchase, first.at)
            for one in told:
                one.payment = payment
        for one in told:
            self.orders.append(one.order)
            self._note(one.order, Event.SUBMIT if self._is_official(one) else Event.PLACE,
                       one.wish.buyer.person_id, Party.BUYER, one.wish.at, "")  # fmt: skip
            self._move_stock(one, -1, MovementKind.TAKEN, one.wish.at)
            if self._is_official(one):
                self._plan_official(one)
            else:
                self._plan_personal(one, is_paid=is_paid)

    def _give_carts(self, wishes: Iterable[Wish]) -> None:
        """A cart for whoever buys: a purchase names the one that it came from."""
        for wish in wishes:
            buyer = wish.buyer.person_id
            if buyer not in self._carts:
                self._carts[buyer] = Cart(person_id=buyer, revision=1, changed_at=wish.at)
        self._session.add_all(self._carts.values())
        self._session.flush()

    def _order(self, purchase_number: str, position: int, wish: Wish) -> Order:
        seller, agency = wish.shop.seller, wish.agency
        parent = self._agency_by_id.get(agency.parent_id) if agency.parent_id else None
        day = city_day(wish.at)
        lines = [
            self._line(good, pieces, at, wish) for at, (good, pieces) in enumerate(wish.goods, 1)
        ]
        goods_amount = sum(line.line_amount for line in lines)
        free_from = seller.free_delivery_from_amount
        delivery_amount = (
            0
            if free_from is not None and goods_amount >= free_from
            else seller.office_delivery_amount
        )
        total = goods_amount + delivery_amount
        first = lifecycle.FIRST[wish.fund]
        people = OrderPeople(
            buyer_nip=wish.buyer.nip,
            buyer_name=wish.buyer.name,
            buyer_position=wish.buyer.placement.position,
            phone="",
            address=agency.address if wish.fund is Fund.OFFICIAL else wish.buyer.home,
        )
        lead = max((good.variant.lead_days for good, _ in wish.goods), default=0)
        order = Order(
            number=order_number(purchase_number, position),
            position=position,
            fund=wish.fund,
            channel="online",
            is_practice=False,
            status=first.status,
            payment_status=first.payment_status,
            fulfilment_status=first.fulfilment_status,
            buyer_id=wish.buyer.person_id,
            placement_id=wish.buyer.placement.id,
            agency_id=agency.id,
            agency_code=agency.code,
            agency_name=agency.name,
            parent_agency_code=parent.code if parent else None,
            seller_id=seller.id,
            seller_name=seller.name,
            seller_class=wish.shop.seller_class,
            seller_class_evidence=wish.shop.evidence,
            seller_nib=seller.nib,
            seller_npwp=seller.npwp,
            goods_amount=goods_amount,
            tax_amount=sum(line.tax_amount for line in lines),
            delivery_amount=delivery_amount,
            total_amount=total,
            quota_amount=total,
            budget_amount=total,
            paid_amount=0,
            refunded_amount=0,
            withheld_amount=0,
            purpose=wish.purpose,
            activity_code=wish.line.activity_code if wish.line else "",
            activity_name=wish.line.activity_name if wish.line else "",
            expense_account=wish.line.expense_account if wish.line else "",
            budget_agency_id=wish.purse.year.agency_id if wish.purse else None,
            budget_year=fiscal_year(day),
            budget_line_id=wish.line.id if wish.line else None,
            delivery=Delivery.OFFICE if wish.fund is Fund.OFFICIAL else Delivery.HOME,
            deliver_on=working_days_after(day, 3 + lead, ()),
            note=self._note_of_buyer(),
            placed_at=wish.at,
            rule_version=self._rule_version,
            holds_stock=True,
            event_count=0,
            lines=lines,
            people=people,
            events=[],
        )
        if wish.fund is Fund.OFFICIAL:
            order.approval_agency_id = self._approving(agency).id
            order.decide_by = decide_by(wish.at, order.deliver_on, agency.request_days, ())
        order.snapshot_sha256 = snapshot_sha256(order, people, lines)
        return order

    def _line(self, good: Good, pieces: int, position: int, wish: Wish) -> OrderLine:
        amount = good.variant.price_amount * pieces
        is_pkp = good.shop.demo.is_pkp
        return OrderLine(
            position=position,
            variant_id=good.variant.id,
            place=SHOP_PLACE,
            is_counted=good.is_counted,
            sku=good.variant.sku,
            product_name=good.product.name,
            product_slug=good.product.slug,
            variant_name=good.variant.name,
            category_path=good.category.path,
            unit=good.product.unit,
            picture_key=good.product.picture_key,
            quantity=pieces,
            unit_price_amount=good.variant.price_amount,
            line_amount=amount,
            tax_amount=tax_in(amount, is_pkp=is_pkp, day=city_day(wish.at)),
            shipped_quantity=0,
            received_quantity=0,
            returned_quantity=0,
            cancelled_quantity=0,
        )

    def _payment(self, purchase: Purchase, at: datetime) -> GatewayPayment:
        payment = GatewayPayment(
            reference=purchase.number,
            attempt=1,
            amount=purchase.total_amount,
            status=GatewayPaymentStatus.OPEN,
            idempotency_key=f"{purchase.number}-1",
            provider_session_id=f"cs_demo_{purchase.number[2:].lower()}",
            redirect_url=None,
            refunded_amount=0,
            created_at=at,
            expires_at=at + PAY_WITHIN,
        )
        self._session.add(payment)
        self.payments.append(payment)
        return payment

    # -- what will happen, and when

    def _plan_official(self, told: Told) -> None:
        chance, at = self._chance, told.wish.at
        approver = self._other(told, Role.APPROVER, self._approving(told.wish.agency).code)
        fate = 1.0 if told.wish.until else chance.part()
        if fate < 0.03:  # noqa: PLR2004 - parts of all requests
            self._then(at + chance.within(2 * HOUR, 30 * HOUR), told, Event.REJECT, approver,
                       Party.APPROVER, chance.one_of(content.remarks("reject")))  # fmt: skip
            return
        if fate < 0.045:  # noqa: PLR2004
            decide = told.order.decide_by or at + 5 * DAY
            self._then(decide, told, Event.EXPIRE, SYSTEM.person_id, Party.SYSTEM)
            return
        if fate < 0.06:  # noqa: PLR2004
            self._then(at + chance.within(HOUR, 8 * HOUR), told, Event.CANCEL,
                       told.wish.buyer.person_id, Party.BUYER,
                       chance.one_of(content.remarks("cancel")))  # fmt: skip
            return
        decide = told.order.decide_by or at + 5 * DAY
        approved = min(at + chance.within(HOUR, 26 * HOUR), decide - HOUR / 2)
        self._then(approved, told, Event.APPROVE, approver, Party.APPROVER)
        accepted = approved + chance.within(HOUR, 18 * HOUR)
        if fate < 0.08:  # noqa: PLR2004
            self._then(accepted, told, Event.DECLINE, told.wish.shop.staff, Party.SELLER,
                       chance.one_of(content.remarks("decline")))  # fmt: skip
            return
        received = self._plan_delivery(told, accepted)
        treasurer = self._other(told, Role.TREASURER, told.wish.agency.code)
        self._then(received + chance.within(DAY, 9 * DAY), told, Event.PAY, treasurer,
                   Party.TREASURER)  # fmt: skip

    def _plan_personal(self, told: Told, *, is_paid: bool) -> None:
        chance, at = self._chance, told.wish.at
        if not is_paid:
            self._then(at + PAY_WITHIN, told, Event.EXPIRE, SYSTEM.person_id, Party.SYSTEM)
            return
        paid = at + timedelta(minutes=2)
        self._then(paid, told, Event.SETTLE_PAYMENT, SYSTEM.person_id, Party.SYSTEM)
        accepted = at + chance.within(HOUR, 20 * HOUR)
        if chance.is_one_in(50) and not told.wish.until:
            self._then(accepted, told, Event.DECLINE, told.wish.shop.staff, Party.SELLER,
                       chance.one_of(content.remarks("decline")))  # fmt: skip
            self._then(accepted + timedelta(minutes=1), told, Event.REFUND, SYSTEM.person_id,
                       Party.SYSTEM)  # fmt: skip
            return
        self._plan_delivery(told, accepted)

    def _plan_delivery(self, told: Told, accepted: datetime) -> datetime:
        """Accepted, shipped and received; the instant of the last."""
        chance = self._chance
        self._then(accepted, told, Event.ACCEPT, told.wish.shop.staff, Party.SELLER,
                   chance.one_of(content.remarks("seller_note")) if chance.is_one_in(4) else "")  # fmt: skip
        shipped = accepted + chance.within(8 * HOUR, 3 * DAY)
        self._then(shipped, told, Event.SHIP, told.wish.shop.staff, Party.SELLER)
        received = shipped + chance.within(3 * HOUR, 50 * HOUR)
        self._then(received, told, Event.RECEIVE, told.wish.buyer.person_id, Party.BUYER)
        return received

    def _then(
        self, at: datetime, told: Told, event: Event, by: PersonId, party: Party, reason: str = ""
    ) -> None:
        if at <= self._now and not _is_beyond(event, told.wish.until):
            step = Step(told, event, by, party, reason)
            heapq.heappush(self._queue, (at, next(self._tie), step))

    # -- what happens

    def _happen(self, step: Step, at: datetime) -> None:
        order = step.told.order
        self._change_facts(step, at)
        row = self._note(order, step.event, step.by, step.party, at, step.reason)
        effects.note_time(order, step.event, now=at)
        if transitions.may_happen(order, Event.COMPLETE):
            self._note(order, Event.COMPLETE, SYSTEM.person_id, Party.SYSTEM, at, "")
        ended = order.status in effects.ENDED and order.payment_status is not PaymentStatus.PENDING
        if step.event in effects.GIVES_STOCK_BACK and ended and order.holds_stock:
            order.holds_stock = False
            self._move_stock(step.told, 1, MovementKind.RETURNED, at, step.by)
        self._books.settle(
            order, step.told.wish.purse, step.told.wish.line,
            cause=f"{step.event} {row.seq}", by=step.by, now=at,
        )  # fmt: skip

    def _change_facts(self, step: Step, at: datetime) -> None:
        order = step.told.order
        match step.event:
            case Event.APPROVE:
                approver = next(
                    one for one in self._people.of_agency[self._approving(step.told.wish.agency).code]
                    if one.person_id == step.by
                )  # fmt: skip
                order.approved_by, order.approved_by_name = step.by, approver.name
                order.cap_month = month_of(city_day(at))
            case Event.SHIP:
                for line in order.lines:
                    line.shipped_quantity = line.quantity
            case Event.RECEIVE:
                for line in order.lines:
                    line.received_quantity = line.quantity
                if order.fund is Fund.OFFICIAL:
                    order.bast_number = self._bast_number(order, at)
            case Event.PAY:
                self._pay(order, step.by, at)
            case Event.SETTLE_PAYMENT:
                self._settle_payment(step.told, at)
            case Event.REFUND:
                self._refund(step.told, at)
            case Event.EXPIRE if step.told.payment is not None:
                step.told.payment.status = GatewayPaymentStatus.EXPIRED
            case _:
                pass

    def _pay(self, order: Order, by: PersonId, at: datetime) -> None:
        gross = order.total_amount
        withheld = gross * PPH22_PERMILLE // 1_000 if gross > PPH22_ABOVE else 0
        method = self._chance.weighted(list(AgencyMethod), [6, 3, 1])
        order.paid_amount, order.withheld_amount, order.paid_at = gross, withheld, at
        order.payment_method = PaymentMethod(method.value)
        self._session.add(
            AgencyPayment(
                reference=order.number,
                method=method,
                paid_on=city_day(at),
                proof_number=f"{self._chance.between(1, 900):03}/KW/{order.agency_code}/{city_day(at):%m/%Y}",
                gross_amount=gross,
                withheld_amount=withheld,
                recorded_by=by,
                recorded_at=at,
            )
        )

    def _settle_payment(self, told: Told, at: datetime) -> None:
        payment = told.payment
        if payment is None:
            return
        told.order.payment_method = PaymentMethod.CARD
        if payment.status is GatewayPaymentStatus.OPEN:
            payment.status = GatewayPaymentStatus.SETTLED
            payment.settled_at = at
            payment.charge_method = ChargeMethod.CARD
            payment.payment_intent_id = f"pi_demo_{payment.reference[2:].lower()}"

    def _refund(self, told: Told, at: datetime) -> None:
        order, payment = told.order, told.payment
        if payment is None:
            return
        amount = order.total_amount
        payment.refunded_amount += amount
        order.refunded_amount, order.paid_amount = amount, 0
        self._refunds.append((order.number, payment, amount, at))

    def _write_refunds(self) -> None:
        """What went back at the gateway, once its payments have their ids."""
        self._session.flush()
        for number, payment, amount, at in self._refunds:
            self._session.add(
                GatewayRefund(
                    payment_id=payment.id,
                    origin=RefundOrigin.STORE,
                    reference=number,
                    cause="declined",
                    amount=amount,
                    status=RefundStatus.SUCCEEDED,
                    idempotency_key=f"refund-{number}",
                    provider_refund_id=f"re_demo_{number[2:].lower()}",
                    created_at=at,
                    settled_at=at,
                    allocated_at=at,
                    allocated_by=SYSTEM.person_id,
                )
            )
        self._session.flush()
        made = select(GatewayRefund).order_by(GatewayRefund.id)
        self._session.add_all(
            RefundAllocation(refund_id=refund.id, reference=refund.reference, amount=refund.amount)
            for refund in self._session.scalars(made)
        )

    def _note(
        self, order: Order, event: Event, by: PersonId, party: Party, at: datetime, reason: str
    ) -> OrderEvent:
        if order.event_count:
            order.status, order.payment_status, order.fulfilment_status = transitions.after(
                order, event
            )
        order.event_count += 1
        row = OrderEvent(
            seq=order.event_count,
            event=event,
            person_id=by,
            role=party,
            at=at,
            reason=reason,
            status=order.status,
            payment_status=order.payment_status,
            fulfilment_status=order.fulfilment_status,
        )
        order.events.append(row)
        return row

    def _move_stock(
        self, told: Told, sign: int, kind: MovementKind, at: datetime, by: PersonId | None = None
    ) -> None:
        for good, pieces in told.wish.goods:
            if not good.is_counted:
                continue
            self.taken[good] -= sign * pieces
            self._session.add(
                StockMovement(
                    variant_id=good.variant.id,
                    place=SHOP_PLACE,
                    kind=kind,
                    change=sign * pieces,
                    reference=told.order.number,
                    recorded_by=by or told.wish.buyer.person_id,
                    recorded_at=at,
                )
            )

    def _bast_number(self, order: Order, at: datetime) -> str:
        year = city_day(at).year
        series = self._series.get((order.agency_code, year))
        if series is None:
            series = NumberSeries(issuer=order.agency_code, kind=BAST, year=year, last_number=0)
            self._series[order.agency_code, year] = series
            self._session.add(series)
        series.last_number += 1
        return f"{BAST.upper()}/{series.last_number:04}/{order.agency_code}/{year}"

    # -- who

    def _approving(self, agency: Agency) -> Agency:
        """Its own approvers decide, or those of the agency above."""
        if self._people.holders(agency.code, Role.APPROVER) or agency.parent_id is None:
            return agency
        return self._approving(self._agency_by_id[agency.parent_id])

    def _other(self, told: Told, role: Role, agency_code: str) -> PersonId:
        """A holder of the role who is not the buyer."""
        holders = [
            one.person_id
            for one in self._people.holders(agency_code, role)
            if one.person_id != told.wish.buyer.person_id
        ]
        return self._chance.one_of(holders)

    def _note_of_buyer(self) -> str:
        if not self._chance.is_one_in(6):
            return ""
        return self._chance.one_of(content.remarks("buyer_note"))

    @staticmethod
    def _is_official(told: Told) -> bool:
        return told.wish.fund is Fund.OFFICIAL


STAGES = (
    Event.SUBMIT,
    Event.APPROVE,
    Event.SETTLE_PAYMENT,
    Event.ACCEPT,
    Event.SHIP,
    Event.RECEIVE,
    Event.PAY,
)


def _is_beyond(event: Event, until: Event | None) -> bool:
    return until is not None and STAGES.index(event) > STAGES.index(until)
