"""A shop's keeper in front of a browser, and the pictures on their phone."""

from io import BytesIO

from flask import Flask
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.catalog.models import ProductId, Variant, VariantId
from storefront.sellers.models import Seller
from tests.factories import shop_actor
from tests.web.offices import Desk, desk_of

Upload = tuple[BytesIO, str]


def keeper(app: Flask, session: Session, shop: Seller) -> Desk:
    """Somebody new of a shop's staff, signed in."""
    return desk_of(app, session, shop_actor(session, shop).person_id)


def product_of(session: Session, variant_id: VariantId) -> ProductId:
    return session.scalars(select(Variant.product_id).filter_by(id=variant_id)).one()


def photograph(colour: str = "teal", name: str = "kopi.png") -> Upload:
    file = BytesIO()
    Image.new("RGB", (64, 64), colour).save(file, "PNG")
    file.seek(0)
    return file, name


def letter(name: str = "surat.png") -> Upload:
    return BytesIO(b"Kepada Yth. Dinas Kesehatan"), name
