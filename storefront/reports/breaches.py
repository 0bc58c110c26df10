"""What a reconciliation finds: one thing kept in two places that do not agree."""

from collections.abc import Iterator
from dataclasses import dataclass

from storefront.orders.accounting import OPEN
from storefront.orders.models import Order
from storefront.quota.models import Amounts, Fund


@dataclass(frozen=True)
class Breach:
    """One thing that does not agree: what is kept of it, and what it should be.

    Of private money the figures are for whoever runs the store alone (`is_private`).
    """

    where: str
    what: str
    kept: int
    due: int
    is_private: bool = False

    def __str__(self) -> str:
        return f"{self.where}: {self.what} is {self.kept}, should be {self.due}"


def unlike(
    where: str, kept: Amounts, due: Amounts, *, is_private: bool = False
) -> Iterator[Breach]:
    """The breaches between what is kept of committed and realised, and what is due."""
    if kept.committed != due.committed:
        yield Breach(where, "committed", kept.committed, due.committed, is_private)
    if kept.realised != due.realised:
        yield Breach(where, "realised", kept.realised, due.realised, is_private)


def targets_of(order: Order) -> Amounts:
    """C and R of an order by its amounts (product.md, "One rule posts everything")."""
    paid = order.paid_amount * order.quota_amount // order.total_amount
    realised = min(order.accepted_amount, paid)
    is_open = order.status in OPEN and order.fund is Fund.OFFICIAL
    return Amounts(max(order.agreed_amount - realised, 0) if is_open else 0, realised)
