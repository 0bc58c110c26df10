"""What a shop may be promised of official money in a month. Nothing else changes `seller_months`.

The figure and its reason: product.md, "Fairness". The amount is the dated rule's, handed in.
"""

from contextlib import suppress

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from storefront.core.errors import N_, DomainError
from storefront.sellers.models import Seller, SellerId, SellerMonth

NO_CAP = 0


class CapReached(DomainError):
    """By `over_amount` too much; `left_amount` is still free in that month."""

    code = "cap_reached"
    message = N_(
        "Pesanan dinas kepada %(name)s bulan ini tinggal %(left_amount)s sampai batasnya;"
        " permintaan ini lewat %(over_amount)s. Pilih penjual lain, atau kurangi jumlahnya."
    )


def change(
    session: Session, *, seller_id: SellerId, month: str, change: int, cap_amount: int
) -> None:
    """Change what a shop has been promised in a month of approval (YYYY-MM), in rupiah.

    A rise is refused above the cap, by one statement that compares and adds: of two orders for the
    last rupiah one wins. A fall always passes, also above a cap that was lowered meanwhile; a cap
    of 0 is none. Raises `CapReached`.
    """
    if change == 0 or _changed(session, seller_id, month, change, cap_amount):
        return
    with suppress(IntegrityError), session.begin_nested():  # another may be opening it too
        session.execute(
            insert(SellerMonth).values(seller_id=seller_id, month=month, committed_amount=0)
        )
    if not _changed(session, seller_id, month, change, cap_amount):
        promised = promised_in(session, seller_id, month)
        name = session.scalars(select(Seller.name).where(Seller.id == seller_id)).one()
        raise CapReached(
            name=name,
            over_amount=promised + change - cap_amount,
            left_amount=max(cap_amount - promised, 0),
        )


def promised_in(session: Session, seller_id: SellerId, month: str) -> int:
    """What a shop has been promised in a month, in rupiah."""
    found = session.scalar(
        select(SellerMonth.committed_amount).where(
            SellerMonth.seller_id == seller_id, SellerMonth.month == month
        )
    )
    return found or 0


def _changed(
    session: Session, seller_id: SellerId, month: str, change: int, cap_amount: int
) -> bool:
    after = SellerMonth.committed_amount + change
    changing = (
        update(SellerMonth)
        .where(SellerMonth.seller_id == seller_id, SellerMonth.month == month)
        .values(committed_amount=after)
        .returning(SellerMonth.committed_amount)
    )
    if change > 0 and cap_amount != NO_CAP:
        changing = changing.where(after <= cap_amount)
    return session.scalar(changing) is not None
