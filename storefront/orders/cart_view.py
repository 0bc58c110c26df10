"""The cart as its page shows it: by seller, with what is true of each thing now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from storefront.catalog.models import StockPolicy, VariantId
from storefront.catalog.queries import Offer, find_offers
from storefront.orders.cart import CartOwner
from storefront.orders.models import Cart, CartItem
from storefront.sellers.classes import classes_on
from storefront.sellers.models import SellerClass, SellerId


class LineProblem(StrEnum):
    """Why an item cannot be bought as it stands."""

    NOT_SOLD = "not_sold"
    SOLD_OUT = "sold_out"
    TOO_FEW = "too_few"


@dataclass(frozen=True)
class CartLine:
    """An item, and its offer of now. `amount` is that of now, whatever was seen."""

    item_id: int
    quantity: int
    seen_amount: int
    offer: Offer

    @property
    def amount(self) -> int:
        return self.quantity * self.offer.price_amount

    @property
    def has_new_price(self) -> bool:
        return self.seen_amount != self.offer.price_amount

    @property
    def problem(self) -> LineProblem | None:
        if not self.offer.is_for_sale:
            return LineProblem.NOT_SOLD
        if self.offer.stock_policy is not StockPolicy.COUNTED or self.offer.stock >= self.quantity:
            return None
        return LineProblem.TOO_FEW if self.offer.stock else LineProblem.SOLD_OUT


@dataclass(frozen=True)
class CartGroup:
    """What comes from one seller: later one order."""

    seller_id: SellerId
    seller_name: str
    seller_slug: str
    district: str
    seller_class: SellerClass
    lines: tuple[CartLine, ...]

    @property
    def goods_amount(self) -> int:
        """Of what can be bought as it stands."""
        return sum(line.amount for line in self.lines if line.problem is None)


@dataclass(frozen=True)
class CartView:
    """A cart, by seller. `revision` names this state of it."""

    revision: int
    groups: tuple[CartGroup, ...]

    @property
    def lines(self) -> list[CartLine]:
        return [line for group in self.groups for line in group.lines]

    @property
    def goods_amount(self) -> int:
        return sum(group.goods_amount for group in self.groups)

    @property
    def can_be_bought(self) -> list[CartLine]:
        return [line for line in self.lines if line.problem is None]


def show_cart(
    session: Session, owner: CartOwner | None, *, today: date, chosen: Sequence[int] = ()
) -> CartView:
    """The owner's cart, or the chosen items of it: four reads, however many items there are.

    Sellers in the order of their first item.
    """
    rows = _rows(session, owner, set(chosen)) if owner else []
    if not rows:
        return CartView(0, ())
    variant_ids = [VariantId(row.variant_id) for _revision, row in rows]
    offers = find_offers(session, variant_ids)
    classes = classes_on(session, {offer.seller_id for offer in offers.values()}, today)
    by_seller: dict[SellerId, list[CartLine]] = {}
    for _revision, item in rows:
        offer = offers[item.variant_id]  # a variant that was sold or gathered is never deleted
        line = CartLine(item.id, item.quantity, item.seen_amount, offer)
        by_seller.setdefault(offer.seller_id, []).append(line)
    groups = (
        _group(seller_id, lines, classes[seller_id].seller_class)
        for seller_id, lines in by_seller.items()
    )
    return CartView(rows[0][0], tuple(groups))


def count_items(session: Session, owner: CartOwner) -> int:
    """How many things lie in a cart, for the page's head. One read."""
    query = select(func.count(CartItem.id)).join(Cart, Cart.id == CartItem.cart_id)
    return session.scalars(query.where(_is_of(owner))).one()


def _group(seller_id: SellerId, lines: list[CartLine], seller_class: SellerClass) -> CartGroup:
    offer = lines[0].offer
    return CartGroup(
        seller_id=seller_id,
        seller_name=offer.seller_name,
        seller_slug=offer.seller_slug,
        district=offer.district,
        seller_class=seller_class,
        lines=tuple(lines),
    )


def _rows(session: Session, owner: CartOwner, chosen: set[int]) -> list[tuple[int, CartItem]]:
    query = (
        select(Cart.revision, CartItem)
        .join(CartItem, CartItem.cart_id == Cart.id)
        .where(_is_of(owner))
        .order_by(CartItem.id)
    )
    rows = [(revision, item) for revision, item in session.execute(query)]
    return [(revision, item) for revision, item in rows if not chosen or item.id in chosen]


def _is_of(owner: CartOwner) -> ColumnElement[bool]:
    if owner.person_id is not None:
        return Cart.person_id == owner.person_id
    return Cart.guest_digest == owner.guest_digest
