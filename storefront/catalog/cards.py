"""A product as a list shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from storefront.catalog.models import Product, ProductId
from storefront.sellers.classes import class_of, class_on
from storefront.sellers.models import Seller, SellerClass, SellerId, SellerState


@dataclass(frozen=True)
class ProductCard:
    """A product as a list shows it. `seller_class` is what the city has verified for the day."""

    product_id: ProductId
    slug: str
    name: str
    unit: str
    price_amount: int
    """Of its cheapest variant; `to_amount` of its dearest."""
    to_amount: int
    was_amount: int | None
    picture_key: str | None
    is_halal: bool
    has_stock: bool
    is_scheduled: bool
    seller_id: SellerId
    seller_slug: str
    seller_name: str
    district: str
    seller_class: SellerClass

    @property
    def has_prices(self) -> bool:
        """Whether its variants differ in price: then the card's is "from"."""
        return self.to_amount > self.price_amount

    @property
    def off_percent(self) -> int | None:
        """What was taken off the old price, in whole per cent."""
        if self.was_amount is None:
            return None
        return (self.was_amount - self.price_amount) * 100 // self.was_amount


CARD_ROWS = (
    select(
        Product.id.label("product_id"),
        Product.slug,
        Product.name,
        Product.unit,
        Product.from_amount.label("price_amount"),
        Product.to_amount,
        Product.was_amount,
        Product.picture_key,
        Product.is_halal,
        Product.has_stock,
        Product.is_scheduled,
        Product.seller_id,
        Seller.slug.label("seller_slug"),
        Seller.name.label("seller_name"),
        Seller.district,
        class_of(Product.seller_id).label("seller_class"),
        (Product.is_visible & (Seller.state == SellerState.ACTIVE)).label("is_shown"),
    )
    .select_from(Product)
    .join(Seller, Seller.id == Product.seller_id)
)
"""What `cards_among` reads, to be narrowed and put in order: a card's fields in theirs."""
_ROWS = CARD_ROWS.where(
    Product.id.in_(bindparam("ids", expanding=True))
)  # and nothing that a worse index could be chosen for


def cards(session: Session, ids: Sequence[ProductId], *, today: date) -> list[ProductCard]:
    """Visible products as cards, in the order of the ids: one read."""
    if not ids:
        return []
    found = {
        card.product_id: card for card in cards_among(session, _ROWS, {"ids": ids}, today=today)
    }
    return [found[at] for at in ids if at in found]


def cards_among(
    session: Session, rows: Select[*tuple[Any, ...]], given: Mapping[str, object], *, today: date
) -> list[ProductCard]:
    """The visible products of a narrowed `CARD_ROWS` as cards, in its order: one read."""
    found = session.execute(rows, {**given, **class_on(today)})
    return [ProductCard(*card) for *card, is_shown in found if is_shown]
