"""The data that is measured: a full shelf."""

from itertools import product

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.catalog.categories import import_categories, shipped_categories
from storefront.catalog.indexing import index_products
from storefront.catalog.models import (
    SHOP_PLACE,
    Category,
    Product,
    ProductState,
    Stock,
    StockPolicy,
    Variant,
)
from storefront.core.database import transaction
from storefront.core.permissions import OPERATOR
from storefront.core.text import search_text
from tests.factories import NOON, shop

SHOPS, BATCH = 200, 1_000
KINDS = ["Kopi", "Teh", "Keripik", "Batik", "Tas", "Kotak", "Madu", "Sambal", "Kursi", "Plakat"]
SORTS = ["Robusta", "Arabika", "Singkong", "Pisang", "Tulis", "Anyam", "Hutan", "Terasi", "Rotan"]
PLACES = ["Ciwidey", "Cibaduy", "Dago", "Lembang", "Antapani", "Coblong", "Sukajadi", "Cicadas"]


def fill(session: Session, products: int) -> None:
    """Put products on sale, every other with two variants, in all categories that have none below.

    The shops' classes are verified. The slugs are `barang-0` and so on.
    """
    shops = [shop(session) for _ in range(SHOPS)]
    with transaction(session):
        import_categories(session, OPERATOR, shipped_categories(), now=NOON)
    above = select(Category.parent_id).where(Category.parent_id.is_not(None))
    leaves = session.scalars(select(Category.id).where(Category.id.not_in(above))).all()
    names = [" ".join(words) for words in product(KINDS, SORTS, PLACES)]
    for first in range(0, products, BATCH):
        with transaction(session):
            made = []
            for number in range(first, min(first + BATCH, products)):
                seller, name = shops[number % SHOPS], names[number % len(names)]
                price = 5_000 + number % 400 * 500
                made.append(
                    Product(
                        seller_id=seller.id,
                        category_id=leaves[number % len(leaves)],
                        slug=f"barang-{number}",
                        name=name,
                        description=f"{name} dari {seller.name}, dibuat sendiri.",
                        unit="bungkus",
                        state=ProductState.LIVE,
                        is_visible=True,
                        from_amount=price,
                        to_amount=price * (number % 2 + 1),
                        has_stock=True,
                        is_scheduled=False,
                        search_name=search_text(name),
                        search_text=search_text(seller.name),
                        listed_at=NOON,
                        changed_at=NOON,
                        variants=[
                            Variant(
                                seller_id=seller.id,
                                sku=f"{number}-{size}",
                                name=f"{size} kg",
                                price_amount=price * size,
                                stock_policy=StockPolicy.COUNTED,
                                lead_days=0,
                                position=size,
                            )
                            for size in range(1, number % 2 + 2)
                        ],
                    )
                )
            session.add_all(made)
            session.flush()
            session.add_all(
                Stock(variant_id=variant.id, place=SHOP_PLACE, quantity=20)
                for one in made
                for variant in one.variants
            )
            session.flush()
            index_products(session, [one.id for one in made])
        session.expunge_all()
