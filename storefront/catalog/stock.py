"""The pieces free to sell, per variant and place. Nothing else changes `stock`.

Rows are locked in the order of variant ids, then the products whose `has_stock` may turn, in the
order of theirs: two baskets cannot wait for each other (house.md, rule 4).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from storefront.catalog.models import (
    SHOP_PLACE,
    MovementKind,
    Product,
    ProductId,
    Stock,
    StockMovement,
    Variant,
    VariantId,
)
from storefront.catalog.upkeep import keep_has_stock, lock_products
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


class Taking(NamedTuple):
    """Pieces of a variant at a place, and the number of the order they are for."""

    variant_id: VariantId
    quantity: int
    reference: str
    place: str = SHOP_PLACE


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

    Call it for counted variants; what is made to order takes a day instead (`capacity.py`).
    Raises `OutOfStock`, or `NotFound`.
    """
    takings = [Taking(*wanted, reference, place) for wanted in quantities.items()]
    take_all(session, actor, takings, now=now)


def take_all(session: Session, actor: Actor, takings: Iterable[Taking], *, now: datetime) -> None:
    """The same for several orders at once, such as those of one purchase.

    The database compares and subtracts in one statement, so two buyers cannot both be told yes:
    a row comes back, or the pieces were not there. Products are locked after the last variant:
    who takes order by order, in one transaction, would lock a product before another's variant.
    """
    emptied = []
    in_order = _in_order(takings)
    for variant_id, quantity, _reference, place in in_order:
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
    _note(
        session,
        actor,
        MovementKind.TAKEN,
        [taking._replace(quantity=-taking.quantity) for taking in in_order],
        now=now,
    )
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

    Raises `NotFound`, or ValueError, and so undoes all, if more would come back than was taken:
    stock returns once, whatever its caller believes.
    """
    returned = [Taking(*given, reference, place) for given in quantities.items()]
    put_back_all(session, actor, returned, now=now)


def put_back_all(
    session: Session,
    actor: Actor,
    returned: Iterable[Taking],
    *,
    besides: Collection[VariantId] = (),
    now: datetime,
) -> None:
    """The same for several orders at once; products are locked after the last variant.

    `besides`: variants whose products the caller changes next. They are locked with the others,
    or two callers could each wait for a product of the other.
    """
    refilled = []
    in_order = _in_order(returned)
    for variant_id, quantity, _reference, place in in_order:
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
    _note(session, actor, MovementKind.RETURNED, in_order, now=now)
    _refuse_more_than_taken(session, in_order)
    if besides:
        lock_products(session, _products_of(session, [*refilled, *besides]))
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
        raise StockChanged(seen=seen, left=before, variant_id=variant_id)
    if quantity == before:
        return
    here = update(Stock).where(Stock.variant_id == variant_id, Stock.place == place)
    session.execute(here.values(quantity=quantity))
    counted = Taking(variant_id, quantity - before, COUNT_REFERENCE, place)
    _note(session, actor, MovementKind.COUNTED, [counted], now=now)
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
    counted = [
        Taking(variant_id, quantity, COUNT_REFERENCE)
        for variant_id, quantity in sorted(quantities.items())
        if quantity
    ]
    _note(session, actor, MovementKind.COUNTED, counted, now=now)


def in_lock_order(quantities: Mapping[VariantId, int]) -> list[tuple[VariantId, int]]:
    """Quantities in the order in which variants are locked. Raises ValueError below 1."""
    if any(quantity < 1 for quantity in quantities.values()):
        raise ValueError(f"quantities must be positive: {dict(quantities)}")
    return sorted(quantities.items())


def _keep_has_stock_of(session: Session, variant_ids: Iterable[VariantId]) -> None:
    keep_has_stock(session, _products_of(session, variant_ids))


def _products_of(session: Session, variant_ids: Iterable[VariantId]) -> list[ProductId]:
    ids = list(variant_ids)
    if not ids:
        return []
    return list(session.scalars(select(Variant.product_id).where(Variant.id.in_(ids))))


def _note(
    session: Session,
    actor: Actor,
    kind: MovementKind,
    changes: Sequence[Taking],
    *,
    now: datetime,
) -> None:
    if not changes:
        return
    session.execute(
        insert(StockMovement),
        [
            {
                "variant_id": change.variant_id,
                "place": change.place,
                "kind": kind,
                "change": change.quantity,
                "reference": change.reference,
                "recorded_by": actor.person_id,
                "recorded_at": now,
            }
            for change in changes
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


def _in_order(takings: Iterable[Taking]) -> list[Taking]:
    in_order = sorted(takings)
    if any(taking.quantity < 1 for taking in in_order):
        raise ValueError(f"quantities must be positive: {in_order}")
    return in_order


def _refuse_more_than_taken(session: Session, returned: Sequence[Taking]) -> None:
    """The stock rows are locked by now, so the movements read here are all there are."""
    movement = (StockMovement.reference, StockMovement.variant_id, StockMovement.place)
    sums = session.execute(
        select(*movement)
        .where(StockMovement.reference.in_({one.reference for one in returned}))
        .group_by(*movement)
        .having(func.sum(StockMovement.change) > 0)
    )
    back = {(one.reference, one.variant_id, one.place) for one in returned}
    if too_many := back & {(reference, variant, place) for reference, variant, place in sums}:
        raise ValueError(f"more comes back than was taken: {sorted(too_many)}")


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
