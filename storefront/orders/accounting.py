"""What an order counts for, and the one place that tells the counters and the ledger.

A, V and P follow from the order's lines and payments (product.md, "The quota ledger"); C and R
follow from those. What the order holds of each counter stands on its row, so only differences are
told, and an event that is told twice changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from storefront.core.errors import Busy
from storefront.core.money import share
from storefront.core.permissions import Actor
from storefront.orders import budget_shares
from storefront.orders.models import Order, OrderLine, OrderStatus
from storefront.quota.ledger import foreseen, settle
from storefront.quota.models import Amounts, Fund, QuotaKey
from storefront.quota.periods import books_as_seen, open_books
from storefront.quota.rules import Rule, rule_on
from storefront.quota.standing import Standing
from storefront.sellers import caps

AGREED = frozenset({OrderStatus.APPROVED, OrderStatus.PLACED, OrderStatus.COMPLETED})
OPEN = frozenset({OrderStatus.APPROVED, OrderStatus.PLACED})


@dataclass(frozen=True)
class Figures:
    """A, V and P of an order, in rupiah of its `quota_amount`."""

    agreed: int
    accepted: int
    paid: int


def settle_order(
    session: Session, actor: Actor, order: Order, *, cause: str, occurred_on: date, now: datetime
) -> None:
    """Bring budget, seller's month and ledger in line with what is true of an order now.

    The caller holds the order's lock and has its lines loaded; `cause` names the event once for
    the order, `occurred_on` is the day of the fact. Locks are taken in the house's order: budget
    year and line, seller's month, open month, quota account.
    Raises `CeilingReached`, `CapReached`, `BudgetLineMissing` or `YearClosed`, and then nothing of
    the unit of work may stand; `Busy` when December was closed at this very moment.
    """
    figures = figures_of(order)
    order.agreed_amount, order.accepted_amount = figures.agreed, figures.accepted
    before = Amounts(order.committed_amount, order.realised_amount)
    change = _standing(order, figures).targets - before
    if not change:
        session.flush()
        return
    rule = rule_on(session, occurred_on)
    if order.fund is Fund.OFFICIAL:
        year = books_as_seen(session).year_for(occurred_on)
        if change.realised < 0:
            undone = foreseen(session, _standing(order, figures), occurred_on=occurred_on)
            budget_shares.free(session, order, change, undone)
        else:
            budget_shares.change(session, order, change, year)
        _change_cap(session, order, change, rule)
    order.committed_amount = before.committed + change.committed
    order.realised_amount = before.realised + change.realised
    if not order.committed_amount:
        order.waits_for = None  # nothing is owed any more that a budget would have to bear
    settle(
        session,
        actor,
        _standing(order, figures),
        cause=cause,
        occurred_on=occurred_on,
        rule_version=rule.version,
        now=now,
    )
    if order.fund is Fund.OFFICIAL and open_books(session).year_for(occurred_on) != year:
        raise Busy  # the year was closed between the look and the lock: as if asked a moment later


def carry_order(
    session: Session,
    actor: Actor,
    order: Order,
    *,
    year: int,
    cause: str,
    occurred_on: date,
    now: datetime,
) -> None:
    """Carry what an open order still commits to a later year, in the ledger and on budgets.

    The caller holds the order's lock and has its lines loaded. Where that year's budget has no line
    for it, or no room, the ledger carries it all the same and the order waits in no budget counter
    (product.md, "Year end"): `order.waits_for` then says what for. Locks as in `settle_order`.
    """
    budget_shares.carry(session, order, year)
    settle(
        session,
        actor,
        _standing(order, figures_of(order)),
        cause=cause,
        occurred_on=occurred_on,
        rule_version=rule_on(session, occurred_on).version,
        now=now,
    )


def figures_of(order: Order) -> Figures:
    """A, V and P as they are by the order's status, lines and payments."""
    if order.status not in AGREED:
        return Figures(0, 0, _scaled(order.paid_amount, order.total_amount, order.quota_amount))
    return Figures(
        agreed=value_of(
            order, lambda line: line.quantity - line.cancelled_quantity - line.returned_quantity
        ),
        accepted=value_of(order, lambda line: line.received_quantity - line.returned_quantity),
        paid=_scaled(order.paid_amount, order.total_amount, order.quota_amount),
    )


def value_of(order: Order, pieces: Callable[[OrderLine], int]) -> int:
    """What so many pieces of each line are worth of the order's quota amount.

    A line's worth is its share of the whole, delivery included (contract.md, "Order export").
    """
    worth = share(order.quota_amount, [line.line_amount for line in order.lines])
    return sum(
        _scaled(pieces(line), line.quantity, amount)
        for line, amount in zip(order.lines, worth, strict=True)
    )


def in_total(order: Order, quota_amount: int) -> int:
    """A part of an order's quota amount as what the buyer owes for it."""
    return _scaled(quota_amount, order.quota_amount, order.total_amount)


def owed_back(order: Order) -> int:
    """Rupiah that the buyer paid and that nothing is agreed for any more."""
    return max(order.paid_amount - in_total(order, figures_of(order).agreed), 0)


def _standing(order: Order, figures: Figures) -> Standing:
    return Standing(
        reference=order.number,
        home=QuotaKey(order.agency_code, order.budget_year, order.fund, order.seller_class),
        agreed=figures.agreed,
        accepted=figures.accepted,
        paid=figures.paid,
        is_open=order.status in OPEN,
        snapshot_sha256=order.snapshot_sha256,
    )


def _change_cap(session: Session, order: Order, change: Amounts, rule: Rule) -> None:
    """Tell the seller's month of the approval what was committed anew or released.

    What turns from committed into realised, or back, is neither.
    """
    anew = max(change.committed + min(change.realised, 0), 0)
    released = max(-change.committed - max(change.realised, 0), 0)
    by = max(anew - released, -order.cap_amount)
    if order.cap_month is None or by == 0:
        return
    caps.change(
        session,
        seller_id=order.seller_id,
        month=order.cap_month,
        change=by,
        cap_amount=rule.seller_monthly_cap_amount,
    )
    order.cap_amount += by


def _scaled(part: int, whole: int, to: int) -> int:
    """The same part of another whole: all of it stays all."""
    return part * to // whole
