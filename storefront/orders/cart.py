"""The cart: what somebody gathers before buying. It holds no stock and promises no price."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from storefront.catalog.models import StockPolicy, VariantId
from storefront.catalog.queries import Offer, find_offers
from storefront.catalog.stock import OutOfStock
from storefront.core.errors import N_, DomainError, NotFound
from storefront.core.permissions import PersonId
from storefront.orders.models import Cart, CartItem

MOST_PIECES = 9_999
"""Of one variant; the table's own CHECK says the same."""
MOST_ITEMS = 100
"""Different variants in one cart, so that a page and a checkout stay bounded."""


class QuantityOutOfBounds(DomainError):
    code = "quantity_out_of_bounds"
    message = N_("Jumlah harus antara 1 dan %(most)d.")
    field = "quantity"


class CartFull(DomainError):
    code = "cart_full"
    message = N_("Keranjang sudah memuat %(most)d macam barang. Selesaikan sebagian dahulu.")


class NoLongerSold(DomainError):
    code = "no_longer_sold"
    message = N_("%(product_name)s sedang tidak dijual.")


@dataclass(frozen=True)
class CartOwner:
    """Whose cart: a person's, or a guest's, who is known by the digest of a cookie's token."""

    person_id: PersonId | None = None
    guest_digest: str | None = None

    def __post_init__(self) -> None:
        if (self.person_id is None) == (self.guest_digest is None):
            raise ValueError("a cart is a person's or a guest's")


def add(
    session: Session, owner: CartOwner, variant_id: VariantId, quantity: int, *, now: datetime
) -> CartItem:
    """Put pieces of a variant in, on top of those that are there; return the item.

    Raises `NotFound`, `NoLongerSold`, `OutOfStock`, `QuantityOutOfBounds` or `CartFull`.
    """
    offer = _offer_of(session, variant_id)
    cart = _opened(session, owner, now)
    item = session.scalar(select(CartItem).filter_by(cart_id=cart.id, variant_id=variant_id))
    wanted = quantity + (item.quantity if item else 0)
    _check_quantity(offer, wanted, least=quantity)
    if item is None:
        if _item_count(session, cart.id) >= MOST_ITEMS:
            raise CartFull(most=MOST_ITEMS)
        item = CartItem(cart_id=cart.id, variant_id=variant_id)
        session.add(item)
    item.quantity, item.seen_amount = wanted, offer.price_amount
    _touch(session, cart, now)
    return item


def set_quantity(
    session: Session, owner: CartOwner, item_id: int, quantity: int, *, now: datetime
) -> CartItem:
    """Let an item be so many pieces; return it.

    Raises `NotFound` (also for another's item), `NoLongerSold`, `OutOfStock` or
    `QuantityOutOfBounds`.
    """
    cart, item = _own_item(session, owner, item_id)
    offer = _offer_of(session, item.variant_id)
    _check_quantity(offer, quantity, least=quantity)
    item.quantity, item.seen_amount = quantity, offer.price_amount
    _touch(session, cart, now)
    return item


def remove(session: Session, owner: CartOwner, item_id: int, *, now: datetime) -> None:
    """Take an item out. Raises `NotFound`, also for another's item."""
    cart, item = _own_item(session, owner, item_id)
    session.delete(item)
    _touch(session, cart, now)


def merge(session: Session, *, person_id: PersonId, guest_digest: str, now: datetime) -> None:
    """Add what a guest gathered to the cart of the person who now signs in.

    Quantities of the same variant add up, to `MOST_PIECES` at most; what no longer fits into the
    cart is left out. The guest's cart is emptied: a repeated call adds nothing.
    """
    guest = CartOwner(guest_digest=guest_digest)
    if _find(session, guest) is None:
        return
    own = _opened(session, CartOwner(person_id=person_id), now)  # a person's id is the older one
    gathered = _find(session, guest, lock=True)
    items = _items(session, gathered.id) if gathered else []
    if gathered is None or not items:
        return
    there = {item.variant_id: item for item in _items(session, own.id)}
    for item in items:
        known = there.get(item.variant_id)
        if known:
            known.quantity = min(known.quantity + item.quantity, MOST_PIECES)
        elif len(there) < MOST_ITEMS:
            there[item.variant_id] = CartItem(
                cart_id=own.id,
                variant_id=item.variant_id,
                quantity=item.quantity,
                seen_amount=item.seen_amount,
            )
            session.add(there[item.variant_id])
    session.execute(delete(CartItem).where(CartItem.cart_id == gathered.id))
    _touch(session, gathered, now)
    _touch(session, own, now)


def refill(
    session: Session, owner: CartOwner, pieces: Mapping[VariantId, int], *, now: datetime
) -> dict[VariantId, int]:
    """Let the cart hold these pieces again, as far as they can be had; return how many it holds.

    More that are there already stay, and a repeated call adds nothing. Of what is not sold, and of
    what the cart has no room for, it holds none; of what is scarce, as many as are left.
    """
    cart = _opened(session, owner, now)
    offers = find_offers(session, pieces)
    there = {item.variant_id: item for item in _items(session, cart.id)}
    for variant_id, offer in offers.items():
        item = there.get(variant_id)
        can_be_had = min(pieces[variant_id], _most_of(offer))
        if can_be_had < 1 or (item is None and len(there) >= MOST_ITEMS):
            continue
        if item is None:
            item = CartItem(cart_id=cart.id, variant_id=variant_id, quantity=can_be_had)
            session.add(item)
            there[variant_id] = item
        item.quantity, item.seen_amount = max(item.quantity, can_be_had), offer.price_amount
    _touch(session, cart, now)
    return {
        variant_id: there[variant_id].quantity if variant_id in there else 0
        for variant_id in pieces
    }


def locked_cart(session: Session, owner: CartOwner) -> Cart | None:
    """The cart as it is now that nobody else can change it; the first lock of a checkout."""
    return _find(session, owner, lock=True)


def items_of(session: Session, cart: Cart, chosen: Sequence[int] = ()) -> list[CartItem]:
    """The chosen items of a cart, by id; all of them where none is named."""
    wanted = set(chosen)
    return [item for item in _items(session, cart.id) if not wanted or item.id in wanted]


def take_out(session: Session, cart: Cart, items: Sequence[CartItem], *, now: datetime) -> None:
    """Take out what was bought. The rest stays, under the next revision."""
    session.execute(delete(CartItem).where(CartItem.id.in_([item.id for item in items])))
    _touch(session, cart, now)


def _check_quantity(offer: Offer, wanted: int, *, least: int) -> None:
    """`least` is what was asked for, `wanted` what the item would then be."""
    if least < 1 or wanted > MOST_PIECES:
        raise QuantityOutOfBounds(most=MOST_PIECES)
    if not offer.is_for_sale:
        raise NoLongerSold(product_name=offer.product_name)
    if offer.stock_policy is StockPolicy.COUNTED and offer.stock < wanted:
        raise OutOfStock(left=offer.stock, variant_id=offer.variant_id, name=offer.product_name)


def _most_of(offer: Offer) -> int:
    if not offer.is_for_sale:
        return 0
    is_counted = offer.stock_policy is StockPolicy.COUNTED
    return min(offer.stock, MOST_PIECES) if is_counted else MOST_PIECES


def _offer_of(session: Session, variant_id: VariantId) -> Offer:
    offer = find_offers(session, [variant_id]).get(variant_id)
    if offer is None:
        raise NotFound
    return offer


def _find(session: Session, owner: CartOwner, *, lock: bool = False) -> Cart | None:
    query = select(Cart).filter_by(person_id=owner.person_id, guest_digest=owner.guest_digest)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalar(query)


def _opened(session: Session, owner: CartOwner, now: datetime) -> Cart:
    """The owner's cart, locked; a new one if there was none."""
    cart = _find(session, owner, lock=True)
    if cart is None:
        with suppress(IntegrityError), session.begin_nested():  # another tab may be opening it too
            session.execute(insert(Cart).values(**vars(owner), changed_at=now))
        cart = _find(session, owner, lock=True)
    if cart is None:
        raise NotFound
    return cart


def _items(session: Session, cart_id: int) -> list[CartItem]:
    query = select(CartItem).filter_by(cart_id=cart_id).order_by(CartItem.id)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def _item_count(session: Session, cart_id: int) -> int:
    return session.scalars(select(func.count()).where(CartItem.cart_id == cart_id)).one()


def _own_item(session: Session, owner: CartOwner, item_id: int) -> tuple[Cart, CartItem]:
    cart = _find(session, owner, lock=True)
    item = session.get(CartItem, item_id, populate_existing=True)
    if cart is None or item is None or item.cart_id != cart.id:
        raise NotFound
    return cart, item


def _touch(session: Session, cart: Cart, now: datetime) -> None:
    cart.revision += 1
    cart.changed_at = now
    session.flush()
