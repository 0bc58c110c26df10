"""What an order holds of the budgets that bear it, told to their counters as it changes.

The order's row says what it holds of its own year and line, `SpendingElsewhere` what it spent on
other years, so that each counter is the sum over the orders on it. All amounts told are in
`budget_amount`: all that the agency pays.
"""

from collections.abc import Callable, Mapping
from functools import partial

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storefront.agencies import budgets
from storefront.agencies.budgets import CeilingReached
from storefront.agencies.models import BudgetYear
from storefront.core.errors import N_, DomainError
from storefront.core.money import share
from storefront.orders.models import Order, SpendingElsewhere, WaitsFor
from storefront.quota.models import Amounts


class BudgetLineMissing(DomainError):
    """A payment falls in a year whose budget has no such line: it must be entered first."""

    code = "budget_line_missing"
    message = N_(
        "Pembayaran ini jatuh pada tahun %(year)s, tetapi pagu tahun itu belum punya rincian"
        " kegiatan %(activity)s dengan rekening %(account)s."
    )
    field = "paid_on"


def change(session: Session, order: Order, change: Amounts, year: int) -> None:
    """Tell the counters what changes of C and R. `year` is that of the fact's period.

    What is realised is spent in its own year: a later one than the budget line's takes the line of
    that year for the whole order, an earlier one only for what is spent. An order that waits for
    a line takes it when it is paid. Raises `CeilingReached` or `BudgetLineMissing`.
    """
    committed = _committed(order, order.committed_amount + change.committed)
    spent = _in_budget(order, order.realised_amount + change.realised) - _in_budget(
        order, order.realised_amount
    )
    takes_line = year > order.budget_year or (order.waits_for and year == order.budget_year)
    if spent > 0 and takes_line:
        due = _in_budget(order, order.committed_amount + change.committed)
        _take_line_of(session, order, year, due, spent)
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


def free(session: Session, order: Order, change: Amounts, undone: Mapping[int, int]) -> None:
    """Tell them what is reversed: it frees what its own year spent, and no line of another year.

    `undone`: what the ledger will take off realised, by the fiscal year of its account. What is
    taken off an open year for a closed one finds nothing that this order spent there.
    """
    committed = _committed(order, order.committed_amount + change.committed)
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


def carry(session: Session, order: Order, year: int) -> None:
    """Bring what an open order commits to the budget of a later year, or let it wait there.

    It leaves its old line in any case. `order.waits_for` says what it found missing: a line of its
    activity and account with room enough, or, where it stands on no line, room in the year's total.
    """
    stands_on_line = _stands_on_line(order)
    bearing = budgets.bearing_year(session, order.agency_id, year)
    old_year_id, old_line_id = _own_year_id(session, order), order.budget_line_id
    old_held, committed = order.budget_committed_amount, _in_budget(order, order.committed_amount)
    line_id = _found_line(session, order, bearing.year_id) if stands_on_line else None
    taken = False
    for year_id in sorted({old_year_id, bearing.year_id}):
        if year_id == old_year_id:
            budgets.change(
                session, year_id=year_id, line_id=old_line_id, committed=-old_held, spent=0
            )
        elif line_id is not None or not stands_on_line:
            taken = _take_if_room(session, year_id, line_id, committed)
    _note_what_was_spent(session, order, old_year_id)
    order.budget_agency_id, order.budget_year = bearing.agency_id, year
    order.budget_line_id = line_id if taken else None
    order.budget_committed_amount = committed if taken else 0
    if not taken:
        order.waits_for = WaitsFor.LINE if stands_on_line else WaitsFor.TOTAL
    else:
        order.waits_for = None
    session.flush()


def would_wait_for(session: Session, order: Order, year: int, amount: int) -> WaitsFor | None:
    """What `carry` would find missing for so much of an order if it came now; None: nothing.

    For pages: it only reads, and by then another may have taken the room.
    """
    stands_on_line = _stands_on_line(order)
    missing = WaitsFor.LINE if stands_on_line else WaitsFor.TOTAL
    bearing = budgets.find_bearing_year(session, order.agency_id, year)
    if bearing is None:  # counters without a ceiling would be opened: only a line can be missing
        return missing if stands_on_line else None
    left = budgets.left_in(session, bearing.year_id)
    if left is not None and left < amount:
        return missing
    if not stands_on_line:
        return None
    line = budgets.find_line(session, bearing.year_id, order.activity_code, order.expense_account)
    return None if line is not None and line.left_amount >= amount else missing


def take_line(session: Session, order: Order) -> None:
    """Bring an order that waits to the budget of its year: its line, or the total.

    Raises `BudgetLineMissing` or `CeilingReached`: then it goes on waiting.
    """
    _take_line_of(
        session, order, order.budget_year, _in_budget(order, order.committed_amount), spent=0
    )
    session.flush()


def _stands_on_line(order: Order) -> bool:
    return order.budget_line_id is not None or order.waits_for is WaitsFor.LINE


def _take_if_room(session: Session, year_id: int, line_id: int | None, committed: int) -> bool:
    try:
        with session.begin_nested():  # the year may have room where its line has none
            budgets.change(session, year_id=year_id, line_id=line_id, committed=committed, spent=0)
    except CeilingReached:
        return False
    return True


def _in_budget(order: Order, quota_amount: int) -> int:
    return quota_amount * order.budget_amount // order.quota_amount


def _committed(order: Order, quota_amount: int) -> int:
    """What a commitment is on the order's own counters: of one that waits for a line, nothing."""
    return 0 if order.waits_for else _in_budget(order, quota_amount)


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
            allowed_over=_allowed_over(order),
        )
    order.budget_committed_amount = committed
    order.budget_spent_amount += spent


def _allowed_over(order: Order) -> int:
    """What its approver accepted (`approvals.py`): for taking the budget, and for nothing later."""
    holds_nothing = order.budget_committed_amount == order.budget_spent_amount == 0
    return order.over_ceiling_amount if holds_nothing else 0


def stands_over(session: Session, order: Order) -> int:
    """Rupiah by which the counters that bear an order stand above their ceilings."""
    return budgets.stands_over(
        session, year_id=_own_year_id(session, order), line_id=order.budget_line_id
    )


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
    _note_what_was_spent(session, order, old_year_id)
    order.budget_agency_id, order.budget_year = bearing.agency_id, year
    order.budget_line_id, order.waits_for = line_id, None
    order.budget_committed_amount, order.budget_spent_amount = committed, spent


def _line_in(session: Session, order: Order, year_id: int, year: int) -> int | None:
    """The line of another year with the order's activity and account, if it stands on lines."""
    if order.budget_line_id is None and order.waits_for is not WaitsFor.LINE:
        return None
    line_id = _found_line(session, order, year_id)
    if line_id is None:
        raise BudgetLineMissing(
            year=str(year), activity=order.activity_code, account=order.expense_account
        )
    return line_id


def _found_line(session: Session, order: Order, year_id: int) -> int | None:
    line = budgets.find_line(session, year_id, order.activity_code, order.expense_account)
    return line.line_id if line else None


def _note_what_was_spent(session: Session, order: Order, year_id: int) -> None:
    """What an order spent stays with the year that it leaves."""
    if order.budget_spent_amount:
        _note_elsewhere(session, order, year_id, order.budget_line_id, order.budget_spent_amount)
        order.budget_spent_amount = 0


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
