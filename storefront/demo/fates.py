"""What becomes of the demo's orders, and when: drawn at once, told only as far as it has come."""

from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, timedelta

from storefront.core.calendar import city_day, city_time, is_working_day
from storefront.core.permissions import SYSTEM, PersonId
from storefront.demo import content
from storefront.demo.chance import Chance
from storefront.demo.deciders import Deciders
from storefront.demo.told import Step, Told
from storefront.orders.parties import Party
from storefront.orders.words import Event

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
PAY_WITHIN = timedelta(minutes=31)
REJECTED, EXPIRED, CANCELLED, DECLINED = 0.03, 0.045, 0.06, 0.08
"""Parts of all requests, each added to the ones before it."""
STAGES = (
    Event.SUBMIT,
    Event.APPROVE,
    Event.SETTLE_PAYMENT,
    Event.ACCEPT,
    Event.SHIP,
    Event.RECEIVE,
    Event.PAY,
)
GOES_BACK_AFTER = 45 * DAY
WHY_BACK = "Sebagian tidak sesuai contoh, dikembalikan kantor."
OFFICE, SHOP = (8, 15), (7, 19)
"""Hours, the last one included, in which agencies and shops act."""
LATE_PROOFS, PROOF_COMES_AFTER = 40, (12 * DAY, 25 * DAY)
"""Of so many payments one is recorded so long afterwards: its month may be closed by then."""
LAST_MONTH_OF_LATE_PROOFS = 10
"""No year's end waits for a proof."""
Planned = tuple[datetime, Step]


class Fates:
    """Draws the steps of an order's life."""

    def __init__(self, deciders: Deciders, chance: Chance, days_off: Collection[date]) -> None:
        self._deciders = deciders
        self._chance = chance
        self._late = Chance("late proofs")
        self._days_off = days_off

    def of(self, told: Told, *, is_paid: bool) -> list[Planned]:
        """All that will happen to an order, in the order of time."""
        steps = self._official(told) if told.is_official else self._personal(told, is_paid=is_paid)
        until = told.wish.until
        return [
            (at, step)
            for at, step in steps
            if until is None or STAGES.index(step.event) <= STAGES.index(until)
        ]

    def _official(self, told: Told) -> Iterator[Planned]:
        chance, at = self._chance, told.wish.at
        decide_by = told.order.decide_by or at + 5 * DAY
        fate = 1.0 if told.wish.until or told.wish.comes_back else chance.part()
        approver = self._deciders.approver(told.wish.agency, besides=told.buyer)
        if fate < REJECTED:
            reason = chance.one_of(content.remarks("reject"))
            later = self._in_office(at + chance.within(2 * HOUR, 30 * HOUR))
            yield later, Step(told, Event.REJECT, approver, Party.APPROVER, reason)
        elif fate < EXPIRED:
            yield decide_by, Step(told, Event.EXPIRE, SYSTEM.person_id, Party.SYSTEM)
        elif fate < CANCELLED:
            reason = chance.one_of(content.remarks("cancel"))
            later = at + chance.within(HOUR, 8 * HOUR)
            yield later, Step(told, Event.CANCEL, told.buyer, Party.BUYER, reason)
        else:
            approved = self._in_office(at + chance.within(HOUR, 26 * HOUR))
            approved = min(approved, decide_by - HOUR / 2)
            yield approved, Step(told, Event.APPROVE, approver, Party.APPROVER)
            accepted = in_hours(approved + chance.within(HOUR, 18 * HOUR), SHOP)
            if fate < DECLINED:
                yield self._declined(told, accepted)
                return
            yield from self._delivered(told, accepted)

    def _personal(self, told: Told, *, is_paid: bool) -> Iterator[Planned]:
        chance, at = self._chance, told.wish.at
        if not is_paid:
            step = Step(told, Event.EXPIRE, SYSTEM.person_id, Party.SYSTEM)
            yield at + PAY_WITHIN, step
            return
        yield (
            at + timedelta(minutes=2),
            Step(told, Event.SETTLE_PAYMENT, SYSTEM.person_id, Party.SYSTEM),
        )
        accepted = in_hours(at + chance.within(HOUR, 20 * HOUR), SHOP)
        if chance.is_one_in(50) and not told.wish.until:
            yield self._declined(told, accepted)
            refund = Step(told, Event.REFUND, SYSTEM.person_id, Party.SYSTEM)
            yield accepted + timedelta(minutes=1), refund
            return
        yield from self._delivered(told, accepted)

    def _declined(self, told: Told, at: datetime) -> Planned:
        reason = self._chance.one_of(content.remarks("decline"))
        return at, Step(told, Event.DECLINE, told.wish.shop.staff, Party.SELLER, reason)

    def _delivered(self, told: Told, accepted: datetime) -> Iterator[Planned]:
        """Accepted, shipped and received; an agency then pays."""
        chance, staff = self._chance, told.wish.shop.staff
        note = chance.one_of(content.remarks("seller_note")) if chance.is_one_in(4) else ""
        yield accepted, Step(told, Event.ACCEPT, staff, Party.SELLER, note)
        shipped = in_hours(accepted + chance.within(8 * HOUR, 3 * DAY), SHOP)
        yield shipped, Step(told, Event.SHIP, staff, Party.SELLER)
        arrived = shipped + chance.within(3 * HOUR, 50 * HOUR)
        received = self._in_office(arrived) if told.is_official else in_hours(arrived, SHOP)
        yield received, Step(told, Event.RECEIVE, told.buyer, Party.BUYER)
        if told.is_official:
            treasurer = self._deciders.treasurer(told.wish.agency, besides=told.buyer)
            paid = self._in_office(received + chance.within(DAY, 8 * DAY))
            yield self._paid(told, treasurer, paid)
            if told.wish.comes_back:
                later = in_hours(paid + GOES_BACK_AFTER, SHOP)
                yield later, Step(told, Event.TAKE_BACK, staff, Party.SELLER, WHY_BACK)

    def _paid(self, told: Told, treasurer: PersonId, at: datetime) -> Planned:
        """Recorded on its day; of some, weeks later, when the proof came back from the bank."""
        day = city_day(at)
        is_late = self._late.is_one_in(LATE_PROOFS) and day.month <= LAST_MONTH_OF_LATE_PROOFS
        if told.wish.until or told.wish.comes_back or not is_late:
            return at, Step(told, Event.PAY, treasurer, Party.TREASURER)
        brought = self._in_office(at + self._late.within(*PROOF_COMES_AFTER))
        return brought, Step(told, Event.PAY, treasurer, Party.TREASURER, occurred_on=day)

    def _in_office(self, at: datetime) -> datetime:
        """The instant itself, or the next one in which an agency's people work."""
        local = city_time(in_hours(at, OFFICE))
        while not is_working_day(local.date(), self._days_off):
            local += DAY
        return local.astimezone(UTC)


def in_hours(at: datetime, hours: tuple[int, int]) -> datetime:
    """The instant itself, or the next one within such hours of a day."""
    first, last = hours
    local = city_time(at)
    if local.hour < first:
        local = local.replace(hour=first)
    elif local.hour > last:
        local = (local + DAY).replace(hour=first)
    return local.astimezone(UTC)
