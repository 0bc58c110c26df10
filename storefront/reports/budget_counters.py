"""The third identity: each budget counter is the sum over the orders on it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from storefront.agencies.models import Agency, BudgetLine, BudgetYear
from storefront.orders.models import Order, SpendingElsewhere
from storefront.quota.models import Fund, LedgerEntry, QuotaAccount
from storefront.reports.breaches import Breach, targets_of


def budget_breaches(session: Session) -> Iterator[Breach]:
    """Each counter is the sum over the orders on it, and each order is there by its C and R."""
    yield from _budget_years(session)
    yield from _budget_lines(session)
    yield from _orders_on_budgets(session)


def _budget_years(session: Session) -> Iterator[Breach]:
    on_it = (
        select(
            BudgetYear.id.label("id"),
            Order.budget_committed_amount.label("committed"),
            Order.budget_spent_amount.label("spent"),
        )
        .join(BudgetYear, BudgetYear.agency_id == Order.budget_agency_id)
        .where(BudgetYear.fiscal_year == Order.budget_year, Order.fund == Fund.OFFICIAL)
    )
    elsewhere = select(SpendingElsewhere.budget_year_id, literal(0), SpendingElsewhere.spent_amount)
    sums = _summed(on_it, elsewhere)
    query = (
        select(BudgetYear, Agency.code, *sums.due)
        .join(Agency, Agency.id == BudgetYear.agency_id)
        .outerjoin(sums.table, sums.table.c.id == BudgetYear.id)
        .where(sums.differ(BudgetYear.committed_amount, BudgetYear.spent_amount))
        .order_by(BudgetYear.id)
    )
    for year, code, committed, spent in session.execute(query):
        where = f"budget of {code} {year.fiscal_year}"
        yield from _unlike_budget(where, year, int(committed), int(spent))


def _budget_lines(session: Session) -> Iterator[Breach]:
    on_it = select(
        Order.budget_line_id.label("id"),
        Order.budget_committed_amount.label("committed"),
        Order.budget_spent_amount.label("spent"),
    ).where(Order.budget_line_id.is_not(None))
    elsewhere = select(
        SpendingElsewhere.budget_line_id, literal(0), SpendingElsewhere.spent_amount
    ).where(SpendingElsewhere.budget_line_id.is_not(None))
    sums = _summed(on_it, elsewhere)
    query = (
        select(BudgetLine, BudgetYear.fiscal_year, Agency.code, *sums.due)
        .join(BudgetYear, BudgetYear.id == BudgetLine.budget_year_id)
        .join(Agency, Agency.id == BudgetYear.agency_id)
        .outerjoin(sums.table, sums.table.c.id == BudgetLine.id)
        .where(sums.differ(BudgetLine.committed_amount, BudgetLine.spent_amount))
        .order_by(BudgetLine.id)
    )
    for line, year, code, committed, spent in session.execute(query):
        where = f"budget line of {code} {year} {line.activity_code} {line.expense_account}"
        yield from _unlike_budget(where, line, int(committed), int(spent))


@dataclass(frozen=True)
class _Sums:
    """What orders hold of counters, by the counter's id."""

    table: Any
    due: tuple[ColumnElement[int], ColumnElement[int]]

    def differ(
        self, committed: ColumnElement[int] | Any, spent: ColumnElement[int] | Any
    ) -> ColumnElement[bool]:
        return or_(committed != self.due[0], spent != self.due[1])


def _summed(*parts: Any) -> _Sums:
    all_parts = union_all(*parts).subquery()
    table = (
        select(
            all_parts.c.id,
            func.sum(all_parts.c.committed).label("committed"),
            func.sum(all_parts.c.spent).label("spent"),
        )
        .group_by(all_parts.c.id)
        .subquery()
    )
    return _Sums(table, (func.coalesce(table.c.committed, 0), func.coalesce(table.c.spent, 0)))


def _unlike_budget(
    where: str, counter: BudgetYear | BudgetLine, committed: int, spent: int
) -> Iterator[Breach]:
    if counter.committed_amount != committed:
        yield Breach(where, "committed", counter.committed_amount, committed)
    if counter.spent_amount != spent:
        yield Breach(where, "spent", counter.spent_amount, spent)


def _orders_on_budgets(session: Session) -> Iterator[Breach]:
    """Committed is C and spent is R, both in `budget_amount`."""
    elsewhere = (
        select(SpendingElsewhere.order_id, func.sum(SpendingElsewhere.spent_amount).label("spent"))
        .group_by(SpendingElsewhere.order_id)
        .subquery()
    )
    spent = Order.budget_spent_amount + func.coalesce(elsewhere.c.spent, 0)
    query = (
        select(Order, spent)
        .outerjoin(elsewhere, elsewhere.c.order_id == Order.id)
        .where(
            Order.fund == Fund.OFFICIAL,
            or_(
                Order.budget_amount != Order.quota_amount,
                Order.budget_committed_amount != Order.committed_amount,
                spent != Order.realised_amount,
            ),
        )
        .order_by(Order.id)
    )
    suspects = [(order, int(total)) for order, total in session.execute(query)]
    for order, spent_amount in suspects:
        due = targets_of(order).committed * order.budget_amount // order.quota_amount
        if order.waits_for:
            due = 0  # it waits for a line, and no counter bears it (product.md, "Year end")
        if order.budget_committed_amount != due:
            yield Breach(
                f"{order.number} on its budget", "committed", order.budget_committed_amount, due
            )
        due = _spent_by_years(session, order) * order.budget_amount // order.quota_amount
        if spent_amount != due:
            yield Breach(f"{order.number} on its budgets", "spent", spent_amount, due)


def _spent_by_years(session: Session, order: Order) -> int:
    """R, over the years that spent it.

    A reverse of a closed year stands in the open one and frees no budget line of another year, so a
    year's sum below nought takes nothing from what the others spent.
    """
    query = (
        select(func.sum(LedgerEntry.realised_change))
        .join(QuotaAccount, QuotaAccount.id == LedgerEntry.account_id)
        .where(LedgerEntry.reference == order.number)
        .group_by(QuotaAccount.fiscal_year)
    )
    return sum(max(int(realised), 0) for realised in session.scalars(query))
