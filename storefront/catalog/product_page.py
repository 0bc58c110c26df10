"""A product as its own page shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, bindparam, func, select
from sqlalchemy.orm import Session

from storefront.catalog.cards import CARD_ROWS, ProductCard, cards_among
from storefront.catalog.filters import NamedSlug
from storefront.catalog.models import (
    SHOP_PLACE,
    Category,
    Picture,
    Product,
    ProductId,
    Stock,
    StockPolicy,
    Variant,
    VariantId,
)
from storefront.core.errors import NotFound
from storefront.core.remember import Remember, asked_now
from storefront.sellers.classes import UNVERIFIED, VerifiedClass, class_on, word_of
from storefront.sellers.models import ClassVerification, Seller, SellerId, SellerState

OTHERS_SHOWN = 8


@dataclass(frozen=True)
class PictureView:
    """A picture: `key` names its files (`core/media.py`); `alt` says what is on it, if said."""

    id: int
    key: str
    alt: str


@dataclass(frozen=True)
class VariantView:
    """A variant on sale, with the pieces that are in the shop."""

    variant_id: VariantId
    sku: str
    name: str
    price_amount: int
    was_amount: int | None
    stock: int
    stock_policy: StockPolicy
    lead_days: int
    daily_capacity: int | None

    @property
    def can_be_bought(self) -> bool:
        return self.stock_policy is StockPolicy.ON_ORDER or self.stock > 0


@dataclass(frozen=True)
class ShopView:
    """Who sells, and what the city has verified of them for the day."""

    seller_id: SellerId
    slug: str
    name: str
    owner_name: str
    district: str
    since: datetime
    verified: VerifiedClass
    office_delivery_amount: int
    home_delivery_amount: int
    free_delivery_from_amount: int | None
    is_pkp: bool


@dataclass(frozen=True)
class ProductPage:
    """All that the page tells of a product."""

    product_id: ProductId
    slug: str
    name: str
    description: str
    unit: str
    is_halal: bool
    sold_count: int
    category_path: str
    breadcrumbs: tuple[NamedSlug, ...]
    """Its categories, the root first."""
    pictures: tuple[PictureView, ...]
    variants: tuple[VariantView, ...]
    shop: ShopView
    others: tuple[ProductCard, ...]
    """Other products of the shop, newest first."""

    @property
    def first_choice(self) -> VariantView:
        """The variant to propose: the first that can be bought, else the first."""
        return next((one for one in self.variants if one.can_be_bought), self.variants[0])

    @property
    def can_be_bought(self) -> bool:
        return any(variant.can_be_bought for variant in self.variants)


_ON_SALE = (
    select(
        Product.id,
        Product.slug,
        Product.name,
        Product.description,
        Product.unit,
        Product.is_halal,
        Product.sold_count,
        Product.picture_key,
        Category.path,
        Seller.id.label("seller_id"),
        Seller.slug.label("seller_slug"),
        Seller.name.label("seller_name"),
        Seller.owner_name,
        Seller.district,
        Seller.applied_at,
        Seller.office_delivery_amount,
        Seller.home_delivery_amount,
        Seller.free_delivery_from_amount,
        Seller.is_pkp,
        ClassVerification.seller_class,
        ClassVerification.evidence,
        ClassVerification.valid_from,
        ClassVerification.valid_to,
        Variant.id.label("variant_id"),
        Variant.sku,
        Variant.name.label("variant_name"),
        Variant.price_amount,
        Variant.was_amount,
        func.coalesce(Stock.quantity, 0).label("stock"),
        Variant.stock_policy,
        Variant.lead_days,
        Variant.daily_capacity,
    )
    .select_from(Product)
    .join(Seller, Seller.id == Product.seller_id)
    .join(Category, Category.id == Product.category_id)
    .join(Variant, (Variant.product_id == Product.id) & Variant.is_active)
    .outerjoin(Stock, (Stock.variant_id == Variant.id) & (Stock.place == SHOP_PLACE))
    .outerjoin(ClassVerification, ClassVerification.id == word_of(Product.seller_id))
    .where(
        Product.slug == bindparam("slug"), Product.is_visible, Seller.state == SellerState.ACTIVE
    )
    .order_by(Variant.position, Variant.id)
)
"""A row for each variant on sale."""
_NAMES = select(Category.slug, Category.name).where(
    Category.slug.in_(bindparam("slugs", expanding=True))
)
_PICTURES = (
    select(Picture.id, Picture.key, Picture.alt)
    .where(Picture.product_id == bindparam("product_id"))
    .order_by(Picture.position, Picture.id)
)
_OTHERS = (
    CARD_ROWS.where(
        Product.seller_id == bindparam("seller_id"),
        Product.is_visible,
        Product.id != bindparam("product_id"),
    )
    .order_by(Product.listed_at.desc(), Product.id.desc())
    .limit(OTHERS_SHOWN)
)


def find_product(
    session: Session, slug: str, *, today: date, remember: Remember = asked_now
) -> ProductPage:
    """The page of a product that is on sale: four reads, whatever it has.

    What it is, costs, and how many are left is read anew. The names of its categories, its pictures
    and the shop's other products `remember` may know from a moment ago.
    Raises `NotFound`, also for what is taken down or whose shop is not active.
    """
    rows = session.execute(_ON_SALE, {"slug": slug, **class_on(today)}).all()
    if not rows:
        raise NotFound
    row = rows[0]
    names = remember("category names", lambda: category_names(session))
    pictures, others = remember(
        ("beside", row.id, row.picture_key, today),
        lambda: (pictures_of(session, row.id), _others(session, row.id, row.seller_id, today)),
    )
    return ProductPage(
        product_id=row.id,
        slug=row.slug,
        name=row.name,
        description=row.description,
        unit=row.unit,
        is_halal=row.is_halal,
        sold_count=row.sold_count,
        category_path=row.path,
        breadcrumbs=breadcrumbs(session, row.path, names),
        pictures=pictures,
        variants=tuple(
            VariantView(
                variant_id=each.variant_id,
                sku=each.sku,
                name=each.variant_name,
                price_amount=each.price_amount,
                was_amount=each.was_amount,
                stock=each.stock,
                stock_policy=each.stock_policy,
                lead_days=each.lead_days,
                daily_capacity=each.daily_capacity,
            )
            for each in rows
        ),
        shop=_shop(row),
        others=others,
    )


def category_names(session: Session) -> dict[str, str]:
    """The name of each category by its slug. There are some dozens."""
    return {row.slug: row.name for row in session.execute(select(Category.slug, Category.name))}


def breadcrumbs(session: Session, path: str, names: Mapping[str, str]) -> tuple[NamedSlug, ...]:
    """The categories on a path, the root first; a name that is not among `names` is read."""
    slugs = path.strip("/").split("/")
    if not names.keys() >= set(slugs):
        names = {row.slug: row.name for row in session.execute(_NAMES, {"slugs": slugs})}
    return tuple(NamedSlug(slug, names[slug]) for slug in slugs)


def pictures_of(session: Session, product_id: ProductId) -> tuple[PictureView, ...]:
    """A product's pictures, the main one first."""
    found = session.execute(_PICTURES, {"product_id": product_id})
    return tuple(PictureView(*row) for row in found)


def _shop(row: Row[*tuple[Any, ...]]) -> ShopView:
    verified = UNVERIFIED
    if row.seller_class is not None:
        verified = VerifiedClass(row.seller_class, row.evidence, row.valid_from, row.valid_to)
    return ShopView(
        seller_id=row.seller_id,
        slug=row.seller_slug,
        name=row.seller_name,
        owner_name=row.owner_name,
        district=row.district,
        since=row.applied_at,
        verified=verified,
        office_delivery_amount=row.office_delivery_amount,
        home_delivery_amount=row.home_delivery_amount,
        free_delivery_from_amount=row.free_delivery_from_amount,
        is_pkp=row.is_pkp,
    )


def _others(
    session: Session, product_id: ProductId, seller_id: SellerId, today: date
) -> tuple[ProductCard, ...]:
    of = {"seller_id": seller_id, "product_id": product_id}
    return tuple(cards_among(session, _OTHERS, of, today=today))
