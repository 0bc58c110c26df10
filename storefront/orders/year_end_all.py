"""One choice for every order open at the end of a year, in as many transactions as it takes.

An agency may have thousands. Each transaction locks `MOST_AT_ONCE` of them at the most, so nobody
who pays or ships one of them waits for all.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from storefront.core.calendar import city_day, fiscal_year
from storefront.core.database import UnitOfWork
from storefront.core.permissions import Action, Actor, agency_scope, require
from storefront.orders.models import Order, OrderId, YearEndChoice
from storefront.orders.parties import ShopOfOnesOwn
from storefront.orders.year_end import MOST_AT_ONCE, Chosen, choose, of_agency, open_in
from storefront.sellers.models import ShopStaff


def choose_for_all(
    transaction: UnitOfWork,
    actor: Actor,
    agency_code: str,
    choice: YearEndChoice,
    *,
    now: datetime,
    at_once: int = MOST_AT_ONCE,
) -> Chosen:
    """Choose for all that is open, the oldest first, until none is left; for how many it holds.

    Chosen again it changes nothing, so a choice that was broken off is simply made once more.
    Raises what `choose` raises; for a shop of one's own before anything is chosen.
    """
    orders, left_out, after = 0, list[str](), OrderId(0)
    with transaction() as session:
        _refuse_own_shops(session, actor, agency_code, now)
    while True:
        with transaction() as session:
            batch = _open_after(session, actor, agency_code, after, now, at_once)
            if not batch and after:
                return Chosen(orders, tuple(left_out))
            numbers = [number for _, number in batch]
            made = choose(session, actor, agency_code, numbers, choice, now=now)
        orders += made.orders
        left_out += made.left_out
        after = batch[-1].id


def _open_after(
    session: Session, actor: Actor, agency_code: str, after: OrderId, now: datetime, most: int
) -> Sequence[Row[OrderId, str]]:
    """The next open orders by id: a choice leaves them open, so "none left" is told by the id."""
    require(actor, Action.CHOOSE_YEAR_END, agency_scope(agency_code))
    query = select(Order.id, Order.number).where(
        open_in(fiscal_year(city_day(now))), of_agency(agency_code), Order.id > after
    )
    return session.execute(query.order_by(Order.id).limit(most)).all()


def _refuse_own_shops(session: Session, actor: Actor, agency_code: str, now: datetime) -> None:
    """Of all or of none: a refusal in a later batch would leave the earlier ones chosen."""
    name = session.scalar(
        select(Order.seller_name)
        .join(ShopStaff, ShopStaff.seller_id == Order.seller_id)
        .where(
            open_in(fiscal_year(city_day(now))),
            of_agency(agency_code),
            ShopStaff.person_id == actor.person_id,
            ShopStaff.ended_at.is_(None),
        )
        .order_by(Order.id)
        .limit(1)
    )
    if name is not None:
        raise ShopOfOnesOwn(seller_name=name)
