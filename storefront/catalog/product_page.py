"""A product as its own page shows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from storefront.catalog.cards import ProductCard, cards
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
from storefront.sellers.classes import VerifiedClass, classes_on
from storefront.sellers.models import Seller, SellerId, SellerState

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
    select(Product, Seller, Category.path)
    .join(Seller, Seller.id == Product.seller_id)
    .join(Category, Category.id == Product.category_id)
    .where(
        Product.slug == bindparam("slug"), Product.is_visible, Seller.state == SellerState.ACTIVE
    )
)
_NAMES = select(Category.slug, Category.name).where(
    Category.slug.in_(bindparam("slugs", expanding=True))
)
_PICTURES = (
    select(Picture.id, Picture.key, Picture.alt)
    .where(Picture.product_id == bindparam("product_id"))
    .order_by(Picture.position, Picture.id)
)
_VARIANTS = (
    select(
        Variant.id,
        Variant.sku,
        Variant.name,
        Variant.price_amount,
        Variant.was_amount,
        func.coalesce(Stock.quantity, 0),
        Variant.stock_policy,
        Variant.lead_days,
        Variant.daily_capacity,
    )
    .outerjoin(Stock, (Stock.variant_id == Variant.id) & (Stock.place == SHOP_PLACE))
    .where(Variant.product_id == bindparam("product_id"), Variant.is_active)
    .order_by(Variant.position, Variant.id)
)
_OTHERS = (
    select(Product.id)
    .where(
        Product.seller_id == bindparam("seller_id"),
        Product.is_visible,
        Product.id != bindparam("product_id"),
    )
    .order_by(Product.listed_at.desc(), Product.id.desc())
    .limit(OTHERS_SHOWN)
)


def find_product(session: Session, slug: str, *, today: date) -> ProductPage:
    """The page of a product that is on sale: seven reads, whatever it has.

    Raises `NotFound`, also for what is taken down or whose shop is not active.
    """
    row = session.execute(_ON_SALE, {"slug": slug}).one_or_none()
    if row is None:
        raise NotFound
    product, seller, path = row
    verified = classes_on(session, [seller.id], today)
    return ProductPage(
        product_id=product.id,
        slug=product.slug,
        name=product.name,
        description=product.description,
        unit=product.unit,
        is_halal=product.is_halal,
        sold_count=product.sold_count,
        category_path=path,
        breadcrumbs=breadcrumbs(session, path),
        pictures=pictures_of(session, product.id),
        variants=_variants(session, product.id),
        shop=_shop(seller, verified[seller.id]),
        others=_others(session, product, today, verified),
    )


def breadcrumbs(session: Session, path: str) -> tuple[NamedSlug, ...]:
    """The categories on a path, the root first."""
    slugs = path.strip("/").split("/")
    names = {row.slug: row.name for row in session.execute(_NAMES, {"slugs": slugs})}
    return tuple(NamedSlug(slug, names[slug]) for slug in slugs)


def pictures_of(session: Session, product_id: ProductId) -> tuple[PictureView, ...]:
    """A product's pictures, the main one first."""
    found = session.execute(_PICTURES, {"product_id": product_id})
    return tuple(PictureView(*row) for row in found)


def _variants(session: Session, product_id: ProductId) -> tuple[VariantView, ...]:
    found = session.execute(_VARIANTS, {"product_id": product_id})
    return tuple(VariantView(*row) for row in found)


def _shop(seller: Seller, verified: VerifiedClass) -> ShopView:
    return ShopView(
        seller_id=seller.id,
        slug=seller.slug,
        name=seller.name,
        owner_name=seller.owner_name,
        district=seller.district,
        since=seller.applied_at,
        verified=verified,
        office_delivery_amount=seller.office_delivery_amount,
        home_delivery_amount=seller.home_delivery_amount,
        free_delivery_from_amount=seller.free_delivery_from_amount,
        is_pkp=seller.is_pkp,
    )


def _others(
    session: Session, product: Product, today: date, known: Mapping[SellerId, VerifiedClass]
) -> tuple[ProductCard, ...]:
    of = {"seller_id": product.seller_id, "product_id": product.id}
    ids = session.scalars(_OTHERS, of).all()
    return tuple(cards(session, ids, today=today, known=known))
