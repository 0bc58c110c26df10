"""A product as buyers will see its card, made of what its form holds."""

from dataclasses import dataclass

from storefront.sellers.models import Seller, SellerClass
from storefront.web.media import picture_address
from storefront.web.seller.product_forms import ProductForm, VariantForm
from storefront.web.seller.shots import Shots


@dataclass(frozen=True)
class CardPreview:
    """What the macro of a card asks for."""

    name: str
    price_amount: int
    has_prices: bool
    was_amount: int | None
    unit: str
    seller_name: str
    district: str
    seller_class: str
    is_halal: bool
    is_scheduled: bool
    has_stock: bool
    picture: str | None
    href: str = "#pratinjau"

    @property
    def off_percent(self) -> int | None:
        if self.was_amount is None:
            return None
        return (self.was_amount - self.price_amount) * 100 // self.was_amount


def preview_of(
    form: ProductForm, shots: Shots, shop: Seller, seller_class: SellerClass
) -> CardPreview | None:
    """The card; None as long as there is no name or no price."""
    priced = [row for row in form.rows if row.is_active.data and row.price_amount.data]
    if not priced or not form.name.data:
        return None
    cheapest = min(priced, key=_price)
    was = cheapest.was_amount.data
    return CardPreview(
        name=form.name.data,
        price_amount=_price(cheapest),
        has_prices=len({_price(row) for row in priced}) > 1,
        was_amount=was if was and was > _price(cheapest) else None,
        unit=form.unit.data or "",
        seller_name=shop.name,
        district=shop.district,
        seller_class=seller_class.value,
        is_halal=bool(form.is_halal.data),
        is_scheduled=any(not row.is_counted for row in priced),
        has_stock=any(row.stock.data != 0 or not row.is_counted for row in priced),
        picture=picture_address(shots.first_key),
    )


def _price(row: VariantForm) -> int:
    return row.price_amount.data or 0
