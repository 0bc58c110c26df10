"""The demo's shops and their goods."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.catalog import search
from storefront.catalog.categories import import_categories, shipped_categories
from storefront.catalog.models import (
    Category,
    Picture,
    Product,
    ProductState,
    StockPolicy,
    Variant,
)
from storefront.core.calendar import instant_of
from storefront.core.permissions import OPERATOR, PersonId
from storefront.core.text import slug
from storefront.demo import content
from storefront.demo.content import DemoProduct, DemoSeller, DemoVariant
from storefront.demo.people import Registrar
from storefront.sellers.models import (
    ClassVerification,
    Seller,
    SellerClass,
    SellerState,
    ShopStaff,
)

VERIFIED_FOR = timedelta(days=3 * 365)


@dataclass(eq=False)
class Shop:
    """A seller with what it sells, as the makers of orders know it."""

    demo: DemoSeller
    seller: Seller
    staff: PersonId
    seller_class: SellerClass
    evidence: str
    goods: list["Good"] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Good:
    """A variant on the shelf, with the words that an order line keeps of it."""

    shop: Shop
    product: Product
    variant: Variant
    category: Category
    popularity: int
    stock: int

    @property
    def is_counted(self) -> bool:
        return self.variant.stock_policy is StockPolicy.COUNTED


def add_shops(
    session: Session, registrar: Registrar, pictures: Mapping[str, str], *, today: date
) -> list[Shop]:
    """All shops with their goods. `pictures` gives the media key of a picture of the content."""
    begun = instant_of(date(today.year - 1, 1, 1))
    import_categories(session, OPERATOR, shipped_categories(), now=begun)
    categories = {row.slug: row for row in session.scalars(select(Category))}
    staff = {demo.key: registrar.person(demo.owner, demo.login) for demo in content.sellers()}
    registrar.write_down()
    shops = {
        demo.key: _shop(session, registrar, demo, staff[demo.key], today)
        for demo in content.sellers()
    }
    session.flush()
    taken: set[str] = set()
    for demo in content.products():
        shop = shops[demo.seller_key]
        category = categories[demo.category_slug]
        product = _product(shop, demo, category, pictures, taken, today)
        session.add(product)
        shop.goods += [
            Good(shop, product, variant, category, each.popularity, each.stock)
            for variant, each in zip(product.variants, demo.variants, strict=True)
        ]
    session.flush()
    search.learn(
        session, *(text for demo in content.products() for text in (demo.name, *demo.tags))
    )
    return list(shops.values())


def _shop(
    session: Session, registrar: Registrar, demo: DemoSeller, staff: PersonId, today: date
) -> Shop:
    since = today - timedelta(days=demo.joined_days)
    seller = Seller(
        slug=slug(demo.name),
        name=demo.name,
        owner_name=demo.owner,
        nib=demo.nib,
        npwp=demo.npwp,
        claimed_class=SellerClass(demo.enterprise_class),
        email=demo.login,
        phone=demo.phone,
        district=demo.district,
        address=demo.address,
        description=demo.description,
        state=SellerState.ACTIVE,
        is_pkp=demo.is_pkp,
        office_delivery_amount=demo.delivery_fee_amount,
        home_delivery_amount=demo.delivery_fee_amount,
        free_delivery_from_amount=demo.free_from_amount,
        applied_at=instant_of(since - timedelta(days=9)),
    )
    session.add(seller)
    session.flush()
    session.add(ShopStaff(seller_id=seller.id, person_id=staff, since=instant_of(since)))
    seller_class, evidence = SellerClass.OTHER, ""
    if demo.is_verified:
        seller_class = SellerClass(demo.enterprise_class)
        evidence = f"NIB {demo.nib}, OSS"
        session.add(
            ClassVerification(
                seller_id=seller.id,
                seller_class=seller_class,
                evidence=evidence,
                valid_from=since,
                valid_to=since + VERIFIED_FOR,
                verified_by=registrar.people.admin,
                verified_at=instant_of(since),
            )
        )
    return Shop(demo, seller, staff, seller_class, evidence)


def _product(
    shop: Shop,
    demo: DemoProduct,
    category: Category,
    pictures: Mapping[str, str],
    taken: set[str],
    today: date,
) -> Product:
    variants = [_variant(shop, each, at) for at, each in enumerate(demo.variants)]
    cheapest = min(variants, key=lambda variant: variant.price_amount)
    columns = search.index_columns(
        demo.name, shop.seller.name, category.name, demo.description, *demo.tags,
        *(each.name for each in demo.variants),
    )  # fmt: skip
    key = pictures[demo.picture]
    listed_at = instant_of(today - timedelta(days=demo.listed_days))
    return Product(
        seller_id=shop.seller.id,
        category_id=category.id,
        slug=_free_slug(demo.name, taken),
        name=demo.name,
        description=demo.description,
        unit=demo.unit,
        is_halal=demo.is_halal,
        state=ProductState.LIVE,
        is_visible=True,
        from_amount=cheapest.price_amount,
        to_amount=max(variant.price_amount for variant in variants),
        was_amount=cheapest.was_amount,
        has_stock=any(each.stock_policy == "on_order" or each.stock > 0 for each in demo.variants),
        is_scheduled=any(each.stock_policy == "on_order" for each in demo.variants),
        picture_key=key,
        search_name=columns.search_name,
        search_text=columns.search_text,
        listed_at=listed_at,
        changed_at=listed_at,
        variants=variants,
        pictures=[Picture(key=key, alt=demo.name, position=0)],
    )


def _variant(shop: Shop, demo: DemoVariant, position: int) -> Variant:
    on_order = demo.stock_policy == "on_order"
    return Variant(
        seller_id=shop.seller.id,
        sku=demo.sku,
        name=demo.name,
        price_amount=demo.price_amount,
        was_amount=demo.was_price_amount,
        stock_policy=StockPolicy(demo.stock_policy),
        lead_days=demo.lead_days,
        daily_capacity=demo.daily_capacity if on_order and demo.daily_capacity else None,
        position=position,
    )


def _free_slug(name: str, taken: set[str]) -> str:
    wanted = free = slug(name)
    number = 1
    while free in taken:
        number += 1
        free = f"{wanted}-{number}"
    taken.add(free)
    return free
