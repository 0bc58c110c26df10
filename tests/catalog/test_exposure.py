"""What the catalogue ranks by."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.catalog.exposure import record_sales
from storefront.catalog.models import Product, Variant, VariantId
from storefront.core.database import transaction
from tests.factories import listed_variant


def sold(session: Session, variant_id: VariantId) -> int:
    query = select(Product.sold_count).join(Variant).where(Variant.id == variant_id)
    return session.scalars(query).one()


def test_sales_add_up_and_returns_take_off(session: Session) -> None:
    coffee, tea = listed_variant(session), listed_variant(session)
    with transaction(session):
        record_sales(session, {coffee: 5, tea: 2})
        record_sales(session, {coffee: -3})
    assert (sold(session, coffee), sold(session, tea)) == (2, 2)


def test_a_count_never_falls_below_nought(session: Session) -> None:
    coffee = listed_variant(session)
    with transaction(session):
        record_sales(session, {coffee: -3})
    assert sold(session, coffee) == 0
