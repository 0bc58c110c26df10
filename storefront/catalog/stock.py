"""The pieces free to sell, per variant and place. Nothing else changes `stock`.

Rows are locked in the order of variant ids, then the products whose `has_stock` may turn, in the
order of theirs: two baskets cannot wait for each other (house.md, rule 4).
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from storefront.catalog.models import (
    SHOP_PLACE,
    MovementKind,
    Product,
    ProductId,
    Stock,
    StockMovement,
    StockPolicy,
    Variant,
    VariantId,
)
from storefront.core.errors import N_, Conflict, DomainError, NotFound
from storefront.core.permissions import Action, Actor, allows, shop_scope

MOST_PIECES = 1_000_000
COUNT_REFERENCE = "count"


class OutOfStock(DomainError):
    """`left` pieces are there of `variant_id`; `name` is the product's."""

    code = "out_of_stock"
    message = N_("Stok tinggal %(left)s. Kurangi jumlahnya atau pilih barang lain.")
    field = "quantity"


class SoldOut(OutOfStock):
    """None is left: the same refusal in words of its own."""

    message = N_("Stoknya baru saja habis. Pilih varian atau barang lain.")


class StockOutOfBounds(DomainError):
    code = "stock_out_of_bounds"
    message = N_("Isi stok dengan angka 0 sampai %(most)s.")
    field = "stock"


class StockChanged(Conflict):
    """The count was made when `seen` pieces were there; now it is `left`."""

    code = "stock_changed"
    message = N_(
        "Sementara Anda mengisi, stoknya berubah dari %(seen)s menjadi %(left)s. Hitung lagi."
    )
    field = "stock"


def take(
    session: Session,
    actor: Actor,
    quantities: Mapping[VariantId, int],
    *,
    place: str = SHOP_PLACE,
    reference: str,
    now: datetime,
) -> None:
    """Take pieces of each variant out of the free stock: of all of them, or (raising) of none.

    The database compares and subtracts in one statement, so two buyers cannot both be told yes:
    a row comes back, or the pieces were not there. Call it for counted variants; what is made to
    order takes a day instead (`capacity.py`). Raises `OutOfStock`, or `NotFound`.
    """
    emptied = []
    for variant_id, quantity in in_lock_order(quantities):
        left = session.scalar(
            update(Stock)
            .where(Stock.variant_id == variant_id, Stock.place == place, Stock.quantity >= quantity)
            .values(quantity=Stock.quantity - quantity)
            .returning(Stock.quantity)
        )
        if left is None:
            raise _refusal(session, variant_id, place)
        if left == 0:
            emptied.append(variant_id)
    changes = {variant_id: -quantity for variant_id, quantity in quantities.items()}
    _note(session, actor, MovementKind.TAKEN, changes, place=place, reference=reference, now=now)
    _keep_has_stock_of(session, emptied)


def put_back(
    session: Session,
    actor: Actor,
    quantities: Mapping[VariantId, int],
    *,
    place: str = SHOP_PLACE,
    reference: str,
    now: datetime,
) -> None:
    """Return pieces that were taken under a reference to the free stock.

    Raises ValueError, and so undoes all, if more would come back than was taken: stock returns
    once, whatever its caller believes.
    """
    refilled = []
    for variant_id, quantity in in_lock_order(quantities):
        left = session.scalar(
            update(Stock)
            .where(Stock.variant_id == variant_id, Stock.place == place)
            .values(quantity=Stock.quantity + quantity)
            .returning(Stock.quantity)
        )
        if left is None:
            raise NotFound
        if left == quantity:
            refilled.append(variant_id)
    _note(
        session, actor, MovementKind.RETURNED, quantities, place=place, reference=reference, now=now
    )
    _refuse_more_than_taken(session, quantities, place, reference)
    _keep_has_stock_of(session, refilled)


def count(
    session: Session,
    actor: Actor,
    variant_id: VariantId,
    quantity: int,
    *,
    place: str = SHOP_PLACE,
    seen: int | None = None,
    now: datetime,
) -> None:
    """Set the stock to what was counted, for the variant's own shop.

    `seen` is the stock that the person had before their eyes. Left as it was, nothing happens;
    changed, it is refused if pieces went or came meanwhile, so that no sale is counted away.
    Raises `NotFound` (also for another's variant), `StockOutOfBounds` or `StockChanged`.
    """
    seller_id = session.scalar(select(Variant.seller_id).where(Variant.id == variant_id))
    if seller_id is None or not allows(actor, Action.MANAGE_SHOP, shop_scope(seller_id)):
        raise NotFound
    if not 0 <= quantity <= MOST_PIECES:
        raise StockOutOfBounds(most=MOST_PIECES)
    if quantity == seen:
        return
    before = _opened(session, variant_id, place)
    if seen is not None and before != seen:
        raise StockChanged(seen=seen, left=before)
    if quantity == before:
        return
    here = update(Stock).where(Stock.variant_id == variant_id, Stock.place == place)
    session.execute(here.values(quantity=quantity))
    changes = {variant_id: quantity - before}
    _note(
        session,
        actor,
        MovementKind.COUNTED,
        changes,
        place=place,
        reference=COUNT_REFERENCE,
        now=now,
    )
    if 0 in {quantity, before}:
        _keep_has_stock_of(session, [variant_id])


def begin(
    session: Session, actor: Actor, quantities: Mapping[VariantId, int], *, now: datetime
) -> None:
    """Give new variants their first stock in the shop, of nought too. Raises `StockOutOfBounds`."""
    if any(not 0 <= quantity <= MOST_PIECES for quantity in quantities.values()):
        raise StockOutOfBounds(most=MOST_PIECES)
    rows = [
        {"variant_id": variant_id, "place": SHOP_PLACE, "quantity": quantity}
        for variant_id, quantity in sorted(quantities.items())
    ]
    if rows:
        session.execute(insert(Stock), rows)
    counted = {variant_id: quantity for variant_id, quantity in quantities.items() if quantity}
    _note(
        session,
        actor,
        MovementKind.COUNTED,
        counted,
        place=SHOP_PLACE,
        reference=COUNT_REFERENCE,
        now=now,
    )


def keep_has_stock(session: Session, product_ids: Iterable[ProductId]) -> None:
    """Make `has_stock` of products true again after their variants or stock changed.

    The product is locked first and the stock read after it: of two buyers who empty two variants
    of one product at once, the second then sees what the first left.
    """
    ids = sorted(set(product_ids))
    if not ids:
        return
    session.execute(
        select(Product.id)
        .where(Product.id.in_(ids))
        .order_by(Product.id)
        .with_for_update(key_share=True)
    )
    session.execute(update(Product).where(Product.id.in_(ids)).values(has_stock=sellable))


sellable = (
    select(Variant.id)
    .outerjoin(Stock, (Stock.variant_id == Variant.id) & (Stock.place == SHOP_PLACE))
    .where(
        Variant.product_id == Product.id,
        Variant.is_active,
        or_(Variant.stock_policy == StockPolicy.ON_ORDER, Stock.quantity > 0),
    )
    .correlate(Product)
    .exists()
)
"""Whether a product has an active variant that can be bought."""


def in_lock_order(quantities: Mapping[VariantId, int]) -> list[tuple[VariantId, int]]:
    """Quantities in the order in which variants are locked. Raises ValueError below 1."""
    if any(quantity < 1 for quantity in quantities.values()):
        raise ValueError(f"quantities must be positive: {dict(quantities)}")
    return sorted(quantities.items())


def _keep_has_stock_of(session: Session, variant_ids: Iterable[VariantId]) -> None:
    ids = list(variant_ids)
    if ids:
        keep_has_stock(
            session, session.scalars(select(Variant.product_id).where(Variant.id.in_(ids)))
        )


def _note(
    session: Session,
    actor: Actor,
    kind: MovementKind,
    changes: Mapping[VariantId, int],
    *,
    place: str,
    reference: str,
    now: datetime,
) -> None:
    if not changes:
        return
    session.execute(
        insert(StockMovement),
        [
            {
                "variant_id": variant_id,
                "place": place,
                "kind": kind,
                "change": change,
                "reference": reference,
                "recorded_by": actor.person_id,
                "recorded_at": now,
            }
            for variant_id, change in sorted(changes.items())
        ],
    )


def _opened(session: Session, variant_id: VariantId, place: str) -> int:
    """The stock at a place, locked; a row of nought where there was none."""
    query = (
        select(Stock.quantity)
        .where(Stock.variant_id == variant_id, Stock.place == place)
        .with_for_update()
    )
    left = session.scalar(query)
    if left is None:
        with suppress(IntegrityError), session.begin_nested():  # another may be opening it too
            session.execute(insert(Stock).values(variant_id=variant_id, place=place, quantity=0))
        left = session.scalars(query).one()
    return left


def _refuse_more_than_taken(
    session: Session, quantities: Mapping[VariantId, int], place: str, reference: str
) -> None:
    """The stock rows are locked by now, so the movements read here are all there are."""
    returned = session.scalars(
        select(StockMovement.variant_id)
        .where(
            StockMovement.reference == reference,
            StockMovement.place == place,
            StockMovement.variant_id.in_(list(quantities)),
        )
        .group_by(StockMovement.variant_id)
        .having(func.sum(StockMovement.change) > 0)
    ).all()
    if returned:
        raise ValueError(f"{reference}: more comes back than was taken of variants {returned}")


def _refusal(session: Session, variant_id: VariantId, place: str) -> DomainError:
    found = session.execute(
        select(Product.name, func.coalesce(Stock.quantity, 0))
        .join(Variant, Variant.product_id == Product.id)
        .outerjoin(Stock, (Stock.variant_id == Variant.id) & (Stock.place == place))
        .where(Variant.id == variant_id)
    ).one_or_none()
    if found is None:
        return NotFound()
    name, left = found
    return (OutOfStock if left else SoldOut)(left=left, variant_id=variant_id, name=name)
