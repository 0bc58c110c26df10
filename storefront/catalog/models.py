"""What is listed, what is bought, and how many pieces are where."""

from datetime import date, datetime
from enum import StrEnum
from typing import NewType

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storefront.core.database import Base, BigId, Rupiah
from storefront.core.permissions import PersonId
from storefront.sellers.models import SellerId

CategoryId = NewType("CategoryId", int)
ProductId = NewType("ProductId", int)
VariantId = NewType("VariantId", int)

SHOP_PLACE = "shop"
"""The place of what a seller keeps; another place is an outlet's code."""


class Category(Base):
    """A node of the category tree. `path` is its slugs from the root, each followed by `/`."""

    __tablename__ = "categories"

    id: Mapped[CategoryId] = mapped_column(BigId, primary_key=True)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    parent_id: Mapped[CategoryId | None] = mapped_column(ForeignKey("categories.id"), index=True)
    path: Mapped[str] = mapped_column(String(240), unique=True)
    position: Mapped[int]


class ProductState(StrEnum):
    DRAFT = "draft"
    LIVE = "live"
    TAKEN_DOWN = "taken_down"


class Product(Base):
    """What a seller lists. It has at least one variant; a price and a stock belong to those.

    Some columns repeat what other rows say, so that a page of thousands is one indexed read:
    `is_visible` is true while the product is live and its seller active; `from_amount`,
    `to_amount`, `was_amount` and `is_scheduled` follow the active variants, `has_stock` also their
    stock, and `picture_key` the first picture. `listing.py`, `stock.py` and `photos.py` keep them;
    `upkeep.py: differences` finds any that went astray.
    """

    __tablename__ = "products"
    __table_args__ = (
        CheckConstraint("sold_count >= 0", name="sold_count_not_negative"),
        CheckConstraint("to_amount >= from_amount", name="amounts_in_order"),
        Index(None, "is_visible", "listed_at", "id", "has_stock"),
        Index(None, "is_visible", "from_amount", "id"),
        Index(None, "is_visible", "sold_count", "id"),
        Index(None, "is_visible", "category_id", "listed_at", "id"),
        Index(None, "is_visible", "seller_id", "listed_at", "id"),
        Index(None, "seller_id", "state", "id"),
    )

    id: Mapped[ProductId] = mapped_column(BigId, primary_key=True)
    seller_id: Mapped[SellerId] = mapped_column(ForeignKey("sellers.id"))
    category_id: Mapped[CategoryId] = mapped_column(ForeignKey("categories.id"), index=True)
    slug: Mapped[str] = mapped_column(String(120), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    description: Mapped[str] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(String(20))
    is_halal: Mapped[bool] = mapped_column(default=False)
    state: Mapped[ProductState]
    is_visible: Mapped[bool]
    from_amount: Mapped[Rupiah]
    """The lowest price of an active variant, `to_amount` the highest."""
    to_amount: Mapped[Rupiah]
    was_amount: Mapped[int | None] = mapped_column(BigInteger)
    """What the cheapest variant cost before."""
    has_stock: Mapped[bool]
    """Whether an active variant can be bought now: pieces in the shop, or made to order."""
    is_scheduled: Mapped[bool] = mapped_column(default=False)
    """Whether an active variant is made to order, for a day."""
    picture_key: Mapped[str | None] = mapped_column(String(64))
    sold_count: Mapped[int] = mapped_column(default=0)
    search_name: Mapped[str] = mapped_column(Text)
    """The stems of the name, which weigh most (`search.py`)."""
    search_text: Mapped[str] = mapped_column(Text)
    """The stems of seller, category, variants and description."""
    listed_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    variants: Mapped[list["Variant"]] = relationship(
        lazy="raise_on_sql", order_by="Variant.position"
    )
    pictures: Mapped[list["Picture"]] = relationship(
        lazy="raise_on_sql", order_by="Picture.position"
    )


class StockPolicy(StrEnum):
    COUNTED = "counted"
    ON_ORDER = "on_order"


class Variant(Base):
    """What a buyer orders: one size or flavour, with its price."""

    __tablename__ = "variants"
    __table_args__ = (
        CheckConstraint("price_amount BETWEEN 1 AND 1000000000000", name="price_in_bounds"),
        CheckConstraint("was_amount IS NULL OR was_amount > price_amount", name="was_dearer"),
        CheckConstraint("lead_days BETWEEN 0 AND 90", name="lead_days_in_bounds"),
        CheckConstraint(
            "daily_capacity IS NULL OR daily_capacity BETWEEN 1 AND 100000",
            name="daily_capacity_in_bounds",
        ),
        Index(None, "product_id", "position"),
        Index(None, "seller_id", "sku", unique=True),
    )

    id: Mapped[VariantId] = mapped_column(BigId, primary_key=True)
    product_id: Mapped[ProductId] = mapped_column(ForeignKey("products.id"))
    seller_id: Mapped[SellerId] = mapped_column(ForeignKey("sellers.id"))
    """That of the product: a SKU is unique within a shop."""
    sku: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(60), default="")
    price_amount: Mapped[Rupiah]
    was_amount: Mapped[int | None] = mapped_column(BigInteger)
    stock_policy: Mapped[StockPolicy] = mapped_column(default=StockPolicy.COUNTED)
    lead_days: Mapped[int] = mapped_column(default=0)
    """Working days before delivery that an order is needed."""
    daily_capacity: Mapped[int | None]
    """Pieces that can be made for one delivery day; None: no limit."""
    is_active: Mapped[bool] = mapped_column(default=True)
    position: Mapped[int]


class Stock(Base):
    """The pieces of a variant that are free to sell at a place. Changed by `stock.py` alone."""

    __tablename__ = "stock"
    __table_args__ = (CheckConstraint("quantity >= 0", name="quantity_not_negative"),)

    variant_id: Mapped[VariantId] = mapped_column(ForeignKey("variants.id"), primary_key=True)
    place: Mapped[str] = mapped_column(String(20), primary_key=True)
    quantity: Mapped[int]


class MovementKind(StrEnum):
    COUNTED = "counted"
    TAKEN = "taken"
    RETURNED = "returned"


class StockMovement(Base):
    """Why a stock changed. Per variant and place the movements add up to the stock."""

    __tablename__ = "stock_movements"
    __table_args__ = (
        CheckConstraint("change <> 0", name="change_not_nothing"),
        Index(None, "variant_id", "place", "id"),
        Index(None, "reference"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    variant_id: Mapped[VariantId] = mapped_column(ForeignKey("variants.id"))
    place: Mapped[str] = mapped_column(String(20))
    kind: Mapped[MovementKind]
    change: Mapped[int]
    reference: Mapped[str] = mapped_column(String(40))
    """The order's number, or what else it was for."""
    recorded_by: Mapped[PersonId] = mapped_column(String(16))
    recorded_at: Mapped[datetime]


class DayCapacity(Base):
    """Pieces of a made-to-order variant that are promised for a delivery day."""

    __tablename__ = "day_capacity"
    __table_args__ = (CheckConstraint("taken >= 0", name="taken_not_negative"),)

    variant_id: Mapped[VariantId] = mapped_column(ForeignKey("variants.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    taken: Mapped[int]


class Picture(Base):
    """A photograph, as WebP files named by `key` (`core/media.py`)."""

    __tablename__ = "pictures"
    __table_args__ = (Index(None, "product_id", "position"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    product_id: Mapped[ProductId] = mapped_column(ForeignKey("products.id"))
    key: Mapped[str] = mapped_column(String(64))
    alt: Mapped[str] = mapped_column(String(160), default="")
    position: Mapped[int]


class SearchWord(Base):
    """A word of the catalogue and its stem: what a mistyped word may have meant (`search.py`).

    It is never taken out: a word too many costs a suggestion that finds nothing.
    """

    __tablename__ = "search_words"
    __table_args__ = (Index(None, "length", "word"),)

    word: Mapped[str] = mapped_column(String(40), primary_key=True)
    stem: Mapped[str] = mapped_column(String(40), index=True)
    length: Mapped[int]
