"""The demo city, made in bulk: people, budgets, shops, and two years of orders up to a day.

The same day gives the same city. It is written as rows, not through the verbs, which would take an
hour; what it writes must satisfy the same constraints, seals and reconciliation (a test runs both).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from storefront.accounts.models import Person, PersonDetails
from storefront.accounts.passwords import hash_password
from storefront.catalog.models import SHOP_PLACE, MovementKind, Stock, StockMovement
from storefront.core.calendar import instant_of
from storefront.core.errors import N_, Conflict
from storefront.core.outbox import OutboxMessage
from storefront.core.permissions import CITY, OPERATOR, Actor, Grant, PersonId, Role
from storefront.core.signed_notes import Signer
from storefront.demo import left_wishes, own_wishes
from storefront.demo.above_budget import above_allowed, request_above
from storefront.demo.books import DemoBooks
from storefront.demo.budgets import add_budgets
from storefront.demo.closing import closes
from storefront.demo.exempt import exempted
from storefront.demo.history import History
from storefront.demo.left_open import leave_applications, leave_to_confirm
from storefront.demo.outside import purchases_outside
from storefront.demo.people import add_agencies, add_people
from storefront.demo.programme import days_off_of, holidays_filled, move_serlok_days
from storefront.demo.reorganisation import add_research, renaming_left, reorganised
from storefront.demo.shops import Shop, add_shops
from storefront.demo.timeline import SMALL_HOURS, Calendar
from storefront.demo.wishes import Wishes
from storefront.orders import event_log
from storefront.orders.models import FulfilmentStatus
from storefront.quota import log, periods
from storefront.quota.models import Fund
from storefront.quota.rules import rule_on
from storefront.sellers.models import Seller

PASSWORD = "Serlok-Bandung-2026"  # noqa: S105 - the demo's, known to all
HEARD_AFTER = timedelta(days=7)
Progress = Callable[[str], None]


class NotEmpty(Conflict):
    code = "not_empty"
    message = N_("Basis data sudah berisi orang. Demo hanya dibuat di basis data kosong.")


@dataclass(frozen=True)
class Seeded:
    """How much was made."""

    people: int
    shops: int
    products: int
    orders: int
    entries: int


def is_empty(session: Session) -> bool:
    """Whether nobody is known yet."""
    return session.scalar(select(Person.person_id).limit(1)) is None


def seed(
    session: Session,
    pictures: Mapping[str, str],
    *,
    signer: Signer,
    today: date,
    progress: Progress,
) -> Seeded:
    """Make the demo city as it is when a day begins, in this unit of work.

    `pictures` gives the media key of each picture of the content; `signer` signs the checkpoints
    of the months that were closed. Raises `NotEmpty`.
    """
    if not is_empty(session):
        raise NotEmpty
    first_day = date(today.year - 1, 1, 1)
    now = instant_of(today, SMALL_HOURS)
    rule = rule_on(session, today)
    periods.begin_in(session, OPERATOR, year=first_day.year)
    days_off = days_off_of(first_day.year, today.year)
    calendar = Calendar(first_year=first_day.year, today=today, days_off=days_off)

    progress("agencies, people and budgets")
    agencies = add_agencies(session, since=first_day)
    registrar = add_people(
        session, agencies, password_hash=hash_password(PASSWORD), since=first_day
    )
    people = registrar.people
    add_research(session, first=first_day)
    years = first_day.year, today.year
    budgets = add_budgets(session, agencies, years=years, today=today, confirmed_by=people.admin)
    progress("shops and goods")
    shops = add_shops(session, registrar, pictures, today=today)

    progress("two years of orders")
    cap = rule.seller_monthly_cap_amount
    books = DemoBooks(session, calendar, cap_amount=cap)
    history = History(
        session, people, agencies, books, rule_version=rule.version, days_off=days_off, now=now
    )
    moved = move_serlok_days(session, days_off, decided_by=people.admin, today=today)
    wishes = Wishes(
        agencies, people, budgets, shops, cap_amount=cap, serlok_days=moved, days_off=days_off
    )
    drawn = [
        *wishes.official(first_day.year, date(first_day.year, 12, 31)),
        *wishes.official(today.year, today),
        *own_wishes.personal(wishes, first_day, today),
        *left_wishes.fresh(wishes, today),
        *left_wishes.odd(wishes, today),
    ]
    history.tell([*drawn, *left_wishes.first_orders(wishes, drawn, today)])
    above = request_above(agencies, people, budgets, shops, books, today=today, days_off=days_off)
    history.ask(above)

    progress("ledger, closed months and stock")
    session.flush()
    admin, deputy = city_admin(people.admin), city_admin(people.deputy)
    entries = books.write_down(
        [
            *holidays_filled(session, today=today),
            *exempted(session, today=today, days_off=days_off, proposer=deputy, confirmer=admin),
            *reorganised(session, today=today, proposer=deputy, confirmer=admin),
            *closes(session, calendar, proposer=deputy, confirmer=admin, signer=signer),
            *purchases_outside(
                session, books, history.orders, people, agencies, today=today, days_off=days_off
            ),
            *above_allowed(session, above.agency.code, today=today, by=admin),
            *renaming_left(session, today=today, proposer=deputy),
        ]
    )
    _write_down(session, history, shops)
    _share_a_telephone(session, history)
    leave_to_confirm(session, people, agencies, budgets, today)
    leave_applications(session, now)
    session.flush()
    _hear_of_the_past(session, now)
    products = sum(len({good.product.id for good in shop.goods}) for shop in shops)
    return Seeded(
        people=session.scalar(select(func.count()).select_from(Person)) or 0,
        shops=len(shops),
        products=products,
        orders=len(history.orders),
        entries=entries,
    )


def city_admin(person_id: PersonId) -> Actor:
    return Actor(person_id, frozenset({Grant(Role.CITY_ADMIN, *CITY)}))


def _hear_of_the_past(session: Session, now: datetime) -> None:
    """What was told weeks ago was heard then: the demo begins without the mails of two years."""
    session.execute(
        update(OutboxMessage)
        .where(OutboxMessage.handled_at.is_(None), OutboxMessage.written_at < now - HEARD_AFTER)
        .values(handled_at=OutboxMessage.written_at)
    )


def _write_down(session: Session, history: History, shops: list[Shop]) -> None:
    """Positions of what is young, and what the shelves began with."""
    log.number(session)
    while event_log.has_unnumbered(session):
        event_log.number(session)
    for shop in shops:
        since = instant_of(shop.seller.applied_at.date() - timedelta(days=800))
        for good in shop.goods:
            if not good.is_counted:
                continue
            begun = good.stock + history.taken[good]
            session.add(Stock(variant_id=good.variant.id, place=SHOP_PLACE, quantity=good.stock))
            if begun:
                session.add(
                    StockMovement(
                        variant_id=good.variant.id,
                        place=SHOP_PLACE,
                        kind=MovementKind.COUNTED,
                        change=begun,
                        reference="stok awal",
                        recorded_by=shop.staff,
                        recorded_at=since,
                    )
                )
    _count_sales(history, shops)


def _count_sales(history: History, shops: list[Shop]) -> None:
    by_slug = {good.product.slug: good.product for shop in shops for good in shop.goods}
    by_seller = {shop.seller.id: shop.seller for shop in shops}
    for order in history.orders:
        seller = by_seller[order.seller_id]
        if order.accepted_at and (
            seller.first_order_at is None or order.placed_at < seller.first_order_at
        ):
            seller.first_order_at = order.placed_at
        if order.fulfilment_status is FulfilmentStatus.RECEIVED:
            for line in order.lines:
                product = by_slug[line.product_slug]
                product.sold_count = (product.sold_count or 0) + line.quantity


def _share_a_telephone(session: Session, history: History) -> None:
    """A buyer with the number of a shop that they bought from for their agency: a signal."""
    order = next(
        one
        for one in history.orders
        if one.agency_code == left_wishes.ODD
        and one.fulfilment_status is FulfilmentStatus.RECEIVED
        and one.fund is Fund.OFFICIAL
    )
    buyer = session.get_one(PersonDetails, order.buyer_id)
    buyer.phone = session.get_one(Seller, order.seller_id).phone
