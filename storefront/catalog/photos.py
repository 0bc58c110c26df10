"""A product's pictures. Their files are written before (`core/media.py: take_in`); here is a row.

The files' name is the digest of what was sent, so that one whose row was rolled back is an orphan
and nothing worse.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storefront.catalog.models import Picture, Product, ProductId
from storefront.catalog.upkeep import keep_columns, lock_products
from storefront.core import audit
from storefront.core.errors import N_, Conflict, DomainError, NotFound
from storefront.core.permissions import Action, Actor, allows, shop_scope
from storefront.core.text import one_line

MOST_PICTURES = 8
LONGEST_ALT = 160


class TooManyPictures(DomainError):
    code = "too_many_pictures"
    message = N_("Satu barang paling banyak %(most)s gambar. Hapus satu dahulu.")
    field = "picture"


class AltTooLong(DomainError):
    code = "alt_too_long"
    message = N_("Keterangan gambar paling banyak %(most)s huruf.")
    field = "alt"


class PicturesChanged(Conflict):
    code = "pictures_changed"
    message = N_("Gambar barang ini baru saja diubah. Muat ulang halamannya, lalu urutkan lagi.")


def add_picture(
    session: Session,
    actor: Actor,
    product_id: ProductId,
    *,
    key: str,
    alt: str = "",
    now: datetime,
) -> Picture:
    """Put a picture after those there are. The same picture again is the one that is there.

    Raises `NotFound` (also for another's product), `TooManyPictures` or `AltTooLong`.
    """
    alt = one_line(alt)
    if len(alt) > LONGEST_ALT:
        raise AltTooLong(most=LONGEST_ALT)
    product = _locked(session, actor, product_id)
    pictures = _pictures(session, product_id)
    there = next((picture for picture in pictures if picture.key == key), None)
    if there is not None:
        return there
    if len(pictures) >= MOST_PICTURES:
        raise TooManyPictures(most=MOST_PICTURES)
    picture = Picture(product_id=product_id, key=key, alt=alt, position=len(pictures) + 1)
    session.add(picture)
    _keep(session, actor, product, "picture.added", now)
    return picture


def remove_picture(
    session: Session, actor: Actor, product_id: ProductId, picture_id: int, *, now: datetime
) -> None:
    """Take a picture off a product; its files stay, for old orders show them.

    Raises `NotFound`, also for another's.
    """
    product = _locked(session, actor, product_id)
    pictures = _pictures(session, product_id)
    gone = next((picture for picture in pictures if picture.id == picture_id), None)
    if gone is None:
        raise NotFound
    session.delete(gone)
    _number([picture for picture in pictures if picture is not gone])
    _keep(session, actor, product, "picture.removed", now)


def order_pictures(
    session: Session,
    actor: Actor,
    product_id: ProductId,
    picture_ids: Sequence[int],
    *,
    now: datetime,
) -> None:
    """Put a product's pictures in the order of the ids; the first is the one that lists show.

    Raises `NotFound`, or `PicturesChanged` if the ids are not those there are.
    """
    product = _locked(session, actor, product_id)
    pictures = {picture.id: picture for picture in _pictures(session, product_id)}
    if sorted(picture_ids) != sorted(pictures):
        raise PicturesChanged
    _number([pictures[at] for at in picture_ids])
    _keep(session, actor, product, "pictures.ordered", now)


def _locked(session: Session, actor: Actor, product_id: ProductId) -> Product:
    product = session.get(Product, product_id)
    if product is None or not allows(actor, Action.MANAGE_SHOP, shop_scope(product.seller_id)):
        raise NotFound
    lock_products(session, [product_id])
    return product


def _pictures(session: Session, product_id: ProductId) -> list[Picture]:
    query = select(Picture).where(Picture.product_id == product_id)
    ordered = query.order_by(Picture.position, Picture.id)
    return list(session.scalars(ordered.execution_options(populate_existing=True)))


def _number(pictures: Sequence[Picture]) -> None:
    for position, picture in enumerate(pictures, start=1):
        picture.position = position


def _keep(session: Session, actor: Actor, product: Product, act: str, now: datetime) -> None:
    product.changed_at = now
    session.flush()
    keep_columns(session, [product.id])
    audit.record(session, actor, f"product.{act}", product.slug, now=now)
