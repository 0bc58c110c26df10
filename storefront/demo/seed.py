"""The demo city, made in bulk: people, budgets, shops, and two years of orders up to a day.

The same day gives the same city. It is written as rows, not through the verbs, which would take an
hour; what it writes must satisfy the same constraints, seals and reconciliation (a test runs both).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storefront.accounts.models import Person, PersonDetails
from storefront.accounts.passwords import hash_password
from storefront.agencies.models import (
    Agency,
    BudgetRevision,
    BudgetRevisionLine,
    PlacementRole,
)
from storefront.catalog.models import SHOP_PLACE, MovementKind, Stock, StockMovement
from storefront.core.calendar import instant_of
from storefront.core.errors import N_, Conflict
from storefront.core.permissions import OPERATOR, Role
from storefront.demo.books import DemoBooks
from storefront.demo.budgets import Budgets, add_budgets
from storefront.demo.history import History
from storefront.demo.outside import leave_purchases
from storefront.demo.people import Employee, People, add_agencies, add_people
from storefront.demo.programme import add_programme
from storefront.demo.reorganisation import reorganise
from storefront.demo.shops import Shop, add_shops
from storefront.demo.wishes import ODD, Wishes
from storefront.orders import event_log
from storefront.orders.models import FulfilmentStatus
from storefront.quota import log, periods
from storefront.quota.models import Fund
from storefront.quota.rules import rule_on
from storefront.sellers.models import Seller, SellerClass

PASSWORD = "Serlok-Bandung-2026"  # noqa: S105 - the demo's, known to all
SMALL_HOURS = time(0, 10)
"""So early that nothing of the demo lies ahead of whoever opens it on its day."""
AFTERNOON = time(15, 30)
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
    session: Session, pictures: Mapping[str, str], *, today: date, progress: Progress
) -> Seeded:
    """Make the demo city as it is when a day begins, in this unit of work.

    `pictures` gives the media key of each picture of the content. Raises `NotEmpty`.
    """
    if not is_empty(session):
        raise NotEmpty
    first_day = date(today.year - 1, 1, 1)
    now = instant_of(today, SMALL_HOURS)
    rule = rule_on(session, today)
    periods.begin_in(session, OPERATOR, year=first_day.year)

    progress("agencies, people and budgets")
    agencies = add_agencies(session, since=first_day)
    registrar = add_people(
        session, agencies, password_hash=hash_password(PASSWORD), since=first_day
    )
    reorganise(session, today=today, confirmed_by=registrar.people.admin)
    budgets = add_budgets(
        session,
        agencies,
        years=(first_day.year, today.year),
        today=today,
        confirmed_by=registrar.people.admin,
    )
    progress("shops and goods")
    shops = add_shops(session, registrar, pictures, today=today)

    progress("two years of orders")
    cap = rule.seller_monthly_cap_amount
    books = DemoBooks(session, first_year=first_day.year, cap_amount=cap)
    history = History(
        session, registrar.people, agencies, books, rule_version=rule.version, now=now
    )
    moved = add_programme(session, decided_by=registrar.people.admin, today=today, now=now)
    wishes = Wishes(agencies, registrar.people, budgets, shops, cap_amount=cap, serlok_days=moved)
    drawn = [
        *wishes.official(first_day.year, date(first_day.year, 12, 31)),
        *wishes.official(today.year, today),
        *wishes.personal(first_day, today),
        *wishes.fresh(today),
        *wishes.odd(today),
    ]
    history.tell([*drawn, *wishes.first_orders(drawn, today)])
    leave_purchases(session, books, history.orders, registrar.people, agencies, today=today)
    progress("ledger and stock")
    entries = _write_down(session, books, history, shops)
    _share_a_telephone(session, history)
    _leave_to_confirm(session, registrar.people, agencies, budgets, today)
    _leave_applications(session, now)
    session.flush()
    products = sum(len({good.product.id for good in shop.goods}) for shop in shops)
    return Seeded(
        people=session.scalar(select(func.count()).select_from(Person)) or 0,
        shops=len(shops),
        products=products,
        orders=len(history.orders),
        entries=entries,
    )


def _write_down(session: Session, books: DemoBooks, history: History, shops: list[Shop]) -> int:
    """Entries in the order of time, their positions, and what the shelves began with."""
    session.flush()
    entries = books.write_down()
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
    return entries


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
        if one.agency_code == ODD
        and one.fulfilment_status is FulfilmentStatus.RECEIVED
        and one.fund is Fund.OFFICIAL
    )
    buyer = session.get_one(PersonDetails, order.buyer_id)
    buyer.phone = session.get_one(Seller, order.seller_id).phone


def _leave_to_confirm(
    session: Session,
    people: People,
    agencies: dict[str, Agency],
    budgets: Budgets,
    today: date,
) -> None:
    """A role and a budget revision that wait for their second person."""
    health = people.of_agency["KB-D02"]
    admin = next(one for one in health if Role.AGENCY_ADMIN in one.roles)
    deputy = next(one for one in reversed(health) if one.roles == frozenset({Role.BUYER}))
    session.add(_proposed(deputy, admin, instant_of(today - timedelta(days=1), AFTERNOON)))
    coblong = agencies["KB-K19"]
    purse = budgets.purse("KB-K19", today.year)
    by = next(one for one in people.of_agency["KB-K19"] if Role.AGENCY_ADMIN in one.roles)
    total = (purse.year.ceiling_amount or 0) + 15_000_000
    lines = [
        BudgetRevisionLine(
            activity_code=line.activity_code,
            activity_name=line.activity_name,
            expense_account=line.expense_account,
            amount=line.ceiling_amount + (15_000_000 if at == 0 else 0),
        )
        for at, line in enumerate(purse.lines)
    ]
    session.add(
        BudgetRevision(
            agency_id=coblong.id,
            fiscal_year=today.year,
            revision=purse.year.revision + 1,
            effective_on=today,
            document_number=f"DPPA/KB-K19/{today.year}/{today:%m}",
            total_amount=total,
            proposed_by=by.person_id,
            proposed_at=instant_of(today - timedelta(days=2), AFTERNOON),
            lines=lines,
        )
    )


def _proposed(employee: Employee, by: Employee, at: datetime) -> PlacementRole:
    return PlacementRole(
        placement_id=employee.placement.id,
        role=Role.TREASURER,
        proposed_by=by.person_id,
        proposed_at=at,
    )


APPLICATIONS = (
    ("dapur-ceu-kokom", "Dapur Ceu Kokom", "Kokom Komalasari", "0310250067412", "Rancasari",
     "Jl. Derwati No. 21", "081322407715",
     "Nasi timbel, pepes ikan, dan aneka sambal untuk rapat. Dimasak pagi, diantar siang."),
    ("rajut-binong-mandiri", "Rajut Binong Mandiri", "Deden Suhendar", "1204240098833",
     "Batununggal", "Jl. Binong Jati No. 88", "085721330946",
     "Sweter, rompi, dan syal rajut dari sentra Binong Jati, juga untuk seragam kantor."),
)  # fmt: skip


def _leave_applications(session: Session, now: datetime) -> None:
    """Sellers whom the city has not looked at yet."""
    for days, (key, name, owner, nib, district, address, phone, description) in enumerate(
        APPLICATIONS, 1
    ):
        session.add(
            Seller(
                slug=key,
                name=name,
                owner_name=owner,
                nib=nib,
                claimed_class=SellerClass.MICRO,
                email=f"{key}@usaha.example",
                phone=phone,
                district=district,
                address=address,
                description=description,
                applied_at=now - timedelta(days=days, hours=3),
            )
        )
