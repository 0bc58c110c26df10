"""What a checkout would order, seller by seller, and what stands against it.

Read by the page (`quote.py`), and again under the cart's lock by `checkout.py`, which refuses
where anything stands against it. All amounts come from the database, none from the sender.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.agencies.placements import CurrentPlacement
from storefront.catalog.models import StockPolicy
from storefront.catalog.queries import Offer, find_offers
from storefront.catalog.stock import OutOfStock
from storefront.core.calendar import city_day
from storefront.core.errors import N_, DomainError
from storefront.core.permissions import Actor, shop_scope
from storefront.orders import delivery
from storefront.orders.cart import NoLongerSold
from storefront.orders.checkout_request import CheckoutRequest, Wishes
from storefront.orders.models import CartItem, Delivery, PickupPoint
from storefront.orders.parties import ShopOfOnesOwn
from storefront.orders.taxes import tax_in
from storefront.quota.models import Fund
from storefront.sellers.classes import VerifiedClass, classes_on
from storefront.sellers.models import Seller, SellerId


class PracticeOnly(DomainError):
    code = "practice_only"
    message = N_("%(seller_name)s dan instansi Anda bukan pasangan latihan.")


@dataclass(frozen=True)
class DraftLine:
    """A thing that would be ordered, at its price of now."""

    item_id: int
    offer: Offer
    quantity: int
    tax_amount: int
    """The part of `amount` that is tax."""

    @property
    def amount(self) -> int:
        return self.quantity * self.offer.price_amount


@dataclass(frozen=True, kw_only=True)
class DraftOrder:
    """What one seller would owe. `problems` say, each beside its field, why it cannot be so."""

    seller: Seller
    seller_class: VerifiedClass
    lines: tuple[DraftLine, ...]
    wishes: Wishes
    delivery: Delivery
    outlet: PickupPoint | None
    address: str
    earliest_on: date
    deliver_on: date
    delivery_amount: int
    problems: tuple[DomainError, ...]

    @property
    def goods_amount(self) -> int:
        return sum(line.amount for line in self.lines)

    @property
    def tax_amount(self) -> int:
        return sum(line.tax_amount for line in self.lines)

    @property
    def total_amount(self) -> int:
        """What is paid, and what counts: goods with their tax, and the seller's own delivery."""
        return self.goods_amount + self.delivery_amount


@dataclass(frozen=True)
class Surroundings:
    """What all orders of a checkout share."""

    actor: Actor
    wanted: CheckoutRequest
    placement: CurrentPlacement
    outlets: Sequence[PickupPoint]
    holidays: frozenset[date]
    now: datetime

    @property
    def today(self) -> date:
        return city_day(self.now)


def look_around(
    session: Session,
    actor: Actor,
    wanted: CheckoutRequest,
    *,
    placement: CurrentPlacement,
    now: datetime,
) -> Surroundings:
    """What all orders of a checkout share, as it is now."""
    return Surroundings(
        actor=actor,
        wanted=wanted,
        placement=placement,
        outlets=delivery.pickup_points(session),
        holidays=delivery.holidays_from(session, city_day(now)),
        now=now,
    )


def draft_orders(
    session: Session, around: Surroundings, items: Sequence[CartItem]
) -> list[DraftOrder]:
    """The orders that a purchase of the items would hold, by rising seller id.

    Items of variants that are no longer known are nobody's and are left out. Four reads.
    """
    offers = find_offers(session, [item.variant_id for item in items])
    sellers = _sellers(session, {offer.seller_id for offer in offers.values()})
    by_seller: dict[SellerId, list[DraftLine]] = {}
    for item in items:
        if (offer := offers.get(item.variant_id)) is None:
            continue
        line = _line(item, offer, is_pkp=sellers[offer.seller_id].is_pkp, today=around.today)
        by_seller.setdefault(offer.seller_id, []).append(line)
    classes = classes_on(session, by_seller.keys(), around.today)
    made = [_made(line) for lines in by_seller.values() for line in lines if _is_made(line)]
    taken = delivery.taken_days(session, made, from_day=around.today)
    return [
        _order(around, sellers[seller_id], classes[seller_id], by_seller[seller_id], taken)
        for seller_id in sorted(by_seller)
    ]


def _line(item: CartItem, offer: Offer, *, is_pkp: bool, today: date) -> DraftLine:
    tax_amount = tax_in(item.quantity * offer.price_amount, is_pkp=is_pkp, day=today)
    return DraftLine(item.id, offer, item.quantity, tax_amount)


def _order(
    around: Surroundings,
    seller: Seller,
    seller_class: VerifiedClass,
    lines: list[DraftLine],
    taken: delivery.TakenDays,
) -> DraftOrder:
    wishes = around.wanted.wishes_for(seller.id)
    by = wishes.delivery or Delivery.OFFICE
    goods_amount = sum(line.amount for line in lines)
    problems = [*_against_seller(around, seller), *_against_lines(lines)]
    outlet = next((o for o in around.outlets if o.code == wishes.outlet_code), None)
    if by is Delivery.PICKUP and outlet is None:
        problems.append(delivery.OutletUnknown(seller_id=seller.id))
    address = _address(around, by, outlet)
    if not address:
        problems.append(delivery.AddressMissing())
    earliest_on, deliver_on, against_day = _days(around, seller, wishes, lines, taken)
    return DraftOrder(
        seller=seller,
        seller_class=seller_class,
        lines=tuple(lines),
        wishes=wishes,
        delivery=by,
        outlet=outlet if by is Delivery.PICKUP else None,
        address=address,
        earliest_on=earliest_on,
        deliver_on=deliver_on,
        delivery_amount=delivery.fee(seller, by, goods_amount),
        problems=(*problems, *against_day),
    )


def _against_seller(around: Surroundings, seller: Seller) -> list[DomainError]:
    problems: list[DomainError] = []
    if any(grant.scope == shop_scope(seller.id) for grant in around.actor.grants):
        problems.append(ShopOfOnesOwn(seller_name=seller.name))
    if seller.is_practice != around.placement.is_practice:
        problems.append(PracticeOnly(seller_name=seller.name))
    return problems


def _against_lines(lines: Iterable[DraftLine]) -> list[DomainError]:
    """Advice, for stock is taken only when the purchase is placed; but told in time."""
    problems: list[DomainError] = []
    for line in lines:
        offer = line.offer
        if not offer.is_for_sale:
            problems.append(NoLongerSold(product_name=offer.product_name))
        elif offer.stock_policy is StockPolicy.COUNTED and offer.stock < line.quantity:
            problems.append(
                OutOfStock(left=offer.stock, variant_id=offer.variant_id, name=offer.product_name)
            )
    return problems


def _days(
    around: Surroundings,
    seller: Seller,
    wishes: Wishes,
    lines: Sequence[DraftLine],
    taken: delivery.TakenDays,
) -> tuple[date, date, list[DomainError]]:
    """The earliest day, the day that holds, and what stands against it."""
    earliest_on = delivery.earliest_day(
        max(line.offer.lead_days for line in lines),
        is_decided=around.wanted.fund is Fund.OFFICIAL,
        holidays=around.holidays,
        now=around.now,
    )
    try:
        free_on = delivery.free_day(
            [_made(line) for line in lines if _is_made(line)],
            taken,
            from_day=earliest_on,
            holidays=around.holidays,
        )
        deliver_on = wishes.deliver_on or free_on
        delivery.check_day(
            deliver_on,
            earliest=earliest_on,
            seller_name=seller.name,
            today=around.today,
        )
    except DomainError as problem:
        problem.details["seller_id"] = seller.id
        return earliest_on, wishes.deliver_on or earliest_on, [problem]
    return earliest_on, deliver_on, []


def _is_made(line: DraftLine) -> bool:
    return line.offer.stock_policy is StockPolicy.ON_ORDER


def _made(line: DraftLine) -> delivery.Made:
    offer = line.offer
    return delivery.Made(offer.variant_id, offer.product_name, line.quantity, offer.daily_capacity)


def _address(around: Surroundings, by: Delivery, outlet: PickupPoint | None) -> str:
    if by is Delivery.PICKUP:
        return outlet.name if outlet else "-"
    if by is Delivery.HOME:
        return around.wanted.address
    placement = around.placement
    return placement.agency_address or placement.agency_name


def _sellers(session: Session, seller_ids: Iterable[SellerId]) -> dict[SellerId, Seller]:
    query = select(Seller).where(Seller.id.in_(list(seller_ids))).order_by(Seller.id)
    found = session.scalars(query.execution_options(populate_existing=True))
    return {seller.id: seller for seller in found}
