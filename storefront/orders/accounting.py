"""What an order counts for, and the one place that tells the counters and the ledger.

A, V and P follow from the order's lines and payments (product.md, "The quota ledger"); C and R
follow from those. What the order holds of each counter stands on its row, so only differences are
told, and an event that is told twice changes nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storefront.agencies import budgets
from storefront.agencies.models import BudgetYear
from storefront.core.errors import N_, Busy, DomainError
from storefront.core.money import share
from storefront.core.permissions import Actor
from storefront.orders.models import Order, OrderLine, OrderStatus, SpendingElsewhere
from storefront.quota.ledger import foreseen, settle
from storefront.quota.models import Amounts, Fund, QuotaKey
from storefront.quota.periods import books_as_seen, open_books
from storefront.quota.rules import Rule, rule_on
from storefront.quota.standing import Standing
from storefront.sellers import caps

AGREED = frozenset({OrderStatus.APPROVED, OrderStatus.PLACED, OrderStatus.COMPLETED})
OPEN = frozenset({OrderStatus.APPROVED, OrderStatus.PLACED})


class BudgetLineMissing(DomainError):
    """A payment falls in a year whose budget has no such line: it must be entered first."""

    code = "budget_line_missing"
    message = N_(
        "Pembayaran ini jatuh pada tahun %(year)s, tetapi pagu tahun itu belum punya rincian"
        " kegiatan %(activity)s dengan rekening %(account)s."
    )
    field = "paid_on"


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
            _free_budgets(session, order, change, undone)
        else:
            _change_budgets(session, order, change, year)
        _change_cap(session, order, change, rule)
    order.committed_amount = before.committed + change.committed
    order.realised_amount = before.realised + change.realised
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


def _change_budgets(session: Session, order: Order, change: Amounts, year: int) -> None:
    """Tell the budget counters, in `budget_amount`. `year` is that of the fact's period.

    What is realised is spent in its own year: a later one than the budget line's takes the line of
    that year for the whole order, an earlier one only for what is spent.
    """
    committed = _in_budget(order, order.committed_amount + change.committed)
    spent = _in_budget(order, order.realised_amount + change.realised) - _in_budget(
        order, order.realised_amount
    )
    if spent > 0 and year > order.budget_year:
        _take_line_of(session, order, year, committed, spent)
    elif spent and year != order.budget_year:
        here = _own_year_id(session, order)
        there = budgets.bearing_year(session, order.agency_id, year).year_id
        telling = {
            here: lambda: _change_own(session, order, committed, 0),
            there: lambda: _change_elsewhere(session, order, there, year, spent),
        }
        for year_id in sorted(telling):
            telling[year_id]()
    else:
        _change_own(session, order, committed, spent)


def _free_budgets(
    session: Session, order: Order, change: Amounts, undone: Mapping[int, int]
) -> None:
    """What is reversed frees what its own year spent, and never a budget line of another year.

    `undone`: what the ledger will take off realised, by the fiscal year of its account. What is
    taken off an open year for a closed one finds nothing that this order spent there.
    """
    committed = _in_budget(order, order.committed_amount + change.committed)
    spent = _in_budget(order, order.realised_amount) - _in_budget(
        order, order.realised_amount + change.realised
    )
    years = sorted(year for year, realised in undone.items() if realised < 0)
    freed = dict(zip(years, share(spent, [-undone[year] for year in years]), strict=True))
    own = _own_year_id(session, order)
    telling: dict[int, Callable[[], None]] = {
        own: partial(_change_own, session, order, committed, -freed.pop(order.budget_year, 0))
    }
    for year, amount in freed.items():
        there = budgets.bearing_year(session, order.agency_id, year).year_id
        telling[there] = partial(_change_elsewhere, session, order, there, year, -amount)
    for year_id in sorted(telling):
        telling[year_id]()


def _in_budget(order: Order, quota_amount: int) -> int:
    return _scaled(quota_amount, order.quota_amount, order.budget_amount)


def _change_own(session: Session, order: Order, committed: int, spent: int) -> None:
    """On its own line the order comes to hold so much of committed, and so much more of spent."""
    spent = max(spent, -order.budget_spent_amount)
    change = committed - order.budget_committed_amount
    if change or spent:
        budgets.change(
            session,
            year_id=_own_year_id(session, order),
            line_id=order.budget_line_id,
            committed=change,
            spent=spent,
        )
    order.budget_committed_amount = committed
    order.budget_spent_amount += spent


def _own_year_id(session: Session, order: Order) -> int:
    """The counters that bear the order: those frozen on it, whoever has a budget by now."""
    query = select(BudgetYear.id).filter_by(
        agency_id=order.budget_agency_id, fiscal_year=order.budget_year
    )
    year_id = session.scalar(query)
    if year_id is None:
        bearing = budgets.bearing_year(session, order.agency_id, order.budget_year)
        order.budget_agency_id, year_id = bearing.agency_id, bearing.year_id
    return year_id


def _take_line_of(session: Session, order: Order, year: int, committed: int, spent: int) -> None:
    """Bring the order to the budget line of a later year; what was spent stays where it was."""
    old_year_id = _own_year_id(session, order)
    bearing = budgets.bearing_year(session, order.agency_id, year)
    old_line_id, line_id = order.budget_line_id, _line_in(session, order, bearing.year_id, year)
    old_held = order.budget_committed_amount
    telling = {
        old_year_id: lambda: budgets.change(
            session, year_id=old_year_id, line_id=old_line_id, committed=-old_held, spent=0
        ),
        bearing.year_id: lambda: budgets.change(
            session, year_id=bearing.year_id, line_id=line_id, committed=committed, spent=spent
        ),
    }
    for year_id in sorted(telling):
        telling[year_id]()
    if order.budget_spent_amount:
        _note_elsewhere(session, order, old_year_id, old_line_id, order.budget_spent_amount)
    order.budget_agency_id, order.budget_year = bearing.agency_id, year
    order.budget_line_id = line_id
    order.budget_committed_amount, order.budget_spent_amount = committed, spent


def _line_in(session: Session, order: Order, year_id: int, year: int) -> int | None:
    """The line of another year with the order's activity and account, if it stands on lines."""
    if order.budget_line_id is None:
        return None
    line = budgets.find_line(session, year_id, order.activity_code, order.expense_account)
    if line is None:
        raise BudgetLineMissing(
            year=str(year), activity=order.activity_code, account=order.expense_account
        )
    return line.line_id


def _change_elsewhere(session: Session, order: Order, year_id: int, year: int, spent: int) -> None:
    """What the order spent on another year's budget than its own; falls to nought at the most."""
    held = session.get(SpendingElsewhere, (order.id, year_id), populate_existing=True)
    line_id = held.budget_line_id if held else None
    if spent > 0:
        line_id = _line_in(session, order, year_id, year)
    spent = max(spent, -(held.spent_amount if held else 0))
    if spent:
        budgets.change(session, year_id=year_id, line_id=line_id, committed=0, spent=spent)
        _note_elsewhere(session, order, year_id, line_id, spent)


def _note_elsewhere(
    session: Session, order: Order, year_id: int, line_id: int | None, spent: int
) -> None:
    changed = session.scalar(
        update(SpendingElsewhere)
        .where(SpendingElsewhere.order_id == order.id, SpendingElsewhere.budget_year_id == year_id)
        .values(spent_amount=SpendingElsewhere.spent_amount + spent)
        .returning(SpendingElsewhere.order_id)
    )
    if changed is None:
        session.add(
            SpendingElsewhere(
                order_id=order.id,
                budget_year_id=year_id,
                budget_line_id=line_id,
                spent_amount=spent,
            )
        )
        session.flush()


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
