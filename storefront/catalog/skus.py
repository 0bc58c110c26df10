"""Article codes: each is unique within its shop, and made here for who has none."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.catalog.models import Product, Variant, VariantId
from storefront.catalog.wishes import MOST_VARIANTS, VariantRefused, VariantWish
from storefront.core.errors import N_
from storefront.core.text import slug

LONGEST_BEGINNING = 30


class SkuTaken(VariantRefused):
    code = "sku_taken"
    message = N_("Kode %(sku)s sudah dipakai varian lain di toko Anda. Pakai kode lain.")
    input = "sku"


def with_skus(
    session: Session,
    product: Product,
    wishes: Sequence[VariantWish],
    known: Mapping[VariantId, Variant],
) -> list[VariantWish]:
    """The wishes, each with its code: the one wished for, the one it has, or a new one.

    The shop is locked, so what is free stays free. Raises `SkuTaken`.
    """
    beginning = slug(product.name)[:LONGEST_BEGINNING].strip("-").upper()
    made = [
        f"{start}-{number}"
        for start in (beginning, f"{beginning}-{product.id}")  # the second is this product's own
        for number in range(1, 2 * MOST_VARIANTS + 1)
    ]
    taken = _taken(session, product, [*made, *(wish.sku for wish in wishes)])
    used: set[str] = {wish.sku for wish in wishes if wish.sku}
    used |= {variant.sku for variant in known.values()}
    free = (sku for sku in made if sku not in taken and sku not in used)
    coded: list[VariantWish] = []
    for row, wish in enumerate(wishes):
        there = known.get(wish.variant_id) if wish.variant_id is not None else None
        sku = wish.sku or (there.sku if there else next(free))
        others = {variant.sku for variant in known.values() if variant is not there}
        if sku in taken | others or sku in {before.sku for before in coded}:
            raise SkuTaken(row=row, sku=sku)
        coded.append(replace(wish, sku=sku))
    return coded


def _taken(session: Session, product: Product, skus: Iterable[str]) -> set[str]:
    """Those of the codes that other products of the shop have."""
    query = select(Variant.sku).where(
        Variant.seller_id == product.seller_id,
        Variant.product_id != product.id,
        Variant.sku.in_(list(skus)),
    )
    return set(session.scalars(query))
