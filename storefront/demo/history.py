"""The demo's past, told event by event in the order of time.

Statuses come from the store's own tables (`orders/transitions.py`), figures from `DemoBooks`. What
would lie after the present has not happened yet: so orders stand in every state.
"""

import heapq
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime
from itertools import count

from sqlalchemy.orm import Session

from storefront.agencies.models import Agency
from storefront.catalog.models import SHOP_PLACE, MovementKind, StockMovement
from storefront.core.calendar import city_day, month_of
from storefront.core.numbering import NumberSeries
from storefront.core.permissions import SYSTEM, PersonId
from storefront.demo.books import DemoBooks
from storefront.demo.chance import Chance
from storefront.demo.deciders import Deciders
from storefront.demo.drafting import Drafting
from storefront.demo.fates import Fates
from storefront.demo.payments import DemoPayments
from storefront.demo.people import People
from storefront.demo.reorganisation import reorganised_on
from storefront.demo.shops import Good
from storefront.demo.told import Step, Told
from storefront.demo.wish import Wish
from storefront.orders import effects, transitions
from storefront.orders.fulfilment import BAST
from storefront.orders.models import Cart, Order, OrderEvent, PaymentStatus, Purchase
from storefront.orders.parties import Party
from storefront.orders.words import Event
from storefront.quota.models import Fund


class History:
    """Tells all wishes up to `now`, and keeps the rows they leave."""

    def __init__(
        self,
        session: Session,
        people: People,
        agencies: dict[str, Agency],
        books: DemoBooks,
        *,
        rule_version: int,
        days_off: Collection[date],
        now: datetime,
    ) -> None:
        self._session = session
        self._books = books
        self._now = now
        self._chance = Chance("history")
        self._deciders = Deciders(people, agencies, self._chance)
        self._drafting = Drafting(
            self._deciders,
            self._chance,
            rule_version,
            renamed_on=reorganised_on(city_day(now)),
            days_off=days_off,
        )
        self._fates = Fates(self._deciders, self._chance, days_off)
        self._payments = DemoPayments(session, self._chance)
        self._queue: list[tuple[datetime, int, Step]] = []
        self._tie = count()
        self._carts: dict[PersonId, Cart] = {}
        self._series: dict[tuple[str, int], NumberSeries] = {}
        self.taken: dict[Good, int] = defaultdict(int)
        """Pieces of each good that its shelf is short of, less what came back."""
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
            self._happen(step, at)
        self._payments.write_refunds()

    def ask(self, wish: Wish) -> None:
        """A request more, after all was told: it waits for whoever decides."""
        self._give_carts([wish])
        self._place([wish])

    def _give_carts(self, wishes: Iterable[Wish]) -> None:
        """A cart for whoever buys: a purchase names the one that it came from."""
        for wish in wishes:
            buyer = wish.buyer.person_id
            if buyer not in self._carts:
                self._carts[buyer] = Cart(person_id=buyer, revision=1, changed_at=wish.at)
        self._session.add_all(self._carts.values())
        self._session.flush()

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
            Told(self._drafting.order(purchase.number, position, wish), wish)
            for position, wish in enumerate(basket, 1)
        ]
        purchase.total_amount = sum(one.order.total_amount for one in told)
        purchase.orders = [one.order for one in told]
        self._session.add(purchase)
        if first.fund is Fund.PERSONAL:
            payment = self._payments.open(purchase, first.at)
            for one in told:
                one.payment = payment
        is_paid = bool(first.until) or not self._chance.is_one_in(30)
        for one in told:
            self._begin(one, is_paid=is_paid)

    def _begin(self, told: Told, *, is_paid: bool) -> None:
        self.orders.append(told.order)
        event = Event.SUBMIT if told.is_official else Event.PLACE
        self._note(Step(told, event, told.buyer, Party.BUYER), told.wish.at)
        self._move_stock(told, -1, MovementKind.TAKEN, told.buyer, told.wish.at)
        for at, step in self._fates.of(told, is_paid=is_paid):
            if at <= self._now:
                heapq.heappush(self._queue, (at, next(self._tie), step))

    def _happen(self, step: Step, at: datetime) -> None:
        """What `orders/lifecycle.py: apply` does, on rows that are still in memory."""
        told, order = step.told, step.told.order
        self._change_facts(step, at)
        row = self._note(step, at)
        effects.note_time(order, step.event, now=at)
        if transitions.may_happen(order, Event.COMPLETE):
            self._note(Step(told, Event.COMPLETE, SYSTEM.person_id, Party.SYSTEM), at)
        ended = order.status in effects.ENDED and order.payment_status is not PaymentStatus.PENDING
        if step.event in effects.GIVES_STOCK_BACK and ended and order.holds_stock:
            order.holds_stock = False
            self._move_stock(told, 1, MovementKind.RETURNED, step.by, at)
        self._books.settle(
            order,
            told.wish.purse,
            told.wish.line,
            cause=f"{step.event} {row.seq}",
            by=step.by,
            occurred_on=step.occurred_on or city_day(at),
            now=at,
        )

    def _change_facts(self, step: Step, at: datetime) -> None:
        order = step.told.order
        self._move_pieces(order, step.event)
        match step.event:
            case Event.APPROVE:
                approver = self._deciders.named(step.told.wish.agency, step.by)
                order.approved_by, order.approved_by_name = step.by, approver.name
                order.cap_month = month_of(city_day(at))
            case Event.RECEIVE:
                self._receive(order, at)
            case Event.PAY:
                self._payments.pay_by_agency(order, step.by, step.occurred_on or city_day(at), at)
            case Event.SETTLE_PAYMENT:
                self._payments.settle(step.told, at)
            case Event.REFUND:
                self._payments.refund(step.told, at)
            case Event.EXPIRE:
                self._payments.expire(step.told)
            case _:
                pass

    def _move_pieces(self, order: Order, event: Event) -> None:
        for line in order.lines:
            if event is Event.SHIP:
                line.shipped_quantity = line.quantity
            elif event is Event.RECEIVE:
                line.received_quantity = line.quantity
            elif event is Event.TAKE_BACK:
                line.returned_quantity = (line.received_quantity + 1) // 2

    def _receive(self, order: Order, at: datetime) -> None:
        if order.fund is Fund.OFFICIAL:
            order.bast_number = self._bast_number(order, at)

    def _note(self, step: Step, at: datetime) -> OrderEvent:
        order = step.told.order
        if order.event_count:
            order.status, order.payment_status, order.fulfilment_status = transitions.after(
                order, step.event
            )
        order.event_count += 1
        row = OrderEvent(
            seq=order.event_count,
            event=step.event,
            person_id=step.by,
            role=step.party,
            at=at,
            reason=step.reason,
            status=order.status,
            payment_status=order.payment_status,
            fulfilment_status=order.fulfilment_status,
        )
        order.events.append(row)
        return row

    def _move_stock(
        self, told: Told, sign: int, kind: MovementKind, by: PersonId, at: datetime
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
                    recorded_by=by,
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
