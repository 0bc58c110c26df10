"""The data that is measured: a full shelf."""

from itertools import product

from sqlalchemy.orm import Session

from storefront.catalog.indexing import index_products
from storefront.catalog.models import SHOP_PLACE, Product, ProductState, Stock, StockPolicy, Variant
from storefront.core.database import transaction
from storefront.core.text import search_text
from tests.factories import NOON, category, shop

SHOPS, BATCH = 100, 1_000
KINDS = ["Kopi", "Teh", "Keripik", "Batik", "Tas", "Kotak", "Madu", "Sambal", "Kursi", "Plakat"]
SORTS = [
    "Robusta",
    "Arabika",
    "Singkong",
    "Pisang",
    "Tulis",
    "Anyam",
    "Hutan",
    "Terasi",
    "Rotan",
    "Kayu",
]
PLACES = [
    "Manglayang",
    "Ciwidey",
    "Cibaduy",
    "Dago",
    "Lembang",
    "Antapani",
    "Coblong",
    "Sukajadi",
    "Cicadas",
    "Gedebage",
]


def fill(session: Session, products: int) -> str:
    """Put products on sale, each with two variants; return the slug of one."""
    shops = [shop(session) for _ in range(SHOPS)]
    category_id = category(session).id
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
                        category_id=category_id,
                        slug=f"barang-{number}",
                        name=name,
                        description=f"{name} dari {seller.name}, dibuat sendiri.",
                        unit="bungkus",
                        state=ProductState.LIVE,
                        is_visible=True,
                        from_amount=price,
                        to_amount=price * 2,
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
                            for size in (1, 2)
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
    return "barang-4711"
