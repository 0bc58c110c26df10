"""Orders as checkout writes them, and the people around one."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from storefront.agencies.models import Agency, BudgetLine, BudgetYear, Placement
from storefront.catalog import stock
from storefront.catalog.models import SHOP_PLACE, VariantId
from storefront.core.calendar import city_day, fiscal_year
from storefront.core.database import transaction
from storefront.core.identifiers import order_number, purchase_number
from storefront.core.permissions import OPERATOR, SYSTEM, Actor, Role, agency_scope
from storefront.orders import fulfilment
from storefront.orders.approvals import Decision, decide
from storefront.orders.lifecycle import FIRST, apply, begin
from storefront.orders.models import Cart, Delivery, Order, OrderLine, OrderPeople, Purchase
from storefront.orders.words import Event
from storefront.payments.invoices import Proof
from storefront.payments.models import AgencyMethod
from storefront.quota.models import Fund
from storefront.quota.periods import LedgerHasBegun, begin_in
from storefront.sellers.models import Seller, SellerClass
from tests.factories import (
    HEALTH,
    NOON,
    SNAPSHOT,
    actor_of,
    agency,
    budget,
    listed_variant,
    placed,
    shop,
    shop_actor,
    signed_up,
)

TODAY = NOON.date()
ACTIVITY, ACCOUNT = "1.02.02.2.02", "5.1.02.01.01.0052"

_proofs = count(1)


@dataclass(frozen=True)
class Around:
    """An agency and a shop, and who acts in them."""

    agency: Agency
    placement: Placement
    shop: Seller
    buyer: Actor
    approver: Actor
    treasurer: Actor
    seller: Actor


def around(
    session: Session,
    *,
    code: str = HEALTH.agency_code,
    parent: Agency | None = None,
    at: Seller | None = None,
    ceiling: int | None = 1_000_000_000,
    line: int | None = 500_000_000,
    years: Sequence[int] = (2026,),
) -> Around:
    """Everybody whom an order needs, and a budget (ceiling None: none entered).

    Of a ledger that is still empty the first open month is January of the first year.
    """
    with transaction(session), suppress(LedgerHasBegun):
        begin_in(session, OPERATOR, year=years[0])
    unit = agency(session, code, parent=parent)
    placement = placed(session, unit)
    seller = at or shop(session)
    for year in years:
        budget(session, unit, year=year, ceiling=ceiling, line=line)
    return Around(
        agency=unit,
        placement=placement,
        shop=seller,
        buyer=actor_of(placement, unit),
        approver=signed_up(session, Role.APPROVER, agency_scope(code)),
        treasurer=signed_up(session, Role.TREASURER, agency_scope(code)),
        seller=shop_actor(session, seller),
    )


def placed_order(
    session: Session,
    of: Around,
    *,
    fund: Fund = Fund.OFFICIAL,
    quantities: Sequence[int] = (10,),
    price: int = 10_000,
    variants: Sequence[VariantId] | None = None,
    now: datetime = NOON,
    **frozen: Any,
) -> str:
    """An order of so many pieces of each variant, just placed; its number.

    `frozen` are columns of the order that should be otherwise than usual.
    """
    if variants is None:
        variants = [
            listed_variant(session, seller=of.shop, stock=quantity, price=price)
            for quantity in quantities
        ]
    goods = sum(quantity * price for quantity in quantities)
    delivery = frozen.get("delivery_amount", 0)
    number = purchase_number()
    year = fiscal_year(city_day(now))
    year_id, line_id = _budget_of(session, of.agency, year)
    with transaction(session):
        cart = session.scalar(select(Cart).filter_by(person_id=of.buyer.person_id))
        if cart is None:
            cart = Cart(person_id=of.buyer.person_id, changed_at=now, revision=1)
            session.add(cart)
        cart.revision += 1
        session.flush()
        first = FIRST[fund]
        usual = {
            "number": order_number(number, 1),
            "position": 1,
            "fund": fund,
            "status": first.status,
            "payment_status": first.payment_status,
            "fulfilment_status": first.fulfilment_status,
            "buyer_id": of.buyer.person_id,
            "placement_id": of.placement.id,
            "agency_id": of.agency.id,
            "agency_code": of.agency.code,
            "agency_name": of.agency.name,
            "seller_id": of.shop.id,
            "seller_name": of.shop.name,
            "seller_class": SellerClass.MICRO,
            "seller_class_evidence": "OSS",
            "seller_nib": of.shop.nib,
            "seller_npwp": of.shop.npwp,
            "goods_amount": goods,
            "tax_amount": 0,
            "delivery_amount": delivery,
            "total_amount": goods + delivery,
            "quota_amount": goods + delivery,
            "budget_amount": goods + delivery,
            "budget_year": year,
            "delivery": Delivery.OFFICE,
            "deliver_on": city_day(now) + timedelta(days=14),
            "placed_at": now,
            "snapshot_sha256": SNAPSHOT,
            "rule_version": 1,
        }
        if fund is Fund.OFFICIAL:
            usual |= {
                "purpose": "Rapat koordinasi puskesmas",
                "activity_code": ACTIVITY,
                "expense_account": ACCOUNT,
                "budget_agency_id": of.agency.id if year_id else None,
                "budget_line_id": line_id,
                "approval_agency_id": of.agency.id,
                "decide_by": now + timedelta(days=7),
            }
        order = Order(
            **usual | frozen,
            people=OrderPeople(
                buyer_nip=of.placement.nip,
                buyer_name="Rina Amelia",
                buyer_position=of.placement.position,
                phone="0812111",
                address="Jl. Supratman No. 73",
            ),
            lines=[
                OrderLine(
                    position=position,
                    variant_id=variant_id,
                    place=SHOP_PLACE,
                    is_counted=True,
                    sku=f"SKU-{variant_id}",
                    product_name=f"Kopi {variant_id}",
                    product_slug=f"kopi-{variant_id}",
                    variant_name="",
                    category_path="kopi-bubuk/",
                    unit="bungkus",
                    quantity=quantity,
                    unit_price_amount=price,
                    line_amount=quantity * price,
                    tax_amount=0,
                )
                for position, (variant_id, quantity) in enumerate(
                    zip(variants, quantities, strict=True), start=1
                )
            ],
        )
        session.add(
            Purchase(
                number=number,
                buyer_id=of.buyer.person_id,
                cart_id=cart.id,
                cart_revision=cart.revision,
                fund=fund,
                total_amount=order.total_amount,
                placed_at=now,
                orders=[order],
            )
        )
        session.flush()
        taken = dict(zip(variants, quantities, strict=True))
        stock.take(session, of.buyer, taken, reference=order.number, now=now)
        begin(session, of.buyer, order, now=now)
    return order.number


def paid_order(session: Session, of: Around, *, now: datetime = NOON, **placed: Any) -> str:
    """A personal order whose money came."""
    number = placed_order(session, of, fund=Fund.PERSONAL, now=now, **placed)
    with transaction(session):
        apply(session, SYSTEM, found(session, number), Event.SETTLE_PAYMENT, now=now)
    return number


def approved_order(session: Session, of: Around, *, now: datetime = NOON, **placed: Any) -> str:
    """An official order that its approver let pass."""
    number = placed_order(session, of, now=now, **placed)
    with transaction(session):
        decide(session, of.approver, number, Decision.APPROVE, "", now=now)
    return number


def received_order(session: Session, of: Around, number: str, *, now: datetime = NOON) -> str:
    """The same order accepted, shipped and received whole."""
    with transaction(session):
        fulfilment.accept(session, of.seller, number, now=now)
        fulfilment.ship(session, of.seller, number, now=now)
        fulfilment.receive(session, of.buyer, number, now=now)
    return number


def proof(gross: int, *, on: date = TODAY, withheld: int = 0, number: str | None = None) -> Proof:
    return Proof(AgencyMethod.LS, on, number or f"SP2D-{next(_proofs)}", gross, withheld)


def planned_line(session: Session, of: Around, ceiling: int, *, year: int = 2027) -> None:
    """A line for the usual activity and account, as a confirmed revision adds it to a budget."""
    with transaction(session):
        session.add(
            BudgetLine(
                budget_year_id=session.scalars(
                    select(BudgetYear.id).filter_by(agency_id=of.agency.id, fiscal_year=year)
                ).one(),
                activity_code=ACTIVITY,
                activity_name="Pengelolaan Layanan Kesehatan",
                expense_account=ACCOUNT,
                ceiling_amount=ceiling,
            )
        )


def found(session: Session, number: str) -> Order:
    """The order with its lines and events, as it stands."""
    query = (
        select(Order)
        .where(Order.number == number)
        .options(selectinload(Order.lines), selectinload(Order.events))
        .execution_options(populate_existing=True)
    )
    return session.scalars(query).one()


def _budget_of(session: Session, unit: Agency, year: int) -> tuple[int | None, int | None]:
    counters = session.scalar(select(BudgetYear).filter_by(agency_id=unit.id, fiscal_year=year))
    if counters is None:
        return None, None
    line = session.scalar(select(BudgetLine).filter_by(budget_year_id=counters.id))
    return counters.id, line.id if line else None
