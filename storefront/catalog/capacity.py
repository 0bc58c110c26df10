"""Days of what is made to order: how many pieces are promised for each, and when the first is."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import date

from sqlalchemy import ScalarSelect, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from storefront.catalog.models import DayCapacity, Product, Variant, VariantId
from storefront.catalog.stock import in_lock_order
from storefront.core.calendar import is_working_day, working_days_after
from storefront.core.errors import N_, DomainError, NotFound

NO_LIMIT = 2_000_000_000


class DayFull(DomainError):
    """`left` pieces of `variant_id`, of the product `name`, can still be made for `day`."""

    code = "day_full"
    message = N_(
        "Untuk %(day)s, %(name)s hanya bisa dibuat %(left)s lagi."
        " Kurangi jumlahnya atau pilih hari lain."
    )
    field = "deliver_on"


def earliest_day(lead_days: int, today: date, holidays: Collection[date]) -> date:
    """The first delivery day that an order of today can have.

    Lead days are working days, and goods are brought on one: without lead days it is today, or the
    next working day.
    """
    if lead_days:
        return working_days_after(today, lead_days, holidays)
    return today if is_working_day(today, holidays) else working_days_after(today, 1, holidays)


def take_day(session: Session, quantities: Mapping[VariantId, int], *, day: date) -> None:
    """Promise pieces for a delivery day: of all variants, or (raising) of none.

    One conditional statement per variant compares and adds, in the order of their ids; a variant
    without a daily capacity has no limit. Raises `DayFull`, or `NotFound`.
    """
    for variant_id, quantity in in_lock_order(quantities):
        if not _added(session, variant_id, quantity, day):
            _open(session, variant_id, day)
            if not _added(session, variant_id, quantity, day):
                raise _refusal(session, variant_id, day)


def put_back_day(session: Session, quantities: Mapping[VariantId, int], *, day: date) -> None:
    """Take a promise back. Raises ValueError if less than that was promised."""
    for variant_id, quantity in in_lock_order(quantities):
        returned = session.scalar(
            update(DayCapacity)
            .where(
                DayCapacity.variant_id == variant_id,
                DayCapacity.day == day,
                DayCapacity.taken >= quantity,
            )
            .values(taken=DayCapacity.taken - quantity)
            .returning(DayCapacity.taken)
        )
        if returned is None:
            raise ValueError(f"{quantity} of variant {variant_id} were not promised for {day}")


def left_on(
    session: Session, variant_ids: Collection[VariantId], day: date
) -> dict[VariantId, int | None]:
    """How many pieces of each variant can still be promised for a day; None: as many as wanted."""
    query = (
        select(Variant.id, Variant.daily_capacity, func.coalesce(DayCapacity.taken, 0))
        .outerjoin(DayCapacity, (DayCapacity.variant_id == Variant.id) & (DayCapacity.day == day))
        .where(Variant.id.in_(list(variant_ids)))
    )
    return {
        variant_id: None if capacity is None else max(capacity - taken, 0)
        for variant_id, capacity, taken in session.execute(query)
    }


def _added(session: Session, variant_id: VariantId, quantity: int, day: date) -> bool:
    taken = session.scalar(
        update(DayCapacity)
        .where(
            DayCapacity.variant_id == variant_id,
            DayCapacity.day == day,
            DayCapacity.taken + quantity <= _capacity_of(variant_id),
        )
        .values(taken=DayCapacity.taken + quantity)
        .returning(DayCapacity.taken)
    )
    return taken is not None


def _capacity_of(variant_id: VariantId) -> ScalarSelect[int]:
    return (
        select(func.coalesce(Variant.daily_capacity, NO_LIMIT))
        .where(Variant.id == variant_id)
        .scalar_subquery()
    )


def _open(session: Session, variant_id: VariantId, day: date) -> None:
    """A day's row of nought. That another opens it too, or that no such variant is, shows next."""
    with suppress(IntegrityError), session.begin_nested():
        session.execute(insert(DayCapacity).values(variant_id=variant_id, day=day, taken=0))


def _refusal(session: Session, variant_id: VariantId, day: date) -> DomainError:
    left = left_on(session, [variant_id], day).get(variant_id)
    name = session.scalar(
        select(Product.name)
        .join(Variant, Variant.product_id == Product.id)
        .where(Variant.id == variant_id)
    )
    if name is None:
        return NotFound()
    return DayFull(left=left or 0, variant_id=variant_id, name=name, day=day)
