"""What an agency may spend in a year: the counters, and the one way to change them.

Amounts are `budget_amount`: all that the agency pays. Each counter is compared and changed by one
statement: of two requests for the last rupiah one wins.
"""

from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import ColumnElement, bindparam, insert, or_, select, true, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from storefront.agencies.models import (
    Agency,
    AgencyId,
    BudgetLine,
    BudgetYear,
    ExpenseAccount,
    OverCeiling,
)
from storefront.agencies.reach import above
from storefront.core.errors import N_, DomainError


class CeilingReached(DomainError):
    """By `over` rupiah too much; `left` is still free (below nought after a cut)."""

    code = "ceiling_reached"
    message = N_(
        "Sisa pagu %(left_amount)s; permintaan ini lewat %(over_amount)s."
        " Kurangi jumlahnya, atau pilih rincian lain."
    )

    def __init__(self, *, over: int, left: int) -> None:
        super().__init__(over_amount=over, left_amount=left)
        self.over = over
        self.left = left


@dataclass(frozen=True)
class BudgetRef:
    """The counters that bear an agency's spending; without a ceiling no budget was entered."""

    agency_id: AgencyId
    year_id: int
    ceiling_amount: int | None
    over_ceiling: OverCeiling = OverCeiling.REFUSE
    """What the agency whose budget it is wants done with a request above it."""


@dataclass(frozen=True)
class BudgetLineRow:
    """An activity and expense account, and what was made of it."""

    line_id: int
    activity_code: str
    activity_name: str
    expense_account: str
    expense_account_name: str
    ceiling_amount: int
    committed_amount: int
    spent_amount: int

    @property
    def left_amount(self) -> int:
        """What is still free; below nought where the budget was cut below what is committed."""
        return self.ceiling_amount - self.committed_amount - self.spent_amount


_up = above(bindparam("agency_id"))
_BEARING = (
    select(BudgetYear.agency_id, BudgetYear.id, BudgetYear.ceiling_amount, Agency.over_ceiling)
    .join(_up, _up.c.id == BudgetYear.agency_id)
    .join(Agency, Agency.id == BudgetYear.agency_id)
    .where(
        BudgetYear.fiscal_year == bindparam("fiscal_year"), BudgetYear.ceiling_amount.is_not(None)
    )
    .order_by(_up.c.steps)
    .limit(1)
)


def find_bearing_year(session: Session, agency_id: AgencyId, fiscal_year: int) -> BudgetRef | None:
    """The budget that bears an agency's spending: its own, or the nearest above it; None: none.

    For pages: it only reads.
    """
    given = {"agency_id": agency_id, "fiscal_year": fiscal_year}
    row = session.execute(_BEARING, given).one_or_none()
    return BudgetRef(*row) if row else None


def bearing_year(session: Session, agency_id: AgencyId, fiscal_year: int) -> BudgetRef:
    """The same for what is about to spend: where no budget was entered, the agency's own counters.

    They are opened if need be, so call it in a unit of work. Product.md, "Ceiling".
    """
    bearing = find_bearing_year(session, agency_id, fiscal_year)
    if bearing is not None:
        return bearing
    return BudgetRef(agency_id, open_year(session, agency_id, fiscal_year), None)


def open_year(session: Session, agency_id: AgencyId, fiscal_year: int) -> int:
    """The id of an agency's counters of a year, opened without a ceiling if there are none."""
    own = select(BudgetYear.id).filter_by(agency_id=agency_id, fiscal_year=fiscal_year)
    year_id = session.scalar(own)
    if year_id is None:
        with suppress(IntegrityError), session.begin_nested():  # another may be opening it too
            session.execute(
                insert(BudgetYear).values(
                    agency_id=agency_id,
                    fiscal_year=fiscal_year,
                    revision=0,
                    committed_amount=0,
                    spent_amount=0,
                )
            )
        year_id = session.scalars(own).one()
    return year_id


def find_line(
    session: Session, year_id: int, activity_code: str, expense_account: str
) -> BudgetLineRow | None:
    """The line of an activity and account in a budget year, as it stands now."""
    rows = lines_where(
        session,
        (BudgetLine.budget_year_id == year_id)
        & (BudgetLine.activity_code == activity_code)
        & (BudgetLine.expense_account == expense_account),
    )
    return rows[0] if rows else None


def lines_where(session: Session, which: ColumnElement[bool]) -> list[BudgetLineRow]:
    """Lines with their accounts' names, by activity and account. One query."""
    query = (
        select(BudgetLine, ExpenseAccount.name)
        .join(ExpenseAccount, ExpenseAccount.code == BudgetLine.expense_account)
        .where(which)
        .order_by(BudgetLine.activity_code, BudgetLine.expense_account, BudgetLine.id)
        .execution_options(populate_existing=True)
    )
    return [
        BudgetLineRow(
            line_id=line.id,
            activity_code=line.activity_code,
            activity_name=line.activity_name,
            expense_account=line.expense_account,
            expense_account_name=name,
            ceiling_amount=line.ceiling_amount,
            committed_amount=line.committed_amount,
            spent_amount=line.spent_amount,
        )
        for line, name in session.execute(query)
    ]


def change(
    session: Session,
    *,
    year_id: int,
    line_id: int | None,
    committed: int,
    spent: int,
    allowed_over: int = 0,
) -> None:
    """Change what is committed and spent, in signed rupiah: the year first, then its line.

    A sum that rises is refused above its ceiling; one that falls, or only passes from committed to
    spent, never, also above a ceiling that was cut meanwhile. `allowed_over`: how many rupiah above
    its ceiling either may stand then, because somebody accepted just that; the same statement
    compares, so what was accepted once is not used twice. Raises `CeilingReached`.
    """
    if committed == 0 and spent == 0:
        return
    _change(session, BudgetYear, year_id, committed, spent, allowed_over)
    if line_id is not None:
        _change(session, BudgetLine, line_id, committed, spent, allowed_over)


def stands_over(session: Session, *, year_id: int, line_id: int | None) -> int:
    """Rupiah by which the year or its line, whichever is further, stands above its ceiling."""
    counters: list[tuple[type[BudgetYear] | type[BudgetLine], int]] = [(BudgetYear, year_id)]
    if line_id is not None:
        counters.append((BudgetLine, line_id))
    over = [0]
    for counter, row_id in counters:
        ceiling, left = _ceiling_and_left(session, counter, row_id)
        over += [] if ceiling is None else [-left]
    return max(over)


def left_in(session: Session, year_id: int) -> int | None:
    """Rupiah still free in a year's total, below nought after a cut; None: it has no ceiling."""
    ceiling, left = _ceiling_and_left(session, BudgetYear, year_id)
    return None if ceiling is None else left


def exceeded_by(session: Session, agency_id: AgencyId, fiscal_year: int) -> int:
    """Rupiah by which an agency's own budget of a year is exceeded. One query."""
    used = BudgetYear.committed_amount + BudgetYear.spent_amount
    query = select(used - BudgetYear.ceiling_amount).filter_by(
        agency_id=agency_id, fiscal_year=fiscal_year
    )
    return max(session.scalar(query) or 0, 0)


def _change(
    session: Session,
    counter: type[BudgetYear] | type[BudgetLine],
    row_id: int,
    committed: int,
    spent: int,
    allowed_over: int,
) -> None:
    rise = committed + spent
    after = counter.committed_amount + counter.spent_amount + rise
    fits = (
        or_(counter.ceiling_amount.is_(None), after <= counter.ceiling_amount + allowed_over)
        if rise > 0
        else true()
    )
    changed = session.scalar(
        update(counter)
        .where(counter.id == row_id, fits)
        .values(
            committed_amount=counter.committed_amount + committed,
            spent_amount=counter.spent_amount + spent,
        )
        .returning(counter.id),
        execution_options={"synchronize_session": False},
    )
    if changed is None:
        _ceiling, left = _ceiling_and_left(session, counter, row_id)
        raise CeilingReached(over=rise - left, left=left)


def _ceiling_and_left(
    session: Session, counter: type[BudgetYear] | type[BudgetLine], row_id: int
) -> tuple[int | None, int]:
    ceiling, held, gone = session.execute(
        select(counter.ceiling_amount, counter.committed_amount, counter.spent_amount).where(
            counter.id == row_id
        )
    ).one()
    return ceiling, (ceiling or 0) - held - gone
