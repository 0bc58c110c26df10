"""What a change of the tree would touch, before somebody proposes or confirms it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storefront.agencies.models import AgencyId, Placement
from storefront.agencies.placements import current_on
from storefront.core.calendar import fiscal_year, instant_of
from storefront.orders.models import Order, OrderStatus
from storefront.quota.models import Fund
from storefront.quota.rules import rule_on
from storefront.reports.figures import (
    added,
    counted_by,
    permille_of,
    read_balances,
    read_tree,
    summed_agencies,
)

OPEN = (OrderStatus.SUBMITTED, OrderStatus.APPROVED)


@dataclass(frozen=True, kw_only=True)
class Touched:
    """An agency as it stands before the change. Amounts in rupiah, of the year of the change."""

    code: str
    name: str
    people: int
    """Placed there on the day of the change, as is known now: nobody is moved by it."""
    open_orders: int
    open_amount: int
    orders_since: int
    """Official ones submitted from the day of the change on: they stay what they froze."""
    ceiling_amount: int | None
    realised_amount: int
    """Of the classes that count, with those summed in."""

    @property
    def permille(self) -> int | None:
        return permille_of(self.realised_amount, self.ceiling_amount)


@dataclass(frozen=True, kw_only=True)
class Preview:
    """All that a change touches, and the figure that would be theirs together."""

    year: int
    touched: tuple[Touched, ...]
    below: tuple[str, ...]
    """Names of who stands directly below one of them on that day."""
    realised_amount: int
    """Of all of them together: who is summed into another of them counts once."""

    @property
    def ceiling_amount(self) -> int | None:
        known = [each.ceiling_amount for each in self.touched if each.ceiling_amount is not None]
        return sum(known) if known else None

    @property
    def permille(self) -> int | None:
        return permille_of(self.realised_amount, self.ceiling_amount)


def preview(session: Session, codes: Collection[str], *, on: date, today: date) -> Preview:
    """What stands in some agencies on the day of a change, in a fixed number of queries.

    Codes that do not exist yet are left out.
    """
    year = fiscal_year(on)
    tree = read_tree(session, year, on=on)
    nodes = [node for node in tree.values() if node.code in codes]
    ids = [node.id for node in nodes]
    people = _people(session, ids, max(on, today))
    orders = _open_orders(session, ids)
    since = _orders_since(session, ids, on)
    summed = summed_agencies(tree)
    balances = read_balances(session, year)
    rule = rule_on(session, min(today, date(year, 12, 31)))
    together = {each.code for node in nodes for each in summed[node.id]}
    return Preview(
        year=year,
        touched=tuple(
            Touched(
                code=node.code,
                name=node.name,
                people=people.get(node.id, 0),
                open_orders=orders.get(node.id, (0, 0))[0],
                open_amount=orders.get(node.id, (0, 0))[1],
                orders_since=since.get(node.id, 0),
                ceiling_amount=node.ceiling_amount,
                realised_amount=counted_by(
                    rule, added(balances.get(each.code, {}) for each in summed[node.id])
                ).realised,
            )
            for node in nodes
        ),
        realised_amount=counted_by(
            rule, added(balances.get(code, {}) for code in sorted(together))
        ).realised,
        below=tuple(node.name for node in tree.values() if node.parent_id in ids),
    )


def _people(session: Session, ids: list[AgencyId], day: date) -> dict[AgencyId, int]:
    query = (
        select(Placement.agency_id, func.count(Placement.id))
        .where(Placement.agency_id.in_(ids), current_on(day))
        .group_by(Placement.agency_id)
    )
    return dict(session.execute(query).all())


def _open_orders(session: Session, ids: list[AgencyId]) -> dict[AgencyId, tuple[int, int]]:
    query = (
        select(Order.agency_id, func.count(Order.id), func.sum(Order.budget_amount))
        .where(Order.agency_id.in_(ids), Order.fund == Fund.OFFICIAL, Order.status.in_(OPEN))
        .group_by(Order.agency_id)
    )
    return {agency_id: (count, int(amount)) for agency_id, count, amount in session.execute(query)}


def _orders_since(session: Session, ids: list[AgencyId], day: date) -> dict[AgencyId, int]:
    query = (
        select(Order.agency_id, func.count(Order.id))
        .where(
            Order.agency_id.in_(ids),
            Order.fund == Fund.OFFICIAL,
            Order.placed_at >= instant_of(day),
        )
        .group_by(Order.agency_id)
    )
    return dict(session.execute(query).all())
